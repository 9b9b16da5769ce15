import type { Feature } from "./features.ts";
import { OPCODE_SLOTS, opcodeSlot, prefixedSlot } from "./opcode-slots.ts";
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
  /** The opcode: one byte, or the prefix byte shifted left by twelve with the number that follows it: `0xfd054`; see `opcodes.ts`. */
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
 * The one table of instructions: `opcode name immediates : params -> results`, opcodes in hexadecimal.
 *
 * A name with alternatives in braces is a row for each: `i32.{shl,shr_s}` is `i32.shl`, then `i32.shr_s`. The opcode is that of the first, and each of the
 * others has the opcode after the one before. A row without an opcode continues the row above in the same way.
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
20 local.{get,set,tee} local
global.{get,set} global
28 i32.load memarg/4 : address -> i32
i64.load memarg/8 : address -> i64
f32.load memarg/4 : address -> f32
f64.load memarg/8 : address -> f64
i32.load8_{s,u} memarg/1 : address -> i32
i32.load16_{s,u} memarg/2 : address -> i32
30 i64.load8_{s,u} memarg/1 : address -> i64
i64.load16_{s,u} memarg/2 : address -> i64
i64.load32_{s,u} memarg/4 : address -> i64
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
i32.{eq,ne,lt_s,lt_u,gt_s,gt_u,le_s,le_u,ge_s,ge_u} : i32 i32 -> i32
50 i64.eqz : i64 -> i32
i64.{eq,ne,lt_s,lt_u,gt_s,gt_u,le_s,le_u,ge_s,ge_u} : i64 i64 -> i32
f32.{eq,ne,lt,gt,le,ge} : f32 f32 -> i32
61 f64.{eq,ne,lt,gt,le,ge} : f64 f64 -> i32
i32.{clz,ctz,popcnt} : i32 -> i32
i32.{add,sub,mul,div_s,div_u,rem_s,rem_u,and,or,xor,shl,shr_s,shr_u,rotl,rotr} : i32 i32 -> i32
79 i64.{clz,ctz,popcnt} : i64 -> i64
i64.{add,sub,mul,div_s,div_u,rem_s,rem_u,and,or,xor,shl,shr_s,shr_u,rotl,rotr} : i64 i64 -> i64
8b f32.{abs,neg,ceil,floor,trunc,nearest,sqrt} : f32 -> f32
f32.{add,sub,mul,div,min,max,copysign} : f32 f32 -> f32
f64.{abs,neg,ceil,floor,trunc,nearest,sqrt} : f64 -> f64
a0 f64.{add,sub,mul,div,min,max,copysign} : f64 f64 -> f64
i32.wrap_i64 : i64 -> i32
i32.trunc_f32_{s,u} : f32 -> i32
i32.trunc_f64_{s,u} : f64 -> i32
i64.extend_i32_{s,u} : i32 -> i64
i64.trunc_f32_{s,u} : f32 -> i64
b0 i64.trunc_f64_{s,u} : f64 -> i64
f32.convert_i32_{s,u} : i32 -> f32
f32.convert_i64_{s,u} : i64 -> f32
f32.demote_f64 : f64 -> f32
f64.convert_i32_{s,u} : i32 -> f64
f64.convert_i64_{s,u} : i64 -> f64
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
c0 i32.{extend8_s,extend16_s} : i32 -> i32
i64.{extend8_s,extend16_s,extend32_s} : i64 -> i64
`,
  ],
  [
    "nontrapping-float-to-int",
    `
