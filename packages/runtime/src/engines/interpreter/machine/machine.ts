import { clock } from "../../../store/clock.ts";
import type { Func } from "../../../store/function.ts";
import { checkHeadroom, isStackOverflow, lastResort } from "../../../store/host-stack.ts";
import { Exception, jsTag } from "../../../store/tag.ts";
import { RuntimeError, Trap } from "../../../store/trap.ts";
import { lengths, MACHINE_OP, WHY } from "../generated/machine-opcodes.ts";
import type { InterpreterInstance } from "../instance.ts";
import { defineAtomic } from "../out-of-line/atomic.ts";
import { executeWait } from "../out-of-line/atomic-wait.ts";
import { defineBasic, type OutOfLineFunction } from "../out-of-line/basic.ts";
import { type DriverInstruction, defineBulk } from "../out-of-line/bulk.ts";
import { defineGc } from "../out-of-line/gc.ts";
import { accessExactly } from "../out-of-line/memory-access.ts";
import { DRIVER_OP } from "../out-of-line/numbers.ts";
import { defineVector } from "../out-of-line/vector.ts";
import { classesOf } from "../translation/classes.ts";
import { Activation } from "./activation.ts";
import { type Arena, createArena, FRAMES } from "./arena.ts";
import { element, referenceAt, resolve } from "./callees.ts";
import { Exceptions } from "./exceptions.ts";
import { abandon, trapCode } from "./failure.ts";
import { Loops, WARM_FUEL } from "./loops.ts";
import { MachineCalls } from "./machine-calls.ts";
import type { CodeStore } from "./module-code.ts";
import { CHECK } from "./module-code.ts";
import { Running } from "./running.ts";
import { MachineState } from "./state.ts";
import { EXIT_STUB, RESTORE_STUB } from "./stubs.ts";
import { restore, suspend } from "./suspension.ts";

/** What became of a run: it returned, or it waits: for the event loop, or for a promise of a host function. */
export type Outcome = "returned" | "yielded" | "waiting";

/**
 * The machine: drives the dispatch loop, and does what the loop leaves to it. There is one in a process; calls nest in it as they nest
 * in JavaScript, and calls that are suspended are taken out of it.
 */
export class Machine {
  readonly arena: Arena = createArena();
  private readonly S: MachineState = new MachineState();
  private readonly driver: DriverInstruction[] = [];
  private readonly loops: Loops;
  private readonly running: Running;
  private readonly exceptions: Exceptions;
  private readonly calls: MachineCalls;

  constructor() {
    const { arena, S, driver } = this;
    arena.code[EXIT_STUB] = MACHINE_OP.exit;
    arena.code[RESTORE_STUB] = MACHINE_OP.restore;
    const outOfLine: OutOfLineFunction[] = [];
    // Training calls them.
    defineBasic(arena, S, outOfLine);
    defineVector(arena, S, outOfLine);
    defineAtomic(arena, S, outOfLine);
    defineGc(arena, S, outOfLine, driver);
    this.loops = new Loops({ arena, S, outOfLine, resolve: (pc, index) => resolve(arena, S, pc, index) });
    const running = new Running(arena, S, this.loops);
    this.running = running;
    this.exceptions = new Exceptions(running);
    this.calls = new MachineCalls(running);
    defineBulk(arena, S, () => running.refresh(), driver);
    const wait =
      (width: 4 | 8): DriverInstruction =>
      (pc, fp) =>
        executeWait(arena, S, pc, fp, width, (running.activation as Activation).asynchronous);
    driver[DRIVER_OP.atomicWait32] = wait(4);
    driver[DRIVER_OP.atomicWait64] = wait(8);
    driver[DRIVER_OP.throw] = (pc, fp) => {
      this.exceptions.throw(pc, fp);
    };
    driver[DRIVER_OP.throwRef] = (pc, fp) => {
      this.exceptions.throwReference(pc, fp);
    };
  }

  /** The code of all modules. */
  get codes(): CodeStore {
    return this.running.codes;
  }

