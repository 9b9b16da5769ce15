import type { FunctionBody } from "../../../wasm/module.ts";
import { type FunctionType, isReference } from "../../../wasm/types.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { OUT_OF_LINE } from "../out-of-line/numbers.ts";
import { type Classes, classesOf } from "./classes.ts";
import type { Emitter } from "./emitter.ts";
import { CLASS, classOf, type Operands, slotsOf } from "./operands.ts";

/** The frame of the function that is being translated: its locals, how it begins and how it returns. */
export class FunctionFrame {
  private readonly operands: Operands;
  private readonly emitter: Emitter;
  /** Slot and class of every local. */
  slots: Int32Array = new Int32Array(64);
  classes: Uint8Array = new Uint8Array(64);
  /** Of the function's type. */
  result: Classes = { params: [], results: [], paramSlots: 0, resultSlots: 0 };
  references: { readonly first: number; readonly end: number } | undefined;

  constructor(operands: Operands) {
    this.operands = operands;
    this.emitter = operands.emitter;
  }

  /**
   * Gives the function's locals their slots.
   * @param references slots that hold references, when the function is translated for the second time since it has some
   * @returns how many slots they take
   */
  allocate(type: FunctionType, body: FunctionBody, references: FunctionFrame["references"]): number {
    this.result = classesOf(type);
    this.references = references;
    let count = type.params.length;
    for (const run of body.locals) count += run.count;
    if (this.slots.length < count) {
      this.slots = new Int32Array(count * 2);
      this.classes = new Uint8Array(count * 2);
    }
    let slot = 0;
    let local = 0;
    for (const param of type.params) {
      const valueClass = classOf(param);
      this.slots[local] = slot;
      this.classes[local++] = valueClass;
      slot += slotsOf(valueClass);
    }
    for (const run of body.locals) {
      const valueClass = classOf(run.type);
      for (let i = 0; i < run.count; i++) {
        this.slots[local] = slot;
        this.classes[local++] = valueClass;
        slot += slotsOf(valueClass);
      }
    }
    return slot;
  }

  /** What gives declared locals their defaults: zero in both kinds of registers for a run of mixed ones. */
  emitLocals(type: FunctionType, body: FunctionBody, end: number): void {
    const { emitter, operands, references } = this;
    const first = this.result.paramSlots;
    let local = 0;
    for (const param of type.params) {
      if (isReference(param)) operands.noteReference(this.slots[local]);
      local++;
    }
    let words = true;
    let longs = false;
    for (const run of body.locals) {
      const valueClass = classOf(run.type);
      if (run.count > 0) {
        if (valueClass === CLASS.long || valueClass === CLASS.vector) longs = true;
        if (valueClass === CLASS.reference) {
          words = words && run.count === 0;
          operands.noteReference(this.slots[local]);
          operands.noteReference(this.slots[local + run.count - 1]);
        }
      }
      local += run.count;
    }
    if (references !== undefined) {
      emitter.emit5(
        MACHINE_OP.extended,
        OUT_OF_LINE.referenceFrame,
        5,
        Math.max(references.first, first),
        references.end,
      );
    }
    if (end > first) emitter.emit3(longs || !words ? MACHINE_OP.zeroAll : MACHINE_OP.zero32, first, end);
  }

  return(): void {
    this.operands.copyTop(this.result.results.length, 0, true);
    this.emitReturn();
  }

  emitReturn(): void {
    const { emitter, references } = this;
    if (references !== undefined) {
      const first = Math.max(references.first, this.result.resultSlots);
      if (first < references.end) emitter.emit3(MACHINE_OP.nullRefs, first, references.end);
    }
    const { last, words } = emitter;
    if (last >= 0 && words[last] === MACHINE_OP.move32 && words[last + 1] === 0 && emitter.length === last + 3) {
      const source = words[last + 2];
      emitter.takeBack();
      emitter.emit3(MACHINE_OP.return32, emitter.pending, source);
    } else emitter.emit2(MACHINE_OP.return, emitter.pending);
  }
}
