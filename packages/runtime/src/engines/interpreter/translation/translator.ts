import { readMemArg } from "../../../binary/instruction-reader.ts";
import { Reader } from "../../../binary/reader.ts";
import { readHeapType, readValueType } from "../../../binary/type-reader.ts";
import { type FunctionPlan, planFunction } from "../../../metering/plan.ts";
import { type CanonicalNans, canonicalNans, NAN } from "../../../numerics/canonical-nans.ts";
import type { FunctionBody, WasmModule } from "../../../wasm/module.ts";
import * as OP from "../../../wasm/opcodes.ts";
import type { FunctionType } from "../../../wasm/types.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { FLAG } from "../machine/header.ts";
import { DRIVER_OP, OUT_OF_LINE } from "../out-of-line/numbers.ts";
import { Branches } from "./branches.ts";
import { functionType } from "./classes.ts";
import { Condition } from "./condition.ts";
import { Constructs } from "./constructs.ts";
import { type CodeTrace, Emitter } from "./emitter.ts";
import { FunctionFrame } from "./function-frame.ts";
import { Handlers } from "./handlers.ts";
import { LABEL, Label } from "./labels.ts";
import { CLASS, classOf, KIND, Operands } from "./operands.ts";
import { OutOfLineEmitter } from "./out-of-line-emitter.ts";
import { selectAtomic } from "./select-atomic.ts";
import { Calls, type Entries } from "./select-call.ts";
import { selectGc } from "./select-gc.ts";
import { selectMemory } from "./select-memory.ts";
import { selectMiscellaneous } from "./select-miscellaneous.ts";
import { selectNumeric } from "./select-numeric.ts";
import { selectVector } from "./select-vector.ts";

