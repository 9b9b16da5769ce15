import type { Reader } from "../../../binary/reader.ts";
import { readHeapType } from "../../../binary/type-reader.ts";
import { referenceType } from "../../../wasm/types.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { OUT_OF_LINE } from "../out-of-line/numbers.ts";
import type { Condition } from "./condition.ts";
import type { Emitter } from "./emitter.ts";
import type { FunctionFrame } from "./function-frame.ts";
import { LABEL, type Label } from "./labels.ts";
import { CLASS, type Operands } from "./operands.ts";

/** The labels around the instruction that is being translated, and the branches to them, with the values that each carries. */
export class Branches {
  readonly labels: Label[] = [];
  private readonly operands: Operands;
  private readonly emitter: Emitter;
  private readonly condition: Condition;
  private readonly frame: FunctionFrame;

  constructor(operands: Operands, condition: Condition, frame: FunctionFrame) {
    this.operands = operands;
    this.emitter = operands.emitter;
    this.condition = condition;
    this.frame = frame;
  }

  labelAt(depth: number): Label {
    return this.labels[this.labels.length - 1 - depth];
  }

  /** Aims the branch that stands at `at` at a label. */
  aim(at: number, label: Label): void {
    const { emitter } = this;
    if (label.kind === LABEL.loop) {
      emitter.words[at + 1] = emitter.base + label.target;
      emitter.words[at + 2] = emitter.pending + label.headCost;
    } else label.fixups.push(at + 1, emitter.pending);
  }

  /** Makes the forward branch whose target word is at `at` arrive here, with the given fuel pending here. */
  patch(at: number, pendingThere: number, pendingHere: number): void {
    const { words, base, length } = this.emitter;
    words[at] = base + length;
    words[at + 1] = pendingThere - pendingHere;
  }

  /** Leaves an arm for the label behind the construct. */
  joinFromArm(label: Label): void {
    const { operands, emitter } = this;
    operands.copyTop(label.resultClasses.length, label.slot, false);
    const at = emitter.emit3(MACHINE_OP.br, 0, 0);
    label.fixups.push(at + 1, emitter.pending);
  }

  branch(label: Label): void {
    if (label.kind === LABEL.function) {
      this.frame.return();
      return;
    }
    const { operands, emitter } = this;
    operands.copyTop(label.branchClasses.length, label.slot, false);
    this.aim(emitter.emit3(MACHINE_OP.br, 0, 0), label);
  }

  /** Whether the values that a branch to `label` carries are in place once each is in its own slot. */
  private inPlace(label: Label): boolean {
    const count = label.branchClasses.length;
    if (count === 0) return true;
    return this.operands.slots[this.operands.height - count] === label.slot;
  }

  branchIf(label: Label): void {
    const { operands, emitter } = this;
    this.condition.take();
    const count = label.branchClasses.length;
    if (this.inPlace(label)) {
      if (count > 0) operands.settleTop(count);
      let at = count === 0 ? this.condition.emitCounting() : -1;
      if (at < 0) at = this.condition.emit(true);
      this.aim(at, label);
    } else {
      if (count > 1) operands.settleTop(count);
      const over = this.condition.emit(false);
      operands.fence();
      const { pending } = emitter;
      operands.copyTop(count, label.slot, label.kind === LABEL.function);
      this.aim(emitter.emit3(MACHINE_OP.br, 0, 0), label);
      this.patch(over + 1, pending, pending);
    }
    // What follows is a new block; a fused instruction must not reach over the branch.
    operands.fence();
  }

  branchTable(reader: Reader): void {
    const { operands, emitter } = this;
    const index = operands.register(0);
    operands.pop();
    const labels: Label[] = [];
    for (let count = reader.u32() + 1; count > 0; count--) labels.push(this.labelAt(reader.u32()));
    const count = labels[0].branchClasses.length;
    operands.settleTop(count);
    const words = [index, labels.length - 1];
    for (let i = 0; i < labels.length; i++) words.push(0, 0);
    const at = emitter.emitList(MACHINE_OP.brTable, words);
    operands.fence();
    // A target that wants the values elsewhere is reached over a landing that moves them.
    const landings = new Map<Label, number>();
    labels.forEach((label, i) => {
      const entry = at + 3 + 2 * i;
      if (this.inPlace(label)) {
        this.aim(entry - 1, label);
        return;
      }
      let landing = landings.get(label);
      if (landing === undefined) {
        landing = emitter.base + emitter.length;
        landings.set(label, landing);
        operands.copyTop(count, label.slot, label.kind === LABEL.function);
        this.aim(emitter.emit3(MACHINE_OP.br, 0, 0), label);
        operands.fence();
      }
      emitter.words[entry] = landing;
      emitter.words[entry + 1] = 0;
    });
  }

