import { clock } from "./clock.ts";
import { Trap } from "./trap.ts";

/** Bytes that a memory grows by for one unit. */
export const GROWN_BYTES_PER_UNIT = 256;

/** Units of fuel in one slice of a synchronous call: a few milliseconds on the interpreter, one on the platform. */
const SLICE = 100_000;

/**
 * The fuel of one instance, or of the instances that share a budget. Its time is kept by {@link clock}.
 *
 * A guest counts down in a 32-bit integer of its own, the *unspent* part of a slice that the meter granted; the whole budget is a
 * bigint that only the meter touches. While guest code runs, the engine holds the counter; it hands it over in {@link unspent} before
 * anything else may look (host functions, suspension, the end of a call) and takes it back afterwards.
 *
 * How large slices are never shows: a guest is stopped at the first check at which it has consumed more than it was given.
 */
export class Meter {
  /**
   * {@link unspent}, {@link depth} and {@link calls}, where translated code reads and writes them: an array whose elements V8 addresses directly,
   * for which it must stand outside the heap, that is, be longer than 64 bytes.
   */
  readonly counters: Int32Array<ArrayBuffer> = new Int32Array(17);
  /** Size of the slices that {@link refuel} grants: smaller ones check deadlines and signals more often. */
  slice: number = SLICE;
  /** False once a trap may have ended guest code whose last charges never reached {@link unspent}. */
  exact = true;
  /** What to do when a slice of an asynchronous call has been used up; undefined in synchronous calls. */
  onSlice: (() => SliceVerdict) | undefined = undefined;

  /** How many slices were granted. */
  slices = 0;
  private granted = 0n;
  private budget: bigint | undefined;
  /** Set once all calls are to end, with the reason. */
  private aborted: { readonly reason: unknown } | undefined = undefined;
  /** Wake the calls that wait for a promise of the host, when all calls are to end. */
  readonly waiters: Set<() => void> = new Set();
  /** Milliseconds that an outermost call may take; what is set holds from the next call on. */
  timeout: number;

  constructor(fuel: bigint | undefined, timeout: number) {
    this.budget = fuel;
    this.timeout = timeout;
  }

  /** What is left of the granted slice; negative when the guest has overshot it. Engines read and write it. */
  get unspent(): number {
    return this.counters[0];
  }

  set unspent(amount: number) {
    this.counters[0] = amount;
  }

  /** Guest frames of the instance now on the stack, for `callDepth`. Engines read and write it. */
  get depth(): number {
    return this.counters[1];
  }

  set depth(frames: number) {
    this.counters[1] = frames;
  }

  /**
   * Calls into instances of this meter that are under way, suspended ones not counted. A call is outermost if there is no other when it begins.
   * The interpreter and the compiler keep it; they restore the value of the beginning, which needs no call where JavaScript's stack is full.
   */
  get calls(): number {
    return this.counters[2];
  }

  set calls(count: number) {
    this.counters[2] = count;
  }

  /** Fuel consumed since the instance was made. Exact outside guest code and in host functions. */
  get consumed(): bigint {
    return this.granted - BigInt(this.unspent);
  }

  /** Fuel left, or undefined when it is not limited. Zero when the guest has overshot its budget. */
  get remaining(): bigint | undefined {
    if (this.budget === undefined) return undefined;
    const left = this.budget - this.consumed;
    return left > 0n ? left : 0n;
  }

  /** Sets what is left, up or down, and limits an instance that was not limited. To be called while the engine has handed over its counter. */
  set remaining(amount: bigint) {
    if (typeof amount !== "bigint" || amount < 0n)
      throw new TypeError(`fuel.remaining must be a bigint of at least 0n, not ${String(amount)}`);
    // What was granted and not yet spent must not outlast the new budget.
    if (this.unspent > 0 && BigInt(this.unspent) > amount) {
      this.granted -= BigInt(this.unspent) - amount;
      this.unspent = Number(amount);
    }
    this.budget = this.consumed + amount;
  }

  /** Gives the instance more fuel; without effect when fuel is not limited. */
  add(amount: bigint): void {
    if (typeof amount !== "bigint" || amount < 0n)
      throw new TypeError(`fuel.add() takes a bigint of at least 0n, not ${String(amount)}`);
    if (this.budget !== undefined) this.budget += amount;
  }

  /** Sets {@link timeout}. @throws TypeError for anything but a number of at least 0 */
  limitTime(milliseconds: number): void {
    if (!(milliseconds >= 0))
      throw new TypeError(`timeout must be a number of at least 0, not ${String(milliseconds)}`);
    this.timeout = milliseconds;
  }

