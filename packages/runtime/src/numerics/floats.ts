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
