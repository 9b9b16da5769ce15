import type { Feature } from "./features.ts";
import {
  ANYREF,
  ARRAYREF,
  EQREF,
  EXTERNREF,
  F32,
  F64,
  HEAP_I31,
  I31REF,
  I32,
  I64,
  referenceType,
  V128,
  type ValueType,
} from "./types.ts";

/**
 * What follows an opcode in the bytes, in their order (specification, 5.4):
 *
 * - `blocktype`; `label`, a depth; `labels`, a vector of depths and a default; `catches`, the clauses of `try_table`
 * - `func` `type` `table` `memory` `global` `local` `tag` `data` `elem` `field`: an index
 * - `u32`: a count; `i32` `i64` `f32` `f64` `v128`: a constant
 * - `memarg`: alignment, memory and offset; `lane`: a lane index; `lanes`: sixteen of them; `fence`: one zero byte
 * - `heaptype`; `valtypes`: a vector of value types; `castflags`: which of the two heap types of a cast may be null
 */
export type ImmediateKind =
  | "blocktype"
  | "label"
  | "labels"
  | "catches"
  | "func"
  | "type"
  | "table"
  | "memory"
  | "global"
  | "local"
  | "tag"
  | "data"
  | "elem"
  | "field"
  | "u32"
  | "i32"
  | "i64"
  | "f32"
  | "f64"
  | "v128"
  | "memarg"
  | "lane"
  | "lanes"
  | "fence"
  | "heaptype"
  | "valtypes"
  | "castflags";

/** In a signature: the address type of the memory that the instruction's `memarg` or `memory` immediate names. */
export const ADDRESS: ValueType = 1;

export interface Instruction {
  /** The opcode: one byte, or the prefix byte shifted left by twelve with the number that follows it: `0xfd054`. */
  readonly opcode: number;
  /** The name in the text format. `select`, `ref.test` and `ref.cast` each name two opcodes. */
  readonly name: string;
  readonly immediates: readonly ImmediateKind[];
  /** What it pops and pushes, or undefined where that depends on immediates or on the stack: the validator says it then. */
  readonly params: readonly ValueType[] | undefined;
  readonly results: readonly ValueType[] | undefined;
  /** The proposal that brought it; undefined for WebAssembly 1.0. */
  readonly feature: Feature | undefined;
  /** Bytes that a memory instruction accesses, its natural alignment; 0 for others. */
  readonly width: number;
  /** Bound of a lane immediate; 0 for others. */
  readonly lanes: number;
}

/**
 * The one table of instructions: `opcode name immediates : params -> results`, opcodes in hexadecimal. A row without one has the next behind that of the row
 * above; every sixteenth says its own.
 * `memarg/4` accesses four bytes, `lane/16` is a lane index below sixteen. A row without a signature is typed by the validator.
 */
