import type { Module } from "../../store/module.ts";

/**
 * V8's baseline compiler copies its state at each control instruction, some 24 bytes for each local and operand, and keeps the copies until the
 * function is compiled: a module of 10 kB can take gigabytes. So a function may have this many values at its control instructions, and so many
 * more for each byte of its code. The compiler then needs at most 150 MB and 1.5 kB for each byte of code.
 */
const FREE_VALUES = 6_000_000;
const VALUES_PER_BYTE = 64;

/** Why compiling the module could exhaust the platform's memory; undefined for nearly all modules. */
export function burdenOf(module: Module): string | undefined {
  const { bodies, importCounts } = module.syntax;
  for (const { index, controlValues } of module.valid.crowded ?? []) {
    const { start, end } = bodies[index - importCounts.func];
    const allowed = FREE_VALUES + VALUES_PER_BYTE * (end - start);
    if (controlValues > allowed)
      return `the platform would need too much memory to compile function ${index}: its locals and operands, counted at each control instruction, are ${controlValues}, and at most ${allowed} are allowed for its size`;
  }
  return undefined;
}
