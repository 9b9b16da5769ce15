import type { Limits } from "@wardian/runtime";
import { type OptionNames, readOptions } from "@wardian/runtime/options";

/** Bounds on an instance of a component: on all of its core instances, on its children, and on the values between them together. */
export interface ComponentLimits extends Limits {
  /** Resources that all tables hold at once; 100,000 by default. */
  readonly handles?: number;
  /** Bytes of the host that values hold on their way, such as strings and lists; 256 MiB by default. The limit `memory` counts them too. */
  readonly hostBytes?: number;
}

export const componentLimitNames: OptionNames<ComponentLimits> = {
  fuel: true,
  timeout: true,
  memory: true,
  tableElements: true,
  callDepth: true,
  handles: true,
  hostBytes: true,
};

const DEFAULT_HANDLES = 100_000;
const DEFAULT_HOST_BYTES = 256 * 1024 * 1024;

/** {@link ComponentLimits} with defaults, split into those of the runtime's budget and those of the component model. */
export interface ResolvedComponentLimits {
  readonly budget: Limits;
  readonly handles: number;
  readonly hostBytes: number;
}

/**
 * Joins the limits of a runtime and of one instance, which may lower but not raise them.
 * @throws TypeError for an unknown limit, or for a number below 0
 */
export function resolveComponentLimits(...all: readonly (ComponentLimits | undefined)[]): ResolvedComponentLimits {
  const budget: { -readonly [Name in keyof Limits]: Limits[Name] } = {};
  let handles = Number.POSITIVE_INFINITY;
  let hostBytes = Number.POSITIVE_INFINITY;
  for (const given of all) {
    const limits = readOptions("limits", componentLimitNames, given);
    if (limits.fuel !== undefined && (budget.fuel === undefined || limits.fuel < budget.fuel))
      budget.fuel = limits.fuel;
    for (const name of ["timeout", "memory", "tableElements", "callDepth"] as const) {
      const value = limits[name];
      if (value !== undefined) budget[name] = Math.min(budget[name] ?? Number.POSITIVE_INFINITY, value);
    }
    handles = Math.min(handles, natural("handles", limits.handles));
    hostBytes = Math.min(hostBytes, natural("hostBytes", limits.hostBytes));
  }
  return {
    budget,
    handles: handles === Number.POSITIVE_INFINITY ? DEFAULT_HANDLES : handles,
    hostBytes: hostBytes === Number.POSITIVE_INFINITY ? DEFAULT_HOST_BYTES : hostBytes,
  };
}

function natural(name: string, value: number | undefined): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  if (typeof value !== "number" || Number.isNaN(value) || value < 0)
    throw new TypeError(`limits.${name} must be a number of at least 0, not ${String(value)}`);
  return Math.floor(value);
}
