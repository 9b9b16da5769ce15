/**
 * Writes `opcodes.ts`, `loop.ts` and `common-vectors.ts`: `node packages/runtime/src/engines/interpreter/generate.mjs`, then Biome on them.
 *
 * V8 turns a `switch` into a jump table only when its labels are literal numbers, and the several hundred cases repeat a few patterns,
 * so they are made from the list below rather than typed. A test checks that the files are up to date.
 *
 * A body is TypeScript in which these stand for operands, `N` being their word in the instruction (the opcode is word 0):
 * `cN` the word itself; `iN` `fN` the 32-bit register as an integer or a float; `lN` `dN` the 64-bit one as a bigint or a float;
 * `pN` `hN` its low and high half (only read); `klN` `kdN` a 64-bit constant; `rN` the reference register.
 * `LEAVE(reason)` leaves the loop for the driver. In a branch, `TAKE` goes to the shared end that charges word 2 and jumps to word 1.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @type {{name: string, length: number, body: string, memory?: object}[]} */
const ops = [];
const op = (name, length, body, extra = {}) => ops.push({ name, length, body, ...extra });
const branch = (name, length, condition) => op(name, length, `if (${condition}) TAKE`);

// ---- control
op("trapUnreachable", 1, "LEAVE(UNREACHABLE)");
/** [charge]: fuel of a loop that is entered from above. */
op("charge", 2, "fuel = (fuel - c1) | 0;");
/** [target, charge] */
op("br", 3, "TAKE");
/** [target]: from a stub to its function, without a charge or a check. */
op("jump", 2, "pc = c1;\ncontinue;");
branch("brNonZero", 4, "i3 !== 0");
branch("brZero", 4, "i3 === 0");
branch("brAndNonZero", 5, "(i3 & c4) !== 0");
branch("brAndZero", 5, "(i3 & c4) === 0");
/** [index, count, then count + 1 times (target, charge)] */
op(
  "brTable",
  0,
  `
a = i1; b = c2;
if (a < 0 || a > b) a = b;
pc = (pc + 2 + (a << 1)) | 0;
TAKE`,
);

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