  /** `br_on_cast` and `br_on_cast_fail`: the reference stays on the stack, and is the last of what the branch carries. */
  branchOnCast(succeeds: boolean, reader: Reader): void {
    const { operands, emitter } = this;
    const flags = reader.byte();
    const label = this.labelAt(reader.u32());
    readHeapType(reader);
    const type = referenceType((flags & 2) !== 0, readHeapType(reader));
    const count = label.branchClasses.length;
    const number = succeeds ? OUT_OF_LINE.brOnCast : OUT_OF_LINE.brOnCastFail;
    const opposite = succeeds ? OUT_OF_LINE.brOnCastFail : OUT_OF_LINE.brOnCast;
    operands.settleTop(count);
    const value = operands.register(0);
    if (this.inPlace(label))
      this.aim(emitter.emitList(MACHINE_OP.extendedBranch, [0, 0, number, 7, value, type]), label);
    else {
      const over = emitter.emitList(MACHINE_OP.extendedBranch, [0, 0, opposite, 7, value, type]);
      operands.fence();
      const { pending } = emitter;
      operands.copyTop(count, label.slot, label.kind === LABEL.function);
      this.aim(emitter.emit3(MACHINE_OP.br, 0, 0), label);
      this.patch(over + 1, pending, pending);
    }
    operands.fence();
  }

  branchOnNull(label: Label): void {
    const { operands, emitter } = this;
    const value = operands.register(0);
    const valueSlot = value;
    operands.pop();
    const count = label.branchClasses.length;
    if (this.inPlace(label)) {
      operands.settleTop(count);
      this.aim(emitter.emitList(MACHINE_OP.extendedBranch, [0, 0, OUT_OF_LINE.brOnNull, 6, valueSlot]), label);
    } else {
      if (count > 1) operands.settleTop(count);
      const over = emitter.emitList(MACHINE_OP.extendedBranch, [0, 0, OUT_OF_LINE.brOnNonNull, 6, valueSlot]);
      operands.fence();
      const { pending } = emitter;
      operands.copyTop(count, label.slot, label.kind === LABEL.function);
      this.aim(emitter.emit3(MACHINE_OP.br, 0, 0), label);
      this.patch(over + 1, pending, pending);
    }
    operands.fence();
    this.pushRegister(CLASS.reference, valueSlot);
  }

  /** Pushes a value that stands in a register: a local's or the next entry's own. */
  private pushRegister(valueClass: number, register: number): void {
    const { operands } = this;
    if (register < operands.localSlots) operands.pushLocal(register, valueClass);
    else {
      const slot = operands.pushSlot(valueClass);
      operands.move(valueClass, slot, register);
    }
  }

  branchOnNonNull(label: Label): void {
    const { operands, emitter } = this;
    // The branch carries the reference as its last value.
    const count = label.branchClasses.length;
    if (this.inPlace(label)) {
      operands.settleTop(count);
      const value = operands.register(0);
      this.aim(emitter.emitList(MACHINE_OP.extendedBranch, [0, 0, OUT_OF_LINE.brOnNonNull, 6, value]), label);
    } else {
      if (count > 1) operands.settleTop(count);
      const value = operands.register(0);
      const over = emitter.emitList(MACHINE_OP.extendedBranch, [0, 0, OUT_OF_LINE.brOnNull, 6, value]);
      operands.fence();
      const { pending } = emitter;
      operands.copyTop(count, label.slot, label.kind === LABEL.function);
      this.aim(emitter.emit3(MACHINE_OP.br, 0, 0), label);
      this.patch(over + 1, pending, pending);
    }
    operands.fence();
    operands.pop();
  }
}
