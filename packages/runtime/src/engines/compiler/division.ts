import { Trap } from "../../store/trap.ts";

/** Divides 64-bit integers: of two pairs of halves the low half of the result, whose high half goes to the second element of the array. */
export type Division = (al: number, ah: number, bl: number, bh: number) => number;

const TWO_32 = 4294967296;

/**
 * Divisors from 1 to this are divided by in two digits: the remainder of the estimated second digit is then far enough from the ends of an
 * i32 to say by its sign and size whether the estimate was one off.
 */
const WORD_LIMIT = 0x7ffff000;

/** The exact quotient of whole numbers from 0 to 2^53: that of doubles may have been rounded up to the next whole number. */
function quotient(a: number, b: number): number {
  const q = Math.floor(a / b);
  return q * b > a ? q - 1 : q;
}

/**
 * 64-bit division over doubles.
 *
 * Divisors of one word, which nearly all are, take the way without branches that data decide: the sign of a dividend or the last bit of an estimate cannot be
 * predicted, and a wrong prediction costs more than the division.
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

  /** The low word of the quotient of `rest * 2^32 + low` by `b`, where `rest` is below `b`. */
  function digit(rest: number, low: number, b: number): number {
    // The double is within 2^-20 of the exact quotient. What it leaves is exact modulo 2^32, negative where it was one too many.
    const q = ((rest * TWO_32 + (low >>> 0)) / b) >>> 0;
    const r = (low - Math.imul(q, b)) | 0;
    return (q - Number(r < 0) + Number(r >= b)) | 0;
  }

  function div64u(al: number, ah: number, bl: number, bh: number): number {
    if (bh !== 0 || bl <= 0 || bl > WORD_LIMIT) return divideSlowly(al, ah, bl, bh, false);
    const top = ah >>> 0;
    const q = (top / bl) >>> 0;
    X[1] = q;
    return digit((top - Math.imul(q, bl)) >>> 0, al, bl);
  }

  function rem64u(al: number, ah: number, bl: number, bh: number): number {
    if (bh !== 0 || bl <= 0 || bl > WORD_LIMIT) return divideSlowly(al, ah, bl, bh, true);
    X[1] = 0;
    const q = digit((ah >>> 0) % bl, al, bl);
    return (al - Math.imul(q, bl)) | 0;
  }

  function div64s(al: number, ah: number, bl: number, bh: number): number {
    if (bh !== 0 || bl <= 0 || bl > WORD_LIMIT) return divideSignedSlowly(al, ah, bl, bh, false);
    // All ones for a negative dividend: exclusive or with it, less it, is the magnitude.
    const sign = ah >> 31;
    const low = ((al ^ sign) - sign) | 0;
    const top = ((ah ^ sign) - (sign & -Number(low === 0))) >>> 0;
    const high = (top / bl) >>> 0;
    const q = (digit((top - Math.imul(high, bl)) >>> 0, low, bl) ^ sign) - sign;
    X[1] = (high ^ sign) - (sign & -Number((q | 0) === 0));
    return q | 0;
  }

  function rem64s(al: number, ah: number, bl: number, bh: number): number {
    if (bh !== 0 || bl <= 0 || bl > WORD_LIMIT) return divideSignedSlowly(al, ah, bl, bh, true);
    const sign = ah >> 31;
    const low = ((al ^ sign) - sign) | 0;
    const top = ((ah ^ sign) - (sign & -Number(low === 0))) >>> 0;
    const r = (low - Math.imul(digit(top % bl, low, bl), bl)) | 0;
    X[1] = sign & -Number(r !== 0);
    return ((r ^ sign) - sign) | 0;
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

  /** Divides by a number of 32 bits, in three digits whose partial dividends are exact as doubles. */
  function divideByWord(al: number, ah: number, b: number, remainder: boolean): number {
    const high = ah >>> 0;
    const low = al >>> 0;
    const q1 = Math.floor(high / b);
    const r1 = high - q1 * b;
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
