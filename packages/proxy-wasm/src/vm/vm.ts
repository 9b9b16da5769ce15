import { type Instance, type Limits, LinkError, type Memory, type Module, type Runtime, Trap } from "@wardian/runtime";
import { type OptionNames, readOptions } from "@wardian/runtime/options";
import { ExitStatus } from "@wardian/wasi";
import { ABI_MARKERS, type AbiVersion, LOG_LEVELS, type LogLevel } from "../abi/constants.ts";
import { PluginError } from "../abi/errors.ts";
import type { PropertyValue } from "../abi/property.ts";
import type { ForeignFunction } from "../services/foreign.ts";
import type { LogSink } from "../services/log.ts";
import type { Metrics } from "../services/metrics.ts";
import type { SharedData } from "../services/shared-data.ts";
import type { SharedQueues } from "../services/shared-queue.ts";
import type { Upstreams } from "../services/upstreams.ts";
import type { Context } from "./context.ts";
import { ContextTable } from "./context-table.ts";
import { GuestMemory } from "./guest-memory.ts";
import { makeImports } from "./imports.ts";
import type { RootContext } from "./root-context.ts";

/** As much of {@link Metrics} as plugins use. */
export type PluginMetrics = Pick<Metrics, "define" | "increment" | "record" | "get">;

/** What all VMs of a host share. */
export interface Services {
  readonly log: LogSink;
  /** The least level that is written. */
  readonly logLevel: LogLevel;
  readonly sharedData: SharedData;
  readonly sharedQueues: SharedQueues;
  readonly metrics: PluginMetrics;
  readonly upstreams: Upstreams;
  readonly foreignFunctions: Readonly<Record<string, ForeignFunction>>;
  /** Properties that every context has, such as `node` and `cluster_name`. */
  readonly properties: { readonly [name: string]: PropertyValue };
  /** Nanoseconds since 1970. */
  readonly now: () => bigint;
  readonly random: (bytes: Uint8Array) => void;
}

/** What a plugin may use before it is stopped. What is left out is not limited. */
export interface PluginLimits {
  /** Units of fuel in one callback. */
  readonly fuelPerCallback?: bigint;
  /** Units of fuel in all callbacks of one stream together. */
  readonly fuelPerStream?: bigint;
  /** Milliseconds that one callback may take. */
  readonly timeout?: number;
  /** Units of fuel for starting up and for each of `proxy_on_vm_start` and `proxy_on_configure`. */
  readonly startFuel?: bigint;
  /** Milliseconds for starting up and for each of `proxy_on_vm_start` and `proxy_on_configure`. */
  readonly startTimeout?: number;
  /**
   * Milliseconds that a plugin which has been ended may take to call `proxy_done`, when its `proxy_on_done` has answered 0.
   * Then it is deleted all the same. By default 5000.
   */
  readonly doneTimeout?: number;
  /** Bytes of memory of the VM; by default 1 GiB, as in Envoy. */
  readonly memory?: number;
  /** Guest frames on the stack at once. */
  readonly callDepth?: number;
}

const limitNames: OptionNames<PluginLimits> = {
  fuelPerCallback: true,
  fuelPerStream: true,
  timeout: true,
  startFuel: true,
  startTimeout: true,
  doneTimeout: true,
  memory: true,
  callDepth: true,
};

/** The default of `doneTimeout`, in milliseconds. */
export const DONE_TIMEOUT = 5_000;

/** @throws TypeError for a limit that is not known */
export function readPluginLimits(limits: PluginLimits | undefined): PluginLimits {
  return readOptions("limits of a plugin", limitNames, limits);
}

export interface VmOptions {
  readonly runtime: Runtime;
  readonly module: Module;
  readonly vmId: string;
  readonly configuration: Uint8Array;
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: PluginLimits;
  /** Names of the host functions and callbacks that the plugin may use; undefined for all. */
  readonly capabilities: ReadonlySet<string> | undefined;
  readonly services: Services;
}

type GuestFunction = (...args: number[]) => number | undefined;

export const GIBIBYTE: number = 1024 * 1024 * 1024;

/** A plugin's limits as those of its instance. */
export function instanceLimits({ startFuel, startTimeout, memory, callDepth }: PluginLimits): Limits {
  return { fuel: startFuel, timeout: startTimeout, memory: memory ?? GIBIBYTE, callDepth };
}

/** Which version of the ABI a module asks for: the first marker among its exports. */
export function abiVersionOf(module: Module): AbiVersion | undefined {
  for (const { name, kind } of module.exports) {
    const version = kind === "function" ? ABI_MARKERS.get(name) : undefined;
    if (version !== undefined) return version;
  }
  return undefined;
}

