import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import type { Emitter } from "./emitter.ts";
import { CLASS, type Operands } from "./operands.ts";

/**
 * Emits the instructions that the loop has no case for: those with an out-of-line function, after `extended`, and those
 * that the driver executes, after `driver`.
 */
export class OutOfLineEmitter {
  readonly operands: Operands;
  readonly emitter: Emitter;

  constructor(operands: Operands) {
    this.operands = operands;
    this.emitter = operands.emitter;
  }

  /** An out-of-line instruction with a result and an immediate: [number, 5, result, immediate]. */
  pushExtended(valueClass: number, number: number, immediate: number): void {
    const { operands, emitter } = this;
    const slot = operands.pushSlot(valueClass);
    const at = emitter.emit5(MACHINE_OP.extended, number, 5, slot, immediate);
    if (valueClass !== CLASS.vector) operands.result(at + 3);
  }

  /** Puts the topmost entries into their slots, in a row, and pops them. @returns the first slot */
  gather(count: number): number {
    const { operands } = this;
    operands.settleTop(count);
    const first = count > 0 ? operands.slots[operands.height - count] : operands.nextSlot();
    operands.popMany(count);
    return first;
  }

  /** Registers of the topmost entries, the lowest first, which are popped. */
  take(count: number): number[] {
    const { operands } = this;
    const registers: number[] = [];
    for (let depth = count - 1; depth >= 0; depth--) registers.push(operands.register(depth));
    operands.popMany(count);
    return registers;
  }

  /** An out-of-line instruction with operands and a result: [result, operands …, immediates …]. */
  replace(count: number, valueClass: number, number: number, immediates: readonly number[]): void {
    const { operands, emitter } = this;
    const registers = this.take(count);
    const slot = operands.pushSlot(valueClass);
    const length = 4 + count + immediates.length;
    const at = emitter.emitList(MACHINE_OP.extended, [number, length, slot, ...registers, ...immediates]);
    if (valueClass !== CLASS.vector) operands.result(at + 3);
  }

  /** One without a result: [operands …, immediates …]. */
  consume(count: number, number: number, immediates: readonly number[]): void {
    const registers = this.take(count);
    this.emitter.emitList(MACHINE_OP.extended, [number, 3 + count + immediates.length, ...registers, ...immediates]);
  }

  /** Emits an instruction for the driver: [number, length, charge, operands …]. What was pending is paid by it. */
  driver(number: number, words: readonly number[]): number {
    const at = this.emitter.emitList(MACHINE_OP.driver, [number, 4 + words.length, this.emitter.pending, ...words]);
    this.emitter.pending = 0;
    return at;
  }

  /** One for the driver, without a result: [operands …, immediates …]. */
  driverMany(number: number, count: number, immediates: readonly number[]): void {
    this.driver(number, [...this.take(count), ...immediates]);
    this.operands.fence();
  }

  /** One with a result, and its operands in registers: [result, operands …, two immediates]. */
  driverResult(number: number, count: number, valueClass: number, x: number, y: number): void {
    const { operands } = this;
    const registers = this.take(count);
    const slot = operands.pushSlot(valueClass);
    const at = this.driver(number, [slot, ...registers, x, y]);
    if (valueClass !== CLASS.vector) operands.result(at + 4);
    operands.fence();
  }
}
