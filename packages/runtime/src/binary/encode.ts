import { SECTION, SECTION_ORDER, type WasmModule } from "../wasm/module.ts";
import { writeCodeSection } from "./code-section.ts";
import { writeDataSection } from "./data-section.ts";
import { writeElementSection } from "./element-section.ts";
import { writeExportSection } from "./export-section.ts";
import { writeFunctionSection } from "./function-section.ts";
import { writeGlobalSection } from "./global-section.ts";
import { MAGIC, VERSION } from "./header.ts";
import { writeImportSection } from "./import-section.ts";
import { writeMemorySection } from "./memory-section.ts";
import { writeTableSection } from "./table-section.ts";
import { writeTagSection } from "./tag-section.ts";
import { writeTypeSection } from "./type-section.ts";
import { Writer } from "./writer.ts";

/** Writes the contents of one section, unless there are none. */
type SectionWriter = (writer: Writer, module: WasmModule) => void;

function over<T>(
  list: (module: WasmModule) => readonly T[],
  write: (writer: Writer, list: readonly T[]) => void,
): SectionWriter {
  return (writer, module) => {
    const items = list(module);
    if (items.length > 0) write(writer, items);
  };
}

const sectionWriters: readonly SectionWriter[] = (() => {
  const writers: SectionWriter[] = [];
  writers[SECTION.type] = over((module) => module.types, writeTypeSection);
  writers[SECTION.import] = (writer, module) => {
    if (module.imports.length > 0) writeImportSection(writer, module);
  };
  writers[SECTION.function] = over((module) => module.functions.slice(module.importCounts.func), writeFunctionSection);
  writers[SECTION.table] = over((module) => module.tables.slice(module.importCounts.table), writeTableSection);
  writers[SECTION.memory] = over((module) => module.memories.slice(module.importCounts.memory), writeMemorySection);
  writers[SECTION.tag] = over((module) => module.tags.slice(module.importCounts.tag), writeTagSection);
  writers[SECTION.global] = over((module) => module.globals.slice(module.importCounts.global), writeGlobalSection);
  writers[SECTION.export] = over((module) => module.exports, writeExportSection);
  writers[SECTION.start] = (writer, module) => {
    if (module.start !== undefined) writer.u32(module.start);
  };
  writers[SECTION.element] = over((module) => module.elements, writeElementSection);
  writers[SECTION.dataCount] = (writer, module) => {
    if (module.dataCount !== undefined) writer.u32(module.data.length);
  };
  writers[SECTION.code] = over((module) => module.bodies, writeCodeSection);
  writers[SECTION.data] = over((module) => module.data, writeDataSection);
  return writers;
})();

/**
 * Encodes a module in the binary format (specification, chapter 5), every integer and size in as few bytes as it takes.
 * A module decoded from bytes of that form encodes to the same bytes.
 *
 * @param capacity bytes to begin with, for a caller who knows about how many there will be
 */
export function encodeModule(module: WasmModule, capacity = 1024): Uint8Array {
  const writer = new Writer(capacity);
  writer.fixed32(MAGIC);
  writer.fixed32(VERSION);
  for (const id of [SECTION.custom, ...SECTION_ORDER]) {
    if (id !== SECTION.custom) writeSection(writer, id, module);
    for (const { name, bytes, after } of module.custom) {
      if (after !== id) continue;
      writer.u8(SECTION.custom);
      writer.sized(() => {
        writer.name(name);
        writer.bytes(bytes);
      });
    }
  }
  return writer.finish();
}

function writeSection(writer: Writer, id: number, module: WasmModule): void {
  const at = writer.length;
  writer.u8(id);
  const before = writer.length;
  writer.sized(() => sectionWriters[id](writer, module));
  // A section without contents is a lone zero size, which no contents can have: take the section back.
  if (writer.length === before + 1) writer.truncate(at);
}
