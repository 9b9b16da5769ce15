import { defaultFeatures, type FeatureSet, I32, I64 } from "@wardian/runtime/internal";
import { type OptionNames, readOptions } from "@wardian/runtime/options";
import { type Builtin, type BuiltinName, builtinOf } from "../model/builtins.ts";
import type {
  BuiltinDefinition,
  BuiltinImmediates,
  CanonicalOption,
  Component,
  CoreInstanceDefinition,
  Definition,
  InstanceDefinition,
  SectionGroup,
  StringEncoding,
} from "../model/definitions.ts";
import { type ComponentFeatureSet, defaultComponentFeatures } from "../model/features.ts";
import { ComponentReader } from "./component-reader.ts";
import { LIMITS } from "./limits.ts";
import {
  BUILTIN,
  byNumber,
  CANON,
  COMPONENT_LAYER,
  COMPONENT_VERSION,
  CORE_SORT,
  INSTANCE,
  MAGIC,
  OPTION,
  SECTION,
  STRING_ENCODING,
  sectionNames,
} from "./opcodes.ts";
import { readAlias, readCoreSortIndex, readExternName, readSortIndex } from "./read-parts.ts";
import { readCoreType, readExternType, readResult, readTypeDefinition, readValueTypeUse } from "./read-types.ts";

const builtinsByCode: ReadonlyMap<number, BuiltinName> = byNumber(BUILTIN);
const encodings: ReadonlyMap<number, StringEncoding> = byNumber(STRING_ENCODING);

export interface DecodeOptions {
  /** Features of the core, for the core types in the component. Default: the core's default. */
  readonly features?: FeatureSet;
  /** Features of the Component Model. Default: those of WASI 0.3.1. */
  readonly componentFeatures?: ComponentFeatureSet;
}

const optionNames: OptionNames<DecodeOptions> = { features: true, componentFeatures: true };

/** Whether bytes begin as those of a component do, whatever follows. */
export function isComponent(bytes: Uint8Array): boolean {
  const preamble = [0x00, 0x61, 0x73, 0x6d];
  return (
    bytes.length >= 8 &&
    preamble.every((byte, i) => bytes[i] === byte) &&
    bytes[6] === COMPONENT_LAYER &&
    bytes[7] === 0
  );
}

/**
 * Decodes a component in the binary format (Binary).
 *
 * Core modules inside are found, not read: the validator reads them with the core's decoder. The component keeps `bytes`, which the caller
 * must not change afterwards.
 *
 * @throws MalformedError where the bytes do not follow the grammar
 * @throws ComponentFeatureError where they use a feature that is off
 * @throws CompileError where they pass a limit of {@link LIMITS}
 */
export function decodeComponent(bytes: Uint8Array, options: DecodeOptions = {}): Component {
  const { features = defaultFeatures, componentFeatures = defaultComponentFeatures } = readOptions(
    "decodeComponent",
    optionNames,
    options,
  );
  const reader = new ComponentReader(bytes, features, componentFeatures);
  if (bytes.length > LIMITS.componentSize)
    reader.refuse(`component too large: ${bytes.length} bytes, the limit is ${LIMITS.componentSize}`);
  return readComponent(reader);
}

/** Reads a component, from its preamble to the reader's end. */
function readComponent(reader: ComponentReader): Component {
  readPreamble(reader);
  const end = reader.end;
  const definitions: Definition[] = [];
  const sections: SectionGroup[] = [];
  while (reader.pos < end) {
    const first = definitions.length;
    const id = readSection(reader, end, definitions);
    if (definitions.length > LIMITS.definitions)
      reader.refuse(`too many definitions: the limit is ${LIMITS.definitions}`);
    sections.push({ id, first, count: definitions.length - first });
  }
  return { definitions, sections };
}

