import { clock } from "../../../store/clock.ts";
import { Trap } from "../../../store/trap.ts";
import type { InterpreterInstance } from "../instance.ts";
import type { Activation, Segment } from "./activation.ts";
import { type Arena, FRAMES } from "./arena.ts";
import { type Loops, WARM_FUEL } from "./loops.ts";
import { CHECK, type Check, CodeStore } from "./module-code.ts";
import type { MachineState } from "./state.ts";

/** What a nested call puts back. */
interface SavedState {
  readonly topFp: number;
  readonly topSp: number;
  readonly paid: boolean;
  readonly check: Check;
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

/** What runs in the machine: the innermost call, the instance whose code it executes, and that one's fuel and depth. */
export class Running {
  readonly arena: Arena;
  readonly S: MachineState;
  /** The code of all modules. */
  readonly codes: CodeStore;
  private readonly loops: Loops;
  /** The innermost call, or undefined while no guest runs. */
  activation: Activation | undefined = undefined;
  /** First free slot and return address above what runs. */
  topFp = 0;
  topSp = 0;
  /** Whether the current frame has been given up by a tail call, so that its handlers are no longer asked. */
  frameGone = false;
  /** Whether the fuel pending at the current instruction has been paid. */
  paid = false;
  /** The check that the machine is at, if it is at one. */
  check: Check = CHECK.none;

  constructor(arena: Arena, S: MachineState, loops: Loops) {
    this.arena = arena;
    this.S = S;
    this.loops = loops;
    this.codes = new CodeStore(arena, () => this.addresses());
  }

  /** What a call that is nested in another, over a host function, must leave as it was. */
  save(): SavedState {
    const { topFp, topSp, paid, check } = this;
    const { pc, fp, sp, fuel, spLimit, view, limit, globals, instance } = this.S;
    return { topFp, topSp, paid, check, pc, fp, sp, fuel, spLimit, view, limit, globals, instance };
  }

  putBack(state: SavedState): void {
    const { S } = this;
    this.topFp = state.topFp;
    this.topSp = state.topSp;
    this.paid = state.paid;
    this.check = state.check;
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

  /** Makes an instance the current one. */
  load(instance: InterpreterInstance): void {
    const { S } = this;
    S.instance = instance;
    S.globals = instance.store.globals;
    this.refresh();
    this.takeFuel();
    this.setDepthLimit();
  }

  /** The loop's view of memory 0, after anything that may have grown it. */
  refresh(): void {
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

  segment(): Segment {
    const { segments } = this.activation as Activation;
    return segments[segments.length - 1];
  }

  /** Takes over the counter of the current instance's meter. */
  takeFuel(): void {
    const { meter } = this.S.instance;
    const { slice, onSlice } = this.activation as Activation;
    meter.slice = this.loops.warming ? Math.min(slice, WARM_FUEL) : slice;
    meter.onSlice = onSlice;
    this.S.fuel = meter.unspent;
  }

  /** Hands the counter over, with the depth: before anything but the machine may look. */
  giveFuel(): void {
    const { S } = this;
    const { meter } = S.instance;
    meter.unspent = S.fuel;
    const segment = this.segment();
    meter.depth = segment.baseDepth + (S.sp - segment.baseSp);
  }

  /** A check has found the counter below zero. */
  refuel(): void {
    const { S } = this;
    const { meter } = S.instance;
    this.paid = true;
    this.loops.endSlice();
    meter.refuel(S.fuel);
    if (meter.mustYield) {
      meter.mustYield = false;
      const activation = this.activation as Activation;
      if (activation.asynchronous) activation.mustYield = true;
    }
    this.takeFuel();
  }

  charge(units: number): void {
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

  pushSegment(activation: Activation, instance: InterpreterInstance): void {
    const { S } = this;
    if (S.sp > FRAMES) throw new Trap("call-stack-exhausted");
    const { meter } = instance;
    let outer = clock.deadline;
    // A call within a budget goes on with the fuel and the time that its caller has.
    if (meter.calls === 0 || meter !== S.instance.meter) {
      if (meter.calls === 0) meter.settle();
      outer = meter.enter();
    }
    const baseSp = S.sp - 1;
    activation.segments.push({ instance, baseSp, baseDepth: meter.depth, baseCalls: meter.calls++, outer });
    this.load(instance);
  }

  /** Ends the topmost segment. Its instance's call ends here, and with it the fuel must have sufficed. */
  leaveInstance(activation: Activation): void {
    const segment = activation.segments.pop() as Segment;
    const { S } = this;
    const { meter } = segment.instance;
    meter.unspent = S.fuel;
    meter.depth = segment.baseDepth;
    meter.calls = segment.baseCalls;
    meter.leave(segment.outer);
    if (segment.baseCalls === 0) meter.settle();
  }

  /** Slots of the frame of the function that is running. */
  frameSlots(): number {
    const found = this.codes.functionAt(this.S.pc);
    return found === undefined ? 0 : this.arena.code[found.start + 1];
  }

  /** Where all functions are that are on the stack. */
  *addresses(): Iterable<number> {
    const { frames } = this.arena;
    yield this.S.pc;
    for (let call = this.activation; call !== undefined; call = call.outer) yield call.hostCall;
    for (let at = 0; at < this.S.sp; at++) yield frames[at] - 1;
  }
}
