import { type Clock, deterministicClock } from "../../clock.ts";
import { WASIError } from "../../errors.ts";
import { type OptionNames, readOptions } from "../../read-options.ts";
import { encodeUtf8 } from "../../utf8.ts";
import type { Directory, FileSystem } from "../file-system.ts";
import { Content } from "./content.ts";
import { MemoryDirectory } from "./handles.ts";
import { DirectoryNode, FileNode, LinkNode, type Node, Volume } from "./node.ts";
import { Quota, type Usage } from "./quota.ts";
import { readTar, writeTar } from "./tar.ts";
import { type FileTree, pathNames, Symlink, type TreeEntry, treeEntries } from "./tree.ts";

/** What a {@link MemoryFileSystem} takes. */
export interface MemoryFileSystemOptions {
  /** Bytes of all files and link targets together, those that it begins with included; by default 256 MiB. Beyond it a guest gets `nospc`. */
  maxBytes?: number;
  /** Names of files, directories and links together; by default 65536. Beyond it a guest gets `nospc`. */
  maxFiles?: number;
  /** Where the times of files come from; by default a clock of its own that knows nothing of the real time. */
  clock?: Clock;
}

const names: OptionNames<MemoryFileSystemOptions> = { maxBytes: true, maxFiles: true, clock: true };

/** @throws TypeError for an option that is not known */
export function readMemoryOptions(options: MemoryFileSystemOptions | undefined): MemoryFileSystemOptions {
  return readOptions("options of a file system", names, options);
}

const DEFAULT_BYTES = 256 * 1024 * 1024;
const DEFAULT_FILES = 65_536;

/**
 * Files that live in the host's memory and nowhere else. Its size is limited; a guest that fills it gets `nospc`.
 *
 * The methods besides `root` are for the host: they take paths with or without a leading slash, do not follow links, and throw `WASIError`.
 */
export class MemoryFileSystem implements FileSystem {
  private readonly volume: Volume;
  private readonly rootNode: DirectoryNode;

  /**
   * @throws TypeError for an option that is not known, RangeError when a limit is not a number from zero up
   * @internal `firstInode` and `top` are for a file system that begins with another's files
   */
  constructor(
    given?: MemoryFileSystemOptions,
    firstInode: bigint = 1n,
    top: (volume: Volume) => DirectoryNode = (volume) => new DirectoryNode(volume),
  ) {
    const options = readMemoryOptions(given);
    const quota = new Quota({ bytes: options.maxBytes ?? DEFAULT_BYTES, files: options.maxFiles ?? DEFAULT_FILES });
    this.volume = new Volume(quota, options.clock ?? deterministicClock(), firstInode);
    this.rootNode = top(this.volume);
    this.rootNode.names = 1;
  }

  /**
   * Makes a file system of a plain object: `{ "src/main.py": "print(1)", data: { "a.bin": bytes }, latest: new Symlink("data/a.bin") }`.
   *
   * @throws TypeError for a value that is none of these, WASIError `nospc` when it is more than the options allow
   */
  static from(tree: FileTree, options?: MemoryFileSystemOptions): MemoryFileSystem {
    const system = new MemoryFileSystem(options);
    system.addEntries(treeEntries(tree));
    return system;
  }

  /**
   * Makes a file system of a tar archive (not a compressed one). Leading slashes of names are dropped; the bytes of the archive are kept, not copied.
   *
   * @throws TarError for what is not a tar archive, TypeError for a name with `..`, WASIError `nospc` when it is more than the options allow
   */
  static fromTar(archive: Uint8Array, options?: MemoryFileSystemOptions): MemoryFileSystem {
    const system = new MemoryFileSystem(options);
    system.addEntries(readTar(archive));
    return system;
  }

  root(): Directory {
    return new MemoryDirectory(this, this.rootNode);
  }

  /** What is used of the limits. */
  get usage(): Readonly<Usage> {
    return { ...this.volume.quota.used };
  }

  /**
   * A twin with the same files and limits, its clock its own. Bytes are shared until one of the two changes them, so this costs little more than the names.
   */
  clone(options?: Pick<MemoryFileSystemOptions, "clock">): MemoryFileSystem {
    const { clock } = readOptions("options of a clone", { clock: true }, options);
    const { most, used } = this.volume.quota;
    const twin = this.twin({ maxBytes: most.bytes, maxFiles: most.files, clock }, this.volume.nextInode, (volume) =>
      this.rootNode.clone(volume, new Map<Node, Node>()),
    );
    // Files that are open here and have no name any more are not in the twin.
    twin.volume.quota.addFiles(used.files);
    twin.volume.quota.addBytes(twin.rootNode.chargedBelow(new Set<Node>()));
    return twin;
  }

  /** Another of this class that begins with the given files. */
  protected twin(
    options: MemoryFileSystemOptions,
    firstInode: bigint,
    top: (volume: Volume) => DirectoryNode,
  ): MemoryFileSystem {
    return new MemoryFileSystem(options, firstInode, top);
  }

  /** The bytes of a file (a copy). Throws `noent`, `isdir`, `loop` for a link. */
  readFile(path: string): Uint8Array {
    const node = this.find(path);
    if (node instanceof DirectoryNode) throw new WASIError("isdir", `${path} is a directory`);
    if (node instanceof LinkNode) throw new WASIError("loop", `${path} is a link`);
    return node.bytes();
  }