  /** The innermost call, or undefined while no guest runs. */
  get activation(): Activation | undefined {
    return this.running.activation;
  }

  /** Begins a call: its arguments go to the slots from `baseFp` on. @throws Trap when nothing more fits on the stack */
  begin(func: Func, asynchronous: boolean): Activation {
    const activation = new Activation(this.running.topFp, this.running.topSp, asynchronous);
    const { paramSlots, resultSlots } = classesOf(func.signature);
    // Calls nest in JavaScript through host functions. Its stack must not end while the machine is between two states.
    if (this.running.activation !== undefined) checkHeadroom();
    if (activation.baseSp + 2 > FRAMES || activation.baseFp + Math.max(paramSlots, resultSlots) > this.arena.registers)
      throw new Trap("call-stack-exhausted");
    return activation;
  }

  /** Calls a function whose arguments are in place. The results stand in the slots from `baseFp` on. */
  start(activation: Activation, func: Func): Outcome {
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
    const { running } = this;
    const outer = running.activation;
    const state = outer === undefined ? undefined : running.save();
    activation.outer = outer;
    running.activation = activation;
    const limits = activation.asynchronous ? clock.switchTo(activation.deadline) : undefined;
    try {
      if (func !== undefined) this.enter(activation, func);
      return this.drive(activation, func, settle);
    } catch (error) {
      let failure: unknown = lastResort.trap;
      const { segments } = activation;
      try {
        failure = abandon(running, activation, error);
      } catch {
        // JavaScript's stack is full: nothing here depends on a call.
        for (let i = segments.length - 1; i >= 0; i--) {
          const { instance, baseDepth, baseCalls, outer } = segments[i];
          const { counters } = instance.meter;
          counters[1] = baseDepth;
          counters[2] = baseCalls;
          clock.deadline = outer;
        }
      }
      segments.length = 0;
      throw failure;
    } finally {
      if (limits !== undefined) {
        activation.deadline = clock.deadline;
        clock.switchBack(limits);
      }
      running.activation = outer;
      if (state !== undefined) running.putBack(state);
    }
  }

  private enter(activation: Activation, func: Func): void {
    const instance = func.owner as InterpreterInstance;
    const { meter } = instance;
    meter.slice = this.loops.warming ? WARM_FUEL : activation.slice;
    const { baseSp } = activation;
    if (meter.calls === 0) meter.settle();
    const outer = meter.enter();
    activation.segments.push({ instance, baseSp, baseDepth: meter.depth, baseCalls: meter.calls++, outer });
  }

  private drive(activation: Activation, func: Func | undefined, settle: (() => unknown) | undefined): Outcome {
    let begun = false;
    for (;;) {
      try {
        if (!begun) {
          begun = true;
          if (func !== undefined) this.calls.enterFirst(activation, func);
          else this.goOn(activation, settle as () => unknown);
        }
        return this.execute(activation);
      } catch (error) {
        // A host function's is a trap already: the machine itself has found JavaScript's stack full.
        if (isStackOverflow(error)) throw new Trap("call-stack-exhausted");
        if (error instanceof Trap || error instanceof RuntimeError || activation.segments.length === 0) throw error;
        const exception = error instanceof Exception ? error : new Exception(jsTag(), [], [error]);
        if (!this.exceptions.unwind(activation, exception)) throw error;
      }
    }
  }

  private goOn(activation: Activation, settle: () => unknown): void {
    const { running, S } = this;
    restore(running, activation);
    // A guest that waits again and again for another thread consumes next to no fuel.
    S.instance.meter.look();
    running.takeFuel();
    const { awaiting } = activation;
    this.running.paid = true;
    if (awaiting === undefined) return;
    activation.awaiting = undefined;
    if ("slot" in awaiting) {
      this.arena.i32[this.S.fp + awaiting.slot] = settle() as number;
      return;
    }
    this.running.frameGone = awaiting.length < 0;
    this.calls.takeResults(awaiting.func, settle(), this.S.fp + awaiting.delta);
    this.running.frameGone = false;
    this.calls.leaveCall(awaiting.length);
  }

