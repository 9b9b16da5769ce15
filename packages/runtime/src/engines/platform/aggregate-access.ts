import { canCross } from "../../store/values.ts";
import * as OP from "../../wasm/opcodes.ts";
import { declareTypes } from "../../wasm/type-declarations.ts";
import type { DefinedType } from "../../wasm/type-registry.ts";
import {
  ANYREF,
  EXTERNREF,
  type FieldType,
  HEAP_ARRAY,
  HEAP_STRUCT,
  heapTypeOf,
  heapTypeOfIndex,
  I8,
  I16,
  I32,
  isDefaultable,
  isTypeIndex,
  referenceType,
  type StorageType,
  type SubType,
  typeIndexOf,
  V128,
  type ValueType,
} from "../../wasm/types.ts";
import { type HelperFunction, makeHelperFunctions, prefixed, s32, u32 } from "./helper-module.ts";

/**
 * What the platform's JavaScript API does not do with structures and arrays, its WebAssembly does: for each type, when it is first asked for, a small module over the
 * same recursion group exports functions that make one, read and write it.
 */

/** The functions of a type. Values are as the platform's JavaScript API converts them. */
export interface Access {
  /** A structure with these fields, those left out that JavaScript cannot have; an array with this length, filled with a value where it needs one. */
  make(...values: readonly unknown[]): object;
  get(object: object, index: number): unknown;
  set(object: object, index: number, value: unknown): void;
}

const accesses = new WeakMap<DefinedType, Access>();

export function accessOf(type: DefinedType): Access {
  let access = accesses.get(type);
  if (access === undefined) {
    access = type.composite.kind === "struct" ? structAccess(type) : arrayAccess(type);
    accesses.set(type, access);
  }
  return access;
}

/** The type of a value that has a storage type. */
function unpacked(storage: StorageType): ValueType {
  return storage === I8 || storage === I16 ? I32 : storage;
}

/** A type with its own declarations: what indices in it mean, when it stands in them. */
interface Declared {
  readonly types: readonly SubType[];
  readonly index: number;
  readonly reference: ValueType;
  readonly fields: readonly FieldType[];
}

function declare(type: DefinedType): Declared {
  const { types, indices } = declareTypes([type]);
  const index = indices.get(type) as number;
  const { composite } = types[index];
  const fields = composite.kind === "struct" ? composite.fields : composite.kind === "array" ? [composite.field] : [];
  return { types, index, reference: referenceType(false, heapTypeOfIndex(index)), fields };
}

/** The heap type of a reference as an immediate. */
function heapImmediate(type: ValueType): number[] {
  const heap = heapTypeOf(type);
  return isTypeIndex(heap) ? s32(typeIndexOf(heap)) : [heap & 0x7f];
}

/** Whether JavaScript gives the fields of this type when a structure is made. */
export function isGiven(storage: StorageType): boolean {
  return canCross(unpacked(storage));
}

function structAccess(type: DefinedType): Access {
  const { types, index, reference, fields } = declare(type);
  const params: ValueType[] = [];
  const code: number[] = [];
  const functions: HelperFunction[] = [];
  fields.forEach(({ storage, mutable }, i) => {
    const value = unpacked(storage);
    if (!isGiven(storage)) {
      if (storage === V128) code.push(...prefixed(OP.V128_CONST), ...new Array(16).fill(0));
      else code.push(OP.REF_NULL, ...heapImmediate(storage));
      return;
    }
    code.push(OP.LOCAL_GET, ...u32(params.length));
    params.push(value);
    functions.push({
      name: `get${i}`,
      params: [reference],
      results: [value],
      // struct.get, or struct.get_u of a packed field.
      code: [
        OP.LOCAL_GET,
        0,
        ...prefixed(value === storage ? OP.STRUCT_GET : OP.STRUCT_GET_U),
        ...u32(index),
        ...u32(i),
      ],
    });
    if (mutable)
      functions.push({
        name: `set${i}`,
        params: [reference, value],
        results: [],
        code: [OP.LOCAL_GET, 0, OP.LOCAL_GET, 1, ...prefixed(OP.STRUCT_SET), ...u32(index), ...u32(i)],
      });
  });
  // One that no host can have made has a field of a type that is never null and that JavaScript cannot have.
  const makeable = fields.every(({ storage }) => isGiven(storage) || isDefaultable(storage));
  if (makeable)
    functions.push({
      name: "make",
      params,
      results: [reference],
      code: [...code, ...prefixed(OP.STRUCT_NEW), ...u32(index)],
    });
  const made = makeHelperFunctions(types, functions);
  return {
    make: made.make as Access["make"],
    get: (object, field) => made[`get${field}`](object),
    set: (object, field, value) => {
      made[`set${field}`](object, value);
    },
  };
}

