import type { TableDefinition } from "../wasm/module.ts";
import type { Decoding } from "./decoding.ts";
import { writeExpression } from "./expression-writer.ts";
import { readTableType, writeTableType } from "./extern-types.ts";
import { LIMITS } from "./limits.ts";
import type { Writer } from "./writer.ts";

/** Begins a table that has an initial value; where a table's type begins this byte cannot stand. */
const WITH_INIT = 0x40;

/** The table section (specification, 5.5.7). */
export function readTableSection(reader: Decoding): void {
  const { tables } = reader.module;
  const start = reader.pos;
  const count = reader.count("tables", LIMITS.tables, tables.length);
  if (tables.length + count > 1) reader.need("reference-types", "a second table", start);
  reader.entries(count, () => {
    tables.push(readTable(reader));
  });
}

function readTable(reader: Decoding): TableDefinition {
  if (reader.bytes[reader.pos] !== WITH_INIT || reader.pos === reader.end)
    return { type: readTableType(reader), init: undefined };
  const start = reader.pos;
  reader.need("function-references", "a table with an initial value", start);
  reader.pos++;
  if (reader.byte() !== 0) reader.fail("zero byte expected", start + 1);
  return { type: readTableType(reader), init: reader.expression() };
}

export function writeTableSection(writer: Writer, tables: readonly TableDefinition[]): void {
  writer.vector(tables, (_, { type, init }) => {
    if (init !== undefined) {
      writer.u8(WITH_INIT);
      writer.u8(0);
    }
    writeTableType(writer, type);
    if (init !== undefined) writeExpression(writer, init);
  });
}
