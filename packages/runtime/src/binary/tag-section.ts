import type { Decoding } from "./decoding.ts";
import { readTagType, writeTagType } from "./extern-types.ts";
import { LIMITS } from "./limits.ts";
import type { Writer } from "./writer.ts";

/** The tag section (specification, 5.5.9). */
export function readTagSection(reader: Decoding): void {
  const { tags } = reader.module;
  const count = reader.count("tags", LIMITS.tags, tags.length);
  reader.entries(count, () => {
    tags.push(readTagType(reader));
  });
}

export function writeTagSection(writer: Writer, tags: readonly number[]): void {
  writer.vector(tags, writeTagType);
}
