import { Reader } from "../../../binary/reader.ts";
import { lebAt, skipLeb } from "../../../metering/instruction-shape.ts";
import { F32, F64, type FunctionType, I64 } from "../../../wasm/types.ts";
import { emit, emitConstant, isHostFunction, METERED, meteredType, OP, passBlockType, signatureOf } from "./layout.ts";
import type { MeteredCode } from "./metered-code.ts";

/** Direct calls; and what some instructions leave behind, where it can be found after a trap. */

export function call(out: MeteredCode, functionIndex: number): void {
  const { code, layout } = out;
  if (layout.isGuest(functionIndex)) {
    out.handOver();
    emit(code, OP.call, functionIndex);
    out.reload();
    return;
  }
  if (out.byParameter && isHostFunction(layout, functionIndex)) {
    callHost(out, functionIndex);
    return;
  }
  const cost = layout.leafCosts[functionIndex];
  const target = layout.targets[functionIndex];
  if (cost !== METERED) {
    out.pending += cost;
    if (out.exact) out.sync();
    emit(code, OP.call, target);
  } else if (out.byParameter) {
    out.fuelLess(out.pending);
    if (out.depth) emit(code, OP.localGet, out.depthLocal);
    emit(code, OP.call, target);
    emit(code, OP.localSet, out.fuel);
    out.pending = 0;
    out.synced = false;
  } else {
    out.handOver();
    emit(code, OP.call, target);
    out.reload();
  }
}

/** What an adapter between would do costs a third of the call, so it is done here: the charge and its check, and handing the fuel over and back. */
function callHost(out: MeteredCode, functionIndex: number): void {
  const { code, layout } = out;
  out.fuelLess(out.pending + layout.options.hostCosts[functionIndex]);
  emit(code, OP.localTee, out.fuel);
  emitConstant(code, 0);
  code.u8(OP.i32LtS);
  out.refuelIf();
  out.pending = 0;
  out.handOver();
  emit(code, OP.call, functionIndex);
  if (layout.options.suspends) {
    const { results } = signatureOf(layout.syntax, functionIndex);
    emit(code, OP.globalGet, layout.waitingGlobal);
    out.hint(false);
    code.u8(OP.if);
    passBlockType(code, layout.types, results);
    emit(code, OP.call, layout.waitFor(results));
    code.u8(OP.end);
  }
  out.reload();
}

export function tailCall(out: MeteredCode, functionIndex: number): void {
  const { code, layout } = out;
  const cost = layout.leafCosts[functionIndex];
  const target = layout.targets[functionIndex];
  if (cost !== METERED) {
    // It calls nothing, so that the frame kept meanwhile is the last.
    call(out, functionIndex);
    out.giveBack();
    code.u8(OP.return);
  } else if (out.byParameter) {
    out.fuelLess(out.pending);
    if (out.depth) out.outerDepth();
    emit(code, OP.returnCall, target);
  } else {
    out.storeFuel();
    out.storeOuterDepth();
    emit(code, OP.returnCall, layout.isGuest(functionIndex) ? layout.entryOf(functionIndex) : target);
  }
}

/** `call_indirect` or `return_call_indirect`, at `at`, of a table whose functions take the fuel as a parameter. */
export function callElement(out: MeteredCode, bytes: Uint8Array, at: number): void {
  const { code, layout } = out;
  const type = lebAt(bytes, at + 1);
  const table = lebAt(bytes, skipLeb(bytes, at + 1));
  const isTailCall = bytes[at] === OP.returnCallIndirect;
  if (out.exact) out.sync();
  noteElement(out, table);
  const element = layout.syntax.tables[table].type.address === I64 ? out.element64 : out.element32;
  emit(code, OP.localSet, element);
  out.fuelLess(out.pending);
  if (out.depth) {
    if (isTailCall) out.outerDepth();
    else emit(code, OP.localGet, out.depthLocal);
  }
  emit(code, OP.localGet, element);
  code.u8(bytes[at]);
  code.u32(meteredType(layout.types, layout.syntax.types[type].composite as FunctionType, out.depth));
  code.u32(table);
  if (isTailCall) return;
  emit(code, OP.localSet, out.fuel);
  out.pending = 0;
  out.synced = false;
}

/** Whether the instruction behind 0xfe is `memory.atomic.wait32` or `wait64`. */
export function isAtomicWait(number: number): boolean {
  return number === 1 || number === 2;
}

/** A wait for another thread, whose immediates are between `from` and `end`. @returns false in a memory that is not shared, where it only traps */
export function atomicWait(out: MeteredCode, bytes: Uint8Array, number: number, from: number, end: number): boolean {
  const { layout, code } = out;
  const access = bytes.slice(from, end);
  const reader = new Reader(access);
  const memory = (reader.u32() & 0x40) === 0 ? 0 : reader.u32();
  if (!layout.syntax.memories[memory].shared) return false;
  out.handOver();
  emit(code, OP.call, layout.atomicWait(number === 1 ? 4 : 8, access, memory, reader.u64()));
  out.reload();
  return true;
}

/** Leaves the table index on the stack: the platform tells a null element and one of another type with the same words. */
export function noteElement(out: MeteredCode, table: number): void {
  const { code, layout } = out;
  const wide = layout.syntax.tables[table].type.address === I64;
  emit(code, OP.localTee, wide ? out.element64 : out.element32);
  emit(code, OP.localGet, wide ? out.element64 : out.element32);
  if (wide) code.u8(OP.i32Wrap);
  emit(code, OP.globalSet, layout.elementGlobal);
}

/** Likewise the operand of a conversion to an integer: whether it was a NaN, or too large, the platform does not tell. */
export function noteOperand(out: MeteredCode, opcode: number): void {
  const { code, layout } = out;
  const single = opcode === 0xa8 || opcode === 0xa9 || opcode === 0xae || opcode === 0xaf;
  const local = out.scratch(single ? F32 : F64, 0);
  emit(code, OP.localTee, local);
  emit(code, OP.localGet, local);
  if (single) code.u8(OP.f64Promote);
  emit(code, OP.globalSet, layout.operandGlobal);
}
