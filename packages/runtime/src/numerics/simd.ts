import { comparisons } from "./simd-comparisons.ts";
import { conversions } from "./simd-conversions.ts";
import { floatOperations } from "./simd-floats.ts";
import { integerOperations, integerShifts } from "./simd-integers.ts";
import { bitOperations } from "./simd-lanes.ts";
import type { SimdOperation, SimdShift } from "./simd-views.ts";

/**
 * What the vector instructions compute (specification, 4.3.5), as functions over registers in typed arrays, by the instructions' names.
 *
 * Relaxed instructions do what the specification's deterministic profile says, on every platform: each is the instruction that it relaxes.
 * A multiply-add rounds twice, a lane select picks bit by bit, a conversion saturates, a swizzle gives 0 for an index from 16 on, a
 * minimum of zeroes of both signs is the negative one, and a dot product takes its second operand as signed.
 */
export const simdOperations: Readonly<Record<string, SimdOperation>> = {
  ...bitOperations,
  ...integerOperations,
  ...comparisons,
  ...floatOperations,
  ...conversions,
  "i8x16.relaxed_swizzle": bitOperations["i8x16.swizzle"],
  "i32x4.relaxed_trunc_f32x4_s": conversions["i32x4.trunc_sat_f32x4_s"],
  "i32x4.relaxed_trunc_f32x4_u": conversions["i32x4.trunc_sat_f32x4_u"],
  "i32x4.relaxed_trunc_f64x2_s_zero": conversions["i32x4.trunc_sat_f64x2_s_zero"],
  "i32x4.relaxed_trunc_f64x2_u_zero": conversions["i32x4.trunc_sat_f64x2_u_zero"],
  "i8x16.relaxed_laneselect": bitOperations["v128.bitselect"],
  "i16x8.relaxed_laneselect": bitOperations["v128.bitselect"],
  "i32x4.relaxed_laneselect": bitOperations["v128.bitselect"],
  "i64x2.relaxed_laneselect": bitOperations["v128.bitselect"],
  "f32x4.relaxed_min": floatOperations["f32x4.min"],
  "f32x4.relaxed_max": floatOperations["f32x4.max"],
  "f64x2.relaxed_min": floatOperations["f64x2.min"],
  "f64x2.relaxed_max": floatOperations["f64x2.max"],
  "i16x8.relaxed_q15mulr_s": integerOperations["i16x8.q15mulr_sat_s"],
};

export const simdShifts: Readonly<Record<string, SimdShift>> = integerShifts;

export {
  extracts as simdExtracts,
  replaces as simdReplaces,
  splats as simdSplats,
  tests as simdTests,
} from "./simd-lanes.ts";
export {
  laneLoads as simdLaneLoads,
  laneStores as simdLaneStores,
  loads as simdLoads,
  storeVector as simdStore,
} from "./simd-memory.ts";
export type {
  SimdExtract,
  SimdLaneAccess,
  SimdLoad,
  SimdOperation,
  SimdReplace,
  SimdShift,
  SimdSplat,
  SimdTest,
  SimdViews,
} from "./simd-views.ts";
export { makeSimdViews } from "./simd-views.ts";
