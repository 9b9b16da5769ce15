import type { Func } from "../../store/function.ts";
import { Exception, jsTag } from "../../store/tag.ts";
import { type Frame, RuntimeError, Trap, type TrapCode } from "../../store/trap.ts";
import { toJavaScript, toWasmResults, type WasmValue } from "../../store/values.ts";
import { isDefinedSubtype } from "../../wasm/type-registry.ts";
import { I32, isReference } from "../../wasm/types.ts";
import { Activation, type Segment } from "./activation.ts";
import { type Arena, createArena, FRAMES } from "./arena.ts";
import { atomicRooms } from "./atomic-rooms.ts";
import { atomicWait } from "./atomic-wait.ts";
import { classesOf } from "./classes.ts";
import { gcRooms } from "./gc-rooms.ts";
import { FLAG, HEADER } from "./header.ts";
import { InterpreterInstance } from "./instance.ts";
import type { HandlerClause } from "./labels.ts";
import { makeLoop } from "./loop.ts";
import { accessExactly } from "./memory-access.ts";
import { CodeStore, type ModuleCode } from "./module-code.ts";
import { FIRST_VECTOR, lengths, OP, opNames, WHY } from "./opcodes.ts";
import { classOf, slotsOf } from "./operands.ts";
import { bulkInstructions, type Outside } from "./outside.ts";
import { OUTSIDE } from "./room-numbers.ts";
import { basicRooms, type Room } from "./rooms.ts";
import { type Loop, type LoopParts, MachineState } from "./state.ts";
import { train } from "./training.ts";
import { readValue, writeReference, writeValue } from "./values-in-registers.ts";
import { makeVectorLoop } from "./vector-loop.ts";
import { vectorRooms } from "./vector-rooms.ts";

/** Addresses of the instructions that a call into the machine and one between instances return to; the word before each is 0. */
const EXIT_STUB = 1;
const RESTORE_STUB = 3;

/**
 * V8 optimises the loop for its next entry; a run that never leaves it would go on in slow code, or in code entered in mid-loop,
 * in which the arena's addresses are not constants. So the first runs are short: this much fuel, this many times.
 */
const WARM_FUEL = 20_000;
const WARM_RUNS = 4_000;

/** See {@link Machine}: what a nested call puts back. */
interface SavedState {
  readonly topFp: number;
  readonly topSp: number;
  readonly paid: boolean;
  readonly pc: number;
  readonly fp: number;
  readonly sp: number;
  readonly fuel: number;
  readonly spLimit: number;
  readonly view: DataView;
  readonly limit: number;
  readonly globals: MachineState["globals"];
  readonly instance: InterpreterInstance;
}

/** What became of a run: it returned, or it waits: for the event loop, or for a promise of a host function. */
export type Outcome = "returned" | "yielded" | "waiting";

/**
 * The machine: drives the dispatch loop, and does what the loop leaves to it. There is one in a process; calls nest in it as they nest
 * in JavaScript, and calls that are suspended are taken out of it.
 */
export class Machine {
  readonly arena: Arena = createArena();
  readonly S: MachineState = new MachineState();
  /** The code of all modules. */
  readonly codes: CodeStore = new CodeStore(this.arena, () => this.addresses());
  private readonly rooms: Room[] = [];
  private readonly outside: Outside[] = [];
  private readonly parts: LoopParts;
  private readonly mainLoop: Loop;
  /** Made when the first vector instruction is met. */
  private vectorLoop: Loop | undefined;
  /** The one that runs. From the first vector instruction it is the one that has them, until the slice ends. */
  private loop: Loop;
  /** The innermost call, or undefined while no guest runs. */
  activation: Activation | undefined = undefined;
  /** First free slot and return address above what runs. */
  private topFp = 0;
  private topSp = 0;
  /** Calls that are in the machine, one in another. */
  private nesting = 0;
  private warmRuns = WARM_RUNS;
  /** Whether the current frame has been given up by a tail call, so that its handlers are no longer asked. */
  private frameGone = false;
  /** Whether the fuel pending at the current instruction has been paid. */
  private paid = false;

