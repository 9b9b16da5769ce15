import { readMemArg } from "../../binary/instruction-reader.ts";
import type { Reader } from "../../binary/reader.ts";
import { simdOperations, simdShifts, simdSplats, simdTests } from "../../numerics/simd.ts";
import { type Instruction, lookupInstruction } from "../../wasm/instructions.ts";
import type { Emitter } from "./emitter.ts";
import { OP } from "./opcodes.ts";
import { CLASS, type Operands } from "./operands.ts";
import { VECTOR_ROOMS } from "./room-numbers.ts";

/**
 * Translates a vector instruction, by the number behind 0xfd. Each has a room of its own, {@link VECTOR_ROOMS} and that number; moves of
 * whole slots need none.
 */
export function selectVector(code: number, reader: Reader, operands: Operands, emitter: Emitter): void {
  const instruction = lookupInstruction(0xfd, code) as Instruction;
  const { name } = instruction;
  const room = VECTOR_ROOMS + code;
  if (instruction.immediates[0] === "memarg") {
    selectAccess(instruction, room, reader, operands, emitter);
    return;
  }
  if (name === "v128.const") {
    const low = [reader.fixed32() | 0, reader.fixed32() | 0];
    const high = [reader.fixed32() | 0, reader.fixed32() | 0];
    const slot = operands.pushSlot(CLASS.vector);
    operands.constant64(slot, low[0], low[1]);
    operands.constant64(slot + 1, high[0], high[1]);
    return;
  }
  if (name === "i8x16.shuffle") {
    const [a, b] = pop(operands, 2);
    const lanes = reader.take(16);
    const slot = operands.pushSlot(CLASS.vector);
    operands.result(emitter.emitList(OP.pure, [room, 22, slot, a, b, ...lanes]) + 3);
    return;
  }
  if (instruction.immediates[0] === "lane") {
    selectLane(name, room, reader.byte(), operands, emitter);
    return;
  }
  if (name in simdOperations) {
    const count = (instruction.params as readonly number[]).length;
    const registers = pop(operands, count);
    const slot = operands.pushSlot(CLASS.vector);
    while (registers.length < 3) registers.push(registers[0]);
    operands.result(emitter.emitList(OP.pure, [room, 7, slot, ...registers]) + 3);
    return;
  }
  if (name in simdShifts) {
    const [a, count] = pop(operands, 2);
    const slot = operands.pushSlot(CLASS.vector);
    operands.result(emitter.emitList(OP.pure, [room, 6, slot, a, count]) + 3);
    return;
  }
  const [a] = pop(operands, 1);
  if (name in simdTests) {
    const slot = operands.pushSlot(CLASS.word);
    operands.result(emitter.emit5(OP.pure, room, 5, slot, a) + 3);
  } else if (name in simdSplats) {
    const slot = operands.pushSlot(CLASS.vector);
    operands.result(emitter.emit5(OP.pure, room, 5, slot, a) + 3);
  } else {
    // i64x2.splat and f64x2.splat: upper half first, since the lower may be where the operand stands.
    const slot = operands.pushSlot(CLASS.vector);
    operands.move(CLASS.long, slot + 1, a);
    operands.move(CLASS.long, slot, a);
  }
}

/** Pops operands. @returns their registers, the lowest first */
function pop(operands: Operands, count: number): number[] {
  const registers: number[] = [];
  for (let depth = count - 1; depth >= 0; depth--) registers.push(operands.register(depth));
  operands.popMany(count);
  return registers;
}

function selectLane(name: string, room: number, lane: number, operands: Operands, emitter: Emitter): void {
  const wide = name.startsWith("i64x2") || name.startsWith("f64x2");
  if (name.includes("extract")) {
    const [a] = pop(operands, 1);
    if (wide) operands.move(CLASS.long, operands.pushSlot(CLASS.long), a + lane);
    else {
      const slot = operands.pushSlot(CLASS.word);
      operands.result(emitter.emitList(OP.pure, [room, 6, slot, a, lane]) + 3);
    }
    return;
  }
  const [a, value] = pop(operands, 2);
  const slot = operands.pushSlot(CLASS.vector);
  operands.move(CLASS.vector, slot, a);
  if (wide) operands.move(CLASS.long, slot + lane, value);
  else emitter.emitList(OP.pure, [room, 6, slot, lane, value]);
}

/** Loads, stores and those of one lane: [result or vector, address, memory, offset in halves, then a lane and its vector]. */
function selectAccess(
  instruction: Instruction,
  room: number,
  reader: Reader,
  operands: Operands,
  emitter: Emitter,
): void {
  const { memory, offset } = readMemArg(reader);
  const low = Number(BigInt.asIntN(32, offset));
  const high = Number(BigInt.asIntN(32, offset >> 32n));
  const lane = instruction.lanes > 0 ? reader.byte() : 0;
  const isStore = (instruction.results as readonly number[]).length === 0;
  if (instruction.params?.length === 1) {
    const [address] = pop(operands, 1);
    const slot = operands.pushSlot(CLASS.vector);
    operands.result(emitter.emitList(OP.extended, [room, 8, slot, address, memory, low, high]) + 3);
    return;
  }
  const [address, vector] = pop(operands, 2);
  if (instruction.lanes === 0) emitter.emitList(OP.extended, [room, 8, vector, address, memory, low, high]);
  else {
    const target = isStore ? vector : operands.pushSlot(CLASS.vector);
    emitter.emitList(OP.extended, [room, 10, target, address, memory, low, high, lane, vector]);
  }
}
