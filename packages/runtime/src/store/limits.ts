import { type OptionNames, readOptions } from "../wasm/options.ts";

/** Bounds on one instance. What is left out is bounded only by the platform. */
export interface Limits {
  /** How much the instance may execute, over all calls; one unit is about one instruction (see `metering/plan.ts`). */
  readonly fuel?: bigint;
  /** Wall-clock milliseconds per outermost call. Time that a suspended guest waits for its host is not counted. */
  readonly timeout?: number;
  /** Bytes over all linear memories of the instance. */
  readonly memory?: number;
  /** Elements over all tables of the instance. */
  readonly tableElements?: number;
  /** Guest frames of the instance on the stack at once; functions that call nothing are not counted. */
  readonly callDepth?: number;
}

/** {@link Limits} with every one filled in: `Infinity`, or undefined for fuel, where there is none. */
export interface ResolvedLimits {
  readonly fuel: bigint | undefined;
  readonly timeout: number;
  readonly memory: number;
  readonly tableElements: number;
  readonly callDepth: number;
}

const names: OptionNames<Limits> = { fuel: true, timeout: true, memory: true, tableElements: true, callDepth: true };

/** @throws TypeError for a limit that is not known */
export function readLimits(limits: Limits | undefined): Limits {
  return readOptions("limits", names, limits);
}

function natural(name: string, value: number | undefined): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  if (typeof value !== "number" || Number.isNaN(value) || value < 0)
    throw new TypeError(`limits.${name} must be a number of at least 0, not ${String(value)}`);
  return Math.floor(value);
}

/**
 * Joins a runtime's limits with those of one instance, which may lower but not raise them.
 * @throws TypeError for a limit that is not known or not a number of at least 0, or fuel that is not a bigint
 */
export function resolveLimits(...all: readonly (Limits | undefined)[]): ResolvedLimits {
  let fuel: bigint | undefined;
  const numbers = {
    timeout: Number.POSITIVE_INFINITY,
    memory: Number.POSITIVE_INFINITY,
    tableElements: Number.POSITIVE_INFINITY,
    callDepth: Number.POSITIVE_INFINITY,
  };
  for (const limits of all.map(readLimits)) {
    if (limits.fuel !== undefined) {
      if (typeof limits.fuel !== "bigint" || limits.fuel < 0n)
        throw new TypeError(`limits.fuel must be a bigint of at least 0n, not ${String(limits.fuel)}`);
      if (fuel === undefined || limits.fuel < fuel) fuel = limits.fuel;
    }
    for (const name of ["timeout", "memory", "tableElements", "callDepth"] as const)
      numbers[name] = Math.min(numbers[name], natural(name, limits[name]));
  }
  return { fuel, ...numbers };
}
