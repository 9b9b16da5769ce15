import type { Fuel } from "../store/budget.ts";
import type { AbortSignalLike, EngineInstance, EngineName, Extern } from "../store/engine.ts";
import { Func, funcOf, type HostFunction } from "../store/function.ts";
import type { Module } from "../store/module.ts";
import { type OptionNames, readOptions } from "../wasm/options.ts";

/** How an asynchronous call can be stopped. */
export interface CallOptions {
  /** Aborts the guest: the call rejects with a `Trap` whose code is `aborted` and whose `cause` is the signal's reason. */
  readonly signal?: AbortSignalLike;
}

// biome-ignore lint/suspicious/noExplicitAny: as in the platform's API, what a module exports is known to the caller alone
export type Exports = Readonly<Record<string, any>>;
export type AsyncExports = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;

/** Exports that run in slices. */
export interface AsyncFace {
  /** The exported functions, each returning a promise. The event loop runs between slices, and host functions may return promises. */
  readonly exports: AsyncExports;
  /** Calls an exported function in slices, with options. @throws TypeError (by rejecting) when there is no function of that name */
  call(name: string, args?: readonly unknown[], options?: CallOptions): Promise<unknown>;
}

/** A module that has been instantiated. Its `exports` are as on the platform: functions, memories, tables, globals and tags. */
export class Instance {
  readonly module: Module;
  /** Frozen, without a prototype, in the module's order. */
  readonly exports: Exports;
  /** The same functions for calls that do not block the event loop. */
  // Declared alone: QuickJS takes a field of this name for the beginning of a method.
  declare readonly async: AsyncFace;
  /** What it has consumed and may still consume; with a budget, that of the budget. */
  readonly fuel: Fuel;
  /** Which engine runs it, and why that one. */
  readonly engine: { readonly name: EngineName; readonly reason: string };
  private readonly inner: EngineInstance;

  constructor(inner: EngineInstance, reason: string) {
    this.inner = inner;
    this.module = inner.module;
    this.engine = { name: inner.engine, reason };
    this.exports = exportsObject(inner.exports);
    this.async = asyncFace(inner);
    this.fuel = inner.meter;
  }

  /** Whether `async` works: always but on the platform's own WebAssembly without JavaScript Promise Integration. */
  get canSuspend(): boolean {
    return this.inner.canSuspend;
  }

  /**
   * Milliseconds that an outermost call may take, `limits.timeout` at first; what is set holds from the next call on. With a budget, that of the
   * budget.
   */
  get timeout(): number {
    return this.inner.meter.timeout;
  }

  set timeout(milliseconds: number) {
    this.inner.meter.limitTime(milliseconds);
  }

  /** Whether the guest is running now in a way that a host function's promise suspends it. For use in host functions. */
  get suspendable(): boolean {
    return this.inner.suspendable;
  }
}

function exportsObject(externs: ReadonlyMap<string, Extern>): Exports {
  const object: Record<string, unknown> = Object.create(null);
  for (const [name, extern] of externs) {
    if (extern instanceof Func) {
      // Its function object is made when it is first asked for: a large module exports thousands that nobody calls.
      Object.defineProperty(object, name, { get: () => extern.toJavaScript(), enumerable: true });
    } else Object.defineProperty(object, name, { value: extern, enumerable: true });
  }
  return Object.freeze(object);
}

const callOptions: OptionNames<CallOptions> = { signal: true };

function asyncFace(inner: EngineInstance): AsyncFace {
  const call = async (name: string, args: readonly unknown[] = [], given?: CallOptions): Promise<unknown> => {
    const { signal } = readOptions("options of a call", callOptions, given);
    const func = inner.exports.get(name);
    if (!(func instanceof Func)) throw new TypeError(`the module exports no function named "${name}"`);
    func.requireCallable();
    // A host function or another instance's function, exported again, runs where it lives.
    return (func.owner ?? inner).callAsync(func, args, signal);
  };
  const exports: Record<string, unknown> = Object.create(null);
  for (const [name, extern] of inner.exports)
    if (extern instanceof Func) exports[name] = (...args: unknown[]): Promise<unknown> => call(name, args);
  return { exports: Object.freeze(exports) as AsyncExports, call };
}

/**
 * Calls an exported function with values as bits, so that tests see every NaN and vector: f32 is an unsigned 32-bit number, f64 an
 * unsigned 64-bit bigint, v128 sixteen bytes, and references and integers are as in the JavaScript API.
 * @throws TypeError for a function that no instance exports; else what the guest throws
 */
export function invokeRaw(exported: HostFunction, args: readonly unknown[]): unknown[] {
  const func = funcOf(exported);
  if (func?.owner === undefined) throw new TypeError("invokeRaw takes a function that a WebAssembly instance exports");
  return func.owner.callRaw(func, args);
}

/**
 * Calls an exported function in slices, as {@link Instance.async} does, without its instance at hand.
 * @throws TypeError for a function that no instance exports
 */
export function invokeAsync(
  exported: HostFunction,
  args: readonly unknown[],
  signal: AbortSignalLike | undefined,
): Promise<unknown> {
  const func = funcOf(exported);
  if (func?.owner === undefined)
    throw new TypeError("invokeAsync takes a function that a WebAssembly instance exports");
  return func.owner.callAsync(func, args, signal);
}
