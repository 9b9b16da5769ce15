const MASK = 0xffff_ffff_ffff_ffffn;

/**
 * `BigInt.asUintN(64, x)`, also where that is wrong: QuickJS 2025-09 answers a signed number. V8 computes the platform's own in machine words, and a mask
 * in objects, so that is used where it is right.
 */
export const unsigned64: (x: bigint) => bigint =
  BigInt.asUintN(64, -1n) === MASK ? (x) => BigInt.asUintN(64, x) : (x) => x & MASK;