  constructor() {
    const { code } = this.arena;
    code[EXIT_STUB] = OP.exit;
    code[RESTORE_STUB] = OP.restore;
    basicRooms(this.arena, this.S, this.rooms);
    vectorRooms(this.arena, this.S, this.rooms);
    atomicRooms(this.arena, this.S, this.rooms);
    bulkInstructions(this.arena, this.S, () => this.refresh(), this.outside);
    gcRooms(this.arena, this.S, this.rooms, this.outside);
    this.outside[OUTSIDE.throw] = (pc, fp) => {
      this.throw(pc, fp);
    };
    const wait =
      (width: 4 | 8): Outside =>
      (pc, fp) =>
        atomicWait(this.arena, this.S, pc, fp, width, (this.activation as Activation).asynchronous);
    this.outside[OUTSIDE.atomicWait32] = wait(4);
    this.outside[OUTSIDE.atomicWait64] = wait(8);
    this.outside[OUTSIDE.throwRef] = (pc, fp) => {
      this.throwReference(pc, fp);
    };
    const resolve = (pc: number, index: number): number => this.resolve(pc, index);
    this.parts = { arena: this.arena, S: this.S, rooms: this.rooms, resolve };
    this.mainLoop = makeLoop(this.parts);
    this.loop = this.mainLoop;
    train(this.parts, this.mainLoop, FIRST_VECTOR, EXIT_STUB);
  }

  // ---- calls from the host

  /** Begins a call: its arguments go to the slots from `baseFp` on. @throws Trap when nothing more fits on the stack */
  begin(func: Func, asynchronous: boolean): Activation {
    const activation = new Activation(this.topFp, this.topSp, asynchronous);
    const { paramSlots, resultSlots } = classesOf(func.signature);
    // Calls nest in JavaScript through host functions. Its stack must not end while the machine is between two states.
    if (this.nesting > NESTING_UNCHECKED) checkHeadroom();
    if (activation.baseSp + 2 > FRAMES || activation.baseFp + Math.max(paramSlots, resultSlots) > this.arena.registers)
      throw new Trap("call-stack-exhausted");
    return activation;
  }

  /** Calls a function whose arguments are in place. The results stand in the slots from `baseFp` on. */
  start(activation: Activation, func: Func): Outcome {
    const instance = func.owner as InterpreterInstance;
    const { meter } = instance;
    meter.slice = this.warmRuns > 0 ? WARM_FUEL : activation.slice;
    const { baseSp } = activation;
    activation.segments.push({ instance, baseSp, baseDepth: meter.depth, outer: meter.enter() });
    return this.run(activation, func, undefined);
  }

  /**
   * Goes on with a suspended call.
   * @param settle gives what the awaited promise was fulfilled with, or throws what it was rejected with
   */
  resume(activation: Activation, settle: () => unknown): Outcome {
    return this.run(activation, undefined, settle);
  }

  /** Runs until the call returns, is suspended, or throws, and puts the machine back to where it was. */
  private run(activation: Activation, func: Func | undefined, settle: (() => unknown) | undefined): Outcome {
    const outer = this.activation;
    const state = outer === undefined ? undefined : this.saveState();
    activation.outer = outer;
    this.activation = activation;
    this.nesting++;
    try {
      return this.drive(activation, func, settle);
    } catch (error) {
      this.abandon(activation, error);
      throw error;
    } finally {
      this.nesting--;
      this.activation = outer;
      if (state !== undefined) this.putBack(state);
    }
  }

  /** What a call that is nested in another, over a host function, must leave as it was. */
  private saveState(): SavedState {
    const { topFp, topSp, paid } = this;
    const { pc, fp, sp, fuel, spLimit, view, limit, globals, instance } = this.S;
    return { topFp, topSp, paid, pc, fp, sp, fuel, spLimit, view, limit, globals, instance };
  }

  private putBack(state: SavedState): void {
    const { S } = this;
    this.topFp = state.topFp;
    this.topSp = state.topSp;
    this.paid = state.paid;
    S.pc = state.pc;
    S.fp = state.fp;
    S.sp = state.sp;
    S.fuel = state.fuel;
    S.spLimit = state.spLimit;
    S.view = state.view;
    S.limit = state.limit;
    S.globals = state.globals;
    S.instance = state.instance;
  }

  private drive(activation: Activation, func: Func | undefined, settle: (() => unknown) | undefined): Outcome {
    let begun = false;
    for (;;) {
      try {
        if (!begun) {
          begun = true;
          if (func !== undefined) this.enterFirst(activation, func);
          else this.goOn(activation, settle as () => unknown);
        }
        return this.execute(activation);
      } catch (error) {
        if (error instanceof Trap || error instanceof RuntimeError || activation.segments.length === 0) throw error;
        const exception = error instanceof Exception ? error : new Exception(jsTag(), [], [error]);
        if (!this.unwind(activation, exception)) throw error;
      }
    }
  }

