import { writeOpcode } from "../../../binary/instruction-writer.ts";
import type { Writer } from "../../../binary/writer.ts";
import { NAN, type NanKind } from "../../../numerics/canonical-nans.ts";
import { instructions } from "../../../wasm/instructions.ts";
import { VECTOR_PREFIX } from "../../../wasm/opcode-slots.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { F32, F64, V128, type ValueType } from "../../../wasm/types.ts";
import { emit } from "./layout.ts";
import type { MeteredCode } from "./metered-code.ts";

/** Code by which results that WebAssembly leaves open are the same on every platform: canonical NaNs, and relaxed instructions. */

const CANONICAL_F32 = [0, 0, 0xc0, 0x7f];
const CANONICAL_F64 = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f];
interface Form {
  readonly type: ValueType;
  /** The instruction that compares two values, or their lanes. */
  readonly differs: number;
  /** Pushes the canonical NaN, in every lane. */
  readonly nan: readonly number[];
}

const forms: Readonly<Record<NanKind, Form>> = {
  [NAN.f32]: { type: F32, differs: OP.F32_NE, nan: [OP.F32_CONST, ...CANONICAL_F32] },
  [NAN.f64]: { type: F64, differs: OP.F64_NE, nan: [OP.F64_CONST, ...CANONICAL_F64] },
  [NAN.f32x4]: {
    type: V128,
    differs: OP.F32X4_NE,
    nan: [VECTOR_PREFIX, OP.V128_CONST & 0xfff, ...CANONICAL_F32, ...CANONICAL_F32, ...CANONICAL_F32, ...CANONICAL_F32],
  },
  [NAN.f64x2]: {
    type: V128,
    differs: OP.F64X2_NE,
    nan: [VECTOR_PREFIX, OP.V128_CONST & 0xfff, ...CANONICAL_F64, ...CANONICAL_F64],
  },
};

/** Of lanes on the stack: which are equal to themselves. */
const EQUAL: Readonly<Record<number, number>> = { [NAN.f32x4]: OP.F32X4_EQ, [NAN.f64x2]: OP.F64X2_EQ };

/**
 * Makes NaNs of the value on the stack canonical. By a branch, which processors foresee: a selection would make whatever uses the value wait for
 * the comparison.
 */
export function canonicalise(out: MeteredCode, kind: NanKind): void {
  const { type, differs, nan } = forms[kind];
  const { code } = out;
  const local = out.scratch(type, 0);
  emit(code, OP.LOCAL_TEE, local);
  emit(code, OP.LOCAL_GET, local);
  writeOpcode(code, differs);
  if (type === V128) writeOpcode(code, OP.V128_ANY_TRUE);
  out.unlikelyIf();
  if (type === V128) emit(code, OP.LOCAL_GET, local);
  for (const byte of nan) code.u8(byte);
  if (type === V128) {
    emit(code, OP.LOCAL_GET, local);
    emit(code, OP.LOCAL_GET, local);
    writeOpcode(code, EQUAL[kind]);
    writeOpcode(code, OP.V128_BITSELECT);
  }
  emit(code, OP.LOCAL_SET, local);
  code.u8(OP.END);
  emit(code, OP.LOCAL_GET, local);
}

const opcodes = new Map(instructions.map(({ name, opcode }) => [name, opcode]));

function vector(code: Writer, name: string): void {
  writeOpcode(code, opcodes.get(name) as number);
}

/** Pairs of lanes of 16 bits of two vectors: the even ones, or the odd ones. */
function shuffle(code: Writer, odd: number): void {
  writeOpcode(code, OP.I8X16_SHUFFLE);
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
  ).map(([relaxed, name]) => [opcodes.get(relaxed) as number, name]),
);

const FIRST_RELAXED = OP.I8X16_RELAXED_SWIZZLE;
const LAST_RELAXED = OP.I32X4_RELAXED_DOT_I8X16_I7X16_ADD_S;

/**
 * Writes the deterministic profile's code of a relaxed instruction.
 * @param opcode - of any instruction, with its prefix
 * @returns whether the instruction is a relaxed one and its code has been written
 */
export function relaxed(out: MeteredCode, opcode: number): boolean {
  if (opcode < FIRST_RELAXED || opcode > LAST_RELAXED || !out.layout.options.deterministic) return false;
  const { code } = out;
  const name = equivalents.get(opcode);
  if (name !== undefined) {
    vector(code, name);
    return true;
  }
  const [first, second, third] = [0, 1, 2].map((place) => out.scratch(V128, place));
  const shape = opcode < OP.F64X2_RELAXED_MADD ? "f32x4" : "f64x2";
  switch (opcode) {
    case OP.F32X4_RELAXED_MADD:
    case OP.F64X2_RELAXED_MADD:
      emit(code, OP.LOCAL_SET, third);
      vector(code, `${shape}.mul`);
      emit(code, OP.LOCAL_GET, third);
      vector(code, `${shape}.add`);
      return true;
    case OP.F32X4_RELAXED_NMADD:
    case OP.F64X2_RELAXED_NMADD:
      emit(code, OP.LOCAL_SET, third);
      vector(code, `${shape}.mul`);
      emit(code, OP.LOCAL_SET, second);
      emit(code, OP.LOCAL_GET, third);
      emit(code, OP.LOCAL_GET, second);
      vector(code, `${shape}.sub`);
      return true;
    default: {
      // Dot products: of the last the sums of four, added to a third operand.
      const adds = opcode === LAST_RELAXED;
      if (adds) emit(code, OP.LOCAL_SET, third);
      emit(code, OP.LOCAL_SET, second);
      emit(code, OP.LOCAL_SET, first);
      for (const odd of [0, 1]) {
        for (const half of ["low", "high"]) {
          emit(code, OP.LOCAL_GET, first);
          emit(code, OP.LOCAL_GET, second);
          vector(code, `i16x8.extmul_${half}_i8x16_s`);
        }
        shuffle(code, odd);
      }
      vector(code, "i16x8.add_sat_s");
      if (adds) {
        vector(code, "i32x4.extadd_pairwise_i16x8_s");
        emit(code, OP.LOCAL_GET, third);
        vector(code, "i32x4.add");
      }
      return true;
    }
  }
}
