import {
  type HeapType,
  heapTypeOf,
  isNullable,
  isReference,
  isTypeIndex,
  type StorageType,
  typeIndexOf,
  type ValueType,
} from "../wasm/types.ts";
import type { Writer } from "./writer.ts";

/** A heap type (specification, 5.3.2). */
export function writeHeapType(writer: Writer, heap: HeapType): void {
  if (isTypeIndex(heap)) writer.s33(typeIndexOf(heap));
  else writer.u8(heap);
}

/** A value, reference or storage type (specification, 5.3.3, 5.3.4 and 5.3.8), a nullable abstract reference in its one-byte form. */
export function writeValueType(writer: Writer, type: ValueType | StorageType): void {
  if (!isReference(type)) {
    writer.u8(type);
    return;
  }
  const heap = heapTypeOf(type);
  if (!isNullable(type)) writer.u8(0x64);
  else if (isTypeIndex(heap)) writer.u8(0x63);
  writeHeapType(writer, heap);
}
