import type { DefinedType } from "../wasm/type-registry.ts";
import {
  type ArrayType,
  F32,
  F64,
  type FieldType,
  I8,
  I16,
  I32,
  I64,
  isDefaultable,
  type StorageType,
  type StructType,
  typeName,
  V128,
} from "../wasm/types.ts";
import { Trap } from "./trap.ts";
import { toJavaScript, toWasm, type WasmValue } from "./values.ts";

/**
 * A structure or array on the heap (specification, 4.2.13). They are JavaScript objects, so the platform's collector frees them,
 * cycles through host references included.
 */
export abstract class GcObject {
  /** Its own type, which may be a subtype of the one that a function's signature names. */
  readonly type: DefinedType;

  constructor(type: DefinedType) {
    this.type = type;
  }
}

/**
 * What stands in one place of a structure's fields. An i32 and an f32 are kept as a signed 32-bit number (of an f32 the bits), i8 and i16 as an
 * unsigned one, an i64 as two signed words, the low one first, a v128 as four; an f64 as a number or, where it is a NaN, the bigint of its bits; references
 * as they are.
 */
export type FieldValue = unknown;

/** What another engine gets that touches a structure or an array in the platform's own WebAssembly. */
export class ElsewhereError extends TypeError {
  constructor() {
    super("the structure or array lives in the platform's own WebAssembly; make both instances on one engine");
  }
}

/**
 * The structures and arrays behind objects that hosts get in their place, where a face of this package shows none of what is in them. Undefined
 * until there is one.
 */
export const opaqueObjects: { targets: WeakMap<object, GcObject> | undefined } = { targets: undefined };

const refuse = (): never => {
  throw new ElsewhereError();
};

/**
 * What stands in place of fields and elements that live in the platform's own WebAssembly. Another engine that touches them, however it came by the
 * object, throws instead of finding nothing.
 */
const ELSEWHERE: unknown[] = /* @__PURE__ */ new Proxy([], { get: refuse, set: refuse });

/** Where an object's fields or elements are when they are not in it. Values are as JavaScript has them. */
export interface AggregateStorage {
  get(index: number): unknown;
  set(index: number, value: unknown): void;
}

const storages = new WeakMap<GcObject, AggregateStorage>();

/** Says where the fields or elements of an object are from now on. */
export function moveAggregate(object: StructRef | ArrayRef, storage: AggregateStorage): void {
  if (object instanceof StructRef) (object as { fields: unknown[] }).fields = ELSEWHERE;
  else (object as { elements: Elements }).elements = ELSEWHERE;
  storages.set(object, storage);
}

/**
 * A structure, and a reference to it (specification, 4.2.13): made by a guest, or by the host for one.
 *
 * @example
 * const point = runtime.compileSync("(module (type $point (struct (field (mut f64)) (field (mut f64)))))").type("point");
 * const p = new StructRef(point, [1, 2]);
 * p.set(0, p.get(1));
 */
export class StructRef extends GcObject {
  /** For engines: what is in it, as it is kept. Fields take as many places as {@link placesOf} says. */
  readonly fields: FieldValue[];

  /**
   * @param type a structure type, from `Module.type`
   * @param values one for each field, converted as the JavaScript API converts arguments, an i8 or i16 as an i32 whose upper bits go;
   *   without them every field is zero or null
   * @param kept for engines, in place of `values`: the fields as they are kept
   * @throws TypeError for a type that is no structure's, for too few or many values, for one that is not of its field's type, and for a field of
   *   type v128 or exnref among `values`
   */
  constructor(type: DefinedType, values?: readonly unknown[], kept?: FieldValue[]) {
    super(type);
    this.fields = kept ?? fieldsOf(type, values);
  }

  /**
   * @returns field `index` as JavaScript has it; an i8 or i16 as an unsigned number
   * @throws RangeError when there is no such field, TypeError for a value that JavaScript cannot have (v128, exnref)
   */
  get(index: number): unknown {
    const { storage } = fieldAt(this.type, index);
    if (this.fields === ELSEWHERE) return (storages.get(this) as AggregateStorage).get(index);
    return toJavaScript(getPlaces(this.fields, placeOf(this.type.composite as StructType, index), storage), storage);
  }

  /** @throws RangeError when there is no such field, TypeError when it is immutable or the value is not of its type */
  set(index: number, value: unknown): void {
    const { storage, mutable } = fieldAt(this.type, index);
    if (!mutable) throw new TypeError(`field ${index} is immutable`);
    const kept = keep(value, storage, this.type);
    if (this.fields === ELSEWHERE) (storages.get(this) as AggregateStorage).set(index, value);
    else setPlaces(this.fields, placeOf(this.type.composite as StructType, index), kept, storage);
  }
}

