import { Trap } from "../../store/trap.ts";

/** Divides 64-bit integers: of two pairs of halves the low half of the result, whose high half goes to the second element of the array. */
export type Division = (al: number, ah: number, bl: number, bh: number) => number;

const TWO_32 = 4294967296;

/**
 * One division of doubles is enough for divisors from 1 to the one and quotients below the other: it is within a quarter of the exact quotient then, so at most one
 * off when it is cut, and what it leaves of the dividend says by its sign and size, as an i32, which way.
 */
const WORD_LIMIT = 0x60000000;
const QUOTIENT_LIMIT = 2 ** 50;

/** The exact quotient of whole numbers from 0 to 2^53: that of doubles may have been rounded up to the next whole number. */
function quotient(a: number, b: number): number {
  const q = Math.floor(a / b);
  return q * b > a ? q - 1 : q;
}

/**
 * 64-bit division over doubles.
 *
 * Divisors of one word, which nearly all are, take one division, and then no branch that data decide: the sign of a dividend cannot be
 * predicted, and a wrong prediction costs more than the division. That an estimate is off is rare.
 *
 * @param highHalf where the high half of a result is left: its second element
 */
export function makeDivisions(highHalf: Int32Array): {
  readonly div64u: Division;
  readonly rem64u: Division;
  readonly div64s: Division;
  readonly rem64s: Division;
} {
  // A constant of a closure, which V8 embeds in its code.
  const X = highHalf;

  function div64u(al: number, ah: number, bl: number, bh: number): number {
    if (bh !== 0 || bl <= 0 || bl > WORD_LIMIT) return divideSlowly(al, ah, bl, bh, false);
    const q = ((ah >>> 0) * TWO_32 + (al >>> 0)) / bl;
    if (q >= QUOTIENT_LIMIT) return divideByWord(al, ah, bl, false);
    const low = q | 0;
    const r = (al - Math.imul(low, bl)) | 0;
    if (r >>> 0 >= bl) return wordsOf(Math.trunc(q) + (r < 0 ? -1 : 1));
    X[1] = q * 2.3283064365386963e-10;
    return low;
  }

  function rem64u(al: number, ah: number, bl: number, bh: number): number {
    if (bh !== 0 || bl <= 0 || bl > WORD_LIMIT) return divideSlowly(al, ah, bl, bh, true);
    const q = ((ah >>> 0) * TWO_32 + (al >>> 0)) / bl;
    if (q >= QUOTIENT_LIMIT) return divideByWord(al, ah, bl, true);
    X[1] = 0;
    const r = (al - Math.imul(q | 0, bl)) | 0;
    if (r >>> 0 >= bl) return r < 0 ? r + bl : r - bl;
    return r;
  }

  function div64s(al: number, ah: number, bl: number, bh: number): number {
    if (bh !== 0 || bl <= 0 || bl > WORD_LIMIT) return divideSignedSlowly(al, ah, bl, bh, false);
    const q = (ah * TWO_32 + (al >>> 0)) / bl;
    if (Math.abs(q) >= QUOTIENT_LIMIT) return divideSignedSlowly(al, ah, bl, bh, false);
    const low = q | 0;
    const sign = ah >> 31;
    const r = (((al - Math.imul(low, bl)) ^ sign) - sign) | 0;
    if (r >>> 0 >= bl) return wordsOf(Math.trunc(q) + ((r < 0 ? -1 : 1) ^ sign) - sign);
    X[1] = (q - (low >>> 0)) * 2.3283064365386963e-10;
    return low;
  }

  function rem64s(al: number, ah: number, bl: number, bh: number): number {
    if (bh !== 0 || bl <= 0 || bl > WORD_LIMIT) return divideSignedSlowly(al, ah, bl, bh, true);
    const q = (ah * TWO_32 + (al >>> 0)) / bl;
    if (Math.abs(q) >= QUOTIENT_LIMIT) return divideSignedSlowly(al, ah, bl, bh, true);
    const sign = ah >> 31;
    let r = (((al - Math.imul(q | 0, bl)) ^ sign) - sign) | 0;
    if (r >>> 0 >= bl) r = r < 0 ? r + bl : r - bl;
    X[1] = sign & -Number(r !== 0);
    return ((r ^ sign) - sign) | 0;
  }

  /** Leaves the halves of a whole number of less than 53 bits. */
  function wordsOf(x: number): number {
    X[1] = Math.floor(x / TWO_32);
    return x | 0;
  }

  function divideSlowly(al: number, ah: number, bl: number, bh: number, remainder: boolean): number {
    if ((bl | bh) === 0) throw new Trap("integer-divide-by-zero");
    return bh === 0 ? divideByWord(al, ah, bl >>> 0, remainder) : divideLong(al, ah, bl, bh, remainder);
  }

  function divideSignedSlowly(al: number, ah: number, bl: number, bh: number, remainder: boolean): number {
    if ((bl | bh) === 0) throw new Trap("integer-divide-by-zero");
    if (!remainder && (bl & bh) === -1 && al === 0 && ah === -0x80000000) throw new Trap("integer-overflow");
    const negative = remainder ? ah < 0 : (ah ^ bh) < 0;
    if (ah < 0) {
      ah = al === 0 ? -ah | 0 : ~ah;
      al = -al | 0;
    }
    if (bh < 0) {
      bh = bl === 0 ? -bh | 0 : ~bh;
      bl = -bl | 0;
    }
    const low = divideSlowly(al, ah, bl, bh, remainder);
    return negative ? negated(low) : low;
  }

  /** Divides by a number of 32 bits, in digits whose partial dividends are exact as doubles: two of 32 bits if it is small, otherwise three. */
  function divideByWord(al: number, ah: number, b: number, remainder: boolean): number {
    const high = ah >>> 0;
    const low = al >>> 0;
    const q1 = Math.floor(high / b);
    const r1 = high - q1 * b;
    if (b <= 0x200000) {
      const rest = r1 * TWO_32 + low;
      const q = quotient(rest, b);
      X[1] = remainder ? 0 : q1;
      return remainder ? (rest - q * b) | 0 : q | 0;
    }
    // r1 is below 2^32, so with 16 bits more it is below 2^48.
    const a2 = r1 * 65536 + (low >>> 16);
    const q2 = quotient(a2, b);
    const a3 = (a2 - q2 * b) * 65536 + (low & 0xffff);
    const q3 = quotient(a3, b);
    if (remainder) {
      X[1] = 0;
      return (a3 - q3 * b) | 0;
    }
    X[1] = q1;
    return (q2 * 65536 + q3) | 0;
  }

  /** Divides by a number of more than 32 bits. The quotient has at most 32. */
  function divideLong(al: number, ah: number, bl: number, bh: number, remainder: boolean): number {
    let q = 0;
    let rl = al;
    let rh = ah;
    const notBelow = (): boolean => rh >>> 0 > bh >>> 0 || (rh === bh && rl >>> 0 >= bl >>> 0);
    if (bh > 0) {
      const a = (ah >>> 0) * TWO_32 + (al >>> 0);
      q = Math.floor(a / (bh * TWO_32 + (bl >>> 0)));
      if (q > 0xffffffff) q = 0xffffffff;
      // Off by one at most, and only where the true quotient is within 2^-19 of a whole number.
      const low = Math.imul(q, bl);
      const carry = ((q * (bl >>> 0) - (low >>> 0)) * 2.3283064365386963e-10 + 0.5) >>> 0;
      rh = (ah - Math.imul(q, bh) - carry - Number(al >>> 0 < low >>> 0)) | 0;
      rl = (al - low) | 0;
      if (rh < 0 && rh > -0x10000) {
        // One too many: the remainder is a small negative number.
        q--;
        const sum = (rl >>> 0) + (bl >>> 0);
        rh = (rh + bh + Number(sum >= TWO_32)) | 0;
        rl = sum | 0;
        return words64of(remainder, q, rl, rh);
      }
    }
    if (notBelow()) {
      q++;
      rh = (rh - bh - Number(rl >>> 0 < bl >>> 0)) | 0;
      rl = (rl - bl) | 0;
    }
    return words64of(remainder, q, rl, rh);
  }

  function words64of(remainder: boolean, q: number, rl: number, rh: number): number {
    X[1] = remainder ? rh : 0;
    return remainder ? rl : q | 0;
  }

  /** Replaces the result in `X[1]` and the low half by its negative. @returns the low half */
  function negated(low: number): number {
    const high = X[1];
    X[1] = low === 0 ? -high : ~high;
    return -low | 0;
  }

  return { div64u, rem64u, div64s, rem64s };
}
