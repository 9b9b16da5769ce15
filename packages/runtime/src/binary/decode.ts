import type { FeatureSet } from "../wasm/features.ts";
import { SECTION, SECTION_ORDER, sectionNames, type WasmModule } from "../wasm/module.ts";
import { readCodeSection } from "./code-section.ts";
import { readDataCountSection, readDataSection } from "./data-section.ts";
import { Decoding } from "./decoding.ts";
import { readElementSection } from "./element-section.ts";
import { readExportSection } from "./export-section.ts";
import { readFunctionSection } from "./function-section.ts";
import { readGlobalSection } from "./global-section.ts";
import { MAGIC, VERSION } from "./header.ts";
import { readImportSection } from "./import-section.ts";
import { LIMITS } from "./limits.ts";
import { readMemorySection } from "./memory-section.ts";
import { readTableSection } from "./table-section.ts";
import { readTagSection } from "./tag-section.ts";
import { readTypeSection } from "./type-section.ts";

/** How each known section is read, by its id. */
const sectionReaders: readonly ((reader: Decoding) => void)[] = (() => {
  const readers: ((reader: Decoding) => void)[] = [];
  readers[SECTION.type] = readTypeSection;
  readers[SECTION.import] = readImportSection;
  readers[SECTION.function] = readFunctionSection;
  readers[SECTION.table] = readTableSection;
  readers[SECTION.memory] = readMemorySection;
  readers[SECTION.global] = readGlobalSection;
  readers[SECTION.export] = readExportSection;
  readers[SECTION.start] = (reader) => {
    reader.module.start = reader.u32();
  };
  readers[SECTION.element] = readElementSection;
  readers[SECTION.code] = readCodeSection;
  readers[SECTION.data] = readDataSection;
  readers[SECTION.dataCount] = readDataCountSection;
  readers[SECTION.tag] = readTagSection;
  return readers;
})();

/**
 * Decodes a module in the binary format (specification, chapter 5).
 *
 * Function bodies are found, not read: instructions that are malformed come to light in validation. The module keeps `bytes`,
 * which the caller must not change afterwards, and takes little memory besides.
 *
 * @throws MalformedError where the bytes do not follow the grammar
 * @throws CompileError where they use a feature that is not in `features`, or pass a limit of {@link LIMITS}
 */
export function decodeModule(bytes: Uint8Array, features: FeatureSet): WasmModule {
  const reader = new Decoding(bytes, features);
  if (bytes.length > LIMITS.moduleSize)
    reader.refuse(`module too large: ${bytes.length} bytes, the limit is ${LIMITS.moduleSize}`);
  readHeader(reader);
  let last = 0;
  while (reader.pos < bytes.length) last = readSection(reader, last);
  const { module } = reader;
  reader.place = {};
  if (module.bodies.length !== module.functions.length - module.importCounts.func)
    reader.fail("function and code section have inconsistent lengths");
  if (module.dataCount !== undefined && module.dataCount !== module.data.length)
    reader.fail("data count and data section have inconsistent lengths");
  return module;
}

function readHeader(reader: Decoding): void {
  if (reader.end - reader.pos < 4) reader.fail("unexpected end");
  if (reader.fixed32() !== MAGIC) reader.fail("magic header not detected", 0);
  if (reader.end - reader.pos < 4) reader.fail("unexpected end");
  const version = reader.fixed32();
  if (version === VERSION) return;
  // The upper half of the version word is the layer: 1 for components.
  if (version >>> 16 === 1) reader.fail("unknown binary version: this is a component, a core module was expected", 4);
  reader.fail(`unknown binary version 0x${version.toString(16)}`, 4);
}

/** Reads one section; `last` is the id of the known section before it. Returns the id of the last known section now. */
function readSection(reader: Decoding, last: number): number {
  const at = reader.pos;
  const id = reader.byte();
  if (id >= sectionNames.length) reader.fail(`malformed section id ${id}`, at);
  reader.place = { section: sectionNames[id] };
  const size = reader.u32();
  if (size > reader.bytes.length - reader.pos) reader.fail("length out of bounds", at);
  const start = reader.pos;
  const end = start + size;
  reader.end = end;
  if (id === SECTION.custom) {
    reader.module.custom.push({ name: reader.name(), bytes: reader.bytes.subarray(reader.pos, end), after: last });
    reader.pos = end;
  } else {
    if (SECTION_ORDER.indexOf(id) <= SECTION_ORDER.indexOf(last))
      reader.fail(`unexpected content after last section: the ${sectionNames[id]} section is out of order`, at);
    reader.module.sections.push({ id, start, end });
    sectionReaders[id](reader);
    if (reader.pos !== end) reader.fail("section size mismatch");
    last = id;
  }
  reader.place = {};
  reader.end = reader.bytes.length;
  return last;
}
