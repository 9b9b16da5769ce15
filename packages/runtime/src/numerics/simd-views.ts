/**
 * Vectors live in registers: sixteen bytes in two consecutive slots of eight. A register is named by the index of its first slot, which need not
 * be even, so a vector is aligned to eight bytes: enough for every view here.
 */
export interface SimdViews {
  readonly i8: Int8Array;
  readonly u8: Uint8Array;
  readonly i16: Int16Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly i64: BigInt64Array;
  readonly u64: BigUint64Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
}

/** The views over a buffer of registers. @param buffer its length must be a multiple of 8 */
export function makeSimdViews(buffer: ArrayBuffer): SimdViews {
  return {
    i8: new Int8Array(buffer),
    u8: new Uint8Array(buffer),
    i16: new Int16Array(buffer),
    u16: new Uint16Array(buffer),
    i32: new Int32Array(buffer),
    u32: new Uint32Array(buffer),
    i64: new BigInt64Array(buffer),
    u64: new BigUint64Array(buffer),
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
  };
}

/**
 * Computes the vector `d` from the vectors `a`, `b` and `c`, as many of them as the instruction takes. `d` may be one of them;
 * otherwise vectors do not overlap.
 */
export type SimdOperation = (v: SimdViews, d: number, a: number, b: number, c: number) => void;

/** Shifts the lanes of `a` by `count`. */
export type SimdShift = (v: SimdViews, d: number, a: number, count: number) => void;

/** Computes an i32 from a vector. */
export type SimdTest = (v: SimdViews, a: number) => number;

/** Fills a vector with an i32, or with the bits of an f32. The two instructions with 64-bit lanes move slots and need no function. */
export type SimdSplat = (v: SimdViews, d: number, value: number) => void;

/** A lane as an i32, or as the bits of an f32. A 64-bit lane is the slot `a + lane`. */
export type SimdExtract = (v: SimdViews, a: number, lane: number) => number;

/** Sets a lane that `d`, a copy of the instruction's operand, is to have: to an i32, or the bits of an f32. */
export type SimdReplace = (v: SimdViews, d: number, lane: number, value: number) => void;

/** Reads from a memory at an address that has been checked. */
export type SimdLoad = (v: SimdViews, d: number, memory: DataView, address: number) => void;

/** Reads one lane of `d` from a memory at a checked address, or writes it there. */
export type SimdLaneAccess = (v: SimdViews, d: number, memory: DataView, address: number, lane: number) => void;
