import { lebAt, skipLeb } from "../../../metering/instruction-shape.ts";
import { GROWN_BYTES_PER_UNIT } from "../../../store/meter.ts";
import { I64 } from "../../../wasm/types.ts";
import { emit, emitConstant, OP } from "./layout.ts";
import type { MeteredCode } from "./metered-code.ts";

/** Instructions that are charged by an operand: bulk operations by their length, before they run, and growth by what was granted, after it. */

/** Charges what the operand on the stack says, divided by `1 << shift`, and checks. */
export function charge(out: MeteredCode, shift: number, wide: boolean): void {
  const { code } = out;
  emit(code, OP.localTee, wide ? out.scratch64 : out.scratch32);
  out.fuelLess(out.pending);
  out.pending = 0;
  length(out, wide);
  emitConstant(code, shift);
  code.u8(OP.i32ShrU);
  chargeTop(out);
}

/** Subtracts the number on the stack from the fuel below it, and checks. */
function chargeTop(out: MeteredCode): void {
  const { code } = out;
  code.u8(OP.i32Sub);
  emit(code, OP.localTee, out.fuel);
  emitConstant(code, 0);
  code.u8(OP.i32LtS);
  out.refuelIf();
  out.synced = false;
}

/** Pushes the length in the scratch local: of 64 bits, 2^32 - 1 at most. */
function length(out: MeteredCode, wide: boolean): void {
  const { code } = out;
  if (!wide) {
    emit(code, OP.localGet, out.scratch32);
    return;
  }
  emit(code, OP.localGet, out.scratch64);
  code.u8(OP.i32Wrap);
  emitConstant(code, -1);
  emit(code, OP.localGet, out.scratch64);
  code.u8(OP.i64Const);
  code.u8(32);
  code.u8(OP.i64ShrU);
  code.u8(OP.i64Eqz);
  code.u8(OP.select);
}

export function growMemory(out: MeteredCode, bytes: Uint8Array, at: number, memory: number): void {
  const { code, layout } = out;
  const wide = layout.syntax.memories[memory].address === I64;
  const helper = layout.growMemory(memory);
  out.flush();
  emit(code, OP.localTee, wide ? out.scratch64 : out.scratch32);
  if (helper === undefined) code.copy(bytes, at, skipLeb(bytes, at + 1));
  else emit(code, OP.call, helper);
  // Units for each page: pages have 64 KiB here.
  chargeGrowth(out, wide, Math.log2(GROWN_BYTES_PER_UNIT) - 16);
}

function growTable(out: MeteredCode, bytes: Uint8Array, at: number, end: number, table: number): void {
  const { code, layout } = out;
  const wide = layout.syntax.tables[table].type.address === I64;
  const helper = layout.growTable(table);
  out.flush();
  if (out.exact) out.sync();
  emit(code, OP.localTee, wide ? out.scratch64 : out.scratch32);
  if (helper === undefined) code.copy(bytes, at, end);
  else emit(code, OP.call, helper);
  chargeGrowth(out, wide, 3);
}

/** With the answer of a `grow` on the stack: charges what was granted, divided by `1 << shift`. */
function chargeGrowth(out: MeteredCode, wide: boolean, shift: number): void {
  const { code } = out;
  const answer = wide ? out.scratch64 + 1 : out.scratch32 + 1;
  emit(code, OP.localTee, answer);
  emit(code, OP.localGet, out.fuel);
  length(out, wide);
  emitConstant(code, 0);
  emit(code, OP.localGet, answer);
  if (wide) {
    code.u8(OP.i64Const);
    code.s64(-1n);
    code.u8(OP.i64Ne);
  } else {
    emitConstant(code, -1);
    code.u8(OP.i32Ne);
  }
  code.u8(OP.select);
  emitConstant(code, Math.abs(shift));
  code.u8(shift < 0 ? OP.i32Shl : OP.i32ShrU);
  chargeTop(out);
}

/** Instructions behind 0xfc from 8 on. @returns whether it has been written whole */
export function bulk(
  out: MeteredCode,
  bytes: Uint8Array,
  at: number,
  immediates: number,
  end: number,
  number: number,
): boolean {
  const { memories, tables } = out.layout.syntax;
  const first = lebAt(bytes, immediates);
  const second = number === 0x0a || number === 0x0e ? lebAt(bytes, skipLeb(bytes, immediates)) : first;
  switch (number) {
    case 0x08: // memory.init
      charge(out, 6, false);
      return false;
    case 0x0a: // memory.copy
      charge(out, 6, memories[first].address === I64 && memories[second].address === I64);
      return false;
    case 0x0b: // memory.fill
      charge(out, 6, memories[first].address === I64);
      return false;
    case 0x0c: // table.init
      charge(out, 3, false);
      return false;
    case 0x0e: // table.copy
      charge(out, 3, tables[first].type.address === I64 && tables[second].type.address === I64);
      return false;
    case 0x11: // table.fill
      charge(out, 3, tables[first].type.address === I64);
      return false;
    case 0x0f: // table.grow
      growTable(out, bytes, at, end, first);
      return true;
    default:
      return false;
  }
}

/** Of the instructions behind 0xfb, those that are charged by a length. */
export function isChargedArray(number: number): boolean {
  return number === 0x06 || number === 0x07 || number === 0x09 || number === 0x0a || (number >= 0x10 && number <= 0x13);
}
