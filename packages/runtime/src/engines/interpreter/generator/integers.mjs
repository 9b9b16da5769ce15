/** Comparisons of 32 bits, and the branches that they are part of. */
export function defineComparisons({ op, branch }) {
  const u = (text) => `(${text} >>> 0)`;
  const compare32 = {
    Eq: (a, b) => `${a} === ${b}`,
    Ne: (a, b) => `${a} !== ${b}`,
    LtS: (a, b) => `${a} < ${b}`,
    GeS: (a, b) => `${a} >= ${b}`,
    LtU: (a, b) => `${u(a)} < ${u(b)}`,
    GeU: (a, b) => `${u(a)} >= ${u(b)}`,
  };
  for (const [name, test] of Object.entries(compare32)) {
    branch(`brI32${name}`, 5, test("i3", "i4"));
    branch(`brI32${name}Imm`, 5, test("i3", "c4"));
    op(`i32${name}`, 4, `i1 = ${test("i2", "i3")} ? 1 : 0;`);
    op(`i32${name}Imm`, 4, `i1 = ${test("i2", "c3")} ? 1 : 0;`);
  }
  /** [target, charge, register, addend, bound]: the end of a counting loop. */
  op("incBrI32Ne", 6, "a = (i3 + c4) | 0; i3 = a; if (a !== i5) TAKE");
  op("incBrI32NeImm", 6, "a = (i3 + c4) | 0; i3 = a; if (a !== c5) TAKE");
}

