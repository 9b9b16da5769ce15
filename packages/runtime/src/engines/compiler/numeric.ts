import { NUMERIC_PREFIX } from "../../wasm/opcode-slots.ts";
import * as OP from "../../wasm/opcodes.ts";
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

test(OP.I32_EQZ, (a) => `${a} === 0`, 1);
["===", "!=="].forEach((sign, i) => {
  test(OP.I32_EQ + i, signed(sign));
});
["<", ">", "<=", ">="].forEach((sign, i) => {
  test(OP.I32_LT_S + 2 * i, signed(sign));
  test(OP.I32_LT_U + 2 * i, unsigned(sign));
});
["===", "!==", "<", ">", "<=", ">="].forEach((sign, i) => {
  test(OP.F32_EQ + i, signed(sign));
  test(OP.F64_EQ + i, signed(sign));
});

helper(OP.I32_CLZ, 1, I32, "clz32");
helper(OP.I32_CTZ, 1, I32, "ctz32");
helper(OP.I32_POPCNT, 1, I32, "popcnt32");
rule(OP.I32_ADD, 2, I32, (a, b) => `(${a} + ${b} | 0)`);
rule(OP.I32_SUB, 2, I32, (a, b) => `(${a} - ${b} | 0)`);
helper(OP.I32_MUL, 2, I32, "imul");
helper(OP.I32_DIV_S, 2, I32, "div32s", true);
helper(OP.I32_DIV_U, 2, I32, "div32u", true);
helper(OP.I32_REM_S, 2, I32, "rem32s", true);
helper(OP.I32_REM_U, 2, I32, "rem32u", true);
["&", "|", "^", "<<", ">>"].forEach((sign, i) => {
  rule(OP.I32_AND + i, 2, I32, (a, b) => `(${a} ${sign} ${b})`);
});
rule(OP.I32_SHR_U, 2, I32, (a, b) => `(${a} >>> ${b} | 0)`);

const binaryFloat: readonly [number, string][] = [
  [0, "+"],
  [1, "-"],
  [2, "*"],
  [3, "/"],
];
for (const [i, sign] of binaryFloat) {
  rule(OP.F32_ADD + i, 2, F32, (a, b) => `fround(${a} ${sign} ${b})`, ["fround"]);
  rule(OP.F64_ADD + i, 2, F64, (a, b) => `(${a} ${sign} ${b})`);
}
// Rounding to f32 makes every NaN quiet that these may hand on.
["ceil", "floor", "trunc", "nearest", "sqrt"].forEach((name, i) => {
  rule(OP.F32_CEIL + i, 1, F32, (a) => `fround(${name}(${a}))`, ["fround", name]);
  helper(OP.F64_CEIL + i, 1, F64, ["ceil64", "floor64", "truncate64", "nearest", "sqrt"][i]);
});
["minimum", "maximum"].forEach((name, i) => {
  rule(OP.F32_MIN + i, 2, F32, (a, b) => `fround(${name}(${a}, ${b}))`, ["fround", name]);
  helper(OP.F64_MIN + i, 2, F64, name);
});
helper(OP.F32_ABS, 1, F32, "abs");
helper(OP.F32_NEG, 1, F32, "negate");
helper(OP.F32_COPYSIGN, 2, F32, "copysign");
helper(OP.F64_ABS, 1, F64, "abs");
helper(OP.F64_NEG, 1, F64, "negate");
helper(OP.F64_COPYSIGN, 2, F64, "copysign");

helper(OP.I32_TRUNC_F32_S, 1, I32, "trunc32s", true);
helper(OP.I32_TRUNC_F32_U, 1, I32, "trunc32u", true);
helper(OP.I32_TRUNC_F64_S, 1, I32, "trunc32s", true);
helper(OP.I32_TRUNC_F64_U, 1, I32, "trunc32u", true);
rule(OP.F32_CONVERT_I32_S, 1, F32, (a) => `fround(${a})`, ["fround"]);
rule(OP.F32_CONVERT_I32_U, 1, F32, (a) => `fround(${a} >>> 0)`, ["fround"]);
rule(OP.F32_DEMOTE_F64, 1, F32, (a) => `fround(${a})`, ["fround"]);
rule(OP.F64_CONVERT_I32_S, 1, F64, (a) => a);
rule(OP.F64_CONVERT_I32_U, 1, F64, (a) => u32(a));
rule(OP.F64_PROMOTE_F32, 1, F64, (a) => a);
helper(OP.I32_REINTERPRET_F32, 1, I32, "bitsOfF32");
helper(OP.F32_REINTERPRET_I32, 1, F32, "f32OfBits");
rule(OP.I32_EXTEND8_S, 1, I32, (a) => `(${a} << 24 >> 24)`);
rule(OP.I32_EXTEND16_S, 1, I32, (a) => `(${a} << 16 >> 16)`);
helper(OP.I32_TRUNC_SAT_F32_S, 1, I32, "truncSatS32");
helper(OP.I32_TRUNC_SAT_F32_U, 1, I32, "truncSatU32");
helper(OP.I32_TRUNC_SAT_F64_S, 1, I32, "truncSatS32");
helper(OP.I32_TRUNC_SAT_F64_U, 1, I32, "truncSatU32");

/** The rule for a one-byte opcode, or for `0xfc` and a number from 0 to 3. */
export function numericRule(opcode: number): NumericRule | undefined {
  return opcode < 0x100 ? rules[opcode] : opcode >>> 12 === NUMERIC_PREFIX ? saturating[opcode & 0xff] : undefined;
}

/** Instructions on floats that keep a NaN's bits: `abs`, `neg`, `copysign`, and `reinterpret` of an f32. */
const KEEPING_BITS: ReadonlySet<number> = new Set([
  OP.F32_ABS,
  OP.F32_NEG,
  OP.F32_COPYSIGN,
  OP.F64_ABS,
  OP.F64_NEG,
  OP.F64_COPYSIGN,
  OP.I32_REINTERPRET_F32,
]);

export function keepsBits(opcode: number): boolean {
  return KEEPING_BITS.has(opcode);
}

/** Division by a constant that is neither 0 nor -1 cannot trap. @returns the expression, or undefined where that does not hold */
export function divisionByConstant(opcode: number, a: string, divisor: number): string | undefined {
  if (divisor === 0 || divisor === -1) return undefined;
  switch (opcode) {
    case OP.I32_DIV_S:
      return `(${a} / ${divisor} | 0)`;
    case OP.I32_DIV_U:
      return `(${u32(a)} / ${divisor >>> 0} | 0)`;
    case OP.I32_REM_S:
      return `(${a} % ${divisor} | 0)`;
    case OP.I32_REM_U:
      return `(${u32(a)} % ${divisor >>> 0} | 0)`;
    default:
      return undefined;
  }
}
