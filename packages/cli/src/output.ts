import { writeFile } from "node:fs/promises";
import { Failure } from "./failure.ts";

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
    throw new Failure(`cannot write ${path}: ${(error as Error).message}`);
  }
  return true;
}