/** Elements as they are kept: as in a structure, but i8 and i16 signed and every f64 a number; references in a plain array. */
export type Elements = Int8Array | Int16Array | Int32Array | Float64Array | unknown[];

/**
 * An array on the heap, and a reference to it (specification, 4.2.13): made by a guest, or by the host for one. It can be iterated over.
 *
 * @example
 * const bytes = runtime.compileSync("(module (type $bytes (array (mut i8))))").type("bytes");
 * const hello = new ArrayRef(bytes, new TextEncoder().encode("hello"));
 * new TextDecoder().decode(Uint8Array.from(hello));
 */
export class ArrayRef extends GcObject {
  /** For engines: what is in it, as it is kept. */
  readonly elements: Elements;
  /** In elements, which of an i64 or a v128 take several places. */
  readonly length: number;

  /**
   * @param type an array type, from `Module.type`
   * @param values the elements, each converted as a field of a {@link StructRef} is; or how many, all zero or null
   * @param kept for engines, with the length as `values`: the elements as they are kept
   * @throws TypeError for a type that is no array's and for a value that is not of the elements' type, RangeError for more elements than an
   *   array can have
   */
  constructor(type: DefinedType, values: number | Iterable<unknown>, kept?: Elements) {
    super(type);
    if (kept === undefined) {
      this.elements = elementsOf(type, values);
      this.length = this.elements.length / placesOf(elementStorage(type));
    } else {
      this.elements = kept;
      this.length = values as number;
    }
  }

  /**
   * @returns element `index` as JavaScript has it; an i8 or i16 as an unsigned number
   * @throws RangeError outside the array, TypeError for a value that JavaScript cannot have (v128, exnref)
   */
  get(index: number): unknown {
    this.check(index);
    return this.at(index);
  }

  /** @throws RangeError outside the array, TypeError when its elements are immutable or the value is not of their type */
  set(index: number, value: unknown): void {
    this.check(index);
    const { storage, mutable } = (this.type.composite as ArrayType).field;
    if (!mutable) throw new TypeError("the array's elements are immutable");
    const kept = keep(value, storage, this.type);
    if (this.elements === ELSEWHERE) (storages.get(this) as AggregateStorage).set(index, value);
    else setPlaces(this.elements, index * placesOf(storage), kept, storage);
  }

  *[Symbol.iterator](): IterableIterator<unknown> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  private check(index: number): void {
    if (!(Number.isInteger(index) && index >= 0 && index < this.length))
      throw new RangeError(`index ${String(index)} is outside the array's ${this.length} elements`);
  }

  private at(index: number): unknown {
    if (this.elements === ELSEWHERE) return (storages.get(this) as AggregateStorage).get(index);
    const storage = elementStorage(this.type);
    return toJavaScript(getPlaces(this.elements, index * placesOf(storage), storage), storage);
  }
}

function fieldAt(type: DefinedType, index: number): FieldType {
  const { fields } = type.composite as StructType;
  const field = fields[index];
  if (field === undefined)
    throw new RangeError(`there is no field ${String(index)}; the structure has ${fields.length}`);
  return field;
}

/** A value of JavaScript as one of the guest. @throws TypeError for one that is not of the type */
function keep(value: unknown, storage: StorageType, type: DefinedType): WasmValue {
  return toWasm(value, storage === I8 || storage === I16 ? I32 : storage, type.context);
}

function fieldsOf(type: DefinedType, values: readonly unknown[] | undefined): FieldValue[] {
  const { composite } = type;
  if (composite.kind !== "struct")
    throw new TypeError(`a StructRef needs a structure type, not one of a ${composite.kind}`);
  const { fields } = composite;
  if (values === undefined) {
    for (const { storage } of fields) checkDefault(storage);
    return defaultFields(composite);
  }
  if (values.length !== fields.length)
    throw new TypeError(`the structure has ${fields.length} fields, and ${values.length} values were given`);
  return keptFields(
    composite,
    fields.map(({ storage }, i) => keep(values[i], storage, type)),
  );
}

function checkDefault(storage: StorageType): void {
  if (!isDefaultable(storage))
    throw new TypeError(`a value of type ${typeName(storage)} has no default: give the values`);
}

