import { lebAt, skipLeb } from "../../../metering/instruction-shape.ts";
import { GROWN_BYTES_PER_UNIT } from "../../../store/meter.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { I64 } from "../../../wasm/types.ts";
import { emit, emitConstant } from "./layout.ts";
import type { MeteredCode } from "./metered-code.ts";

/** Instructions that are charged by an operand: bulk operations by their length, before they run, and growth by what was granted, after it. */

/** Charges what the operand on the stack says, divided by `1 << shift`, and checks. */
export function charge(out: MeteredCode, shift: number, wide: boolean): void {
  const { code } = out;
  emit(code, OP.LOCAL_TEE, wide ? out.scratch64 : out.scratch32);
  out.fuelLess(out.pending);
  out.pending = 0;
  length(out, wide);
  emitConstant(code, shift);
  code.u8(OP.I32_SHR_U);
  chargeTop(out);
}

/** Subtracts the number on the stack from the fuel below it, and checks. */
function chargeTop(out: MeteredCode): void {
  const { code } = out;
  code.u8(OP.I32_SUB);
  emit(code, OP.LOCAL_TEE, out.fuel);
  emitConstant(code, 0);
  code.u8(OP.I32_LT_S);
  out.refuelIf();
  out.synced = false;
}

/** Pushes the length in the scratch local: of 64 bits, 2^32 - 1 at most. */
function length(out: MeteredCode, wide: boolean): void {
  const { code } = out;
  if (!wide) {
    emit(code, OP.LOCAL_GET, out.scratch32);
    return;
  }
  emit(code, OP.LOCAL_GET, out.scratch64);
  code.u8(OP.I32_WRAP_I64);
  emitConstant(code, -1);
  emit(code, OP.LOCAL_GET, out.scratch64);
  code.u8(OP.I64_CONST);
  code.u8(32);
  code.u8(OP.I64_SHR_U);
  code.u8(OP.I64_EQZ);
  code.u8(OP.SELECT);
}

export function growMemory(out: MeteredCode, bytes: Uint8Array, at: number, memory: number): void {
  const { code, layout } = out;
  const wide = layout.syntax.memories[memory].address === I64;
  const helper = layout.growMemory(memory);
  out.flush();
  emit(code, OP.LOCAL_TEE, wide ? out.scratch64 : out.scratch32);
  if (helper === undefined) code.copy(bytes, at, skipLeb(bytes, at + 1));
  else emit(code, OP.CALL, helper);
  // Units for each page: pages have 64 KiB here.
  chargeGrowth(out, wide, Math.log2(GROWN_BYTES_PER_UNIT) - 16);
}

function growTable(out: MeteredCode, bytes: Uint8Array, at: number, end: number, table: number): void {
  const { code, layout } = out;
  const wide = layout.syntax.tables[table].type.address === I64;
  const helper = layout.growTable(table);
  out.flush();
  if (out.exact) out.sync();
  emit(code, OP.LOCAL_TEE, wide ? out.scratch64 : out.scratch32);
  if (helper === undefined) code.copy(bytes, at, end);
  else emit(code, OP.CALL, helper);
  chargeGrowth(out, wide, 3);
}

/** With the answer of a `grow` on the stack: charges what was granted, divided by `1 << shift`. */
function chargeGrowth(out: MeteredCode, wide: boolean, shift: number): void {
  const { code } = out;
  const answer = wide ? out.scratch64 + 1 : out.scratch32 + 1;
  emit(code, OP.LOCAL_TEE, answer);
  emit(code, OP.LOCAL_GET, out.fuel);
  length(out, wide);
  emitConstant(code, 0);
  emit(code, OP.LOCAL_GET, answer);
  if (wide) {
    code.u8(OP.I64_CONST);
    code.s64(-1n);
    code.u8(OP.I64_NE);
  } else {
    emitConstant(code, -1);
    code.u8(OP.I32_NE);
  }
  code.u8(OP.SELECT);
  emitConstant(code, Math.abs(shift));
  code.u8(shift < 0 ? OP.I32_SHL : OP.I32_SHR_U);
  chargeTop(out);
}

/** Bulk instructions. @returns whether it has been written whole */
export function bulk(
  out: MeteredCode,
  bytes: Uint8Array,
  at: number,
  immediates: number,
  end: number,
  opcode: number,
): boolean {
  const { memories, tables } = out.layout.syntax;
  const first = lebAt(bytes, immediates);
  const second =
    opcode === OP.MEMORY_COPY || opcode === OP.TABLE_COPY ? lebAt(bytes, skipLeb(bytes, immediates)) : first;
  switch (opcode) {
    case OP.MEMORY_INIT:
      charge(out, 6, false);
      return false;
    case OP.MEMORY_COPY:
      charge(out, 6, memories[first].address === I64 && memories[second].address === I64);
      return false;
    case OP.MEMORY_FILL:
      charge(out, 6, memories[first].address === I64);
      return false;
    case OP.TABLE_INIT:
      charge(out, 3, false);
      return false;
    case OP.TABLE_COPY:
      charge(out, 3, tables[first].type.address === I64 && tables[second].type.address === I64);
      return false;
    case OP.TABLE_FILL:
      charge(out, 3, tables[first].type.address === I64);
      return false;
    case OP.TABLE_GROW:
      growTable(out, bytes, at, end, first);
      return true;
    default:
      return false;
  }
}
