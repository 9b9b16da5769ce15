/**
 * Types of WebAssembly 3.0 (specification, section 2.3), as plain integers.
 *
 * A validator compares types a few hundred million times on a large module, so a value type is one small integer and never an object:
 *
 * | bits  | meaning                                                                                     |
 * |-------|---------------------------------------------------------------------------------------------|
 * | 0-7   | the type's own byte in the binary format; {@link TYPE_INDEX_CODE} for a reference to a defined type |
 * | 8     | set for a reference type                                                                    |
 * | 9     | set when the reference may be null                                                          |
 * | 10-29 | the type index, for a reference to a defined type                                           |
 *
 * A type index only has meaning inside its module; across modules types are compared with `types` of both sides (see `type-registry.ts`).
 */
export type ValueType = number;

/** A heap type: bits 0-7 and 10-29 of a reference type, with the two flags clear. */
export type HeapType = number;

/** A value type, or the packed {@link I8} or {@link I16} of a field. */
export type StorageType = number;

export const I32: ValueType = 0x7f;
export const I64: ValueType = 0x7e;
export const F32: ValueType = 0x7d;
export const F64: ValueType = 0x7c;
export const V128: ValueType = 0x7b;
/** Packed storage types of struct and array fields. */
export const I8: StorageType = 0x78;
export const I16: StorageType = 0x77;

/** The type below all others: what stands on the operand stack of unreachable code. Never in a module. */
export const BOTTOM: ValueType = 0;

export const REFERENCE_FLAG = 0x100;
export const NULLABLE_FLAG = 0x200;
const INDEX_SHIFT = 10;
/** Bits 0-7 of a heap type that names a defined type. */
export const TYPE_INDEX_CODE = 0x64;

export const HEAP_NOEXN: HeapType = 0x74;
export const HEAP_NOFUNC: HeapType = 0x73;
export const HEAP_NOEXTERN: HeapType = 0x72;
export const HEAP_NONE: HeapType = 0x71;
export const HEAP_FUNC: HeapType = 0x70;
export const HEAP_EXTERN: HeapType = 0x6f;
export const HEAP_ANY: HeapType = 0x6e;
export const HEAP_EQ: HeapType = 0x6d;
export const HEAP_I31: HeapType = 0x6c;
export const HEAP_STRUCT: HeapType = 0x6b;
export const HEAP_ARRAY: HeapType = 0x6a;
export const HEAP_EXN: HeapType = 0x69;

export const FUNCREF: ValueType = referenceType(true, HEAP_FUNC);
export const EXTERNREF: ValueType = referenceType(true, HEAP_EXTERN);
export const ANYREF: ValueType = referenceType(true, HEAP_ANY);
export const EQREF: ValueType = referenceType(true, HEAP_EQ);
export const I31REF: ValueType = referenceType(true, HEAP_I31);
export const STRUCTREF: ValueType = referenceType(true, HEAP_STRUCT);
export const ARRAYREF: ValueType = referenceType(true, HEAP_ARRAY);
export const EXNREF: ValueType = referenceType(true, HEAP_EXN);

/** The reference type to `heap`. */
export function referenceType(nullable: boolean, heap: HeapType): ValueType {
  return heap | REFERENCE_FLAG | (nullable ? NULLABLE_FLAG : 0);
}

/** The heap type that names the defined type `index` of the module. */
export function heapTypeOfIndex(index: number): HeapType {
  return TYPE_INDEX_CODE | (index << INDEX_SHIFT);
}

/** The heap type that a reference type points to. */
export function heapTypeOf(type: ValueType): HeapType {
  return type & ~(REFERENCE_FLAG | NULLABLE_FLAG);
}

export function isReference(type: ValueType): boolean {
  return (type & REFERENCE_FLAG) !== 0;
}

export function isNullable(type: ValueType): boolean {
  return (type & NULLABLE_FLAG) !== 0;
}

/** Whether a heap or reference type names a defined type of the module. */
export function isTypeIndex(type: ValueType): boolean {
  return (type & 0xff) === TYPE_INDEX_CODE;
}

