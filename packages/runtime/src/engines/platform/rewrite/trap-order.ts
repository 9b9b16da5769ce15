import { writeOpcode } from "../../../binary/instruction-writer.ts";
import { lebAt, skipLeb } from "../../../metering/instruction-shape.ts";
import { maxArrayLength, storageKind } from "../../../store/gc.ts";
import { instructionOf } from "../../../wasm/instructions.ts";
import * as OP from "../../../wasm/opcodes.ts";
import type { ArrayType } from "../../../wasm/types.ts";
import { heapTypeOfIndex, I32, I64, referenceType, type ValueType } from "../../../wasm/types.ts";
import { emit, emitConstant } from "./layout.ts";
import type { MeteredCode } from "./metered-code.ts";

/**
 * Checks before instructions that can trap for two reasons at once, where the platform may look at these in another order than the
 * specification does, or has another limit than the other engines. A check that fails executes `unreachable`, or a division by zero
 * where one instruction has two checks; `failures.ts` tells from the instruction which trap that stands for.
 */

/** Executes `unreachable` when the number on the stack is not zero. */
function trapIf(out: MeteredCode): void {
  out.unlikelyIf();
  out.code.u8(OP.UNREACHABLE);
  out.code.u8(OP.END);
}

/** The immediates of an atomic access. */
function memoryOf(bytes: Uint8Array, immediates: number): { memory: number; offset: bigint } {
  const flags = lebAt(bytes, immediates);
  let pos = skipLeb(bytes, immediates);
  let memory = 0;
  if ((flags & 0x40) !== 0) {
    memory = lebAt(bytes, pos);
    pos = skipLeb(bytes, pos);
  }
  let offset = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes[pos++];
    offset |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return { memory, offset };
  }
}

/**
 * An atomic access (threads proposal, 4.4.7): it traps first when the address is not aligned, then when a wait's memory is not shared, then when the
 * address is out of bounds.
 * @returns whether the instruction has been written
 */
export function orderAtomic(out: MeteredCode, bytes: Uint8Array, immediates: number, opcode: number): boolean {
  const { code, layout } = out;
  const { name, params, width } = instructionOf(opcode);
  if (name === "atomic.fence") return false;
  const { memory, offset } = memoryOf(bytes, immediates);
  const type = layout.syntax.memories[memory];
  const waitsUnshared = name.startsWith("memory.atomic.wait") && !type.shared;
  // An offset that no address can bring into bounds is a trap to V8 whatever the address is.
  const ordered = layout.options.alignsFirst && offset + BigInt(width) <= type.min * 65536n;
  if ((ordered || width === 1) && !waitsUnshared) return false;
  const [, ...rest] = params as readonly ValueType[];
  const saved = rest.map((each, i) => out.scratch(each, i));
  for (const local of [...saved].reverse()) emit(code, OP.LOCAL_SET, local);
  const wide = type.address === I64;
  const address = out.scratch(wide ? I64 : I32, rest.length);
  emit(code, OP.LOCAL_TEE, address);
  if (!waitsUnshared) emit(code, OP.LOCAL_GET, address);
  if (wide) code.u8(OP.I32_WRAP_I64);
  const misaligned = Number(offset & BigInt(width - 1));
  if (misaligned !== 0) {
    emitConstant(code, misaligned);
    code.u8(OP.I32_ADD);
  }
  emitConstant(code, width - 1);
  code.u8(OP.I32_AND);
  trapIf(out);
  if (waitsUnshared) {
    emitConstant(code, 0);
    emitConstant(code, 0);
    code.u8(OP.I32_DIV_U);
    return true;
  }
  for (const local of saved) emit(code, OP.LOCAL_GET, local);
  return false;
}

/**
 * `array.init_data` and `array.init_elem` (specification, 4.4.6): the bounds of the array come before those of the segment. With the array, the index in
 * it, the one in the segment and the length on the stack.
 */
export function orderInit(out: MeteredCode, bytes: Uint8Array, immediates: number): void {
  const { code } = out;
  const array = out.scratch(referenceType(true, heapTypeOfIndex(lebAt(bytes, immediates))), 0);
  const [index, source, length] = [0, 1, 2].map((i) => out.scratch(I32, i));
  emit(code, OP.LOCAL_SET, length);
  emit(code, OP.LOCAL_SET, source);
  emit(code, OP.LOCAL_SET, index);
  emit(code, OP.LOCAL_TEE, array);
  for (const local of [index, source, length]) emit(code, OP.LOCAL_GET, local);
  for (const local of [index, length]) {
    emit(code, OP.LOCAL_GET, local);
    code.u8(OP.I64_EXTEND_I32_U);
  }
  code.u8(OP.I64_ADD);
  emit(code, OP.LOCAL_GET, array);
  writeOpcode(code, OP.ARRAY_LEN);
  code.u8(OP.I64_EXTEND_I32_U);
  code.u8(OP.I64_GT_U);
  trapIf(out);
}

/**
 * `array.new` and `array.new_default`, whose length {@link charge} has left in its scratch local: platforms allow more elements than the other engines,
 * or fewer.
 * @param last the position of the instruction before it
 */
export function limitArray(out: MeteredCode, bytes: Uint8Array, immediates: number, last: number): void {
  const { code, layout } = out;
  const { field } = layout.syntax.types[lebAt(bytes, immediates)].composite as ArrayType;
  const most = maxArrayLength(storageKind(field.storage));
  // A constant of one byte that is not negative.
  if (bytes[last] === OP.I32_CONST && bytes[last + 1] < 0x40) return;
  emit(code, OP.LOCAL_GET, out.scratch32);
  emitConstant(code, most);
  code.u8(OP.I32_GT_U);
  trapIf(out);
}
