import { type CatchClause, readBlockType, readCatches, readMemArg } from "../../binary/instruction-reader.ts";
import { Reader } from "../../binary/reader.ts";
import { readHeapType, readValueType } from "../../binary/type-reader.ts";
import { SHAPE, shapeIndex, shapes, skipImmediates } from "../../metering/instruction-shape.ts";
import { type FunctionPlan, planFunction } from "../../metering/plan.ts";
import { lookupInstruction } from "../../wasm/instructions.ts";
import type { FunctionBody, WasmModule } from "../../wasm/module.ts";
import { type FunctionType, I32, I64, isReference, referenceType, type ValueType } from "../../wasm/types.ts";
import { type CodeTrace, Emitter } from "./emitter.ts";
import { type Handler, LABEL, Label } from "./labels.ts";
import { OP } from "./opcodes.ts";
import { CLASS, classOf, KIND, Operands, slotsOf } from "./operands.ts";
import { ATOMIC_ROOMS, OUTSIDE, ROOM } from "./room-numbers.ts";
import { branchOf, negated } from "./select-comparison.ts";
import { selectGc } from "./select-gc.ts";
import { selectMemory } from "./select-memory.ts";
import { selectNumeric, selectSaturating } from "./select-numeric.ts";
import { selectVector } from "./select-vector.ts";

/** Words before a function's first instruction: its entry's charge, its slots, its flags. */
export const HEADER = 3;
/** Flags in a function's header. */
export const FLAG = { entryCheck: 1, countsDepth: 2, stub: 4 } as const;

/** Classes of the parameters and results of a function type. */
interface Classes {
  readonly params: readonly number[];
  readonly results: readonly number[];
  /** Slots that the parameters and the results take. */
  readonly paramSlots: number;
  readonly resultSlots: number;
}

export function slotCount(classes: readonly number[]): number {
  let slots = 0;
  for (const valueClass of classes) slots += slotsOf(valueClass);
  return slots;
}

const classesOfTypes = new WeakMap<FunctionType, Classes>();

let lastType: FunctionType | undefined;
let lastClasses: Classes = { params: [], results: [], paramSlots: 0, resultSlots: 0 };

export function classesOf(type: FunctionType): Classes {
  // Calls of one host function come in rows.
  if (type === lastType) return lastClasses;
  let classes = classesOfTypes.get(type);
  if (classes === undefined) {
    const params = type.params.map(classOf);
    const results = type.results.map(classOf);
    classes = { params, results, paramSlots: slotCount(params), resultSlots: slotCount(results) };
    classesOfTypes.set(type, classes);
  }
  lastType = type;
  lastClasses = classes;
  return classes;
}

const none: readonly number[] = [];
const single: readonly (readonly number[])[] = [[0], [1], [2], [3]];

/** Branches on two f64s, each with those whose right or left one is a constant. */
const floatConstants: ReadonlyMap<number, readonly [number, number | undefined]> = new Map<
  number,
  readonly [number, number | undefined]
>([
  [OP.brF64Eq, [OP.brF64EqConst, undefined]],
  [OP.brF64Ne, [OP.brF64NeConst, undefined]],
  [OP.brF64Lt, [OP.brF64LtConst, OP.brF64LtOfConst]],
  [OP.brF64Le, [OP.brF64LeConst, OP.brF64LeOfConst]],
  [OP.brF64NotLt, [OP.brF64NotLtConst, OP.brF64NotLtOfConst]],
  [OP.brF64NotLe, [OP.brF64NotLeConst, OP.brF64NotLeOfConst]],
]);

/** The instruction that selects, by class of the values. */
const selects = [OP.select32, OP.select64, OP.selectRef, OP.select128] as const;

/** Where the functions of a module stand in the arena: what a direct call jumps to. */
export interface Entries {
  /** By index of function less the imported ones. */
  readonly entries: Int32Array;
}

/**
 * Turns one function's body into code for the dispatch loop, in one pass.
 *
 * Fuel: the cost of a block is not charged at its entry but becomes *pending*, a sum known here for every point of the code. It is paid by the
 * next instruction that carries a charge: a taken branch (the difference to what is pending at its target), a call, a return. Straight lines and joins
 * so pay nothing at run time; whoever looks at the fuel in mid-block, as a trap does, subtracts what is pending there.
 * At loop heads and entries nothing is pending, and that is where fuel is checked.
 */
export class Translator {
  readonly emitter: Emitter = new Emitter();
  readonly operands: Operands = new Operands(this.emitter);
  private readonly module: WasmModule;
  private readonly entries: Entries;
  /** The exception handlers of the function. */
  handlers: Handler[] = [];
  private reader: Reader = new Reader(new Uint8Array(0));
  private readonly labels: Label[] = [];
  private localSlots: Int32Array = new Int32Array(64);
  private localClasses: Uint8Array = new Uint8Array(64);
  private result: Classes = { params: none, results: none, paramSlots: 0, resultSlots: 0 };
  private plan: FunctionPlan = undefined as unknown as FunctionPlan;
  private nextBlock = 0;
  /** Slots that hold references, when the function is translated for the second time since it has some. */
  private references: { readonly first: number; readonly end: number } | undefined;
  // A condition taken from the stack: the branch for when it holds, for when not, and their operands.
  private condition = 0;
  private inverse = 0;
  private conditionA = 0;
  private conditionB = -1;
  private constantLeft = false;
  private conditionConstant: { low: number; high: number } | undefined;

  constructor(module: WasmModule, entries: Entries) {
    this.module = module;
    this.entries = entries;
  }

  /**
   * Translates a function. The code stands in `emitter.words` afterwards, until the next.
   *
   * @param index in the module's function index space
   * @param base address in the arena at which the code will stand
   * @param trace receives the place of every instruction, when given
   * @returns words of code
   */
  translate(index: number, base: number, trace?: CodeTrace): number {
    const body = this.module.bodies[index - this.module.importCounts.func];
    this.plan = planFunction(body);
    this.references = undefined;
    this.translateBody(index, body, base, trace);
    const { firstReference, endReference } = this.operands;
    if (endReference > 0) {
      this.references = { first: firstReference, end: endReference };
      if (trace !== undefined) trace.entries.length = 0;
      this.translateBody(index, body, base, trace);
    }
    return this.emitter.length;
  }

