import { CompileError } from "../wasm/errors.ts";
import type { WasmModule } from "../wasm/module.ts";
import { readCount } from "./instruction-reader.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/** Names by index. */
export type NameMap = ReadonlyMap<number, string>;
/** Names by the index of a function or struct type and then by that of its local, label or field. */
export type IndirectNameMap = ReadonlyMap<number, NameMap>;

/**
 * What the "name" custom section says (specification, appendix A.5, and the extended name section proposal).
 * Names are for people: they need not be unique, nor identifiers, and may be missing.
 */
export interface NameSection {
  readonly module: string | undefined;
  readonly functions: NameMap;
  /** Parameters and locals of each function. */
  readonly locals: IndirectNameMap;
  /** Blocks of each function, numbered in the order in which they begin. */
  readonly labels: IndirectNameMap;
  readonly types: NameMap;
  readonly tables: NameMap;
  readonly memories: NameMap;
  readonly globals: NameMap;
  readonly elements: NameMap;
  readonly data: NameMap;
  /** Fields of each struct type. */
  readonly fields: IndirectNameMap;
  readonly tags: NameMap;
}

/** Name of the custom section that holds names. */
export const NAME_SECTION = "name";

type Shape = "name" | "map" | "indirect";

/** The subsections in the order of their ids: what of {@link NameSection} each holds, and its shape. */
const subsections: readonly (readonly [keyof NameSection, Shape])[] = [
  ["module", "name"],
  ["functions", "map"],
  ["locals", "indirect"],
  ["labels", "indirect"],
  ["types", "map"],
  ["tables", "map"],
  ["memories", "map"],
  ["globals", "map"],
  ["elements", "map"],
  ["data", "map"],
  ["fields", "indirect"],
  ["tags", "map"],
];

type Value = string | undefined | NameMap | IndirectNameMap;
type Draft = { [K in keyof NameSection]: NameSection[K] };

/** Names of nothing, to build on. */
export function noNames(): NameSection {
  const names: Partial<Record<keyof NameSection, Value>> = {};
  for (const [key, shape] of subsections) names[key] = shape === "name" ? undefined : new Map();
  return names as NameSection;
}

/**
 * Decodes the contents of a "name" section. Subsections of ids that are not known are passed over.
 *
 * @throws MalformedError where the bytes do not follow the grammar, at an offset within `bytes`
 */
export function decodeNames(bytes: Uint8Array): NameSection {
  const names = noNames();
  readNames(bytes, names);
  return names;
}

/**
 * The names of a module. A section that is malformed does not make the module so: what comes before the fault is taken.
 * They are decoded on each call.
 */
export function namesOf(module: WasmModule): NameSection {
  const names = noNames();
  const section = module.custom.find(({ name }) => name === NAME_SECTION);
  try {
    if (section !== undefined) readNames(section.bytes, names);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
  }
  return names;
}

function readNames(bytes: Uint8Array, names: Draft): void {
  const reader = new Reader(bytes);
  reader.place = { section: NAME_SECTION };
  while (reader.pos < bytes.length) {
    const at = reader.pos;
    const [key, shape] = subsections[reader.byte()] ?? [];
    const size = reader.u32();
    if (size > bytes.length - reader.pos) reader.fail("length out of bounds", at);
    const end = reader.pos + size;
    if (key !== undefined && shape !== undefined) {
      reader.end = end;
      (names as Record<keyof NameSection, Value>)[key] = readers[shape](reader);
      if (reader.pos !== end) reader.fail("section size mismatch");
      reader.end = bytes.length;
    }
    reader.pos = end;
  }
}

const readName = (reader: Reader): string => reader.name();

function readMap<T>(reader: Reader, read: (reader: Reader) => T): Map<number, T> {
  const map = new Map<number, T>();
  for (let count = readCount(reader); count > 0; count--) map.set(reader.u32(), read(reader));
  return map;
}

const readNameMap = (reader: Reader): NameMap => readMap(reader, readName);

const readers: Readonly<Record<Shape, (reader: Reader) => Value>> = {
  name: readName,
  map: readNameMap,
  indirect: (reader) => readMap(reader, readNameMap),
};

/** Encodes the contents of a "name" section: subsections that have something in them, indices in their order. */
export function encodeNames(names: NameSection): Uint8Array {
  const writer = new Writer();
  subsections.forEach(([key], id) => {
    const value: Value = names[key];
    if (value === undefined || (typeof value !== "string" && value.size === 0)) return;
    writer.u8(id);
    writer.sized(() => {
      if (typeof value === "string") writer.name(value);
      else writeMap(writer, value);
    });
  });
  return writer.finish();
}

function writeMap(writer: Writer, map: ReadonlyMap<number, string | NameMap>): void {
  const entries = [...map].sort(([a], [b]) => a - b);
  writer.vector(entries, (_, [index, value]) => {
    writer.u32(index);
    if (typeof value === "string") writer.name(value);
    else writeMap(writer, value);
  });
}
