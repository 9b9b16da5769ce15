import { decodeUtf8 } from "@wardian/runtime/internal";
import { readOptions } from "@wardian/runtime/options";
import type { WitPackage, WitResolution } from "./model.ts";
import { resolveWit, type WitGroup, type WitOptions } from "./resolve.ts";
import { WitError } from "./source.ts";

/** How files are read; this package knows no file system. */
export interface WitFiles {
  /** The entries of a folder; undefined when the path is no folder. */
  list(path: string): readonly { readonly name: string; readonly isFolder: boolean }[] | undefined;
  read(path: string): Uint8Array;
}

/** What a folder's `deps` may hold besides texts: WIT packages as components, in the binary or the text format. */
export type WitBinaryReader = (source: Uint8Array | string, path: string) => Iterable<WitPackage>;

/** What {@link resolveWitPath} may be told. */
export interface WitPathOptions {
  readonly features?: WitOptions["features"];
  /** Reads a WIT package that is a component, binary or text. Without it such files are refused. */
  readonly readBinary?: WitBinaryReader;
}

const optionNames = { features: true, readBinary: true } as const;

/**
 * Resolves the WIT package at a path: a file, or a folder with the files of a package and a folder `deps`, which has a file or a
 * folder for each package that the first depends on (WIT, "Package directory").
 *
 * @throws WitError with the place of the first error
 */
export function resolveWitPath(path: string, files: WitFiles, options: WitPathOptions = {}): WitResolution {
  const { features, readBinary } = readOptions("resolveWitPath", optionNames, options);
  const entries = files.list(path);
  if (entries === undefined) return resolveWit([text(path, files)], { features });
  const dependencies: WitGroup[] = [];
  const packages: WitPackage[] = [];
  const deps = `${path}/deps`;
  for (const { name, isFolder } of sorted(files.list(deps) ?? [])) {
    const place = `${deps}/${name}`;
    if (isFolder) {
      const group = texts(place, files);
      if (group.length > 0) dependencies.push(group);
    } else if (name.endsWith(".wit")) dependencies.push([text(place, files)]);
    else if (name.endsWith(".wasm") || name.endsWith(".wat")) {
      if (readBinary === undefined) throw new WitError(`${place}: packages in the binary format cannot be read here`);
      packages.push(...readBinary(name.endsWith(".wat") ? text(place, files).text : files.read(place), place));
    }
  }
  const main = texts(path, files);
  if (main.length === 0) throw new WitError(`no WIT files in ${path}`);
  return resolveWit(main, { features, dependencies, packages });
}

function texts(folder: string, files: WitFiles): WitGroup {
  return sorted(files.list(folder) ?? [])
    .filter(({ name, isFolder }) => !isFolder && name.endsWith(".wit"))
    .map(({ name }) => text(`${folder}/${name}`, files));
}

function sorted<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  return [...entries].sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
}

function text(path: string, files: WitFiles): { path: string; text: string } {
  const decoded = decodeUtf8(files.read(path));
  if (decoded === undefined) throw new WitError(`${path}: the text is not in UTF-8`);
  return { path, text: decoded };
}
