import { type ValueType as CoreValueType, F32, F64, I32, I64 } from "@wardian/runtime/internal";
import type { FunctionType } from "./extern.ts";
import type { ValueType } from "./value.ts";

/** Core parameters up to which a function's parameters are passed as such, and not in memory (Canonical ABI, "Flattening"). */
export const MAX_FLAT_PARAMS = 16;
/** The same for a call that is lowered with `async`. */
export const MAX_FLAT_ASYNC_PARAMS = 4;
export const MAX_FLAT_RESULTS = 1;

/**
 * The core types that values of these types are passed as (Canonical ABI, "Flattening").
 *
 * @param pointer the core type of addresses
 * @param limit how many are wanted at most
 * @returns undefined when there are more than `limit`
 */
export function flattenTypes(
  types: readonly ValueType[],
  pointer: CoreValueType,
  limit: number,
): CoreValueType[] | undefined {
  const flat: CoreValueType[] = [];
  for (const type of types) if (!flatten(type, pointer, limit, flat)) return undefined;
  return flat;
}

/** Appends what a type is passed as. @returns whether it was within the limit */
function flatten(type: ValueType, pointer: CoreValueType, limit: number, flat: CoreValueType[]): boolean {
  switch (type.kind) {
    case "s64":
    case "u64":
      flat.push(I64);
      break;
    case "f32":
      flat.push(F32);
      break;
    case "f64":
      flat.push(F64);
      break;
    case "string":
    case "map":
      flat.push(pointer, pointer);
      break;
    case "list":
      if (type.length === undefined) flat.push(pointer, pointer);
      else for (let i = 0; i < type.length; i++) if (!flatten(type.element, pointer, limit, flat)) return false;
      break;
    case "record":
      return type.fields.every((field) => flatten(field.type, pointer, limit, flat));
    case "tuple":
      return type.types.every((part) => flatten(part, pointer, limit, flat));
    case "variant":
      return flattenCases(
        type.cases.map((item) => item.type),
        pointer,
        limit,
        flat,
      );
    case "option":
      return flattenCases([undefined, type.type], pointer, limit, flat);
    case "result":
      return flattenCases([type.ok, type.error], pointer, limit, flat);
    default:
      flat.push(I32);
  }
  return flat.length <= limit;
}

function flattenCases(
  cases: readonly (ValueType | undefined)[],
  pointer: CoreValueType,
  limit: number,
  flat: CoreValueType[],
): boolean {
  flat.push(I32);
  const first = flat.length;
  for (const part of cases) {
    if (part === undefined) continue;
    const own: CoreValueType[] = [];
    if (!flatten(part, pointer, limit - first, own)) return false;
    own.forEach((type, i) => {
      flat[first + i] = first + i < flat.length ? join(flat[first + i], type) : type;
    });
  }
  return flat.length <= limit;
}

/** The core type that holds either. */
function join(a: CoreValueType, b: CoreValueType): CoreValueType {
  if (a === b) return a;
  return (a === I32 && b === F32) || (a === F32 && b === I32) ? I32 : I64;
}

/** The core signature of a component function, and what is passed in memory. */
export interface FlatFunction {
  readonly params: readonly CoreValueType[];
  readonly results: readonly CoreValueType[];
  /** Whether the parameters are in memory, and a pointer to them is passed. */
  readonly spilledParams: boolean;
  /** Whether the result is in memory. */
  readonly spilledResult: boolean;
}

/** The signature of the core function that is lifted to, or lowered from, a function of that type (Canonical ABI: `flatten_functype`). */
export function flattenFunction(
  type: FunctionType,
  options: { readonly async: boolean; readonly callback: boolean; readonly address: CoreValueType },
  direction: "lift" | "lower",
): FlatFunction {
  const { async, callback, address } = options;
  const maxParams = async && direction === "lower" ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT_PARAMS;
  const flatParams = flattenTypes(
    type.params.map((param) => param.type),
    address,
    maxParams,
  );
  const params = flatParams ?? [address];
  const spilledParams = flatParams === undefined;
  const result = type.result === undefined ? [] : [type.result];
  if (!async) {
    const flat = flattenTypes(result, address, MAX_FLAT_RESULTS);
    if (flat !== undefined) return { params, results: flat, spilledParams, spilledResult: false };
    if (direction === "lift") return { params, results: [address], spilledParams, spilledResult: true };
    return { params: [...params, address], results: [], spilledParams, spilledResult: true };
  }
  if (direction === "lift") {
    const spilledResult = flattenTypes(result, address, MAX_FLAT_PARAMS) === undefined;
    return { params, results: callback ? [I32] : [], spilledParams, spilledResult };
  }
  if (result.length === 0) return { params, results: [I32], spilledParams, spilledResult: false };
  return { params: [...params, address], results: [I32], spilledParams, spilledResult: true };
}
