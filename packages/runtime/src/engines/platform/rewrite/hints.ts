import { writeValueType } from "../../../binary/type-writer.ts";
import { Writer } from "../../../binary/writer.ts";
import type { LocalRun } from "../../../wasm/module.ts";

/** The custom section of the branch hinting proposal. It stands before the code. */
export const HINT_SECTION = "metadata.code.branch_hint";

/** What is to be expected of a branch. */
export interface BranchHint {
  /** Of the instruction, in its function's code behind its locals. */
  readonly offset: number;
  readonly likely: boolean;
}

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
 * Encodes the hints of a module's functions.
 *
 * @param hints those of each function, by ascending offsets
 * @param firstIndex the index of the first function
 */
export function encodeHints(
  hints: readonly (readonly BranchHint[])[],
  bodies: readonly { readonly locals: readonly LocalRun[] }[],
  firstIndex: number,
): Uint8Array {
  const writer = new Writer(1024);
  writer.u32(hints.reduce((count, ofOne) => count + (ofOne.length > 0 ? 1 : 0), 0));
  hints.forEach((ofOne, i) => {
    if (ofOne.length === 0) return;
    const { locals } = bodies[i];
    const before = locals.length === 0 ? 1 : localsSize(locals);
    writer.u32(firstIndex + i);
    writer.u32(ofOne.length);
    for (const { offset, likely } of ofOne) {
      writer.u32(before + offset);
      writer.u8(1);
      writer.u8(likely ? 1 : 0);
    }
  });
  return writer.finish();
}