  private functionType(index: number): FunctionType {
    return this.module.types[this.module.functions[index]].composite as FunctionType;
  }

  private translateBody(index: number, body: FunctionBody, base: number, trace: CodeTrace | undefined): void {
    const { emitter, operands, plan } = this;
    emitter.reset(base, trace);
    const type = this.functionType(index);
    this.result = classesOf(type);
    const slots = this.allocateLocals(type, body);
    operands.reset(slots);
    emitter.offset = body.start;
    emitter.pending = 0;
    emitter.emit3(
      plan.costs[0],
      0,
      (plan.entryCheck ? FLAG.entryCheck : 0) | (plan.countsDepth ? FLAG.countsDepth : 0),
    );
    this.emitLocals(type, body, slots);
    operands.fence();
    this.nextBlock = 1;
    this.handlers = [];
    this.labels.length = 0;
    this.labels.push(new Label(LABEL.function, 0, 0, none, this.result.results));
    this.walk(body);
    emitter.words[1] = Math.max(operands.maxSlot, this.result.resultSlots) + 2;
    emitter.finish();
  }

  private allocateLocals(type: FunctionType, body: FunctionBody): number {
    let count = type.params.length;
    for (const run of body.locals) count += run.count;
    if (this.localSlots.length < count) {
      this.localSlots = new Int32Array(count * 2);
      this.localClasses = new Uint8Array(count * 2);
    }
    let slot = 0;
    let local = 0;
    for (const param of type.params) {
      const valueClass = classOf(param);
      this.localSlots[local] = slot;
      this.localClasses[local++] = valueClass;
      slot += slotsOf(valueClass);
    }
    for (const run of body.locals) {
      const valueClass = classOf(run.type);
      for (let i = 0; i < run.count; i++) {
        this.localSlots[local] = slot;
        this.localClasses[local++] = valueClass;
        slot += slotsOf(valueClass);
      }
    }
    return slot;
  }