  private enterFirst(activation: Activation, func: Func): void {
    const { S } = this;
    const instance = func.owner as InterpreterInstance;
    this.arena.frames[activation.baseSp] = EXIT_STUB;
    S.sp = activation.baseSp + 1;
    S.fp = activation.baseFp;
    this.load(instance);
    const entry = instance.code.entry(func.index);
    S.fuel = (S.fuel - this.arena.code[entry]) | 0;
    S.pc = entry + HEADER;
    this.enterFunction();
  }

  private goOn(activation: Activation, settle: () => unknown): void {
    this.restore(activation);
    const { awaiting } = activation;
    this.paid = true;
    if (awaiting === undefined) return;
    activation.awaiting = undefined;
    if ("slot" in awaiting) {
      this.arena.i32[this.S.fp + awaiting.slot] = settle() as number;
      return;
    }
    this.frameGone = awaiting.length < 0;
    this.takeResults(awaiting.func, settle(), this.S.fp + awaiting.delta);
    this.frameGone = false;
    this.leaveCall(awaiting.length);
  }

  private execute(activation: Activation): Outcome {
    const { S } = this;
    for (;;) {
      this.paid = false;
      if (activation.mustYield) {
        activation.mustYield = false;
        this.suspend(activation);
        return "yielded";
      }
      const why = this.loop();
      switch (why) {
        case WHY.EXIT:
          this.finish(activation);
          return "returned";
        case WHY.ENTRY:
          this.enterFunction();
          break;
        case WHY.FUEL:
          this.refuel();
          break;
        case WHY.MEMORY:
          accessExactly(this.arena, S.instance.store.memories[0], S.pc, S.fp);
          S.pc += lengths[this.arena.code[S.pc]];
          break;
        case WHY.VECTORS:
          this.loop = this.vectorLoop ??= this.makeVectorLoop();
          break;
        case WHY.OUTSIDE:
          if (this.executeOutside(activation)) return "waiting";
          break;
        case WHY.CALL_IMPORT: {
          const { code } = this.arena;
          const func = S.instance.store.functions[code[S.pc + 1]];
          if (this.call(activation, func, code[S.pc + 2], code[S.pc + 3], 4)) return "waiting";
          break;
        }
        case WHY.CALL_INDIRECT: {
          const { code, i32 } = this.arena;
          const func = this.element(i32[S.fp + code[S.pc + 1]], code[S.pc + 3], code[S.pc + 4]);
          if (this.call(activation, func, code[S.pc + 2], code[S.pc + 5], 6)) return "waiting";
          break;
        }
        case WHY.CALL_REF: {
          const { code } = this.arena;
          if (this.call(activation, this.reference(code[S.pc + 1]), code[S.pc + 2], code[S.pc + 3], 4))
            return "waiting";
          break;
        }
        case WHY.RETURN_CALL: {
          const { code } = this.arena;
          const { pc } = S;
          const owner = this.codes.functionAt(code[pc + 1])!;
          if (
            this.tailCall(activation, S.instance.store.functions[owner.index], code[pc + 2], code[pc + 3], code[pc + 4])
          )
            return "waiting";
          break;
        }
        case WHY.RETURN_CALL_IMPORT: {
          const { code } = this.arena;
          const { pc } = S;
          const func = S.instance.store.functions[code[pc + 1]];
          if (this.tailCall(activation, func, code[pc + 2], code[pc + 3], code[pc + 4])) return "waiting";
          break;
        }
        case WHY.RETURN_CALL_INDIRECT: {
          const { code, i32 } = this.arena;
          const { pc } = S;
          const func = this.element(i32[S.fp + code[pc + 1]], code[pc + 3], code[pc + 4]);
          if (this.tailCall(activation, func, code[pc + 2], code[pc + 5], code[pc + 6])) return "waiting";
          break;
        }
        case WHY.RETURN_CALL_REF: {
          const { code } = this.arena;
          const { pc } = S;
          if (this.tailCall(activation, this.reference(code[pc + 1]), code[pc + 2], code[pc + 3], code[pc + 4]))
            return "waiting";
          break;
        }
        case WHY.RESTORE:
          this.returnToInstance(activation);
          break;
        default:
          throw new Trap(this.trapCode(why));
      }
    }
  }

  private makeVectorLoop(): Loop {
    const loop = makeVectorLoop(this.parts);
    train(this.parts, loop, opNames.length, EXIT_STUB);
    this.warmRuns = WARM_RUNS;
    return loop;
  }

