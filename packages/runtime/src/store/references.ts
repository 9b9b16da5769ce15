import { type DefinedType, isDefinedSubtype } from "../wasm/type-registry.ts";
import {
  HEAP_ANY,
  HEAP_ARRAY,
  HEAP_EQ,
  HEAP_EXN,
  HEAP_EXTERN,
  HEAP_FUNC,
  HEAP_I31,
  HEAP_STRUCT,
  type HeapType,
  heapTypeOf,
  isNullable,
  isTypeIndex,
  typeIndexOf,
  type ValueType,
} from "../wasm/types.ts";
import { Func } from "./function.ts";
import { GcObject } from "./gc.ts";
import { Exception } from "./tag.ts";

/**
 * A reference while a guest runs: `null` for every null reference; a {@link Func}; a {@link GcObject}; a number from -2^30 to
 * 2^30 - 1 for an i31; an {@link Exception}; and any JavaScript value at all that the host handed in as an `externref`.
 */
export type Reference = unknown;

/** Whether a JavaScript value is the number of an i31 reference. */
export function isI31(value: unknown): value is number {
  return typeof value === "number" && (value << 1) >> 1 === value && !Object.is(value, -0);
}

/** Whether a non-null reference, of the hierarchy that `heap` belongs to, has the heap type (specification, 4.2.1). */
export function matchesHeapType(value: Reference, heap: HeapType, types: readonly DefinedType[]): boolean {
  if (isTypeIndex(heap)) {
    const type = types[typeIndexOf(heap)];
    return (value instanceof GcObject || value instanceof Func) && isDefinedSubtype(value.type, type);
  }
  switch (heap) {
    case HEAP_ANY:
    case HEAP_EXTERN:
      return true;
    case HEAP_EQ:
      return isI31(value) || value instanceof GcObject;
    case HEAP_I31:
      return isI31(value);
    case HEAP_STRUCT:
      return value instanceof GcObject && value.type.composite.kind === "struct";
    case HEAP_ARRAY:
      return value instanceof GcObject && value.type.composite.kind === "array";
    case HEAP_FUNC:
      return value instanceof Func;
    case HEAP_EXN:
      return value instanceof Exception;
    default:
      return false;
  }
}

/** Whether a reference has the reference type: what `ref.test` computes. */
export function matchesReferenceType(value: Reference, type: ValueType, types: readonly DefinedType[]): boolean {
  return value === null ? isNullable(type) : matchesHeapType(value, heapTypeOf(type), types);
}
