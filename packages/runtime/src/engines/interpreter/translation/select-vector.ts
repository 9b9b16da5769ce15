import { readMemArg } from "../../../binary/instruction-reader.ts";
import type { Reader } from "../../../binary/reader.ts";
import { simdOperations, simdShifts } from "../../../numerics/simd.ts";
import { type Instruction, lookupInstruction } from "../../../wasm/instructions.ts";

import { I32, type MemoryType } from "../../../wasm/types.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { OUT_OF_LINE_VECTOR } from "../out-of-line/numbers.ts";
import type { Emitter } from "./emitter.ts";
import { CLASS, type Operands } from "./operands.ts";
import { selectMemory } from "./select-memory.ts";
import { selectShuffle } from "./select-shuffle.ts";

/** The machine's instruction with the name of a guest's, `i8x16.add_sat_u` being `i8x16AddSatU`; undefined where the loop has none. */
function inLoop(name: string): number | undefined {
  const own = name.replace(/[._](\w)/g, (_, letter: string) => letter.toUpperCase());
  return MACHINE_OP[own as keyof typeof MACHINE_OP] as number | undefined;
}

/** Instructions that are others with their operands the other way round. */
const mirrored: readonly (readonly [RegExp, string])[] = [
  [/\.gt(?=_|$)/, ".lt"],
  [/\.le(?=_)/, ".ge"],
  [/^f32x4\.ge$/, "f32x4.le"],
];

/** How an instruction is selected, by its name: looked up once. */
interface Choice {
  readonly op: number | undefined;
  readonly swap: boolean;
}
const choices = new Map<string, Choice>();

function choiceOf(name: string): Choice {
  let choice = choices.get(name);
  if (choice === undefined) {
    const mirror = mirrored.find(([pattern]) => pattern.test(name));
    const swapped = mirror === undefined ? undefined : inLoop(name.replace(mirror[0], mirror[1]));
    // Lanes of floats of 32 bits are moved as those of integers.
    const moved = name.replace(/^f32x4(?=\.(splat|extract_lane|replace_lane))/, "i32x4");
    choice = swapped === undefined ? { op: inLoop(moved), swap: false } : { op: swapped, swap: true };
    choices.set(name, choice);
  }
  return choice;
}

/** Translates a vector instruction, by the number behind 0xfd. Those that the loop does not have are outOfLine: {@link OUT_OF_LINE_VECTOR} and that number. */
export function selectVector(
  code: number,
  reader: Reader,
  operands: Operands,
  emitter: Emitter,
  memories: readonly MemoryType[],
): void {
  const instruction = lookupInstruction(0xfd, code) as Instruction;
  const { name } = instruction;
  const number = OUT_OF_LINE_VECTOR + code;
  if (instruction.immediates[0] === "memarg") {
    selectAccess(instruction, number, reader, operands, emitter, memories);
    return;
  }
  if (name === "v128.const") {
    const [a, b, c, d] = [reader.fixed32() | 0, reader.fixed32() | 0, reader.fixed32() | 0, reader.fixed32() | 0];
    const at = emitter.emit4(MACHINE_OP.const128, operands.pushSlot(CLASS.vector), 0, 0);
    operands.result(at + 1);
    emitter.constant(at + 2, a, b);
    emitter.constant(at + 3, c, d);
    return;
  }
  if (name === "i8x16.shuffle") {
    const [a, b] = pop(operands, 2);
    selectShuffle(reader.take(16), a, b, number, operands, emitter);
    return;
  }
  const { op, swap } = choiceOf(name);
  if (instruction.immediates[0] === "lane") {
    selectLane(name, op, reader.byte(), operands, emitter);
    return;
  }
  if (name in simdShifts) {
    selectShift(name, number, operands, emitter);
    return;
  }
  if (name === "i64x2.splat" || name === "f64x2.splat") {
    const [a] = pop(operands, 1);
    // Upper half first, since the lower may be where the operand stands.
    const slot = operands.pushSlot(CLASS.vector);
    operands.move(CLASS.long, slot + 1, a);
    operands.move(CLASS.long, slot, a);
    return;
  }
  if (fuse(name, operands, emitter)) return;
  const params = instruction.params as readonly number[];
  const registers = pop(operands, params.length);
  if (swap) registers.reverse();
  const isWord = (instruction.results as readonly number[])[0] === I32;
  const slot = operands.pushSlot(isWord ? CLASS.word : CLASS.vector);
  if (op !== undefined) operands.result(emitter.emitList(op, [slot, ...registers]) + 1);
  else {
    // The out-of-line functions of operations take three operands.
    if (name in simdOperations) while (registers.length < 3) registers.push(registers[0]);
    operands.result(emitter.emitList(MACHINE_OP.pure, [number, 4 + registers.length, slot, ...registers]) + 3);
  }
}

