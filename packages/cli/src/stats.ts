import type { Instance, Limits } from "@wardian/runtime";
import { stylesOf, table } from "./terminal.ts";
import { formatCount, formatDuration, formatSize, plural } from "./units.ts";

/**
 * Prints what a guest used to standard error.
 *
 * @param instance undefined when none came to be
 * @param compiling and `running`, milliseconds
 */
export function printStats(instance: Instance | undefined, limits: Limits, compiling: number, running: number): void {
  const { dim } = stylesOf(process.stderr);
  const of = <T>(limit: T | undefined, format: (limit: T) => string): string =>
    limit === undefined ? "" : ` of ${format(limit)}`;
  const rows: string[][] = [];
  if (instance !== undefined) {
    rows.push(["engine", `${instance.engine.name} (${instance.engine.reason})`]);
    rows.push(["fuel", formatCount(instance.fuel.consumed) + of(limits.fuel, formatCount) + beyond(instance, limits)]);
    rows.push(["peak memory", memoryOf(instance) + of(limits.memory, formatSize)]);
  }
  rows.push(["time", `${formatDuration(running)}, after ${formatDuration(compiling)} of compiling`]);
  process.stderr.write(`${dim(table(rows))}\n`);
}

/** Why a guest has consumed more than it was given. */
function beyond({ fuel }: Instance, limits: Limits): string {
  if (limits.fuel === undefined || fuel.consumed <= limits.fuel) return "";
  return "; code is charged a block at a time, and the guest is stopped at the next check";
}

/** Memories never shrink: their size in the end was the largest. Those that the module keeps to itself are not seen. */
function memoryOf({ exports, module }: Instance): string {
  const names = module.exports.filter(({ kind }) => kind === "memory").map(({ name }) => name);
  const memories = new Set(names.map((name) => exports[name] as { readonly buffer: ArrayBufferLike }));
  let bytes = 0;
  for (const { buffer } of memories) bytes += buffer.byteLength;
  const hidden = module.syntax.memories.length - memories.size;
  return hidden === 0
    ? formatSize(bytes)
    : `${formatSize(bytes)} and ${plural(hidden, "memory", "memories")} not exported`;
}
