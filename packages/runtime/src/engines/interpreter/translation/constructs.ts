import { type CatchClause, readBlockType, readCatches } from "../../../binary/instruction-reader.ts";
import type { Reader } from "../../../binary/reader.ts";
import { SHAPE, shapes, skipImmediates } from "../../../metering/instruction-shape.ts";
import { stopPosition } from "../../../metering/stop-position.ts";
import type { WasmModule } from "../../../wasm/module.ts";
import { isPrefix, prefixedSlot } from "../../../wasm/opcode-slots.ts";
import * as OP from "../../../wasm/opcodes.ts";
import type { FunctionType } from "../../../wasm/types.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import type { Branches } from "./branches.ts";
import { classesOf } from "./classes.ts";
import type { Condition } from "./condition.ts";
import type { Emitter } from "./emitter.ts";
import type { FunctionFrame } from "./function-frame.ts";
import type { Handlers } from "./handlers.ts";
import { LABEL, Label } from "./labels.ts";
import { classOf, type Operands } from "./operands.ts";

const none: readonly number[] = [];
const single: readonly (readonly number[])[] = [[0], [1], [2], [3]];

/** Structured control: how blocks, loops, arms and protected code begin and end, and the code between that cannot be reached. */
export class Constructs {
  private readonly module: WasmModule;
  private readonly operands: Operands;
  private readonly emitter: Emitter;
  private readonly frame: FunctionFrame;
  private readonly condition: Condition;
  private readonly branches: Branches;
  private readonly handlers: Handlers;

  constructor(
    module: WasmModule,
    operands: Operands,
    frame: FunctionFrame,
    condition: Condition,
    branches: Branches,
    handlers: Handlers,
  ) {
    this.module = module;
    this.operands = operands;
    this.emitter = operands.emitter;
    this.frame = frame;
    this.condition = condition;
    this.branches = branches;
    this.handlers = handlers;
  }

  private blockClasses(reader: Reader): { params: readonly number[]; results: readonly number[] } {
    const type = readBlockType(reader);
    switch (type.kind) {
      case "empty":
        return { params: none, results: none };
      case "value":
        return { params: none, results: single[classOf(type.type)] };
      case "index":
        return classesOf(this.module.types[type.index].composite as FunctionType);
    }
  }

  private enter(kind: number, params: readonly number[], results: readonly number[]): Label {
    const { operands } = this;
    const height = operands.height - params.length;
    const slot = params.length > 0 ? operands.slots[height] : operands.nextSlot();
    const label = new Label(kind, height, slot, params, results);
    this.branches.labels.push(label);
    return label;
  }

  block(kind: number, reader: Reader): Label {
    const { params, results } = this.blockClasses(reader);
    // What stands for a local must not change its meaning on some of the ways through the construct.
    this.operands.settleLocals();
    return this.enter(kind, params, results);
  }

  /** @param cost of the block that the loop's head begins */
  loop(reader: Reader, cost: number): void {
    const { operands, emitter } = this;
    const { params, results } = this.blockClasses(reader);
    operands.settleLocals(params.length);
    operands.settleTop(params.length);
    const label = this.enter(LABEL.loop, params, results);
    // Falling into the loop pays the head's block without a check, a branch back pays it and checks.
    label.headCost = cost;
    const charge = emitter.pending + label.headCost;
    if (charge !== 0) emitter.emit2(MACHINE_OP.charge, charge);
    emitter.pending = 0;
    label.target = emitter.beginLoop(stopPosition(reader.bytes, reader.pos));
    operands.fence();
  }

  if(reader: Reader): void {
    const { operands, emitter } = this;
    const { params, results } = this.blockClasses(reader);
    this.condition.take();
    operands.settleLocals(params.length);
    operands.settleTop(params.length);
    const label = this.enter(LABEL.if, params, results);
    label.elseFixup = this.condition.emit(false) + 1;
    label.elsePending = emitter.pending;
    operands.fence();
  }

  else(): void {
    const label = this.branches.labelAt(0);
    this.branches.joinFromArm(label);
    this.beginElse(label);
  }

