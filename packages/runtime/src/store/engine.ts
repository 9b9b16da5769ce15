import type { Budget } from "./budget.ts";
import type { Func, HostFunction } from "./function.ts";
import type { Global } from "./global.ts";
import type { ResolvedLimits } from "./limits.ts";
import type { Memory } from "./memory.ts";
import type { Meter } from "./meter.ts";
import type { Module } from "./module.ts";
import type { ModuleCache } from "./module-cache.ts";
import type { Table } from "./table.ts";
import type { Tag } from "./tag.ts";

/**
 * The seam between WebAssembly and whatever executes it. An engine implements {@link Engine}; nothing above this file knows
 * which one runs.
 */
export type EngineName = "interpreter" | "compiler" | "platform";

/** What imports and exports are (specification, 4.2.12). */
export type Extern = Func | Table | Memory | Global | Tag;

export interface Engine {
  readonly name: EngineName;

  /**
   * Why this engine cannot hold the module here and now, in words for the host's programmer; undefined when it can.
   * Only cheap questions are asked: what the platform has was probed once.
   */
  refuse(module: Module, options: InstanceOptions): string | undefined;

  /**
   * Does in advance, and asynchronously where the platform can, what the engine needs to do once per module.
   *
   * @param imports those that it will be instantiated with; undefined while they are not known
   */
  prepare(module: Module, options: InstanceOptions, imports?: readonly Extern[]): Promise<void>;

  /**
   * Makes an instance (specification, 4.7.2): allocates, initialises, and calls the start function.
   *
   * @param imports one for each import of the module, in their order, of the right kind and type
   * @throws Trap, LinkError, or what a host function called by the start function threw
   */
  instantiate(module: Module, imports: readonly Extern[], options: InstanceOptions): EngineInstance;
}

export interface InstanceOptions {
  /** Of an instance with a budget, fuel, timeout and call depth are those of the budget. */
  readonly limits: ResolvedLimits;
  /** What the instance shares with others. */
  readonly budget: Budget | undefined;
  /** Keep consumed fuel exact after traps that the platform itself raises, at some cost in speed. */
  readonly exactFuel: boolean;
  /** Give every result that the specification leaves open the bits of its deterministic profile. */
  readonly deterministic: boolean;
  /** The instance will be called through `instance.async`: its engine must be able to suspend it. */
  readonly async: boolean;
  /** Share of the event loop beside other guests that run in slices; 1 is usual. */
  readonly weight: number;
  /** Where an engine keeps what it makes of a module, so that it need not be made again. */
  readonly cache: ModuleCache | undefined;
}

/** An instance as its engine has it. */
export interface EngineInstance {
  readonly engine: EngineName;
  readonly module: Module;
  readonly meter: Meter;
  /** Exports by name, in the order of the module. */
  readonly exports: ReadonlyMap<string, Extern>;
  /** Whether {@link callAsync} works: here, on this engine. */
  readonly canSuspend: boolean;
  /** Whether guest code of this instance runs that a host function's promise can suspend. */
  readonly suspendable: boolean;

  /** The JavaScript function that stands for one of its functions; `Func.toJavaScript` asks once and keeps it. */
  makeExported(func: Func): HostFunction;

  /**
   * Calls one of its functions in slices: the event loop runs between them, and host functions may return promises.
   *
   * @param args JavaScript values, converted as a synchronous call converts them
   * @returns what the synchronous call would return
   * @throws (by rejecting) Trap, with code `aborted` when `signal` fires; or what a host function threw
   */
  callAsync(func: Func, args: readonly unknown[], signal: AbortSignalLike | undefined): Promise<unknown>;

  /**
   * Calls one of its functions with values as bits, for tests that must see every NaN: f32 as an unsigned 32-bit number, f64 as
   * an unsigned 64-bit bigint, v128 as sixteen bytes, the rest as `WasmValue`.
   */
  callRaw(func: Func, args: readonly unknown[]): unknown[];
}

/** As much of the platform's `AbortSignal` as is used. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
