import { clock } from "../../store/clock.ts";
import { checkHeadroom } from "../../store/host-stack.ts";
import type { Meter } from "../../store/meter.ts";
import type { Entrance } from "./calls.ts";
import { type Called, failureOf } from "./failures.ts";
import { anyStacks } from "./stacks.ts";
import type { Variant } from "./variant.ts";
import { type NativeGlobal, theWebAssembly } from "./web-assembly.ts";

/**
 * What the calls of an instance, or of all instances of a budget, have in common: the fuel and the depth, which guest code reads and writes in globals
 * of the platform, and how many calls are under way.
 */
export class Account implements Entrance {
  readonly meter: Meter;
  private readonly callDepth: number;
  private fuel: NativeGlobal | undefined = undefined;
  /** Present when frames are counted: how many more there may be. */
  private depth: NativeGlobal | undefined = undefined;
  /** Those of its instances. */
  private readonly variants: Set<Variant> = new Set();
  watched = false;
  active = 0;
  outerDeadline: number = Number.POSITIVE_INFINITY;
  /** Whether a guest has run that can be suspended in the middle of its frames. */
  private hasSuspended = false;
  /** Whether a call has failed, which may have consumed more than the budget. */
  private hasFailed = false;
  /** Whether the failure at hand left the counter as it was at some earlier point. */
  private hasLostFuel = false;
  /** The depth at which each nested call began. */
  private readonly depths: number[] = [];

  constructor(meter: Meter, callDepth: number) {
    this.meter = meter;
    this.callDepth = Math.min(callDepth, 0x7fffffff);
  }

  /** An account with globals of its own, for the instances of a budget. */
  static shared(meter: Meter, callDepth: number): Account {
    const account = new Account(meter, callDepth);
    const { Global } = theWebAssembly();
    const make = (): NativeGlobal => new Global({ value: "i32", mutable: true }, 0);
    account.open(make(), callDepth === Number.POSITIVE_INFINITY ? undefined : make());
    return account;
  }

  /** Moves the counters to globals of the platform. */
  open(fuel: NativeGlobal, depth: NativeGlobal | undefined): void {
    const { meter } = this;
    fuel.value = meter.unspent;
    this.fuel = fuel;
    this.depth = depth;
    if (depth !== undefined) depth.value = this.callDepth;
    // A timeout may be set later.
    let { timeout } = meter;
    Object.defineProperty(meter, "timeout", {
      get: () => timeout,
      set: (value: number) => {
        timeout = value;
        this.watch();
      },
    });
    this.watch();
    // The counter lives where guest code reads and writes it.
    Object.defineProperty(meter, "unspent", {
      get: () => fuel.value,
      set: (value: number) => {
        fuel.value = value;
      },
    });
    let exact = true;
    Object.defineProperty(meter, "exact", {
      get: () => exact && ![...this.variants].some(({ lostFuel }) => lostFuel),
      set: (value: boolean) => {
        exact = value;
      },
    });
  }

  /** The globals that the instances of a budget import. */
  get globals(): readonly (NativeGlobal | undefined)[] {
    return [this.fuel, this.depth];
  }

  /** Takes an instance with this code in. */
  join(variant: Variant): void {
    this.variants.add(variant);
    if (this.active === 0) this.refill();
  }

  /** Whether an instance with this code belongs to the account. */
  has(variant: Variant): boolean {
    return this.variants.has(variant);
  }

  /** Decides whether calls are to be watched. What the beginning of a call has set must be undone at its end, also when the timeout is changed meanwhile. */
  private watch(): void {
    this.watched =
      (this.watched && this.active > 0) ||
      this.meter.timeout !== Number.POSITIVE_INFINITY ||
      this.hasFailed ||
      (this.depth !== undefined && this.hasSuspended);
  }

  /** Fills the counter if there is nothing in it, so that small functions, which check nothing, need not ask at each of their ends. */
  private refill(): void {
    this.meter.leave(this.meter.enter());
  }

  /**
   * Checks the fuel at the beginning or the end of a call from outside, with the fuel below zero.
   * @throws Trap when the guest is to be stopped
   */
  settle(): void {
    if (this.active > 1) return;
    this.meter.settle();
    // Another guest may have called: it cannot be stopped here, and its next call of this instance is.
    if (this.active > 0 || !clock.hasPassed) this.refill();
  }

  begin(): void {
    const { meter, depth } = this;
    if (this.active === 0) {
      if (depth !== undefined && anyStacks()) depth.value = this.callDepth;
      if (this.hasFailed) meter.settle();
      this.outerDeadline = meter.enter();
    } else {
      checkHeadroom();
      if (depth !== undefined) this.depths.push(depth.value as number);
    }
  }

  end(): void {
    if (this.active === 0) {
      this.meter.leave(this.outerDeadline);
      this.watch();
    } else if (this.depth !== undefined) this.depths.pop();
  }

  fail(error: unknown, begun: boolean, called: Called): unknown {
    if (!begun) return failureOf(error, called);
    // What unwound did not count back.
    if (this.depth !== undefined)
      this.depth.value = this.active === 0 ? this.callDepth : this.depths[this.depths.length - 1];
    if (this.watched || this.active !== 0) this.end();
    const failure = failureOf(error, called);
    if (this.active === 0) return this.settleFailure(failure);
    this.forfeitLost();
    return failure;
  }

  /** Ends an outermost call that fails. @returns what it throws */
  settleFailure(failure: unknown): unknown {
    if (!this.hasFailed) {
      this.hasFailed = true;
      this.watch();
    }
    const settled = this.meter.settleFailure(failure);
    this.forfeitLost();
    return settled;
  }

  /** Notes that the failure at hand left the counter as it was at some earlier point. */
  loseFuel(): void {
    this.meter.exact = false;
    this.hasLostFuel = true;
  }

  /** What the guest has consumed since it last wrote its counter back is not known: the next check may find the budget used up. */
  private forfeitLost(): void {
    if (this.hasLostFuel) this.meter.forfeit();
    this.hasLostFuel = false;
  }

  /** Begins an outermost call on a stack of its own. */
  beginOnStack(): void {
    const { meter } = this;
    if (!this.hasSuspended) {
      this.hasSuspended = true;
      this.watch();
    }
    if (meter.timeout !== Number.POSITIVE_INFINITY) meter.enter();
    if (this.depth !== undefined) this.depth.value = this.callDepth;
  }
}