const table: readonly (readonly [Feature | undefined, string])[] = [
  [
    undefined,
    `
0 unreachable
nop : ->
block blocktype
loop blocktype
if blocktype
else
b end
br label
br_if label
br_table labels
return
10 call func
call_indirect type table
1a drop
select
20 local.get local
local.set local
local.tee local
global.get global
global.set global
28 i32.load memarg/4 : address -> i32
i64.load memarg/8 : address -> i64
f32.load memarg/4 : address -> f32
f64.load memarg/8 : address -> f64
i32.load8_s memarg/1 : address -> i32
i32.load8_u memarg/1 : address -> i32
i32.load16_s memarg/2 : address -> i32
i32.load16_u memarg/2 : address -> i32
30 i64.load8_s memarg/1 : address -> i64
i64.load8_u memarg/1 : address -> i64
i64.load16_s memarg/2 : address -> i64
i64.load16_u memarg/2 : address -> i64
i64.load32_s memarg/4 : address -> i64
i64.load32_u memarg/4 : address -> i64
i32.store memarg/4 : address i32 ->
i64.store memarg/8 : address i64 ->
f32.store memarg/4 : address f32 ->
f64.store memarg/8 : address f64 ->
i32.store8 memarg/1 : address i32 ->
i32.store16 memarg/2 : address i32 ->
i64.store8 memarg/1 : address i64 ->
i64.store16 memarg/2 : address i64 ->
i64.store32 memarg/4 : address i64 ->
memory.size memory : -> address
40 memory.grow memory : address -> address
i32.const i32 : -> i32
i64.const i64 : -> i64
f32.const f32 : -> f32
f64.const f64 : -> f64
i32.eqz : i32 -> i32
i32.eq : i32 i32 -> i32
i32.ne : i32 i32 -> i32
i32.lt_s : i32 i32 -> i32
i32.lt_u : i32 i32 -> i32
i32.gt_s : i32 i32 -> i32
i32.gt_u : i32 i32 -> i32
i32.le_s : i32 i32 -> i32
i32.le_u : i32 i32 -> i32
i32.ge_s : i32 i32 -> i32
i32.ge_u : i32 i32 -> i32
50 i64.eqz : i64 -> i32
i64.eq : i64 i64 -> i32
i64.ne : i64 i64 -> i32
i64.lt_s : i64 i64 -> i32
i64.lt_u : i64 i64 -> i32
i64.gt_s : i64 i64 -> i32
i64.gt_u : i64 i64 -> i32
i64.le_s : i64 i64 -> i32
i64.le_u : i64 i64 -> i32
i64.ge_s : i64 i64 -> i32
i64.ge_u : i64 i64 -> i32
f32.eq : f32 f32 -> i32
f32.ne : f32 f32 -> i32
f32.lt : f32 f32 -> i32
f32.gt : f32 f32 -> i32
f32.le : f32 f32 -> i32
60 f32.ge : f32 f32 -> i32
f64.eq : f64 f64 -> i32
f64.ne : f64 f64 -> i32
f64.lt : f64 f64 -> i32
f64.gt : f64 f64 -> i32
f64.le : f64 f64 -> i32
f64.ge : f64 f64 -> i32
i32.clz : i32 -> i32
i32.ctz : i32 -> i32
i32.popcnt : i32 -> i32
i32.add : i32 i32 -> i32
i32.sub : i32 i32 -> i32
i32.mul : i32 i32 -> i32
i32.div_s : i32 i32 -> i32
i32.div_u : i32 i32 -> i32
i32.rem_s : i32 i32 -> i32
70 i32.rem_u : i32 i32 -> i32
i32.and : i32 i32 -> i32
i32.or : i32 i32 -> i32
i32.xor : i32 i32 -> i32
i32.shl : i32 i32 -> i32
i32.shr_s : i32 i32 -> i32
i32.shr_u : i32 i32 -> i32
i32.rotl : i32 i32 -> i32
i32.rotr : i32 i32 -> i32
i64.clz : i64 -> i64
i64.ctz : i64 -> i64
i64.popcnt : i64 -> i64
i64.add : i64 i64 -> i64
i64.sub : i64 i64 -> i64
i64.mul : i64 i64 -> i64
i64.div_s : i64 i64 -> i64
80 i64.div_u : i64 i64 -> i64
i64.rem_s : i64 i64 -> i64
i64.rem_u : i64 i64 -> i64
i64.and : i64 i64 -> i64
i64.or : i64 i64 -> i64
i64.xor : i64 i64 -> i64
i64.shl : i64 i64 -> i64
i64.shr_s : i64 i64 -> i64
i64.shr_u : i64 i64 -> i64
i64.rotl : i64 i64 -> i64
i64.rotr : i64 i64 -> i64
f32.abs : f32 -> f32
f32.neg : f32 -> f32
f32.ceil : f32 -> f32
f32.floor : f32 -> f32
f32.trunc : f32 -> f32
90 f32.nearest : f32 -> f32
f32.sqrt : f32 -> f32
f32.add : f32 f32 -> f32
f32.sub : f32 f32 -> f32
f32.mul : f32 f32 -> f32
f32.div : f32 f32 -> f32
f32.min : f32 f32 -> f32
f32.max : f32 f32 -> f32
f32.copysign : f32 f32 -> f32
f64.abs : f64 -> f64
f64.neg : f64 -> f64
f64.ceil : f64 -> f64
f64.floor : f64 -> f64
f64.trunc : f64 -> f64
f64.nearest : f64 -> f64
f64.sqrt : f64 -> f64
a0 f64.add : f64 f64 -> f64
f64.sub : f64 f64 -> f64
f64.mul : f64 f64 -> f64
f64.div : f64 f64 -> f64
f64.min : f64 f64 -> f64
f64.max : f64 f64 -> f64
f64.copysign : f64 f64 -> f64
i32.wrap_i64 : i64 -> i32
i32.trunc_f32_s : f32 -> i32
i32.trunc_f32_u : f32 -> i32
i32.trunc_f64_s : f64 -> i32
i32.trunc_f64_u : f64 -> i32
i64.extend_i32_s : i32 -> i64
i64.extend_i32_u : i32 -> i64
i64.trunc_f32_s : f32 -> i64
i64.trunc_f32_u : f32 -> i64
b0 i64.trunc_f64_s : f64 -> i64
i64.trunc_f64_u : f64 -> i64
f32.convert_i32_s : i32 -> f32
f32.convert_i32_u : i32 -> f32
f32.convert_i64_s : i64 -> f32
f32.convert_i64_u : i64 -> f32
f32.demote_f64 : f64 -> f32
f64.convert_i32_s : i32 -> f64
f64.convert_i32_u : i32 -> f64
f64.convert_i64_s : i64 -> f64
f64.convert_i64_u : i64 -> f64
f64.promote_f32 : f32 -> f64
i32.reinterpret_f32 : f32 -> i32
i64.reinterpret_f64 : f64 -> i64
f32.reinterpret_i32 : i32 -> f32
f64.reinterpret_i64 : i64 -> f64
`,
  ],
  [
    "sign-extension",
    `
c0 i32.extend8_s : i32 -> i32
i32.extend16_s : i32 -> i32
i64.extend8_s : i64 -> i64
i64.extend16_s : i64 -> i64
i64.extend32_s : i64 -> i64
`,
  ],
  [
    "nontrapping-float-to-int",
    `
fc000 i32.trunc_sat_f32_s : f32 -> i32
i32.trunc_sat_f32_u : f32 -> i32
i32.trunc_sat_f64_s : f64 -> i32
i32.trunc_sat_f64_u : f64 -> i32
i64.trunc_sat_f32_s : f32 -> i64
i64.trunc_sat_f32_u : f32 -> i64
i64.trunc_sat_f64_s : f64 -> i64
i64.trunc_sat_f64_u : f64 -> i64
`,
  ],
  [
    "bulk-memory",
    `
fc008 memory.init data memory
data.drop data : ->
memory.copy memory memory
memory.fill memory
table.init elem table
elem.drop elem : ->
table.copy table table
`,
  ],
  [
    "reference-types",
    `
1c select valtypes
25 table.get table
table.set table
d0 ref.null heaptype
ref.is_null
ref.func func
fc00f table.grow table
fc010 table.size table
table.fill table
`,
  ],
  [
    "tail-call",
    `
12 return_call func
return_call_indirect type table
`,
  ],
  [
    "function-references",
    `
14 call_ref type
return_call_ref type
d4 ref.as_non_null
br_on_null label
br_on_non_null label
`,
  ],
  [
    "exceptions",
    `
8 throw tag
a throw_ref
1f try_table blocktype catches
`,
  ],
  [
    "legacy-exceptions",
    `
6 try blocktype
catch tag
9 rethrow label
18 delegate label
catch_all
`,
  ],
  [
    "gc",
    `
d3 ref.eq : eqref eqref -> i32
fb000 struct.new type
struct.new_default type
struct.get type field
struct.get_s type field
struct.get_u type field
struct.set type field
array.new type
array.new_default type
array.new_fixed type u32
array.new_data type data
array.new_elem type elem
array.get type
array.get_s type
array.get_u type
array.set type
array.len : arrayref -> i32
fb010 array.fill type
array.copy type type
array.init_data type data
array.init_elem type elem
ref.test heaptype
ref.test heaptype
ref.cast heaptype
ref.cast heaptype
br_on_cast castflags label heaptype heaptype
br_on_cast_fail castflags label heaptype heaptype
any.convert_extern
extern.convert_any
ref.i31 : i32 -> (ref i31)
i31.get_s : i31ref -> i32
i31.get_u : i31ref -> i32
`,
  ],
  [
    "simd",
    `
fd000 v128.load memarg/16 : address -> v128
v128.load8x8_s memarg/8 : address -> v128
v128.load8x8_u memarg/8 : address -> v128
v128.load16x4_s memarg/8 : address -> v128
v128.load16x4_u memarg/8 : address -> v128
v128.load32x2_s memarg/8 : address -> v128
v128.load32x2_u memarg/8 : address -> v128
v128.load8_splat memarg/1 : address -> v128
v128.load16_splat memarg/2 : address -> v128
v128.load32_splat memarg/4 : address -> v128
v128.load64_splat memarg/8 : address -> v128
v128.store memarg/16 : address v128 ->
v128.const v128 : -> v128
i8x16.shuffle lanes/32 : v128 v128 -> v128
i8x16.swizzle : v128 v128 -> v128
i8x16.splat : i32 -> v128
fd010 i16x8.splat : i32 -> v128
i32x4.splat : i32 -> v128
i64x2.splat : i64 -> v128
f32x4.splat : f32 -> v128
f64x2.splat : f64 -> v128
i8x16.extract_lane_s lane/16 : v128 -> i32
i8x16.extract_lane_u lane/16 : v128 -> i32
i8x16.replace_lane lane/16 : v128 i32 -> v128
i16x8.extract_lane_s lane/8 : v128 -> i32
i16x8.extract_lane_u lane/8 : v128 -> i32
i16x8.replace_lane lane/8 : v128 i32 -> v128
i32x4.extract_lane lane/4 : v128 -> i32
i32x4.replace_lane lane/4 : v128 i32 -> v128
i64x2.extract_lane lane/2 : v128 -> i64
i64x2.replace_lane lane/2 : v128 i64 -> v128
f32x4.extract_lane lane/4 : v128 -> f32
fd020 f32x4.replace_lane lane/4 : v128 f32 -> v128
f64x2.extract_lane lane/2 : v128 -> f64
f64x2.replace_lane lane/2 : v128 f64 -> v128
i8x16.eq : v128 v128 -> v128
i8x16.ne : v128 v128 -> v128
i8x16.lt_s : v128 v128 -> v128
i8x16.lt_u : v128 v128 -> v128
i8x16.gt_s : v128 v128 -> v128
i8x16.gt_u : v128 v128 -> v128
i8x16.le_s : v128 v128 -> v128
i8x16.le_u : v128 v128 -> v128
i8x16.ge_s : v128 v128 -> v128
i8x16.ge_u : v128 v128 -> v128
i16x8.eq : v128 v128 -> v128
i16x8.ne : v128 v128 -> v128
i16x8.lt_s : v128 v128 -> v128
fd030 i16x8.lt_u : v128 v128 -> v128
i16x8.gt_s : v128 v128 -> v128
i16x8.gt_u : v128 v128 -> v128
i16x8.le_s : v128 v128 -> v128
i16x8.le_u : v128 v128 -> v128
i16x8.ge_s : v128 v128 -> v128
i16x8.ge_u : v128 v128 -> v128
i32x4.eq : v128 v128 -> v128
i32x4.ne : v128 v128 -> v128
i32x4.lt_s : v128 v128 -> v128
i32x4.lt_u : v128 v128 -> v128
i32x4.gt_s : v128 v128 -> v128
i32x4.gt_u : v128 v128 -> v128
i32x4.le_s : v128 v128 -> v128
i32x4.le_u : v128 v128 -> v128
i32x4.ge_s : v128 v128 -> v128
fd040 i32x4.ge_u : v128 v128 -> v128
f32x4.eq : v128 v128 -> v128
f32x4.ne : v128 v128 -> v128
f32x4.lt : v128 v128 -> v128
f32x4.gt : v128 v128 -> v128
f32x4.le : v128 v128 -> v128
f32x4.ge : v128 v128 -> v128
f64x2.eq : v128 v128 -> v128
f64x2.ne : v128 v128 -> v128
f64x2.lt : v128 v128 -> v128
f64x2.gt : v128 v128 -> v128
f64x2.le : v128 v128 -> v128
f64x2.ge : v128 v128 -> v128
v128.not : v128 -> v128
v128.and : v128 v128 -> v128
v128.andnot : v128 v128 -> v128
fd050 v128.or : v128 v128 -> v128
v128.xor : v128 v128 -> v128
v128.bitselect : v128 v128 v128 -> v128
v128.any_true : v128 -> i32
v128.load8_lane memarg/1 lane/16 : address v128 -> v128
v128.load16_lane memarg/2 lane/8 : address v128 -> v128
v128.load32_lane memarg/4 lane/4 : address v128 -> v128
v128.load64_lane memarg/8 lane/2 : address v128 -> v128
v128.store8_lane memarg/1 lane/16 : address v128 ->
v128.store16_lane memarg/2 lane/8 : address v128 ->
v128.store32_lane memarg/4 lane/4 : address v128 ->
v128.store64_lane memarg/8 lane/2 : address v128 ->
v128.load32_zero memarg/4 : address -> v128
v128.load64_zero memarg/8 : address -> v128
f32x4.demote_f64x2_zero : v128 -> v128
f64x2.promote_low_f32x4 : v128 -> v128
fd060 i8x16.abs : v128 -> v128
i8x16.neg : v128 -> v128
i8x16.popcnt : v128 -> v128
i8x16.all_true : v128 -> i32
i8x16.bitmask : v128 -> i32
i8x16.narrow_i16x8_s : v128 v128 -> v128
i8x16.narrow_i16x8_u : v128 v128 -> v128
f32x4.ceil : v128 -> v128
f32x4.floor : v128 -> v128
f32x4.trunc : v128 -> v128
f32x4.nearest : v128 -> v128
i8x16.shl : v128 i32 -> v128
i8x16.shr_s : v128 i32 -> v128
i8x16.shr_u : v128 i32 -> v128
i8x16.add : v128 v128 -> v128
i8x16.add_sat_s : v128 v128 -> v128
fd070 i8x16.add_sat_u : v128 v128 -> v128
i8x16.sub : v128 v128 -> v128
i8x16.sub_sat_s : v128 v128 -> v128
i8x16.sub_sat_u : v128 v128 -> v128
f64x2.ceil : v128 -> v128
f64x2.floor : v128 -> v128
i8x16.min_s : v128 v128 -> v128
i8x16.min_u : v128 v128 -> v128
i8x16.max_s : v128 v128 -> v128
i8x16.max_u : v128 v128 -> v128
f64x2.trunc : v128 -> v128
i8x16.avgr_u : v128 v128 -> v128
i16x8.extadd_pairwise_i8x16_s : v128 -> v128
i16x8.extadd_pairwise_i8x16_u : v128 -> v128
i32x4.extadd_pairwise_i16x8_s : v128 -> v128
i32x4.extadd_pairwise_i16x8_u : v128 -> v128
fd080 i16x8.abs : v128 -> v128
i16x8.neg : v128 -> v128
i16x8.q15mulr_sat_s : v128 v128 -> v128
i16x8.all_true : v128 -> i32
i16x8.bitmask : v128 -> i32
i16x8.narrow_i32x4_s : v128 v128 -> v128
i16x8.narrow_i32x4_u : v128 v128 -> v128
i16x8.extend_low_i8x16_s : v128 -> v128
i16x8.extend_high_i8x16_s : v128 -> v128
i16x8.extend_low_i8x16_u : v128 -> v128
i16x8.extend_high_i8x16_u : v128 -> v128
i16x8.shl : v128 i32 -> v128
i16x8.shr_s : v128 i32 -> v128
i16x8.shr_u : v128 i32 -> v128
i16x8.add : v128 v128 -> v128
i16x8.add_sat_s : v128 v128 -> v128
fd090 i16x8.add_sat_u : v128 v128 -> v128
i16x8.sub : v128 v128 -> v128
i16x8.sub_sat_s : v128 v128 -> v128
i16x8.sub_sat_u : v128 v128 -> v128
f64x2.nearest : v128 -> v128
i16x8.mul : v128 v128 -> v128
i16x8.min_s : v128 v128 -> v128
i16x8.min_u : v128 v128 -> v128
i16x8.max_s : v128 v128 -> v128
i16x8.max_u : v128 v128 -> v128
fd09b i16x8.avgr_u : v128 v128 -> v128
i16x8.extmul_low_i8x16_s : v128 v128 -> v128
i16x8.extmul_high_i8x16_s : v128 v128 -> v128
i16x8.extmul_low_i8x16_u : v128 v128 -> v128
i16x8.extmul_high_i8x16_u : v128 v128 -> v128
fd0a0 i32x4.abs : v128 -> v128
i32x4.neg : v128 -> v128
fd0a3 i32x4.all_true : v128 -> i32
i32x4.bitmask : v128 -> i32
fd0a7 i32x4.extend_low_i16x8_s : v128 -> v128
i32x4.extend_high_i16x8_s : v128 -> v128
i32x4.extend_low_i16x8_u : v128 -> v128
i32x4.extend_high_i16x8_u : v128 -> v128
i32x4.shl : v128 i32 -> v128
i32x4.shr_s : v128 i32 -> v128
i32x4.shr_u : v128 i32 -> v128
i32x4.add : v128 v128 -> v128
fd0b1 i32x4.sub : v128 v128 -> v128
fd0b5 i32x4.mul : v128 v128 -> v128
i32x4.min_s : v128 v128 -> v128
i32x4.min_u : v128 v128 -> v128
i32x4.max_s : v128 v128 -> v128
i32x4.max_u : v128 v128 -> v128
i32x4.dot_i16x8_s : v128 v128 -> v128
fd0bc i32x4.extmul_low_i16x8_s : v128 v128 -> v128
i32x4.extmul_high_i16x8_s : v128 v128 -> v128
i32x4.extmul_low_i16x8_u : v128 v128 -> v128
i32x4.extmul_high_i16x8_u : v128 v128 -> v128
fd0c0 i64x2.abs : v128 -> v128
i64x2.neg : v128 -> v128
fd0c3 i64x2.all_true : v128 -> i32
i64x2.bitmask : v128 -> i32
fd0c7 i64x2.extend_low_i32x4_s : v128 -> v128
i64x2.extend_high_i32x4_s : v128 -> v128
i64x2.extend_low_i32x4_u : v128 -> v128
i64x2.extend_high_i32x4_u : v128 -> v128
i64x2.shl : v128 i32 -> v128
i64x2.shr_s : v128 i32 -> v128
i64x2.shr_u : v128 i32 -> v128
i64x2.add : v128 v128 -> v128
fd0d1 i64x2.sub : v128 v128 -> v128
fd0d5 i64x2.mul : v128 v128 -> v128
i64x2.eq : v128 v128 -> v128
i64x2.ne : v128 v128 -> v128
i64x2.lt_s : v128 v128 -> v128
i64x2.gt_s : v128 v128 -> v128
i64x2.le_s : v128 v128 -> v128
i64x2.ge_s : v128 v128 -> v128
i64x2.extmul_low_i32x4_s : v128 v128 -> v128
i64x2.extmul_high_i32x4_s : v128 v128 -> v128
i64x2.extmul_low_i32x4_u : v128 v128 -> v128
i64x2.extmul_high_i32x4_u : v128 v128 -> v128
fd0e0 f32x4.abs : v128 -> v128
f32x4.neg : v128 -> v128
fd0e3 f32x4.sqrt : v128 -> v128
f32x4.add : v128 v128 -> v128
f32x4.sub : v128 v128 -> v128
f32x4.mul : v128 v128 -> v128
f32x4.div : v128 v128 -> v128
f32x4.min : v128 v128 -> v128
f32x4.max : v128 v128 -> v128
f32x4.pmin : v128 v128 -> v128
f32x4.pmax : v128 v128 -> v128
f64x2.abs : v128 -> v128
f64x2.neg : v128 -> v128
fd0ef f64x2.sqrt : v128 -> v128
fd0f0 f64x2.add : v128 v128 -> v128
f64x2.sub : v128 v128 -> v128
f64x2.mul : v128 v128 -> v128
f64x2.div : v128 v128 -> v128
f64x2.min : v128 v128 -> v128
f64x2.max : v128 v128 -> v128
f64x2.pmin : v128 v128 -> v128
f64x2.pmax : v128 v128 -> v128
i32x4.trunc_sat_f32x4_s : v128 -> v128
i32x4.trunc_sat_f32x4_u : v128 -> v128
f32x4.convert_i32x4_s : v128 -> v128
f32x4.convert_i32x4_u : v128 -> v128
i32x4.trunc_sat_f64x2_s_zero : v128 -> v128
i32x4.trunc_sat_f64x2_u_zero : v128 -> v128
f64x2.convert_low_i32x4_s : v128 -> v128
f64x2.convert_low_i32x4_u : v128 -> v128
`,
  ],
  [
    "relaxed-simd",
    `
fd100 i8x16.relaxed_swizzle : v128 v128 -> v128
i32x4.relaxed_trunc_f32x4_s : v128 -> v128
i32x4.relaxed_trunc_f32x4_u : v128 -> v128
i32x4.relaxed_trunc_f64x2_s_zero : v128 -> v128
i32x4.relaxed_trunc_f64x2_u_zero : v128 -> v128
f32x4.relaxed_madd : v128 v128 v128 -> v128
f32x4.relaxed_nmadd : v128 v128 v128 -> v128
f64x2.relaxed_madd : v128 v128 v128 -> v128
f64x2.relaxed_nmadd : v128 v128 v128 -> v128
i8x16.relaxed_laneselect : v128 v128 v128 -> v128
i16x8.relaxed_laneselect : v128 v128 v128 -> v128
i32x4.relaxed_laneselect : v128 v128 v128 -> v128
i64x2.relaxed_laneselect : v128 v128 v128 -> v128
f32x4.relaxed_min : v128 v128 -> v128
f32x4.relaxed_max : v128 v128 -> v128
f64x2.relaxed_min : v128 v128 -> v128
fd110 f64x2.relaxed_max : v128 v128 -> v128
i16x8.relaxed_q15mulr_s : v128 v128 -> v128
i16x8.relaxed_dot_i8x16_i7x16_s : v128 v128 -> v128
i32x4.relaxed_dot_i8x16_i7x16_add_s : v128 v128 v128 -> v128
`,
  ],
  [
    "threads",
    `
fe000 memory.atomic.notify memarg/4 : address i32 -> i32
memory.atomic.wait32 memarg/4 : address i32 i64 -> i32
memory.atomic.wait64 memarg/8 : address i64 i64 -> i32
atomic.fence fence : ->
fe010 i32.atomic.load memarg/4 : address -> i32
i64.atomic.load memarg/8 : address -> i64
i32.atomic.load8_u memarg/1 : address -> i32
i32.atomic.load16_u memarg/2 : address -> i32
i64.atomic.load8_u memarg/1 : address -> i64
i64.atomic.load16_u memarg/2 : address -> i64
i64.atomic.load32_u memarg/4 : address -> i64
i32.atomic.store memarg/4 : address i32 ->
i64.atomic.store memarg/8 : address i64 ->
i32.atomic.store8 memarg/1 : address i32 ->
i32.atomic.store16 memarg/2 : address i32 ->
i64.atomic.store8 memarg/1 : address i64 ->
i64.atomic.store16 memarg/2 : address i64 ->
i64.atomic.store32 memarg/4 : address i64 ->
i32.atomic.rmw.add memarg/4 : address i32 -> i32
i64.atomic.rmw.add memarg/8 : address i64 -> i64
fe020 i32.atomic.rmw8.add_u memarg/1 : address i32 -> i32
i32.atomic.rmw16.add_u memarg/2 : address i32 -> i32
i64.atomic.rmw8.add_u memarg/1 : address i64 -> i64
i64.atomic.rmw16.add_u memarg/2 : address i64 -> i64
i64.atomic.rmw32.add_u memarg/4 : address i64 -> i64
i32.atomic.rmw.sub memarg/4 : address i32 -> i32
i64.atomic.rmw.sub memarg/8 : address i64 -> i64
i32.atomic.rmw8.sub_u memarg/1 : address i32 -> i32
i32.atomic.rmw16.sub_u memarg/2 : address i32 -> i32
i64.atomic.rmw8.sub_u memarg/1 : address i64 -> i64
i64.atomic.rmw16.sub_u memarg/2 : address i64 -> i64
i64.atomic.rmw32.sub_u memarg/4 : address i64 -> i64
i32.atomic.rmw.and memarg/4 : address i32 -> i32
i64.atomic.rmw.and memarg/8 : address i64 -> i64
i32.atomic.rmw8.and_u memarg/1 : address i32 -> i32
i32.atomic.rmw16.and_u memarg/2 : address i32 -> i32
fe030 i64.atomic.rmw8.and_u memarg/1 : address i64 -> i64
i64.atomic.rmw16.and_u memarg/2 : address i64 -> i64
i64.atomic.rmw32.and_u memarg/4 : address i64 -> i64
i32.atomic.rmw.or memarg/4 : address i32 -> i32
i64.atomic.rmw.or memarg/8 : address i64 -> i64
i32.atomic.rmw8.or_u memarg/1 : address i32 -> i32
i32.atomic.rmw16.or_u memarg/2 : address i32 -> i32
i64.atomic.rmw8.or_u memarg/1 : address i64 -> i64
i64.atomic.rmw16.or_u memarg/2 : address i64 -> i64
i64.atomic.rmw32.or_u memarg/4 : address i64 -> i64
i32.atomic.rmw.xor memarg/4 : address i32 -> i32
i64.atomic.rmw.xor memarg/8 : address i64 -> i64
i32.atomic.rmw8.xor_u memarg/1 : address i32 -> i32
i32.atomic.rmw16.xor_u memarg/2 : address i32 -> i32
i64.atomic.rmw8.xor_u memarg/1 : address i64 -> i64
i64.atomic.rmw16.xor_u memarg/2 : address i64 -> i64
fe040 i64.atomic.rmw32.xor_u memarg/4 : address i64 -> i64
i32.atomic.rmw.xchg memarg/4 : address i32 -> i32
i64.atomic.rmw.xchg memarg/8 : address i64 -> i64
i32.atomic.rmw8.xchg_u memarg/1 : address i32 -> i32
i32.atomic.rmw16.xchg_u memarg/2 : address i32 -> i32
i64.atomic.rmw8.xchg_u memarg/1 : address i64 -> i64
i64.atomic.rmw16.xchg_u memarg/2 : address i64 -> i64
i64.atomic.rmw32.xchg_u memarg/4 : address i64 -> i64
i32.atomic.rmw.cmpxchg memarg/4 : address i32 i32 -> i32
i64.atomic.rmw.cmpxchg memarg/8 : address i64 i64 -> i64
i32.atomic.rmw8.cmpxchg_u memarg/1 : address i32 i32 -> i32
i32.atomic.rmw16.cmpxchg_u memarg/2 : address i32 i32 -> i32
i64.atomic.rmw8.cmpxchg_u memarg/1 : address i64 i64 -> i64
i64.atomic.rmw16.cmpxchg_u memarg/2 : address i64 i64 -> i64
i64.atomic.rmw32.cmpxchg_u memarg/4 : address i64 i64 -> i64
`,
  ],
  [
    "wide-arithmetic",
    `
fc013 i64.add128 : i64 i64 i64 i64 -> i64 i64
i64.sub128 : i64 i64 i64 i64 -> i64 i64
i64.mul_wide_s : i64 i64 -> i64 i64
i64.mul_wide_u : i64 i64 -> i64 i64
`,
  ],
];

