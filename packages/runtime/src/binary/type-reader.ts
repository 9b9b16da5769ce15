import {
  F32,
  F64,
  HEAP_ARRAY,
  HEAP_EXN,
  HEAP_NOEXN,
  type HeapType,
  heapTypeOfIndex,
  I8,
  I16,
  I32,
  I64,
  referenceType,
  type StorageType,
  V128,
  type ValueType,
} from "../wasm/types.ts";
import type { Reader } from "./reader.ts";

function isAbstractHeapType(code: number): boolean {
  return (code >= HEAP_ARRAY && code <= HEAP_NOEXN) || code === HEAP_EXN;
}

/** A heap type (specification, 5.3.2): an abstract one, or a type index, which is not checked here. */
export function readHeapType(reader: Reader): HeapType {
  const start = reader.pos;
  const code = reader.s33();
  if (code >= 0) {
    // No module may have more than a million types, so an index beyond what fits can only be unknown.
    if (code > 0xfffff) reader.fail(`unknown type ${code}`, start);
    return heapTypeOfIndex(code);
  }
  const byte = code & 0x7f;
  if (code < -0x40 || !isAbstractHeapType(byte)) reader.fail("malformed heap type", start);
  return byte;
}

/** A value type (specification, 5.3.4). */
export function readValueType(reader: Reader): ValueType {
  const start = reader.pos;
  const code = reader.byte();
  switch (code) {
    case I32:
    case I64:
    case F32:
    case F64:
    case V128:
      return code;
    case 0x63:
      return referenceType(true, readHeapType(reader));
    case 0x64:
      return referenceType(false, readHeapType(reader));
    default:
      if (!isAbstractHeapType(code)) reader.fail(`malformed value type 0x${code.toString(16)}`, start);
      return referenceType(true, code);
  }
}

/** A reference type (specification, 5.3.3). */
export function readReferenceType(reader: Reader): ValueType {
  const start = reader.pos;
  const code = reader.byte();
  if (code === 0x63) return referenceType(true, readHeapType(reader));
  if (code === 0x64) return referenceType(false, readHeapType(reader));
  if (!isAbstractHeapType(code)) reader.fail("malformed reference type", start);
  return referenceType(true, code);
}

/** The type of a field: a value type, `i8` or `i16` (specification, 5.3.8). */
export function readStorageType(reader: Reader): StorageType {
  const code = reader.bytes[reader.pos];
  if (reader.pos < reader.end && (code === I8 || code === I16)) return reader.byte();
  return readValueType(reader);
}