function elementsOf(type: DefinedType, values: number | Iterable<unknown>): Elements {
  const { composite } = type;
  if (composite.kind !== "array")
    throw new TypeError(`an ArrayRef needs an array type, not one of a ${composite.kind}`);
  const { storage } = composite.field;
  const kind = storageKind(storage);
  if (typeof values === "number") {
    if (!(Number.isInteger(values) && values >= 0))
      throw new RangeError(`an array's length must be a whole number, not ${values}`);
    if (values > 0) checkDefault(storage);
    return allocate(kind, values);
  }
  const kept = Array.from(values, (value) => keep(value, storage, type));
  const elements = allocate(kind, kept.length);
  kept.forEach((value, i) => {
    setPlaces(elements, i * placesOf(storage), value, storage);
  });
  return elements;
}

function allocate(kind: number, length: number): Elements {
  try {
    return makeElements(kind, length);
  } catch (error) {
    throw new RangeError((error as Trap).message);
  }
}

/** The most that one array may hold. V8's own arrays hold no more: 2^30 bytes with what stands before the elements. */
const MAX_BYTES = 2 ** 30 - 64;
/** V8 makes a longer list a table of its entries: one of 2^26 nulls took 17 seconds and five gigabytes. */
const MAX_REFERENCES = 2 ** 25;

/** How many places a field or element of the type takes. */
export function placesOf(storage: StorageType): number {
  return storage === I64 ? 2 : storage === V128 ? 4 : 1;
}

const firstPlaces = new WeakMap<StructType, readonly number[]>();

/** The first place of a structure's field. */
export function placeOf(type: StructType, index: number): number {
  let places = firstPlaces.get(type);
  if (places === undefined) {
    let next = 0;
    places = type.fields.map(({ storage }) => {
      const place = next;
      next += placesOf(storage);
      return place;
    });
    firstPlaces.set(type, places);
  }
  return places[index];
}

/** How a storage type is kept: which registers its value comes from, and how wide it is in an array. */
export const STORAGE = { i8: 0, i16: 1, word: 2, long: 3, double: 4, vector: 5, reference: 6 } as const;

export function storageKind(storage: StorageType): number {
  switch (storage) {
    case I8:
      return STORAGE.i8;
    case I16:
      return STORAGE.i16;
    case I32:
    case F32:
      return STORAGE.word;
    case I64:
      return STORAGE.long;
    case F64:
      return STORAGE.double;
    case V128:
      return STORAGE.vector;
    default:
      return STORAGE.reference;
  }
}

/** Bytes of an element in a data segment; 0 for references, which have none. */
export function storageSize(kind: number): number {
  return [1, 2, 4, 8, 8, 16, 0][kind];
}

export function elementStorage(type: DefinedType): StorageType {
  return (type.composite as ArrayType).field.storage;
}

/** The most elements that an array may have: of one kind, on every engine the same. */
export function maxArrayLength(kind: number): number {
  return kind === STORAGE.reference ? MAX_REFERENCES : Math.floor(MAX_BYTES / storageSize(kind));
}

/**
 * Elements of a new array, all of them zero or null.
 * @throws Trap `allocation-size-too-large`
 */
export function makeElements(kind: number, length: number): Elements {
  if (length > maxArrayLength(kind))
    throw new Trap("allocation-size-too-large", { detail: `an array of ${length} elements` });
  try {
    switch (kind) {
      case STORAGE.i8:
        return new Int8Array(length);
      case STORAGE.i16:
        return new Int16Array(length);
      case STORAGE.word:
        return new Int32Array(length);
      case STORAGE.long:
        return new Int32Array(length * 2);
      case STORAGE.vector:
        return new Int32Array(length * 4);
      case STORAGE.double:
        return new Float64Array(length);
      default:
        return new Array(length).fill(null);
    }
  } catch {
    throw new Trap("allocation-size-too-large", { detail: `an array of ${length} elements` });
  }
}

export function makeArray(type: DefinedType, length: number): ArrayRef {
  return new ArrayRef(type, length, makeElements(storageKind(elementStorage(type)), length));
}

/** The fields of a structure with these values of the guest. */
export function keptFields({ fields }: StructType, values: readonly WasmValue[]): FieldValue[] {
  const kept: FieldValue[] = [];
  fields.forEach(({ storage }, i) => {
    setPlaces(kept, kept.length, values[i], storage);
  });
  return kept;
}

const defaults = new WeakMap<StructType, readonly FieldValue[]>();

/** The fields of a structure of which each is zero or null: an array without room for more. */
export function defaultFields(type: StructType): FieldValue[] {
  let fields = defaults.get(type);
  if (fields === undefined) {
    fields = type.fields.flatMap(({ storage }) =>
      new Array<FieldValue>(placesOf(storage)).fill(storageKind(storage) === STORAGE.reference ? null : 0),
    );
    defaults.set(type, fields);
  }
  return fields.slice();
}

