import type { DataSegment } from "../wasm/module.ts";
import type { Decoding } from "./decoding.ts";
import { writeExpression } from "./expression-writer.ts";
import { LIMITS } from "./limits.ts";
import type { Writer } from "./writer.ts";

const ACTIVE = 0;
const PASSIVE = 1;
const ACTIVE_IN_MEMORY = 2;

/** The data section (specification, 5.5.15). */
export function readDataSection(reader: Decoding): void {
  const { data, dataCount } = reader.module;
  const start = reader.pos;
  const count = reader.count("data segments", LIMITS.dataSegments);
  if (dataCount !== undefined && count !== dataCount)
    reader.fail("data count and data section have inconsistent lengths", start);
  reader.entries(count, () => {
    data.push(readSegment(reader));
  });
}

function readSegment(reader: Decoding): DataSegment {
  const start = reader.pos;
  const kind = reader.u32();
  if (kind > ACTIVE_IN_MEMORY) reader.fail("malformed data segment kind", start);
  if (kind !== ACTIVE) reader.need("bulk-memory", "a data segment of this kind", start);
  const memory = kind === ACTIVE_IN_MEMORY ? reader.u32() : 0;
  const offset = kind === PASSIVE ? undefined : reader.expression();
  const at = reader.pos;
  const length = reader.u32();
  if (length > reader.end - reader.pos) reader.fail("unexpected end of section or function", at);
  return { mode: kind === PASSIVE ? "passive" : "active", memory, offset, bytes: reader.take(length) };
}

export function writeDataSection(writer: Writer, data: readonly DataSegment[]): void {
  writer.vector(data, (_, { mode, memory, offset, bytes }) => {
    writer.u32(mode === "passive" ? PASSIVE : memory === 0 ? ACTIVE : ACTIVE_IN_MEMORY);
    if (mode === "active") {
      if (memory !== 0) writer.u32(memory);
      writeExpression(writer, offset!);
    }
    writer.u32(bytes.length);
    writer.bytes(bytes);
  });
}

/** The data count section (specification, 5.5.16), which says how many data segments follow so that code can be checked before. */
export function readDataCountSection(reader: Decoding): void {
  const start = reader.pos;
  reader.need("bulk-memory", "a data count section", start);
  const count = reader.u32();
  if (count > LIMITS.dataSegments)
    reader.refuse(`too many data segments: ${count}, the limit is ${LIMITS.dataSegments}`, start);
  reader.module.dataCount = count;
}
