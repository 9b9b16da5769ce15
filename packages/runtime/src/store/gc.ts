import type { DefinedType } from "../wasm/type-registry.ts";
import { type ArrayType, F32, F64, I8, I16, I32, I64, type StorageType, type StructType, V128 } from "../wasm/types.ts";
import { Trap } from "./trap.ts";
import type { WasmValue } from "./values.ts";

/**
 * A structure or array on the heap (specification, 4.2.13). They are JavaScript objects, so the platform's collector frees them,
 * cycles through host references included. A host sees them as opaque.
 */
export abstract class GcObject {
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

export class GcStruct extends GcObject {
  readonly fields: FieldValue[];

  constructor(type: DefinedType, fields: FieldValue[]) {
    super(type);
    this.fields = fields;
  }
}

/** Elements as they are kept: bits in typed arrays (two 64-bit ones for a v128), references in a plain array. */
export type Elements = Int8Array | Int16Array | Int32Array | BigInt64Array | unknown[];

export class GcArray extends GcObject {
  readonly elements: Elements;
  /** In elements, not in what a typed array counts. */
  readonly length: number;

  constructor(type: DefinedType, elements: Elements, length: number) {
    super(type);
    this.elements = elements;
    this.length = length;
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

export function makeArray(type: DefinedType, length: number): GcArray {
  return new GcArray(type, makeElements(storageKind(elementStorage(type)), length), length);
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

export function makeDefaultStruct(type: DefinedType): GcStruct {
  return new GcStruct(
    type,
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
export function setElement(array: GcArray, index: number, value: WasmValue): void {
  const storage = elementStorage(array.type);
  const { elements } = array;
  switch (storageKind(storage)) {
    case STORAGE.double:
      double[0] = value as number;
      (elements as BigInt64Array)[index] = doubleBits[0];
      break;
    case STORAGE.vector: {
      const words = new BigInt64Array((value as Uint8Array).slice().buffer);
      (elements as BigInt64Array).set(words, index * 2);
      break;
    }
    default:
      (elements as unknown[])[index] = toField(value, storage);
  }
}

/**
 * Copies little-endian elements from a data segment.
 * @param source offset in `data`; it and all else must have been checked
 */
export function copyFromData(array: GcArray, index: number, data: Uint8Array, source: number, length: number): void {
  const { buffer, byteOffset } = array.elements as Int8Array;
  const size = storageSize(storageKind(elementStorage(array.type)));
  new Uint8Array(buffer, byteOffset).set(data.subarray(source, source + length * size), index * size);
}
