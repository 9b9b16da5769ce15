/** Floating-point instructions that JavaScript has no function for (specification, 4.3.3). */

const TWO_52 = 2 ** 52;

/** `f64.nearest`, and `f32.nearest` of a value that is an f32: to the nearest integer, ties to even, keeping the sign of zero. */
export function nearest(x: number): number {
  // Adding 2^52 leaves no bits for a fraction, so the addition rounds to even.
  if (x > 0) return x < TWO_52 ? x + TWO_52 - TWO_52 : x;
  // Not through subtraction from zero: -0.2 must become -0.
  if (x < 0) return x > -TWO_52 ? -(-x + TWO_52 - TWO_52) : x;
  // Zeroes as they are; a NaN made quiet by the addition.
  return x + 0 === 0 ? x : x + x;
}

/** `f64.min`, and `f32.min` of values that are f32. Optimised code of V8 makes a NaN of other bits than WebAssembly's of `Math.min`; a sum makes the right one. */
export function minimum(x: number, y: number): number {
  return x < y || x >= y ? Math.min(x, y) : x + y;
}

export function maximum(x: number, y: number): number {
  return x < y || x >= y ? Math.max(x, y) : x + y;
}

/*
 * The rest of the rounding ones for f64. A platform's own may hand a signalling NaN through as it is, where WebAssembly wants a quiet one; an
 * addition makes it so. (An f32 becomes quiet when it is read as a number.)
 */
export function ceil64(x: number): number {
  return x < 0 || x >= 0 ? Math.ceil(x) : x + x;
}

export function floor64(x: number): number {
  return x < 0 || x >= 0 ? Math.floor(x) : x + x;
}

export function truncate64(x: number): number {
  return x < 0 || x >= 0 ? Math.trunc(x) : x + x;
}

/** The high half of the canonical NaN of 64 bits; the low half is 0. */
export const CANONICAL_HIGH = 0x7ff80000;

/** The bits of an f32 with a NaN made canonical. */
export function canonicalF32(bits: number): number {
  return (bits & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : bits;
}

/** Whether an f64 in halves is a NaN. */
export function isNaN64(low: number, high: number): boolean {
  const magnitude = high & 0x7fffffff;
  return magnitude > 0x7ff00000 || (magnitude === 0x7ff00000 && low !== 0);
}

/** A number with a NaN made canonical: JavaScript's own constant has those bits wherever it is written. */
export function canonicalNumber(x: number): number {
  return Number.isNaN(x) ? Number.NaN : x;
}

/**
 * Whether 64-bit floats keep the bits of every NaN on their way from memory to memory. Where they do not, as on engines that
 * box doubles in NaNs, the interpreter moves 64-bit values as BigInts, and the compiler looks for NaNs.
 */
export function floatsKeepBits(): boolean {
  keepBits ??= tryBits();
  return keepBits;
}

let keepBits: boolean | undefined;

function tryBits(): boolean {
  // A middle tier of V8's makes a NaN quiet that it writes by `setFloat64`, which cannot be tried out here, from some version after 13.6 on (in 14.6). Moving a
  // BigInt takes it 2.0 times as long up to 12.4 and no longer from 13.6 on, which has 16-bit floats.
  if ("getFloat16" in DataView.prototype) return false;
  const view = new DataView(new ArrayBuffer(16));
  const floats = new Float64Array(1);
  const bits = new Int32Array(floats.buffer);
  for (const high of [0x7ff00000, 0x7ff4dead, 0xfff00000 | 0, 0xfffc0001 | 0, 0x7ff80001]) {
    view.setInt32(0, 0x12345679, true);
    view.setInt32(4, high, true);
    floats[0] = view.getFloat64(0, true);
    if (bits[0] !== 0x12345679 || bits[1] !== high) return false;
    view.setFloat64(8, floats[0], true);
    if (view.getInt32(8, true) !== 0x12345679 || view.getInt32(12, true) !== high) return false;
  }
  return true;
}
