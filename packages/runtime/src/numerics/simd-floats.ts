import { ceil64, floor64, maximum, minimum, nearest, truncate64 } from "./floats.ts";
import type { SimdOperation } from "./simd-views.ts";

/**
 * Lane-wise arithmetic on floats (specification, 4.3.3). An f32 lane is rounded as it is stored; what only looks at a sign or picks one of
 * two lanes works on bits, which keeps those of a NaN.
 */
export const floatOperations: Readonly<Record<string, SimdOperation>> = {
  "f32x4.add": ({ f32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    f32[d] = f32[a] + f32[b];
    f32[d + 1] = f32[a + 1] + f32[b + 1];
    f32[d + 2] = f32[a + 2] + f32[b + 2];
    f32[d + 3] = f32[a + 3] + f32[b + 3];
  },
  "f32x4.sub": ({ f32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    f32[d] = f32[a] - f32[b];
    f32[d + 1] = f32[a + 1] - f32[b + 1];
    f32[d + 2] = f32[a + 2] - f32[b + 2];
    f32[d + 3] = f32[a + 3] - f32[b + 3];
  },
  "f32x4.mul": ({ f32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    f32[d] = f32[a] * f32[b];
    f32[d + 1] = f32[a + 1] * f32[b + 1];
    f32[d + 2] = f32[a + 2] * f32[b + 2];
    f32[d + 3] = f32[a + 3] * f32[b + 3];
  },
  "f32x4.div": ({ f32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    f32[d] = f32[a] / f32[b];
    f32[d + 1] = f32[a + 1] / f32[b + 1];
    f32[d + 2] = f32[a + 2] / f32[b + 2];
    f32[d + 3] = f32[a + 3] / f32[b + 3];
  },
  "f32x4.min": ({ f32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    f32[d] = minimum(f32[a], f32[b]);
    f32[d + 1] = minimum(f32[a + 1], f32[b + 1]);
    f32[d + 2] = minimum(f32[a + 2], f32[b + 2]);
    f32[d + 3] = minimum(f32[a + 3], f32[b + 3]);
  },
  "f32x4.max": ({ f32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    f32[d] = maximum(f32[a], f32[b]);
    f32[d + 1] = maximum(f32[a + 1], f32[b + 1]);
    f32[d + 2] = maximum(f32[a + 2], f32[b + 2]);
    f32[d + 3] = maximum(f32[a + 3], f32[b + 3]);
  },
  "f32x4.pmin": ({ i32, f32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    i32[d] = f32[b] < f32[a] ? i32[b] : i32[a];
    i32[d + 1] = f32[b + 1] < f32[a + 1] ? i32[b + 1] : i32[a + 1];
    i32[d + 2] = f32[b + 2] < f32[a + 2] ? i32[b + 2] : i32[a + 2];
    i32[d + 3] = f32[b + 3] < f32[a + 3] ? i32[b + 3] : i32[a + 3];
  },
  "f32x4.pmax": ({ i32, f32 }, d, a, b) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    i32[d] = f32[a] < f32[b] ? i32[b] : i32[a];
    i32[d + 1] = f32[a + 1] < f32[b + 1] ? i32[b + 1] : i32[a + 1];
    i32[d + 2] = f32[a + 2] < f32[b + 2] ? i32[b + 2] : i32[a + 2];
    i32[d + 3] = f32[a + 3] < f32[b + 3] ? i32[b + 3] : i32[a + 3];
  },
  "f32x4.abs": ({ i32 }, d, a) => {
    d <<= 1;
    a <<= 1;
    i32[d] = i32[a] & 0x7fffffff;
    i32[d + 1] = i32[a + 1] & 0x7fffffff;
    i32[d + 2] = i32[a + 2] & 0x7fffffff;
    i32[d + 3] = i32[a + 3] & 0x7fffffff;
  },
  "f32x4.neg": ({ i32 }, d, a) => {
    d <<= 1;
    a <<= 1;
    i32[d] = i32[a] ^ -0x80000000;
    i32[d + 1] = i32[a + 1] ^ -0x80000000;
    i32[d + 2] = i32[a + 2] ^ -0x80000000;
    i32[d + 3] = i32[a + 3] ^ -0x80000000;
  },
  "f32x4.sqrt": ({ f32 }, d, a) => {
    d <<= 1;
    a <<= 1;
    f32[d] = Math.sqrt(f32[a]);
    f32[d + 1] = Math.sqrt(f32[a + 1]);
    f32[d + 2] = Math.sqrt(f32[a + 2]);
    f32[d + 3] = Math.sqrt(f32[a + 3]);
  },
  "f32x4.ceil": ({ f32 }, d, a) => {
    d <<= 1;
    a <<= 1;
    f32[d] = Math.ceil(f32[a]);
    f32[d + 1] = Math.ceil(f32[a + 1]);
    f32[d + 2] = Math.ceil(f32[a + 2]);
    f32[d + 3] = Math.ceil(f32[a + 3]);
  },
  "f32x4.floor": ({ f32 }, d, a) => {
    d <<= 1;
    a <<= 1;
    f32[d] = Math.floor(f32[a]);
    f32[d + 1] = Math.floor(f32[a + 1]);
    f32[d + 2] = Math.floor(f32[a + 2]);
    f32[d + 3] = Math.floor(f32[a + 3]);
  },
  "f32x4.trunc": ({ f32 }, d, a) => {
    d <<= 1;
    a <<= 1;
    f32[d] = Math.trunc(f32[a]);
    f32[d + 1] = Math.trunc(f32[a + 1]);
    f32[d + 2] = Math.trunc(f32[a + 2]);
    f32[d + 3] = Math.trunc(f32[a + 3]);
  },
  "f32x4.nearest": ({ f32 }, d, a) => {
    d <<= 1;
    a <<= 1;
    f32[d] = nearest(f32[a]);
    f32[d + 1] = nearest(f32[a + 1]);
    f32[d + 2] = nearest(f32[a + 2]);
    f32[d + 3] = nearest(f32[a + 3]);
  },
  "f64x2.add": ({ f64 }, d, a, b) => {
    f64[d] = f64[a] + f64[b];
    f64[d + 1] = f64[a + 1] + f64[b + 1];
  },
  "f64x2.sub": ({ f64 }, d, a, b) => {
    f64[d] = f64[a] - f64[b];
    f64[d + 1] = f64[a + 1] - f64[b + 1];
  },
  "f64x2.mul": ({ f64 }, d, a, b) => {
    f64[d] = f64[a] * f64[b];
    f64[d + 1] = f64[a + 1] * f64[b + 1];
  },
  "f64x2.div": ({ f64 }, d, a, b) => {
    f64[d] = f64[a] / f64[b];
    f64[d + 1] = f64[a + 1] / f64[b + 1];
  },
  "f64x2.min": ({ f64 }, d, a, b) => {
    f64[d] = minimum(f64[a], f64[b]);
    f64[d + 1] = minimum(f64[a + 1], f64[b + 1]);
  },
  "f64x2.max": ({ f64 }, d, a, b) => {
    f64[d] = maximum(f64[a], f64[b]);
    f64[d + 1] = maximum(f64[a + 1], f64[b + 1]);
  },
  "f64x2.pmin": ({ i64, f64 }, d, a, b) => {
    i64[d] = f64[b] < f64[a] ? i64[b] : i64[a];
    i64[d + 1] = f64[b + 1] < f64[a + 1] ? i64[b + 1] : i64[a + 1];
  },
  "f64x2.pmax": ({ i64, f64 }, d, a, b) => {
    i64[d] = f64[a] < f64[b] ? i64[b] : i64[a];
    i64[d + 1] = f64[a + 1] < f64[b + 1] ? i64[b + 1] : i64[a + 1];
  },
  "f64x2.abs": ({ i64 }, d, a) => {
    i64[d] = i64[a] & 0x7fffffffffffffffn;
    i64[d + 1] = i64[a + 1] & 0x7fffffffffffffffn;
  },
  "f64x2.neg": ({ i64 }, d, a) => {
    i64[d] = i64[a] ^ -0x8000000000000000n;
    i64[d + 1] = i64[a + 1] ^ -0x8000000000000000n;
  },
  "f64x2.sqrt": ({ f64 }, d, a) => {
    f64[d] = Math.sqrt(f64[a]);
    f64[d + 1] = Math.sqrt(f64[a + 1]);
  },
  "f64x2.ceil": ({ f64 }, d, a) => {
    f64[d] = ceil64(f64[a]);
    f64[d + 1] = ceil64(f64[a + 1]);
  },
  "f64x2.floor": ({ f64 }, d, a) => {
    f64[d] = floor64(f64[a]);
    f64[d + 1] = floor64(f64[a + 1]);
  },
  "f64x2.trunc": ({ f64 }, d, a) => {
    f64[d] = truncate64(f64[a]);
    f64[d + 1] = truncate64(f64[a + 1]);
  },
  "f64x2.nearest": ({ f64 }, d, a) => {
    f64[d] = nearest(f64[a]);
    f64[d + 1] = nearest(f64[a + 1]);
  },
  // Rounded twice, as the deterministic profile has it.
  "f32x4.relaxed_madd": ({ f32 }, d, a, b, c) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    c <<= 1;
    f32[d] = Math.fround(f32[a] * f32[b]) + f32[c];
    f32[d + 1] = Math.fround(f32[a + 1] * f32[b + 1]) + f32[c + 1];
    f32[d + 2] = Math.fround(f32[a + 2] * f32[b + 2]) + f32[c + 2];
    f32[d + 3] = Math.fround(f32[a + 3] * f32[b + 3]) + f32[c + 3];
  },
  "f32x4.relaxed_nmadd": ({ f32 }, d, a, b, c) => {
    d <<= 1;
    a <<= 1;
    b <<= 1;
    c <<= 1;
    f32[d] = f32[c] - Math.fround(f32[a] * f32[b]);
    f32[d + 1] = f32[c + 1] - Math.fround(f32[a + 1] * f32[b + 1]);
    f32[d + 2] = f32[c + 2] - Math.fround(f32[a + 2] * f32[b + 2]);
    f32[d + 3] = f32[c + 3] - Math.fround(f32[a + 3] * f32[b + 3]);
  },
  "f64x2.relaxed_madd": ({ f64 }, d, a, b, c) => {
    f64[d] = f64[a] * f64[b] + f64[c];
    f64[d + 1] = f64[a + 1] * f64[b + 1] + f64[c + 1];
  },
  "f64x2.relaxed_nmadd": ({ f64 }, d, a, b, c) => {
    f64[d] = f64[c] - f64[a] * f64[b];
    f64[d + 1] = f64[c + 1] - f64[a + 1] * f64[b + 1];
  },
};
