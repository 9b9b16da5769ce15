import type { Feature } from "../wasm/features.ts";
import { switchedOff } from "../wasm/type-features.ts";
import { type GlobalType, I32, I64, type Limits, type MemoryType, type TableType } from "../wasm/types.ts";
import type { Decoding } from "./decoding.ts";
import { writeValueType } from "./type-writer.ts";
import type { Writer } from "./writer.ts";

/*
 * Types of what can be imported (specification, 5.3.9 to 5.3.13). Limits begin with a byte of flags.
 */
const HAS_MAX = 1;
const SHARED = 2;
const ADDRESS_64 = 4;
const PAGE_SIZE = 8;

function readFlags(reader: Decoding, allowed: number, what: string): number {
  const start = reader.pos;
  const flags = reader.byte();
  if ((flags & ~allowed) !== 0) reader.fail("malformed limits flags", start);
  // Without its proposal a flag does not exist.
  const need = (flag: number, feature: Feature, meaning: string): void => {
    if (flags & flag && !reader.features.has(feature))
      reader.fail(`malformed limits flags: ${switchedOff(meaning, feature)}`, start);
  };
  need(SHARED, "threads", `a shared ${what}`);
  need(ADDRESS_64, "memory64", `a ${what} with 64-bit addresses`);
  need(PAGE_SIZE, "custom-page-sizes", "a custom page size");
  return flags;
}

function readLimits(reader: Decoding, flags: number): Limits {
  const min = reader.u64();
  return { min, max: flags & HAS_MAX ? reader.u64() : undefined, address: flags & ADDRESS_64 ? I64 : I32 };
}

export function readTableType(reader: Decoding): TableType {
  const element = reader.referenceType();
  return { element, ...readLimits(reader, readFlags(reader, HAS_MAX | ADDRESS_64, "table")) };
}

export function readMemoryType(reader: Decoding): MemoryType {
  const flags = readFlags(reader, HAS_MAX | SHARED | ADDRESS_64 | PAGE_SIZE, "memory");
  const limits = readLimits(reader, flags);
  let pageSizeLog2 = 16;
  if (flags & PAGE_SIZE) {
    const start = reader.pos;
    pageSizeLog2 = reader.u32();
    if (pageSizeLog2 > 64) reader.fail("invalid custom page size", start);
  }
  return { ...limits, shared: (flags & SHARED) !== 0, pageSizeLog2 };
}

export function readGlobalType(reader: Decoding): GlobalType {
  return { type: reader.valueType(), mutable: reader.mutability() };
}

/** The type of a tag: an attribute, which is zero, and the index of a function type. */
export function readTagType(reader: Decoding): number {
  const start = reader.pos;
  if (reader.byte() !== 0) reader.fail("malformed tag attribute", start);
  if (!reader.features.has("legacy-exceptions")) reader.need("exceptions", "a tag", start);
  return reader.u32();
}

function limitsFlags({ max, address }: Limits): number {
  return (max === undefined ? 0 : HAS_MAX) | (address === I64 ? ADDRESS_64 : 0);
}

function writeLimits(writer: Writer, flags: number, { min, max }: Limits): void {
  writer.u8(flags);
  writer.u64(min);
  if (max !== undefined) writer.u64(max);
}

export function writeTableType(writer: Writer, type: TableType): void {
  writeValueType(writer, type.element);
  writeLimits(writer, limitsFlags(type), type);
}

export function writeMemoryType(writer: Writer, type: MemoryType): void {
  const custom = type.pageSizeLog2 !== 16;
  writeLimits(writer, limitsFlags(type) | (type.shared ? SHARED : 0) | (custom ? PAGE_SIZE : 0), type);
  if (custom) writer.u32(type.pageSizeLog2);
}

export function writeGlobalType(writer: Writer, { type, mutable }: GlobalType): void {
  writeValueType(writer, type);
  writer.u8(mutable ? 1 : 0);
}

export function writeTagType(writer: Writer, type: number): void {
  writer.u8(0);
  writer.u32(type);
}