/** The instruction that selects, by class of the values. */
const selects = [MACHINE_OP.select32, MACHINE_OP.select64, MACHINE_OP.selectRef, MACHINE_OP.select128] as const;

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
  private readonly module: WasmModule;
  private readonly deterministic: boolean;
  private readonly operands: Operands;
  private readonly outOfLine: OutOfLineEmitter;
  private readonly frame: FunctionFrame;
  private readonly branches: Branches;
  private readonly constructs: Constructs;
  private readonly calls: Calls;
  readonly handlers: Handlers;
  private reader: Reader = new Reader(new Uint8Array(0));
  private plan: FunctionPlan = undefined as unknown as FunctionPlan;
  private nextBlock = 0;

  /** @param deterministic whether NaNs that arithmetic makes are canonical */
  constructor(module: WasmModule, entries: Entries, deterministic: boolean) {
    this.module = module;
    this.deterministic = deterministic;
    const operands = new Operands(this.emitter);
    const condition = new Condition(operands);
    this.operands = operands;
    this.outOfLine = new OutOfLineEmitter(operands);
    this.frame = new FunctionFrame(operands);
    this.branches = new Branches(operands, condition, this.frame);
    this.handlers = new Handlers(module, operands, this.branches);
    this.constructs = new Constructs(module, operands, this.frame, condition, this.branches, this.handlers);
    this.calls = new Calls(module, entries, this.outOfLine, this.frame);
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
    const bodyIndex = index - this.module.importCounts.func;
    const body = this.module.bodies[bodyIndex];
    this.plan = planFunction(this.module, bodyIndex);
    this.translateBody(index, body, base, trace, undefined);
    const { firstReference, endReference } = this.operands;
    if (endReference > 0) {
      if (trace !== undefined) trace.entries.length = trace.heads.length = 0;
      this.translateBody(index, body, base, trace, { first: firstReference, end: endReference });
    }
    return this.emitter.length;
  }

  private translateBody(
    index: number,
    body: FunctionBody,
    base: number,
    trace: CodeTrace | undefined,
    references: FunctionFrame["references"],
  ): void {
    const { emitter, operands, frame, plan } = this;
    const { labels } = this.branches;
    emitter.reset(base, trace);
    const type = functionType(this.module, index);
    const slots = frame.allocate(type, body, references);
    operands.reset(slots);
    emitter.offset = body.start;
    emitter.pending = 0;
    emitter.emit3(
      plan.costs[0],
      0,
      (plan.entryCheck ? FLAG.entryCheck : 0) | (plan.countsDepth ? FLAG.countsDepth : 0),
    );
    frame.emitLocals(type, body, slots);
    operands.fence();
    this.nextBlock = 1;
    this.handlers.list = [];
    labels.length = 0;
    labels.push(new Label(LABEL.function, 0, 0, [], frame.result.results));
    this.walk(body, this.deterministic ? canonicalNans(this.module, index - this.module.importCounts.func) : undefined);
    emitter.words[1] = Math.max(operands.maxSlot, frame.result.resultSlots) + 2;
    emitter.finish();
  }

  private walk(body: FunctionBody, nans: CanonicalNans | undefined): void {
    const reader = (this.reader = new Reader(body.bytes, body.start, body.end));
    const { emitter, plan } = this;
    const { bytes } = body;
    while (reader.pos < body.end) {
      const { pos } = reader;
      if (pos === plan.offsets[this.nextBlock]) emitter.pending += plan.costs[this.nextBlock++];
      emitter.offset = pos;
      reader.pos = pos + 1;
      if (!this.instruction(bytes[pos])) this.constructs.skipDead(reader);
      else if (nans !== undefined) {
        const kind = nans.get(pos);
        if (kind !== undefined)
          this.outOfLine.replace(1, this.operands.classAt(0), OUT_OF_LINE.canonicalF32 + kind - NAN.f32, []);
      }
    }
  }

  /** Translates an instruction whose first byte has been read. @returns whether what follows can be reached */
  private instruction(opcode: number): boolean {
    const { reader, operands, emitter, outOfLine, frame, branches, constructs, handlers, calls } = this;
    if (opcode >= OP.I32_EQZ && opcode <= OP.I64_EXTEND32_S) {
      selectNumeric(opcode, operands, emitter);
      return true;
    }
    if (opcode >= OP.I32_LOAD && opcode <= OP.I64_STORE32) {
      const { memory, offset } = readMemArg(reader);
      selectMemory(opcode, this.module.memories[memory], memory, offset, operands, emitter);
      return true;
    }
    switch (opcode) {
      case 0x00: // unreachable
        emitter.emit1(MACHINE_OP.trapUnreachable);
        return false;
      case 0x01: // nop
        return true;
      case 0x02: // block
        constructs.block(LABEL.block, reader);
        return true;
      case 0x03: // loop
        // The head's block is the next of the plan.
        constructs.loop(reader, this.plan.costs[this.nextBlock++]);
        return true;
      case 0x04: // if
        constructs.if(reader);
        return true;
      case 0x05: // else
        constructs.else();
        return true;
      case 0x06: // try
        handlers.begin(constructs.block(LABEL.try, reader));
        return true;
      case 0x07: // catch
      case 0x19: // catch_all
        handlers.catch(opcode === OP.CATCH ? reader.u32() : -1, true);
        return true;
      case 0x08: // throw
        this.throw(reader.u32());
        return false;
      case 0x09: // rethrow
        this.throwReference(branches.labelAt(reader.u32()).slot);
        return false;
      case 0x0a: {
        // throw_ref
        const reference = operands.register(0);
        operands.pop();
        this.throwReference(reference);
        return false;
      }
      case 0x18: // delegate
        handlers.delegate(reader.u32());
        return constructs.end(true);
      case 0x1f: // try_table
        constructs.tryTable(reader);
        return true;
      case 0x0b: // end
        return constructs.end(true);
      case 0x0c: // br
        branches.branch(branches.labelAt(reader.u32()));
        return false;
      case 0x0d: // br_if
        branches.branchIf(branches.labelAt(reader.u32()));
        return true;
      case 0x0e: // br_table
        branches.branchTable(reader);
        return false;
      case 0x0f: // return
        frame.return();
        return false;
      case 0x10: // call
        calls.call(reader.u32());
        return true;
      case 0x11: {
        // call_indirect
        const type = reader.u32();
        calls.callIndirect(type, reader.u32());
        return true;
      }
      case 0x12: // return_call
        calls.returnCall(reader.u32());
        return false;
      case 0x13: {
        // return_call_indirect
        const type = reader.u32();
        calls.returnCallIndirect(type, reader.u32());
        return false;
      }
      case 0x14: // call_ref
        calls.callReference(reader.u32());
        return true;
      case 0x15: // return_call_ref
        calls.returnCallReference(reader.u32());
        return false;
      case 0x1a: // drop
        operands.pop();
        return true;
      case 0x1b: // select
        this.select();
        return true;
      case 0x1c: {
        // select
        for (let count = reader.u32(); count > 0; count--) readValueType(reader);
        this.select();
        return true;
      }
      case 0x20: {
        // local.get
        const local = reader.u32();
        operands.pushLocal(frame.slots[local], frame.classes[local]);
        return true;
      }
      case 0x21: // local.set
        this.localSet(reader.u32());
        operands.pop();
        return true;
      case 0x22: {
        // local.tee
        const local = reader.u32();
        this.localSet(local);
        operands.pop();
        operands.pushLocal(frame.slots[local], frame.classes[local]);
        return true;
      }
      case 0x23: // global.get
        this.globalGet(reader.u32());
        return true;
      case 0x24: // global.set
        this.globalSet(reader.u32());
        return true;
      case 0x25: {
        // table.get
        const table = reader.u32();
        outOfLine.replace(1, CLASS.reference, OUT_OF_LINE.tableGet, [table]);
        return true;
      }
      case 0x26: {
        // table.set
        const table = reader.u32();
        outOfLine.consume(2, OUT_OF_LINE.tableSet, [table]);
        return true;
      }
      case 0x3f: {
        // memory.size
        const memory = reader.u32();
        outOfLine.pushExtended(classOf(this.module.memories[memory].address), OUT_OF_LINE.memorySize, memory);
        return true;
      }
      case 0x40: {
        // memory.grow
        const memory = reader.u32();
        outOfLine.driverResult(DRIVER_OP.memoryGrow, 1, classOf(this.module.memories[memory].address), memory, 0);
        return true;
      }
      case 0x41: // i32.const
        operands.pushConstant(CLASS.word, reader.s32(), 0);
        return true;
      case 0x42: {
        // i64.const
        const low = reader.s64Low();
        operands.pushConstant(CLASS.long, low, reader.high);
        return true;
      }
      case 0x43: // f32.const
        operands.pushConstant(CLASS.word, reader.fixed32() | 0, 0);
        return true;
      case 0x44: {
        // f64.const
        const low = reader.fixed32() | 0;
        operands.pushConstant(CLASS.long, low, reader.fixed32() | 0);
        return true;
      }
      case 0xd0: // ref.null
        readHeapType(reader);
        operands.pushConstant(CLASS.reference, 0, 0);
        return true;
      case 0xd1: // ref.is_null
        outOfLine.replace(1, CLASS.word, OUT_OF_LINE.refIsNull, []);
        return true;
      case 0xd2: // ref.func
        outOfLine.pushExtended(CLASS.reference, OUT_OF_LINE.refFunc, reader.u32());
        return true;
      case 0xd4: {
        // ref.as_non_null
        const value = operands.register(0);
        emitter.emit4(MACHINE_OP.extended, OUT_OF_LINE.refAsNonNull, 4, value);
        return true;
      }
      case 0xd5: // br_on_null
        branches.branchOnNull(branches.labelAt(reader.u32()));
        return true;
      case 0xd3: // ref.eq
        outOfLine.replace(2, CLASS.word, OUT_OF_LINE.refEq, []);
        return true;
      case 0xd6: // br_on_non_null
        branches.branchOnNonNull(branches.labelAt(reader.u32()));
        return true;
      case 0xfb: {
        const code = reader.u32();
        const prefixed = (opcode << 12) | code;
        if (prefixed === OP.BR_ON_CAST || prefixed === OP.BR_ON_CAST_FAIL)
          branches.branchOnCast(prefixed === OP.BR_ON_CAST, reader);
        else selectGc(code, reader, outOfLine, this.module);
        return true;
      }
      case 0xfc:
        selectMiscellaneous(reader.u32(), reader, outOfLine, this.module);
        return true;
      case 0xfe:
        selectAtomic(reader.u32(), reader, outOfLine);
        return true;
      case 0xfd:
        selectVector(reader.u32(), reader, operands, emitter, this.module.memories);
        return true;
      default:
        throw new Error(`the interpreter has no translation of opcode 0x${opcode.toString(16)}`);
    }
  }

  /** [tag, slot of the first value] */
  private throw(tag: number): void {
    const { outOfLine, module } = this;
    const type = module.types[module.tags[tag]].composite as FunctionType;
    outOfLine.driver(DRIVER_OP.throw, [tag, outOfLine.gather(type.params.length)]);
  }

  /** [reference] */
  private throwReference(register: number): void {
    this.outOfLine.driver(DRIVER_OP.throwRef, [register]);
  }

  private localSet(local: number): void {
    const { operands } = this;
    const slot = this.frame.slots[local];
    const top = operands.height - 1;
    operands.beforeSet(slot, 1);
    if (operands.kinds[top] === KIND.local && operands.values[top] === slot) return;
    operands.moveTop(slot);
  }

  private globalGet(index: number): void {
    const { operands, emitter } = this;
    const valueClass = classOf(this.module.globals[index].type.type);
    if (valueClass === CLASS.reference || valueClass === CLASS.vector) {
      this.outOfLine.pushExtended(
        valueClass,
        valueClass === CLASS.reference ? OUT_OF_LINE.globalGetRef : OUT_OF_LINE.globalGetVector,
        index,
      );
      return;
    }
    const slot = operands.pushSlot(valueClass);
    operands.result(
      emitter.emit3(valueClass === CLASS.word ? MACHINE_OP.globalGet32 : MACHINE_OP.globalGet64, slot, index) + 1,
    );
  }

  private globalSet(index: number): void {
    const { operands, emitter } = this;
    const valueClass = classOf(this.module.globals[index].type.type);
    const value = operands.register(0);
    operands.pop();
    if (valueClass === CLASS.reference) emitter.emit5(MACHINE_OP.extended, OUT_OF_LINE.globalSetRef, 5, value, index);
    else if (valueClass === CLASS.vector)
      emitter.emit5(MACHINE_OP.extended, OUT_OF_LINE.globalSetVector, 5, value, index);
    else emitter.emit3(valueClass === CLASS.word ? MACHINE_OP.globalSet32 : MACHINE_OP.globalSet64, value, index);
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
}
