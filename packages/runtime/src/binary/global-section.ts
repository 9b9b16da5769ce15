import type { GlobalDefinition } from "../wasm/module.ts";
import type { Decoding } from "./decoding.ts";
import { writeExpression } from "./expression-writer.ts";
import { readGlobalType, writeGlobalType } from "./extern-types.ts";
import { LIMITS } from "./limits.ts";
import type { Writer } from "./writer.ts";

/** The global section (specification, 5.5.10). */
export function readGlobalSection(reader: Decoding): void {
  const { globals } = reader.module;
  const count = reader.count("globals", LIMITS.globals, globals.length);
  reader.entries(count, () => {
    globals.push({ type: readGlobalType(reader), init: reader.expression() });
  });
}

/** @param globals without the imported ones */
export function writeGlobalSection(writer: Writer, globals: readonly GlobalDefinition[]): void {
  writer.vector(globals, (_, { type, init }) => {
    writeGlobalType(writer, type);
    writeExpression(writer, init!);
  });
}
