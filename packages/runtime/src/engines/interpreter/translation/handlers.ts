import type { WasmModule } from "../../../wasm/module.ts";
import type { FunctionType } from "../../../wasm/types.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import type { Branches } from "./branches.ts";
import type { Emitter } from "./emitter.ts";
import { type Handler, LABEL, type Label } from "./labels.ts";
import { CLASS, classOf, type Operands, slotsOf } from "./operands.ts";

/** The exception handlers of the function that is being translated: protected code, and where an exception that is caught there lands. */
export class Handlers {
  list: Handler[] = [];
  private readonly module: WasmModule;
  private readonly operands: Operands;
  private readonly emitter: Emitter;
  private readonly branches: Branches;

  constructor(module: WasmModule, operands: Operands, branches: Branches) {
    this.module = module;
    this.operands = operands;
    this.emitter = operands.emitter;
    this.branches = branches;
  }

  begin(label: Label): void {
    this.operands.fence();
    label.start = this.emitter.length;
  }

  /**
   * The end of a `try_table`: behind its code come the landings of its clauses. The driver puts what a branch to a clause's label carries
   * in place and goes on at its landing, which branches there. Nothing is pending then: a throw and a call have paid.
   */
  land(label: Label, live: boolean): void {
    const { operands, emitter } = this;
    const end = emitter.length;
    if (live) this.branches.joinFromArm(label);
    const { pending } = emitter;
    emitter.pending = 0;
    for (const { kind, tag, label: target } of label.catches) {
      operands.fence();
      const landing = emitter.length;
      this.branches.aim(emitter.emit3(MACHINE_OP.br, 0, 0), target);
      let slot = target.slot;
      target.branchClasses.forEach((valueClass) => {
        if (valueClass === CLASS.reference) operands.noteReference(slot);
        slot += slotsOf(valueClass);
      });
      const withReference = (kind & 1) !== 0;
      label.clauses.push({
        tag: kind < 2 ? tag : -1,
        landing,
        payloadSlot: kind < 2 ? target.slot : -1,
        referenceSlot: withReference ? slot - 1 : -1,
      });
    }
    emitter.pending = pending;
    operands.fence();
    const { start, clauses } = label;
    this.list.push({ start, end, depth: this.branches.labels.length - 1, delegate: -1, clauses });
  }

  /** `catch` with a tag, or `catch_all` with -1. The exception stays below its values on the stack, for `rethrow`. */
  catch(tag: number, live: boolean): void {
    const { operands, emitter } = this;
    const label = this.branches.labelAt(0);
    if (label.kind === LABEL.try) {
      const { start, clauses } = label;
      this.list.push({
        start,
        end: emitter.length,
        depth: this.branches.labels.length - 1,
        delegate: -1,
        clauses,
      });
      label.kind = LABEL.catch;
    }
    if (live) this.branches.joinFromArm(label);
    operands.fence();
    operands.truncate(label.height);
    const slot = operands.pushSlot(CLASS.reference);
    if (tag >= 0)
      for (const param of (this.module.types[this.module.tags[tag]].composite as FunctionType).params)
        operands.pushSlot(classOf(param));
    label.clauses.push({ tag, landing: emitter.length, payloadSlot: tag >= 0 ? slot + 1 : -1, referenceSlot: slot });
    emitter.pending = 0;
  }

  delegate(depth: number): void {
    const own = this.branches.labels.length - 1;
    const { start, clauses } = this.branches.labels[own];
    this.list.push({ start, end: this.emitter.length, depth: own, delegate: own - 1 - depth, clauses });
  }
}
