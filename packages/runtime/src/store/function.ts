import type { DefinedType } from "../wasm/type-registry.ts";
import { type FunctionType, typeName } from "../wasm/types.ts";
import type { EngineInstance } from "./engine.ts";
import type { Builtin } from "./string-builtins.ts";
import { canCross, toJavaScript, toJavaScriptResults, toWasm, toWasmResults } from "./values.ts";

/** A function of the host, as it stands in an import object. It gets and returns values as the JavaScript API converts them. */
// biome-ignore lint/suspicious/noExplicitAny: a host function's parameters are whatever its import's type says
export type HostFunction = (...args: any[]) => unknown;

/**
 * A function in the store (specification, 4.2.6), of a guest or of the host. This object is the function's identity: what
 * `ref.func` pushes, what tables hold, and what an exported JavaScript function stands for.
 */
export class Func {
  readonly type: DefinedType;
  /** The instance whose function it is; undefined for a host function. */
  readonly owner: EngineInstance | undefined;
  /** Its index in its module, or the index of the import that a host function was given for. */
  readonly index: number;
  readonly host: HostFunction | undefined;
  /** Fuel that a call of a host function costs. */
  readonly cost: number;
  /** Which builtin function it is, if it is one: engines call those in ways of their own. */
  readonly builtin: Builtin | undefined;
  /** The one JavaScript function that stands for it, once somebody asked. */
  private exported: HostFunction | undefined = undefined;
  /** What it is to a guest that can be suspended when a host function returns. */
  awaits: Awaits = "promises";
  /** For a host function that is exported again: makes the exported function speak as another face of this package does. */
  translate: ((fn: HostFunction) => HostFunction) | undefined = undefined;
  /** Where an engine keeps what it knows of the function; no other looks into it. */
  engineData: unknown = undefined;

  constructor(
    type: DefinedType,
    owner: EngineInstance | undefined,
    index: number,
    host?: HostFunction,
    cost = 1,
    builtin?: Builtin,
  ) {
    this.type = type;
    this.builtin = builtin;
    this.owner = owner;
    this.index = index;
    this.host = host;
    this.cost = cost;
  }

  get signature(): FunctionType {
    return this.type.composite as FunctionType;
  }

  /**
   * Checks that JavaScript may call it (JavaScript API, 5.6): nothing of it may run when its results could not be given out.
   * @throws TypeError when its type holds what cannot cross
   */
  requireCallable(): void {
    for (const type of [...this.signature.params, ...this.signature.results])
      if (!canCross(type))
        throw new TypeError(`a function with ${typeName(type)} in its type cannot be called from JavaScript`);
  }

  /** The exported function of the JavaScript API (4.4): always the same object for the same function. */
  toJavaScript(): HostFunction {
    if (this.exported === undefined) {
      const fn = makeExported(this);
      Object.defineProperty(fn, "name", { value: String(this.index), configurable: true });
      Object.defineProperty(fn, "length", { value: this.signature.params.length, configurable: true });
      functions.set(fn, this);
      this.exported = fn;
    }
    return this.exported;
  }
}

function makeExported(func: Func): HostFunction {
  if (!func.signature.params.every(canCross) || !func.signature.results.every(canCross))
    return () => func.requireCallable();
  if (func.owner !== undefined) return func.owner.makeExported(func);
  const fn = exportHostFunction(func);
  return func.translate === undefined ? fn : func.translate(fn);
}

/** A host function that is exported again converts its arguments and results by its type, as any other export does. */
function exportHostFunction(func: Func): HostFunction {
  const { params, results } = func.signature;
  const types = func.type.context;
  const host = func.host as HostFunction;
  return (...args) => {
    const values = params.map((type, i) => toJavaScript(toWasm(args[i], type, types), type));
    return toJavaScriptResults(toWasmResults(host(...values), results, types), results);
  };
}

const functions = new WeakMap<HostFunction, Func>();

/** The function in the store that an exported function stands for, or undefined for any other value. */
export function funcOf(value: unknown): Func | undefined {
  return typeof value === "function" ? functions.get(value as HostFunction) : undefined;
}

const costs = new WeakMap<HostFunction, number>();

/**
 * Says what a call of a host function costs in fuel; one unit if nothing is said.
 * @param cost units per call, at least 0
 * @returns the function, for use in an import object
 */
export function withFuelCost<F extends HostFunction>(fn: F, cost: number): F {
  if (!Number.isInteger(cost) || cost < 0 || cost > 0x3fffffff)
    throw new TypeError(`a host function's fuel cost must be a whole number from 0 to 2^30 - 1, not ${cost}`);
  costs.set(fn, cost);
  return fn;
}

export function fuelCostOf(fn: HostFunction): number {
  return costs.get(fn) ?? 1;
}

/**
 * When a host function's return suspends the guest: for `"promises"`, and `"everything"` else too (JavaScript Promise Integration, `Suspending`);
 * or for `"nothing"`: then a promise is a value like any other.
 */
export type Awaits = "promises" | "everything" | "nothing";

const awaiting = new WeakMap<HostFunction, Awaits>();

/** Says when a host function's return suspends the guest; for promises if nothing is said. @returns the function */
export function withAwaiting(fn: HostFunction, awaits: Awaits): HostFunction {
  awaiting.set(fn, awaits);
  return fn;
}

export function awaitsOf(fn: HostFunction): Awaits {
  return awaiting.get(fn) ?? "promises";
}
