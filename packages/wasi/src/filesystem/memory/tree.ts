import { encodeUtf8 } from "../../utf8.ts";

/** A symbolic link in a {@link FileTree}. */
export class Symlink {
  /** What the link says, as it is stored. */
  readonly target: string;

  /** @param target what the link says; a link that leads out of its file system can be stored, but not followed */
  constructor(target: string) {
    this.target = target;
  }
}

/**
 * Files as a plain object. A name may be a path with slashes. A text is stored as UTF-8, bytes are stored as they are (and kept, not
 * copied: do not change them afterwards), an object is a directory.
 */
export interface FileTree {
  [name: string]: string | Uint8Array | Symlink | FileTree;
}

/** One thing of a file system, on its way in or out; `path` has no leading slash. */
export type TreeEntry = { readonly path: string; readonly mtim?: bigint } & (
  | { readonly type: "file"; readonly bytes: Uint8Array }
  | { readonly type: "directory" }
  | { readonly type: "link"; readonly target: string }
  /** A second name for the file that came before under the path `of`. */
  | { readonly type: "hardlink"; readonly of: string }
);

/** The entries of a plain object, directories before what is in them. */
export function* treeEntries(tree: FileTree, above = ""): Generator<TreeEntry> {
  for (const [name, value] of Object.entries(tree)) {
    const path = above + name;
    if (typeof value === "string") yield { path, type: "file", bytes: encodeUtf8(value) };
    else if (value instanceof Uint8Array) yield { path, type: "file", bytes: value };
    else if (value instanceof Symlink) yield { path, type: "link", target: value.target };
    else if (typeof value === "object" && value !== null) {
      yield { path, type: "directory" };
      yield* treeEntries(value, `${path}/`);
    } else throw new TypeError(`${path}: expected a text, a Uint8Array, a Symlink or an object, not ${typeof value}`);
  }
}

/**
 * A path of a host as the names on its way.
 *
 * @throws TypeError for a path with `..`, NUL or a name over 255 bytes: such a path is never meant well here
 */
export function pathNames(path: string): string[] {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  for (const name of names) {
    if (name === ".." || name.includes("\0") || encodeUtf8(name).length > 255) {
      throw new TypeError(`not a path that a file system can hold: ${JSON.stringify(path)}`);
    }
  }
  return names;
}