/** Arithmetic of integers, and comparisons of 64 bits. */
export function defineIntegers({ op, branch }) {
  // ---- i32
  const int32 = {
    Add: (a, b) => `(${a} + ${b}) | 0`,
    Sub: (a, b) => `(${a} - ${b}) | 0`,
    Mul: (a, b) => `Math.imul(${a}, ${b})`,
    And: (a, b) => `${a} & ${b}`,
    Or: (a, b) => `${a} | ${b}`,
    Xor: (a, b) => `${a} ^ ${b}`,
    Shl: (a, b) => `${a} << ${b}`,
    ShrS: (a, b) => `${a} >> ${b}`,
    ShrU: (a, b) => `${a} >>> ${b}`,
  };
  for (const [name, make] of Object.entries(int32)) {
    op(`i32${name}`, 4, `i1 = ${make("i2", "i3")};`);
    if (name !== "Sub") op(`i32${name}Imm`, 4, `i1 = ${make("i2", "c3")};`);
  }
  op("i32AddShl", 5, "i1 = (i2 + (i3 << c4)) | 0;");
  op("i32ShlAddImm", 5, "i1 = ((i2 << c3) + c4) | 0;");
  op("i32OrShl", 5, "i1 = i2 | (i3 << c4);");
  op("i32XorShl", 5, "i1 = i2 ^ (i3 << c4);");
  op("i32XorShrU", 5, "i1 = i2 ^ (i3 >>> c4);");
  op("i32XorRotl", 5, "a = i3; b = c4; i1 = i2 ^ ((a << b) | (a >>> -b));");
  op("i32Add3", 5, "i1 = (i2 + i3 + i4) | 0;");
  op("i32Xor3", 5, "i1 = i2 ^ i3 ^ i4;");
  /** Two instructions in a row, as pointers advance and values rotate. */
  op("i32AddImmx2", 7, "i1 = (i2 + c3) | 0; i4 = (i5 + c6) | 0;");
  op("i32SubFromImm", 4, "i1 = (c2 - i3) | 0;");
  op("i32ShlOfImm", 4, "i1 = c2 << i3;");
  op("i32Rotl", 4, "a = i2; b = i3; i1 = (a << b) | (a >>> -b);");
  op("i32Rotr", 4, "a = i2; b = i3; i1 = (a >>> b) | (a << -b);");
  op("i32RotlImm", 4, "a = i2; b = c3; i1 = (a << b) | (a >>> -b);");
  op(
    "i32DivS",
    4,
    `
  a = i2; b = i3;
  if (b === 0 || (b === -1 && a === -2147483648)) LEAVE(DIVISION)
  i1 = (a / b) | 0;`,
  );
  op(
    "i32DivU",
    4,
    `
  b = i3;
  if (b === 0) LEAVE(DIVISION)
  i1 = ((i2 >>> 0) / (b >>> 0)) | 0;`,
  );
  op(
    "i32RemS",
    4,
    `
  b = i3;
  if (b === 0) LEAVE(DIVISION)
  i1 = (i2 % b) | 0;`,
  );
  op(
    "i32RemU",
    4,
    `
  b = i3;
  if (b === 0) LEAVE(DIVISION)
  i1 = ((i2 >>> 0) % (b >>> 0)) | 0;`,
  );
  op("i32Clz", 3, "i1 = Math.clz32(i2);");
  op("i32Ctz", 3, "a = i2; i1 = a === 0 ? 32 : 31 - Math.clz32(a & -a);");
  op("i32Popcnt", 3, "i1 = popcnt32(i2);");
  op("i32Extend8S", 3, "i1 = (i2 << 24) >> 24;");
  op("i32Extend16S", 3, "i1 = (i2 << 16) >> 16;");
  op("i32WrapI64", 3, "i1 = p2;");
  op("i32HighI64", 3, "i1 = h2;");

  // ---- i64: arithmetic as bigints, which V8 lowers to machine words; unsigned order and right shifts by halves
  const int64 = {
    Add: (a, b) => `${a} + ${b}`,
    Sub: (a, b) => `${a} - ${b}`,
    Mul: (a, b) => `${a} * ${b}`,
    And: (a, b) => `${a} & ${b}`,
    Or: (a, b) => `${a} | ${b}`,
    Xor: (a, b) => `${a} ^ ${b}`,
  };
  for (const [name, make] of Object.entries(int64)) {
    op(`i64${name}`, 4, `l1 = ${make("l2", "l3")};`);
    if (name !== "Sub") op(`i64${name}Const`, 4, `l1 = ${make("l2", "kl3")};`);
  }
  /** A left shift is a product, so these are the steps of xorshift and of a linear congruence. */
  op("i64XorMul", 5, "l1 = l2 ^ (l3 * kl4);");
  op("i64MulAddConst", 5, "l1 = l2 * kl3 + kl4;");
  op("i64Shl", 4, "l1 = l2 * POWERS[p3 & 63];");
  const shiftRight = (name, count, high, sign, fill) =>
    op(
      name,
      4,
      `
  a = p2; b = h2; t = ${count} & 63;
  if (t >= 32) { a = ${high} (t - 32); b = ${fill}; }
  else if (t !== 0) { a = (a >>> t) | (b << (32 - t)); b = b ${sign} t; }
  l1 = (BigInt(b | 0) << 32n) | BigInt(a >>> 0);`,
    );
  shiftRight("i64ShrS", "p3", "b >>", ">>", "b >> 31");
  shiftRight("i64ShrU", "p3", "b >>>", ">>>", "0");
  /** By a constant from 1 to 31, and from 32 to 63 less 32. */
  op(
    "i64ShrSImm",
    4,
    "a = p2; b = h2; t = c3; l1 = (BigInt(b >> t) << 32n) | BigInt(((a >>> t) | (b << (32 - t))) >>> 0);",
  );
  op(
    "i64ShrUImm",
    4,
    "a = p2; b = h2; t = c3; l1 = (BigInt((b >>> t) | 0) << 32n) | BigInt(((a >>> t) | (b << (32 - t))) >>> 0);",
  );
  op("i64ShrSImmHigh", 4, "l1 = BigInt(h2 >> c3);");
  op("i64ShrUImmHigh", 4, "l1 = BigInt(h2 >>> c3);");
  const rotate = (name, count) =>
    op(
      name,
      4,
      `
  a = p2; b = h2; t = ${count} & 63;
  if (t >= 32) { c = a; a = b; b = c; t = t - 32; }
  if (t !== 0) { c = (b << t) | (a >>> (32 - t)); a = (a << t) | (b >>> (32 - t)); b = c; }
  l1 = (BigInt(b) << 32n) | BigInt(a >>> 0);`,
    );
  rotate("i64Rotl", "p3");
  rotate("i64RotlImm", "c3");
  rotate("i64Rotr", "(64 - (p3 & 63))");
  op(
    "i64DivS",
    4,
    `
  if (l3 === 0n || (l3 === -1n && l2 === -0x8000000000000000n)) LEAVE(DIVISION)
  l1 = l2 / l3;`,
  );
  op(
    "i64RemS",
    4,
    `
  if (l3 === 0n) LEAVE(DIVISION)
  if (l3 === -1n) l1 = 0n;
  else l1 = l2 % l3;`,
  );
  // A dividend of 2^63 and more is halved first: what comes out is then at most one too small.
  const HALVED = `
  x1 = BigInt.asIntN(64, ((l2 >> 1n) & 0x7fffffffffffffffn) / l3 * 2n);
  x2 = BigInt.asIntN(64, l2 - BigInt.asIntN(64, x1 * l3));`;
  op(
    "i64DivU",
    4,
    `
  if (l3 === 0n) LEAVE(DIVISION)
  if ((h2 | h3) >= 0) l1 = l2 / l3;
  else if (h3 >= 0) {${HALVED}
    l1 = x2 < 0n || x2 >= l3 ? x1 + 1n : x1;
  } else l1 = divU64(l2, l3);`,
  );
  op(
    "i64RemU",
    4,
    `
  if (l3 === 0n) LEAVE(DIVISION)
  if ((h2 | h3) >= 0) l1 = l2 % l3;
  else if (h3 >= 0) {${HALVED}
    l1 = x2 < 0n || x2 >= l3 ? x2 - l3 : x2;
  } else l1 = remU64(l2, l3);`,
  );
  const below = (a, b) => `a = h${a}; b = h${b};`;
  const compare64 = {
    Eq: "l3 === l4",
    Ne: "l3 !== l4",
    LtS: "l3 < l4",
    GeS: "l3 >= l4",
  };
  for (const [name, test] of Object.entries(compare64)) {
    branch(`brI64${name}`, 5, test);
    branch(`brI64${name}Const`, 5, test.replace("l4", "kl4"));
    const shifted = test.replace("l3", "l2").replace("l4", "l3");
    op(`i64${name}`, 4, `i1 = ${shifted} ? 1 : 0;`);
    op(`i64${name}Const`, 4, `i1 = ${shifted.replace("l3", "kl3")} ? 1 : 0;`);
  }
  const lessU = (a, b) => `(a === b ? (p${a} >>> 0) < (p${b} >>> 0) : (a >>> 0) < (b >>> 0))`;
  op("brI64LtU", 5, `${below(3, 4)} if (${lessU(3, 4)}) TAKE`);
  op("brI64GeU", 5, `${below(3, 4)} if (!${lessU(3, 4)}) TAKE`);
  op("i64LtU", 4, `${below(2, 3)} i1 = ${lessU(2, 3)} ? 1 : 0;`);
  op("i64GeU", 4, `${below(2, 3)} i1 = ${lessU(2, 3)} ? 0 : 1;`);
  op("i64Clz", 3, "l1 = BigInt(clz64(p2, h2));");
  op("i64Ctz", 3, "l1 = BigInt(ctz64(p2, h2));");
  op("i64Popcnt", 3, "l1 = BigInt(popcnt32(p2) + popcnt32(h2));");
  op("i64ExtendI32S", 3, "l1 = BigInt(i2);");
  op("i64ExtendI32U", 3, "l1 = BigInt(i2 >>> 0);");
  op("i64Extend8S", 3, "l1 = BigInt((p2 << 24) >> 24);");
  op("i64Extend16S", 3, "l1 = BigInt((p2 << 16) >> 16);");
  op("i64Extend32S", 3, "l1 = BigInt(p2);");
}
