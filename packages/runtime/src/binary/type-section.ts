import type {
  ArrayType,
  CompositeType,
  FieldType,
  FunctionType,
  StructType,
  SubType,
  ValueType,
} from "../wasm/types.ts";
import type { Decoding } from "./decoding.ts";
import { LIMITS } from "./limits.ts";
import { writeValueType } from "./type-writer.ts";
import type { Writer } from "./writer.ts";

const FUNC = 0x60;
const STRUCT = 0x5f;
const ARRAY = 0x5e;
const SUB = 0x50;
const SUB_FINAL = 0x4f;
const REC = 0x4e;

/** The type section (specification, 5.5.4): recursion groups of sub types, mostly of one function type each. */
export function readTypeSection(reader: Decoding): void {
  const groups = reader.count("recursion groups", LIMITS.types);
  for (let i = 0; i < groups; i++) readTypeGroup(reader, reader.module.types);
}

/**
 * Reads one recursion group and appends its types to `types`.
 * @returns whether the bytes say `rec`, which they need not for a group of one type
 */
export function readTypeGroup(reader: Decoding, types: SubType[]): boolean {
  const groupStart = types.length;
  const explicit = reader.bytes[reader.pos] === REC && reader.pos < reader.end;
  let groupSize = 1;
  if (explicit) {
    reader.place = { ...reader.place, entry: groupStart };
    reader.need("gc", "a recursion group");
    reader.byte();
    groupSize = reader.count("types", LIMITS.types, groupStart);
  }
  if (groupStart + groupSize > LIMITS.types) reader.refuse(`too many types: more than the limit of ${LIMITS.types}`);
  reader.entries(groupSize, () => types.push(readSubType(reader, groupStart, groupSize)), groupStart);
  return explicit;
}

function readSubType(reader: Decoding, groupStart: number, groupSize: number): SubType {
  const code = reader.byte();
  if (code !== SUB && code !== SUB_FINAL)
    return { final: true, supertypes: [], composite: readComposite(reader, code), groupStart, groupSize };
  reader.need("gc", "a sub type", reader.pos - 1);
  const count = reader.count("supertypes", LIMITS.types);
  const supertypes: number[] = [];
  for (let i = 0; i < count; i++) supertypes.push(reader.u32());
  return {
    final: code === SUB_FINAL,
    supertypes,
    composite: readComposite(reader, reader.byte()),
    groupStart,
    groupSize,
  };
}

/** @param code the first byte, which has been read */
function readComposite(reader: Decoding, code: number): CompositeType {
  const start = reader.pos - 1;
  switch (code) {
    case FUNC:
      return readFunctionType(reader);
    case STRUCT: {
      reader.need("gc", "a struct type", start);
      const count = reader.count("fields of a struct", LIMITS.structFields);
      const fields: FieldType[] = [];
      for (let i = 0; i < count; i++) fields.push(readField(reader));
      return { kind: "struct", fields } satisfies StructType;
    }
    case ARRAY:
      reader.need("gc", "an array type", start);
      return { kind: "array", field: readField(reader) } satisfies ArrayType;
    default:
      return reader.fail(`malformed definition type 0x${code.toString(16)}`, start);
  }
}

function readFunctionType(reader: Decoding): FunctionType {
  const params = readTypes(reader, "parameters", LIMITS.params);
  const start = reader.pos;
  const results = readTypes(reader, "results", LIMITS.results);
  if (results.length > 1) reader.need("multi-value", "a function with several results", start);
  return { kind: "func", params, results };
}

function readTypes(reader: Decoding, what: string, limit: number): ValueType[] {
  const count = reader.count(what, limit);
  const types: ValueType[] = [];
  for (let i = 0; i < count; i++) types.push(reader.valueType());
  return types;
}

function readField(reader: Decoding): FieldType {
  return { storage: reader.storageType(), mutable: reader.mutability() };
}

export function writeTypeSection(writer: Writer, types: readonly SubType[]): void {
  const starts: number[] = [];
  for (let i = 0; i < types.length; i += types[i].groupSize) starts.push(i);
  writer.vector(starts, (_, start) => writeTypeGroup(writer, types.slice(start, start + types[start].groupSize)));
}

/** Writes one recursion group: with `rec` when it has not just one type, or when that is asked for. */
export function writeTypeGroup(
  writer: Writer,
  types: readonly SubType[],
  explicit: boolean = types.length !== 1,
): void {
  if (!explicit) {
    writeSubType(writer, types[0]);
    return;
  }
  writer.u8(REC);
  writer.vector(types, writeSubType);
}

function writeSubType(writer: Writer, { final, supertypes, composite }: SubType): void {
  if (!final || supertypes.length > 0) {
    writer.u8(final ? SUB_FINAL : SUB);
    writer.vector(supertypes, (_, index) => writer.u32(index));
  }
  switch (composite.kind) {
    case "func":
      writer.u8(FUNC);
      writer.vector(composite.params, writeValueType);
      writer.vector(composite.results, writeValueType);
      break;
    case "struct":
      writer.u8(STRUCT);
      writer.vector(composite.fields, writeField);
      break;
    case "array":
      writer.u8(ARRAY);
      writeField(writer, composite.field);
  }
}

function writeField(writer: Writer, { storage, mutable }: FieldType): void {
  writeValueType(writer, storage);
  writer.u8(mutable ? 1 : 0);
}
