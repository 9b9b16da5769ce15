import type { Decoding } from "./decoding.ts";
import { LIMITS } from "./limits.ts";
import type { Writer } from "./writer.ts";

/** The function section (specification, 5.5.6): the type index of each function whose body is in the code section. */
export function readFunctionSection(reader: Decoding): void {
  const { functions } = reader.module;
  const count = reader.count("functions", LIMITS.functions, functions.length);
  reader.entries(count, () => {
    functions.push(reader.u32());
  });
}

export function writeFunctionSection(writer: Writer, functions: readonly number[]): void {
  writer.vector(functions, (_, type) => writer.u32(type));
}
