import { clock } from "../../store/clock.ts";
import type { AbortSignalLike } from "../../store/engine.ts";
import type { Func } from "../../store/function.ts";
import { hostNow, keepAlive } from "../../store/host.ts";
import { nextTurn, type Sliced } from "../../store/scheduler.ts";
import { promiseOf, thenOf } from "../../store/thenable.ts";
import { RuntimeError, Trap } from "../../store/trap.ts";
import { I64, isReference, type ValueType } from "../../wasm/types.ts";
import type { Account } from "./account.ts";
import { type Crossings, resultsToGuest, resultsToHost } from "./crossings.ts";
import { type Called, failureOf, thrownByHost } from "./failures.ts";
import { type Crossing, toGuest } from "./references.ts";
import { closeStack, currentStack, openStack, type Stack, stackOf, switchStack } from "./stacks.ts";
import { stop } from "./stop.ts";
import { type NativeFunction, type NativeGlobal, theWebAssembly } from "./web-assembly.ts";

/** What an instance is to what suspends its guest. */
export interface Suspendable extends Called {
  readonly canSuspend: boolean;
  readonly account: Account;
  /** The function that a host calls. */
  outermost(func: Func): NativeFunction;
}

const promisingFunctions = new WeakMap<NativeFunction, (...args: readonly unknown[]) => Promise<unknown>>();

/** How the guest of one instance waits, for its next slice or for a promise of the host, on platforms with JavaScript Promise Integration. */
export class Suspension {
  private readonly instance: Suspendable;
  private readonly sliced: Sliced;
  /** Present where the platform can suspend: set to make the guest wait for what its stack names. */
  waiting: NativeGlobal | undefined = undefined;
  /** `active` of the stacks that are suspended in the instance. */
  private readonly suspended: Map<number, number> = new Map();

  /** @param weight share of the thread among guests that run in slices */
  constructor(instance: Suspendable, weight: number) {
    this.instance = instance;
    this.sliced = { weight, virtualTime: 0 };
  }

  /** A slice of the stack that runs has ended: its guest is to wait for its next turn. */
  endSlice(stack: Stack): void {
    if (this.waiting === undefined) return;
    stack.waitingFor = nextTurn(this.sliced, this.instance.account.meter.slice);
    this.waiting.value = 1;
  }

  /** Suspends the guest until what its stack names has come. */
  pause(): Promise<number> {
    const stack = currentStack() as Stack;
    (this.waiting as NativeGlobal).value = 0;
    const { account } = this.instance;
    this.suspended.set(stack.id, account.active);
    account.active = 0;
    switchStack(undefined);
    stack.deadline = clock.deadline;
    clock.clear();
    return (stack.waitingFor as Promise<void>).then(() => stack.id);
  }

  /** The guest goes on. @returns its fuel, or -1 when it is to be stopped */
  resumed(id: number): number {
    const { account } = this.instance;
    const { meter } = account;
    const stack = stackOf(id) as Stack;
    switchStack(stack);
    clock.switchTo(stack.deadline);
    account.active = this.suspended.get(id) as number;
    this.suspended.delete(id);
    stack.waitingFor = undefined;
    stack.interrupt = undefined;
    try {
      stack.checkAbort();
      // Others may have used up meanwhile what it was given.
      return meter.unspent < 0 ? meter.refuel(meter.unspent) : meter.unspent;
    } catch (error) {
      stop(error);
      return -1;
    }
  }

  /** What the host function's promise resolved to. */
  outcome(crossings: readonly Crossing[]): unknown {
    const stack = currentStack() as Stack;
    const outcome = stack.outcome as () => unknown;
    stack.outcome = undefined;
    try {
      const value = outcome();
      return crossings.length > 1
        ? Array.from(value as Iterable<unknown>, (item, i) => toGuest(item, crossings[i], this.instance))
        : toGuest(value, crossings[0], this.instance);
    } catch (error) {
      throw thrownByHost(error, this.instance);
    }
  }

  /**
   * A host function returned an object. To a synchronous call that expects a reference it is a value like any other.
   * @param crossings how the function's arguments and results cross; see {@link Crossings}
   * @returns what the guest gets; of a promise, until it is fetched
   */
  received(value: object, results: readonly ValueType[], crossings: Crossings | undefined): unknown {
    const stack = currentStack();
    const asynchronous = stack !== undefined && this.waiting !== undefined;
    const then = asynchronous || results.length !== 1 || !isReference(results[0]) ? thenOf(value) : undefined;
    if (then === undefined) return crossings === undefined ? value : resultsToGuest(value, crossings, this.instance);
    if (!asynchronous)
      throw new RuntimeError(
        "a host function returned a promise to a synchronous call; call the guest through instance.async, with no other call of the host between",
      );
    const pausedAt = hostNow();
    // Time that the guest waits for its host is not counted.
    this.wait(stack, promiseOf(value, then), () => {
      stack.deadline += hostNow() - pausedAt;
    });
    const placeholders = results.map(placeholder);
    return placeholders.length > 1 ? placeholders : placeholders[0];
  }

