import type { Global } from "../../../store/global.ts";
import type { InterpreterInstance } from "../instance.ts";
import type { OutOfLineFunction } from "../out-of-line/basic.ts";
import type { Arena } from "./arena.ts";

/**
 * The registers of the machine that outlive a stay in the dispatch loop. The loop reads all of them when it is entered and writes
 * `pc`, `fp`, `sp` and `fuel` when it is left; nothing else about a running guest is anywhere but in the arena.
 */
export class MachineState {
  /** Address of the instruction to execute, or of the one that could not go on. */
  pc = 0;
  /** First slot of the current frame. */
  fp = 0;
  /** Return addresses on the stack. */
  sp = 0;
  /** Fuel left of the slice, less what is pending; see the translator. */
  fuel = 0;
  /** The greatest `sp` that the depth limits allow. */
  spLimit = 0;
  /** Memory 0 of the current instance. */
  view: DataView = new DataView(new ArrayBuffer(0));
  /** The last address at which any access to memory 0 fits, or negative where the exact path must decide. */
  limit = -1;
  /** Globals of the current instance. */
  globals: readonly Global[] = [];
  instance: InterpreterInstance = undefined as unknown as InterpreterInstance;
}

/** Runs guest code from where the state says until the driver must act. @returns why, as `WHY` lists it */
export type Loop = () => number;

/** What the dispatch loops are made over. */
export interface LoopParts {
  readonly arena: Arena;
  readonly S: MachineState;
  readonly outOfLine: readonly OutOfLineFunction[];
  /** The entry of the function that a `call_indirect` means, or -1 when it is not a plain call within the instance. */
  readonly resolve: (pc: number, index: number) => number;
}
