import type { WasmModule } from "../../../wasm/module.ts";
import { type FunctionType, I32 } from "../../../wasm/types.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { OUT_OF_LINE } from "../out-of-line/numbers.ts";
import { type Classes, classesOf, functionType } from "./classes.ts";
import type { Emitter } from "./emitter.ts";
import type { FunctionFrame } from "./function-frame.ts";
import { CLASS, type Operands } from "./operands.ts";
import type { OutOfLineEmitter } from "./out-of-line-emitter.ts";

/** Where the functions of a module stand in the arena: what a direct call jumps to. */
export interface Entries {
  /** By index of function less the imported ones. */
  readonly entries: Int32Array;
}

/** Calls and tail calls: the arguments lie where the callee's frame begins, and its results come to lie there. */
export class Calls {
  private readonly module: WasmModule;
  private readonly entries: Entries;
  private readonly operands: Operands;
  private readonly emitter: Emitter;
  private readonly outOfLine: OutOfLineEmitter;
  private readonly frame: FunctionFrame;

  constructor(module: WasmModule, entries: Entries, outOfLine: OutOfLineEmitter, frame: FunctionFrame) {
    this.module = module;
    this.entries = entries;
    this.operands = outOfLine.operands;
    this.emitter = outOfLine.emitter;
    this.outOfLine = outOfLine;
    this.frame = frame;
  }

  private pushResults(classes: Classes): void {
    for (const valueClass of classes.results) this.operands.pushSlot(valueClass);
    this.operands.fence();
    this.emitter.pending = 0;
  }

  call(index: number): void {
    const { emitter } = this;
    const classes = classesOf(functionType(this.module, index));
    const delta = this.outOfLine.gather(classes.params.length);
    const imported = this.module.importCounts.func;
    if (index < imported) emitter.emit4(MACHINE_OP.callImport, index, emitter.pending, delta);
    else emitter.emit4(MACHINE_OP.call, this.entries.entries[index - imported], emitter.pending, delta);
    this.pushResults(classes);
  }

  /** Pops the index into a table. @returns the 32-bit register that holds it; one from a 64-bit table that is too large for that is -1 there */
  private tableIndex(table: number): number {
    const { operands, emitter } = this;
    const index = operands.register(0);
    operands.pop();
    if (this.module.tables[table].type.address === I32) return index;
    const slot = operands.nextSlot();
    emitter.emit5(MACHINE_OP.extended, OUT_OF_LINE.narrowIndex, 5, slot, index);
    return slot;
  }

  callIndirect(type: number, table: number): void {
    const { emitter } = this;
    const classes = classesOf(this.module.types[type].composite as FunctionType);
    const index = this.tableIndex(table);
    const delta = this.outOfLine.gather(classes.params.length);
    emitter.emitList(MACHINE_OP.callIndirect, [index, emitter.pending, table, type, delta]);
    this.pushResults(classes);
  }

  callReference(type: number): void {
    const { operands, emitter } = this;
    const classes = classesOf(this.module.types[type].composite as FunctionType);
    const reference = operands.register(0);
    operands.pop();
    const delta = this.outOfLine.gather(classes.params.length);
    emitter.emit4(MACHINE_OP.callRef, reference, emitter.pending, delta);
    this.pushResults(classes);
  }

  returnCall(index: number): void {
    const { emitter } = this;
    const classes = classesOf(functionType(this.module, index));
    const from = this.outOfLine.gather(classes.params.length);
    const imported = this.module.importCounts.func;
    if (index < imported) {
      emitter.emit5(MACHINE_OP.returnCallImport, index, emitter.pending, from, classes.paramSlots);
      return;
    }
    const withReferences = this.frame.references !== undefined || classes.params.includes(CLASS.reference);
    const op = withReferences ? MACHINE_OP.returnCallReferences : MACHINE_OP.returnCall;
    emitter.emit5(op, this.entries.entries[index - imported], emitter.pending, from, classes.paramSlots);
  }

  returnCallIndirect(type: number, table: number): void {
    const { emitter } = this;
    const classes = classesOf(this.module.types[type].composite as FunctionType);
    const index = this.tableIndex(table);
    const from = this.outOfLine.gather(classes.params.length);
    emitter.emitList(MACHINE_OP.returnCallIndirect, [index, emitter.pending, table, type, from, classes.paramSlots]);
  }

  returnCallReference(type: number): void {
    const { operands, emitter } = this;
    const classes = classesOf(this.module.types[type].composite as FunctionType);
    const reference = operands.register(0);
    operands.pop();
    const from = this.outOfLine.gather(classes.params.length);
    emitter.emit5(MACHINE_OP.returnCallRef, reference, emitter.pending, from, classes.paramSlots);
  }
}