/** Pops operands. @returns their registers, the lowest first */
function pop(operands: Operands, count: number): number[] {
  const registers: number[] = [];
  for (let depth = count - 1; depth >= 0; depth--) registers.push(operands.register(depth));
  operands.popMany(count);
  return registers;
}

/** What a sum or difference becomes whose operand is a product, by how deep that lies. */
const withProduct: ReadonlyMap<string, readonly [number, number, number]> = new Map([
  ["f32x4.add", [MACHINE_OP.f32x4Mul, MACHINE_OP.f32x4MulAdd, MACHINE_OP.f32x4MulAdd]],
  ["f32x4.sub", [MACHINE_OP.f32x4Mul, MACHINE_OP.f32x4SubMul, MACHINE_OP.f32x4MulSub]],
  ["f64x2.add", [MACHINE_OP.f64x2Mul, MACHINE_OP.f64x2MulAdd, MACHINE_OP.f64x2MulAdd]],
  ["f64x2.sub", [MACHINE_OP.f64x2Mul, MACHINE_OP.f64x2SubMul, MACHINE_OP.f64x2MulSub]],
]);

/** Emits what an instruction and those just before it are together, if that is one of the machine's. */
function fuse(name: string, operands: Operands, emitter: Emitter): boolean {
  if (name === "v128.or") return fuseRotation(operands, emitter);
  if (name === "f32x4.mul") return fuseLoad(operands, emitter);
  const fused = withProduct.get(name);
  if (fused === undefined) return false;
  const depth = operands.isFresh(0) ? 0 : operands.isFresh(1) ? 1 : -1;
  const { last, words } = emitter;
  if (depth < 0 || words[last] !== fused[0]) return false;
  const other = operands.register(1 - depth);
  const x = words[last + 2];
  const y = words[last + 3];
  emitter.takeBack();
  operands.popMany(2);
  operands.result(emitter.emit5(fused[1 + depth], operands.pushSlot(CLASS.vector), x, y, other) + 1);
  return true;
}

/** A product whose right operand the instruction before loads. */
function fuseLoad(operands: Operands, emitter: Emitter): boolean {
  const { last, words } = emitter;
  if (!operands.isFresh(0) || words[last] !== MACHINE_OP.load128) return false;
  const left = operands.register(1);
  const address = words.slice(last + 2, emitter.length);
  emitter.takeBack();
  // A trap is the load's.
  emitter.offset = emitter.offsetTaken;
  operands.popMany(2);
  operands.result(emitter.emitList(MACHINE_OP.f32x4MulLoad, [operands.pushSlot(CLASS.vector), left, ...address]) + 1);
  return true;
}