// ---- calls
/** The frame's base, its return address and the callee's entry check, for a callee at `target`. */
const enter = (target, cost, delta, length) => `
b = ${target};
K[sp] = (pc + ${length}) | 0;
sp = (sp + 1) | 0;
fp = (fp + ${delta}) | 0;
fuel = (fuel - ${cost} - C[b]) | 0;
pc = (b + 3) | 0;
if ((fuel | (spLimit - sp) | (REGISTERS - fp - C[(b + 1) | 0])) < 0) LEAVE(ENTRY)
continue;`;
/** [target, charge, delta] */
op("call", 4, enter("c1", "c2", "c3", 4));
/** [function, charge, delta]: of an imported function. */
op("callImport", 4, "LEAVE(CALL_IMPORT)");
/** [index, charge, table, type, delta] */
op(
  "callIndirect",
  6,
  `
t = resolve(pc, i1);
if (t < 0) LEAVE(CALL_INDIRECT)
${enter("t", "c2", "c5", 6)}`,
);
/** [reference, charge, delta] */
op("callRef", 4, "LEAVE(CALL_REF)");
/** [charge] */
op(
  "return",
  2,
  `
fuel = (fuel - c1) | 0;
sp = (sp - 1) | 0;
pc = K[sp];
fp = (fp - C[(pc - 1) | 0]) | 0;
continue;`,
);
/** [charge, from]: returns a function's only result, an i32 or f32. */
op(
  "return32",
  3,
  `
fuel = (fuel - c1) | 0;
I[fp] = i2;
sp = (sp - 1) | 0;
pc = K[sp];
fp = (fp - C[(pc - 1) | 0]) | 0;
continue;`,
);
/** [target, charge, from, slots]: arguments move down to the frame's base, and the callee takes the frame. */
op(
  "returnCall",
  5,
  `
b = (fp + c3) | 0; t = (fp + c4) | 0;
for (a = fp; a < t; a = (a + 1) | 0) { I[a] = I[b]; L[a] = L[b]; b = (b + 1) | 0; }
b = c1;
fuel = (fuel - c2 - C[b]) | 0;
pc = (b + 3) | 0;
if ((fuel | (spLimit - sp) | (REGISTERS - fp - C[(b + 1) | 0])) < 0) LEAVE(ENTRY)
continue;`,
);
/** The same in a function that holds references or hands some on. */
op("returnCallReferences", 5, "LEAVE(RETURN_CALL)");
/** [function, charge, from, slots] */
op("returnCallImport", 5, "LEAVE(RETURN_CALL_IMPORT)");
/** [index, charge, table, type, from, slots] */
op("returnCallIndirect", 7, "LEAVE(RETURN_CALL_INDIRECT)");
/** [reference, charge, from, slots] */
op("returnCallRef", 5, "LEAVE(RETURN_CALL_REF)");
/** What a call into the machine returns to. */
op("exit", 1, "LEAVE(EXIT)");
/** What a call from another instance returns to. */
op("restore", 1, "LEAVE(RESTORE)");
/** [number, length, charge, …]: an instruction that the driver executes: one that charges by an operand, grows, throws. */
op("outside", 0, "LEAVE(OUTSIDE)");
/** [number, length, …]: an instruction of another room. What it needs to know stands in the state; it may throw a trap. */
op(
  "extended",
  0,
  `
S.pc = pc; S.fp = fp; S.sp = sp; S.fuel = fuel;
rooms[c1](pc, fp);
fuel = S.fuel;
pc = (pc + c2) | 0;
continue;`,
);
/** [number, length, …]: the same for one that neither traps nor looks at the state. */
op(
  "pure",
  0,
  `
rooms[c1](pc, fp);
pc = (pc + c2) | 0;
continue;`,
);
/** [number, length, …, then target and charge last]: the same for one that branches when its function answers true. */
op(
  "extendedBranch",
  0,
  `
S.pc = pc; S.fp = fp; S.sp = sp; S.fuel = fuel;
if (rooms[c3](pc, fp)) TAKE
pc = (pc + c4) | 0;
continue;`,
);

// ---- moves and constants
op("move32", 3, "i1 = i2;");
op("move64", 3, "l1 = l2;");
op("moveRef", 3, "r1 = r2;");
op("const32", 3, "i1 = c2;");
op("const64", 3, "l1 = kl2;");
op("move32x2", 5, "i1 = i2; i3 = i4;");
op("move32x4", 9, "i1 = i2; i3 = i4; i5 = i6; i7 = i8;");
/** [first, end]: zeroes declared locals. */
op(
  "zero32",
  3,
  `
b = (fp + c2) | 0;
for (a = (fp + c1) | 0; a < b; a = (a + 1) | 0) I[a] = 0;`,
);
op(
  "zeroAll",
  3,
  `
b = (fp + c2) | 0;
for (a = (fp + c1) | 0; a < b; a = (a + 1) | 0) { I[a] = 0; L[a] = 0n; }`,
);
op(
  "nullRefs",
  3,
  `
b = (fp + c2) | 0;
for (a = (fp + c1) | 0; a < b; a = (a + 1) | 0) R[a] = null;`,
);
/** [result, condition, if so, if not] */
op("select32", 5, "i1 = i2 !== 0 ? i3 : i4;");
op("select64", 5, "l1 = i2 !== 0 ? l3 : l4;");
op("selectRef", 5, "r1 = i2 !== 0 ? r3 : r4;");

// ---- globals of one word or two: [register, global]
op("globalGet32", 3, "i1 = globals[c2].i32[0];");
op("globalSet32", 3, "globals[c2].i32[0] = i1;");
op("globalGet64", 3, "l1 = globals[c2].i64[0];");
op("globalSet64", 3, "globals[c2].i64[0] = l1;");

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