function arrayAccess(type: DefinedType): Access {
  const { types, index, reference, fields } = declare(type);
  const [{ storage, mutable }] = fields;
  const value = unpacked(storage);
  const functions: HelperFunction[] = [];
  if (isDefaultable(storage))
    functions.push({
      name: "make",
      params: [I32],
      results: [reference],
      code: [OP.LOCAL_GET, 0, ...prefixed(OP.ARRAY_NEW_DEFAULT), ...u32(index)],
    });
  else
    functions.push({
      name: "make",
      params: [I32, value],
      results: [reference],
      code: [OP.LOCAL_GET, 1, OP.LOCAL_GET, 0, ...prefixed(OP.ARRAY_NEW), ...u32(index)],
    });
  if (isGiven(storage)) {
    functions.push({
      name: "get",
      params: [reference, I32],
      results: [value],
      code: [
        OP.LOCAL_GET,
        0,
        OP.LOCAL_GET,
        1,
        ...prefixed(value === storage ? OP.ARRAY_GET : OP.ARRAY_GET_U),
        ...u32(index),
      ],
    });
    if (mutable)
      functions.push({
        name: "set",
        params: [reference, I32, value],
        results: [],
        code: [OP.LOCAL_GET, 0, OP.LOCAL_GET, 1, OP.LOCAL_GET, 2, ...prefixed(OP.ARRAY_SET), ...u32(index)],
      });
  }
  return makeHelperFunctions(types, functions) as unknown as Access;
}

/** The most elements that an immutable array can be made of: those of one `array.new_fixed`. */
export const MAX_FIXED = 10_000;

/** Makes an array whose elements cannot be set afterwards. */
export function makeFixedArray(type: DefinedType, values: readonly unknown[]): object {
  const { types, index, reference, fields } = declare(type);
  const [{ storage }] = fields;
  const value = unpacked(storage);
  const mutable = types.length;
  const mutableReference = referenceType(false, heapTypeOfIndex(mutable));
  const code: number[] = [];
  for (let i = 0; i < values.length; i++)
    code.push(
      OP.LOCAL_GET,
      0,
      OP.I32_CONST,
      ...s32(i),
      ...prefixed(value === storage ? OP.ARRAY_GET : OP.ARRAY_GET_U),
      ...u32(mutable),
    );
  const all: SubType[] = [
    ...types,
    {
      final: true,
      supertypes: [],
      composite: { kind: "array", field: { storage, mutable: true } },
      groupStart: mutable,
      groupSize: 1,
    },
  ];
  const { buffer, set, make } = makeHelperFunctions(all, [
    {
      name: "buffer",
      params: [I32, ...(isDefaultable(storage) ? [] : [value])],
      results: [mutableReference],
      code: isDefaultable(storage)
        ? [OP.LOCAL_GET, 0, ...prefixed(OP.ARRAY_NEW_DEFAULT), ...u32(mutable)]
        : [OP.LOCAL_GET, 1, OP.LOCAL_GET, 0, ...prefixed(OP.ARRAY_NEW), ...u32(mutable)],
    },
    {
      name: "set",
      params: [mutableReference, I32, value],
      results: [],
      code: [OP.LOCAL_GET, 0, OP.LOCAL_GET, 1, OP.LOCAL_GET, 2, ...prefixed(OP.ARRAY_SET), ...u32(mutable)],
    },
    {
      name: "make",
      params: [mutableReference],
      results: [reference],
      code: [...code, ...prefixed(OP.ARRAY_NEW_FIXED), ...u32(index), ...u32(values.length)],
    },
  ]);
  const filled = buffer(values.length, values[0]);
  for (let i = 0; i < values.length; i++) set(filled, i, values[i]);
  return make(filled) as object;
}

