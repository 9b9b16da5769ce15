import { readdirSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";

/** One script of the suite. */
export interface ScriptFile {
  readonly path: string;
  /** Path below the suite's folder, or as given when it lies elsewhere; always with slashes. */
  readonly name: string;
}

/**
 * The scripts that a path names: a file, or a folder with all `.wast` files below it, in the order of their names.
 *
 * @param path absolute, relative to the working folder, or relative to `suite`
 * @throws Error when there is nothing at the path, or no script
 */
export function findScripts(path: string, suite: string): ScriptFile[] {
  const root = [resolve(path), resolve(suite, path)].find((candidate) =>
    statSync(candidate, { throwIfNoEntry: false }),
  );
  if (root === undefined) throw new Error(`no such file or folder: ${path} (looked in ${suite} as well)`);
  const found: ScriptFile[] = [];
  collect(root, suite, found);
  if (found.length === 0) throw new Error(`no .wast files in ${root}`);
  return found;
}

function collect(path: string, suite: string, found: ScriptFile[]): void {
  if (!statSync(path).isDirectory()) {
    const below = relative(suite, path);
    found.push({ path, name: (below.startsWith("..") ? path : below).split(sep).join("/") });
    return;
  }
  const names = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.name.endsWith(".wast"))
    .map((entry) => entry.name)
    .sort();
  for (const name of names) collect(join(path, name), suite, found);
}
