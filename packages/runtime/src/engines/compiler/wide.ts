import { support } from "./support.ts";

/**
 * Wide arithmetic on words, the lowest first, as translated code calls it: the four words of the results are left in `X`. What is written there is taken
 * modulo 2^32.
 */
const { X, imul } = support;

const TWO_32 = 4294967296;

function sum(
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
  g: number,
  h: number,
  carry: number,
): void {
  let word = (a >>> 0) + (e >>> 0) + carry;
  X[0] = word;
  word = (b >>> 0) + (f >>> 0) + (word >= TWO_32 ? 1 : 0);
  X[1] = word;
  word = (c >>> 0) + (g >>> 0) + (word >= TWO_32 ? 1 : 0);
  X[2] = word;
  X[3] = (d >>> 0) + (h >>> 0) + (word >= TWO_32 ? 1 : 0);
}

/** The upper word of the product of two words, of which `low` is the lower one: what is left of the product of doubles. */
function upper(a: number, b: number, low: number): number {
  return (((a >>> 0) * (b >>> 0) - (low >>> 0)) * 2.3283064365386963e-10 + 0.5) >>> 0;
}

function multiply(a: number, b: number, c: number, d: number): void {
  const ac = imul(a, c);
  const ad = imul(a, d);
  const bc = imul(b, c);
  const bd = imul(b, d);
  const second = upper(a, c, ac) + (ad >>> 0) + (bc >>> 0);
  const third = upper(a, d, ad) + upper(b, c, bc) + (bd >>> 0) + Math.floor(second / TWO_32);
  X[0] = ac;
  X[1] = second;
  X[2] = third;
  X[3] = upper(b, d, bd) + Math.floor(third / TWO_32);
}

/** Takes a 64-bit integer from the upper half of the product. */
function subtract(low: number, high: number): void {
  const word = (X[2] >>> 0) - (low >>> 0);
  X[2] = word;
  X[3] = X[3] - high - (word < 0 ? 1 : 0);
}

export const wideFunctions: Readonly<Record<string, (...words: readonly never[]) => void>> = {
  add128(a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number): void {
    sum(a, b, c, d, e, f, g, h, 0);
  },
  sub128(a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number): void {
    sum(a, b, c, d, ~e, ~f, ~g, ~h, 1);
  },
  mulWideU: multiply,
  mulWideS(a: number, b: number, c: number, d: number): void {
    multiply(a, b, c, d);
    if (b < 0) subtract(c, d);
    if (d < 0) subtract(a, b);
  },
};