  /** The guest waits for another thread. */
  threadWait(promise: PromiseLike<number>): void {
    const stack = currentStack() as Stack;
    this.wait(stack, promise, () => {});
    stack.waitingFor = keepAlive(stack.waitingFor as Promise<void>);
  }

  /** Makes the guest wait for a promise. @param resumes called before it goes on */
  private wait(stack: Stack, promise: PromiseLike<unknown>, resumes: () => void): void {
    stack.waitingFor = new Promise<void>((resolve) => {
      stack.interrupt = resolve;
      promise.then(
        (value) => {
          stack.outcome = () => value;
          resolve();
        },
        (error) => {
          stack.outcome = () => {
            throw error;
          };
          resolve();
        },
      );
    }).then(resumes);
    (this.waiting as NativeGlobal).value = 1;
  }

  /**
   * Calls a function of the guest on a stack of its own.
   * @param crossings how its arguments and results cross; see {@link Crossings}
   */
  async call(
    func: Func,
    args: readonly unknown[],
    crossings: Crossings | undefined,
    signal: AbortSignalLike | undefined,
  ): Promise<unknown> {
    const { instance } = this;
    const { account } = instance;
    if (!instance.canSuspend)
      throw new RuntimeError(
        'this platform cannot suspend its WebAssembly: it has no JavaScript Promise Integration; instantiate with { async: true }, and engine "auto" picks one that can',
      );
    if (func.owner?.engine !== "platform") return func.toJavaScript()(...args);
    const checkAbort = checkOf(signal);
    checkAbort();
    account.meter.settle();
    const promising = theWebAssembly().promising as (fn: NativeFunction) => (...args: unknown[]) => Promise<unknown>;
    const native = instance.outermost(func);
    let promised = promisingFunctions.get(native);
    if (promised === undefined) {
      promised = promising(native);
      promisingFunctions.set(native, promised);
    }
    const stack = openStack(checkAbort);
    if (stack === undefined)
      throw new RuntimeError(
        "too many asynchronous calls at once: the platform would end the process; wait for some to finish",
      );
    const onAbort = (): void => stack.interrupt?.();
    signal?.addEventListener("abort", onAbort, { once: true });
    account.meter.waiters.add(onAbort);
    try {
      const { params } = func.signature;
      const values = params.map((_, i) =>
        crossings === undefined ? args[i] : toGuest(args[i], crossings.params[i], instance),
      );
      const result = await this.startOn(stack, promised, values);
      return crossings === undefined ? result : resultsToHost(result, crossings, instance);
    } catch (error) {
      throw account.settleFailure(failureOf(error, instance, stack));
    } finally {
      signal?.removeEventListener("abort", onAbort);
      account.meter.waiters.delete(onAbort);
      this.suspended.delete(stack.id);
      // The guest has left its stack, and nothing of the host's is below this: the last to be resumed was the outermost call.
      account.active = 0;
      closeStack(stack);
    }
  }

  /** Calls the guest on its stack, up to the first time that it is suspended. */
  private startOn(
    stack: Stack,
    promised: (...args: readonly unknown[]) => Promise<unknown>,
    args: readonly unknown[],
  ): Promise<unknown> {
    const { account } = this.instance;
    const { active } = account;
    const outer = switchStack(stack);
    const limits = clock.switchTo(stack.deadline);
    account.active = 1;
    account.beginOnStack();
    try {
      return promised(...args);
    } finally {
      switchStack(outer);
      clock.switchBack(limits);
      account.active = active;
    }
  }
}

/** What a call's stack asks for as long as the host has promised it something: it must hold nothing else of the call, arguments least of all. */
function checkOf(signal: AbortSignalLike | undefined): () => void {
  return () => {
    if (signal?.aborted) throw new Trap("aborted", { cause: signal.reason });
  };
}

/** A value of the type, for the moment until the real one is fetched. */
function placeholder(type: ValueType): unknown {
  return type === I64 ? 0n : isReference(type) ? null : 0;
}
