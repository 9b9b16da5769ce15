import { hexDigit } from "./strings.ts";

/** What may be wrong with a number literal; the caller adds the literal and its place. */
export type LiteralFault = "unknown operator" | "constant out of range";

/** An integer literal (specification, 6.3.4): its sign as written and its magnitude. */
export interface IntegerLiteral {
  readonly sign: "" | "+" | "-";
  /** Undefined when it has more than 64 bits. */
  readonly magnitude: bigint | undefined;
}

/** Up to nine decimal digits as a number, which most literals are; otherwise -1. */
export function smallDecimal(word: string): number {
  if (word.length === 0 || word.length > 9) return -1;
  let value = 0;
  for (let i = 0; i < word.length; i++) {
    const digit = word.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The digits between `start` and `end` without underscores, or undefined where there is none or an underscore stands ill. */
export function digitsOf(word: string, start: number, end: number, hexadecimal: boolean): string | undefined {
  if (start >= end) return undefined;
  let underscores = false;
  let afterDigit = false;
  for (let i = start; i < end; i++) {
    const code = word.charCodeAt(i);
    if (code === 0x5f) {
      if (!afterDigit) return undefined;
      afterDigit = false;
      underscores = true;
      continue;
    }
    const digit = hexDigit(code);
    if (digit < 0 || (digit > 9 && !hexadecimal)) return undefined;
    afterDigit = true;
  }
  if (!afterDigit) return undefined;
  const digits = word.slice(start, end);
  return underscores ? digits.replaceAll("_", "") : digits;
}

/** The literal that `word` is, or undefined when it is none. */
export function integerLiteral(word: string): IntegerLiteral | undefined {
  const sign = word[0] === "-" || word[0] === "+" ? word[0] : "";
  const start = sign.length;
  const hexadecimal = word.startsWith("0x", start);
  const digits = digitsOf(word, hexadecimal ? start + 2 : start, word.length, hexadecimal);
  if (digits === undefined) return undefined;
  let zeros = 0;
  while (zeros < digits.length - 1 && digits.charCodeAt(zeros) === 0x30) zeros++;
  // No literal of 64 bits is longer, so that a long one costs no more than reading it.
  if (digits.length - zeros > 20) return { sign, magnitude: undefined };
  const magnitude = BigInt((hexadecimal ? "0x" : "") + digits.slice(zeros));
  return { sign, magnitude: magnitude >> 64n === 0n ? magnitude : undefined };
}

/** The value of a constant of `bits` bits, which may be written as a signed or as an unsigned one, as an unsigned one. */
export function integerConstant(word: string, bits: number): bigint | LiteralFault {
  const literal = integerLiteral(word);
  if (literal === undefined) return "unknown operator";
  const { sign, magnitude } = literal;
  const limit = sign === "-" ? 1n << BigInt(bits - 1) : (1n << BigInt(bits)) - 1n;
  if (magnitude === undefined || magnitude > limit) return "constant out of range";
  return sign === "-" ? -magnitude & ((1n << BigInt(bits)) - 1n) : magnitude;
}