function readPreamble(reader: ComponentReader): void {
  const start = reader.pos;
  if (reader.end - reader.pos < 4) reader.fail("unexpected end");
  if (reader.fixed32() !== MAGIC) reader.fail("magic header not detected", start);
  if (reader.end - reader.pos < 4) reader.fail("unexpected end");
  const version = reader.fixed32();
  if (version === COMPONENT_VERSION) return;
  if (version >>> 16 !== COMPONENT_LAYER)
    reader.fail("unknown binary version: this is a core module, a component was expected", start + 4);
  reader.fail(`unknown binary version 0x${(version & 0xffff).toString(16)} of components`, start + 4);
}

/** Reads a section, whose definitions are appended. @returns its id */
function readSection(reader: ComponentReader, limit: number, definitions: Definition[]): number {
  const at = reader.pos;
  const id = reader.byte();
  const name = sectionNames[id];
  if (name === undefined) reader.fail(`malformed section id ${id}`, at);
  const { place } = reader;
  reader.place = { section: name };
  if (id === SECTION.value || id === SECTION.start) reader.needComponent("values", `a ${name} section`, at);
  const size = reader.u32();
  if (size > limit - reader.pos) reader.fail("length out of bounds", at);
  const end = reader.pos + size;
  reader.end = end;
  readContents(reader, id, at, definitions);
  if (reader.pos !== end) reader.fail("section size mismatch");
  reader.place = place;
  reader.end = limit;
  return id;
}

function readContents(reader: ComponentReader, id: number, at: number, definitions: Definition[]): void {
  const { end } = reader;
  switch (id) {
    case SECTION.custom: {
      const name = reader.name();
      definitions.push({ kind: "custom", at, name, bytes: reader.take(end - reader.pos) });
      return;
    }
    case SECTION.coreModule: {
      const start = reader.pos;
      definitions.push({ kind: "core module", at: start, bytes: reader.take(end - start) });
      return;
    }
    case SECTION.component: {
      const start = reader.pos;
      definitions.push({ kind: "component", at: start, component: reader.nested(() => readComponent(reader)) });
      return;
    }
    case SECTION.start:
      definitions.push({
        kind: "start",
        at: reader.pos,
        func: reader.u32(),
        args: reader.vector("arguments", () => reader.u32(), LIMITS.members),
        results: reader.u32(),
      });
      return;
  }
  const read = entryReaders.get(id) as (reader: ComponentReader, at: number) => Definition;
  reader.entries(reader.count("entries", LIMITS.definitions), () => {
    definitions.push(read(reader, reader.pos));
  });
}

/** How an entry of each section that has several is read, by the section's id. */
const entryReaders: ReadonlyMap<number, (reader: ComponentReader, at: number) => Definition> = new Map<
  number,
  (reader: ComponentReader, at: number) => Definition
>([
  [SECTION.coreInstance, readCoreInstance],
  [SECTION.coreType, (reader, at) => ({ kind: "core type", at, type: readCoreType(reader) })],
  [SECTION.instance, readInstance],
  [SECTION.alias, (reader, at) => ({ kind: "alias", at, alias: readAlias(reader) })],
  [SECTION.type, (reader, at) => ({ kind: "type", at, type: readTypeDefinition(reader) })],
  [SECTION.canon, readCanon],
  [
    SECTION.import,
    (reader, at) => ({ kind: "import", at, name: readExternName(reader), type: readExternType(reader) }),
  ],
  [SECTION.export, readExport],
  [SECTION.value, readValue],
]);

function readCoreInstance(reader: ComponentReader, at: number): CoreInstanceDefinition {
  switch (reader.byte()) {
    case INSTANCE.instantiate: {
      const module = reader.u32();
      const args = reader.vector("arguments", () => {
        const name = reader.name();
        reader.expect(CORE_SORT.instance, "argument of a core module: it can only be an instance");
        return { name, value: { sort: "instance", index: reader.u32() } as const };
      });
      return { kind: "core instance", at, from: "instantiate", module, args };
    }
    case INSTANCE.exports: {
      const exports = reader.vector("exports", () => ({ name: reader.name(), value: readCoreSortIndex(reader) }));
      return { kind: "core instance", at, from: "exports", exports };
    }
    default:
      return reader.fail("malformed core instance", at);
  }
}