  private trapCode(why: number): TrapCode {
    const { code, i32, f32, f64, i64 } = this.arena;
    const { pc, fp } = this.S;
    const op = code[pc];
    switch (why) {
      case WHY.DIVISION: {
        const divisor = fp + code[pc + 3];
        const wide = op === OP.i64DivS || op === OP.i64DivU || op === OP.i64RemS || op === OP.i64RemU;
        return (wide ? i64[divisor] === 0n : i32[divisor] === 0) ? "integer-divide-by-zero" : "integer-overflow";
      }
      case WHY.TRUNCATION: {
        const source = fp + code[pc + 2];
        const x = op === OP.i32TruncF32S || op === OP.i32TruncF32U ? f32[source] : f64[source];
        return Number.isNaN(x) ? "invalid-conversion-to-integer" : "integer-overflow";
      }
      default:
        return "unreachable";
    }
  }

  // ---- instances and fuel

  /** Makes an instance the current one. */
  private load(instance: InterpreterInstance): void {
    const { S } = this;
    S.instance = instance;
    S.globals = instance.store.globals;
    this.refresh();
    this.takeFuel();
    this.setDepthLimit();
  }

  /** The loop's view of memory 0, after anything that may have grown it. */
  private refresh(): void {
    const { S } = this;
    const memory = S.instance.store.memories[0];
    if (memory === undefined) {
      S.limit = -1;
      return;
    }
    memory.refresh();
    S.view = memory.view;
    const { length } = memory.bytes;
    S.limit = length >= 8 && length <= 0x80000000 ? length - 8 : -1;
  }

  private setDepthLimit(): void {
    const { S } = this;
    const segment = this.segment();
    S.spLimit = Math.min(FRAMES, segment.baseSp + Math.max(0, S.instance.callDepth - segment.baseDepth));
  }

  private segment(): Segment {
    const { segments } = this.activation as Activation;
    return segments[segments.length - 1];
  }

  /** Takes over the counter of the current instance's meter. */
  private takeFuel(): void {
    const { meter } = this.S.instance;
    const { slice, onSlice } = this.activation as Activation;
    meter.slice = this.warmRuns > 0 ? Math.min(slice, WARM_FUEL) : slice;
    meter.onSlice = onSlice;
    this.S.fuel = meter.unspent;
  }

  /** Hands the counter over, with the depth: before anything but the machine may look. */
  private giveFuel(): void {
    const { S } = this;
    const { meter } = S.instance;
    meter.unspent = S.fuel;
    const segment = this.segment();
    meter.depth = segment.baseDepth + (S.sp - segment.baseSp);
  }

  /** A check has found the counter below zero. */
  private refuel(): void {
    const { S } = this;
    const { meter } = S.instance;
    this.paid = true;
    if (this.warmRuns > 0) this.warmRuns--;
    this.loop = this.mainLoop;
    meter.refuel(S.fuel);
    if (meter.mustYield) {
      meter.mustYield = false;
      const activation = this.activation as Activation;
      if (activation.asynchronous) activation.mustYield = true;
    }
    this.takeFuel();
  }

  private charge(units: number): void {
    const { S } = this;
    // A charge of up to 2^32 / 8 units does not fit beside a slice, but it is more than any slice holds.
    let left = units;
    while (left > 0x1fffffff) {
      S.fuel = (S.fuel - 0x1fffffff) | 0;
      left -= 0x1fffffff;
      this.paid = true;
      if (S.fuel < 0) this.refuel();
    }
    S.fuel = (S.fuel - left) | 0;
    this.paid = true;
    if (S.fuel < 0) this.refuel();
  }

  // ---- entering functions

  /** The check at a function's entry: `pc` is behind its header, its first block has been charged. */
  private enterFunction(): void {
    const { S } = this;
    const { code, frames, registers } = this.arena;
    this.paid = true;
    let entry = S.pc - HEADER;
    if ((code[entry + 2] & FLAG.stub) !== 0) {
      const owner = this.codes.functionAt(entry)!;
      const prepared = owner.code.prepare(owner.index);
      // The call need not take the detour again. After a tail call this is another function's return address, and nothing matches.
      const site = frames[S.sp - 1] - 4;
      if (site > 0 && code[site] === OP.call && code[site + 1] === entry) code[site + 1] = prepared;
      entry = prepared;
      S.pc = entry + HEADER;
      S.fuel = (S.fuel - code[entry]) | 0;
    }
    const flags = code[entry + 2];
    if (S.fuel < 0 && (flags & FLAG.entryCheck) !== 0) this.refuel();
    const tooDeep = (flags & FLAG.countsDepth) !== 0 && S.sp > S.spLimit;
    if (tooDeep || S.sp > FRAMES || S.fp + code[entry + 1] > registers) throw new Trap("call-stack-exhausted");
  }

