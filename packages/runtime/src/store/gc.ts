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
 * A field's value as it is kept: i32 and f32 as a signed 32-bit number (of an f32 the bits), i8 and i16 as an unsigned one, i64 as a bigint, f64 as a
 * number or, where it is a NaN, the bigint of its bits; v128 as sixteen bytes; references as they are.
 */
export type FieldValue = unknown;

/**
 * What stands in place of fields and elements that live in the platform's own WebAssembly. Another engine that touches them, however it came by the
 * object, throws instead of finding nothing.
 */
const ELSEWHERE: unknown[] = /* @__PURE__ */ new Proxy([], {
  get() {
    throw new TypeError(
      "the structure or array lives in the platform's own WebAssembly; make both instances on one engine",
    );
  },
});

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
  /** For engines: what is in it, as it is kept. */
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
    return fromField(this.fields[index], storage);
  }

  /** @throws RangeError when there is no such field, TypeError when it is immutable or the value is not of its type */
  set(index: number, value: unknown): void {
    const { storage, mutable } = fieldAt(this.type, index);
    if (!mutable) throw new TypeError(`field ${index} is immutable`);
    const kept = keep(value, storage, this.type);
    if (this.fields === ELSEWHERE) (storages.get(this) as AggregateStorage).set(index, value);
    else this.fields[index] = kept;
  }
}

/** Elements as they are kept: bits in typed arrays (two 64-bit ones for a v128), references in a plain array. */
export type Elements = Int8Array | Int16Array | Int32Array | BigInt64Array | unknown[];

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
  /** In elements, not in what a typed array counts. */
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
      this.length = elementStorage(type) === V128 ? this.elements.length / 2 : this.elements.length;
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
    else putElement(this.elements, index, kept, storage);
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
    const value = (this.elements as unknown[])[index];
    // Elements are signed where they are kept, and all bits where fields have numbers.
    if (storage === I8) return (value as number) & 0xff;
    if (storage === I16) return (value as number) & 0xffff;
    if (storage === F64) {
      doubleBits[0] = value as bigint;
      return double[0];
    }
    return fromField(value, storage);
  }
}

function fieldAt(type: DefinedType, index: number): FieldType {
  const { fields } = type.composite as StructType;
  const field = fields[index];
  if (field === undefined)
    throw new RangeError(`there is no field ${String(index)}; the structure has ${fields.length}`);
  return field;
}

/** A value of JavaScript as a field keeps it. @throws TypeError for one that is not of the type */
function keep(value: unknown, storage: StorageType, type: DefinedType): FieldValue {
  return toField(toWasm(value, storage === I8 || storage === I16 ? I32 : storage, type.context), storage);
}

function fromField(value: FieldValue, storage: StorageType): unknown {
  switch (storage) {
    case I8:
    case I16:
      return value;
    case F32:
      floatBits[0] = value as number;
      return float[0];
    case F64:
      if (typeof value === "number") return value;
      doubleBits[0] = value as bigint;
      return double[0];
    default:
      return toJavaScript(value, storage);
  }
}

function fieldsOf(type: DefinedType, values: readonly unknown[] | undefined): FieldValue[] {
  const { composite } = type;
  if (composite.kind !== "struct")
    throw new TypeError(`a StructRef needs a structure type, not one of a ${composite.kind}`);
  const { fields } = composite;
  if (values === undefined) return fields.map(({ storage }) => zero(storage));
  if (values.length !== fields.length)
    throw new TypeError(`the structure has ${fields.length} fields, and ${values.length} values were given`);
  return fields.map(({ storage }, i) => keep(values[i], storage, type));
}

function zero(storage: StorageType): FieldValue {
  if (!isDefaultable(storage))
    throw new TypeError(`a value of type ${typeName(storage)} has no default: give the values`);
  return defaultField(storage);
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
    if (values > 0) zero(storage);
    return allocate(kind, values);
  }
  const kept = Array.from(values, (value) => keep(value, storage, type));
  const elements = allocate(kind, kept.length);
  kept.forEach((value, i) => {
    putElement(elements, i, value, storage);
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

/** The most that one array may hold: beyond it the platform would rather end than refuse. */
const MAX_BYTES = 2 ** 30;
const MAX_REFERENCES = 2 ** 26;

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

/**
 * Elements of a new array, all of them zero or null.
 * @throws Trap `allocation-size-too-large`
 */
export function makeElements(kind: number, length: number): Elements {
  const tooLarge = kind === STORAGE.reference ? length > MAX_REFERENCES : length * storageSize(kind) > MAX_BYTES;
  if (tooLarge) throw new Trap("allocation-size-too-large", { detail: `an array of ${length} elements` });
  try {
    switch (kind) {
      case STORAGE.i8:
        return new Int8Array(length);
      case STORAGE.i16:
        return new Int16Array(length);
      case STORAGE.word:
        return new Int32Array(length);
      case STORAGE.vector:
        return new BigInt64Array(length * 2);
      case STORAGE.reference:
        return new Array(length).fill(null);
      default:
        return new BigInt64Array(length);
    }
  } catch {
    throw new Trap("allocation-size-too-large", { detail: `an array of ${length} elements` });
  }
}

export function makeArray(type: DefinedType, length: number): ArrayRef {
  return new ArrayRef(type, length, makeElements(storageKind(elementStorage(type)), length));
}

export function defaultField(storage: StorageType): FieldValue {
  switch (storageKind(storage)) {
    case STORAGE.long:
      return 0n;
    case STORAGE.vector:
      return new Uint8Array(16);
    case STORAGE.reference:
      return null;
    default:
      return 0;
  }
}

export function makeDefaultStruct(type: DefinedType): StructRef {
  return new StructRef(
    type,
    undefined,
    (type.composite as StructType).fields.map(({ storage }) => defaultField(storage)),
  );
}

const float = new Float32Array(1);
const floatBits = new Int32Array(float.buffer);
const double = new Float64Array(1);
const doubleBits = new BigInt64Array(double.buffer);

/** A value of the guest as a field keeps it. */
export function toField(value: WasmValue, storage: StorageType): FieldValue {
  switch (storage) {
    case I8:
      return (value as number) & 0xff;
    case I16:
      return (value as number) & 0xffff;
    case F32:
      float[0] = value as number;
      return floatBits[0];
    case F64:
      if (!Number.isNaN(value)) return value;
      double[0] = value as number;
      return doubleBits[0];
    default:
      return value;
  }
}

/** Sets an element to a value of the guest. */
export function setElement(array: ArrayRef, index: number, value: WasmValue): void {
  const storage = elementStorage(array.type);
  putElement(array.elements, index, toField(value, storage), storage);
}

function putElement(elements: Elements, index: number, kept: FieldValue, storage: StorageType): void {
  switch (storage) {
    case F64:
      if (typeof kept === "number") {
        double[0] = kept;
        (elements as BigInt64Array)[index] = doubleBits[0];
      } else (elements as BigInt64Array)[index] = kept as bigint;
      break;
    case V128:
      (elements as BigInt64Array).set(new BigInt64Array((kept as Uint8Array).slice().buffer), index * 2);
      break;
    default:
      (elements as unknown[])[index] = kept;
  }
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