/**
 * One instance of a plugin's module, with the contexts that live in it.
 *
 * The guest is never entered from inside one of its own calls, but for its allocator: what a host function sets in motion
 * (continuing, closing, answering) is put off until the outermost call has returned.
 */
export class Vm {
  readonly options: VmOptions;
  readonly services: Services;
  readonly abi: AbiVersion;
  readonly memory: GuestMemory = new GuestMemory();
  readonly contexts: ContextTable = new ContextTable();
  /** Why it runs no more. */
  failure: PluginError | undefined = undefined;
  /** Called once, when it has failed. */
  onFailure: ((error: PluginError) => void) | undefined = undefined;
  /** Calls of the guest so far. */
  calls = 0;

  private readonly instance: Instance;
  private readonly guest = new Map<string, GuestFunction>();
  private current: Context | undefined = undefined;
  private effective: Context | undefined = undefined;
  private depth = 0;
  private lastId = 0;
  private readonly deferred: (() => void)[] = [];
  private flushing = false;

  /** Instantiates the module and runs its own start-up. @throws PluginError `invalid-module` or `failed` */
  constructor(options: VmOptions) {
    this.options = options;
    this.services = options.services;
    const abi = abiVersionOf(options.module);
    if (abi === undefined)
      throw new PluginError(
        "invalid-module",
        "the module is no proxy-wasm plugin: it exports none of proxy_abi_version_0_1_0, 0_2_0 and 0_2_1",
      );
    this.abi = abi;
    const { limits } = options;
    const { imports, attach } = makeImports(this, options.module);
    try {
      this.instance = options.runtime.instantiateSync(options.module, imports, {
        limits: instanceLimits(limits),
      });
    } catch (error) {
      const code = error instanceof LinkError ? "invalid-module" : "failed";
      throw new PluginError(code, `the plugin could not be instantiated: ${messageOf(error)}`, error);
    }
    const { exports } = this.instance;
    for (const { name, kind } of options.module.exports)
      if (kind === "function" && this.allowed(name)) this.guest.set(name, exports[name] as GuestFunction);
    const allocator = exports.malloc ?? exports.proxy_on_memory_allocate;
    if (typeof allocator !== "function")
      throw new PluginError("invalid-module", "the plugin exports neither malloc nor proxy_on_memory_allocate");
    const memory = exports.memory as Memory | undefined;
    if (memory === undefined || typeof memory !== "object")
      throw new PluginError("invalid-module", "the plugin exports no memory");
    const { fuel } = this.instance;
    this.memory.attach(memory, allocator as (size: number) => number, (units) => fuel.charge(units));
    attach(memory);
    this.startUp();
  }

  /**
   * A reactor is initialised, and then its `main` is called if it is exported; anything else is a program that is started. Such a
   * program may say that it has succeeded by exiting with 0, and stays usable.
   */
  private startUp(): void {
    if (this.has("_initialize")) {
      this.start(undefined, "_initialize");
      if (this.has("main")) this.start(undefined, "main", 0, 0);
      else if (this.has("__main_void")) this.start(undefined, "__main_void");
    } else if (this.has("_start")) {
      try {
        this.start(undefined, "_start");
      } catch (error) {
        const { cause } = error as PluginError;
        if (!(cause instanceof ExitStatus && cause.code === 0)) throw error;
        this.failure = undefined;
      }
    }
  }

  /** Whether a capability restriction leaves the name alone; it holds for imports and exports alike. */
  allowed(name: string): boolean {
    const { capabilities } = this.options;
    return capabilities === undefined || capabilities.size === 0 || capabilities.has(name);
  }

  /** Whether the guest has a callback. */
  has(name: string): boolean {
    return this.guest.has(name);
  }

  /** Bytes of the guest's memory now. */
  get memorySize(): number {
    return this.memory.size;
  }

  get fuelConsumed(): bigint {
    return this.instance.fuel.consumed;
  }

  /** The context that host functions act on. */
  get context(): Context | undefined {
    return this.effective ?? this.current;
  }

  /** Makes host functions act on another context until the outermost call has returned. @returns false when there is none of that number */
  setEffectiveContext(id: number): boolean {
    const context = this.contexts.get(id);
    if (context === undefined) return false;
    this.effective = context;
    return true;
  }

  /** Who counts for what a host function stores for the guest. */
  get owner(): string {
    return `${this.options.vmId}\0${this.context?.root.plugin.name ?? ""}`;
  }