  /** What a table holds, checked against the type that the call expects. */
  private element(index: number, table: number, type: number): Func {
    const { store } = this.S.instance;
    const { elements } = store.tables[table];
    const at = index >>> 0;
    if (at >= elements.length) throw new Trap("undefined-element", { detail: `index ${at} of ${elements.length}` });
    const func = elements[at] as Func | null;
    if (func === null) throw new Trap("uninitialized-element", { detail: `index ${at}` });
    if (func.type !== store.types[type] && !isDefinedSubtype(func.type, store.types[type]))
      throw new Trap("indirect-call-type-mismatch");
    return func;
  }

  /** For the loop: the entry of the function that a `call_indirect` means, or -1 when it is not a plain call within the instance. */
  private resolve(pc: number, index: number): number {
    const { code } = this.arena;
    const { instance } = this.S;
    const { elements } = instance.store.tables[code[pc + 3]];
    if (index < 0 || index >= elements.length) return -1;
    const func = elements[index] as Func | null;
    if (func === null || func.owner !== instance || func.type !== instance.store.types[code[pc + 4]]) return -1;
    return instance.code.entry(func.index);
  }

  private reference(register: number): Func {
    const func = this.arena.refs[this.S.fp + register] as Func | null;
    if (func === null) throw new Trap("null-reference");
    return func;
  }

  /** Executes a call that the loop cannot. @returns whether the machine now waits for a promise */
  private call(activation: Activation, func: Func, cost: number, delta: number, length: number): boolean {
    const { S } = this;
    const { code, frames } = this.arena;
    S.fuel = (S.fuel - cost) | 0;
    this.paid = true;
    const { owner } = func;
    if (!(owner instanceof InterpreterInstance)) return this.callHost(activation, func, delta, length);
    const away = owner !== S.instance;
    if (away) this.giveFuel();
    frames[S.sp++] = S.pc + length;
    S.fp += delta;
    if (away) {
      frames[S.sp++] = RESTORE_STUB;
      this.pushSegment(activation, owner);
    }
    const entry = owner.code.entry(func.index);
    S.fuel = (S.fuel - code[entry]) | 0;
    S.pc = entry + HEADER;
    this.enterFunction();
    return false;
  }

  /** Replaces the current frame. */
  private tailCall(activation: Activation, func: Func, cost: number, from: number, slots: number): boolean {
    const { S } = this;
    const { code, i32, i64, refs, frames } = this.arena;
    const { fp } = S;
    S.fuel = (S.fuel - cost) | 0;
    this.paid = true;
    i32.copyWithin(fp, fp + from, fp + from + slots);
    i64.copyWithin(fp, fp + from, fp + from + slots);
    if (refs.length > fp) {
      refs.copyWithin(fp, fp + from, fp + from + slots);
      const function_ = this.codes.functionAt(S.pc)!;
      refs.fill(null, fp + slots, Math.min(refs.length, fp + code[function_.start + 1]));
    }
    const { owner } = func;
    if (!(owner instanceof InterpreterInstance)) return this.callHost(activation, func, 0, -1);
    if (owner !== S.instance) {
      // The frame that is given up leads back over a record of its own, or shares the one that led into its instance.
      if (frames[S.sp - 1] === RESTORE_STUB) this.leaveInstance(activation);
      else {
        this.giveFuel();
        S.instance.meter.depth--;
        frames[S.sp++] = RESTORE_STUB;
      }
      this.pushSegment(activation, owner);
    }
    const entry = owner.code.entry(func.index);
    S.fuel = (S.fuel - code[entry]) | 0;
    S.pc = entry + HEADER;
    this.enterFunction();
    return false;
  }

  private pushSegment(activation: Activation, instance: InterpreterInstance): void {
    const { S } = this;
    if (S.sp > FRAMES) throw new Trap("call-stack-exhausted");
    const { meter } = instance;
    activation.segments.push({ instance, baseSp: S.sp - 1, baseDepth: meter.depth, outer: meter.enter() });
    this.load(instance);
  }

  /** Ends the topmost segment. Its instance's call ends here, and with it the fuel must have sufficed. */
  private leaveInstance(activation: Activation): void {
    const segment = activation.segments.pop() as Segment;
    const { S } = this;
    const { meter } = segment.instance;
    meter.unspent = S.fuel;
    meter.depth = segment.baseDepth;
    meter.leave(segment.outer);
    if (segment.baseDepth === 0) meter.settle();
  }

