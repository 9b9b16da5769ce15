import { Writer } from "@wardian/runtime/internal";
import { builtinOf } from "../model/builtins.ts";
import type { BuiltinDefinition, CanonicalOption, Component, Definition, SectionGroup } from "../model/definitions.ts";
import type { ValueTypeUse } from "../model/types.ts";
import { BUILTIN, CANON, COMPONENT_VERSION, INSTANCE, MAGIC, OPTION, SECTION, STRING_ENCODING } from "./opcodes.ts";
import { writeAlias, writeCoreSortIndex, writeExternName, writeSortIndex } from "./write-parts.ts";
import { writeCoreType, writeExternType, writeResult, writeTypeDefinition, writeValueTypeUse } from "./write-types.ts";

/** The section that a definition belongs to. */
const sectionOf: Readonly<Record<Definition["kind"], number>> = {
  custom: SECTION.custom,
  "core module": SECTION.coreModule,
  "core instance": SECTION.coreInstance,
  "core type": SECTION.coreType,
  component: SECTION.component,
  instance: SECTION.instance,
  alias: SECTION.alias,
  type: SECTION.type,
  lift: SECTION.canon,
  lower: SECTION.canon,
  builtin: SECTION.canon,
  start: SECTION.start,
  import: SECTION.import,
  export: SECTION.export,
  value: SECTION.value,
};

/** Sections of one definition, without a count. */
const single: ReadonlySet<number> = new Set([SECTION.custom, SECTION.coreModule, SECTION.component, SECTION.start]);

/**
 * Encodes a component in the binary format (Binary), every integer and size in as few bytes as it takes. A component decoded from bytes of
 * that form encodes to the same bytes; in one from text, neighbours of one kind share a section.
 */
export function encodeComponent(component: Component): Uint8Array {
  const writer = new Writer(1024);
  writeComponent(writer, component);
  return writer.finish();
}

function writeComponent(writer: Writer, component: Component): void {
  writer.fixed32(MAGIC);
  writer.fixed32(COMPONENT_VERSION);
  const { definitions } = component;
  for (const { id, first, count } of component.sections ?? groups(definitions)) {
    writer.u8(id);
    writer.sized(() => {
      if (!single.has(id)) writer.u32(count);
      for (let i = first; i < first + count; i++) writeDefinition(writer, definitions[i]);
    });
  }
}

/** Runs of definitions that one section holds. */
function groups(definitions: readonly Definition[]): SectionGroup[] {
  const sections: SectionGroup[] = [];
  for (let first = 0; first < definitions.length; ) {
    const id = sectionOf[definitions[first].kind];
    let end = first + 1;
    if (!single.has(id)) while (end < definitions.length && sectionOf[definitions[end].kind] === id) end++;
    sections.push({ id, first, count: end - first });
    first = end;
  }
  return sections;
}

function writeDefinition(writer: Writer, definition: Definition): void {
  switch (definition.kind) {
    case "custom":
      writer.name(definition.name);
      writer.bytes(definition.bytes);
      break;
    case "core module":
      writer.bytes(definition.bytes);
      break;
    case "core instance":
      if (definition.from === "instantiate") {
        writer.u8(INSTANCE.instantiate);
        writer.u32(definition.module);
        writer.vector(definition.args, (_, { name, value }) => {
          writer.name(name);
          writeCoreSortIndex(writer, value);
        });
      } else {
        writer.u8(INSTANCE.exports);
        writer.vector(definition.exports, (_, { name, value }) => {
          writer.name(name);
          writeCoreSortIndex(writer, value);
        });
      }
      break;
    case "core type":
      writeCoreType(writer, definition.type);
      break;
    case "component":
      writeComponent(writer, definition.component);
      break;
    case "instance":
      if (definition.from === "instantiate") {
        writer.u8(INSTANCE.instantiate);
        writer.u32(definition.component);
        writer.vector(definition.args, (_, { name, value }) => {
          writer.name(name);
          writeSortIndex(writer, value);
        });
      } else {
        writer.u8(INSTANCE.exports);
        writer.vector(definition.exports, (_, { name, value }) => {
          writeExternName(writer, name);
          writeSortIndex(writer, value);
        });
      }
      break;
    case "alias":
      writeAlias(writer, definition.alias);
      break;
    case "type":
      writeTypeDefinition(writer, definition.type);
      break;
    case "lift":
      writer.u8(CANON.lift);
      writer.u8(CANON.funcSort);
      writer.u32(definition.core);
      writer.vector(definition.options, writeOption);
      writer.u32(definition.type);
      break;
    case "lower":
      writer.u8(CANON.lower);
      writer.u8(CANON.funcSort);
      writer.u32(definition.func);
      writer.vector(definition.options, writeOption);
      break;
    case "builtin":
      writeBuiltin(writer, definition);
      break;
    case "start":
      writer.u32(definition.func);
      writer.vector(definition.args, (_, index) => writer.u32(index));
      writer.u32(definition.results);
      break;
    case "import":
      writeExternName(writer, definition.name);
      writeExternType(writer, definition.type);
      break;
    case "export":
      writeExternName(writer, definition.name);
      writeSortIndex(writer, definition.value);
      writer.u8(definition.type === undefined ? 0 : 1);
      if (definition.type !== undefined) writeExternType(writer, definition.type);
      break;
    case "value":
      writeValueTypeUse(writer, definition.type);
      writer.u32(definition.bytes.length);
      writer.bytes(definition.bytes);
  }
}

function writeOption(writer: Writer, option: CanonicalOption): void {
  switch (option.kind) {
    case "string-encoding":
      writer.u8(STRING_ENCODING[option.encoding]);
      break;
    case "memory":
    case "realloc":
    case "callback":
      writer.u8(OPTION[option.kind]);
      writer.u32(option.index);
      break;
    case "post-return":
      writer.u8(OPTION.postReturn);
      writer.u32(option.index);
      break;
    case "async":
      writer.u8(OPTION.async);
  }
}

function writeBuiltin(writer: Writer, { name, immediates }: BuiltinDefinition): void {
  writer.u8(BUILTIN[name]);
  for (const immediate of builtinOf(name).immediates)
    switch (immediate) {
      case "result":
        writeResult(writer, immediates.result as ValueTypeUse | undefined);
        break;
      case "options":
        writer.vector(immediates.options as readonly CanonicalOption[], writeOption);
        break;
      case "async":
      case "cancellable":
      case "shared":
        writer.u8(immediates[immediate] ? 1 : 0);
        break;
      case "valueType":
        writer.u8(immediates.valueType as number);
        break;
      default:
        writer.u32(immediates[immediate] as number);
    }
}