const signatureTypes: Readonly<Record<string, ValueType>> = {
  i32: I32,
  i64: I64,
  f32: F32,
  f64: F64,
  v128: V128,
  address: ADDRESS,
  eqref: EQREF,
  i31ref: I31REF,
  arrayref: ARRAYREF,
  anyref: ANYREF,
  externref: EXTERNREF,
  "(ref i31)": referenceType(false, HEAP_I31),
};

function parseTypes(text: string): ValueType[] {
  return (text.match(/\([^)]*\)|\S+/g) ?? []).map((word) => signatureTypes[word]);
}

/** @param next the opcode of a row that says none */
function parseRow(row: string, feature: Feature | undefined, next: number): Instruction {
  const [head, signature] = row.split(" :");
  const words = head.split(" ");
  const opcode = /^[0-9a-f]+$/.test(words[0]) ? Number.parseInt(words.shift()!, 16) : next;
  const [name, ...immediates] = words;
  let width = 0;
  let lanes = 0;
  const kinds = immediates.map((text) => {
    const [kind, bound] = text.split("/");
    if (kind === "memarg") width = Number(bound);
    else if (bound !== undefined) lanes = Number(bound);
    return kind as ImmediateKind;
  });
  const [params, results] = signature === undefined ? [undefined, undefined] : signature.split("->").map(parseTypes);
  return { opcode, name, immediates: kinds, params, results, feature, width, lanes };
}

