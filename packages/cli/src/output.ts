import { writeFile } from "node:fs/promises";
import { Failure } from "./failure.ts";

const problems: ReadonlyMap<string | undefined, string> = new Map([
  ["ENOENT", "no such folder"],
  ["ENOTDIR", "no such folder"],
  ["EISDIR", "it is a directory"],
  ["EACCES", "permission denied"],
]);

/**
 * Writes a result to a file, or to standard output when `path` is undefined or `-`.
 *
 * @returns whether it went to a file
 * @throws Failure when the file cannot be written
 */
export async function writeOutput(path: string | undefined, contents: Uint8Array | string): Promise<boolean> {
  if (path === undefined || path === "-") {
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(contents, (error) => (error ? reject(error) : resolve()));
    });
    return false;
  }
  try {
    await writeFile(path, contents);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Failure(`cannot write ${path}: ${problems.get(code) ?? message}`);
  }
  return true;
}