fc000 i32.trunc_sat_f32_{s,u} : f32 -> i32
i32.trunc_sat_f64_{s,u} : f64 -> i32
i64.trunc_sat_f32_{s,u} : f32 -> i64
i64.trunc_sat_f64_{s,u} : f64 -> i64
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
25 table.{get,set} table
d0 ref.null heaptype
ref.is_null
ref.func func
fc00f table.{grow,size,fill} table
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
fb000 struct.{new,new_default} type
struct.{get,get_s,get_u,set} type field
array.{new,new_default} type
array.new_fixed type u32
array.new_data type data
array.new_elem type elem
array.{get,get_s,get_u,set} type
array.len : arrayref -> i32
fb010 array.fill type
array.copy type type
array.init_data type data
array.init_elem type elem
ref.{test,test,cast,cast} heaptype
br_on_cast castflags label heaptype heaptype
br_on_cast_fail castflags label heaptype heaptype
any.convert_extern
extern.convert_any
ref.i31 : i32 -> (ref i31)
i31.get_{s,u} : i31ref -> i32
`,
  ],
  [
    "simd",
    `
fd000 v128.load memarg/16 : address -> v128
v128.{load8x8_s,load8x8_u,load16x4_s,load16x4_u,load32x2_s,load32x2_u} memarg/8 : address -> v128
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
i8x16.extract_lane_{s,u} lane/16 : v128 -> i32
i8x16.replace_lane lane/16 : v128 i32 -> v128
i16x8.extract_lane_{s,u} lane/8 : v128 -> i32
i16x8.replace_lane lane/8 : v128 i32 -> v128
i32x4.extract_lane lane/4 : v128 -> i32
i32x4.replace_lane lane/4 : v128 i32 -> v128
i64x2.extract_lane lane/2 : v128 -> i64
i64x2.replace_lane lane/2 : v128 i64 -> v128
f32x4.extract_lane lane/4 : v128 -> f32
fd020 f32x4.replace_lane lane/4 : v128 f32 -> v128
f64x2.extract_lane lane/2 : v128 -> f64
f64x2.replace_lane lane/2 : v128 f64 -> v128
i8x16.{eq,ne,lt_s,lt_u,gt_s,gt_u,le_s,le_u,ge_s,ge_u} : v128 v128 -> v128
i16x8.{eq,ne,lt_s,lt_u,gt_s,gt_u,le_s,le_u,ge_s,ge_u} : v128 v128 -> v128
fd037 i32x4.{eq,ne,lt_s,lt_u,gt_s,gt_u,le_s,le_u,ge_s,ge_u} : v128 v128 -> v128
f32x4.{eq,ne,lt,gt,le,ge} : v128 v128 -> v128
fd047 f64x2.{eq,ne,lt,gt,le,ge} : v128 v128 -> v128
v128.not : v128 -> v128
v128.{and,andnot,or,xor} : v128 v128 -> v128
v128.bitselect : v128 v128 v128 -> v128
v128.any_true : v128 -> i32
v128.load8_lane memarg/1 lane/16 : address v128 -> v128
v128.load16_lane memarg/2 lane/8 : address v128 -> v128
v128.load32_lane memarg/4 lane/4 : address v128 -> v128
fd057 v128.load64_lane memarg/8 lane/2 : address v128 -> v128
v128.store8_lane memarg/1 lane/16 : address v128 ->
v128.store16_lane memarg/2 lane/8 : address v128 ->
v128.store32_lane memarg/4 lane/4 : address v128 ->
v128.store64_lane memarg/8 lane/2 : address v128 ->
v128.load32_zero memarg/4 : address -> v128
v128.load64_zero memarg/8 : address -> v128
f32x4.demote_f64x2_zero : v128 -> v128
f64x2.promote_low_f32x4 : v128 -> v128
fd060 i8x16.{abs,neg,popcnt} : v128 -> v128
i8x16.{all_true,bitmask} : v128 -> i32
i8x16.narrow_i16x8_{s,u} : v128 v128 -> v128
f32x4.{ceil,floor,trunc,nearest} : v128 -> v128
i8x16.{shl,shr_s,shr_u} : v128 i32 -> v128
i8x16.{add,add_sat_s,add_sat_u,sub,sub_sat_s,sub_sat_u} : v128 v128 -> v128
fd074 f64x2.{ceil,floor} : v128 -> v128
i8x16.{min_s,min_u,max_s,max_u} : v128 v128 -> v128
f64x2.trunc : v128 -> v128
i8x16.avgr_u : v128 v128 -> v128
i16x8.extadd_pairwise_i8x16_{s,u} : v128 -> v128
i32x4.extadd_pairwise_i16x8_{s,u} : v128 -> v128
fd080 i16x8.{abs,neg} : v128 -> v128
i16x8.q15mulr_sat_s : v128 v128 -> v128
i16x8.{all_true,bitmask} : v128 -> i32
i16x8.narrow_i32x4_{s,u} : v128 v128 -> v128
i16x8.{extend_low_i8x16_s,extend_high_i8x16_s,extend_low_i8x16_u,extend_high_i8x16_u} : v128 -> v128
i16x8.{shl,shr_s,shr_u} : v128 i32 -> v128
i16x8.{add,add_sat_s,add_sat_u,sub,sub_sat_s,sub_sat_u} : v128 v128 -> v128
fd094 f64x2.nearest : v128 -> v128
i16x8.{mul,min_s,min_u,max_s,max_u} : v128 v128 -> v128
fd09b i16x8.{avgr_u,extmul_low_i8x16_s,extmul_high_i8x16_s,extmul_low_i8x16_u} : v128 v128 -> v128
i16x8.extmul_high_i8x16_u : v128 v128 -> v128
fd0a0 i32x4.{abs,neg} : v128 -> v128
fd0a3 i32x4.{all_true,bitmask} : v128 -> i32
fd0a7 i32x4.{extend_low_i16x8_s,extend_high_i16x8_s,extend_low_i16x8_u,extend_high_i16x8_u} : v128 -> v128
i32x4.{shl,shr_s,shr_u} : v128 i32 -> v128
i32x4.add : v128 v128 -> v128
fd0b1 i32x4.sub : v128 v128 -> v128
fd0b5 i32x4.{mul,min_s,min_u,max_s,max_u,dot_i16x8_s} : v128 v128 -> v128
fd0bc i32x4.{extmul_low_i16x8_s,extmul_high_i16x8_s,extmul_low_i16x8_u} : v128 v128 -> v128
i32x4.extmul_high_i16x8_u : v128 v128 -> v128
fd0c0 i64x2.{abs,neg} : v128 -> v128
fd0c3 i64x2.{all_true,bitmask} : v128 -> i32
fd0c7 i64x2.{extend_low_i32x4_s,extend_high_i32x4_s,extend_low_i32x4_u,extend_high_i32x4_u} : v128 -> v128
i64x2.{shl,shr_s,shr_u} : v128 i32 -> v128
i64x2.add : v128 v128 -> v128
fd0d1 i64x2.sub : v128 v128 -> v128
fd0d5 i64x2.{mul,eq,ne,lt_s,gt_s,le_s,ge_s,extmul_low_i32x4_s,extmul_high_i32x4_s} : v128 v128 -> v128
i64x2.{extmul_low_i32x4_u,extmul_high_i32x4_u} : v128 v128 -> v128
fd0e0 f32x4.{abs,neg} : v128 -> v128
fd0e3 f32x4.sqrt : v128 -> v128
f32x4.{add,sub,mul,div,min,max,pmin,pmax} : v128 v128 -> v128
f64x2.{abs,neg} : v128 -> v128
fd0ef f64x2.sqrt : v128 -> v128
fd0f0 f64x2.{add,sub,mul,div,min,max,pmin,pmax} : v128 v128 -> v128
i32x4.trunc_sat_f32x4_{s,u} : v128 -> v128
f32x4.convert_i32x4_{s,u} : v128 -> v128
i32x4.{trunc_sat_f64x2_s_zero,trunc_sat_f64x2_u_zero} : v128 -> v128
f64x2.convert_low_i32x4_{s,u} : v128 -> v128
`,
  ],
  [
    "relaxed-simd",
    `
