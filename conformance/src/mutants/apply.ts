import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Mutant } from "./list.ts";

/**
 * A mutant's file with the fault in it.
 *
 * @param root the repository
 * @throws Error where the mutant's text is not there exactly once
 */
export function mutated(root: string, { name, file, text, replacement }: Mutant): string {
  const source = readFileSync(join(root, file), "utf8");
  const times = source.split(text).length - 1;
  if (times !== 1) throw new Error(`"${name}": its text is ${times} times in ${file}, not once; change the list`);
  return source.replace(text, () => replacement);
}
