/**
 * Vector instructions of the loop that has them. Operands are as in `notation.mjs`; a vector's lanes are reached from its first one: `wN` in
 * lanes of 32 bits, `sN` of 16, `eN` of 8, `vN` of 64. The arrays of lanes are `P U X` (32 bits, signed, unsigned, floats), `H Q` (16 bits), `E`
 * (unsigned bytes), `L D` (64 bits). A result has the same slots as an operand or none in common with it.
 */
export function defineVectors({ op }) {
  const at = (base, lane) => (lane === 0 ? base : `${base} + ${lane}`);
  const shapes = {
    i32x4: ["P", "w", 4],
    u32x4: ["U", "w", 4],
    f32x4: ["X", "w", 4],
    i16x8: ["H", "s", 8],
    u16x8: ["Q", "s", 8],
    i64x2: ["L", "v", 2],
    f64x2: ["D", "v", 2],
  };
  const variables = ["a", "b", "c"];
  const bases = (letter, count) =>
    `d = ${letter}1; ${variables
      .slice(0, count)
      .map((name, i) => `${name} = ${letter}${i + 2};`)
      .join(" ")}\n`;

  /**
   * Computes each lane of a vector from the same lanes of its operands `x`, `y`, `z`, which are seen as `from`. Lanes are written out one by one
   * unless it is `rolled` up, where speed does not pay for the bytecode.
   */
  function lanewise(name, shape, count, expression, { from = shape, rolled = false } = {}) {
    const [target, letter, lanes] = shapes[shape];
    const [source] = shapes[from];
    const lane = (i) =>
      `${target}[${at("d", i)}] = ${expression.replace(/\b[xyz]\b/g, (operand) => `${source}[${at(variables["xyz".indexOf(operand)], i)}]`)};`;
    const body = rolled
      ? `for (e = 0; e < ${lanes}; e++) ${lane("e")}`
      : Array.from({ length: lanes }, (_, i) => lane(i)).join("\n");
    op(name, 2 + count, `${bases(letter, count)}${body}`);
  }
  /** The same by words of 32 bits, which are `t` and `u` in what the statement computes. */
  function wordwise(name, expression, unrolled = false) {
    const word = (a, b, d) => `t = P[${a}]; u = P[${b}]; P[${d}] = ${expression};`;
    const body = unrolled
      ? [0, 1, 2, 3].map((i) => word(at("a", i), at("b", i), at("d", i))).join("\n")
      : `for (e = 0; e < 4; e++) { ${word("a + e", "b + e", "d + e")} }`;
    op(name, 4, `${bases("w", 2)}${body}`);
  }

  // ---- moves, constants, memory
  /** [result, condition, if so, if not] */
  op("select128", 5, "d = v1; a = i2 !== 0 ? v3 : v4; L[d] = L[a]; L[d + 1] = L[a + 1];");
  op("move128", 3, "d = v1; a = v2; L[d] = L[a]; L[d + 1] = L[a + 1];");
  op("const128", 4, "d = v1; L[d] = kl2; L[d + 1] = kl3;");
  /** Addresses of a register and a constant addend, which may be 0, or of two registers. */
  const addresses = {
    "": { length: 5, code: "a = (i2 + c3) | 0; b = (a + c4) | 0;", first: 2, addend: 3, offset: 4 },
    Add: { length: 5, code: "a = (i2 + i3) | 0; b = (a + c4) | 0;", first: 2, second: 3, offset: 4 },
  };
  const CHECK = "if ((a | b | ((limit16 - b) | 0)) < 0) LEAVE(MEMORY)";
  for (const [form, { length, code, ...words }] of Object.entries(addresses)) {
    const memory = { signed: false, type: "v128", width: 16, ...words };
    op(
      `load128${form}`,
      length,
      `\n${code}\n${CHECK}\nd = v1;
if (FLOATS) { D[d] = mem.getFloat64(b, true); D[d + 1] = mem.getFloat64(b + 8, true); }
else { L[d] = mem.getBigInt64(b, true); L[d + 1] = mem.getBigInt64(b + 8, true); }`,
      { memory: { ...memory, store: false } },
    );
    op(
      `store128${form}`,
      length,
      `\n${code}\n${CHECK}\nd = v1;
if (FLOATS) { mem.setFloat64(b, D[d], true); mem.setFloat64(b + 8, D[d + 1], true); }
else { mem.setBigInt64(b, L[d], true); mem.setBigInt64(b + 8, L[d + 1], true); }`,
      { memory: { ...memory, store: true } },
    );
  }

  // ---- floats. A product and the sum it goes into are still rounded one after the other.
  const arithmetic = { Add: "+", Sub: "-", Mul: "*", Div: "/" };
  for (const shape of ["f32x4", "f64x2"]) {
    const round = shape === "f32x4" ? "Math.fround" : "";
    for (const [name, sign] of Object.entries(arithmetic)) lanewise(`${shape}${name}`, shape, 2, `x ${sign} y`);
    lanewise(`${shape}MulAdd`, shape, 3, `${round}(x * y) + z`);
    const rolled = shape === "f32x4";
    lanewise(`${shape}MulSub`, shape, 3, `${round}(x * y) - z`, { rolled });
    lanewise(`${shape}SubMul`, shape, 3, `z - ${round}(x * y)`, { rolled });
    // As of scalars, a sum makes the NaN.
    for (const [name, f] of [
      ["Min", "Math.min"],
      ["Max", "Math.max"],
    ])
      lanewise(`${shape}${name}`, shape, 2, `x < y || x >= y ? ${f}(x, y) : x + y`, { rolled: true });
    lanewise(`${shape}Sqrt`, shape, 1, "Math.sqrt(x)", { rolled });
  }
  // With the right operand in memory, or the result: [result, left, address, addend, offset] and [x, y, z, address, offset]
  const lane = (i) => (i === 0 ? "b" : `b + ${4 * i}`);
  const inMemory = { signed: false, type: "v128", width: 16 };
  op(
    "f32x4MulLoad",
    6,
    `\na = (i3 + c4) | 0; b = (a + c5) | 0;\n${CHECK}\nd = w1; c = w2;\n${[0, 1, 2, 3]
      .map((i) => `X[${at("d", i)}] = X[${at("c", i)}] * mem.getFloat32(${lane(i)}, true);`)
      .join("\n")}`,
    { memory: { store: false, ...inMemory, operation: "mul", first: 3, addend: 4, offset: 5 } },
  );
  op(
    "f32x4MulAddStore",
    6,
    `\na = i4; b = (a + c5) | 0;\n${CHECK}\na = w1; c = w2; d = w3;\n${[0, 1, 2, 3]
      .map(
        (i) => `mem.setFloat32(${lane(i)}, Math.fround(X[${at("a", i)}] * X[${at("c", i)}]) + X[${at("d", i)}], true);`,
      )
      .join("\n")}`,
    { memory: { store: true, ...inMemory, operation: "mulAdd", first: 4, offset: 5 } },
  );
  for (const [name, sign] of [
    ["Eq", "==="],
    ["Ne", "!=="],
    ["Lt", "<"],
    ["Le", "<="],
  ])
    lanewise(`f32x4${name}`, "i32x4", 2, `x ${sign} y ? -1 : 0`, { from: "f32x4", rolled: true });
  lanewise("f32x4Abs", "i32x4", 1, "x & 0x7fffffff", { rolled: true });
  lanewise("f32x4Neg", "i32x4", 1, "x ^ -2147483648", { rolled: true });
  lanewise("f32x4ConvertI32x4S", "f32x4", 1, "x", { from: "i32x4", rolled: true });
  lanewise("f32x4ConvertI32x4U", "f32x4", 1, "x", { from: "u32x4", rolled: true });

  // ---- integers in lanes of 32 and 64 bits
  lanewise("i32x4Add", "i32x4", 2, "x + y");
  lanewise("i32x4Sub", "i32x4", 2, "x - y");
  lanewise("i32x4Mul", "i32x4", 2, "Math.imul(x, y)");
  for (const [name, sign] of [
    ["Shl", "<<"],
    ["ShrS", ">>"],
    ["ShrU", ">>>"],
  ])
    op(
      `i32x4${name}Imm`,
      4,
      `d = w1; a = w2; t = c3;\n${[0, 1, 2, 3].map((i) => `P[${at("d", i)}] = P[${at("a", i)}] ${sign} t;`).join("\n")}`,
    );
  /** A rotation in each lane, as ciphers and hashes spell it: two shifts of the same vector, joined. */
  op(
    "i32x4RotlImm",
    4,
    `d = w1; a = w2; t = c3;\n${[0, 1, 2, 3].map((i) => `u = P[${at("a", i)}]; P[${at("d", i)}] = (u << t) | (u >>> -t);`).join("\n")}`,
  );
  lanewise("i32x4Eq", "i32x4", 2, "x === y ? -1 : 0", { rolled: true });
  lanewise("i32x4Ne", "i32x4", 2, "x !== y ? -1 : 0", { rolled: true });
  for (const [sign, shape] of [
    ["S", "i32x4"],
    ["U", "u32x4"],
  ]) {
    lanewise(`i32x4Lt${sign}`, "i32x4", 2, "x < y ? -1 : 0", { from: shape, rolled: true });
    lanewise(`i32x4Ge${sign}`, "i32x4", 2, "x < y ? 0 : -1", { from: shape, rolled: true });
    lanewise(`i32x4Min${sign}`, "i32x4", 2, "Math.min(x, y)", { from: shape, rolled: true });
    lanewise(`i32x4Max${sign}`, "i32x4", 2, "Math.max(x, y)", { from: shape, rolled: true });
  }
  lanewise("i64x2Add", "i64x2", 2, "x + y");
  lanewise("i64x2Sub", "i64x2", 2, "x - y");
  lanewise("i64x2Mul", "i64x2", 2, "x * y");

  // ---- bits
  lanewise("v128And", "i32x4", 2, "x & y");
  lanewise("v128Or", "i32x4", 2, "x | y");
  lanewise("v128Xor", "i32x4", 2, "x ^ y");
  lanewise("v128Andnot", "i32x4", 2, "x & ~y");
  lanewise("v128Not", "i32x4", 1, "~x");
  lanewise("v128Bitselect", "i32x4", 3, "(x & z) | (y & ~z)");
  op("v128AnyTrue", 3, "a = w2; i1 = (P[a] | P[a + 1] | P[a + 2] | P[a + 3]) === 0 ? 0 : 1;");

  // ---- integers in lanes of 8 and 16 bits: all lanes of a word at once, the highest bits of lanes apart from the others
  for (const [shape, low, high, shift, ones] of [
    ["i8x16", "LOW8", "HIGH8", 7, 255],
    ["i16x8", "LOW16", "HIGH16", 15, 65535],
  ]) {
    const fill = (bits) => `Math.imul((${bits}) >>> ${shift}, ${ones})`;
    const sum = `((t & ${low}) + (u & ${low}))`;
    const difference = `((t | ${high}) - (u & ${low}))`;
    const nonzero = `((((t ^ u) & ${low}) + ${low}) | (t ^ u)) & ${high}`;
    const less = {
      S: `((t & ~u) | (~(t ^ u) & ~${difference})) & ${high}`,
      U: `((~t & u) | (~(t ^ u) & ~${difference})) & ${high}`,
    };
    wordwise(`${shape}Add`, `${sum} ^ ((t ^ u) & ${high})`, true);
    wordwise(`${shape}Sub`, `${difference} ^ ((t ^ ~u) & ${high})`, true);
    wordwise(`${shape}Eq`, `~${fill(nonzero)}`, shape === "i8x16");
    wordwise(`${shape}Ne`, fill(nonzero), shape === "i8x16");
    for (const sign of ["S", "U"]) {
      wordwise(`${shape}Lt${sign}`, fill(less[sign]));
      wordwise(`${shape}Ge${sign}`, `~${fill(less[sign])}`);
      wordwise(`${shape}Min${sign}`, `u ^ ((t ^ u) & ${fill(less[sign])})`);
      wordwise(`${shape}Max${sign}`, `t ^ ((t ^ u) & ${fill(less[sign])})`);
    }
    wordwise(`${shape}AddSatU`, `(${sum} ^ ((t ^ u) & ${high})) | ${fill(`((t & u) | ((t | u) & ${sum})) & ${high}`)}`);
    wordwise(`${shape}SubSatU`, `(${difference} ^ ((t ^ ~u) & ${high})) & ~${fill(less.U)}`);
  }
  lanewise("i16x8Mul", "i16x8", 2, "x * y", { rolled: true });
  for (const [name, array, sign] of [
    ["Shl", "H", "<<"],
    ["ShrS", "H", ">>"],
    ["ShrU", "Q", ">>>"],
  ])
    op(
      `i16x8${name}Imm`,
      4,
      `d = s1; a = s2; t = c3;\nfor (e = 0; e < 8; e++) ${array}[d + e] = ${array}[a + e] ${sign} t;`,
    );

  // ---- single lanes
  op("i32x4Splat", 3, "d = w1; t = i2; P[d] = t; P[d + 1] = t; P[d + 2] = t; P[d + 3] = t;");
  op(
    "i16x8Splat",
    3,
    "d = w1; t = Math.imul(i2 & 0xffff, 0x10001); P[d] = t; P[d + 1] = t; P[d + 2] = t; P[d + 3] = t;",
  );
  op(
    "i8x16Splat",
    3,
    "d = w1; t = Math.imul(i2 & 0xff, 0x1010101); P[d] = t; P[d + 1] = t; P[d + 2] = t; P[d + 3] = t;",
  );
  op("i32x4ExtractLane", 4, "i1 = P[w2 + c3];");
  op("i16x8ExtractLaneS", 4, "i1 = H[s2 + c3];");
  op("i16x8ExtractLaneU", 4, "i1 = Q[s2 + c3];");
  op("i8x16ExtractLaneS", 4, "i1 = (E[e2 + c3] << 24) >> 24;");
  op("i8x16ExtractLaneU", 4, "i1 = E[e2 + c3];");
  /** [vector, lane, value] */
  op("i32x4ReplaceLane", 4, "P[w1 + c2] = i3;");
  op("i16x8ReplaceLane", 4, "H[s1 + c2] = i3;");
  op("i8x16ReplaceLane", 4, "E[e1 + c2] = i3;");
  const bits = (i) => `(Math.imul((P[${at("a", i)}] >>> 7) & 0x1010101, 0x10204080) >>> 28)`;
  op("i8x16Bitmask", 3, `a = w2; i1 = ${[0, 1, 2, 3].map((i) => `(${bits(i)} << ${4 * i})`).join(" | ")};`);
  op("i32x4Bitmask", 3, `a = w2; i1 = ${[0, 1, 2, 3].map((i) => `((P[${at("a", i)}] >>> 31) << ${i})`).join(" | ")};`);

  // ---- wider lanes. The upper half is read upwards and the lower downwards, so that nothing is overwritten that is still to be read.
  for (const [shape, array, letter, lanes, narrow, source, from, signed] of [
    ["i16x8", "H", "s", 8, "I8x16", "E", "e", (x) => `(${x} << 24) >> 24`],
    ["i32x4", "P", "w", 4, "I16x8", "Q", "s", (x) => `(${x} << 16) >> 16`],
  ])
    for (const half of ["Low", "High"])
      for (const sign of ["S", "U"]) {
        const read = (x) => (sign === "S" ? signed(x) : x);
        const body =
          half === "Low"
            ? `for (e = ${lanes - 1}; e >= 0; e--) ${array}[d + e] = ${read(`${source}[a + e]`)};`
            : `for (e = 0; e < ${lanes}; e++) ${array}[d + e] = ${read(`${source}[a + ${lanes} + e]`)};`;
        op(`${shape}Extend${half}${narrow}${sign}`, 3, `d = ${letter}1; a = ${from}2;\n${body}`);
      }

  // ---- shuffles: [result, four words of the operands, counted from the frame's base in 32 bits]
  op(
    "shuffleWords",
    6,
    "d = w1; a = (fp << 1) & LANES;\nt = P[a + c2]; u = P[a + c3]; b = P[a + c4]; c = P[a + c5];\nP[d] = t; P[d + 1] = u; P[d + 2] = b; P[d + 3] = c;",
  );
  /** [result, bits, then for each word of the result the one that its low bits come from and the one that the rest does] */
  const funnel = (n) => `(P[a + c${n}] >>> e) | (P[a + c${n + 1}] << -e)`;
  op(
    "shuffleFunnel",
    11,
    `d = w1; a = (fp << 1) & LANES; e = c2;
t = ${funnel(3)}; u = ${funnel(5)}; b = ${funnel(7)}; c = (P[a + c9] >>> e) | (P[a + C[(pc + 10) | 0]] << -e);
P[d] = t; P[d + 1] = u; P[d + 2] = b; P[d + 3] = c;`,
  );
}