fd100 i8x16.relaxed_swizzle : v128 v128 -> v128
i32x4.{relaxed_trunc_f32x4_s,relaxed_trunc_f32x4_u,relaxed_trunc_f64x2_s_zero} : v128 -> v128
i32x4.relaxed_trunc_f64x2_u_zero : v128 -> v128
f32x4.{relaxed_madd,relaxed_nmadd} : v128 v128 v128 -> v128
f64x2.{relaxed_madd,relaxed_nmadd} : v128 v128 v128 -> v128
i8x16.relaxed_laneselect : v128 v128 v128 -> v128
i16x8.relaxed_laneselect : v128 v128 v128 -> v128
i32x4.relaxed_laneselect : v128 v128 v128 -> v128
i64x2.relaxed_laneselect : v128 v128 v128 -> v128
f32x4.{relaxed_min,relaxed_max} : v128 v128 -> v128
f64x2.{relaxed_min,relaxed_max} : v128 v128 -> v128
fd111 i16x8.{relaxed_q15mulr_s,relaxed_dot_i8x16_i7x16_s} : v128 v128 -> v128
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
fc013 i64.{add128,sub128} : i64 i64 i64 i64 -> i64 i64
i64.mul_wide_{s,u} : i64 i64 -> i64 i64
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

/** The names that a name with alternatives in braces stands for. */
function expand(name: string): string[] {
  const [braces, list] = /\{(.*?)\}/.exec(name) ?? [];
  return list === undefined ? [name] : list.split(",").flatMap((part) => expand(name.replace(braces as string, part)));
}

