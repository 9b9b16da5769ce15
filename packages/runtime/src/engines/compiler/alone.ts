import type { Module } from "../../module.ts";
import type { Engine, EngineInstance, EngineName, Extern, InstanceOptions } from "../../store/engine.ts";
import type { Func, HostFunction } from "../../store/function.ts";
import type { aggregateConstant } from "../../store/gc-constant.ts";
import { exportedFunction } from "../../store/host-stack.ts";
import { Meter } from "../../store/meter.ts";
import { StoreInstance } from "../../store/store-instance.ts";
import { RuntimeError } from "../../store/trap.ts";
import type { FunctionCode } from "./code.ts";
import { CompiledGuest, type CompiledInstance } from "./guest.ts";
import type { proposalFunctions } from "./proposals.ts";

/** What a runtime without an interpreter knows of modules. */
export interface Sources {
  /** Why it cannot hold a module here, or undefined when it can. */
  unfit(module: Module, options: InstanceOptions): string | undefined;
  /** The translated functions of a module, by index, for instances with these options. */
  translatedFor(module: Module, options: InstanceOptions): (index: number) => FunctionCode | undefined;
  /** Executes constant instructions of garbage collection, if any may occur. */
  readonly aggregates?: typeof aggregateConstant;
  /** What translated code calls for further proposals, if any may occur. */
  readonly proposals?: typeof proposalFunctions;
}

const CANNOT_SUSPEND =
  'the compiler alone cannot suspend a guest: use Runtime of "@wardian/runtime", which has the interpreter for that';

/** An instance of the compiler with no interpreter beside it: what it cannot translate it cannot run, and nothing suspends it. */
class LoneInstance implements CompiledInstance {
  readonly engine: EngineName = "compiler";
  readonly module: Module;
  readonly meter: Meter;
  readonly store: StoreInstance;
  readonly callDepth: number;
  readonly guest: CompiledGuest;
  readonly canSuspend: boolean = false;
  readonly suspendable: boolean = false;

  constructor(
    module: Module,
    imports: readonly Extern[],
    options: InstanceOptions,
    { translatedFor, aggregates, proposals }: Sources,
  ) {
    const { limits } = options;
    this.module = module;
    this.meter = new Meter(limits.fuel, limits.timeout);
    this.callDepth = limits.callDepth;
    this.store = new StoreInstance(this, module, imports, options, aggregates);
    const translated = translatedFor(module, options);
    this.guest = new CompiledGuest(this, { translated, proposals, interpreted: () => undefined });
    this.store.initialise();
    const { start } = module.syntax;
    if (start !== undefined) this.invoke(this.store.functions[start], []);
  }

  get exports(): ReadonlyMap<string, Extern> {
    return this.store.exports;
  }

  makeExported(func: Func): HostFunction {
    return exportedFunction(this, func);
  }

  /** Calls one of its functions with values of JavaScript. */
  invoke(func: Func, args: readonly unknown[]): unknown {
    // A start function may be an import.
    return func.owner === this ? this.guest.invoke(func, args) : func.toJavaScript()(...args);
  }

  callRaw(func: Func, args: readonly unknown[]): unknown[] {
    return this.guest.callRaw(func, args);
  }

  async callAsync(): Promise<unknown> {
    throw new RuntimeError(CANNOT_SUSPEND);
  }
}

/** The compiler without the interpreter, for bundles in which every kilobyte counts. */
export function compilerAlone(sources: Sources): Engine {
  return {
    name: "compiler",

    refuse(module: Module, options: InstanceOptions): string | undefined {
      return options.async ? CANNOT_SUSPEND : sources.unfit(module, options);
    },

    async prepare(): Promise<void> {
      // Functions are translated when they are first called, or have been ahead of time.
    },

    instantiate(module: Module, imports: readonly Extern[], options: InstanceOptions): EngineInstance {
      return new LoneInstance(module, imports, options, sources);
    },
  };
}
