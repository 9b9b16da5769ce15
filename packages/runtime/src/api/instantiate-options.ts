import { Budget } from "../store/budget.ts";
import type { InstanceOptions } from "../store/engine.ts";
import { type Limits, type ResolvedLimits, resolveLimits } from "../store/limits.ts";
import type { ModuleCache } from "../store/module-cache.ts";
import { type OptionNames, readOptions } from "../wasm/options.ts";

export interface InstantiateOptions {
  /** Limits of this instance; none may be higher than the runtime's. */
  readonly limits?: Limits;
  /**
   * Shares fuel, time, call depth, memory and tables with the other instances of the budget. `limits` may then hold `memory` and `tableElements`
   * alone, which bound this instance.
   */
  readonly budget?: Budget;
  /** The instance will be called through `instance.async`, so `"auto"` must pick an engine that can suspend it here. Default false. */
  readonly async?: boolean;
  /**
   * On the platform engine, keep `fuel.consumed` exact after traps that the platform itself raises. Costs some speed. Default true where
   * `limits.fuel` is given, false elsewhere.
   */
  readonly exactFuel?: boolean;
  /**
   * Make NaNs of arithmetic canonical and give relaxed vector instructions one meaning, so that an instance computes the same bits on every engine
   * and processor (specification, deterministic profile). Costs some speed where there is much arithmetic on floats. The default is
   * the runtime's.
   */
  readonly deterministic?: boolean;
  /** Share of the event loop beside other guests that run in slices. Default 1. */
  readonly weight?: number;
}

export const instanceOptionNames: OptionNames<InstantiateOptions> = {
  limits: true,
  budget: true,
  async: true,
  exactFuel: true,
  deterministic: true,
  weight: true,
};

/**
 * What an engine is told.
 * @param limits the runtime's
 * @param given the options of one instance
 * @param deterministic what the runtime says, where the instance says nothing
 * @throws TypeError for an option that is not known or makes no sense
 */
export function resolveOptions(
  limits: Limits | undefined,
  given: InstantiateOptions | undefined,
  cache: ModuleCache | undefined,
  deterministic = false,
): InstanceOptions {
  const options = readOptions("options of an instance", instanceOptionNames, given);
  const weight = options.weight ?? 1;
  if (!(weight > 0 && weight <= 1000))
    throw new TypeError(`weight must be a number above 0 and at most 1000, not ${weight}`);
  const resolved = limitsOf(limits, options);
  return {
    limits: resolved,
    budget: options.budget,
    async: options.async ?? false,
    exactFuel: options.exactFuel ?? resolved.fuel !== undefined,
    deterministic: options.deterministic ?? deterministic,
    weight,
    cache,
  };
}

/** Limits that a budget has for all its instances together. */
const SHARED = ["fuel", "timeout", "callDepth"] as const;

/** @throws TypeError where a budget and the limits beside it contradict each other */
function limitsOf(runtime: Limits | undefined, { limits, budget }: InstantiateOptions): ResolvedLimits {
  const resolved = resolveLimits(runtime, limits);
  if (budget === undefined) return resolved;
  if (!(budget instanceof Budget))
    throw new TypeError("budget must be a Budget, made with the same copy of @wardian/runtime");
  for (const name of SHARED) {
    if (limits?.[name] !== undefined)
      throw new TypeError(`limits.${name} of an instance with a budget: the budget has it for all its instances`);
    const most = resolved[name];
    const given = budget.limits[name];
    if (most !== undefined && (given === undefined || given > most))
      throw new TypeError(
        `the budget allows more than the runtime: limits.${name} is ${most}, and the budget has ${given ?? "no limit"}`,
      );
  }
  const { fuel, timeout, callDepth } = budget.limits;
  return { ...resolved, fuel, timeout, callDepth };
}