  /** Writes a whole file, making the directories on its way. Throws `isdir`, `notdir`, `nospc`, `loop` for a link. */
  writeFile(path: string, content: string | Uint8Array): void {
    this.addEntries([
      { path, type: "file", bytes: typeof content === "string" ? encodeUtf8(content) : content.slice() },
    ]);
  }

  /** Makes a directory and those on its way; one that is there already is left as it is. */
  createDirectory(path: string): void {
    this.addEntries([{ path, type: "directory" }]);
  }

  /** Whether there is something of that name. */
  exists(path: string): boolean {
    try {
      this.find(path);
      return true;
    } catch (error) {
      if (error instanceof WASIError && (error.errno === "noent" || error.errno === "notdir")) return false;
      throw error;
    }
  }

  /** Removes a file, a link, or a directory with all that is in it. Throws `noent`. */
  remove(path: string): void {
    const names = pathNames(path);
    const name = names.pop();
    if (name === undefined) throw new WASIError("busy", "the topmost directory cannot be removed");
    const directory = this.walk(names);
    const node = directory.find(name);
    if (node === undefined) throw new WASIError("noent", `there is no ${path}`);
    removeAll(directory, name, node);
  }

  /** All files as an object without a prototype, with a path for each, which {@link MemoryFileSystem.from} takes back. Empty directories are empty objects. */
  toObject(): FileTree {
    // A guest chooses the names.
    const tree: FileTree = Object.create(null);
    for (const entry of this.entries()) {
      if (entry.type === "file") tree[entry.path] = entry.bytes;
      else if (entry.type === "link") tree[entry.path] = new Symlink(entry.target);
      else if (entry.type === "hardlink") tree[entry.path] = tree[entry.of];
      else if (this.walk(pathNames(entry.path)).empty) tree[entry.path] = {};
    }
    return tree;
  }

  /** All files as a tar archive, links and times with them. */
  toTar(): Uint8Array {
    return writeTar(this.entries());
  }

  /** All there is, directories before what is in them. A file's second name comes as a hard link. */
  *entries(): Generator<TreeEntry> {
    yield* nodeEntries(this.rootNode, "", new Map<Node, string>());
  }

  /** Adds entries, making the directories on their way and replacing files. */
  addEntries(entries: Iterable<TreeEntry>): void {
    for (const entry of entries) {
      const names = pathNames(entry.path);
      if (entry.type === "directory") {
        const directory = this.walk(names, true);
        if (entry.mtim !== undefined) directory.mtim = entry.mtim;
        continue;
      }
      const name = names.pop();
      if (name === undefined) throw new WASIError("isdir", "the topmost directory cannot be a file");
      this.addEntry(this.walk(names, true), name, entry);
    }
  }

  private addEntry(directory: DirectoryNode, name: string, entry: Exclude<TreeEntry, { type: "directory" }>): void {
    const old = directory.find(name);
    if (old instanceof DirectoryNode) throw new WASIError("isdir", `${entry.path} is a directory`);
    let node: Node;
    if (entry.type === "hardlink") {
      node = this.find(entry.of);
      if (node instanceof DirectoryNode) throw new WASIError("perm", `${entry.of} is a directory`);
      if (node === old) return;
      if (old !== undefined) directory.remove(name, old);
      directory.add(name, node);
      return;
    }
    if (entry.type === "file" && old instanceof FileNode) {
      old.replace(entry.bytes);
      node = old;
    } else {
      if (old !== undefined) directory.remove(name, old);
      if (entry.type === "file") {
        this.volume.quota.addBytes(entry.bytes.length);
        node = new FileNode(this.volume, new Content(entry.bytes));
      } else {
        node = new LinkNode(this.volume, entry.target);
        this.volume.quota.addBytes(node.size);
      }
      directory.add(name, node);
    }
    if (entry.mtim !== undefined) node.mtim = entry.mtim;
  }

  private find(path: string): Node {
    const names = pathNames(path);
    const name = names.pop();
    if (name === undefined) return this.rootNode;
    const node = this.walk(names).find(name);
    if (node === undefined) throw new WASIError("noent", `there is no ${path}`);
    return node;
  }

  private walk(names: readonly string[], create = false): DirectoryNode {
    let directory = this.rootNode;
    for (const name of names) {
      let node = directory.find(name);
      if (node === undefined) {
        if (!create) throw new WASIError("noent", `there is no ${name}`);
        node = new DirectoryNode(this.volume);
        directory.add(name, node);
      }
      if (!(node instanceof DirectoryNode)) throw new WASIError("notdir", `${name} is not a directory`);
      directory = node;
    }
    return directory;
  }
}

function removeAll(directory: DirectoryNode, name: string, node: Node): void {
  if (node instanceof DirectoryNode) {
    for (const entry of node.list(Infinity)) removeAll(node, entry.name, node.find(entry.name)!);
  }
  directory.remove(name, node);
}

function* nodeEntries(directory: DirectoryNode, above: string, seen: Map<Node, string>): Generator<TreeEntry> {
  for (const { name } of directory.list(Infinity)) {
    const node = directory.find(name)!;
    const path = above + name;
    const { mtim } = node;
    if (node instanceof DirectoryNode) {
      yield { path, mtim, type: "directory" };
      yield* nodeEntries(node, `${path}/`, seen);
      continue;
    }
    const first = node.names > 1 ? seen.get(node) : undefined;
    if (first !== undefined) {
      yield { path, mtim, type: "hardlink", of: first };
      continue;
    }
    seen.set(node, path);
    if (node instanceof LinkNode) yield { path, mtim, type: "link", target: node.target };
    else yield { path, mtim, type: "file", bytes: node.bytes() };
  }
}