  private returnToInstance(activation: Activation): void {
    const { S } = this;
    const { code, frames } = this.arena;
    this.leaveInstance(activation);
    this.load(activation.segments[activation.segments.length - 1].instance);
    S.pc = frames[--S.sp];
    S.fp -= code[S.pc - 1];
  }

  private finish(activation: Activation): void {
    const segment = activation.segments.pop() as Segment;
    const { meter } = segment.instance;
    meter.unspent = this.S.fuel;
    meter.depth = segment.baseDepth;
    meter.leave(segment.outer);
    if (segment.baseDepth === 0) meter.settle();
  }

  /** @returns whether the machine now waits for a promise */
  private executeOutside(activation: Activation): boolean {
    const { S } = this;
    const { code } = this.arena;
    const { pc } = S;
    S.fuel = (S.fuel - code[pc + 3]) | 0;
    this.paid = true;
    const waiting = this.outside[code[pc + 1]](pc, S.fp, (units) => this.charge(units));
    if (S.pc === pc) S.pc = pc + code[pc + 2];
    if (waiting === undefined) return false;
    activation.awaiting = waiting;
    this.suspend(activation);
    return true;
  }

  // ---- exceptions

  private throw(pc: number, fp: number): void {
    const { arena } = this;
    const tag = this.S.instance.store.tags[arena.code[pc + 4]];
    let slot = fp + arena.code[pc + 5];
    const payload = tag.parameters.map((type) => {
      const value = readValue(arena, slot, type);
      slot += slotsOf(classOf(type));
      return value;
    });
    this.raise(new Exception(tag, [], payload));
  }

  private throwReference(pc: number, fp: number): void {
    const exception = this.arena.refs[fp + this.arena.code[pc + 4]] as Exception | null;
    if (exception === null) throw new Trap("null-reference");
    this.raise(exception);
  }

  private raise(exception: Exception): void {
    if (this.unwind(this.activation as Activation, exception)) return;
    // The host gets back what it threw itself.
    throw exception.tag === jsTag() ? exception.payload[0] : exception;
  }

  /**
   * Looks for the handler of an exception from the current frame outwards, leaving frames and instances on the way.
   * @returns whether there is one, at which the machine then stands
   */
  private unwind(activation: Activation, exception: Exception): boolean {
    const { S, arena } = this;
    const { code, frames, refs } = arena;
    const top = S.fp + this.frameSlots();
    let at = S.pc;
    let gone = this.frameGone;
    this.frameGone = false;
    for (;;) {
      const running = this.codes.functionAt(at);
      if (running !== undefined && !gone) {
        const clause = this.handlerAt(running, at, exception);
        if (clause !== undefined) {
          if (refs.length > S.fp)
            refs.fill(null, Math.min(refs.length, S.fp + code[running.start + 1]), Math.min(refs.length, top));
          this.place(exception, clause);
          S.pc = running.start + clause.landing;
          return true;
        }
      }
      gone = false;
      if (S.sp - 1 <= activation.baseSp) return false;
      let back = frames[--S.sp];
      if (back === RESTORE_STUB) {
        this.leaveInstance(activation);
        this.load(this.segment().instance);
        if (S.sp - 1 <= activation.baseSp) return false;
        back = frames[--S.sp];
      }
      S.fp -= code[back - 1];
      at = back - 1;
      S.pc = at;
    }
  }

  private handlerAt(
    running: { code: ModuleCode; index: number; start: number },
    at: number,
    exception: Exception,
  ): HandlerClause | undefined {
    const { tags } = this.S.instance.store;
    const place = at - running.start;
    let deepest = Number.POSITIVE_INFINITY;
    for (const handler of running.code.handlersOf(running.index)) {
      if (place < handler.start || place >= handler.end || handler.depth > deepest) continue;
      if (handler.delegate >= 0) deepest = handler.delegate;
      for (const clause of handler.clauses) if (clause.tag < 0 || tags[clause.tag] === exception.tag) return clause;
    }
    return undefined;
  }

  /** Puts what a handler gets into its registers. */
  private place(exception: Exception, clause: HandlerClause): void {
    const { arena, S } = this;
    if (clause.payloadSlot >= 0) {
      let slot = S.fp + clause.payloadSlot;
      exception.tag.parameters.forEach((type, i) => {
        writeValue(arena, slot, type, exception.payload[i]);
        slot += slotsOf(classOf(type));
      });
    }
    if (clause.referenceSlot >= 0) writeReference(arena, S.fp + clause.referenceSlot, exception);
  }

  // ---- host functions