/** Two shifts of one vector in opposite directions, which together are a rotation of its lanes. */
function fuseRotation(operands: Operands, emitter: Emitter): boolean {
  const { last, previous, words } = emitter;
  if (!operands.isFresh(0) || previous < 0 || operands.isLocal(1)) return false;
  const left = words[previous] === MACHINE_OP.i32x4ShlImm ? previous : last;
  const right = left === previous ? last : previous;
  if (words[left] !== MACHINE_OP.i32x4ShlImm || words[right] !== MACHINE_OP.i32x4ShrUImm) return false;
  const source = words[last + 2];
  if (words[previous + 2] !== source || words[previous + 1] === source) return false;
  if (words[previous + 1] !== operands.slot(1) || words[left + 3] + words[right + 3] !== 32) return false;
  const count = words[left + 3];
  emitter.takeBack();
  emitter.takeBack();
  operands.popMany(2);
  operands.result(emitter.emit4(MACHINE_OP.i32x4RotlImm, operands.pushSlot(CLASS.vector), source, count) + 1);
  return true;
}

function selectShift(name: string, number: number, operands: Operands, emitter: Emitter): void {
  const byConstant = inLoop(`${name}_imm`);
  if (byConstant !== undefined && operands.isConstant(0)) {
    const bits = name.startsWith("i16x8") ? 15 : 31;
    const count = operands.constant(0) & bits;
    const a = operands.register(1);
    operands.popMany(2);
    operands.result(emitter.emit4(byConstant, operands.pushSlot(CLASS.vector), a, count) + 1);
    return;
  }
  const [a, count] = pop(operands, 2);
  const slot = operands.pushSlot(CLASS.vector);
  operands.result(emitter.emitList(MACHINE_OP.pure, [number, 6, slot, a, count]) + 3);
}

function selectLane(name: string, op: number | undefined, lane: number, operands: Operands, emitter: Emitter): void {
  if (name.includes("extract")) {
    const [a] = pop(operands, 1);
    if (op === undefined) {
      // Lane 0 stands where the vector does, and needs no instruction: that of the vector must not be taken for its.
      operands.fence();
      operands.move(CLASS.long, operands.pushSlot(CLASS.long), a + lane);
    } else operands.result(emitter.emit4(op, operands.pushSlot(CLASS.word), a, lane) + 1);
    return;
  }
  const [a, value] = pop(operands, 2);
  const slot = operands.pushSlot(CLASS.vector);
  operands.move(CLASS.vector, slot, a);
  if (op === undefined) operands.move(CLASS.long, slot + lane, value);
  else emitter.emit4(op, slot, lane, value);
}

/** Loads, stores and those of one lane: [result or vector, address, memory, offset in halves, then a lane and its vector]. */
function selectAccess(
  instruction: Instruction,
  number: number,
  reader: Reader,
  operands: Operands,
  emitter: Emitter,
  memories: readonly MemoryType[],
): void {
  const { memory, offset } = readMemArg(reader);
  if (
    (instruction.name === "v128.load" || instruction.name === "v128.store") &&
    memory === 0 &&
    memories[0].address === I32 &&
    offset <= 0x7fffffffn
  ) {
    selectWhole(instruction.name === "v128.store", Number(offset), operands, emitter);
    return;
  }
  if (selectParts(instruction.name, memories[memory], memory, offset, operands, emitter)) return;
  const low = Number(BigInt.asIntN(32, offset));
  const high = Number(BigInt.asIntN(32, offset >> 32n));
  const lane = instruction.lanes > 0 ? reader.byte() : 0;
  const isStore = (instruction.results as readonly number[]).length === 0;
  if (instruction.params?.length === 1) {
    const [address] = pop(operands, 1);
    const slot = operands.pushSlot(CLASS.vector);
    operands.result(emitter.emitList(MACHINE_OP.extended, [number, 8, slot, address, memory, low, high]) + 3);
    return;
  }
  const [address, vector] = pop(operands, 2);
  if (instruction.lanes === 0) emitter.emitList(MACHINE_OP.extended, [number, 8, vector, address, memory, low, high]);
  else {
    const target = isStore ? vector : operands.pushSlot(CLASS.vector);
    emitter.emitList(MACHINE_OP.extended, [number, 10, target, address, memory, low, high, lane, vector]);
  }
}

