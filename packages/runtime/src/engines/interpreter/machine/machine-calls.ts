import { clock } from "../../../store/clock.ts";
import type { Func } from "../../../store/function.ts";
import { isStackOverflow } from "../../../store/host-stack.ts";
import type { Builtin } from "../../../store/string-builtins.ts";
import { promiseOf, thenOf } from "../../../store/thenable.ts";
import { RuntimeError, SuspendError, Trap } from "../../../store/trap.ts";
import { toJavaScript, toWasmResults, type WasmValue } from "../../../store/values.ts";
import { I32, isReference } from "../../../wasm/types.ts";
import { MACHINE_OP } from "../generated/machine-opcodes.ts";
import { InterpreterInstance } from "../instance.ts";
import { classesOf } from "../translation/classes.ts";
import { slotsOf } from "../translation/operands.ts";
import type { Activation } from "./activation.ts";
import { type Arena, FRAMES } from "./arena.ts";
import { FLAG, HEADER } from "./header.ts";
import { CHECK } from "./module-code.ts";
import type { Running } from "./running.ts";
import type { MachineState } from "./state.ts";
import { EXIT_STUB, RESTORE_STUB } from "./stubs.ts";
import { suspend } from "./suspension.ts";
import { readValue, writeValue } from "./values-in-registers.ts";

/** The calls that the loop leaves to the machine: to functions that are not yet prepared, to other instances, to the host. */
export class MachineCalls {
  private readonly running: Running;
  private readonly arena: Arena;
  private readonly S: MachineState;

  constructor(running: Running) {
    this.running = running;
    this.arena = running.arena;
    this.S = running.S;
  }

  enterFirst(activation: Activation, func: Func): void {
    const { S } = this;
    const instance = func.owner as InterpreterInstance;
    this.arena.frames[activation.baseSp] = EXIT_STUB;
    S.sp = activation.baseSp + 1;
    S.fp = activation.baseFp;
    this.running.load(instance);
    const entry = instance.code.entry(func.index);
    S.fuel = (S.fuel - this.arena.code[entry]) | 0;
    S.pc = entry + HEADER;
    this.enterFunction();
  }

  /** The check at a function's entry: `pc` is behind its header, its first block has been charged. */
  enterFunction(): void {
    const { S } = this;
    const { code, frames, registers } = this.arena;
    this.running.paid = true;
    let entry = S.pc - HEADER;
    if ((code[entry + 2] & FLAG.stub) !== 0) {
      const owner = this.running.codes.functionAt(entry)!;
      const prepared = owner.code.prepare(owner.index);
      // The call need not take the detour again. After a tail call this is another function's return address, and nothing matches.
      const site = frames[S.sp - 1] - 4;
      if (site > 0 && code[site] === MACHINE_OP.call && code[site + 1] === entry) code[site + 1] = prepared;
      entry = prepared;
      S.pc = entry + HEADER;
      S.fuel = (S.fuel - code[entry]) | 0;
    }
    const flags = code[entry + 2];
    this.running.check = CHECK.entry;
    if (S.fuel < 0 && (flags & FLAG.entryCheck) !== 0) this.running.refuel();
    const tooDeep = (flags & FLAG.countsDepth) !== 0 && S.sp > S.spLimit;
    if (tooDeep || S.sp > FRAMES || S.fp + code[entry + 1] > registers) throw new Trap("call-stack-exhausted");
  }

  /** Executes a call that the loop cannot. @returns whether the machine now waits for a promise */
  call(activation: Activation, func: Func, cost: number, delta: number, length: number): boolean {
    const { S } = this;
    const { code, frames } = this.arena;
    S.fuel = (S.fuel - cost) | 0;
    this.running.paid = true;
    const { owner } = func;
    if (!(owner instanceof InterpreterInstance)) return this.callHost(activation, func, delta, length);
    const away = owner !== S.instance;
    if (away) this.running.giveFuel();
    frames[S.sp++] = S.pc + length;
    S.fp += delta;
    if (away) {
      frames[S.sp++] = RESTORE_STUB;
      this.running.pushSegment(activation, owner);
    }
    const entry = owner.code.entry(func.index);
    S.fuel = (S.fuel - code[entry]) | 0;
    S.pc = entry + HEADER;
    this.enterFunction();
    return false;
  }