/** All instructions, in the order of the table. */
export const instructions: readonly Instruction[] = table.flatMap(([feature, rows]) => {
  let next = 0;
  return rows
    .trim()
    .split("\n")
    .map((row) => {
      const instruction = parseRow(row, feature, next);
      next = instruction.opcode + 1;
      return instruction;
    });
});

/** One list per opcode space, indexed by what follows the prefix: [one byte, 0xfb, 0xfc, 0xfd, 0xfe]. */
const byCode: (Instruction | undefined)[][] = [
  new Array(0x100).fill(undefined),
  new Array(0x20).fill(undefined),
  new Array(0x20).fill(undefined),
  new Array(0x120).fill(undefined),
  new Array(0x50).fill(undefined),
];
for (const instruction of instructions) {
  const prefix = instruction.opcode >>> 12;
  byCode[prefix === 0 ? 0 : prefix - 0xfa][instruction.opcode & 0xfff] = instruction;
}

/** Instructions whose opcode is one byte, by that byte; undefined where there is none, and at the prefixes 0xfb to 0xfe. */
export const singleByteInstructions: readonly (Instruction | undefined)[] = byCode[0];

/** The instruction with this opcode, or undefined. `prefix` is 0, or 0xfb to 0xfe with `code` the number that follows. */
export function lookupInstruction(prefix: number, code: number): Instruction | undefined {
  const list = prefix === 0 ? byCode[0] : byCode[prefix - 0xfa];
  return list?.[code];
}

/** The instruction with this opcode in the form of {@link Instruction.opcode}; it must exist. */
export function instructionOf(opcode: number): Instruction {
  return lookupInstruction(opcode >>> 12, opcode & 0xfff)!;
}

/** Instructions by text name; for a name with two opcodes the first. */
export const instructionsByName: ReadonlyMap<string, Instruction> = (() => {
  const map = new Map<string, Instruction>();
  for (const instruction of instructions) if (!map.has(instruction.name)) map.set(instruction.name, instruction);
  return map;
})();
