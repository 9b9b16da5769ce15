import { floatsKeepBits } from "../../../numerics/floats.ts";
import { instructionsByName } from "../../../wasm/instructions.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { I32, type MemoryType } from "../../../wasm/types.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { OUT_OF_LINE } from "../out-of-line/numbers.ts";
import type { Emitter } from "./emitter.ts";
import { CLASS, type Operands } from "./operands.ts";

/** One access of memory as the machine has it, with the forms of address for which there is an instruction. */
interface Access {
  readonly op: number;
  readonly at: number;
  readonly valueClass: number;
  /** The forms whose address is made by the instruction before, by that instruction. */
  readonly by: ReadonlyMap<number, number>;
  /** The same for storing a constant. */
  readonly constant: Access | undefined;
}

/** Instructions that make addresses, with the name of the form that contains them and which of their operands are registers. */
const makers: readonly (readonly [number, string, readonly number[]])[] = [
  [MACHINE_OP.i32Add, "Add", [2, 3]],
  [MACHINE_OP.i32AddImm, "AddImm", [2]],
  [MACHINE_OP.i32AddShl, "AddShl", [2, 3]],
  [MACHINE_OP.i32ShlAddImm, "ShlAddImm", [2]],
];

type Name = keyof typeof MACHINE_OP;

function access(name: string, valueClass: number): Access {
  const find = (form: string): number => MACHINE_OP[`${name}${form}` as Name] ?? -1;
  const by = new Map<number, number>();
  for (const [maker, form] of makers) if (find(form) >= 0) by.set(maker, find(form));
  const constant = `${name}Const` in MACHINE_OP ? access(`${name}Const`, valueClass) : undefined;
  return { op: find(""), at: find("At"), valueClass, by, constant };
}

const { word, long } = CLASS;
const wordAccesses: readonly (readonly [string, string])[] = [
  ["i32.load", "load32"],
  ["f32.load", "load32"],
  ["i32.load8_s", "load8S"],
  ["i32.load8_u", "load8U"],
  ["i32.load16_s", "load16S"],
  ["i32.load16_u", "load16U"],
  ["i32.store", "store32"],
  ["f32.store", "store32"],
  ["i32.store8", "store8"],
  ["i32.store16", "store16"],
];
const longAccesses: readonly (readonly [string, string])[] = [
  ["i64.load8_s", "load8SI64"],
  ["i64.load8_u", "load8UI64"],
  ["i64.load16_s", "load16SI64"],
  ["i64.load16_u", "load16UI64"],
  ["i64.load32_s", "load32SI64"],
  ["i64.load32_u", "load32UI64"],
  ["i64.store8", "store8I64"],
  ["i64.store16", "store16I64"],
  ["i64.store32", "store32I64"],
];

let table: (Access | undefined)[] | undefined;

/** By opcode. Made when the first function is translated, since it asks what the platform does with NaNs. */
function accesses(): (Access | undefined)[] {
  if (table !== undefined) return table;
  table = [];
  const define = (name: string, made: Access): void => {
    table![instructionsByName.get(name)!.opcode] = made;
  };
  for (const [name, op] of wordAccesses) define(name, access(op, word));
  for (const [name, op] of longAccesses) define(name, access(op, long));
  const exact = floatsKeepBits() ? "" : "Exact";
  for (const type of ["i64", "f64"]) {
    define(`${type}.load`, access(`load64${exact}`, long));
    define(`${type}.store`, access(`store64${exact}`, long));
  }
  return table;
}

/**
 * Translates a load (opcodes 0x28 to 0x35) or a store (0x36 to 0x3e).
 *
 * An `i32.add` that only makes the address becomes part of the instruction: `(register + register) + offset` and
 * `(register + constant) + offset`, the sum in brackets wrapping and the outer one not.
 */
