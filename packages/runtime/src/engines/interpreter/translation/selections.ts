import { instructionsByName } from "../../../wasm/instructions.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import type { Emitter } from "./emitter.ts";
import { classOf, type Operands } from "./operands.ts";

/** How a numeric instruction of the guest becomes one of the machine: takes its operands, pushes its result. */
export type Select = (operands: Operands, emitter: Emitter) => void;

/** An instruction of the machine. */
export type Name = keyof typeof MACHINE_OP;

/** Emits an instruction with a result and operands in registers, and pushes the result. */
export function emit(
  operands: Operands,
  emitter: Emitter,
  op: number,
  resultClass: number,
  a: number,
  b: number,
): void {
  const slot = operands.pushSlot(resultClass);
  operands.result((b < 0 ? emitter.emit3(op, slot, a) : emitter.emit4(op, slot, a, b)) + 1);
}

/** The same with a 64-bit constant as its last or, with `left`, first operand. */
export function emitConstant(
  operands: Operands,
  emitter: Emitter,
  op: number,
  resultClass: number,
  register: number,
  low: number,
  high: number,
  left: boolean,
): void {
  const slot = operands.pushSlot(resultClass);
  const at = left ? emitter.emit4(op, slot, 0, register) : emitter.emit4(op, slot, register, 0);
  operands.result(at + 1);
  emitter.constant(at + (left ? 2 : 3), low, high);
}

/** How the instructions of one kind are translated, by their names, and what the simple ones of every kind have in common. */
export class Selections {
  readonly byName: Map<string, Select> = new Map();

  define(name: string, select: Select): void {
    this.byName.set(name, select);
  }

  unary(name: string, op: Name, resultClass: number): void {
    this.define(name, (operands, emitter) => {
      const a = operands.register(0);
      operands.pop();
      emit(operands, emitter, MACHINE_OP[op], resultClass, a, -1);
    });
  }

  binary(name: string, op: Name, resultClass: number): void {
    this.define(name, (operands, emitter) => {
      const a = operands.register(1);
      const b = operands.register(0);
      operands.popMany(2);
      emit(operands, emitter, MACHINE_OP[op], resultClass, a, b);
    });
  }

  /** The value stays where it is and only changes its type: both types share registers. */
  rename(name: string): void {
    this.define(name, () => {});
  }

  /** Rare ones, as functions outside the loop: [number, length, result, operand]. */
  rare(name: string, number: number): void {
    const { results } = instructionsByName.get(name)!;
    const resultClass = classOf(results![0]);
    this.define(name, (operands, emitter) => {
      const a = operands.register(0);
      operands.pop();
      const slot = operands.pushSlot(resultClass);
      operands.result(emitter.emit5(MACHINE_OP.extended, number, 5, slot, a) + 3);
    });
  }
}