  /**
   * Charges the guest for work that a host function does for it, and stops it when it cannot pay or its time is over. To be called while the
   * engine has handed over its counter.
   *
   * @param units a whole number of at least 0
   * @throws TypeError for anything else; Trap `fuel-exhausted`, `deadline-exceeded` or `aborted`
   */
  charge(units: number): void {
    if (!(Number.isSafeInteger(units) && units >= 0))
      throw new TypeError(`fuel.charge() takes a whole number of at least 0, not ${String(units)}`);
    const left = this.unspent - units;
    if (left >= 0) this.unspent = left;
    else {
      this.granted += BigInt(units);
      this.expire();
      if (this.budget !== undefined && this.consumed > this.budget) throw new Trap("fuel-exhausted");
    }
    if (clock.isOver) throw new Trap("deadline-exceeded");
    this.checkAbort();
  }

  /**
   * Ends all calls: those under way at their next check, and each later one when it begins. To be called while the engine has handed over its
   * counter.
   */
  abort(reason: unknown): void {
    this.aborted = { reason };
    this.expire();
    for (const wake of this.waiters) wake();
  }

  /** @throws Trap `aborted` after {@link abort} */
  checkAbort(): void {
    if (this.aborted !== undefined) throw new Trap("aborted", { cause: this.aborted.reason });
  }

  /**
   * Reads the clock after host code has run while {@link clock} is set: when the call's time or its turn is over, the next check stops the
   * guest. To be called while the engine has handed over its counter.
   */
  look(): void {
    if (clock.read()) this.expire();
  }

  /** Takes back what is left of the granted slice, so that the next check finds it used up. What the guest has consumed is unchanged. */
  private expire(): void {
    if (this.unspent < 0) return;
    this.granted -= BigInt(this.unspent) + 1n;
    this.unspent = -1;
  }

  /** Starts an outermost call: its deadline is counted from here. @returns what {@link leave} must be given back */
  enter(): number {
    // What may find JavaScript's stack full comes before any change.
    if (this.unspent <= 0 && !clock.hasPassed) this.grant();
    const outer = this.timeout === Number.POSITIVE_INFINITY ? clock.deadline : clock.limit(this.timeout);
    return outer;
  }

  /** Ends a call begun by {@link enter}, on success or failure. */
  leave(outer: number): void {
    if (outer !== clock.deadline) clock.restore(outer);
  }

  /** Traps if the guest has consumed more than it was given, or is to end: every outermost call begins and ends with this check. */
  settle(): void {
    if (this.isOverspent) throw new Trap("fuel-exhausted");
    this.checkAbort();
  }

  /** As {@link settle}, for an outermost call that fails. @returns what the call throws: `error`, or the trap in its place */
  settleFailure(error: unknown): unknown {
    if (!this.isOverspent || (error instanceof Trap && error.code === "fuel-exhausted")) return error;
    return new Trap("fuel-exhausted");
  }

  private get isOverspent(): boolean {
    return this.unspent < 0 && this.budget !== undefined && this.consumed > this.budget;
  }

  /**
   * Charges all that was granted, and one unit: the guest has ended in a way that does not tell how much of it is left. Without a budget
   * nothing is charged.
   */
  forfeit(): void {
    if (this.budget !== undefined && this.unspent >= 0) this.unspent = -1;
  }

  /**
   * The cold path of every fuel check: the counter has gone below zero.
   *
   * @param unspent the engine's counter
   * @returns the new counter; the verdict of an asynchronous call's slice, if it asks to yield, stands in {@link mustYield}
   * @throws Trap `fuel-exhausted`, `deadline-exceeded`, `aborted`, or whatever {@link onSlice} throws
   */
  refuel(unspent: number): number {
    this.unspent = unspent;
    if (this.budget !== undefined && this.consumed > this.budget) throw new Trap("fuel-exhausted");
    if (clock.isOver) throw new Trap("deadline-exceeded");
    this.checkAbort();
    this.mustYield = this.onSlice !== undefined && this.onSlice() === "yield";
    clock.beginTurn();
    this.grant();
    return this.unspent;
  }

  /** After {@link refuel}: whether the guest must let the event loop run before it goes on. */
  mustYield = false;

  /** Fills the counter up to a slice, also from below zero: what was overshot has been consumed already. */
  private grant(): void {
    let full = this.slice;
    // The counter stays below zero, so that the next check stops the guest.
    if (this.aborted !== undefined) return;
    if (this.budget !== undefined) {
      // Never more than the budget: the check that finds the slice used up is then the one that finds the budget used up.
      const left = this.budget - this.consumed;
      if (left < 0n) return;
      if (left < full) full = Number(left);
    }
    if (full <= this.unspent) return;
    const granted = this.granted + BigInt(full - this.unspent);
    this.unspent = full;
    this.granted = granted;
    this.slices++;
  }
}

/** What an asynchronous call's slice hook answers: go on at once, or let the event loop run first. */
export type SliceVerdict = "continue" | "yield";
