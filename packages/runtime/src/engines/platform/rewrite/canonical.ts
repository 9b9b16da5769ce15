import type { Writer } from "../../../binary/writer.ts";
import { lebAt } from "../../../metering/instruction-shape.ts";
import { NAN, type NanKind } from "../../../numerics/canonical-nans.ts";
import { instructions } from "../../../wasm/instructions.ts";
import { F32, F64, V128, type ValueType } from "../../../wasm/types.ts";
import { emit, OP } from "./layout.ts";
import type { MeteredCode } from "./metered-code.ts";

/** Code by which results that WebAssembly leaves open are the same on every platform: canonical NaNs, and relaxed instructions. */

const CANONICAL_F32 = [0, 0, 0xc0, 0x7f];
const CANONICAL_F64 = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f];
const VECTOR_CONST = 12;
const SHUFFLE = 13;
const BITSELECT = 0x52;
const ANY_TRUE = 0x53;

interface Form {
  readonly type: ValueType;
  /** Makes a number of two values on the stack that is not zero when they differ. */
  readonly differs: readonly number[];
  /** Pushes the canonical NaN, in every lane. */
  readonly nan: readonly number[];
}

const forms: Readonly<Record<NanKind, Form>> = {
  [NAN.f32]: { type: F32, differs: [0x5c], nan: [0x43, ...CANONICAL_F32] },
  [NAN.f64]: { type: F64, differs: [0x62], nan: [0x44, ...CANONICAL_F64] },
  [NAN.f32x4]: {
    type: V128,
    differs: [0xfd, 0x42, 0xfd, ANY_TRUE],
    nan: [0xfd, VECTOR_CONST, ...CANONICAL_F32, ...CANONICAL_F32, ...CANONICAL_F32, ...CANONICAL_F32],
  },
  [NAN.f64x2]: {
    type: V128,
    differs: [0xfd, 0x48, 0xfd, ANY_TRUE],
    nan: [0xfd, VECTOR_CONST, ...CANONICAL_F64, ...CANONICAL_F64],
  },
};

/** Of lanes on the stack: which are equal to themselves. */
const EQUAL: Readonly<Record<number, number>> = { [NAN.f32x4]: 0x41, [NAN.f64x2]: 0x47 };

/**
 * Makes NaNs of the value on the stack canonical. By a branch, which processors foresee: a selection would make whatever uses the value wait for
 * the comparison.
 */
export function canonicalise(out: MeteredCode, kind: NanKind): void {
  const { type, differs, nan } = forms[kind];
  const { code } = out;
  const local = out.scratch(type, 0);
  emit(code, OP.localTee, local);
  emit(code, OP.localGet, local);
  for (const byte of differs) code.u8(byte);
  out.unlikelyIf();
  if (type === V128) emit(code, OP.localGet, local);
  for (const byte of nan) code.u8(byte);
  if (type === V128) {
    emit(code, OP.localGet, local);
    emit(code, OP.localGet, local);
    for (const byte of [0xfd, EQUAL[kind], 0xfd, BITSELECT]) code.u8(byte);
  }
  emit(code, OP.localSet, local);
  code.u8(OP.end);
  emit(code, OP.localGet, local);
}

const numbers = new Map(instructions.map(({ name, opcode }) => [name, opcode & 0xfff]));

function vector(code: Writer, name: string): void {
  code.u8(0xfd);
  code.u32(numbers.get(name) as number);
}

/** Pairs of lanes of 16 bits of two vectors: the even ones, or the odd ones. */
function shuffle(code: Writer, odd: number): void {
  code.u8(0xfd);
  code.u8(SHUFFLE);
  for (let lane = odd; lane < 16; lane += 2) {
    code.u8(2 * lane);
    code.u8(2 * lane + 1);
  }
}

/** Instructions that do what the deterministic profile says of a relaxed one, with the same operands. */
const equivalents: ReadonlyMap<number, string> = new Map(
  (
    [
      ["i8x16.relaxed_swizzle", "i8x16.swizzle"],
      ["i32x4.relaxed_trunc_f32x4_s", "i32x4.trunc_sat_f32x4_s"],
      ["i32x4.relaxed_trunc_f32x4_u", "i32x4.trunc_sat_f32x4_u"],
      ["i32x4.relaxed_trunc_f64x2_s_zero", "i32x4.trunc_sat_f64x2_s_zero"],
      ["i32x4.relaxed_trunc_f64x2_u_zero", "i32x4.trunc_sat_f64x2_u_zero"],
      ["i8x16.relaxed_laneselect", "v128.bitselect"],
      ["i16x8.relaxed_laneselect", "v128.bitselect"],
      ["i32x4.relaxed_laneselect", "v128.bitselect"],
      ["i64x2.relaxed_laneselect", "v128.bitselect"],
      ["f32x4.relaxed_min", "f32x4.min"],
      ["f32x4.relaxed_max", "f32x4.max"],
      ["f64x2.relaxed_min", "f64x2.min"],
      ["f64x2.relaxed_max", "f64x2.max"],
      ["i16x8.relaxed_q15mulr_s", "i16x8.q15mulr_sat_s"],
    ] as const
  ).map(([relaxed, name]) => [numbers.get(relaxed) as number, name]),
);

const FIRST_RELAXED = 0x100;
const LAST_RELAXED = 0x113;

/**
 * Writes what a relaxed instruction does under the deterministic profile.
 * @param number the instruction's, behind 0xfd
 * @returns whether it is one and has been written
 */
export function relaxed(out: MeteredCode, number: number): boolean {
  if (number < FIRST_RELAXED || number > LAST_RELAXED || !out.layout.options.deterministic) return false;
  const { code } = out;
  const name = equivalents.get(number);
  if (name !== undefined) {
    vector(code, name);
    return true;
  }
  const [first, second, third] = [0, 1, 2].map((place) => out.scratch(V128, place));
  const shape = number < 0x107 ? "f32x4" : "f64x2";
  switch (number) {
    case 0x105: // relaxed_madd
    case 0x107:
      emit(code, OP.localSet, third);
      vector(code, `${shape}.mul`);
      emit(code, OP.localGet, third);
      vector(code, `${shape}.add`);
      return true;
    case 0x106: // relaxed_nmadd
    case 0x108:
      emit(code, OP.localSet, third);
      vector(code, `${shape}.mul`);
      emit(code, OP.localSet, second);
      emit(code, OP.localGet, third);
      emit(code, OP.localGet, second);
      vector(code, `${shape}.sub`);
      return true;
    default: {
      // Dot products: of 0x113 the sums of four, added to a third operand.
      const adds = number === LAST_RELAXED;
      if (adds) emit(code, OP.localSet, third);
      emit(code, OP.localSet, second);
      emit(code, OP.localSet, first);
      for (const odd of [0, 1]) {
        for (const half of ["low", "high"]) {
          emit(code, OP.localGet, first);
          emit(code, OP.localGet, second);
          vector(code, `i16x8.extmul_${half}_i8x16_s`);
        }
        shuffle(code, odd);
      }
      vector(code, "i16x8.add_sat_s");
      if (adds) {
        vector(code, "i32x4.extadd_pairwise_i16x8_s");
        emit(code, OP.localGet, third);
        vector(code, "i32x4.add");
      }
      return true;
    }
  }
}

/** Whether the instruction at `pos` is a relaxed one. */
export function isRelaxed(bytes: Uint8Array, pos: number): boolean {
  if (bytes[pos] !== 0xfd) return false;
  const number = lebAt(bytes, pos + 1);
  return number >= FIRST_RELAXED && number <= LAST_RELAXED;
}
