import type { DefinedType } from "../wasm/type-registry.ts";
import {
  F32,
  F64,
  HEAP_ANY,
  HEAP_EXN,
  HEAP_EXTERN,
  HEAP_NOEXN,
  HEAP_NOEXTERN,
  heapTypeOf,
  I32,
  I64,
  isReference,
  typeName,
  V128,
  type ValueType,
} from "../wasm/types.ts";
import { Func, funcOf } from "./function.ts";
import { opaqueObjects } from "./gc.ts";
import { matchesReferenceType, type Reference } from "./references.ts";

/**
 * A value while it is in no engine's registers: i32 a number from -2^31 on, i64 a signed bigint, f32 and f64 numbers, v128 sixteen
 * bytes, references as `references.ts` has them.
 */
export type WasmValue = number | bigint | Uint8Array | Reference;

/** Whether values of the type can be given to JavaScript and taken from it: all but vectors and references to exceptions. */
export function canCross(type: ValueType): boolean {
  if (!isReference(type)) return type !== V128;
  const heap = heapTypeOf(type);
  return heap !== HEAP_EXN && heap !== HEAP_NOEXN;
}

/**
 * ToWebAssemblyValue of the JavaScript API (section 6.1).
 * @throws TypeError for a value that has no counterpart of the type
 */
export function toWasm(value: unknown, type: ValueType, types: readonly DefinedType[]): WasmValue {
  switch (type) {
    case I32:
      // ToInt32, with the TypeError for bigints and symbols that it brings.
      return (value as number) | 0;
    case I64:
      return BigInt.asIntN(64, value as bigint);
    case F32:
      return canonical(Math.fround(value as number));
    case F64:
      return canonical(+(value as number));
    case V128:
      throw new TypeError("a v128 value cannot cross between JavaScript and WebAssembly");
    default:
      return toReference(value, type, types);
  }
}

/** A host's NaN may have any bits; those of JavaScript's own constant are canonical. */
function canonical(x: number): number {
  return Number.isNaN(x) ? Number.NaN : x;
}

function toReference(value: unknown, type: ValueType, types: readonly DefinedType[]): Reference {
  const heap = heapTypeOf(type);
  if (heap === HEAP_EXN || heap === HEAP_NOEXN)
    throw new TypeError("an exnref value cannot cross between JavaScript and WebAssembly");
  const inExtern = heap === HEAP_EXTERN || heap === HEAP_NOEXTERN || heap === HEAP_ANY;
  const reference = value === null ? null : behind(inExtern ? value : (funcOf(value) ?? value));
  if (!matchesReferenceType(reference, type, types))
    throw new TypeError(`expected a value of type ${typeName(type)}, got ${describe(value)}`);
  return reference;
}

/** The structure or array that an object of the host was given for, or the value itself. */
function behind(value: unknown): unknown {
  const { targets } = opaqueObjects;
  return targets !== undefined && typeof value === "object" && value !== null ? (targets.get(value) ?? value) : value;
}

function describe(value: unknown): string {
  return typeof value === "function"
    ? "a function that no WebAssembly instance exports"
    : value === null
      ? "null"
      : typeof value;
}

/** ToJSValue of the JavaScript API (section 6.1). @throws TypeError for types that cannot cross */
export function toJavaScript(value: WasmValue, type: ValueType): unknown {
  if (!isReference(type)) {
    if (type === V128) throw new TypeError("a v128 value cannot cross between JavaScript and WebAssembly");
    return value;
  }
  const heap = heapTypeOf(type);
  if (heap === HEAP_EXN || heap === HEAP_NOEXN)
    throw new TypeError("an exnref value cannot cross between JavaScript and WebAssembly");
  return value instanceof Func ? value.toJavaScript() : value;
}

/** The value that locals, globals and tables of this type have at first. */
export function defaultValue(type: ValueType): WasmValue {
  switch (type) {
    case I32:
    case F32:
    case F64:
      return 0;
    case I64:
      return 0n;
    case V128:
      return new Uint8Array(16);
    default:
      return null;
  }
}

/** Converts what a host function returned to the results that its type has: none, one, or an iterable of several. */
export function toWasmResults(
  result: unknown,
  results: readonly ValueType[],
  types: readonly DefinedType[],
): WasmValue[] {
  if (results.length === 0) return [];
  if (results.length === 1) return [toWasm(result, results[0], types)];
  const values = itemsOf(result);
  if (values === undefined)
    throw new TypeError(`a host function with ${results.length} results must return an iterable of them`);
  if (values.length !== results.length)
    throw new TypeError(`a host function returned ${values.length} values instead of ${results.length}`);
  return values.map((value, i) => toWasm(value, results[i], types));
}

/** The items of an iterable, whose method `Symbol.iterator` is read once; undefined for anything else. */
export function itemsOf(value: unknown): unknown[] | undefined {
  const iterate = (value as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator];
  if (typeof iterate !== "function") return undefined;
  return [...{ [Symbol.iterator]: () => iterate.call(value) }];
}

/** What a call with these results gives to JavaScript: undefined, the value, or an array of them. */
export function toJavaScriptResults(values: readonly WasmValue[], results: readonly ValueType[]): unknown {
  if (results.length === 0) return undefined;
  if (results.length === 1) return toJavaScript(values[0], results[0]);
  return values.map((value, i) => toJavaScript(value, results[i]));
}