export function makeDefaultStruct(type: DefinedType): StructRef {
  return new StructRef(type, undefined, defaultFields(type.composite as StructType));
}

const words = new Int32Array(4);
const floats = new Float32Array(words.buffer);
const doubles = new Float64Array(words.buffer);
const longs = new BigInt64Array(words.buffer);
const bytes = new Uint8Array(words.buffer);

/** Puts a value of the guest into fields or elements, from `place` on. */
export function setPlaces(
  places: FieldValue[] | Elements,
  place: number,
  value: WasmValue,
  storage: StorageType,
): void {
  const target = places as unknown[];
  switch (storage) {
    case I8:
      target[place] = (value as number) & 0xff;
      break;
    case I16:
      target[place] = (value as number) & 0xffff;
      break;
    case F32:
      floats[0] = value as number;
      target[place] = words[0];
      break;
    case F64:
      if (places instanceof Float64Array) places.fill(value as number, place, place + 1);
      else target[place] = keptDouble(value as number);
      break;
    case I64:
      longs[0] = value as bigint;
      target[place] = words[0];
      target[place + 1] = words[1];
      break;
    case V128:
      bytes.set(value as Uint8Array);
      for (let i = 0; i < 4; i++) target[place + i] = words[i];
      break;
    default:
      target[place] = value;
  }
}

/** The value of the guest that stands in fields or elements from `place` on; of an i8 or i16 the unsigned one. */
function getPlaces(places: FieldValue[] | Elements, place: number, storage: StorageType): WasmValue {
  const value = places[place];
  switch (storage) {
    case I8:
      return (value as number) & 0xff;
    case I16:
      return (value as number) & 0xffff;
    case F32:
      words[0] = value as number;
      return floats[0];
    case F64:
      return doubleOf(value);
    case I64:
      words[0] = value as number;
      words[1] = places[place + 1] as number;
      return longs[0];
    default:
      return value;
  }
}

/** An f64 as a structure keeps it. */
export function keptDouble(value: number): FieldValue {
  if (!Number.isNaN(value)) return value;
  doubles.fill(value, 0, 1);
  return longs[0];
}

/** The f64 that a structure keeps. */
export function doubleOf(kept: FieldValue): number {
  if (typeof kept === "number") return kept;
  longs[0] = kept as bigint;
  return doubles[0];
}

/** Sets an element to a value of the guest. */
export function setElement(array: ArrayRef, index: number, value: WasmValue): void {
  const storage = elementStorage(array.type);
  setPlaces(array.elements, index * placesOf(storage), value, storage);
}

/** `copyWithin` of a list. V8's own takes fifty nanoseconds for each element that is a reference. */
export function moveWithin(list: unknown[], to: number, from: number, length: number): void {
  if (to <= from) for (let i = 0; i < length; i++) list[to + i] = list[from + i];
  else for (let i = length - 1; i >= 0; i--) list[to + i] = list[from + i];
}

/** Up to so many elements are copied faster one by one than by a method of the platform, which needs a view of them. */
const SHORT = 24;

/** Copies elements; that they are there must have been checked, and their types fit. */
export function copyElements(target: ArrayRef, to: number, source: ArrayRef, from: number, length: number): void {
  const places = placesOf(elementStorage(target.type));
  const a = target.elements;
  const b = source.elements;
  if (a === b && Array.isArray(a)) moveWithin(a, to, from, length);
  else if (a === b) a.copyWithin(to * places, from * places, (from + length) * places);
  else if (Array.isArray(a)) for (let i = 0; i < length; i++) a[to + i] = b[from + i];
  else if (places === 1 && length <= SHORT && !(a instanceof Float64Array))
    for (let i = 0; i < length; i++) (a as Int32Array)[to + i] = (b as Int32Array)[from + i];
  else (a as Int32Array).set((b as Int32Array).subarray(from * places, (from + length) * places), to * places);
}

/**
 * Copies little-endian elements from a data segment.
 * @param source offset in `data`; it and all else must have been checked
 */
export function copyFromData(array: ArrayRef, index: number, data: Uint8Array, source: number, length: number): void {
  const { buffer, byteOffset } = array.elements as Int8Array;
  const size = storageSize(storageKind(elementStorage(array.type)));
  new Uint8Array(buffer, byteOffset).set(data.subarray(source, source + length * size), index * size);
}