function readInstance(reader: ComponentReader, at: number): InstanceDefinition {
  switch (reader.byte()) {
    case INSTANCE.instantiate: {
      const component = reader.u32();
      const args = reader.vector("arguments", () => ({ name: reader.name(), value: readSortIndex(reader) }));
      return { kind: "instance", at, from: "instantiate", component, args };
    }
    case INSTANCE.exports: {
      const exports = reader.vector("exports", () => ({ name: readExternName(reader), value: readSortIndex(reader) }));
      return { kind: "instance", at, from: "exports", exports };
    }
    default:
      return reader.fail("malformed instance", at);
  }
}

function readExport(reader: ComponentReader, at: number): Definition {
  const name = readExternName(reader);
  const value = readSortIndex(reader);
  return { kind: "export", at, name, value, type: reader.optional("type of an export", () => readExternType(reader)) };
}

function readValue(reader: ComponentReader, at: number): Definition {
  const type = readValueTypeUse(reader);
  const bytes = reader.take(reader.u32());
  return { kind: "value", at, type, bytes };
}

function readCanonicalOptions(reader: ComponentReader): CanonicalOption[] {
  return reader.vector("options", (): CanonicalOption => {
    const at = reader.pos;
    const code = reader.byte();
    const encoding = encodings.get(code);
    if (encoding !== undefined) return { kind: "string-encoding", encoding };
    switch (code) {
      case OPTION.memory:
        return { kind: "memory", index: reader.u32() };
      case OPTION.realloc:
        return { kind: "realloc", index: reader.u32() };
      case OPTION.postReturn:
        return { kind: "post-return", index: reader.u32() };
      case OPTION.async:
        reader.needComponent("async", "the option `async`", at);
        return { kind: "async" };
      case OPTION.callback:
        reader.needComponent("async", "the option `callback`", at);
        return { kind: "callback", index: reader.u32() };
      default:
        return reader.fail(`malformed canonical option 0x${code.toString(16)}`, at);
    }
  });
}

function readCanon(reader: ComponentReader, at: number): Definition {
  const code = reader.byte();
  switch (code) {
    case CANON.lift: {
      reader.expect(CANON.funcSort, "canonical function: only functions can be lifted");
      return { kind: "lift", at, core: reader.u32(), options: readCanonicalOptions(reader), type: reader.u32() };
    }
    case CANON.lower:
      reader.expect(CANON.funcSort, "canonical function: only functions can be lowered");
      return { kind: "lower", at, func: reader.u32(), options: readCanonicalOptions(reader) };
    default: {
      const name = builtinsByCode.get(code);
      if (name === undefined) reader.fail(`malformed canonical function 0x${code.toString(16)}`, at);
      return readBuiltin(reader, at, name as BuiltinName);
    }
  }
}

function readBuiltin(reader: ComponentReader, at: number, name: BuiltinName): BuiltinDefinition {
  const builtin: Builtin = builtinOf(name);
  if (builtin.feature !== undefined) reader.needComponent(builtin.feature, `the built-in \`${name}\``, at);
  const immediates: { -readonly [K in keyof BuiltinImmediates]: BuiltinImmediates[K] } = {};
  for (const immediate of builtin.immediates)
    switch (immediate) {
      case "result":
        immediates.result = readResult(reader);
        break;
      case "options":
        immediates.options = readCanonicalOptions(reader);
        break;
      case "async":
      case "cancellable":
      case "shared":
        immediates[immediate] = reader.flag(immediate);
        break;
      case "valueType": {
        const start = reader.pos;
        const type = reader.byte();
        if (type !== I32 && type !== I64) reader.fail("malformed type of a context slot: expected i32 or i64", start);
        immediates.valueType = type;
        break;
      }
      default:
        immediates[immediate] = reader.u32();
    }
  return { kind: "builtin", at, name, immediates };
}
