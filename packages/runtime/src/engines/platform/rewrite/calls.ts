import { Reader } from "../../../binary/reader.ts";
import { lebAt, skipLeb } from "../../../metering/instruction-shape.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { F32, F64, type FunctionType, I64 } from "../../../wasm/types.ts";
import { emit, emitConstant, isHostFunction, METERED, meteredType, passBlockType, signatureOf } from "./layout.ts";
import type { MeteredCode } from "./metered-code.ts";

/** Direct calls; and what some instructions leave behind, where it can be found after a trap. */

export function call(out: MeteredCode, functionIndex: number): void {
  const { code, layout } = out;
  if (layout.isGuest(functionIndex)) {
    out.handOver();
    emit(code, OP.CALL, functionIndex);
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
    emit(code, OP.CALL, target);
  } else if (out.byParameter) {
    out.fuelLess(out.pending);
    if (out.depth) emit(code, OP.LOCAL_GET, out.depthLocal);
    emit(code, OP.CALL, target);
    emit(code, OP.LOCAL_SET, out.fuel);
    out.pending = 0;
    out.synced = false;
  } else {
    out.handOver();
    emit(code, OP.CALL, target);
    out.reload();
  }
}

/** What an adapter between would do costs a third of the call, so it is done here: the charge and its check, and handing the fuel over and back. */
function callHost(out: MeteredCode, functionIndex: number): void {
  const { code, layout } = out;
  out.fuelLess(out.pending + layout.options.hostCosts[functionIndex]);
  emit(code, OP.LOCAL_TEE, out.fuel);
  emitConstant(code, 0);
  code.u8(OP.I32_LT_S);
  out.refuelIf();
  out.pending = 0;
  out.handOver();
  emit(code, OP.CALL, functionIndex);
  if (layout.options.suspends) {
    const { results } = signatureOf(layout.syntax, functionIndex);
    emit(code, OP.GLOBAL_GET, layout.waitingGlobal);
    out.hint(false);
    code.u8(OP.IF);
    passBlockType(code, layout.types, results);
    emit(code, OP.CALL, layout.waitFor(results));
    code.u8(OP.END);
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
    code.u8(OP.RETURN);
  } else if (out.byParameter) {
    out.fuelLess(out.pending);
    if (out.depth) out.outerDepth();
    emit(code, OP.RETURN_CALL, target);
  } else {
    out.storeFuel();
    out.storeOuterDepth();
    emit(code, OP.RETURN_CALL, layout.isGuest(functionIndex) ? layout.entryOf(functionIndex) : target);
  }
}

/** `call_indirect` or `return_call_indirect`, at `at`, of a table whose functions take the fuel as a parameter. */
export function callElement(out: MeteredCode, bytes: Uint8Array, at: number): void {
  const { code, layout } = out;
  const type = lebAt(bytes, at + 1);
  const table = lebAt(bytes, skipLeb(bytes, at + 1));
  const isTailCall = bytes[at] === OP.RETURN_CALL_INDIRECT;
  if (out.exact) out.sync();
  noteElement(out, table);
  const element = layout.syntax.tables[table].type.address === I64 ? out.element64 : out.element32;
  emit(code, OP.LOCAL_SET, element);
  out.fuelLess(out.pending);
  if (out.depth) {
    if (isTailCall) out.outerDepth();
    else emit(code, OP.LOCAL_GET, out.depthLocal);
  }
  emit(code, OP.LOCAL_GET, element);
  code.u8(bytes[at]);
  code.u32(meteredType(layout.types, layout.syntax.types[type].composite as FunctionType, out.depth));
  code.u32(table);
  if (isTailCall) return;
  emit(code, OP.LOCAL_SET, out.fuel);
  out.pending = 0;
  out.synced = false;
}

export function isAtomicWait(opcode: number): boolean {
  return opcode === OP.MEMORY_ATOMIC_WAIT32 || opcode === OP.MEMORY_ATOMIC_WAIT64;
}

/** A wait for another thread, whose immediates are between `from` and `end`. @returns false in a memory that is not shared, where it only traps */
export function atomicWait(out: MeteredCode, bytes: Uint8Array, opcode: number, from: number, end: number): boolean {
  const { layout, code } = out;
  const access = bytes.slice(from, end);
  const reader = new Reader(access);
  const memory = (reader.u32() & 0x40) === 0 ? 0 : reader.u32();
  if (!layout.syntax.memories[memory].shared) return false;
  out.handOver();
  emit(code, OP.CALL, layout.atomicWait(opcode === OP.MEMORY_ATOMIC_WAIT32 ? 4 : 8, access, memory, reader.u64()));
  out.reload();
  return true;
}

/** Leaves the table index on the stack: the platform tells a null element and one of another type with the same words. */
export function noteElement(out: MeteredCode, table: number): void {
  const { code, layout } = out;
  const wide = layout.syntax.tables[table].type.address === I64;
  emit(code, OP.LOCAL_TEE, wide ? out.element64 : out.element32);
  emit(code, OP.LOCAL_GET, wide ? out.element64 : out.element32);
  if (wide) code.u8(OP.I32_WRAP_I64);
  emit(code, OP.GLOBAL_SET, layout.elementGlobal);
}

/** Likewise the operand of a conversion to an integer: whether it was a NaN, or too large, the platform does not tell. */
export function noteOperand(out: MeteredCode, opcode: number): void {
  const { code, layout } = out;
  const single =
    opcode === OP.I32_TRUNC_F32_S ||
    opcode === OP.I32_TRUNC_F32_U ||
    opcode === OP.I64_TRUNC_F32_S ||
    opcode === OP.I64_TRUNC_F32_U;
  const local = out.scratch(single ? F32 : F64, 0);
  emit(code, OP.LOCAL_TEE, local);
  emit(code, OP.LOCAL_GET, local);
  if (single) code.u8(OP.F64_PROMOTE_F32);
  emit(code, OP.GLOBAL_SET, layout.operandGlobal);
}