  /**
   * Calls a function of the host, or of another engine.
   * @param delta where its arguments begin
   * @param length words of the call, or -1 for a tail call
   * @returns whether the machine waits for the promise that it returned
   */
  private callHost(activation: Activation, func: Func, delta: number, length: number): boolean {
    const { S, arena } = this;
    if (func.owner === undefined) this.charge(func.cost);
    const { params, results } = func.signature;
    const { fp, sp } = S;
    const args: unknown[] = [];
    const { params: paramClasses, paramSlots, resultSlots } = classesOf(func.signature);
    let slot = fp + delta;
    for (let i = 0; i < params.length; i++) {
      const type = params[i];
      args.push(type === I32 ? arena.i32[slot] : toJavaScript(readValue(arena, slot, type), type));
      slot += slotsOf(paramClasses[i]);
    }
    this.giveFuel();
    activation.hostCall = S.pc;
    const { topFp, topSp } = this;
    this.topFp = fp + delta + Math.max(paramSlots, resultSlots);
    this.topSp = sp;
    let result: unknown;
    try {
      result = (func.host ?? func.toJavaScript())(...args);
    } catch (error) {
      this.frameGone = length < 0;
      throw isStackOverflow(error) ? new Trap("call-stack-exhausted") : error;
    } finally {
      this.topFp = topFp;
      this.topSp = topSp;
      this.refresh();
      this.takeFuel();
    }
    if (isThenable(result) && (activation.asynchronous || results.length !== 1 || !isReference(results[0]))) {
      if (!activation.asynchronous)
        throw new RuntimeError(
          "a host function returned a promise to a synchronous call; call the export through instance.async.exports to wait for it",
        );
      activation.awaiting = { func, delta, length, promise: result };
      this.suspend(activation);
      return true;
    }
    this.takeResults(func, result, fp + delta);
    this.leaveCall(length);
    return false;
  }

  /** Goes on behind a call of the host whose results are in place. */
  private leaveCall(length: number): void {
    const { S } = this;
    if (length >= 0) {
      S.pc += length;
      return;
    }
    // A tail call: its frame is left.
    const { code, frames } = this.arena;
    S.pc = frames[--S.sp];
    S.fp -= code[S.pc - 1];
  }

  private takeResults(func: Func, result: unknown, slot: number): void {
    const { results } = func.signature;
    if (results.length === 0) return;
    if (results.length === 1 && results[0] === I32 && typeof result === "number") {
      this.arena.i32[slot] = result;
      return;
    }
    const values: WasmValue[] = toWasmResults(result, results, func.type.context);
    const { results: classes } = classesOf(func.signature);
    values.forEach((value, i) => {
      writeValue(this.arena, slot, results[i], value);
      slot += slotsOf(classes[i]);
    });
  }

  /** Slots of the frame of the function that is running. */
  private frameSlots(): number {
    const running = this.codes.functionAt(this.S.pc);
    return running === undefined ? 0 : this.arena.code[running.start + 1];
  }

  /** Where all functions are that are on the stack. */
  private *addresses(): Iterable<number> {
    const { frames } = this.arena;
    yield this.S.pc;
    for (let call = this.activation; call !== undefined; call = call.outer) yield call.hostCall;
    for (let at = 0; at < this.S.sp; at++) yield frames[at] - 1;
  }

  // ---- suspension

  /** The code of a suspended call must not go, or may again. */
  private pin(pc: number, frames: Int32Array, change: 1 | -1): void {
    for (const address of [pc, ...frames]) {
      const owner = this.codes.functionAt(address === pc ? pc : address - 1);
      if (owner !== undefined) owner.code.pin(owner.index, change);
    }
  }

  /** Takes the call out of the machine. */
  private suspend(activation: Activation): void {
    const { S } = this;
    const { i32, i64, refs, frames } = this.arena;
    const { baseFp, baseSp } = activation;
    this.giveFuel();
    for (const segment of activation.segments) segment.instance.meter.depth = segment.baseDepth;
    const top = S.fp + this.frameSlots();
    const { awaiting } = activation;
    // Of the arguments of a call of the host, and of what lies above them, nothing is read again.
    const topReference = awaiting === undefined || "slot" in awaiting ? top : Math.min(top, S.fp + awaiting.delta);
    activation.saved = {
      i32: i32.slice(baseFp, top),
      i64: i64.slice(baseFp, top),
      refs: refs.slice(baseFp, topReference),
      frames: frames.slice(baseSp, S.sp),
      pc: S.pc,
      fp: S.fp - baseFp,
    };
    this.pin(S.pc, activation.saved.frames, 1);
    for (const segment of activation.segments) segment.baseSp -= baseSp;
    if (refs.length > baseFp) refs.fill(null, baseFp);
  }