/** Loads of a vector that are a load of a number and what makes a vector of it: by name the opcode of the first, and the second. */
const parts: ReadonlyMap<string, readonly [number, number]> = new Map<string, readonly [number, number]>([
  ["v128.load8_splat", [0x2d, MACHINE_OP.i8x16Splat]],
  ["v128.load16_splat", [0x2f, MACHINE_OP.i16x8Splat]],
  ["v128.load32_splat", [0x28, MACHINE_OP.i32x4Splat]],
  ["v128.load8x8_s", [0x29, MACHINE_OP.i16x8ExtendLowI8x16S]],
  ["v128.load8x8_u", [0x29, MACHINE_OP.i16x8ExtendLowI8x16U]],
  ["v128.load16x4_s", [0x29, MACHINE_OP.i32x4ExtendLowI16x8S]],
  ["v128.load16x4_u", [0x29, MACHINE_OP.i32x4ExtendLowI16x8U]],
]);

/** @returns whether the instruction is two of the machine's */
function selectParts(
  name: string,
  memory: MemoryType,
  memoryIndex: number,
  offset: bigint,
  operands: Operands,
  emitter: Emitter,
): boolean {
  const split = parts.get(name);
  const whole = name === "v128.load64_splat" || name === "v128.load64_zero";
  if (split === undefined && !whole) return false;
  selectMemory(split?.[0] ?? 0x29, memory, memoryIndex, offset, operands, emitter);
  const [loaded] = pop(operands, 1);
  const slot = operands.pushSlot(CLASS.vector);
  if (split !== undefined) {
    const at = emitter.emit3(split[1], slot, loaded);
    // What is made wider lies in the first half of the result, which must then not be put elsewhere: it might overlap with that.
    if (split[0] !== 0x29) operands.result(at + 1);
  } else if (name === "v128.load64_zero") operands.constant64(slot + 1, 0, 0);
  else operands.move(CLASS.long, slot + 1, slot);
  return true;
}

/** Instructions that make addresses, and the accesses that contain them. */
const addressed: ReadonlyMap<number, { readonly load: number; readonly store: number }> = new Map<
  number,
  { load: number; store: number }
>([
  [MACHINE_OP.i32Add, { load: MACHINE_OP.load128Add, store: MACHINE_OP.store128Add }],
  [MACHINE_OP.i32AddImm, { load: MACHINE_OP.load128, store: MACHINE_OP.store128 }],
]);

/** A whole vector of memory 0. */
function selectWhole(isStore: boolean, displacement: number, operands: Operands, emitter: Emitter): void {
  const depth = isStore ? 1 : 0;
  const { last, words } = emitter;
  // An address still to be made would come behind the sum.
  if (isStore && operands.isFresh(0) && words[last] === MACHINE_OP.f32x4MulAdd && !operands.isConstant(1)) {
    const address = operands.register(1);
    const parts = words.slice(last + 2, emitter.length);
    emitter.takeBack();
    operands.popMany(2);
    emitter.emitList(MACHINE_OP.f32x4MulAddStore, [...parts, address, displacement]);
    return;
  }
  const form = operands.isFresh(depth) ? addressed.get(words[last]) : undefined;
  const value = isStore ? operands.register(0) : 0;
  let op: number = isStore ? MACHINE_OP.store128 : MACHINE_OP.load128;
  let parts: number[];
  if (form !== undefined) {
    op = isStore ? form.store : form.load;
    parts = [words[last + 2], words[last + 3]];
    emitter.takeBack();
  } else parts = [operands.register(depth), 0];
  operands.popMany(depth + 1);
  if (isStore) emitter.emitList(op, [value, ...parts, displacement]);
  else operands.result(emitter.emitList(op, [operands.pushSlot(CLASS.vector), ...parts, displacement]) + 1);
}
