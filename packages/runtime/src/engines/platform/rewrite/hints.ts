import { writeValueType } from "../../../binary/type-writer.ts";
import { Writer } from "../../../binary/writer.ts";
import type { LocalRun } from "../../../wasm/module.ts";

/** The custom section of the branch hinting proposal. It stands before the code. */
export const HINT_SECTION = "metadata.code.branch_hint";

const UNLIKELY = 0;

/** How many bytes a function's local declarations take. */
export function localsSize(locals: readonly LocalRun[]): number {
  const writer = new Writer();
  writer.vector(locals, (_, { count, type }) => {
    writer.u32(count);
    writeValueType(writer, type);
  });
  return writer.length;
}

/**
 * Encodes the hints of a module's functions: that the branches at the given offsets are not taken.
 *
 * @param hints offsets in each function's code, behind its locals
 * @param firstIndex the index of the first function
 */
export function encodeHints(
  hints: readonly (readonly number[])[],
  bodies: readonly { readonly locals: readonly LocalRun[] }[],
  firstIndex: number,
): Uint8Array {
  const writer = new Writer(1024);
  writer.u32(hints.reduce((count, offsets) => count + (offsets.length > 0 ? 1 : 0), 0));
  hints.forEach((offsets, i) => {
    if (offsets.length === 0) return;
    const { locals } = bodies[i];
    const before = locals.length === 0 ? 1 : localsSize(locals);
    writer.u32(firstIndex + i);
    writer.u32(offsets.length);
    for (const offset of offsets) {
      writer.u32(before + offset);
      writer.u8(1);
      writer.u8(UNLIKELY);
    }
  });
  return writer.finish();
}
