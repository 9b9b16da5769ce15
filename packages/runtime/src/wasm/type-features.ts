import type { Feature, FeatureSet } from "./features.ts";
import {
  HEAP_EXN,
  HEAP_EXTERN,
  HEAP_FUNC,
  HEAP_NOEXN,
  heapTypeOf,
  I8,
  I16,
  isNullable,
  isReference,
  isTypeIndex,
  type StorageType,
  typeName,
  V128,
  type ValueType,
} from "./types.ts";

/** The proposal that brought a value or storage type; undefined for the numbers of WebAssembly 1.0. */
export function featureOfType(type: ValueType | StorageType): Feature | undefined {
  if (!isReference(type)) return type === V128 ? "simd" : type === I8 || type === I16 ? "gc" : undefined;
  const heap = heapTypeOf(type);
  if (heap === HEAP_EXN || heap === HEAP_NOEXN) return "exceptions";
  if (isTypeIndex(heap)) return "function-references";
  if (heap !== HEAP_FUNC && heap !== HEAP_EXTERN) return "gc";
  return isNullable(type) ? "reference-types" : "function-references";
}

/** The reason of the CompileError for something whose feature is off. */
export function switchedOff(what: string, feature: Feature): string {
  return `${what} needs the feature "${feature}", which is switched off`;
}

/** Why a value or storage type may not be used under `features`, or undefined when it may. */
export function typeSwitchedOff(type: ValueType | StorageType, features: FeatureSet): string | undefined {
  const feature = featureOfType(type);
  return feature === undefined || features.has(feature)
    ? undefined
    : switchedOff(`the type ${typeName(type)}`, feature);
}
