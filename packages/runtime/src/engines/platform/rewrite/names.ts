import { NAME_SECTION } from "../../../binary/names.ts";
import { Reader } from "../../../binary/reader.ts";
import { Writer } from "../../../binary/writer.ts";
import { CompileError } from "../../../wasm/errors.ts";
import type { CustomSection, WasmModule } from "../../../wasm/module.ts";
import { SECTION } from "../../../wasm/module.ts";

const MODULE_NAME = 0;
const FUNCTION_NAMES = 1;

/**
 * The name section of a rewritten module: its own name, by which stack traces tell it, and the functions' names at their new indices. The names are
 * moved as bytes: nobody may ever read them.
 */
export function shiftedNames(syntax: WasmModule, moduleName: string, shift: number): CustomSection {
  const writer = new Writer(1024);
  writer.u8(MODULE_NAME);
  writer.sized(() => writer.name(moduleName));
  const section = syntax.custom.find(({ name }) => name === NAME_SECTION);
  if (section !== undefined) {
    const at = writer.length;
    try {
      writeFunctionNames(writer, section.bytes, syntax.importCounts.func, shift);
    } catch (error) {
      // A malformed name section says nothing.
      if (!(error instanceof CompileError)) throw error;
      writer.truncate(at);
    }
  }
  return { name: NAME_SECTION, bytes: writer.finish(), after: SECTION.data };
}

function writeFunctionNames(writer: Writer, bytes: Uint8Array, imported: number, shift: number): void {
  const reader = new Reader(bytes);
  while (reader.pos < bytes.length) {
    const id = reader.byte();
    const size = reader.u32();
    const end = reader.pos + size;
    if (id !== FUNCTION_NAMES) {
      reader.pos = end;
      continue;
    }
    writer.u8(FUNCTION_NAMES);
    writer.sized(() => {
      let count = reader.u32();
      writer.u32(count);
      while (count-- > 0) {
        const index = reader.u32();
        const name = reader.take(reader.u32());
        writer.u32(index < imported ? index : index + shift);
        writer.u32(name.length);
        writer.bytes(name);
      }
    });
    return;
  }
}