  private execute(activation: Activation): Outcome {
    const { S, arena, running, calls } = this;
    for (;;) {
      running.paid = false;
      running.check = CHECK.none;
      if (activation.mustYield) {
        activation.mustYield = false;
        suspend(running, activation);
        return "yielded";
      }
      const why = this.loops.current();
      switch (why) {
        case WHY.EXIT:
          running.leaveInstance(activation);
          return "returned";
        case WHY.ENTRY:
          calls.enterFunction();
          break;
        case WHY.FUEL:
          running.check = CHECK.head;
          running.refuel();
          break;
        case WHY.MEMORY:
          accessExactly(arena, S.instance.store.memories[0], S.pc, S.fp);
          S.pc += lengths[arena.code[S.pc]];
          break;
        case WHY.VECTORS:
          this.loops.useVectors();
          break;
        case WHY.DRIVER:
          if (this.executeInDriver(activation)) return "waiting";
          break;
        case WHY.CALL_IMPORT: {
          const { code } = arena;
          const func = S.instance.store.functions[code[S.pc + 1]];
          if (calls.call(activation, func, code[S.pc + 2], code[S.pc + 3], 4)) return "waiting";
          break;
        }
        case WHY.CALL_INDIRECT: {
          const { code, i32 } = arena;
          const func = element(S, i32[S.fp + code[S.pc + 1]], code[S.pc + 3], code[S.pc + 4]);
          if (calls.call(activation, func, code[S.pc + 2], code[S.pc + 5], 6)) return "waiting";
          break;
        }
        case WHY.CALL_REF: {
          const { code } = arena;
          if (calls.call(activation, referenceAt(arena, S, code[S.pc + 1]), code[S.pc + 2], code[S.pc + 3], 4))
            return "waiting";
          break;
        }
        case WHY.RETURN_CALL: {
          const { code } = arena;
          const { pc } = S;
          const owner = running.codes.functionAt(code[pc + 1])!;
          if (
            calls.tailCall(
              activation,
              S.instance.store.functions[owner.index],
              code[pc + 2],
              code[pc + 3],
              code[pc + 4],
            )
          )
            return "waiting";
          break;
        }
        case WHY.RETURN_CALL_IMPORT: {
          const { code } = arena;
          const { pc } = S;
          const func = S.instance.store.functions[code[pc + 1]];
          if (calls.tailCall(activation, func, code[pc + 2], code[pc + 3], code[pc + 4])) return "waiting";
          break;
        }
        case WHY.RETURN_CALL_INDIRECT: {
          const { code, i32 } = arena;
          const { pc } = S;
          const func = element(S, i32[S.fp + code[pc + 1]], code[pc + 3], code[pc + 4]);
          if (calls.tailCall(activation, func, code[pc + 2], code[pc + 5], code[pc + 6])) return "waiting";
          break;
        }
        case WHY.RETURN_CALL_REF: {
          const { code } = arena;
          const { pc } = S;
          if (calls.tailCall(activation, referenceAt(arena, S, code[pc + 1]), code[pc + 2], code[pc + 3], code[pc + 4]))
            return "waiting";
          break;
        }
        case WHY.RESTORE:
          calls.returnToInstance(activation);
          break;
        default:
          throw new Trap(trapCode(running, why));
      }
    }
  }

  /** @returns whether the machine now waits for a promise */
  private executeInDriver(activation: Activation): boolean {
    const { S } = this;
    const { code } = this.arena;
    const { pc } = S;
    S.fuel = (S.fuel - code[pc + 3]) | 0;
    this.running.paid = true;
    const waiting = this.driver[code[pc + 1]](pc, S.fp, (units) => this.running.charge(units));
    if (S.pc === pc) S.pc = pc + code[pc + 2];
    if (waiting === undefined) return false;
    activation.awaiting = waiting;
    suspend(this.running, activation);
    return true;
  }
}

let machine: Machine | undefined;

/** The machine of this process, made when it is first needed. */
export function theMachine(): Machine {
  machine ??= new Machine();
  return machine;
}
