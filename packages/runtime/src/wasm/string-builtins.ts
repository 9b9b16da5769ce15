import { type DefinedType, defineTypes } from "./type-registry.ts";
import {
  type CompositeType,
  EXTERNREF,
  HEAP_EXTERN,
  heapTypeOfIndex,
  I16,
  I32,
  referenceType,
  type SubType,
  type ValueType,
} from "./types.ts";

/**
 * The builtin functions on strings that a module may import (JavaScript API, section "String Builtins"): their names and types. What they do
 * is in `store/string-builtins.ts`.
 */

/** The name of the set in the option `builtins`, and the module name under which its functions are imported. */
export const STRING_SET = "js-string";
export const STRING_MODULE = "wasm:js-string";

export type StringBuiltin =
  | "cast"
  | "test"
  | "fromCharCodeArray"
  | "intoCharCodeArray"
  | "fromCharCode"
  | "fromCodePoint"
  | "charCodeAt"
  | "codePointAt"
  | "length"
  | "concat"
  | "substring"
  | "equals"
  | "compare";

/** A reference to a string, which is not null. */
const STRING: ValueType = referenceType(false, HEAP_EXTERN);
/** A reference, null or not, to an array of 16-bit elements that can be written: the type at index 0 below. */
const ARRAY: ValueType = referenceType(true, heapTypeOfIndex(0));

type Signature = readonly [params: readonly ValueType[], result: ValueType];

const signatures: Readonly<Record<StringBuiltin, Signature>> = {
  cast: [[EXTERNREF], STRING],
  test: [[EXTERNREF], I32],
  fromCharCodeArray: [[ARRAY, I32, I32], STRING],
  intoCharCodeArray: [[EXTERNREF, ARRAY, I32], I32],
  fromCharCode: [[I32], STRING],
  fromCodePoint: [[I32], STRING],
  charCodeAt: [[EXTERNREF, I32], I32],
  codePointAt: [[EXTERNREF, I32], I32],
  length: [[EXTERNREF], I32],
  concat: [[EXTERNREF, EXTERNREF], STRING],
  substring: [[EXTERNREF, I32, I32], STRING],
  equals: [[EXTERNREF, EXTERNREF], I32],
  compare: [[EXTERNREF, EXTERNREF], I32],
};

export const stringBuiltins: readonly StringBuiltin[] = Object.keys(signatures) as StringBuiltin[];

/** The builtin function of this name, or undefined: the name comes from a module. */
export function stringBuiltinNamed(name: string): StringBuiltin | undefined {
  return stringBuiltins.find((known) => known === name);
}

let types: ReadonlyMap<StringBuiltin, DefinedType> | undefined;

/** The type of a builtin function; an import of it must have this type or a supertype. */
export function stringBuiltinType(name: StringBuiltin): DefinedType {
  if (types === undefined) {
    const alone = (composite: CompositeType, groupStart: number): SubType => ({
      final: true,
      supertypes: [],
      composite,
      groupStart,
      groupSize: 1,
    });
    const defined = defineTypes([
      alone({ kind: "array", field: { storage: I16, mutable: true } }, 0),
      ...stringBuiltins.map((known, i) => {
        const [params, result] = signatures[known];
        return alone({ kind: "func", params, results: [result] }, i + 1);
      }),
    ]);
    types = new Map(stringBuiltins.map((known, i) => [known, defined[i + 1]]));
  }
  return types.get(name) as DefinedType;
}