  /** What gives declared locals their defaults: zero in both kinds of registers for a run of mixed ones. */
  private emitLocals(type: FunctionType, body: FunctionBody, end: number): void {
    const { emitter, operands, references } = this;
    const first = this.result.paramSlots;
    let local = 0;
    for (const param of type.params) {
      if (isReference(param)) operands.noteReference(this.localSlots[local]);
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
          operands.noteReference(this.localSlots[local]);
          operands.noteReference(this.localSlots[local + run.count - 1]);
        }
      }
      local += run.count;
    }
    if (references !== undefined) {
      emitter.emit5(OP.extended, ROOM.referenceFrame, 5, Math.max(references.first, first), references.end);
    }
    if (end > first) emitter.emit3(longs || !words ? OP.zeroAll : OP.zero32, first, end);
  }

  private walk(body: FunctionBody): void {
    const reader = (this.reader = new Reader(body.bytes, body.start, body.end));
    const { emitter, plan } = this;
    const { bytes } = body;
    while (reader.pos < body.end) {
      const { pos } = reader;
      if (pos === plan.offsets[this.nextBlock]) emitter.pending += plan.costs[this.nextBlock++];
      emitter.offset = pos;
      reader.pos = pos + 1;
      if (!this.instruction(bytes[pos])) this.skipDead();
    }
  }

  /** Translates an instruction whose first byte has been read. @returns whether what follows can be reached */
  private instruction(opcode: number): boolean {
    const { reader, operands, emitter } = this;
    if (opcode >= 0x45 && opcode <= 0xc4) {
      selectNumeric(opcode, operands, emitter);
      return true;
    }
    if (opcode >= 0x28 && opcode <= 0x3e) {
      const { memory, offset } = readMemArg(reader);
      selectMemory(opcode, this.module.memories[memory], memory, offset, operands, emitter);
      return true;
    }
    switch (opcode) {
      case 0x00:
        emitter.emit1(OP.trapUnreachable);
        return false;
      case 0x01:
        return true;
      case 0x02:
        this.block(LABEL.block);
        return true;
      case 0x03:
        this.loop();
        return true;
      case 0x04:
        this.if();
        return true;
      case 0x05:
        this.else();
        return true;
      case 0x06:
        this.beginProtected(this.block(LABEL.try));
        return true;
      case 0x07:
      case 0x19:
        this.catch(opcode === 0x07 ? reader.u32() : -1, true);
        return true;
      case 0x08:
        this.throw(reader.u32());
        return false;
      case 0x09:
        this.throwReference(this.labelAt(reader.u32()).slot);
        return false;
      case 0x0a: {
        const reference = operands.register(0);
        operands.pop();
        this.throwReference(reference);
        return false;
      }
      case 0x18:
        return this.delegate(reader.u32(), true);
      case 0x1f:
        this.tryTable();
        return true;
      case 0x0b:
        return this.end(true);
      case 0x0c:
        this.branch(this.labelAt(reader.u32()));
        return false;
      case 0x0d:
        this.branchIf(this.labelAt(reader.u32()));
        return true;
      case 0x0e:
        this.branchTable();
        return false;
      case 0x0f:
        this.return();
        return false;
      case 0x10:
        this.call(reader.u32());
        return true;
      case 0x11: {
        const type = reader.u32();
        this.callIndirect(type, reader.u32());
        return true;
      }
      case 0x12:
        this.returnCall(reader.u32());
        return false;
      case 0x13: {
        const type = reader.u32();
        this.returnCallIndirect(type, reader.u32());
        return false;
      }
      case 0x14:
        this.callReference(reader.u32());
        return true;
      case 0x15:
        this.returnCallReference(reader.u32());
        return false;
      case 0x1a:
        operands.pop();
        return true;
      case 0x1b:
        this.select();
        return true;
      case 0x1c: {
        for (let count = reader.u32(); count > 0; count--) readValueType(reader);
        this.select();
        return true;
      }
      case 0x20: {
        const local = reader.u32();
        operands.pushLocal(this.localSlots[local], this.localClasses[local]);
        return true;
      }
      case 0x21:
        this.localSet(reader.u32());
        operands.pop();
        return true;
      case 0x22: {
        const local = reader.u32();
        this.localSet(local);
        operands.pop();
        operands.pushLocal(this.localSlots[local], this.localClasses[local]);
        return true;
      }
      case 0x23:
        this.globalGet(reader.u32());
        return true;
      case 0x24:
        this.globalSet(reader.u32());
        return true;
      case 0x25: {
        const table = reader.u32();
        this.replaceOne(CLASS.reference, (slot, index) =>
          emitter.emitList(OP.extended, [ROOM.tableGet, 6, slot, index, table]),
        );
        return true;
      }
      case 0x26: {
        const table = reader.u32();
        const index = operands.register(1);
        const value = operands.register(0);
        operands.popMany(2);
        emitter.emitList(OP.extended, [ROOM.tableSet, 6, index, value, table]);
        return true;
      }
      case 0x3f: {
        const memory = reader.u32();
        this.pushExtended(this.addressClass(this.module.memories[memory].address), ROOM.memorySize, memory);
        return true;
      }
      case 0x40: {
        const memory = reader.u32();
        this.outsideResult(OUTSIDE.memoryGrow, 1, this.addressClass(this.module.memories[memory].address), memory, 0);
        return true;
      }
      case 0x41:
        operands.pushConstant(CLASS.word, reader.s32(), 0);
        return true;
      case 0x42: {
        const value = reader.s64();
        operands.pushConstant(CLASS.long, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
        return true;
      }
      case 0x43:
        operands.pushConstant(CLASS.word, reader.fixed32() | 0, 0);
        return true;
      case 0x44: {
        const low = reader.fixed32() | 0;
        operands.pushConstant(CLASS.long, low, reader.fixed32() | 0);
        return true;
      }
      case 0xd0:
        readHeapType(reader);
        operands.pushConstant(CLASS.reference, 0, 0);
        return true;
      case 0xd1:
        this.replaceOne(CLASS.word, (slot, value) => emitter.emit5(OP.extended, ROOM.refIsNull, 5, slot, value));
        return true;
      case 0xd2:
        this.pushExtended(CLASS.reference, ROOM.refFunc, reader.u32());
        return true;
      case 0xd4: {
        const value = operands.register(0);
        emitter.emit4(OP.extended, ROOM.refAsNonNull, 4, value);
        return true;
      }
      case 0xd5:
        this.branchOnNull(this.labelAt(reader.u32()));
        return true;
      case 0xd3:
        this.replaceTwo(CLASS.word, (slot, a, b) => emitter.emitList(OP.extended, [ROOM.refEq, 6, slot, a, b]));
        return true;
      case 0xd6:
        this.branchOnNonNull(this.labelAt(reader.u32()));
        return true;
      case 0xfb: {
        const code = reader.u32();
        if (code === 0x18 || code === 0x19) this.branchOnCast(code === 0x18);
        else selectGc(code, reader, this, this.module);
        return true;
      }
      case 0xfc:
        this.miscellaneous(reader.u32());
        return true;
      case 0xfe:
        this.atomic(reader.u32());
        return true;
      case 0xfd:
        selectVector(reader.u32(), reader, operands, emitter, this.module.memories);
        return true;
      default:
        throw new Error(`the interpreter has no translation of opcode 0x${opcode.toString(16)}`);
    }
  }

  // ---- structured control

  private labelAt(depth: number): Label {
    return this.labels[this.labels.length - 1 - depth];
  }

  private blockClasses(): { params: readonly number[]; results: readonly number[] } {
    const type = readBlockType(this.reader);
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
    this.labels.push(label);
    return label;
  }

  private block(kind: number): Label {
    const { params, results } = this.blockClasses();
    // What stands for a local must not change its meaning on some of the ways through the construct.
    this.operands.settleLocals();
    return this.enter(kind, params, results);
  }

  private loop(): void {
    const { operands, emitter } = this;
    const { params, results } = this.blockClasses();
    operands.settleLocals(params.length);
    operands.settleTop(params.length);
    const label = this.enter(LABEL.loop, params, results);
    // The head's block is the next of the plan. Falling into the loop pays it without a check, a branch back pays it and checks.
    label.headCost = this.plan.costs[this.nextBlock++];
    const charge = emitter.pending + label.headCost;
    if (charge !== 0) emitter.emit2(OP.charge, charge);
    emitter.pending = 0;
    label.target = emitter.length;
    operands.fence();
  }

  private if(): void {
    const { operands, emitter } = this;
    const { params, results } = this.blockClasses();
    this.takeCondition();
    operands.settleLocals(params.length);
    operands.settleTop(params.length);
    const label = this.enter(LABEL.if, params, results);
    label.elseFixup = this.emitCondition(false) + 1;
    label.elsePending = emitter.pending;
    operands.fence();
  }

  private else(): void {
    const label = this.labels[this.labels.length - 1];
    this.joinFromArm(label);
    this.beginElse(label);
  }

  /** Leaves an arm for the label behind the construct. */
  private joinFromArm(label: Label): void {
    const { operands, emitter } = this;
    operands.copyTop(label.resultClasses.length, label.slot, false);
    const at = emitter.emit3(OP.br, 0, 0);
    label.fixups.push(at + 1, emitter.pending);
  }

  private beginElse(label: Label): void {
    const { operands, emitter } = this;
    const next = new Label(LABEL.else, label.height, label.slot, label.paramClasses, label.resultClasses);
    next.fixups.push(...label.fixups);
    this.labels[this.labels.length - 1] = next;
    this.patch(label.elseFixup, label.elsePending, label.elsePending);
    operands.fence();
    emitter.pending = label.elsePending;
    this.pushAll(label, label.paramClasses);
  }

  private pushAll(label: Label, classes: readonly number[]): void {
    const { operands } = this;
    operands.truncate(label.height);
    for (const valueClass of classes) operands.pushSlot(valueClass);
  }

  /** Makes the forward branch whose target word is at `at` arrive here, with the given fuel pending here. */
  private patch(at: number, pendingThere: number, pendingHere: number): void {
    const { words, base, length } = this.emitter;
    words[at] = base + length;
    words[at + 1] = pendingThere - pendingHere;
  }

  /**
   * The end of a construct.
   * @param live whether control arrives from above
   * @returns whether what follows can be reached
   */
  private end(live: boolean): boolean {
    const { operands, emitter } = this;
    let label = this.labels[this.labels.length - 1];
    if (label.catches.length > 0) {
      this.land(label, live);
      live = false;
    }
    if (label.kind === LABEL.if) {
      // Without an `else` the parameters are the results.
      if (live) {
        operands.copyTop(label.resultClasses.length, label.slot, false);
        label.fixups.push(label.elseFixup, label.elsePending);
      } else {
        this.beginElse(label);
        label = this.labels[this.labels.length - 1];
        live = true;
      }
    } else if (live && (label.fixups.length > 0 || label.kind === LABEL.function || label.kind === LABEL.catch)) {
      operands.copyTop(label.resultClasses.length, label.slot, label.kind === LABEL.function);
    } else if (live) {
      // Nobody branches here, so that the results may stay as they are.
      this.labels.pop();
      return true;
    }
    this.labels.pop();
    const { fixups } = label;
    if (fixups.length > 0) {
      if (!live) emitter.pending = fixups[1];
      for (let i = 0; i < fixups.length; i += 2) this.patch(fixups[i], fixups[i + 1], emitter.pending);
      operands.fence();
    } else if (!live) return false;
    if (label.kind === LABEL.function) {
      this.emitReturn();
      return false;
    }
    this.pushAll(label, label.resultClasses);
    return true;
  }

  /** Steps over code that cannot be reached, up to the `else`, handler or `end` that can. */
  private skipDead(): void {
    const { reader, labels } = this;
    const { bytes } = reader;
    let depth = 0;
    while (labels.length > 0 && reader.pos < reader.end) {
      const opcode = bytes[reader.pos++];
      switch (opcode) {
        case 0x02:
        case 0x03:
        case 0x04:
        case 0x06:
        case 0x1f:
          depth++;
          break;
        case 0x05:
          if (depth === 0) {
            this.beginElse(labels[labels.length - 1]);
            return;
          }
          break;
        case 0x07:
        case 0x19:
          if (depth === 0) {
            this.catch(opcode === 0x07 ? reader.u32() : -1, false);
            return;
          }
          break;
        case 0x18:
        case 0x0b:
          if (depth === 0) {
            if (opcode === 0x18 ? this.delegate(reader.u32(), false) : this.end(false)) return;
            continue;
          }
          depth--;
          break;
      }
      if (opcode >= 0xfb && opcode <= 0xfe) {
        const code = reader.u32();
        reader.pos = skipImmediates(bytes, reader.pos, shapes[shapeIndex(opcode, code)]);
      } else if (shapes[opcode] !== SHAPE.none) reader.pos = skipImmediates(bytes, reader.pos, shapes[opcode]);
    }
  }

  // ---- exceptions

  private beginProtected(label: Label): void {
    this.operands.fence();
    label.start = this.emitter.length;
  }

  private tryTable(): void {
    const { reader } = this;
    const type = reader.pos;
    readBlockType(reader);
    // The clauses' labels are those around the construct.
    const catches = readCatches(reader).map(({ kind, tag, label }: CatchClause) => ({
      kind,
      tag,
      label: this.labelAt(label),
    }));
    const { pos } = reader;
    reader.pos = type;
    const label = this.block(LABEL.tryTable);
    reader.pos = pos;
    label.catches = catches;
    this.beginProtected(label);
  }

  /**
   * The end of a `try_table`: behind its code come the landings of its clauses. The driver puts what a branch to a clause's label carries
   * in place and goes on at its landing, which branches there. Nothing is pending then: a throw and a call have paid.
   */
  private land(label: Label, live: boolean): void {
    const { operands, emitter } = this;
    const end = emitter.length;
    if (live) this.joinFromArm(label);
    const { pending } = emitter;
    emitter.pending = 0;
    for (const { kind, tag, label: target } of label.catches) {
      operands.fence();
      const landing = emitter.length;
      this.aim(emitter.emit3(OP.br, 0, 0), target);
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
    this.handlers.push({ start, end, depth: this.labels.length - 1, delegate: -1, clauses });
  }

  /** `catch` with a tag, or `catch_all` with -1. The exception stays below its values on the stack, for `rethrow`. */
  private catch(tag: number, live: boolean): void {
    const { operands, emitter } = this;
    const label = this.labels[this.labels.length - 1];
    if (label.kind === LABEL.try) {
      const { start, clauses } = label;
      this.handlers.push({
        start,
        end: emitter.length,
        depth: this.labels.length - 1,
        delegate: -1,
        clauses,
      });
      label.kind = LABEL.catch;
    }
    if (live) this.joinFromArm(label);
    operands.fence();
    operands.truncate(label.height);
    const slot = operands.pushSlot(CLASS.reference);
    if (tag >= 0)
      for (const param of (this.module.types[this.module.tags[tag]].composite as FunctionType).params)
        operands.pushSlot(classOf(param));
    label.clauses.push({ tag, landing: emitter.length, payloadSlot: tag >= 0 ? slot + 1 : -1, referenceSlot: slot });
    emitter.pending = 0;
  }

  private delegate(depth: number, live: boolean): boolean {
    const own = this.labels.length - 1;
    const { start, clauses } = this.labels[own];
    this.handlers.push({ start, end: this.emitter.length, depth: own, delegate: own - 1 - depth, clauses });
    return this.end(live);
  }

  /** [tag, slot of the first value] */
  private throw(tag: number): void {
    const type = this.module.types[this.module.tags[tag]].composite as FunctionType;
    this.outside(OUTSIDE.throw, [tag, this.arguments(classesOf(type))]);
  }

  /** [reference] */
  private throwReference(register: number): void {
    this.outside(OUTSIDE.throwRef, [register]);
  }

  // ---- branches

  /** Pops a condition, taking back the comparison that made it if it was the last instruction. */
  private takeCondition(): void {
    const { operands, emitter } = this;
    this.conditionB = -1;
    this.conditionConstant = undefined;
    this.constantLeft = false;
    const fresh = operands.isFresh();
    const { words } = emitter;
    const at = emitter.last;
    const comparison = fresh ? words[at] : -1;
    const branch = fresh ? branchOf(comparison) : undefined;
    if (branch !== undefined) {
      this.condition = branch;
      this.inverse = branchOf(negated(comparison)!)!;
      this.conditionA = words[at + 2];
      this.conditionB = words[at + 3];
      this.conditionConstant = emitter.constantAt(at + 3);
      emitter.takeBack();
      operands.pop();
      if (floatConstants.has(branch)) this.takeFloatConstant();
      if ((comparison === OP.i32EqImm || comparison === OP.i32NeImm) && this.conditionB === 0)
        this.takeZeroTest(comparison === OP.i32EqImm);
      return;
    }
    if (fresh && comparison === OP.i32AndImm) {
      this.condition = OP.brAndNonZero;
      this.inverse = OP.brAndZero;
      this.conditionA = words[at + 2];
      this.conditionB = words[at + 3];
      emitter.takeBack();
      operands.pop();
      return;
    }
    this.condition = OP.brNonZero;
    this.inverse = OP.brZero;
    this.conditionA = operands.register(0);
    operands.pop();
  }

  /** The comparison of an f64 with a constant, which was put into a register just before. */
  private takeFloatConstant(): void {
    const { operands, emitter } = this;
    const { last, words } = emitter;
    if (last < 0 || emitter.length !== last + 3 || words[last] !== OP.const64) return;
    const register = words[last + 1];
    const right = register === this.conditionB;
    // A register of the stack, and of one operand only: nobody else reads the constant.
    if (register < operands.localSlots || right === (register === this.conditionA)) return;
    const yes = floatConstants.get(this.condition)?.[right ? 0 : 1];
    const no = floatConstants.get(this.inverse)?.[right ? 0 : 1];
    const constant = emitter.constantAt(last + 2);
    if (yes === undefined || no === undefined || constant === undefined) return;
    emitter.takeBack();
    this.condition = yes;
    this.inverse = no;
    this.conditionConstant = constant;
    this.constantLeft = !right;
  }

  /** A comparison with zero has its own branches, and one of a masked value too. */
  private takeZeroTest(whenZero: boolean): void {
    const { operands, emitter } = this;
    const { last, words } = emitter;
    let yes: number = OP.brNonZero;
    let no: number = OP.brZero;
    this.conditionB = -1;
    // The masked value was made for this test alone when it stands in the slot that the popped entry had.
    if (
      last >= 0 &&
      emitter.length === last + 4 &&
      words[last] === OP.i32AndImm &&
      words[last + 1] === this.conditionA &&
      this.conditionA === operands.nextSlot()
    ) {
      yes = OP.brAndNonZero;
      no = OP.brAndZero;
      this.conditionA = words[last + 2];
      this.conditionB = words[last + 3];
      emitter.takeBack();
    }
    this.condition = whenZero ? no : yes;
    this.inverse = whenZero ? yes : no;
  }

  /** Emits the branch for the condition taken, its target still open. @returns where it stands */
  private emitCondition(holds: boolean): number {
    const { emitter } = this;
    const op = holds ? this.condition : this.inverse;
    if (this.conditionB < 0 && (op === OP.brNonZero || op === OP.brZero))
      return emitter.emit4(op, 0, 0, this.conditionA);
    const at = emitter.emit5(op, 0, 0, this.conditionA, this.conditionB);
    if (this.conditionConstant !== undefined)
      emitter.constant(at + (this.constantLeft ? 3 : 4), this.conditionConstant.low, this.conditionConstant.high);
    return at;
  }

  /** Emits the branch at the end of a counting loop, if the condition is that of one. @returns where it stands, or -1 */
  private emitCounting(): number {
    const { emitter, condition } = this;
    const { last, words } = emitter;
    if (last < 0 || emitter.length !== last + 4 || words[last] !== OP.i32AddImm) return -1;
    const register = words[last + 1];
    if (words[last + 2] !== register) return -1;
    const addend = words[last + 3];
    let op: number;
    let bound = this.conditionB;
    if (condition === OP.brI32Ne && bound === register) bound = this.conditionA;
    else if (register !== this.conditionA) return -1;
    if (condition === OP.brI32Ne && bound !== register) op = OP.incBrI32Ne;
    else if (condition === OP.brI32NeImm) op = OP.incBrI32NeImm;
    else if (condition === OP.brNonZero) {
      op = OP.incBrI32NeImm;
      bound = 0;
    } else return -1;
    emitter.takeBack();
    return emitter.emitList(op, [0, 0, register, addend, bound]);
  }

  /** Aims the branch that stands at `at` at a label. */
  private aim(at: number, label: Label): void {
    const { emitter } = this;
    if (label.kind === LABEL.loop) {
      emitter.words[at + 1] = emitter.base + label.target;
      emitter.words[at + 2] = emitter.pending + label.headCost;
    } else label.fixups.push(at + 1, emitter.pending);
  }

  private branch(label: Label): void {
    if (label.kind === LABEL.function) {
      this.return();
      return;
    }
    const { operands, emitter } = this;
    operands.copyTop(label.branchClasses.length, label.slot, false);
    this.aim(emitter.emit3(OP.br, 0, 0), label);
  }

  /** Whether the values that a branch to `label` carries are in place once each is in its own slot. */
  private inPlace(label: Label): boolean {
    const count = label.branchClasses.length;
    if (count === 0) return true;
    return this.operands.slots[this.operands.height - count] === label.slot;
  }

  private branchIf(label: Label): void {
    const { operands, emitter } = this;
    this.takeCondition();
    const count = label.branchClasses.length;
    if (this.inPlace(label)) {
      if (count > 0) operands.settleTop(count);
      let at = count === 0 ? this.emitCounting() : -1;
      if (at < 0) at = this.emitCondition(true);
      this.aim(at, label);
    } else {
      if (count > 1) operands.settleTop(count);
      const over = this.emitCondition(false);
      operands.fence();
      const { pending } = emitter;
      operands.copyTop(count, label.slot, label.kind === LABEL.function);
      this.aim(emitter.emit3(OP.br, 0, 0), label);
      this.patch(over + 1, pending, pending);
    }
    // What follows is a new block; a fused instruction must not reach over the branch.
    operands.fence();
  }

  private branchTable(): void {
    const { operands, emitter, reader } = this;
    const index = operands.register(0);
    operands.pop();
    const labels: Label[] = [];
    for (let count = reader.u32() + 1; count > 0; count--) labels.push(this.labelAt(reader.u32()));
    const count = labels[0].branchClasses.length;
    operands.settleTop(count);
    const words = [index, labels.length - 1];
    for (let i = 0; i < labels.length; i++) words.push(0, 0);
    const at = emitter.emitList(OP.brTable, words);
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
        this.aim(emitter.emit3(OP.br, 0, 0), label);
        operands.fence();
      }
      emitter.words[entry] = landing;
      emitter.words[entry + 1] = 0;
    });
  }

  private return(): void {
    this.operands.copyTop(this.result.results.length, 0, true);
    this.emitReturn();
  }

  private emitReturn(): void {
    const { emitter, references } = this;
    if (references !== undefined) {
      const first = Math.max(references.first, this.result.resultSlots);
      if (first < references.end) emitter.emit3(OP.nullRefs, first, references.end);
    }
    const { last, words } = emitter;
    if (last >= 0 && words[last] === OP.move32 && words[last + 1] === 0 && emitter.length === last + 3) {
      const source = words[last + 2];
      emitter.takeBack();
      emitter.emit3(OP.return32, emitter.pending, source);
    } else emitter.emit2(OP.return, emitter.pending);
  }

  // ---- calls

  /** Puts the arguments where the callee's frame begins and pops them. @returns that slot */
  private arguments(classes: Classes): number {
    const { operands } = this;
    const count = classes.params.length;
    operands.settleTop(count);
    const delta = count > 0 ? operands.slots[operands.height - count] : operands.nextSlot();
    operands.popMany(count);
    return delta;
  }

  private pushResults(classes: Classes): void {
    for (const valueClass of classes.results) this.operands.pushSlot(valueClass);
    this.operands.fence();
    this.emitter.pending = 0;
  }

  private call(index: number): void {
    const { emitter } = this;
    const classes = classesOf(this.functionType(index));
    const delta = this.arguments(classes);
    const imported = this.module.importCounts.func;
    if (index < imported) emitter.emit4(OP.callImport, index, emitter.pending, delta);
    else emitter.emit4(OP.call, this.entries.entries[index - imported], emitter.pending, delta);
    this.pushResults(classes);
  }

  /** Pops the index into a table. @returns the 32-bit register that holds it; one from a 64-bit table that is too large for that is -1 there */
  private tableIndex(table: number): number {
    const { operands, emitter } = this;
    const index = operands.register(0);
    operands.pop();
    if (this.module.tables[table].type.address === I32) return index;
    const slot = operands.nextSlot();
    emitter.emit5(OP.extended, ROOM.narrowIndex, 5, slot, index);
    return slot;
  }

  private callIndirect(type: number, table: number): void {
    const { emitter } = this;
    const classes = classesOf(this.module.types[type].composite as FunctionType);
    const index = this.tableIndex(table);
    const delta = this.arguments(classes);
    emitter.emitList(OP.callIndirect, [index, emitter.pending, table, type, delta]);
    this.pushResults(classes);
  }

  private callReference(type: number): void {
    const { operands, emitter } = this;
    const classes = classesOf(this.module.types[type].composite as FunctionType);
    const reference = operands.register(0);
    operands.pop();
    const delta = this.arguments(classes);
    emitter.emit4(OP.callRef, reference, emitter.pending, delta);
    this.pushResults(classes);
  }

  private returnCall(index: number): void {
    const { emitter } = this;
    const classes = classesOf(this.functionType(index));
    const from = this.arguments(classes);
    const imported = this.module.importCounts.func;
    if (index < imported) {
      emitter.emit5(OP.returnCallImport, index, emitter.pending, from, classes.paramSlots);
      return;
    }
    const withReferences = this.references !== undefined || classes.params.includes(CLASS.reference);
    const op = withReferences ? OP.returnCallReferences : OP.returnCall;
    emitter.emit5(op, this.entries.entries[index - imported], emitter.pending, from, classes.paramSlots);
  }

  private returnCallIndirect(type: number, table: number): void {
    const { emitter } = this;
    const classes = classesOf(this.module.types[type].composite as FunctionType);
    const index = this.tableIndex(table);
    const from = this.arguments(classes);
    emitter.emitList(OP.returnCallIndirect, [index, emitter.pending, table, type, from, classes.paramSlots]);
  }

  private returnCallReference(type: number): void {
    const { operands, emitter } = this;
    const classes = classesOf(this.module.types[type].composite as FunctionType);
    const reference = operands.register(0);
    operands.pop();
    const from = this.arguments(classes);
    emitter.emit5(OP.returnCallRef, reference, emitter.pending, from, classes.paramSlots);
  }

  // ---- variables, references, tables

  private localSet(local: number): void {
    const { operands } = this;
    const slot = this.localSlots[local];
    const top = operands.height - 1;
    operands.beforeSet(slot, 1);
    if (operands.kinds[top] === KIND.local && operands.values[top] === slot) return;
    operands.moveTop(slot);
  }

  private globalGet(index: number): void {
    const { operands, emitter } = this;
    const valueClass = classOf(this.module.globals[index].type.type);
    if (valueClass === CLASS.reference || valueClass === CLASS.vector) {
      this.pushExtended(valueClass, valueClass === CLASS.reference ? ROOM.globalGetRef : ROOM.globalGetVector, index);
      return;
    }
    const slot = operands.pushSlot(valueClass);
    operands.result(emitter.emit3(valueClass === CLASS.word ? OP.globalGet32 : OP.globalGet64, slot, index) + 1);
  }

  private globalSet(index: number): void {
    const { operands, emitter } = this;
    const valueClass = classOf(this.module.globals[index].type.type);
    const value = operands.register(0);
    operands.pop();
    if (valueClass === CLASS.reference) emitter.emit5(OP.extended, ROOM.globalSetRef, 5, value, index);
    else if (valueClass === CLASS.vector) emitter.emit5(OP.extended, ROOM.globalSetVector, 5, value, index);
    else emitter.emit3(valueClass === CLASS.word ? OP.globalSet32 : OP.globalSet64, value, index);
  }

  private select(): void {
    const { operands, emitter } = this;
    const valueClass = operands.classAt(1);
    const yes = operands.register(2);
    const no = operands.register(1);
    const condition = operands.register(0);
    operands.popMany(3);
    const slot = operands.pushSlot(valueClass);
    operands.result(emitter.emit5(selects[valueClass], slot, condition, yes, no) + 1);
  }

  private addressClass(type: ValueType): number {
    return type === I64 ? CLASS.long : CLASS.word;
  }

  /** An instruction of another room with a result and an immediate: [room, 5, result, immediate]. */
  pushExtended(valueClass: number, room: number, immediate: number): void {
    const { operands, emitter } = this;
    const slot = operands.pushSlot(valueClass);
    const at = emitter.emit5(OP.extended, room, 5, slot, immediate);
    if (valueClass !== CLASS.vector) operands.result(at + 3);
  }

  /** Pops an operand, pushes the result of the `extended` instruction that `emit` makes with its result in word 3. */
  private replaceOne(valueClass: number, emit: (slot: number, a: number) => number): void {
    const { operands } = this;
    const a = operands.register(0);
    operands.pop();
    const slot = operands.pushSlot(valueClass);
    const at = emit(slot, a);
    if (valueClass !== CLASS.vector) operands.result(at + 3);
  }

  private replaceTwo(valueClass: number, emit: (slot: number, a: number, b: number) => number): void {
    const { operands } = this;
    const a = operands.register(1);
    const b = operands.register(0);
    operands.popMany(2);
    const slot = operands.pushSlot(valueClass);
    const at = emit(slot, a, b);
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
  private take(count: number): number[] {
    const { operands } = this;
    const registers: number[] = [];
    for (let depth = count - 1; depth >= 0; depth--) registers.push(operands.register(depth));
    operands.popMany(count);
    return registers;
  }

  /** An instruction of another room with operands and a result: [result, operands …, immediates …]. */
  replace(count: number, valueClass: number, room: number, immediates: readonly number[]): void {
    const { operands, emitter } = this;
    const registers = this.take(count);
    const slot = operands.pushSlot(valueClass);
    const length = 4 + count + immediates.length;
    const at = emitter.emitList(OP.extended, [room, length, slot, ...registers, ...immediates]);
    if (valueClass !== CLASS.vector) operands.result(at + 3);
  }

  /** One without a result: [operands …, immediates …]. */
  consume(count: number, room: number, immediates: readonly number[]): void {
    const registers = this.take(count);
    this.emitter.emitList(OP.extended, [room, 3 + count + immediates.length, ...registers, ...immediates]);
  }

  /** One for the driver, without a result: [operands …, immediates …]. */
  outsideMany(number: number, count: number, immediates: readonly number[]): void {
    this.outside(number, [...this.take(count), ...immediates]);
    this.operands.fence();
  }

  /** `br_on_cast` and `br_on_cast_fail`: the reference stays on the stack, and is the last of what the branch carries. */
  private branchOnCast(succeeds: boolean): void {
    const { operands, emitter, reader } = this;
    const flags = reader.byte();
    const label = this.labelAt(reader.u32());
    readHeapType(reader);
    const type = referenceType((flags & 2) !== 0, readHeapType(reader));
    const count = label.branchClasses.length;
    const room = succeeds ? ROOM.brOnCast : ROOM.brOnCastFail;
    const opposite = succeeds ? ROOM.brOnCastFail : ROOM.brOnCast;
    operands.settleTop(count);
    const value = operands.register(0);
    if (this.inPlace(label)) this.aim(emitter.emitList(OP.extendedBranch, [0, 0, room, 7, value, type]), label);
    else {
      const over = emitter.emitList(OP.extendedBranch, [0, 0, opposite, 7, value, type]);
      operands.fence();
      const { pending } = emitter;
      operands.copyTop(count, label.slot, label.kind === LABEL.function);
      this.aim(emitter.emit3(OP.br, 0, 0), label);
      this.patch(over + 1, pending, pending);
    }
    operands.fence();
  }

  private branchOnNull(label: Label): void {
    const { operands, emitter } = this;
    const value = operands.register(0);
    const valueSlot = value;
    operands.pop();
    const count = label.branchClasses.length;
    if (this.inPlace(label)) {
      operands.settleTop(count);
      this.aim(emitter.emitList(OP.extendedBranch, [0, 0, ROOM.brOnNull, 6, valueSlot]), label);
    } else {
      if (count > 1) operands.settleTop(count);
      const over = emitter.emitList(OP.extendedBranch, [0, 0, ROOM.brOnNonNull, 6, valueSlot]);
      operands.fence();
      const { pending } = emitter;
      operands.copyTop(count, label.slot, label.kind === LABEL.function);
      this.aim(emitter.emit3(OP.br, 0, 0), label);
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

  private branchOnNonNull(label: Label): void {
    const { operands, emitter } = this;
    // The branch carries the reference as its last value.
    const count = label.branchClasses.length;
    if (this.inPlace(label)) {
      operands.settleTop(count);
      const value = operands.register(0);
      this.aim(emitter.emitList(OP.extendedBranch, [0, 0, ROOM.brOnNonNull, 6, value]), label);
    } else {
      if (count > 1) operands.settleTop(count);
      const value = operands.register(0);
      const over = emitter.emitList(OP.extendedBranch, [0, 0, ROOM.brOnNull, 6, value]);
      operands.fence();
      const { pending } = emitter;
      operands.copyTop(count, label.slot, label.kind === LABEL.function);
      this.aim(emitter.emit3(OP.br, 0, 0), label);
      this.patch(over + 1, pending, pending);
    }
    operands.fence();
    operands.pop();
  }

  /** Emits an instruction for the driver: [number, length, charge, operands …]. What was pending is paid by it. */
  private outside(number: number, words: readonly number[]): number {
    const at = this.emitter.emitList(OP.outside, [number, 4 + words.length, this.emitter.pending, ...words]);
    this.emitter.pending = 0;
    return at;
  }

  /** One with a result, and its operands in registers: [result, operands …, two immediates]. */
  outsideResult(number: number, count: number, valueClass: number, x: number, y: number): void {
    const { operands } = this;
    const registers: number[] = [];
    for (let depth = count - 1; depth >= 0; depth--) registers.push(operands.register(depth));
    operands.popMany(count);
    const slot = operands.pushSlot(valueClass);
    const at = this.outside(number, [slot, ...registers, x, y]);
    if (valueClass !== CLASS.vector) operands.result(at + 4);
    operands.fence();
  }

  /** One with three operands and no result: [operands, two immediates]. */
  private outsideThree(number: number, x: number, y: number): void {
    const { operands } = this;
    const a = operands.register(2);
    const b = operands.register(1);
    const c = operands.register(0);
    operands.popMany(3);
    this.outside(number, [a, b, c, x, y]);
    operands.fence();
  }

  /** [result, address, memory, offset in halves, operands …] */
  private atomic(code: number): void {
    const { reader, operands, emitter } = this;
    const { params, results, name } = lookupInstruction(0xfe, code)!;
    if (name === "atomic.fence") {
      reader.byte();
      return;
    }
    const { memory, offset } = readMemArg(reader);
    const [address, ...rest] = this.take(params!.length);
    const slot = results!.length > 0 ? operands.pushSlot(classOf(results![0])) : 0;
    const low = Number(BigInt.asIntN(32, offset));
    const high = Number(BigInt.asIntN(32, offset >> 32n));
    if (name.startsWith("memory.atomic.wait")) {
      const number = name.endsWith("32") ? OUTSIDE.atomicWait32 : OUTSIDE.atomicWait64;
      operands.result(this.outside(number, [slot, address, memory, low, high, ...rest]) + 4);
      operands.fence();
      return;
    }
    const at = emitter.emitList(OP.extended, [
      ATOMIC_ROOMS + code,
      8 + rest.length,
      slot,
      address,
      memory,
      low,
      high,
      ...rest,
    ]);
    if (results!.length > 0) operands.result(at + 3);
  }

  private miscellaneous(code: number): void {
    const { reader, operands, emitter } = this;
    switch (code) {
      case 0x08: {
        const data = reader.u32();
        this.outsideThree(OUTSIDE.memoryInit, data, reader.u32());
        break;
      }
      case 0x09:
        emitter.emit4(OP.extended, ROOM.dataDrop, 4, reader.u32());
        break;
      case 0x0a: {
        const target = reader.u32();
        this.outsideThree(OUTSIDE.memoryCopy, target, reader.u32());
        break;
      }
      case 0x0b:
        this.outsideThree(OUTSIDE.memoryFill, reader.u32(), 0);
        break;
      case 0x0c: {
        const element = reader.u32();
        this.outsideThree(OUTSIDE.tableInit, element, reader.u32());
        break;
      }
      case 0x0d:
        emitter.emit4(OP.extended, ROOM.elemDrop, 4, reader.u32());
        break;
      case 0x0e: {
        const target = reader.u32();
        this.outsideThree(OUTSIDE.tableCopy, target, reader.u32());
        break;
      }
      case 0x0f: {
        const table = reader.u32();
        this.outsideResult(OUTSIDE.tableGrow, 2, this.addressClass(this.module.tables[table].type.address), table, 0);
        break;
      }
      case 0x10: {
        const table = reader.u32();
        this.pushExtended(this.addressClass(this.module.tables[table].type.address), ROOM.tableSize, table);
        break;
      }
      case 0x11:
        this.outsideThree(OUTSIDE.tableFill, reader.u32(), 0);
        break;
      case 0x13:
      case 0x14:
      case 0x15:
      case 0x16: {
        // [low result, high result, operands …]
        const registers = this.take(code <= 0x14 ? 4 : 2);
        const low = operands.pushSlot(CLASS.long);
        const high = operands.pushSlot(CLASS.long);
        emitter.emitList(OP.extended, [ROOM.add128 + code - 0x13, 5 + registers.length, low, high, ...registers]);
        break;
      }
      default:
        if (code > 0x07) throw new Error(`the interpreter has no translation of opcode 0xfc ${code}`);
        selectSaturating(code, operands, emitter);
    }
  }
}
