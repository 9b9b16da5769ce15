import { readCount } from "./instruction-reader.ts";
import { Reader } from "./reader.ts";

/** One tool or language that had a part in making a module, as the "producers" custom section of the tool conventions has it. */
export interface Producer {
  /** `language`, `processed-by` or `sdk`. */
  readonly field: string;
  readonly name: string;
  readonly version: string;
}

/**
 * Decodes the contents of a "producers" section.
 *
 * @throws MalformedError where the bytes do not follow the convention, at an offset within `bytes`
 */
export function decodeProducers(bytes: Uint8Array): Producer[] {
  const reader = new Reader(bytes);
  reader.place = { section: "producers" };
  const producers: Producer[] = [];
  for (let fields = readCount(reader); fields > 0; fields--) {
    const field = reader.name();
    for (let values = readCount(reader); values > 0; values--)
      producers.push({ field, name: reader.name(), version: reader.name() });
  }
  return producers;
}