  /** Replaces the current frame. */
  tailCall(activation: Activation, func: Func, cost: number, from: number, slots: number): boolean {
    const { S } = this;
    const { code, i32, i64, refs, frames } = this.arena;
    const { fp } = S;
    S.fuel = (S.fuel - cost) | 0;
    this.running.paid = true;
    i32.copyWithin(fp, fp + from, fp + from + slots);
    i64.copyWithin(fp, fp + from, fp + from + slots);
    if (refs.length > fp) {
      refs.copyWithin(fp, fp + from, fp + from + slots);
      const function_ = this.running.codes.functionAt(S.pc)!;
      refs.fill(null, fp + slots, Math.min(refs.length, fp + code[function_.start + 1]));
    }
    const { owner } = func;
    if (!(owner instanceof InterpreterInstance)) return this.callHost(activation, func, 0, -1);
    if (owner !== S.instance) {
      // The frame that is given up leads back over a record of its own, or shares the one that led into its instance.
      if (frames[S.sp - 1] === RESTORE_STUB) this.running.leaveInstance(activation);
      else {
        this.running.giveFuel();
        S.instance.meter.depth--;
        frames[S.sp++] = RESTORE_STUB;
      }
      this.running.pushSegment(activation, owner);
    }
    const entry = owner.code.entry(func.index);
    S.fuel = (S.fuel - code[entry]) | 0;
    S.pc = entry + HEADER;
    this.enterFunction();
    return false;
  }

  returnToInstance(activation: Activation): void {
    const { S } = this;
    const { code, frames } = this.arena;
    this.running.leaveInstance(activation);
    this.running.load(activation.segments[activation.segments.length - 1].instance);
    S.pc = frames[--S.sp];
    S.fp -= code[S.pc - 1];
  }

  /**
   * Calls a function of the host, or of another engine.
   * @param delta where its arguments begin
   * @param length words of the call, or -1 for a tail call
   * @returns whether the machine waits for the promise that it returned
   */
  private callHost(activation: Activation, func: Func, delta: number, length: number): boolean {
    if (func.builtin !== undefined) return this.callBuiltin(func, func.builtin, delta, length);
    const { S, arena, running } = this;
    if (func.owner === undefined) {
      running.frameGone = length < 0;
      running.charge(func.cost);
      running.frameGone = false;
    }
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
    running.giveFuel();
    activation.hostCall = S.pc;
    const { topFp, topSp } = running;
    running.topFp = fp + delta + Math.max(paramSlots, resultSlots);
    running.topSp = sp;
    let result: unknown;
    let then: ReturnType<typeof thenOf>;
    let promise: Promise<unknown> | undefined;
    try {
      result = (func.host ?? func.toJavaScript())(...args);
      // To a synchronous call that expects a reference, a promise is a value like any other.
      if (func.awaits === "everything") promise = Promise.resolve(result);
      else if (func.awaits === "nothing") then = undefined;
      else if (activation.asynchronous || results.length !== 1 || !isReference(results[0])) then = thenOf(result);
    } catch (error) {
      running.frameGone = length < 0;
      throw isStackOverflow(error) ? new Trap("call-stack-exhausted") : error;
    } finally {
      running.topFp = topFp;
      running.topSp = topSp;
      running.refresh();
      if (clock.isSet) S.instance.meter.look();
      running.takeFuel();
    }
    if (promise !== undefined && !activation.asynchronous) throw new SuspendError();
    if (then !== undefined || promise !== undefined) {
      if (!activation.asynchronous)
        throw new RuntimeError(
          "a host function returned a promise to a synchronous call; call the export through instance.async.exports to wait for it",
        );
      promise ??= promiseOf(result as object, then as NonNullable<typeof then>);
      activation.awaiting = { func, delta, length, promise };
      suspend(running, activation);
      return true;
    }
    this.takeResults(func, result, fp + delta);
    this.leaveCall(length);
    return false;
  }

  /** Calls a builtin function, which calls no guest and suspends nobody, so that the machine's state need not be handed over. */
  private callBuiltin(func: Func, builtin: Builtin, delta: number, length: number): false {
    const { S, arena, running } = this;
    const { params, results } = func.signature;
    const slot = S.fp + delta;
    const argument = (i: number): unknown =>
      i >= params.length ? undefined : params[i] === I32 ? arena.i32[slot + i] : arena.refs[slot + i];
    const a = argument(0);
    const b = argument(1);
    const c = argument(2);
    const { work, run } = builtin;
    S.fuel = (S.fuel - func.cost) | 0;
    if (work !== undefined) running.charge(work(a, b, c));
    let result: unknown;
    try {
      result = run(a, b, c);
    } catch (error) {
      running.frameGone = length < 0;
      throw error;
    }
    writeValue(arena, slot, results[0], result);
    this.leaveCall(length);
    return false;
  }

  /** Goes on behind a call of the host whose results are in place. */
  leaveCall(length: number): void {
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

  takeResults(func: Func, result: unknown, slot: number): void {
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
}