// ---- floats
const arithmetic = { Add: "+", Sub: "-", Mul: "*", Div: "/" };
const order = {
  Eq: ["", "==="],
  Ne: ["", "!=="],
  Lt: ["", "<"],
  Le: ["", "<="],
  NotLt: ["!", "<"],
  NotLe: ["!", "<="],
};
for (const [type, r] of [
  ["f32", "f"],
  ["f64", "d"],
]) {
  for (const [name, sign] of Object.entries(arithmetic)) {
    op(`${type}${name}`, 4, `${r}1 = ${r}2 ${sign} ${r}3;`);
    if (type === "f64") {
      op(`${type}${name}Const`, 4, `d1 = d2 ${sign} kd3;`);
      if (name === "Sub" || name === "Div") op(`${type}${name}OfConst`, 4, `d1 = kd2 ${sign} d3;`);
    }
  }
  // A sum makes the NaN that WebAssembly wants of one; from V8's own minimum comes one of other bits.
  for (const [name, f] of [
    ["Min", "Math.min"],
    ["Max", "Math.max"],
  ])
    op(`${type}${name}`, 4, `${r}1 = ${r}2 < ${r}3 || ${r}2 >= ${r}3 ? ${f}(${r}2, ${r}3) : ${r}2 + ${r}3;`);
  for (const [name, f] of [
    ["Sqrt", "Math.sqrt"],
    ["Ceil", "Math.ceil"],
    ["Floor", "Math.floor"],
    ["Trunc", "Math.trunc"],
    ["Nearest", "nearest"],
  ])
    op(
      `${type}${name}`,
      3,
      // What is no number goes through an addition, which makes a signalling NaN quiet; rounding may hand it through as it is.
      type === "f64" && /Ceil|Floor|Trunc/.test(name)
        ? `x = d2; d1 = x < 0 || x >= 0 ? ${f}(x) : x + x;`
        : `${r}1 = ${f}(${r}2);`,
    );
  for (const [name, [not, sign]] of Object.entries(order)) {
    branch(`br${type.toUpperCase()}${name}`, 5, not ? `!(${r}3 ${sign} ${r}4)` : `${r}3 ${sign} ${r}4`);
    op(`${type}${name}`, 4, `i1 = ${r}2 ${sign} ${r}3 ? ${not ? "0 : 1" : "1 : 0"};`);
  }
}
for (const [name, [not, sign]] of Object.entries(order)) {
  branch(`brF64${name}Const`, 5, not ? `!(d3 ${sign} kd4)` : `d3 ${sign} kd4`);
  if (/L/.test(name)) branch(`brF64${name}OfConst`, 5, not ? `!(kd3 ${sign} d4)` : `kd3 ${sign} d4`);
}
// A product and what follows it are still rounded one after the other.
op("f64MulAdd", 5, "d1 = d2 * d3 + d4;");
op("f64MulSub", 5, "d1 = d2 * d3 - d4;");
op("f64SubMul", 5, "d1 = d4 - d2 * d3;");
op("f64MulMul", 5, "d1 = d2 * d3 * d4;");
// Signs are bits, since a NaN's sign and payload count too.
op("f32Abs", 3, "i1 = i2 & 0x7fffffff;");
op("f32Neg", 3, "i1 = i2 ^ -2147483648;");
op("f32Copysign", 4, "i1 = (i2 & 0x7fffffff) | (i3 & -2147483648);");
op("f64Abs", 3, "l1 = l2 & 0x7fffffffffffffffn;");
op("f64Neg", 3, "l1 = l2 ^ -0x8000000000000000n;");
op("f64Copysign", 4, "l1 = (l2 & 0x7fffffffffffffffn) | (l3 & -0x8000000000000000n);");
op("f32DemoteF64", 3, "f1 = d2;");
op("f64PromoteF32", 3, "d1 = f2;");
for (const [type, r] of [
  ["f32", "f"],
  ["f64", "d"],
]) {
  op(`${type}ConvertI32S`, 3, `${r}1 = i2;`);
  op(`${type}ConvertI32U`, 3, `${r}1 = i2 >>> 0;`);
}
op("f64ConvertI64S", 3, "d1 = h2 * 4294967296 + (p2 >>> 0);");
op("f64ConvertI64U", 3, "d1 = (h2 >>> 0) * 4294967296 + (p2 >>> 0);");
for (const [type, r] of [
  ["F32", "f"],
  ["F64", "d"],
]) {
  op(
    `i32Trunc${type}S`,
    3,
    `
x = ${r}2;
if (!(x > -2147483649 && x < 2147483648)) LEAVE(TRUNCATION)
i1 = x | 0;`,
  );
  op(
    `i32Trunc${type}U`,
    3,
    `
x = ${r}2;
if (!(x > -1 && x < 4294967296)) LEAVE(TRUNCATION)
i1 = x >>> 0;`,
  );
  op(`i32TruncSat${type}S`, 3, `i1 = truncSatS32(${r}2);`);
  op(`i32TruncSat${type}U`, 3, `i1 = truncSatU32(${r}2);`);
}

