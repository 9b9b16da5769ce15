/**
 * Conversions between integers and floating point (specification, 4.3.4). 32-bit integers are signed numbers, 64-bit ones signed
 * bigints, also where the instruction's name says `u`.
 */

const TWO_32 = 2 ** 32;
const TWO_53 = 2 ** 53;
const TWO_63 = 2 ** 63;
const TWO_64 = 2 ** 64;

/** Whether `x` without its fraction is a signed 32-bit integer. NaN is not. */
export function fitsS32(x: number): boolean {
  return x > -2147483649 && x < 2147483648;
}

export function fitsU32(x: number): boolean {
  return x > -1 && x < TWO_32;
}

export function fitsS64(x: number): boolean {
  return x >= -TWO_63 && x < TWO_63;
}

export function fitsU64(x: number): boolean {
  return x > -1 && x < TWO_64;
}

/** `i64.trunc_f64_s` and `_u` of an `x` that fits. */
export function trunc64(x: number): bigint {
  return BigInt.asIntN(64, BigInt(Math.trunc(x)));
}

export function truncSatS32(x: number): number {
  if (x > -2147483649 && x < 2147483648) return x | 0;
  return x < 0 ? -2147483648 : x > 0 ? 2147483647 : 0;
}

export function truncSatU32(x: number): number {
  if (x > -1 && x < TWO_32) return (x >>> 0) | 0;
  return x > 0 ? -1 : 0;
}

export function truncSatS64(x: number): bigint {
  if (fitsS64(x)) return trunc64(x);
  return x < 0 ? -0x8000000000000000n : x > 0 ? 0x7fffffffffffffffn : 0n;
}

export function truncSatU64(x: number): bigint {
  if (fitsU64(x)) return trunc64(x);
  return x > 0 ? -1n : 0n;
}

/** `f64.convert_i64_s` from halves: `high` is exact in a double, so there is one rounding, in the addition. */
export function convertS64(low: number, high: number): number {
  return high * TWO_32 + (low >>> 0);
}

export function convertU64(low: number, high: number): number {
  return (high >>> 0) * TWO_32 + (low >>> 0);
}

/** The low half without what an f64 would drop of the whole, which is kept as a sticky lowest bit: rounding to f64 and then to f32 could round twice. */
function sticky(low: number): number {
  return ((low & ~0xfff) | ((low & 0xfff) === 0 ? 0 : 0x1000)) >>> 0;
}

/** `f32.convert_i64_s` from halves: not through a BigInt, of which Hermes 0.12 makes no right number from 2^63 on. */
export function convertS64ToF32(low: number, high: number): number {
  const x = high * TWO_32 + (low >>> 0);
  return Math.fround(x < TWO_53 && x > -TWO_53 ? x : high * TWO_32 + sticky(low));
}

/** `f32.convert_i64_u` from halves. */
export function convertU64ToF32(low: number, high: number): number {
  const x = (high >>> 0) * TWO_32 + (low >>> 0);
  return Math.fround(x < TWO_53 ? x : (high >>> 0) * TWO_32 + sticky(low));
}
