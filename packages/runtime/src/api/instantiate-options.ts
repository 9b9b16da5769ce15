import type { InstanceOptions } from "../store/engine.ts";
import { type Limits, resolveLimits } from "../store/limits.ts";
import type { ModuleCache } from "../store/module-cache.ts";
import { type OptionNames, readOptions } from "../wasm/options.ts";

export interface InstantiateOptions {
  /** Limits of this instance; none may be higher than the runtime's. */
  readonly limits?: Limits;
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
  const resolved = resolveLimits(limits, options.limits);
  return {
    limits: resolved,
    async: options.async ?? false,
    exactFuel: options.exactFuel ?? resolved.fuel !== undefined,
    deterministic: options.deterministic ?? deterministic,
    weight,
    cache,
  };
}