// ---- memory 0 with 32-bit addresses. `limit` is its length less eight, or -1 where only the exact path will do.
/** [register, address, offset] and other forms of the address; see \`memory-access.ts\` for the exact path. */
const forms = {
  "": { length: 4, code: "a = i2; b = (a + c3) | 0;", first: 2, offset: 3 },
  Add: { length: 5, code: "a = (i2 + i3) | 0; b = (a + c4) | 0;", first: 2, second: 3, offset: 4 },
  AddImm: { length: 5, code: "a = (i2 + c3) | 0; b = (a + c4) | 0;", first: 2, addend: 3, offset: 4 },
  AddShl: { length: 6, code: "a = (i2 + (i3 << c4)) | 0; b = (a + c5) | 0;", first: 2, second: 3, shift: 4, offset: 5 },
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

const REASONS = [
  "EXIT",
  "UNREACHABLE",
  "DIVISION",
  "TRUNCATION",
  "MEMORY",
  "ENTRY",
  "FUEL",
  "CALL_IMPORT",
  "CALL_INDIRECT",
  "CALL_REF",
  "RETURN_CALL",
  "RETURN_CALL_IMPORT",
  "RETURN_CALL_INDIRECT",
  "RETURN_CALL_REF",
  "RESTORE",
  "OUTSIDE",
];

const at = (n) => (n === 0 ? "pc" : `(pc + ${n}) | 0`);
const word = (n) => `C[${at(n)}]`;
const register = (n) => `(fp + ${word(n)}) | 0`;
function expand(body) {
  return body
    .replace(/\bk([ld])(\d)\b/g, (_, view, n) => `K${view.toUpperCase()}[${word(n)}]`)
    .replace(/\bc(\d)\b/g, (_, n) => word(n))
    .replace(/\bi(\d)\b/g, (_, n) => `I[${register(n)}]`)
    .replace(/\bf(\d)\b/g, (_, n) => `F[${register(n)}]`)
    .replace(/\bl(\d)\b/g, (_, n) => `L[${register(n)}]`)
    .replace(/\bd(\d)\b/g, (_, n) => `D[${register(n)}]`)
    .replace(/\bp(\d)\b/g, (_, n) => `P[(${register(n)}) << 1]`)
    .replace(/\bh(\d)\b/g, (_, n) => `P[((${register(n)}) << 1) + 1]`)
    .replace(/\br(\d)\b/g, (_, n) => `R[${register(n)}]`)
    .replace(/LEAVE\((\w+)\)/g, (_, reason) => `{ why = ${REASONS.indexOf(reason)}; break leave; }`)
    .replace(/\bTAKE\b/g, "break;");
}

const header = "// Made by generate.mjs; change that and run it again.\n";
let cases = "";
ops.forEach(({ name, length, body }, number) => {
  const text = expand(body);
  const trimmed = text.trim();
  const lastLine = trimmed.split("\n").pop();
  const jumps = lastLine === "continue;" || lastLine === "break;" || lastLine.startsWith("{ why");
  const statements = trimmed.startsWith("{ why") ? trimmed.slice(1, -1) : trimmed;
  cases += `// ${name}\ncase ${number}: {\n${statements}\n${jumps ? "" : `pc = (pc + ${length}) | 0;\ncontinue;\n`}}\n`;
});

/** What each word of an instruction is, read off its body. */
function kindsOf({ length, body }) {
  const jumps = /\bTAKE\b/.test(body);
  let kinds = "";
  for (let n = 1; n < length; n++) {
    if (n === 1 && jumps) kinds += "t";
    else if (new RegExp(`\\bk[ld]${n}\\b`).test(body)) kinds += "k";
    else kinds += new RegExp(`\\b[ifldphr]${n}\\b`).test(body) ? "r" : "c";
  }
  return kinds;
}

const opcodes = `${header}
/** The machine's instructions. A register operand is a slot counted from the frame's base. */
export const OP = {
${ops.map(({ name }, number) => `  ${name}: ${number},`).join("\n")}
} as const;

/** Words of each instruction, its opcode included; 0 where that depends on its operands. */
export const lengths: readonly number[] = [${ops.map(({ length }) => length).join(", ")}];

/** Names of the instructions, for listings. */
export const opNames: readonly string[] = Object.keys(OP);

/**
 * What the operands of each instruction are, word by word: \`r\` a register, \`k\` a 64-bit constant, \`c\` a number, \`t\` an address in
 * the code. Empty where that depends on the operands.
 */
export const operandKinds: readonly string[] = [${ops.map((o) => JSON.stringify(kindsOf(o))).join(", ")}];

/** Why the loop was left. */
export const WHY = {
${REASONS.map((name, number) => `  ${name}: ${number},`).join("\n")}
} as const;

/** How a memory instruction's operands stand in its words. The address is (first + (second << shift) + addend) + offset. */
export interface MemoryForm {
  readonly store: boolean;
  readonly signed: boolean;
  readonly type: "i32" | "i64";
  readonly width: number;
  readonly first?: number;
  readonly second?: number;
  readonly shift?: number;
  readonly addend?: number;
  readonly offset: number;
  /** Word 1 is the value to store, not its register. */
  readonly constant?: boolean;
  /** What an f64 loaded is the right operand of, or what computes the one to store. */
  readonly operation?: "add" | "sub" | "mul";
}

export const memoryForms: ReadonlyMap<number, MemoryForm> = new Map<number, MemoryForm>([
${ops.flatMap(({ memory }, number) => (memory ? [`[${number}, ${JSON.stringify(memory)}],`] : [])).join("\n")}
]);
`;

const loop = `${header}
import { clz64, ctz64, divU64, popcnt32, remU64 } from "../../numerics/integers.ts";
import { nearest } from "../../numerics/floats.ts";
import { truncSatS32, truncSatU32 } from "../../numerics/conversions.ts";
import type { Arena } from "./arena.ts";
import type { MachineState } from "./state.ts";

/**
 * Makes the dispatch loop over one arena. To be called once in a process.
 *
 * What keeps it hot, by measurement (see RATIONALE.md): the arena's arrays are constants of this closure, of which there is only one, copied to
 * locals before the loop, so that V8 folds their addresses and lengths into the code; every sum of indices ends in \`| 0\`; temporaries
 * are few and shared, and the whole stays below the 60 KB of bytecode above which V8 optimises no function; what is rare leaves
 * the loop for the driver with a reason, all state being in \`S\` then.
 */
export function makeLoop(arena: Arena, S: MachineState, rooms: readonly ((pc: number, fp: number) => boolean)[], resolve: (pc: number, index: number) => number): () => number {
  const { code, codeI64, codeF64, i32, f32, i64, f64, halves, refs, frames } = arena;
  const registers = arena.registers;
  const powers = arena.powers;
  return function loop(): number {
    const C = code, KL = codeI64, KD = codeF64, I = i32, F = f32, L = i64, D = f64, P = halves, R = refs, K = frames, REGISTERS = registers, POWERS = powers;
    let pc = S.pc, fp = S.fp, sp = S.sp, fuel = S.fuel;
    const spLimit = S.spLimit, mem = S.view, limit = S.limit, globals = S.globals;
    let why = 0, a = 0, b = 0, c = 0, t = 0, x = 0.5, x1 = 0n, x2 = 0n;
    leave: for (;;) {
      switch (C[pc]) {
${cases}
      }
      // A branch is taken. It pays what the straight line had pending beyond its target; a loop's head is where the guest may be stopped.
      fuel = (fuel - C[(pc + 2) | 0]) | 0;
      t = C[(pc + 1) | 0];
      if (fuel < 0 && t <= pc) { pc = t; why = ${REASONS.indexOf("FUEL")}; break; }
      pc = t;
    }
    S.pc = pc; S.fp = fp; S.sp = sp; S.fuel = fuel;
    return why;
  };
}
`;
// ---- vectors: the common ones, each a closure of its own, so that V8 folds the arrays' addresses into its code as it does in the loop.
const views = {
  i8x16: ["i8", 3, 16],
  u8x16: ["u8", 3, 16],
  i16x8: ["i16", 2, 8],
  u16x8: ["u16", 2, 8],
  i32x4: ["w", 1, 4],
  u32x4: ["u32", 1, 4],
  f32x4: ["f", 1, 4],
  f64x2: ["d64", 0, 2],
  i64x2: ["l64", 0, 2],
  v128: ["w", 1, 4],
};
const hot = [];
/** An instruction that computes each lane of `view` from the same lanes of its operands `x`, `y`, `z` seen as `from`. */
function lanewise(name, view, count, expression, from = view) {
  const [array, shift, lanes] = views[view];
  const [source] = views[from];
  let body = `const d = (fp + code[pc + 3]) << ${shift};\n`;
  ["a", "b", "c"].slice(0, count).forEach((operand, i) => {
    body += `const ${operand} = (fp + code[pc + ${4 + i}]) << ${shift};\n`;
  });
  for (let lane = 0; lane < lanes; lane++) {
    const at = (base) => (lane === 0 ? base : `(${base} + ${lane}) | 0`);
    body += `${array}[${at("d")}] = ${expression
      .replace(/\bx\b/g, `${source}[${at("a")}]`)
      .replace(/\by\b/g, `${source}[${at("b")}]`)
      .replace(/\bz\b/g, `${source}[${at("c")}]`)};\n`;
  }
  hot.push([name, body]);
}
for (const [name, sign] of [
  ["add", "+"],
  ["sub", "-"],
  ["mul", "*"],
  ["div", "/"],
]) {
  lanewise(`f32x4.${name}`, "f32x4", 2, `x ${sign} y`);
  lanewise(`f64x2.${name}`, "f64x2", 2, `x ${sign} y`);
}
for (const shape of ["i8x16", "i16x8", "i32x4", "i64x2"]) {
  lanewise(`${shape}.add`, shape, 2, "x + y");
  lanewise(`${shape}.sub`, shape, 2, "x - y");
}
lanewise("i16x8.mul", "i16x8", 2, "x * y");
lanewise("i32x4.mul", "i32x4", 2, "Math.imul(x, y)");
lanewise("v128.and", "v128", 2, "x & y");
lanewise("v128.or", "v128", 2, "x | y");
lanewise("v128.xor", "v128", 2, "x ^ y");
lanewise("v128.andnot", "v128", 2, "x & ~y");
lanewise("v128.not", "v128", 1, "~x");
lanewise("v128.bitselect", "v128", 3, "(x & z) | (y & ~z)");
for (const [shape, unsigned] of [
  ["i8x16", "u8x16"],
  ["i16x8", "u16x8"],
  ["i32x4", "u32x4"],
]) {
  for (const [name, sign] of [
    ["eq", "==="],
    ["ne", "!=="],
  ])
    lanewise(`${shape}.${name}`, shape, 2, `x ${sign} y ? -1 : 0`);
  for (const [name, sign] of [
    ["lt", "<"],
    ["gt", ">"],
    ["le", "<="],
    ["ge", ">="],
  ]) {
    lanewise(`${shape}.${name}_s`, shape, 2, `x ${sign} y ? -1 : 0`);
    lanewise(`${shape}.${name}_u`, shape, 2, `x ${sign} y ? -1 : 0`, unsigned);
  }
  for (const name of ["min", "max"]) {
    lanewise(`${shape}.${name}_s`, shape, 2, `Math.${name}(x, y)`);
    lanewise(`${shape}.${name}_u`, shape, 2, `Math.${name}(x, y)`, unsigned);
  }
}
for (const [name, sign] of [
  ["eq", "==="],
  ["ne", "!=="],
  ["lt", "<"],
  ["gt", ">"],
  ["le", "<="],
  ["ge", ">="],
])
  lanewise(`f32x4.${name}`, "i32x4", 2, `x ${sign} y ? -1 : 0`, "f32x4");
lanewise("f32x4.abs", "i32x4", 1, "x & 0x7fffffff");
lanewise("f32x4.neg", "i32x4", 1, "x ^ -2147483648");
lanewise("f32x4.sqrt", "f32x4", 1, "Math.sqrt(x)");
lanewise("f64x2.sqrt", "f64x2", 1, "Math.sqrt(x)");
lanewise("f32x4.convert_i32x4_s", "f32x4", 1, "x", "i32x4");
lanewise("f32x4.convert_i32x4_u", "f32x4", 1, "x", "u32x4");
for (const [name, sign] of [
  ["shl", "<<"],
  ["shr_s", ">>"],
  ["shr_u", ">>>"],
]) {
  const body = (array, shift, lanes, mask) =>
    `const d = (fp + code[pc + 3]) << ${shift};\nconst a = (fp + code[pc + 4]) << ${shift};\nconst count = i32[fp + code[pc + 5]] & ${mask};\n` +
    Array.from({ length: lanes }, (_, i) => `${array}[(d + ${i}) | 0] = ${array}[(a + ${i}) | 0] ${sign} count;`).join(
      "\n",
    );
  hot.push([`i32x4.${name}`, body("w", 1, 4, 31)]);
  hot.push([`i16x8.${name}`, body(name === "shr_u" ? "u16" : "i16", 2, 8, 15)]);
}
for (const [shape, array, shift, lanes] of [
  ["i16x8", "i16", 2, 8],
  ["i32x4", "w", 1, 4],
  ["f32x4", "w", 1, 4],
])
  hot.push([
    `${shape}.splat`,
    `const d = (fp + code[pc + 3]) << ${shift};\nconst x = i32[fp + code[pc + 4]];\n` +
      Array.from({ length: lanes }, (_, i) => `${array}[(d + ${i}) | 0] = x;`).join("\n"),
  ]);
for (const [name, array, shift] of [
  ["i8x16.extract_lane_s", "i8", 3],
  ["i8x16.extract_lane_u", "u8", 3],
  ["i16x8.extract_lane_s", "i16", 2],
  ["i16x8.extract_lane_u", "u16", 2],
  ["i32x4.extract_lane", "w", 1],
  ["f32x4.extract_lane", "w", 1],
])
  hot.push([name, `i32[fp + code[pc + 3]] = ${array}[(((fp + code[pc + 4]) << ${shift}) + code[pc + 5]) | 0];`]);
for (const [name, array, shift] of [
  ["i8x16", "i8", 3],
  ["i16x8", "i16", 2],
  ["i32x4", "w", 1],
  ["f32x4", "w", 1],
])
  hot.push([
    `${name}.replace_lane`,
    `${array}[(((fp + code[pc + 3]) << ${shift}) + code[pc + 4]) | 0] = i32[fp + code[pc + 5]];`,
  ]);
for (const [wide, narrow, target, shift, lanes] of [
  ["i16x8", "i8x16", "i16", 2, 8],
  ["i32x4", "i16x8", "w", 1, 4],
])
  for (const half of ["low", "high"])
    for (const sign of ["s", "u"]) {
      const source = (sign === "u" ? "u" : "i") + (narrow === "i8x16" ? "8" : "16");
      const first = half === "low" ? 0 : lanes;
      hot.push([
        `${wide}.extend_${half}_${narrow}_${sign}`,
        `const d = (fp + code[pc + 3]) << ${shift};\nconst a = (fp + code[pc + 4]) << ${shift + 1};\n` +
          // The target may be the source, so all is read before anything is written.
          Array.from({ length: lanes }, (_, i) => `const x${i} = ${source}[(a + ${first + i}) | 0];`).join("\n") +
          "\n" +
          Array.from({ length: lanes }, (_, i) => `${target}[(d + ${i}) | 0] = x${i};`).join("\n"),
      ]);
    }
hot.push([
  "i8x16.bitmask",
  `const a = (fp + code[pc + 4]) << 3;\ni32[fp + code[pc + 3]] = ${Array.from({ length: 16 }, (_, i) => `((i8[(a + ${i}) | 0] >>> 31) << ${i})`).join(" | ")};`,
]);
hot.push([
  "v128.any_true",
  "const a = (fp + code[pc + 4]) << 1;\ni32[fp + code[pc + 3]] = (w[a] | w[(a + 1) | 0] | w[(a + 2) | 0] | w[(a + 3) | 0]) === 0 ? 0 : 1;",
]);

const vectors = `${header}
import { makeSimdViews } from "../../numerics/simd.ts";
import { instructionsByName } from "../../wasm/instructions.ts";
import type { Arena } from "./arena.ts";
import { VECTOR_ROOMS } from "./room-numbers.ts";
import type { Room } from "./rooms.ts";

/**
 * The common vector instructions once more, with arrays that are constants of their closures: several times as fast as the general functions
 * of numerics, which take their views as an argument. A test holds the two against each other.
 */
export function commonVectorRooms(arena: Arena, rooms: Room[]): void {
  const { code, i32 } = arena;
  const views = makeSimdViews(arena.f64.buffer as ArrayBuffer);
  const { i8, u8, i16, u16, u32, i32: w, f32: f, f64: d64, i64: l64 } = views;
  const define = (name: string, room: (pc: number, fp: number) => void): void => {
    rooms[VECTOR_ROOMS + ((instructionsByName.get(name)?.opcode as number) & 0xfff)] = room as Room;
  };
${hot.map(([name, body]) => `define("${name}", (pc, fp) => {\n${body}\n});`).join("\n")}
}
`;

/** The files before they are formatted, each with a digest of its text, by which a test sees whether they are up to date. */
export const files = Object.entries({ "opcodes.ts": opcodes, "loop.ts": loop, "common-vectors.ts": vectors }).map(
  ([name, text]) => {
    const digest = `// Digest: ${createHash("sha256").update(text).digest("hex")}\n`;
    return { name, digest, text: digest + text };
  },
);

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const { name, text } of files) writeFileSync(new URL(name, import.meta.url), text);
