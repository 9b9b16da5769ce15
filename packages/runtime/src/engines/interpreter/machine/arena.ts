import { makeSimdViews, type SimdViews } from "../../../numerics/simd.ts";

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
