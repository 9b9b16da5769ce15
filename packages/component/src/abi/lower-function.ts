import type { FunctionType } from "../types/extern.ts";
import { MAX_FLAT_PARAMS, MAX_FLAT_RESULTS } from "../types/flatten.ts";
import { handlesOf, LiftedFunction, parameterTypes, resultTypes } from "./lift-function.ts";
import { compileResultFromHost } from "./results.ts";
import type { CoreFunction, CoreValue, LiftSite, LowerSite } from "./site.ts";
import { compileToHost } from "./to-host.ts";
import type { TransferValue } from "./transfer.ts";
import { compileValues, type Values } from "./values.ts";

/** An imported function, from the side of the instance that calls (Canonical ABI, "canon lower"). */
class LoweredFunction<Scope> {
  private readonly params: Values<Scope>;
  private readonly results: Values<Scope>;
  /** Where the address for the result is among the core parameters. */
  private readonly out: number;

  constructor(type: FunctionType, site: LowerSite<Scope>, peer: "host" | "component") {
    this.params = compileValues(parameterTypes(type), site, MAX_FLAT_PARAMS, peer);
    this.results = compileValues(resultTypes(type), site, MAX_FLAT_RESULTS, peer);
    this.out = this.params.slots.length;
  }

  /** Lifts the arguments. */
  lift(flat: readonly CoreValue[], scope: Scope): TransferValue[] {
    return this.params.lift(flat, scope);
  }

  /** Lowers the result. @returns what the core function returns */
  lower(values: readonly TransferValue[], args: readonly CoreValue[], scope: Scope): CoreValue | undefined {
    const { results } = this;
    if (results.isSpilled) {
      results.lower(values, [], scope, args[this.out]);
      return undefined;
    }
    const flat: CoreValue[] = [];
    results.lower(values, flat, scope, undefined);
    return flat[0];
  }
}

/** Makes a function that is specialised at its first call. */
function lazily(compile: () => (args: readonly CoreValue[]) => unknown): CoreFunction {
  let call = (args: readonly CoreValue[]): unknown => {
    call = compile();
    return call(args);
  };
  // A promise is the runtime's to wait for.
  return (...args) => call(args) as CoreValue | undefined;
}

/**
 * Makes a core function of a host's function.
 *
 * Only a `ComponentError` that the host function throws becomes the error of a `result`. A `Trap` passes as it is; any other exception, and a
 * value that is not of the result's type, is a `ComponentTrap` with the exception as its cause. A promise is returned as a promise of the
 * core result.
 */
export function lowerFunction<Scope>(
  type: FunctionType,
  site: LowerSite<Scope>,
  host: (...args: unknown[]) => unknown,
): CoreFunction {
  return lazily(() => {
    const handles = handlesOf(site);
    const lowered = new LoweredFunction(type, site, "host");
    const converters = type.params.map(({ type: param }) => compileToHost(param, handles));
    const result = compileResultFromHost(type, site, handles);
    const { meter } = site;
    const finish = (values: readonly TransferValue[], args: readonly CoreValue[], scope: Scope): unknown => {
      const returned = lowered.lower(values, args, scope);
      site.arrive(scope);
      return returned;
    };
    /** Ends a call of which the host function returned a promise. */
    const settle = async (
      promise: PromiseLike<unknown>,
      args: readonly CoreValue[],
      scope: Scope,
    ): Promise<unknown> => {
      const held = meter.inFlight;
      try {
        let values: readonly TransferValue[];
        try {
          values = result.returned(await promise);
        } catch (error) {
          values = result.thrown(error);
        }
        return finish(values, args, scope);
      } catch (error) {
        throw site.failed(error, scope);
      } finally {
        meter.release(held);
      }
    };
    return (args) => {
      const scope = site.leave();
      const held = meter.inFlight;
      try {
        const values = lowered.lift(args, scope);
        for (let i = 0; i < values.length; i++) {
          const convert = converters[i];
          if (convert !== undefined) values[i] = convert(values[i], scope);
        }
        let results: readonly TransferValue[];
        let returned: unknown;
        try {
          returned = host(...values);
        } catch (error) {
          results = result.thrown(error);
          return finish(results, args, scope);
        }
        if (returned instanceof Promise) return settle(returned, args, scope);
        return finish(result.returned(returned), args, scope);
      } catch (error) {
        throw site.failed(error, scope);
      } finally {
        meter.release(held);
      }
    };
  });
}

/**
 * Makes a core function that calls another component's lifted function: values go from one memory to the other, strings and lists of numbers
 * without a copy between. Every read, `realloc` and trap is in the specification's order: all arguments are lifted before any is lowered.
 *
 * @param type the function's type as the caller's component knows it
 * @param liftedType the type as the called component knows it: with its own resource types
 */
export function fuseFunction<Caller, Callee>(
  type: FunctionType,
  caller: LowerSite<Caller>,
  callee: LiftSite<Callee>,
  liftedType: FunctionType = type,
): CoreFunction {
  return lazily(() => {
    const lowered = new LoweredFunction(type, caller, "component");
    const lifted = new LiftedFunction(liftedType, callee, "component");
    const { meter } = caller;
    return (args) => {
      const outer = caller.leave();
      const held = meter.inFlight;
      try {
        const values = lowered.lift(args, outer);
        const inner = callee.enter();
        let result: CoreValue | undefined;
        try {
          const returned = lifted.call(lifted.lower(values, inner));
          const results = lifted.lift(returned, inner);
          callee.returned(inner);
          result = lowered.lower(results, args, outer);
          lifted.finish(returned, inner);
        } catch (error) {
          throw callee.failed(error, inner);
        }
        caller.arrive(outer);
        return result;
      } catch (error) {
        throw caller.failed(error, outer);
      } finally {
        meter.release(held);
      }
    };
  });
}
