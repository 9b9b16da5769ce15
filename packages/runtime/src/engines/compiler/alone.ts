import { meterOf } from "../../store/budget.ts";
import type { Engine, EngineInstance, EngineName, Extern, InstanceOptions } from "../../store/engine.ts";
import type { Func, HostFunction } from "../../store/function.ts";
import { exportedFunction } from "../../store/host-stack.ts";
import type { Meter } from "../../store/meter.ts";
import type { Module } from "../../store/module.ts";
import { StoreInstance } from "../../store/store-instance.ts";
import { RuntimeError, WHOLE } from "../../store/trap.ts";
import type { FunctionCode } from "./code.ts";
import type { Proposals } from "./compiled-module.ts";
import { CompiledGuest, type CompiledInstance } from "./guest.ts";

/** What a runtime without an interpreter knows of modules. */
export interface Sources {
  /** Why it cannot hold a module here, or undefined when it can. */
  unfit(module: Module, options: InstanceOptions): string | undefined;
  /** The translated functions of a module, by index, for instances with these options. */
  translatedFor(module: Module, options: InstanceOptions): (index: number) => FunctionCode | undefined;
  /** What a module needs for further proposals, if it may use any. */
  proposalsOf?(module: Module): Proposals | undefined;
}

const CANNOT_SUSPEND = `the compiler alone cannot suspend a guest: use ${WHOLE}, which has the interpreter for that`;

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

  constructor(module: Module, imports: readonly Extern[], options: InstanceOptions, sources: Sources) {
    const { limits } = options;
    const proposals = sources.proposalsOf?.(module);
    this.module = module;
    this.meter = meterOf(options, this.engine);
    this.callDepth = limits.callDepth;
    this.store = new StoreInstance(this, module, imports, options, proposals?.constants);
    this.guest = new CompiledGuest(this, {
      translated: sources.translatedFor(module, options),
      proposals: proposals?.functions,
      untranslated(_guest, { func }) {
        throw new RuntimeError(
          `function ${func.index} cannot be translated to JavaScript, and there is no interpreter to run it: use ${WHOLE}`,
        );
      },
    });
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