/** @param next the opcode of a row that says none */
function parseRow(row: string, feature: Feature | undefined, next: number): Instruction[] {
  const [head, signature] = row.split(" :");
  const words = head.split(" ");
  const first = /^[0-9a-f]+$/.test(words[0]) ? Number.parseInt(words.shift()!, 16) : next;
  const [names, ...rest] = words;
  let width = 0;
  let lanes = 0;
  const immediates = rest.map((text) => {
    const [kind, bound] = text.split("/");
    if (kind === "memarg") width = Number(bound);
    else if (bound !== undefined) lanes = Number(bound);
    return kind as ImmediateKind;
  });
  const [params, results] = signature === undefined ? [] : signature.split("->").map(parseTypes);
  return expand(names).map((name, i) => ({
    opcode: first + i,
    name,
    immediates,
    params,
    results,
    feature,
    width,
    lanes,
  }));
}

/** All instructions, in the order of the table. */
export const instructions: readonly Instruction[] = table.flatMap(([feature, rows]) => {
  let next = 0;
  return rows
    .trim()
    .split("\n")
    .flatMap((row) => {
      const parsed = parseRow(row, feature, next);
      next = parsed[parsed.length - 1].opcode + 1;
      return parsed;
    });
});

/** Instructions by slot (`opcode-slots.ts`); undefined where there is none. */
export const instructionAt: readonly (Instruction | undefined)[] = (() => {
  const list: (Instruction | undefined)[] = new Array(OPCODE_SLOTS).fill(undefined);
  for (const instruction of instructions) list[opcodeSlot(instruction.opcode)] = instruction;
  return list;
})();

/** The instruction with this opcode, or undefined. `prefix` is 0 with `code` a byte, or a prefix with `code` the number that follows. */
export function lookupInstruction(prefix: number, code: number): Instruction | undefined {
  return instructionAt[prefix === 0 ? code : prefixedSlot(prefix, code)];
}

/** The instruction with this opcode in the form of {@link Instruction.opcode}; it must exist. */
export function instructionOf(opcode: number): Instruction {
  return instructionAt[opcodeSlot(opcode)]!;
}

/** Instructions by text name; for a name with two opcodes the first. */
export const instructionsByName: ReadonlyMap<string, Instruction> = (() => {
  const map = new Map<string, Instruction>();
  for (const instruction of instructions) if (!map.has(instruction.name)) map.set(instruction.name, instruction);
  return map;
})();
