import { digitsOf, type LiteralFault } from "./integers.ts";
import { hexDigit } from "./strings.ts";

/**
 * Float literals (specification, 6.3.5) to the bits of the nearest value, ties to even.
 *
 * A decimal f64 is what JavaScript's own `Number` gives, which is correctly rounded. A decimal f32 goes by way of that f64, and rounding
 * twice is wrong only where the f64 lies exactly between two f32: there the digits decide.
 */

const view = new DataView(new ArrayBuffer(8));

interface Parts {
  readonly negative: boolean;
  /** The literal without its sign. */
  readonly word: string;
}

function splitSign(word: string): Parts {
  const negative = word[0] === "-";
  return { negative, word: negative || word[0] === "+" ? word.slice(1) : word };
}

/** The bits of an f32 as an unsigned number. */
export function f32Literal(text: string): number | LiteralFault {
  const { negative, word } = splitSign(text);
  const sign = negative ? 0x80000000 : 0;
  if (word === "inf") return (sign | 0x7f800000) >>> 0;
  if (word.startsWith("nan")) {
    const payload = nanPayload(word, 23n);
    return typeof payload === "bigint" ? (sign | 0x7f800000 | Number(payload)) >>> 0 : payload;
  }
  const bits = word.startsWith("0x") ? hexBits(word, 23, 8) : decimalF32(word);
  return typeof bits === "bigint" ? (sign | Number(bits)) >>> 0 : bits;
}

/** The bits of an f64. */
export function f64Literal(text: string): bigint | LiteralFault {
  const { negative, word } = splitSign(text);
  const sign = negative ? 1n << 63n : 0n;
  if (word === "inf") return sign | (0x7ffn << 52n);
  if (word.startsWith("nan")) {
    const payload = nanPayload(word, 52n);
    return typeof payload === "bigint" ? sign | (0x7ffn << 52n) | payload : payload;
  }
  const bits = word.startsWith("0x") ? hexBits(word, 52, 11) : decimalF64(word);
  return typeof bits === "bigint" ? sign | bits : bits;
}

/** `nan` or `nan:0x…` */
function nanPayload(word: string, mantissaBits: bigint): bigint | LiteralFault {
  if (word === "nan") return 1n << (mantissaBits - 1n);
  if (!word.startsWith("nan:0x")) return "unknown operator";
  const digits = digitsOf(word, 6, word.length, true);
  if (digits === undefined) return "unknown operator";
  const significant = digits.replace(/^0+/, "");
  if (significant === "" || significant.length > 13) return "constant out of range";
  const payload = BigInt(`0x${significant}`);
  return payload >> mantissaBits === 0n ? payload : "constant out of range";
}

interface Decimal {
  readonly whole: string;
  readonly fraction: string;
  /** A power of ten, or of two for a hexadecimal literal. */
  readonly exponent: number;
}

/** `digits`, `digits.digits`, either with an exponent behind `mark`. */
function splitLiteral(word: string, start: number, hexadecimal: boolean): Decimal | undefined {
  const mark = word.slice(start).search(hexadecimal ? /p/i : /e/i);
  const end = mark < 0 ? word.length : start + mark;
  let exponent = 0;
  if (mark >= 0) {
    const signed = word[end + 1] === "-" || word[end + 1] === "+" ? 1 : 0;
    const digits = digitsOf(word, end + 1 + signed, word.length, false);
    if (digits === undefined) return undefined;
    // Beyond this no literal that fits in a string could come back into range.
    exponent = Math.min(Number(digits), 1e12);
    if (word[end + 1] === "-") exponent = -exponent;
  }
  const dot = word.indexOf(".", start);
  const wholeEnd = dot < 0 || dot > end ? end : dot;
  const whole = digitsOf(word, start, wholeEnd, hexadecimal);
  if (whole === undefined) return undefined;
  if (wholeEnd >= end - 1) return { whole, fraction: "", exponent };
  const fraction = digitsOf(word, wholeEnd + 1, end, hexadecimal);
  return fraction === undefined ? undefined : { whole, fraction, exponent };
}

function toNumber({ whole, fraction, exponent }: Decimal): number {
  return Number(`${whole}.${fraction}e${exponent}`);
}

