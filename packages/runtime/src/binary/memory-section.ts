import type { MemoryType } from "../wasm/types.ts";
import type { Decoding } from "./decoding.ts";
import { readMemoryType, writeMemoryType } from "./extern-types.ts";
import { LIMITS } from "./limits.ts";
import type { Writer } from "./writer.ts";

/** The memory section (specification, 5.5.8). */
export function readMemorySection(reader: Decoding): void {
  const { memories } = reader.module;
  const start = reader.pos;
  const count = reader.count("memories", LIMITS.memories, memories.length);
  if (memories.length + count > 1) reader.need("multi-memory", "a second memory", start);
  reader.entries(count, () => {
    memories.push(readMemoryType(reader));
  });
}

export function writeMemorySection(writer: Writer, memories: readonly MemoryType[]): void {
  writer.vector(memories, writeMemoryType);
}
