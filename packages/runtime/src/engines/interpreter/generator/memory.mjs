/** Loads and stores. */
export function defineMemory({ op }) {
  // ---- memory 0 with 32-bit addresses. `limit` is its length less eight, or -1 where only the exact path will do.
  /** [register, address, offset] and other forms of the address; see \`memory-access.ts\` for the exact path. */
  const forms = {
    "": { length: 4, code: "a = i2; b = (a + c3) | 0;", first: 2, offset: 3 },
    Add: { length: 5, code: "a = (i2 + i3) | 0; b = (a + c4) | 0;", first: 2, second: 3, offset: 4 },
    AddImm: { length: 5, code: "a = (i2 + c3) | 0; b = (a + c4) | 0;", first: 2, addend: 3, offset: 4 },
    AddShl: {
      length: 6,
      code: "a = (i2 + (i3 << c4)) | 0; b = (a + c5) | 0;",
      first: 2,
      second: 3,
      shift: 4,
      offset: 5,
    },
    ShlAddImm: {
      length: 6,
      code: "a = ((i2 << c3) + c4) | 0; b = (a + c5) | 0;",
      second: 2,
      shift: 3,
      addend: 4,
      offset: 5,
    },
    At: { length: 3, code: "a = b = c2;", offset: 2 },
  };
  const accesses = {
    load32: ["i1 = mem.getInt32(b, true);", "i32", 4],
    load8S: ["i1 = mem.getInt8(b);", "i32", 1],
    load8U: ["i1 = mem.getUint8(b);", "i32", 1],
    load16S: ["i1 = mem.getInt16(b, true);", "i32", 2],
    load16U: ["i1 = mem.getUint16(b, true);", "i32", 2],
    load64: ["d1 = mem.getFloat64(b, true);", "i64", 8],
    store32: ["mem.setInt32(b, i1, true);", "i32", 4],
    store8: ["mem.setInt8(b, i1);", "i32", 1],
    store16: ["mem.setInt16(b, i1, true);", "i32", 2],
    store64: ["mem.setFloat64(b, d1, true);", "i64", 8],
    // Platforms that do not keep the bits of a NaN in a float need whole words for 64-bit values.
    load64Exact: ["l1 = mem.getBigInt64(b, true);", "i64", 8],
    store64Exact: ["mem.setBigInt64(b, l1, true);", "i64", 8],
    load8SI64: ["l1 = BigInt(mem.getInt8(b));", "i64", 1],
    load8UI64: ["l1 = BigInt(mem.getUint8(b));", "i64", 1],
    load16SI64: ["l1 = BigInt(mem.getInt16(b, true));", "i64", 2],
    load16UI64: ["l1 = BigInt(mem.getUint16(b, true));", "i64", 2],
    load32SI64: ["l1 = BigInt(mem.getInt32(b, true));", "i64", 4],
    load32UI64: ["l1 = BigInt(mem.getUint32(b, true));", "i64", 4],
    store8I64: ["mem.setInt8(b, p1);", "i64", 1],
    store16I64: ["mem.setInt16(b, p1, true);", "i64", 2],
    store32I64: ["mem.setInt32(b, p1, true);", "i64", 4],
  };
  const CHECK = "if ((a | b | ((limit - b) | 0)) < 0) LEAVE(MEMORY)";
  const common = new Set([
    "load32",
    "load8S",
    "load8U",
    "load16U",
    "load16S",
    "load64",
    "store32",
    "store8",
    "store16",
    "store64",
  ]);
  const scaled = new Set(["load32", "load8U", "load16U", "load64", "store32", "store64"]);
  for (const [name, [access, type, width]] of Object.entries(accesses)) {
    for (const [form, { length, code, ...words }] of Object.entries(forms)) {
      if (form !== "" && !common.has(name)) continue;
      if (/Shl/.test(form) && !scaled.has(name)) continue;
      const store = name.startsWith("store");
      op(name + form, length, `\n${code}\n${CHECK}\n${access}`, {
        memory: { store, signed: /load\d+S/.test(name), type, width, ...words },
      });
      // A constant is stored: word 1 is its value.
      if ((name === "store32" || name === "store8") && !/Shl/.test(form))
        op(`${name}Const${form}`, length, `\n${code}\n${CHECK}\n${access.replace("i1", "c1")}`, {
          memory: { store, signed: false, type, width, constant: true, ...words },
        });
    }
  }
  // f64 arithmetic with its right operand in memory, or its result: [result, left, address …] and [left, right, address, offset].
  for (const [name, sign] of [
    ["Add", "+"],
    ["Sub", "-"],
    ["Mul", "*"],
  ]) {
    const memory = { signed: false, type: "i64", width: 8, operation: name.toLowerCase() };
    op(`f64${name}Load`, 5, `\na = i3; b = (a + c4) | 0;\n${CHECK}\nd1 = d2 ${sign} mem.getFloat64(b, true);`, {
      memory: { store: false, ...memory, first: 3, offset: 4 },
    });
    op(
      `f64${name}LoadAddImm`,
      6,
      `\na = (i3 + c4) | 0; b = (a + c5) | 0;\n${CHECK}\nd1 = d2 ${sign} mem.getFloat64(b, true);`,
      {
        memory: { store: false, ...memory, first: 3, addend: 4, offset: 5 },
      },
    );
    op(`f64${name}Store`, 5, `\na = i3; b = (a + c4) | 0;\n${CHECK}\nmem.setFloat64(b, d1 ${sign} d2, true);`, {
      memory: { store: true, ...memory, first: 3, offset: 4 },
    });
  }
}