function decimalF64(word: string): bigint | LiteralFault {
  const decimal = splitLiteral(word, 0, false);
  if (decimal === undefined) return "unknown operator";
  const value = toNumber(decimal);
  if (value === Number.POSITIVE_INFINITY) return "constant out of range";
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

function decimalF32(word: string): bigint | LiteralFault {
  const decimal = splitLiteral(word, 0, false);
  if (decimal === undefined) return "unknown operator";
  const value = toNumber(decimal);
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  // The two f32 around `value`, of which `bits` is one; above the greatest there is what would be the next power of two.
  const other = value > f32At(bits) ? bits + 1 : bits - 1;
  let nearest = bits;
  if (bits !== 0 || value > 0) {
    const lower = Math.min(bits, other);
    if (lower >= 0 && lower < 0x7f800000 && value === (f32At(lower) + f32At(lower + 1)) / 2) {
      const order = compareDecimal(decimal, value);
      if (order < 0) nearest = lower;
      else if (order > 0) nearest = lower + 1;
    }
  }
  return nearest >= 0x7f800000 ? "constant out of range" : BigInt(nearest);
}

/** The f32 with these bits, but 2^128 in the place of infinity. */
function f32At(bits: number): number {
  if (bits === 0x7f800000) return 2 ** 128;
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

/** Whether a literal is below (-1), at (0) or above (1) a double, exactly. */
function compareDecimal({ whole, fraction, exponent }: Decimal, value: number): number {
  const left = normalize(whole + fraction, whole.length + exponent);
  const right = normalize(...exactDigits(value));
  if (left.point !== right.point) return left.point < right.point ? -1 : 1;
  const length = Math.max(left.digits.length, right.digits.length);
  const a = left.digits.padEnd(length, "0");
  const b = right.digits.padEnd(length, "0");
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Digits without zeros in front, and where the point stands before or among them. */
function normalize(digits: string, point: number): { digits: string; point: number } {
  let zeros = 0;
  while (zeros < digits.length && digits.charCodeAt(zeros) === 0x30) zeros++;
  return { digits: digits.slice(zeros), point: point - zeros };
}

/** All decimal digits of a positive double and the place of its point; every double has finitely many. */
function exactDigits(value: number): [string, number] {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n) & 0x7ff;
  const fraction = bits & ((1n << 52n) - 1n);
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const exponent = (biased === 0 ? 1 : biased) - 1075;
  if (exponent >= 0) {
    const digits = (mantissa << BigInt(exponent)).toString();
    return [digits, digits.length];
  }
  const digits = (mantissa * 5n ** BigInt(-exponent)).toString();
  return [digits, digits.length + exponent];
}

/** The bits of a hexadecimal literal, without sign. */
function hexBits(word: string, mantissaBits: number, exponentBits: number): bigint | LiteralFault {
  const literal = splitLiteral(word, 2, true);
  if (literal === undefined) return "unknown operator";
  const { digits, point } = normalize(literal.whole + literal.fraction, literal.whole.length);
  if (digits === "") return 0n;
  // Sixteen digits are more than any mantissa has; of the rest only matters whether something is left.
  let mantissa = BigInt(`0x${digits.slice(0, 16).padEnd(16, "0")}`);
  let sticky = false;
  for (let i = 16; i < digits.length && !sticky; i++) sticky = hexDigit(digits.charCodeAt(i)) !== 0;
  let exponent = literal.exponent + 4 * (point - 16);
  // The value is `mantissa` * 2^`exponent` with the mantissa below 2^64: let its highest bit be bit 63.
  const lead = 64 - mantissa.toString(2).length;
  mantissa <<= BigInt(lead);
  exponent -= lead;
  const bias = 2 ** (exponentBits - 1) - 1;
  const top = exponent + 63;
  if (top > bias) return "constant out of range";
  // A subnormal keeps fewer bits; one far below the least keeps none, but may still round up.
  const kept = Math.min(mantissaBits + 1, top + bias + mantissaBits);
  if (kept < 0) return 0n;
  const drop = BigInt(64 - kept);
  let result = mantissa >> drop;
  const rest = mantissa & ((1n << drop) - 1n);
  const half = 1n << (drop - 1n);
  if (rest > half || (rest === half && (sticky || (result & 1n) === 1n))) result++;
  // The mantissa's hidden bit, or a carry out of the fraction, adds one to the exponent field by itself.
  const field = Math.max(top + bias, 1) - 1;
  const bits = (BigInt(field) << BigInt(mantissaBits)) + result;
  return bits >> BigInt(mantissaBits) >= (1n << BigInt(exponentBits)) - 1n ? "constant out of range" : bits;
}