  /** Whether another action can be put off: a guest may ask for one again and again. */
  get canDefer(): boolean {
    return this.deferred.length < MAX_DEFERRED;
  }

  /** Whether a line of the level is written. */
  logs(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(this.services.logLevel);
  }

  nextContextId(): number {
    do this.lastId = this.lastId === 0x7fff_ffff ? 1 : this.lastId + 1;
    while (this.contexts.get(this.lastId) !== undefined);
    return this.lastId;
  }

  /** Puts an action off until the guest has returned; does it at once when no guest code runs. */
  defer(action: () => void): void {
    this.deferred.push(action);
    if (this.depth === 0) this.flush();
  }

  /** Calls one of the guest's callbacks for a context, within the limits of a callback. @throws PluginError `failed` */
  call(context: Context | undefined, name: string, ...args: number[]): number {
    const { limits } = this.options;
    return this.enter(context, name, args, limits.fuelPerCallback, limits.timeout);
  }

  /** As {@link call}, with no more than this much fuel. @returns also the fuel that was consumed */
  callWithin(
    fuel: bigint,
    context: Context,
    name: string,
    ...args: number[]
  ): { readonly result: number; readonly consumed: bigint } {
    const { fuelPerCallback, timeout } = this.options.limits;
    const before = this.instance.fuel.consumed;
    const least = fuelPerCallback === undefined || fuel < fuelPerCallback ? fuel : fuelPerCallback;
    const result = this.enter(context, name, args, least, timeout);
    return { result, consumed: this.instance.fuel.consumed - before };
  }

  /** As {@link call}, within the limits of starting up. */
  start(context: Context | undefined, name: string, ...args: number[]): number {
    const { limits } = this.options;
    return this.enter(context, name, args, limits.startFuel, limits.startTimeout);
  }

  private enter(
    context: Context | undefined,
    name: string,
    args: readonly number[],
    fuel: bigint | undefined,
    timeout: number | undefined,
  ): number {
    if (this.failure !== undefined) throw this.failure;
    const callback = this.guest.get(name);
    if (callback === undefined) return 0;
    const outer = this.current;
    if (this.depth === 0) {
      // Once there is a budget every call needs one: what is left of the last call's must not bound the next.
      if (fuel !== undefined) this.instance.fuel.remaining = fuel;
      else if (this.instance.fuel.remaining !== undefined) this.instance.fuel.remaining = NO_LIMIT;
      this.instance.timeout = timeout ?? Number.POSITIVE_INFINITY;
    }
    this.current = context;
    this.depth++;
    this.calls++;
    let result: number | undefined;
    try {
      result = callback(...args);
    } catch (error) {
      throw this.fail(name, error);
    } finally {
      this.depth--;
      this.current = outer;
      if (this.depth === 0) this.effective = undefined;
    }
    if (this.depth === 0) this.flush();
    return result ?? 0;
  }

  private flush(): void {
    if (this.flushing) return;
    this.flushing = true;
    try {
      for (let action = this.deferred.shift(); action !== undefined; action = this.deferred.shift()) {
        // An action may enter the guest, whose own actions must not wait for this one's callers.
        this.flushing = false;
        action();
        this.flushing = true;
      }
    } finally {
      this.flushing = false;
    }
  }

  /** Ends the VM after a trap, a limit or an exit. Contexts are told in a task of their own. */
  private fail(name: string, cause: unknown): PluginError {
    const how = cause instanceof Trap ? `trapped: ${cause.message}` : `failed: ${messageOf(cause)}`;
    const error = new PluginError("failed", `${name} ${how}`, cause);
    if (this.failure !== undefined) return this.failure;
    this.failure = error;
    this.deferred.length = 0;
    if (!(cause instanceof ExitStatus && cause.code === 0)) this.log("critical", error.message, this.current?.root);
    queueMicrotask(() => {
      if (this.failure === undefined) return;
      for (const context of this.contexts.clear()) context.vmFailed(error);
      this.onFailure?.(error);
    });
    return error;
  }

  /** Writes a line for a plugin of this VM. */
  log(level: LogLevel, message: string, root: RootContext | undefined = this.context?.root): void {
    const { services } = this;
    if (!this.logs(level)) return;
    services.log({
      level,
      message,
      plugin: root?.plugin.name ?? "",
      rootId: root?.plugin.rootId ?? "",
      vmId: this.options.vmId,
    });
  }
}

/** Actions that one call of the guest may put off. */
const MAX_DEFERRED = 10_000;

/** More fuel than anything can consume: for a call without a limit after one with. */
const NO_LIMIT = 1n << 62n;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
