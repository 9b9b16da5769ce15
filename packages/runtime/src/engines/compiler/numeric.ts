import { F32, F64, I32, type ValueType } from "../../wasm/types.ts";

/** An instruction on i32, f32 and f64 whose result is one expression over its operands. */
export interface NumericRule {
  readonly arity: number;
  readonly result: ValueType;
  /** Whether the expression is a comparison, true or false, and not yet a number. */
  readonly isTest: boolean;
  readonly traps: boolean;
  /** Names from `support.ts` that it uses. */
  readonly names: readonly string[];
  readonly make: (a: string, b: string) => string;
}

const rules: (NumericRule | undefined)[] = new Array(0x100).fill(undefined);
const saturating: (NumericRule | undefined)[] = [];

function rule(
  opcode: number,
  arity: number,
  result: ValueType,
  make: (a: string, b: string) => string,
  names: readonly string[] = [],
  traps = false,
): void {
  const made = { arity, result, isTest: false, traps, names, make };
  if (opcode < 0x100) rules[opcode] = made;
  else saturating[opcode & 0xff] = made;
}

function test(opcode: number, make: (a: string, b: string) => string, arity = 2): void {
  rules[opcode] = { arity, result: I32, isTest: true, traps: false, names: [], make };
}

/** A call of a function of `support.ts`. */
function helper(opcode: number, arity: number, result: ValueType, name: string, traps = false): void {
  rule(opcode, arity, result, arity === 1 ? (a) => `${name}(${a})` : (a, b) => `${name}(${a}, ${b})`, [name], traps);
}

const signed = (sign: string) => (a: string, b: string) => `${a} ${sign} ${b}`;
const unsigned = (sign: string) => (a: string, b: string) => `${u32(a)} ${sign} ${u32(b)}`;

/** An i32 expression read as unsigned. */
export function u32(code: string): string {
  // Most are names or in parentheses, which the first letter says.
  if (code.charCodeAt(0) > 57 || code.charCodeAt(0) < 45) return `(${code} >>> 0)`;
  return /^\d+$/.test(code) ? code : /^-\d+$/.test(code) ? String(Number(code) >>> 0) : `(${code} >>> 0)`;
}

test(0x45, (a) => `${a} === 0`, 1);
["===", "!=="].forEach((sign, i) => {
  test(0x46 + i, signed(sign));
});
["<", ">", "<=", ">="].forEach((sign, i) => {
  test(0x48 + 2 * i, signed(sign));
  test(0x49 + 2 * i, unsigned(sign));
});
["===", "!==", "<", ">", "<=", ">="].forEach((sign, i) => {
  test(0x5b + i, signed(sign));
  test(0x61 + i, signed(sign));
});

helper(0x67, 1, I32, "clz32");
helper(0x68, 1, I32, "ctz32");
helper(0x69, 1, I32, "popcnt32");
rule(0x6a, 2, I32, (a, b) => `(${a} + ${b} | 0)`);
rule(0x6b, 2, I32, (a, b) => `(${a} - ${b} | 0)`);
helper(0x6c, 2, I32, "imul");
helper(0x6d, 2, I32, "div32s", true);
helper(0x6e, 2, I32, "div32u", true);
helper(0x6f, 2, I32, "rem32s", true);
helper(0x70, 2, I32, "rem32u", true);
["&", "|", "^", "<<", ">>"].forEach((sign, i) => {
  rule(0x71 + i, 2, I32, (a, b) => `(${a} ${sign} ${b})`);
});
rule(0x76, 2, I32, (a, b) => `(${a} >>> ${b} | 0)`);

const binaryFloat: readonly [number, string][] = [
  [0, "+"],
  [1, "-"],
  [2, "*"],
  [3, "/"],
];
for (const [i, sign] of binaryFloat) {
  rule(0x92 + i, 2, F32, (a, b) => `fround(${a} ${sign} ${b})`, ["fround"]);
  rule(0xa0 + i, 2, F64, (a, b) => `(${a} ${sign} ${b})`);
}
// Rounding to f32 makes every NaN quiet that these may hand on.
["ceil", "floor", "trunc", "nearest", "sqrt"].forEach((name, i) => {
  rule(0x8d + i, 1, F32, (a) => `fround(${name}(${a}))`, ["fround", name]);
  helper(0x9b + i, 1, F64, ["ceil64", "floor64", "truncate64", "nearest", "sqrt"][i]);
});
["minimum", "maximum"].forEach((name, i) => {
  rule(0x96 + i, 2, F32, (a, b) => `fround(${name}(${a}, ${b}))`, ["fround", name]);
  helper(0xa4 + i, 2, F64, name);
});
helper(0x8b, 1, F32, "abs");
helper(0x8c, 1, F32, "negate");
helper(0x98, 2, F32, "copysign");
helper(0x99, 1, F64, "abs");
helper(0x9a, 1, F64, "negate");
helper(0xa6, 2, F64, "copysign");

helper(0xa8, 1, I32, "trunc32s", true);
helper(0xa9, 1, I32, "trunc32u", true);
helper(0xaa, 1, I32, "trunc32s", true);
helper(0xab, 1, I32, "trunc32u", true);
rule(0xb2, 1, F32, (a) => `fround(${a})`, ["fround"]);
rule(0xb3, 1, F32, (a) => `fround(${a} >>> 0)`, ["fround"]);
rule(0xb6, 1, F32, (a) => `fround(${a})`, ["fround"]);
rule(0xb7, 1, F64, (a) => a);
rule(0xb8, 1, F64, (a) => u32(a));
rule(0xbb, 1, F64, (a) => a);
helper(0xbc, 1, I32, "bitsOfF32");
helper(0xbe, 1, F32, "f32OfBits");
rule(0xc0, 1, I32, (a) => `(${a} << 24 >> 24)`);
rule(0xc1, 1, I32, (a) => `(${a} << 16 >> 16)`);
helper(0xfc000, 1, I32, "truncSatS32");
helper(0xfc001, 1, I32, "truncSatU32");
helper(0xfc002, 1, I32, "truncSatS32");
helper(0xfc003, 1, I32, "truncSatU32");

/** The rule for a one-byte opcode, or for `0xfc` and a number from 0 to 3. */
export function numericRule(opcode: number): NumericRule | undefined {
  return opcode < 0x100 ? rules[opcode] : opcode >>> 12 === 0xfc ? saturating[opcode & 0xff] : undefined;
}

/** Instructions on floats that keep a NaN's bits: `abs`, `neg`, `copysign`, and `reinterpret` of an f32. */
export function keepsBits(opcode: number): boolean {
  return opcode === 0xbc || [0x8b, 0x8c, 0x98].includes(opcode >= 0x99 ? opcode - 14 : opcode);
}

/** Division by a constant that is neither 0 nor -1 cannot trap. @returns the expression, or undefined where that does not hold */
export function divisionByConstant(opcode: number, a: string, divisor: number): string | undefined {
  if (divisor === 0 || divisor === -1) return undefined;
  switch (opcode) {
    case 0x6d:
      return `(${a} / ${divisor} | 0)`;
    case 0x6e:
      return `(${u32(a)} / ${divisor >>> 0} | 0)`;
    case 0x6f:
      return `(${a} % ${divisor} | 0)`;
    case 0x70:
      return `(${u32(a)} % ${divisor >>> 0} | 0)`;
    default:
      return undefined;
  }
}