  private beginElse(label: Label): void {
    const { operands, emitter } = this;
    const next = new Label(LABEL.else, label.height, label.slot, label.paramClasses, label.resultClasses);
    next.fixups.push(...label.fixups);
    this.branches.labels[this.branches.labels.length - 1] = next;
    this.branches.patch(label.elseFixup, label.elsePending, label.elsePending);
    operands.fence();
    emitter.pending = label.elsePending;
    this.pushAll(label, label.paramClasses);
  }

  private pushAll(label: Label, classes: readonly number[]): void {
    const { operands } = this;
    operands.truncate(label.height);
    for (const valueClass of classes) operands.pushSlot(valueClass);
  }

  tryTable(reader: Reader): void {
    const type = reader.pos;
    readBlockType(reader);
    // The clauses' labels are those around the construct.
    const catches = readCatches(reader).map(({ kind, tag, label }: CatchClause) => ({
      kind,
      tag,
      label: this.branches.labelAt(label),
    }));
    const { pos } = reader;
    reader.pos = type;
    const label = this.block(LABEL.tryTable, reader);
    reader.pos = pos;
    label.catches = catches;
    this.handlers.begin(label);
  }

  /**
   * The end of a construct.
   * @param live whether control arrives from above
   * @returns whether what follows can be reached
   */
  end(live: boolean): boolean {
    const { operands, emitter } = this;
    let label = this.branches.labelAt(0);
    if (label.catches.length > 0) {
      this.handlers.land(label, live);
      live = false;
    }
    if (label.kind === LABEL.if) {
      // Without an `else` the parameters are the results.
      if (live) {
        operands.copyTop(label.resultClasses.length, label.slot, false);
        label.fixups.push(label.elseFixup, label.elsePending);
      } else {
        this.beginElse(label);
        label = this.branches.labelAt(0);
        live = true;
      }
    } else if (live && (label.fixups.length > 0 || label.kind === LABEL.function || label.kind === LABEL.catch)) {
      operands.copyTop(label.resultClasses.length, label.slot, label.kind === LABEL.function);
    } else if (live) {
      // Nobody branches here, so that the results may stay as they are.
      this.branches.labels.pop();
      return true;
    }
    this.branches.labels.pop();
    const { fixups } = label;
    if (fixups.length > 0) {
      if (!live) emitter.pending = fixups[1];
      for (let i = 0; i < fixups.length; i += 2) this.branches.patch(fixups[i], fixups[i + 1], emitter.pending);
      operands.fence();
    } else if (!live) return false;
    if (label.kind === LABEL.function) {
      this.frame.emitReturn();
      return false;
    }
    this.pushAll(label, label.resultClasses);
    return true;
  }

  /** Steps over code that cannot be reached, up to the `else`, handler or `end` that can. */
  skipDead(reader: Reader): void {
    const { labels } = this.branches;
    const { bytes } = reader;
    let depth = 0;
    while (labels.length > 0 && reader.pos < reader.end) {
      const opcode = bytes[reader.pos++];
      switch (opcode) {
        case OP.BLOCK:
        case OP.LOOP:
        case OP.IF:
        case OP.TRY:
        case OP.TRY_TABLE:
          depth++;
          break;
        case OP.ELSE:
          if (depth === 0) {
            this.beginElse(labels[labels.length - 1]);
            return;
          }
          break;
        case OP.CATCH:
        case OP.CATCH_ALL:
          if (depth === 0) {
            this.handlers.catch(opcode === OP.CATCH ? reader.u32() : -1, false);
            return;
          }
          break;
        case OP.DELEGATE:
        case OP.END:
          if (depth === 0) {
            if (opcode === OP.DELEGATE) this.handlers.delegate(reader.u32());
            if (this.end(false)) return;
            continue;
          }
          depth--;
          break;
      }
      if (isPrefix(opcode)) {
        const code = reader.u32();
        reader.pos = skipImmediates(bytes, reader.pos, shapes[prefixedSlot(opcode, code)]);
      } else if (shapes[opcode] !== SHAPE.none) reader.pos = skipImmediates(bytes, reader.pos, shapes[opcode]);
    }
  }
}