/** The type index of a heap or reference type for which {@link isTypeIndex} holds. */
export function typeIndexOf(type: ValueType): number {
  return type >>> INDEX_SHIFT;
}

/** Whether a local of this type has a default value (specification, 3.2.2: every type but a non-null reference). */
export function isDefaultable(type: ValueType): boolean {
  return (type & (REFERENCE_FLAG | NULLABLE_FLAG)) !== REFERENCE_FLAG;
}

export interface FunctionType {
  readonly kind: "func";
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface FieldType {
  readonly storage: StorageType;
  readonly mutable: boolean;
}

export interface StructType {
  readonly kind: "struct";
  readonly fields: readonly FieldType[];
}

export interface ArrayType {
  readonly kind: "array";
  readonly field: FieldType;
}

export type CompositeType = FunctionType | StructType | ArrayType;

/** One defined type of a module (specification, 2.3.8: a sub type within its recursion group). */
export interface SubType {
  readonly final: boolean;
  /** Type indices of the declared supertypes; at most one in WebAssembly 3.0. */
  readonly supertypes: readonly number[];
  readonly composite: CompositeType;
  /** Index of the first type of the recursion group that this type belongs to, and the group's size. */
  readonly groupStart: number;
  readonly groupSize: number;
}

/** Limits of a memory in pages or of a table in elements; `min` and `max` are unsigned 64-bit. */
export interface Limits {
  readonly min: bigint;
  readonly max: bigint | undefined;
  /** The type of addresses: {@link I32}, or {@link I64} for memory64 and table64. */
  readonly address: ValueType;
}

export interface MemoryType extends Limits {
  readonly shared: boolean;
  /** Base-two logarithm of the page size in bytes: 16, or 0 with custom page sizes. */
  readonly pageSizeLog2: number;
}

export interface TableType extends Limits {
  readonly element: ValueType;
}

export interface GlobalType {
  readonly type: ValueType;
  readonly mutable: boolean;
}

const numericNames = new Map<number, string>([
  [I32, "i32"],
  [I64, "i64"],
  [F32, "f32"],
  [F64, "f64"],
  [V128, "v128"],
  [I8, "i8"],
  [I16, "i16"],
  [BOTTOM, "bottom"],
]);

/** Abstract heap types by their name in the text format. */
export const abstractHeapTypes: ReadonlyMap<string, HeapType> = new Map([
  ["noexn", HEAP_NOEXN],
  ["nofunc", HEAP_NOFUNC],
  ["noextern", HEAP_NOEXTERN],
  ["none", HEAP_NONE],
  ["func", HEAP_FUNC],
  ["extern", HEAP_EXTERN],
  ["any", HEAP_ANY],
  ["eq", HEAP_EQ],
  ["i31", HEAP_I31],
  ["struct", HEAP_STRUCT],
  ["array", HEAP_ARRAY],
  ["exn", HEAP_EXN],
]);

const heapNames = new Map<number, string>([...abstractHeapTypes].map(([name, heap]) => [heap, name]));

/** Names of the nullable abstract references that have a short form, such as `funcref` (specification, 6.4.3). */
export const referenceShorthands: ReadonlyMap<string, ValueType> = new Map(
  [...abstractHeapTypes].map(([name, heap]) => [
    name === "none" ? "nullref" : name.startsWith("no") ? `null${name.slice(2)}ref` : `${name}ref`,
    referenceType(true, heap),
  ]),
);

const shorthandNames = new Map<number, string>([...referenceShorthands].map(([name, type]) => [type, name]));

/** A heap type as the text format writes it. */
export function heapTypeName(heap: HeapType): string {
  return isTypeIndex(heap) ? String(typeIndexOf(heap)) : (heapNames.get(heap) ?? `heap type 0x${heap.toString(16)}`);
}

/** A value or storage type as the text format writes it: `i32`, `funcref`, `(ref null 3)`. */
export function typeName(type: ValueType): string {
  const short = numericNames.get(type) ?? shorthandNames.get(type);
  if (short !== undefined) return short;
  return `(ref ${isNullable(type) ? "null " : ""}${heapTypeName(heapTypeOf(type))})`;
}