export function selectMemory(
  opcode: number,
  memory: MemoryType,
  memoryIndex: number,
  offset: bigint,
  operands: Operands,
  emitter: Emitter,
): void {
  const general = accesses()[opcode]!;
  const isStore = opcode >= OP.I32_STORE;
  if (memoryIndex !== 0 || memory.address !== I32 || offset > 0x7fffffffn) {
    selectGeneral(opcode, general.valueClass, memoryIndex, offset, operands, emitter);
    return;
  }
  const displacement = Number(offset);
  const depth = isStore ? 1 : 0;
  const ofConstant = isStore && operands.isConstant(0);
  const made = ofConstant ? (general.constant ?? general) : general;
  const value = (): number => (made === general ? operands.register(0) : operands.constant(0));

  if (operands.isConstant(depth) && made.at >= 0) {
    const address = operands.constant(depth) + displacement;
    if (operands.constant(depth) >= 0 && address <= 0x7fffffff) {
      finish(emitter, operands, isStore, made, made.at, isStore ? value() : 0, [address]);
      return;
    }
  }
  if (operands.isFresh(depth)) {
    const { words, last } = emitter;
    const form = made.by.get(words[last]);
    const maker = makers.find(([op]) => op === words[last]);
    // A constant that needs a register is put into its slot first, where an operand of the address may still be.
    const slot = ofConstant && made === general ? operands.slot(0) : -1;
    if (form !== undefined && !maker![2].some((word) => words[last + word] === slot)) {
      const parts = [...words.subarray(last + 2, emitter.length)];
      emitter.takeBack();
      finish(emitter, operands, isStore, made, form, isStore ? value() : 0, [...parts, displacement]);
      return;
    }
  }
  if (isStore && made === general && opcode === OP.F64_STORE && selectArithmeticStore(displacement, operands, emitter))
    return;
  const stored = isStore ? value() : 0;
  finish(emitter, operands, isStore, made, made.op, stored, [operands.register(depth), displacement]);
}

/** Pops the operands, emits the instruction, and pushes what a load loads. */
function finish(
  emitter: Emitter,
  operands: Operands,
  isStore: boolean,
  made: Access,
  op: number,
  value: number,
  rest: readonly number[],
): void {
  operands.popMany(isStore ? 2 : 1);
  if (isStore) emitter.emitList(op, [value, ...rest]);
  else {
    const target = operands.pushSlot(made.valueClass);
    operands.result(emitter.emitList(op, [target, ...rest]) + 1);
  }
}

/** An f64.store of what the instruction before computes. @returns whether there is an instruction for it */
function selectArithmeticStore(displacement: number, operands: Operands, emitter: Emitter): boolean {
  if (!operands.isFresh() || operands.isConstant(1)) return false;
  const { words, last } = emitter;
  const op = arithmeticStores.get(words[last]);
  if (op === undefined) return false;
  const address = operands.register(1);
  const [left, right] = words.subarray(last + 2, last + 4);
  emitter.takeBack();
  operands.popMany(2);
  emitter.emit5(op, left, right, address, displacement);
  return true;
}

const arithmeticStores: ReadonlyMap<number, number> = new Map<number, number>([
  [MACHINE_OP.f64Add, MACHINE_OP.f64AddStore],
  [MACHINE_OP.f64Sub, MACHINE_OP.f64SubStore],
  [MACHINE_OP.f64Mul, MACHINE_OP.f64MulStore],
]);

/** An access that only the exact path can make: [number, length, opcode, register, address, memory, offset in halves]. */
function selectGeneral(
  opcode: number,
  valueClass: number,
  memoryIndex: number,
  offset: bigint,
  operands: Operands,
  emitter: Emitter,
): void {
  const low = Number(BigInt.asIntN(32, offset));
  const high = Number(BigInt.asIntN(32, offset >> 32n));
  if (opcode >= OP.I32_STORE) {
    const address = operands.register(1);
    const value = operands.register(0);
    operands.popMany(2);
    emitter.emitList(MACHINE_OP.extended, [OUT_OF_LINE.memoryStore, 9, opcode, value, address, memoryIndex, low, high]);
  } else {
    const address = operands.register(0);
    operands.pop();
    const target = operands.pushSlot(valueClass);
    const at = emitter.emitList(MACHINE_OP.extended, [
      OUT_OF_LINE.memoryLoad,
      9,
      opcode,
      target,
      address,
      memoryIndex,
      low,
      high,
    ]);
    operands.result(at + 4);
  }
}
