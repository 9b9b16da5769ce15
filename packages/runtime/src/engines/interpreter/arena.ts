import { makeSimdViews, type SimdViews } from "../../numerics/simd.ts";

/**
 * The memory of the machine, one for the process: code, registers and frames. V8 folds address and length of an array that never
 * changes into the loop's code, so all instances share these; a suspended call keeps a copy of its part of the registers.
 */
export interface Arena {
  /** Words of code of all prepared functions, and the same bytes as 64-bit constants. */
  readonly code: Int32Array;
  readonly codeI64: BigInt64Array;
  readonly codeF64: Float64Array;
  /** Registers of 32 bits, and those of 64; both are indexed by slot. */
  readonly i32: Int32Array;
  readonly f32: Float32Array;
  readonly i64: BigInt64Array;
  readonly f64: Float64Array;
  /** The 64-bit registers in halves, low first: slot `s` at `2 * s`. */
  readonly halves: Int32Array;
  /** The 64-bit registers as bytes. */
  readonly bytes: Uint8Array;
  /** The 64-bit registers as lanes of vectors, each of which takes two. */
  readonly lanes: SimdViews;
  /** Registers that hold references. As long as the highest slot that was used for one. */
  readonly refs: unknown[];
  /** Return addresses. A frame's base is found from the word before the return address, which says how far the call moved it. */
  readonly frames: Int32Array;
  /** Slots of the register file. */
  readonly registers: number;
  /** 2^k at k, as 64-bit integers. */
  readonly powers: BigInt64Array;
}

/** Words of code that fit. What a platform reserves for them it need not fill: pages are touched when they are used. */
export const CODE_WORDS: number = 1 << 23;
const REGISTERS = 1 << 19;
/** Words of code that the training program stands in, and an instruction's length more. */
export const TRAINING_WORDS: number = 1 << 13;
/** Frames on the stack at once: what bounds recursion where `callDepth` does not. */
export const FRAMES: number = 1 << 16;

export function createArena(): Arena {
  const code = new ArrayBuffer(CODE_WORDS * 4);
  const words = new ArrayBuffer(REGISTERS * 4);
  const longs = new ArrayBuffer(REGISTERS * 8);
  const powers = new BigInt64Array(64);
  for (let k = 0; k < 64; k++) powers[k] = BigInt.asIntN(64, 1n << BigInt(k));
  return {
    code: new Int32Array(code),
    codeI64: new BigInt64Array(code),
    codeF64: new Float64Array(code),
    i32: new Int32Array(words),
    f32: new Float32Array(words),
    i64: new BigInt64Array(longs),
    f64: new Float64Array(longs),
    halves: new Int32Array(longs),
    bytes: new Uint8Array(longs),
    lanes: makeSimdViews(longs),
    refs: [],
    // Beyond the bound there is room for the records that a call between instances or from the host adds.
    frames: new Int32Array(FRAMES + 1024),
    registers: REGISTERS,
    powers,
  };
}

/**
 * Whether 64-bit floats keep the bits of every NaN on their way from memory into a register. Where they do not, as on engines that
 * box doubles in NaNs, 64-bit values are moved as BigInts.
 */
export function floatsKeepBits(): boolean {
  // V8 makes a NaN quiet that optimised code reads by `getFloat64`, which cannot be tried out here, from some version after 13.6 on (in 14.6). Moving a
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
