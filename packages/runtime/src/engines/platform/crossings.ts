import type { Func, HostFunction } from "../../store/function.ts";
import { isObject } from "../../store/thenable.ts";
import type { DefinedType } from "../../wasm/type-registry.ts";
import { F32, F64, type ValueType } from "../../wasm/types.ts";
import { type Crossing, crossingOf, type Finder, toGuest, toHost } from "./references.ts";

/** How the arguments and results of a function cross. */
export interface Crossings {
  readonly params: readonly Crossing[];
  readonly results: readonly Crossing[];
}

/** How a value of a type crosses: as {@link crossingOf}, and as a float where NaNs of the host are made canonical. */
export function valueCrossing(
  type: ValueType,
  types: readonly DefinedType[],
  aggregates: boolean,
  deterministic: boolean,
): Crossing {
  if (deterministic && (type === F32 || type === F64)) return "float";
  return crossingOf(type, types, aggregates);
}

/**
 * How arguments and results of a function cross; undefined when all of them are on both sides the same.
 * @param aggregates whether the module has structures or arrays, so that any reference may be one
 * @param deterministic whether NaNs of the host are made canonical
 */
export function crossingsOf(func: Func, aggregates: boolean, deterministic: boolean): Crossings | undefined {
  const { params, results } = func.signature;
  const types = func.type.context;
  const crossing = (type: ValueType): Crossing => valueCrossing(type, types, aggregates, deterministic);
  const crossings = { params: params.map(crossing), results: results.map(crossing) };
  return [...crossings.params, ...crossings.results].some((each) => each !== undefined) ? crossings : undefined;
}

/** What a host function returned, or what its promise came to, for the guest. */
export function resultsToGuest(value: unknown, { results }: Crossings, finder: Finder): unknown {
  if (results.length === 1) return toGuest(value, results[0], finder);
  if (results.length === 0) return value;
  return Array.from(value as Iterable<unknown>, (item, i) => toGuest(item, results[i], finder));
}

/** A function of the host that the guest calls with values as they are there. What it returns is left as it is when that may be a promise. */
export function convertingHost(host: HostFunction, crossings: Crossings, finder: Finder): HostFunction {
  const { params } = crossings;
  return (...args) => {
    const result = host(...args.map((value, i) => toHost(value, params[i], finder)));
    return isObject(result) ? result : resultsToGuest(result, crossings, finder);
  };
}

/** What the guest returned, for the host. */
export function resultsToHost(result: unknown, { results }: Crossings, finder: Finder): unknown {
  if (results.length > 1) return (result as unknown[]).map((value, i) => toHost(value, results[i], finder));
  return results.length === 1 ? toHost(result, results[0], finder) : undefined;
}