/** What a value of the platform is among references. */
export interface Kinds {
  /** 0 for what is neither, 1 for a structure, 2 for an array. */
  kindOf(value: unknown): number;
  lengthOf(array: object): number;
}

let kinds: Kinds | undefined;

export function theKinds(): Kinds {
  if (kinds === undefined) {
    const toAny = [OP.LOCAL_GET, 0, ...prefixed(OP.ANY_CONVERT_EXTERN)];
    const isA = (heap: number): number[] => [...toAny, ...prefixed(OP.REF_TEST), heap & 0x7f];
    const cast = (heap: number): number[] => [...toAny, ...prefixed(OP.REF_CAST), heap & 0x7f];
    kinds = makeHelperFunctions(
      [],
      [
        {
          name: "kindOf",
          params: [EXTERNREF],
          results: [I32],
          // A value is one or the other, or neither.
          code: [...isA(HEAP_STRUCT), ...isA(HEAP_ARRAY), OP.I32_CONST, 1, OP.I32_SHL, OP.I32_OR],
        },
        {
          name: "lengthOf",
          params: [EXTERNREF],
          results: [I32],
          code: [...cast(HEAP_ARRAY), ...prefixed(OP.ARRAY_LEN)],
        },
      ],
    ) as unknown as Kinds;
  }
  return kinds;
}

/** Tests of values for each structure and array type among some, subtypes before their supertypes. */
type Tests = readonly { readonly type: DefinedType; readonly has: (value: unknown) => unknown }[];

const tests = new WeakMap<readonly DefinedType[], Tests>();

function testsOf(list: readonly DefinedType[]): Tests {
  let known = tests.get(list);
  if (known === undefined) {
    const aggregates = [...new Set(list.filter(({ composite }) => composite.kind !== "func"))];
    aggregates.sort((a, b) => b.depth - a.depth);
    const { types, indices } = declareTypes(aggregates);
    const made = makeHelperFunctions(
      types,
      aggregates.map((type, i) => ({
        name: String(i),
        params: [ANYREF],
        results: [I32],
        code: [OP.LOCAL_GET, 0, ...prefixed(OP.REF_TEST), ...s32(indices.get(type) as number)],
      })),
    );
    known = aggregates.map((type, i) => ({ type, has: made[i] }));
    tests.set(list, known);
  }
  return known;
}

/** The types of all modules here that have structures or arrays, not kept from being collected where that is possible. */
const knownLists = new Set<{ deref(): readonly DefinedType[] | undefined }>();
const listed = new WeakSet<readonly DefinedType[]>();
let pruneAt = 64;

/** Notes that a module with these types has been instantiated. */
export function learnTypes(list: readonly DefinedType[]): void {
  if (listed.has(list)) return;
  listed.add(list);
  knownLists.add(typeof WeakRef === "function" ? new WeakRef(list) : { deref: () => list });
  if (knownLists.size < pruneAt) return;
  for (const known of knownLists) if (known.deref() === undefined) knownLists.delete(known);
  pruneAt = Math.max(64, knownLists.size * 2);
}

/**
 * The type of a structure or array of the platform.
 * @param list types of the module that it came from
 * @throws TypeError when no module here declares it
 */
export function typeOfNative(native: object, list: readonly DefinedType[]): DefinedType {
  let found = testsOf(list).find(({ has }) => has(native))?.type;
  // Another module may declare a subtype that this one does not know.
  if (found === undefined || !found.final)
    for (const known of knownLists) {
      const other = known.deref();
      const type = other === undefined ? undefined : testsOf(other).find(({ has }) => has(native))?.type;
      if (type !== undefined && (found === undefined || type.depth > found.depth)) found = type;
    }
  if (found === undefined)
    throw new TypeError("no module that is still held declares the type of this structure or array");
  return found;
}
