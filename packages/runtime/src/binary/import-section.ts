import type { ExternKind, WasmModule } from "../wasm/module.ts";
import { type Decoding, externKinds } from "./decoding.ts";
import {
  readGlobalType,
  readMemoryType,
  readTableType,
  readTagType,
  writeGlobalType,
  writeMemoryType,
  writeTableType,
  writeTagType,
} from "./extern-types.ts";
import { LIMITS } from "./limits.ts";
import type { Writer } from "./writer.ts";

/** The import section (specification, 5.5.5). Imports take the first places of their index spaces. */
export function readImportSection(reader: Decoding): void {
  const { imports, importCounts } = reader.module;
  const count = reader.count("imports", LIMITS.imports);
  reader.entries(count, () => {
    const module = reader.name();
    const name = reader.name();
    const start = reader.pos;
    const kind = externKinds[reader.byte()];
    if (kind === undefined) reader.fail("malformed import kind", start);
    imports.push({ module, name, kind, index: importCounts[kind]++ });
    readDescription(reader, kind);
  });
}

function readDescription(reader: Decoding, kind: ExternKind): void {
  const { functions, tables, memories, globals, tags } = reader.module;
  const start = reader.pos;
  switch (kind) {
    case "func":
      functions.push(reader.u32());
      break;
    case "table":
      if (tables.length === 1) reader.need("reference-types", "a second table", start);
      if (tables.length === LIMITS.tables) reader.refuse(`too many tables: the limit is ${LIMITS.tables}`, start);
      tables.push({ type: readTableType(reader), init: undefined });
      break;
    case "memory":
      if (memories.length === 1) reader.need("multi-memory", "a second memory", start);
      if (memories.length === LIMITS.memories)
        reader.refuse(`too many memories: the limit is ${LIMITS.memories}`, start);
      memories.push(readMemoryType(reader));
      break;
    case "global": {
      const type = readGlobalType(reader);
      if (type.mutable) reader.need("mutable-globals", "an imported mutable global", start);
      globals.push({ type, init: undefined });
      break;
    }
    case "tag":
      tags.push(readTagType(reader));
  }
}

export function writeImportSection(writer: Writer, module: WasmModule): void {
  writer.vector(module.imports, (_, { module: from, name, kind, index }) => {
    writer.name(from);
    writer.name(name);
    writer.u8(externKinds.indexOf(kind));
    switch (kind) {
      case "func":
        writer.u32(module.functions[index]);
        break;
      case "table":
        writeTableType(writer, module.tables[index].type);
        break;
      case "memory":
        writeMemoryType(writer, module.memories[index]);
        break;
      case "global":
        writeGlobalType(writer, module.globals[index].type);
        break;
      case "tag":
        writeTagType(writer, module.tags[index]);
    }
  });
}
