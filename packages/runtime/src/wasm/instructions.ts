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
 * The one table of instructions: `opcode name immediates : params -> results`, opcodes in hexadecimal.
 * `memarg/4` accesses four bytes, `lane/16` is a lane index below sixteen. A row without a signature is typed by the validator.
 */
const table: readonly (readonly [Feature | undefined, string])[] = [
  [
    undefined,
    `
0 unreachable
1 nop : ->
2 block blocktype
3 loop blocktype
4 if blocktype
5 else
b end
c br label
d br_if label
e br_table labels
f return
10 call func
11 call_indirect type table
1a drop
1b select
20 local.get local
21 local.set local
22 local.tee local
23 global.get global
24 global.set global
28 i32.load memarg/4 : address -> i32
29 i64.load memarg/8 : address -> i64
2a f32.load memarg/4 : address -> f32
2b f64.load memarg/8 : address -> f64
2c i32.load8_s memarg/1 : address -> i32
2d i32.load8_u memarg/1 : address -> i32
2e i32.load16_s memarg/2 : address -> i32
2f i32.load16_u memarg/2 : address -> i32
30 i64.load8_s memarg/1 : address -> i64
31 i64.load8_u memarg/1 : address -> i64
32 i64.load16_s memarg/2 : address -> i64
33 i64.load16_u memarg/2 : address -> i64
34 i64.load32_s memarg/4 : address -> i64
35 i64.load32_u memarg/4 : address -> i64
36 i32.store memarg/4 : address i32 ->
37 i64.store memarg/8 : address i64 ->
38 f32.store memarg/4 : address f32 ->
39 f64.store memarg/8 : address f64 ->
3a i32.store8 memarg/1 : address i32 ->
3b i32.store16 memarg/2 : address i32 ->
3c i64.store8 memarg/1 : address i64 ->
3d i64.store16 memarg/2 : address i64 ->
3e i64.store32 memarg/4 : address i64 ->
3f memory.size memory : -> address
40 memory.grow memory : address -> address
41 i32.const i32 : -> i32
42 i64.const i64 : -> i64
43 f32.const f32 : -> f32
44 f64.const f64 : -> f64
45 i32.eqz : i32 -> i32
46 i32.eq : i32 i32 -> i32
47 i32.ne : i32 i32 -> i32
48 i32.lt_s : i32 i32 -> i32
49 i32.lt_u : i32 i32 -> i32
4a i32.gt_s : i32 i32 -> i32
4b i32.gt_u : i32 i32 -> i32
4c i32.le_s : i32 i32 -> i32
4d i32.le_u : i32 i32 -> i32
4e i32.ge_s : i32 i32 -> i32
4f i32.ge_u : i32 i32 -> i32
50 i64.eqz : i64 -> i32
51 i64.eq : i64 i64 -> i32
52 i64.ne : i64 i64 -> i32
53 i64.lt_s : i64 i64 -> i32
54 i64.lt_u : i64 i64 -> i32
55 i64.gt_s : i64 i64 -> i32
56 i64.gt_u : i64 i64 -> i32
57 i64.le_s : i64 i64 -> i32
58 i64.le_u : i64 i64 -> i32
59 i64.ge_s : i64 i64 -> i32
5a i64.ge_u : i64 i64 -> i32
5b f32.eq : f32 f32 -> i32
5c f32.ne : f32 f32 -> i32
5d f32.lt : f32 f32 -> i32
5e f32.gt : f32 f32 -> i32
5f f32.le : f32 f32 -> i32
60 f32.ge : f32 f32 -> i32
61 f64.eq : f64 f64 -> i32
62 f64.ne : f64 f64 -> i32
63 f64.lt : f64 f64 -> i32
64 f64.gt : f64 f64 -> i32
65 f64.le : f64 f64 -> i32
66 f64.ge : f64 f64 -> i32
67 i32.clz : i32 -> i32
68 i32.ctz : i32 -> i32
69 i32.popcnt : i32 -> i32
6a i32.add : i32 i32 -> i32
6b i32.sub : i32 i32 -> i32
6c i32.mul : i32 i32 -> i32
6d i32.div_s : i32 i32 -> i32
6e i32.div_u : i32 i32 -> i32
6f i32.rem_s : i32 i32 -> i32
70 i32.rem_u : i32 i32 -> i32
71 i32.and : i32 i32 -> i32
72 i32.or : i32 i32 -> i32
73 i32.xor : i32 i32 -> i32
74 i32.shl : i32 i32 -> i32
75 i32.shr_s : i32 i32 -> i32
76 i32.shr_u : i32 i32 -> i32
77 i32.rotl : i32 i32 -> i32
78 i32.rotr : i32 i32 -> i32
79 i64.clz : i64 -> i64
7a i64.ctz : i64 -> i64
7b i64.popcnt : i64 -> i64
7c i64.add : i64 i64 -> i64
7d i64.sub : i64 i64 -> i64
7e i64.mul : i64 i64 -> i64
7f i64.div_s : i64 i64 -> i64
80 i64.div_u : i64 i64 -> i64
81 i64.rem_s : i64 i64 -> i64
82 i64.rem_u : i64 i64 -> i64
83 i64.and : i64 i64 -> i64
84 i64.or : i64 i64 -> i64
85 i64.xor : i64 i64 -> i64
86 i64.shl : i64 i64 -> i64
87 i64.shr_s : i64 i64 -> i64
88 i64.shr_u : i64 i64 -> i64
89 i64.rotl : i64 i64 -> i64
8a i64.rotr : i64 i64 -> i64
8b f32.abs : f32 -> f32
8c f32.neg : f32 -> f32
8d f32.ceil : f32 -> f32
8e f32.floor : f32 -> f32
8f f32.trunc : f32 -> f32
90 f32.nearest : f32 -> f32
91 f32.sqrt : f32 -> f32
92 f32.add : f32 f32 -> f32
93 f32.sub : f32 f32 -> f32
94 f32.mul : f32 f32 -> f32
95 f32.div : f32 f32 -> f32
96 f32.min : f32 f32 -> f32
97 f32.max : f32 f32 -> f32
98 f32.copysign : f32 f32 -> f32
99 f64.abs : f64 -> f64
9a f64.neg : f64 -> f64
9b f64.ceil : f64 -> f64
9c f64.floor : f64 -> f64
9d f64.trunc : f64 -> f64
9e f64.nearest : f64 -> f64
9f f64.sqrt : f64 -> f64
a0 f64.add : f64 f64 -> f64
a1 f64.sub : f64 f64 -> f64
a2 f64.mul : f64 f64 -> f64
a3 f64.div : f64 f64 -> f64
a4 f64.min : f64 f64 -> f64
a5 f64.max : f64 f64 -> f64
a6 f64.copysign : f64 f64 -> f64
a7 i32.wrap_i64 : i64 -> i32
a8 i32.trunc_f32_s : f32 -> i32
a9 i32.trunc_f32_u : f32 -> i32
aa i32.trunc_f64_s : f64 -> i32
ab i32.trunc_f64_u : f64 -> i32
ac i64.extend_i32_s : i32 -> i64
ad i64.extend_i32_u : i32 -> i64
ae i64.trunc_f32_s : f32 -> i64
af i64.trunc_f32_u : f32 -> i64
b0 i64.trunc_f64_s : f64 -> i64
b1 i64.trunc_f64_u : f64 -> i64
b2 f32.convert_i32_s : i32 -> f32
b3 f32.convert_i32_u : i32 -> f32
b4 f32.convert_i64_s : i64 -> f32
b5 f32.convert_i64_u : i64 -> f32
b6 f32.demote_f64 : f64 -> f32
b7 f64.convert_i32_s : i32 -> f64
b8 f64.convert_i32_u : i32 -> f64
b9 f64.convert_i64_s : i64 -> f64
ba f64.convert_i64_u : i64 -> f64
bb f64.promote_f32 : f32 -> f64
bc i32.reinterpret_f32 : f32 -> i32
bd i64.reinterpret_f64 : f64 -> i64
be f32.reinterpret_i32 : i32 -> f32
bf f64.reinterpret_i64 : i64 -> f64
`,
  ],
  [
    "sign-extension",
    `
c0 i32.extend8_s : i32 -> i32
c1 i32.extend16_s : i32 -> i32
c2 i64.extend8_s : i64 -> i64
c3 i64.extend16_s : i64 -> i64
c4 i64.extend32_s : i64 -> i64
`,
  ],
  [
    "nontrapping-float-to-int",
    `
fc000 i32.trunc_sat_f32_s : f32 -> i32
fc001 i32.trunc_sat_f32_u : f32 -> i32
fc002 i32.trunc_sat_f64_s : f64 -> i32
fc003 i32.trunc_sat_f64_u : f64 -> i32
fc004 i64.trunc_sat_f32_s : f32 -> i64
fc005 i64.trunc_sat_f32_u : f32 -> i64
fc006 i64.trunc_sat_f64_s : f64 -> i64
fc007 i64.trunc_sat_f64_u : f64 -> i64
`,
  ],
  [
    "bulk-memory",
    `
fc008 memory.init data memory
fc009 data.drop data : ->
fc00a memory.copy memory memory
fc00b memory.fill memory
fc00c table.init elem table
fc00d elem.drop elem : ->
fc00e table.copy table table
`,
  ],
  [
    "reference-types",
    `
1c select valtypes
25 table.get table
26 table.set table
d0 ref.null heaptype
d1 ref.is_null
d2 ref.func func
fc00f table.grow table
fc010 table.size table
fc011 table.fill table
`,
  ],
  [
    "tail-call",
    `
12 return_call func
13 return_call_indirect type table
`,
  ],
  [
    "function-references",
    `
14 call_ref type
15 return_call_ref type
d4 ref.as_non_null
d5 br_on_null label
d6 br_on_non_null label
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
7 catch tag
9 rethrow label
18 delegate label
19 catch_all
`,
  ],
  [
    "gc",
    `
d3 ref.eq : eqref eqref -> i32
fb000 struct.new type
fb001 struct.new_default type
fb002 struct.get type field
fb003 struct.get_s type field
fb004 struct.get_u type field
fb005 struct.set type field
fb006 array.new type
fb007 array.new_default type
fb008 array.new_fixed type u32
fb009 array.new_data type data
fb00a array.new_elem type elem
fb00b array.get type
fb00c array.get_s type
fb00d array.get_u type
fb00e array.set type
fb00f array.len : arrayref -> i32
fb010 array.fill type
fb011 array.copy type type
fb012 array.init_data type data
fb013 array.init_elem type elem
fb014 ref.test heaptype
fb015 ref.test heaptype
fb016 ref.cast heaptype
fb017 ref.cast heaptype
fb018 br_on_cast castflags label heaptype heaptype
fb019 br_on_cast_fail castflags label heaptype heaptype
fb01a any.convert_extern
fb01b extern.convert_any
fb01c ref.i31 : i32 -> (ref i31)
fb01d i31.get_s : i31ref -> i32
fb01e i31.get_u : i31ref -> i32
`,
  ],
  [
    "simd",
    `
fd000 v128.load memarg/16 : address -> v128
fd001 v128.load8x8_s memarg/8 : address -> v128
fd002 v128.load8x8_u memarg/8 : address -> v128
fd003 v128.load16x4_s memarg/8 : address -> v128
fd004 v128.load16x4_u memarg/8 : address -> v128
fd005 v128.load32x2_s memarg/8 : address -> v128
fd006 v128.load32x2_u memarg/8 : address -> v128
fd007 v128.load8_splat memarg/1 : address -> v128
fd008 v128.load16_splat memarg/2 : address -> v128
fd009 v128.load32_splat memarg/4 : address -> v128
fd00a v128.load64_splat memarg/8 : address -> v128
fd00b v128.store memarg/16 : address v128 ->
fd00c v128.const v128 : -> v128
fd00d i8x16.shuffle lanes/32 : v128 v128 -> v128
fd00e i8x16.swizzle : v128 v128 -> v128
fd00f i8x16.splat : i32 -> v128
fd010 i16x8.splat : i32 -> v128
fd011 i32x4.splat : i32 -> v128
fd012 i64x2.splat : i64 -> v128
fd013 f32x4.splat : f32 -> v128
fd014 f64x2.splat : f64 -> v128
fd015 i8x16.extract_lane_s lane/16 : v128 -> i32
fd016 i8x16.extract_lane_u lane/16 : v128 -> i32
fd017 i8x16.replace_lane lane/16 : v128 i32 -> v128
fd018 i16x8.extract_lane_s lane/8 : v128 -> i32
fd019 i16x8.extract_lane_u lane/8 : v128 -> i32
fd01a i16x8.replace_lane lane/8 : v128 i32 -> v128
fd01b i32x4.extract_lane lane/4 : v128 -> i32
fd01c i32x4.replace_lane lane/4 : v128 i32 -> v128
fd01d i64x2.extract_lane lane/2 : v128 -> i64
fd01e i64x2.replace_lane lane/2 : v128 i64 -> v128
fd01f f32x4.extract_lane lane/4 : v128 -> f32
fd020 f32x4.replace_lane lane/4 : v128 f32 -> v128
fd021 f64x2.extract_lane lane/2 : v128 -> f64
fd022 f64x2.replace_lane lane/2 : v128 f64 -> v128
fd023 i8x16.eq : v128 v128 -> v128
fd024 i8x16.ne : v128 v128 -> v128
fd025 i8x16.lt_s : v128 v128 -> v128
fd026 i8x16.lt_u : v128 v128 -> v128
fd027 i8x16.gt_s : v128 v128 -> v128
fd028 i8x16.gt_u : v128 v128 -> v128
fd029 i8x16.le_s : v128 v128 -> v128
fd02a i8x16.le_u : v128 v128 -> v128
fd02b i8x16.ge_s : v128 v128 -> v128
fd02c i8x16.ge_u : v128 v128 -> v128
fd02d i16x8.eq : v128 v128 -> v128
fd02e i16x8.ne : v128 v128 -> v128
fd02f i16x8.lt_s : v128 v128 -> v128
fd030 i16x8.lt_u : v128 v128 -> v128
fd031 i16x8.gt_s : v128 v128 -> v128
fd032 i16x8.gt_u : v128 v128 -> v128
fd033 i16x8.le_s : v128 v128 -> v128
fd034 i16x8.le_u : v128 v128 -> v128
fd035 i16x8.ge_s : v128 v128 -> v128
fd036 i16x8.ge_u : v128 v128 -> v128
fd037 i32x4.eq : v128 v128 -> v128
fd038 i32x4.ne : v128 v128 -> v128
fd039 i32x4.lt_s : v128 v128 -> v128
fd03a i32x4.lt_u : v128 v128 -> v128
fd03b i32x4.gt_s : v128 v128 -> v128
fd03c i32x4.gt_u : v128 v128 -> v128
fd03d i32x4.le_s : v128 v128 -> v128
fd03e i32x4.le_u : v128 v128 -> v128
fd03f i32x4.ge_s : v128 v128 -> v128
fd040 i32x4.ge_u : v128 v128 -> v128
fd041 f32x4.eq : v128 v128 -> v128
fd042 f32x4.ne : v128 v128 -> v128
fd043 f32x4.lt : v128 v128 -> v128
fd044 f32x4.gt : v128 v128 -> v128
fd045 f32x4.le : v128 v128 -> v128
fd046 f32x4.ge : v128 v128 -> v128
fd047 f64x2.eq : v128 v128 -> v128
fd048 f64x2.ne : v128 v128 -> v128
fd049 f64x2.lt : v128 v128 -> v128
fd04a f64x2.gt : v128 v128 -> v128
fd04b f64x2.le : v128 v128 -> v128
fd04c f64x2.ge : v128 v128 -> v128
fd04d v128.not : v128 -> v128
fd04e v128.and : v128 v128 -> v128
fd04f v128.andnot : v128 v128 -> v128
fd050 v128.or : v128 v128 -> v128
fd051 v128.xor : v128 v128 -> v128
fd052 v128.bitselect : v128 v128 v128 -> v128
fd053 v128.any_true : v128 -> i32
fd054 v128.load8_lane memarg/1 lane/16 : address v128 -> v128
fd055 v128.load16_lane memarg/2 lane/8 : address v128 -> v128
fd056 v128.load32_lane memarg/4 lane/4 : address v128 -> v128
fd057 v128.load64_lane memarg/8 lane/2 : address v128 -> v128
fd058 v128.store8_lane memarg/1 lane/16 : address v128 ->
fd059 v128.store16_lane memarg/2 lane/8 : address v128 ->
fd05a v128.store32_lane memarg/4 lane/4 : address v128 ->
fd05b v128.store64_lane memarg/8 lane/2 : address v128 ->
fd05c v128.load32_zero memarg/4 : address -> v128
fd05d v128.load64_zero memarg/8 : address -> v128
fd05e f32x4.demote_f64x2_zero : v128 -> v128
fd05f f64x2.promote_low_f32x4 : v128 -> v128
fd060 i8x16.abs : v128 -> v128
fd061 i8x16.neg : v128 -> v128
fd062 i8x16.popcnt : v128 -> v128
fd063 i8x16.all_true : v128 -> i32
fd064 i8x16.bitmask : v128 -> i32
fd065 i8x16.narrow_i16x8_s : v128 v128 -> v128
fd066 i8x16.narrow_i16x8_u : v128 v128 -> v128
fd067 f32x4.ceil : v128 -> v128
fd068 f32x4.floor : v128 -> v128
fd069 f32x4.trunc : v128 -> v128
fd06a f32x4.nearest : v128 -> v128
fd06b i8x16.shl : v128 i32 -> v128
fd06c i8x16.shr_s : v128 i32 -> v128
fd06d i8x16.shr_u : v128 i32 -> v128
fd06e i8x16.add : v128 v128 -> v128
fd06f i8x16.add_sat_s : v128 v128 -> v128
fd070 i8x16.add_sat_u : v128 v128 -> v128
fd071 i8x16.sub : v128 v128 -> v128
fd072 i8x16.sub_sat_s : v128 v128 -> v128
fd073 i8x16.sub_sat_u : v128 v128 -> v128
fd074 f64x2.ceil : v128 -> v128
fd075 f64x2.floor : v128 -> v128
fd076 i8x16.min_s : v128 v128 -> v128
fd077 i8x16.min_u : v128 v128 -> v128
fd078 i8x16.max_s : v128 v128 -> v128
fd079 i8x16.max_u : v128 v128 -> v128
fd07a f64x2.trunc : v128 -> v128
fd07b i8x16.avgr_u : v128 v128 -> v128
fd07c i16x8.extadd_pairwise_i8x16_s : v128 -> v128
fd07d i16x8.extadd_pairwise_i8x16_u : v128 -> v128
fd07e i32x4.extadd_pairwise_i16x8_s : v128 -> v128
fd07f i32x4.extadd_pairwise_i16x8_u : v128 -> v128
fd080 i16x8.abs : v128 -> v128
fd081 i16x8.neg : v128 -> v128
fd082 i16x8.q15mulr_sat_s : v128 v128 -> v128
fd083 i16x8.all_true : v128 -> i32
fd084 i16x8.bitmask : v128 -> i32
fd085 i16x8.narrow_i32x4_s : v128 v128 -> v128
fd086 i16x8.narrow_i32x4_u : v128 v128 -> v128
fd087 i16x8.extend_low_i8x16_s : v128 -> v128
fd088 i16x8.extend_high_i8x16_s : v128 -> v128
fd089 i16x8.extend_low_i8x16_u : v128 -> v128
fd08a i16x8.extend_high_i8x16_u : v128 -> v128
fd08b i16x8.shl : v128 i32 -> v128
fd08c i16x8.shr_s : v128 i32 -> v128
fd08d i16x8.shr_u : v128 i32 -> v128
fd08e i16x8.add : v128 v128 -> v128
fd08f i16x8.add_sat_s : v128 v128 -> v128
fd090 i16x8.add_sat_u : v128 v128 -> v128
fd091 i16x8.sub : v128 v128 -> v128
fd092 i16x8.sub_sat_s : v128 v128 -> v128
fd093 i16x8.sub_sat_u : v128 v128 -> v128
fd094 f64x2.nearest : v128 -> v128
fd095 i16x8.mul : v128 v128 -> v128
fd096 i16x8.min_s : v128 v128 -> v128
fd097 i16x8.min_u : v128 v128 -> v128
fd098 i16x8.max_s : v128 v128 -> v128
fd099 i16x8.max_u : v128 v128 -> v128
fd09b i16x8.avgr_u : v128 v128 -> v128
fd09c i16x8.extmul_low_i8x16_s : v128 v128 -> v128
fd09d i16x8.extmul_high_i8x16_s : v128 v128 -> v128
fd09e i16x8.extmul_low_i8x16_u : v128 v128 -> v128
fd09f i16x8.extmul_high_i8x16_u : v128 v128 -> v128
fd0a0 i32x4.abs : v128 -> v128
fd0a1 i32x4.neg : v128 -> v128
fd0a3 i32x4.all_true : v128 -> i32
fd0a4 i32x4.bitmask : v128 -> i32
fd0a7 i32x4.extend_low_i16x8_s : v128 -> v128
fd0a8 i32x4.extend_high_i16x8_s : v128 -> v128
fd0a9 i32x4.extend_low_i16x8_u : v128 -> v128
fd0aa i32x4.extend_high_i16x8_u : v128 -> v128
fd0ab i32x4.shl : v128 i32 -> v128
fd0ac i32x4.shr_s : v128 i32 -> v128
fd0ad i32x4.shr_u : v128 i32 -> v128
fd0ae i32x4.add : v128 v128 -> v128
fd0b1 i32x4.sub : v128 v128 -> v128
fd0b5 i32x4.mul : v128 v128 -> v128
fd0b6 i32x4.min_s : v128 v128 -> v128
fd0b7 i32x4.min_u : v128 v128 -> v128
fd0b8 i32x4.max_s : v128 v128 -> v128
fd0b9 i32x4.max_u : v128 v128 -> v128
fd0ba i32x4.dot_i16x8_s : v128 v128 -> v128
fd0bc i32x4.extmul_low_i16x8_s : v128 v128 -> v128
fd0bd i32x4.extmul_high_i16x8_s : v128 v128 -> v128
fd0be i32x4.extmul_low_i16x8_u : v128 v128 -> v128
fd0bf i32x4.extmul_high_i16x8_u : v128 v128 -> v128
fd0c0 i64x2.abs : v128 -> v128
fd0c1 i64x2.neg : v128 -> v128
fd0c3 i64x2.all_true : v128 -> i32
fd0c4 i64x2.bitmask : v128 -> i32
fd0c7 i64x2.extend_low_i32x4_s : v128 -> v128
fd0c8 i64x2.extend_high_i32x4_s : v128 -> v128
fd0c9 i64x2.extend_low_i32x4_u : v128 -> v128
fd0ca i64x2.extend_high_i32x4_u : v128 -> v128
fd0cb i64x2.shl : v128 i32 -> v128
fd0cc i64x2.shr_s : v128 i32 -> v128
fd0cd i64x2.shr_u : v128 i32 -> v128
fd0ce i64x2.add : v128 v128 -> v128
fd0d1 i64x2.sub : v128 v128 -> v128
fd0d5 i64x2.mul : v128 v128 -> v128
fd0d6 i64x2.eq : v128 v128 -> v128
fd0d7 i64x2.ne : v128 v128 -> v128
fd0d8 i64x2.lt_s : v128 v128 -> v128
fd0d9 i64x2.gt_s : v128 v128 -> v128
fd0da i64x2.le_s : v128 v128 -> v128
fd0db i64x2.ge_s : v128 v128 -> v128
fd0dc i64x2.extmul_low_i32x4_s : v128 v128 -> v128
fd0dd i64x2.extmul_high_i32x4_s : v128 v128 -> v128
fd0de i64x2.extmul_low_i32x4_u : v128 v128 -> v128
fd0df i64x2.extmul_high_i32x4_u : v128 v128 -> v128
fd0e0 f32x4.abs : v128 -> v128
fd0e1 f32x4.neg : v128 -> v128
fd0e3 f32x4.sqrt : v128 -> v128
fd0e4 f32x4.add : v128 v128 -> v128
fd0e5 f32x4.sub : v128 v128 -> v128
fd0e6 f32x4.mul : v128 v128 -> v128
fd0e7 f32x4.div : v128 v128 -> v128
fd0e8 f32x4.min : v128 v128 -> v128
fd0e9 f32x4.max : v128 v128 -> v128
fd0ea f32x4.pmin : v128 v128 -> v128
fd0eb f32x4.pmax : v128 v128 -> v128
fd0ec f64x2.abs : v128 -> v128
fd0ed f64x2.neg : v128 -> v128
fd0ef f64x2.sqrt : v128 -> v128
fd0f0 f64x2.add : v128 v128 -> v128
fd0f1 f64x2.sub : v128 v128 -> v128
fd0f2 f64x2.mul : v128 v128 -> v128
fd0f3 f64x2.div : v128 v128 -> v128
fd0f4 f64x2.min : v128 v128 -> v128
fd0f5 f64x2.max : v128 v128 -> v128
fd0f6 f64x2.pmin : v128 v128 -> v128
fd0f7 f64x2.pmax : v128 v128 -> v128
fd0f8 i32x4.trunc_sat_f32x4_s : v128 -> v128
fd0f9 i32x4.trunc_sat_f32x4_u : v128 -> v128
fd0fa f32x4.convert_i32x4_s : v128 -> v128
fd0fb f32x4.convert_i32x4_u : v128 -> v128
fd0fc i32x4.trunc_sat_f64x2_s_zero : v128 -> v128
fd0fd i32x4.trunc_sat_f64x2_u_zero : v128 -> v128
fd0fe f64x2.convert_low_i32x4_s : v128 -> v128
fd0ff f64x2.convert_low_i32x4_u : v128 -> v128
`,
  ],
  [
    "relaxed-simd",
    `
fd100 i8x16.relaxed_swizzle : v128 v128 -> v128
fd101 i32x4.relaxed_trunc_f32x4_s : v128 -> v128
fd102 i32x4.relaxed_trunc_f32x4_u : v128 -> v128
fd103 i32x4.relaxed_trunc_f64x2_s_zero : v128 -> v128
fd104 i32x4.relaxed_trunc_f64x2_u_zero : v128 -> v128
fd105 f32x4.relaxed_madd : v128 v128 v128 -> v128
fd106 f32x4.relaxed_nmadd : v128 v128 v128 -> v128
fd107 f64x2.relaxed_madd : v128 v128 v128 -> v128
fd108 f64x2.relaxed_nmadd : v128 v128 v128 -> v128
fd109 i8x16.relaxed_laneselect : v128 v128 v128 -> v128
fd10a i16x8.relaxed_laneselect : v128 v128 v128 -> v128
fd10b i32x4.relaxed_laneselect : v128 v128 v128 -> v128
fd10c i64x2.relaxed_laneselect : v128 v128 v128 -> v128
fd10d f32x4.relaxed_min : v128 v128 -> v128
fd10e f32x4.relaxed_max : v128 v128 -> v128
fd10f f64x2.relaxed_min : v128 v128 -> v128
fd110 f64x2.relaxed_max : v128 v128 -> v128
fd111 i16x8.relaxed_q15mulr_s : v128 v128 -> v128
fd112 i16x8.relaxed_dot_i8x16_i7x16_s : v128 v128 -> v128
fd113 i32x4.relaxed_dot_i8x16_i7x16_add_s : v128 v128 v128 -> v128
`,
  ],
  [
    "threads",
    `
fe000 memory.atomic.notify memarg/4 : address i32 -> i32
fe001 memory.atomic.wait32 memarg/4 : address i32 i64 -> i32
fe002 memory.atomic.wait64 memarg/8 : address i64 i64 -> i32
fe003 atomic.fence fence : ->
fe010 i32.atomic.load memarg/4 : address -> i32
fe011 i64.atomic.load memarg/8 : address -> i64
fe012 i32.atomic.load8_u memarg/1 : address -> i32
fe013 i32.atomic.load16_u memarg/2 : address -> i32
fe014 i64.atomic.load8_u memarg/1 : address -> i64
fe015 i64.atomic.load16_u memarg/2 : address -> i64
fe016 i64.atomic.load32_u memarg/4 : address -> i64
fe017 i32.atomic.store memarg/4 : address i32 ->
fe018 i64.atomic.store memarg/8 : address i64 ->
fe019 i32.atomic.store8 memarg/1 : address i32 ->
fe01a i32.atomic.store16 memarg/2 : address i32 ->
fe01b i64.atomic.store8 memarg/1 : address i64 ->
fe01c i64.atomic.store16 memarg/2 : address i64 ->
fe01d i64.atomic.store32 memarg/4 : address i64 ->
fe01e i32.atomic.rmw.add memarg/4 : address i32 -> i32
fe01f i64.atomic.rmw.add memarg/8 : address i64 -> i64
fe020 i32.atomic.rmw8.add_u memarg/1 : address i32 -> i32
fe021 i32.atomic.rmw16.add_u memarg/2 : address i32 -> i32
fe022 i64.atomic.rmw8.add_u memarg/1 : address i64 -> i64
fe023 i64.atomic.rmw16.add_u memarg/2 : address i64 -> i64
fe024 i64.atomic.rmw32.add_u memarg/4 : address i64 -> i64
fe025 i32.atomic.rmw.sub memarg/4 : address i32 -> i32
fe026 i64.atomic.rmw.sub memarg/8 : address i64 -> i64
fe027 i32.atomic.rmw8.sub_u memarg/1 : address i32 -> i32
fe028 i32.atomic.rmw16.sub_u memarg/2 : address i32 -> i32
fe029 i64.atomic.rmw8.sub_u memarg/1 : address i64 -> i64
fe02a i64.atomic.rmw16.sub_u memarg/2 : address i64 -> i64
fe02b i64.atomic.rmw32.sub_u memarg/4 : address i64 -> i64
fe02c i32.atomic.rmw.and memarg/4 : address i32 -> i32
fe02d i64.atomic.rmw.and memarg/8 : address i64 -> i64
fe02e i32.atomic.rmw8.and_u memarg/1 : address i32 -> i32
fe02f i32.atomic.rmw16.and_u memarg/2 : address i32 -> i32
fe030 i64.atomic.rmw8.and_u memarg/1 : address i64 -> i64
fe031 i64.atomic.rmw16.and_u memarg/2 : address i64 -> i64
fe032 i64.atomic.rmw32.and_u memarg/4 : address i64 -> i64
fe033 i32.atomic.rmw.or memarg/4 : address i32 -> i32
fe034 i64.atomic.rmw.or memarg/8 : address i64 -> i64
fe035 i32.atomic.rmw8.or_u memarg/1 : address i32 -> i32
fe036 i32.atomic.rmw16.or_u memarg/2 : address i32 -> i32
fe037 i64.atomic.rmw8.or_u memarg/1 : address i64 -> i64
fe038 i64.atomic.rmw16.or_u memarg/2 : address i64 -> i64
fe039 i64.atomic.rmw32.or_u memarg/4 : address i64 -> i64
fe03a i32.atomic.rmw.xor memarg/4 : address i32 -> i32
fe03b i64.atomic.rmw.xor memarg/8 : address i64 -> i64
fe03c i32.atomic.rmw8.xor_u memarg/1 : address i32 -> i32
fe03d i32.atomic.rmw16.xor_u memarg/2 : address i32 -> i32
fe03e i64.atomic.rmw8.xor_u memarg/1 : address i64 -> i64
fe03f i64.atomic.rmw16.xor_u memarg/2 : address i64 -> i64
fe040 i64.atomic.rmw32.xor_u memarg/4 : address i64 -> i64
fe041 i32.atomic.rmw.xchg memarg/4 : address i32 -> i32
fe042 i64.atomic.rmw.xchg memarg/8 : address i64 -> i64
fe043 i32.atomic.rmw8.xchg_u memarg/1 : address i32 -> i32
fe044 i32.atomic.rmw16.xchg_u memarg/2 : address i32 -> i32
fe045 i64.atomic.rmw8.xchg_u memarg/1 : address i64 -> i64
fe046 i64.atomic.rmw16.xchg_u memarg/2 : address i64 -> i64
fe047 i64.atomic.rmw32.xchg_u memarg/4 : address i64 -> i64
fe048 i32.atomic.rmw.cmpxchg memarg/4 : address i32 i32 -> i32
fe049 i64.atomic.rmw.cmpxchg memarg/8 : address i64 i64 -> i64
fe04a i32.atomic.rmw8.cmpxchg_u memarg/1 : address i32 i32 -> i32
fe04b i32.atomic.rmw16.cmpxchg_u memarg/2 : address i32 i32 -> i32
fe04c i64.atomic.rmw8.cmpxchg_u memarg/1 : address i64 i64 -> i64
fe04d i64.atomic.rmw16.cmpxchg_u memarg/2 : address i64 i64 -> i64
fe04e i64.atomic.rmw32.cmpxchg_u memarg/4 : address i64 i64 -> i64
`,
  ],
  [
    "wide-arithmetic",
    `
fc013 i64.add128 : i64 i64 i64 i64 -> i64 i64
fc014 i64.sub128 : i64 i64 i64 i64 -> i64 i64
fc015 i64.mul_wide_s : i64 i64 -> i64 i64
fc016 i64.mul_wide_u : i64 i64 -> i64 i64
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

function parseRow(row: string, feature: Feature | undefined): Instruction {
  const [head, signature] = row.split(" :");
  const [opcode, name, ...immediates] = head.split(" ");
  let width = 0;
  let lanes = 0;
  const kinds = immediates.map((text) => {
    const [kind, bound] = text.split("/");
    if (kind === "memarg") width = Number(bound);
    else if (bound !== undefined) lanes = Number(bound);
    return kind as ImmediateKind;
  });
  const [params, results] = signature === undefined ? [undefined, undefined] : signature.split("->").map(parseTypes);
  return { opcode: Number.parseInt(opcode, 16), name, immediates: kinds, params, results, feature, width, lanes };
}

/** All instructions, in the order of the table. */
export const instructions: readonly Instruction[] = table.flatMap(([feature, rows]) =>
  rows
    .trim()
    .split("\n")
    .map((row) => parseRow(row, feature)),
);

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
