import { readdirSync, readFileSync, statSync } from "node:fs";
import { decodeWit, resolveWitPath, WitError, type WitFiles, type WitResolution } from "@wardian/component/wit";
import { CompileError } from "@wardian/runtime";
import { Failure } from "./failure.ts";
import { type Input, readInput } from "./input.ts";
import { InvalidModule } from "./report.ts";

const hostFiles: WitFiles = {
  list(path) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return undefined;
    return readdirSync(path, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      isFolder: entry.isDirectory(),
    }));
  },
  read: (path) => readFileSync(path),
};

/**
 * Reads WIT from a `.wit` file, a folder with such files, or a component in the binary or the text format.
 *
 * @param features names of features whose unstable items are there, or `"all"`
 * @throws Failure with the place of the error
 */
export async function readWit(path: string, features: readonly string[] | "all"): Promise<WitResolution> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  try {
    if (isFolder || path.endsWith(".wit"))
      return resolveWitPath(path, hostFiles, {
        features,
        readBinary: (source) => decodeWit(source).packages.values(),
      });
    const input = await readInput(path);
    return decode(input);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof WitError) throw new Failure(error.message);
    if (code === "ENOENT") throw new Failure(`cannot read ${path}: no such file`);
    if (error instanceof CompileError) throw new Failure(`${path}: ${message}`);
    throw error;
  }
}

function decode(input: Input): WitResolution {
  try {
    return decodeWit(input.source);
  } catch (error) {
    if (error instanceof CompileError) throw new InvalidModule(error, input);
    throw error;
  }
}