  /** Puts a suspended call back into the machine, above whatever is there now. */
  private restore(activation: Activation): void {
    const { S } = this;
    const { i32, i64, refs, frames, registers } = this.arena;
    const saved = activation.saved as NonNullable<Activation["saved"]>;
    const { topFp, topSp } = this;
    if (topFp + saved.i32.length > registers || topSp + saved.frames.length > FRAMES)
      throw new Trap("call-stack-exhausted");
    activation.saved = undefined;
    this.pin(saved.pc, saved.frames, -1);
    activation.baseFp = topFp;
    activation.baseSp = topSp;
    i32.set(saved.i32, topFp);
    i64.set(saved.i64, topFp);
    while (saved.refs.length > 0 && refs.length < topFp + saved.refs.length) refs.push(null);
    saved.refs.forEach((value, i) => {
      refs[topFp + i] = value;
    });
    frames.set(saved.frames, topSp);
    S.pc = saved.pc;
    S.fp = topFp + saved.fp;
    S.sp = topSp + saved.frames.length;
    const { segments } = activation;
    segments.forEach((segment, i) => {
      segment.baseSp += topSp;
      const { meter } = segment.instance;
      segment.baseDepth = meter.depth;
      // The record between two instances is two addresses, of which the lower counted a frame.
      if (i + 1 < segments.length) meter.depth += segments[i + 1].baseSp + topSp - 1 - segment.baseSp;
    });
    this.load(segments[segments.length - 1].instance);
  }

  // ---- failure

  /** A call ends with an exception or a trap: its frames go, and what the meters hold is made exact. */
  private abandon(activation: Activation, error: unknown): void {
    const { S } = this;
    const running = this.codes.functionAt(S.pc);
    if (running !== undefined && activation.segments.length > 0 && S.instance === this.segment().instance) {
      if (!this.paid) {
        const { pending } = running.code.place(running.index, running.start, S.pc, false);
        S.fuel = (S.fuel - pending) | 0;
      }
      if (error instanceof Trap && error.frames.length === 0) error.frames = this.backtrace(activation);
      S.instance.meter.unspent = S.fuel;
    }
    for (const segment of activation.segments.splice(0).reverse()) {
      segment.instance.meter.depth = segment.baseDepth;
      segment.instance.meter.leave(segment.outer);
    }
    const { refs } = this.arena;
    if (refs.length > activation.baseFp) refs.fill(null, activation.baseFp);
  }

  private backtrace(activation: Activation): Frame[] {
    const { frames } = this.arena;
    const list: Frame[] = [];
    const add = (pc: number, isReturn: boolean): void => {
      const found = this.codes.functionAt(pc - (isReturn ? 1 : 0));
      if (found === undefined || list.length >= MAX_FRAMES) return;
      const { names } = found.code.module;
      list.push({
        functionIndex: found.index,
        functionName: names.functions.get(found.index),
        moduleName: names.module,
        offset: found.code.place(found.index, found.start, pc, isReturn).offset,
      });
    };
    add(this.S.pc, false);
    for (let at = this.S.sp - 1; at > activation.baseSp; at--)
      if (frames[at] !== RESTORE_STUB && frames[at] !== EXIT_STUB) add(frames[at], true);
    return list;
  }
}

/** Frames that a backtrace shows: enough to see how a recursion came about. */
const MAX_FRAMES = 100;

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === "object" || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/** Nested calls before the stack is looked at. */
const NESTING_UNCHECKED = 30;
/** Calls of {@link descend} that take more of the stack than the machine does between two host functions. */
const HEADROOM = 200;

function descend(levels: number): number {
  return levels === 0 ? 0 : descend(levels - 1) + 1;
}

/** @throws Trap when JavaScript's stack is nearly full */
function checkHeadroom(): void {
  try {
    descend(HEADROOM);
  } catch {
    throw new Trap("call-stack-exhausted");
  }
}

/** Platforms say in their own ways that JavaScript's stack is full. */
function isStackOverflow(error: unknown): boolean {
  return (
    (error instanceof RangeError && /call stack|recursion/i.test(error.message)) ||
    (error instanceof Error && error.name === "InternalError" && /recursion/.test(error.message))
  );
}

let machine: Machine | undefined;

/** The machine of this process, made when it is first needed. */
export function theMachine(): Machine {
  machine ??= new Machine();
  return machine;
}
