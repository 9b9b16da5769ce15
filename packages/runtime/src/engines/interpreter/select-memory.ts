import { instructionsByName } from "../../wasm/instructions.ts";
import { I32, type MemoryType } from "../../wasm/types.ts";
import { floatsKeepBits } from "./arena.ts";
import type { Emitter } from "./emitter.ts";
import { OP } from "./opcodes.ts";
import { CLASS, type Operands } from "./operands.ts";
import { ROOM } from "./room-numbers.ts";

/** One access of memory as the machine has it, with the forms of address for which there is an instruction. */
interface Access {
  readonly op: number;
  readonly add: number;
  readonly addImmediate: number;
  readonly at: number;
  readonly valueClass: number;
}

type Name = keyof typeof OP;

function access(name: string, valueClass: number): Access {
  const find = (form: string): number => OP[`${name}${form}` as Name] ?? -1;
  return { op: find(""), add: find("Add"), addImmediate: find("AddImm"), at: find("At"), valueClass };
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
  const made = accesses()[opcode]!;
  const isStore = opcode >= 0x36;
  const addressDepth = isStore ? 1 : 0;
  if (memoryIndex !== 0 || memory.address !== I32 || offset > 0x7fffffffn) {
    selectGeneral(opcode, made.valueClass, memoryIndex, offset, operands, emitter);
    return;
  }
  const displacement = Number(offset);
  let op = made.op;
  let first = -1;
  let second = -1;
  if (operands.isConstant(addressDepth) && made.at >= 0) {
    const address = operands.constant(addressDepth) + displacement;
    if (operands.constant(addressDepth) >= 0 && address <= 0x7fffffff) {
      const value = isStore ? operands.register(0) : 0;
      operands.popMany(addressDepth + 1);
      finish(emitter, operands, isStore, made.valueClass, (target) => emitter.emit3(made.at, target, address), value);
      return;
    }
  }
  if (made.add >= 0 && operands.isFresh(addressDepth)) {
    const { words, last } = emitter;
    const registers = words[last] === OP.i32Add;
    const sum = registers || words[last] === OP.i32AddImm;
    // A constant that is stored is put into its slot first, where an operand of the sum may still be.
    const slot = isStore && operands.isConstant(0) ? operands.slot(0) : -1;
    const taken = words[last + 2] === slot || (registers && words[last + 3] === slot);
    if (sum && !taken) {
      op = words[last] === OP.i32Add ? made.add : made.addImmediate;
      first = words[last + 2];
      second = words[last + 3];
      emitter.takeBack();
    }
  }
  const value = isStore ? operands.register(0) : 0;
  if (op === made.op) {
    first = operands.register(addressDepth);
    operands.popMany(addressDepth + 1);
    finish(
      emitter,
      operands,
      isStore,
      made.valueClass,
      (target) => emitter.emit4(op, target, first, displacement),
      value,
    );
  } else {
    operands.popMany(addressDepth + 1);
    finish(
      emitter,
      operands,
      isStore,
      made.valueClass,
      (target) => emitter.emit5(op, target, first, second, displacement),
      value,
    );
  }
}

function finish(
  _emitter: Emitter,
  operands: Operands,
  isStore: boolean,
  valueClass: number,
  emit: (register: number) => number,
  value: number,
): void {
  if (isStore) emit(value);
  else {
    const target = operands.pushSlot(valueClass);
    operands.result(emit(target) + 1);
  }
}

/** An access that only the exact path can make: [room, length, opcode, register, address, memory, offset in halves]. */
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
  if (opcode >= 0x36) {
    const address = operands.register(1);
    const value = operands.register(0);
    operands.popMany(2);
    emitter.emitList(OP.extended, [ROOM.memoryStore, 9, opcode, value, address, memoryIndex, low, high]);
  } else {
    const address = operands.register(0);
    operands.pop();
    const target = operands.pushSlot(valueClass);
    const at = emitter.emitList(OP.extended, [ROOM.memoryLoad, 9, opcode, target, address, memoryIndex, low, high]);
    operands.result(at + 4);
  }
}
