import { WASIError } from "../errors.ts";
import {
  type Directory,
  type DirectoryEntry,
  type FileHandle,
  type FileStat,
  type FileSystem,
  OPEN_DIRECTORY,
} from "./file-system.ts";
import { Content } from "./memory/content.ts";
import { MemoryFileSystem, type MemoryFileSystemOptions } from "./memory/memory-file-system.ts";
import { type Copies, DirectoryNode, FileNode, LinkNode, type Node, type Volume } from "./memory/node.ts";
import { type FileTree, Symlink } from "./memory/tree.ts";

/** Inodes of what is made above; those of the base stay as they are. */
const FIRST_INODE = 1n << 62n;

/** How many directories of the base are held open at once. */
const MOST_OPEN = 32;

/** A file is read into memory in steps of this many bytes when it is changed for the first time. */
const COPY_STEP = 1024 * 1024;

/** A directory of the base, known by the way to it: it is opened when it is needed, and only so many are held open. */
class BaseDirectory {
  private readonly base: FileSystem;
  private readonly above: BaseDirectory | undefined;
  private readonly name: string;
  /** The directories that are open, least recently used first; one list for the whole base. */
  private readonly open: Map<BaseDirectory, Directory>;

  constructor(base: FileSystem, above?: BaseDirectory, name = "") {
    this.base = base;
    this.above = above;
    this.name = name;
    this.open = above === undefined ? new Map<BaseDirectory, Directory>() : above.open;
  }

  below(name: string): BaseDirectory {
    return new BaseDirectory(this.base, this, name);
  }

  /** The open directory, good until the next call on any directory of this base. */
  get directory(): Directory {
    let directory = this.open.get(this);
    if (directory === undefined) {
      if (this.above === undefined) directory = this.base.root();
      else {
        const opened = this.above.directory.open(this.name, OPEN_DIRECTORY);
        if (opened.kind !== "directory") {
          opened.close();
          throw new WASIError("stale", `${this.name} was a directory and is none any more`);
        }
        directory = opened;
      }
      for (const [oldest, handle] of this.open) {
        if (this.open.size < MOST_OPEN) break;
        this.open.delete(oldest);
        handle.close();
      }
    } else {
      this.open.delete(this);
    }
    this.open.set(this, directory);
    return directory;
  }

  openFile(name: string): FileHandle {
    const file = this.directory.open(name, { ...OPEN_DIRECTORY, directory: false });
    if (file.kind !== "file") {
      file.close();
      throw new WASIError("stale", `${name} was a file and is none any more`);
    }
    return file;
  }
}

/** Takes over what the base says of an object. */
function takeTimes(node: Node, stat: FileStat): void {
  node.atim = stat.atim;
  node.mtim = stat.mtim;
  node.ctim = stat.ctim;
}

/** A file of the base until it is first changed; then its bytes are copied and it is like any other. */
class BaseFileNode extends FileNode {
  private readonly directory: BaseDirectory;
  private readonly name: string;
  private readonly baseSize: number;
  private handle: FileHandle | undefined;
  private owned = false;

  constructor(volume: Volume, directory: BaseDirectory, name: string, stat: FileStat) {
    super(volume, undefined, stat.ino);
    this.directory = directory;
    this.name = name;
    this.baseSize = Number(stat.size);
    takeTimes(this, stat);
  }

  override get size(): number {
    return this.owned ? super.size : this.baseSize;
  }

  override get charged(): number {
    return this.owned ? super.size : 0;
  }

  get changed(): boolean {
    return this.owned;
  }

  override read(bytes: Uint8Array, position: number): number {
    if (this.owned) return super.read(bytes, position);
    if (this.handle !== undefined) return this.handle.read(bytes, position);
    // Read by the host, through no handle of a guest.
    const handle = this.directory.openFile(this.name);
    try {
      return handle.read(bytes, position);
    } finally {
      handle.close();
    }
  }

  override resize(size: number): void {
    if (size === 0 && !this.owned) this.become(new Content());
    else super.resize(size);
    this.touch();
  }

  override replace(bytes: Uint8Array): void {
    if (!this.owned) this.become(new Content());
    super.replace(bytes);
  }

  override opened(): void {
    if (!this.owned) this.handle ??= this.directory.openFile(this.name);
    super.opened();
  }

  override closed(): void {
    super.closed();
    if (!this.inUse) this.closeBase();
  }

  override clone(volume: Volume, copies: Copies): FileNode {
    if (this.owned) return super.clone(volume, copies);
    const twin = new BaseFileNode(volume, this.directory, this.name, this.stat());
    twin.names = this.names;
    return twin;
  }

  protected override own(): void {
    if (this.owned) return;
    const size = this.baseSize;
    this.volume.quota.addBytes(size);
    const bytes = new Uint8Array(size);
    let at = 0;
    try {
      while (at < size) {
        const read = this.read(bytes.subarray(at, Math.min(size, at + COPY_STEP)), at);
        if (read === 0) break;
        at += read;
      }
    } finally {
      this.volume.quota.addBytes(-size);
    }
    this.volume.quota.addBytes(at);
    this.become(new Content(bytes.subarray(0, at)));
  }

  private become(content: Content): void {
    this.content = content;
    this.owned = true;
    this.closeBase();
  }

  private closeBase(): void {
    this.handle?.close();
    this.handle = undefined;
  }
}

/** A directory of the base with what was changed above it. */
class OverlayDirectoryNode extends DirectoryNode {
  private readonly base: BaseDirectory;
  /** Names of the base that do not show any more. It never grows past what the base holds. */
  private readonly hidden: Set<string>;
  /** The children that stand where the base has them. */
  private readonly ofBase: Set<string>;

  constructor(volume: Volume, base: BaseDirectory, stat: FileStat, like?: OverlayDirectoryNode) {
    super(volume, stat.ino);
    this.base = base;
    this.hidden = new Set<string>(like === undefined ? [] : like.hidden);
    this.ofBase = new Set<string>(like === undefined ? [] : like.ofBase);
    takeTimes(this, stat);
  }

  override find(name: string): Node | undefined {
    const known = this.children.get(name);
    if (known !== undefined || this.hidden.has(name)) return known;
    const stat = this.base.directory.lookup(name);
    if (stat === undefined) return undefined;
    const node = this.node(name, stat);
    if (node === undefined) return undefined;
    node.names = 1;
    this.children.set(name, node);
    this.ofBase.add(name);
    return node;
  }

  override get empty(): boolean {
    return this.list(Infinity).length === 0;
  }

  override list(most: number): DirectoryEntry[] {
    const entries = this.base.directory
      .list(most)
      .filter(({ name, filetype }) => this.shows(name) && SHOWN.has(filetype));
    for (const [name, node] of this.children) entries.push({ name, ino: node.ino, filetype: node.filetype });
    if (entries.length > most) throw new WASIError("nomem", `a directory of more than ${most} entries`);
    return entries;
  }

  /** What was written and what of the base is gone, with all below. */
  collectChanges(above: string, changes: Changes): void {
    for (const name of this.hidden) {
      if (!this.children.has(name)) changes.removed.push(above + name);
    }
    for (const [name, node] of this.children) collectChanges(node, above + name, this.ofBase.has(name), changes);
  }

  protected override isFree(name: string): boolean {
    return this.ofBase.has(name);
  }

  protected override detach(name: string): void {
    super.detach(name);
    if (this.ofBase.delete(name)) this.hidden.add(name);
  }

  protected override emptyTwin(volume: Volume): DirectoryNode {
    return new OverlayDirectoryNode(volume, this.base, this.stat(), this);
  }

  private shows(name: string): boolean {
    return !this.hidden.has(name) && !this.children.has(name);
  }

  private node(name: string, stat: FileStat): Node | undefined {
    switch (stat.filetype) {
      case "directory": {
        const node = new OverlayDirectoryNode(this.volume, this.base.below(name), stat);
        node.parent = this;
        return node;
      }
      case "regular_file":
        return new BaseFileNode(this.volume, this.base, name, stat);
      case "symbolic_link": {
        const node = new BaseLinkNode(this.volume, this.base.directory.readLink(name), stat.ino);
        takeTimes(node, stat);
        return node;
      }
      default:
        return undefined;
    }
  }
}

/** A link of the base: nothing is charged for it. */
class BaseLinkNode extends LinkNode {
  override get charged(): number {
    return 0;
  }

  override clone(volume: Volume, _copies: Copies): LinkNode {
    const twin = new BaseLinkNode(volume, this.target, this.ino);
    twin.copyTimes(this);
    return twin;
  }
}

/** What of a base shows through: devices, pipes and sockets do not. */
const SHOWN: ReadonlySet<string> = new Set(["directory", "regular_file", "symbolic_link"]);

/** What a guest changed in an {@link OverlayFileSystem}. */
export interface OverlayChanges {
  /** Files and links that were made or changed, and directories that were made and are empty; an object without a prototype. */
  written: FileTree;
  /** Paths of the base that are gone. */
  removed: string[];
}

/** Changes while they are collected. */
interface Changes {
  readonly written: Map<string, FileTree[string]>;
  readonly removed: string[];
}

function collectChanges(node: Node, path: string, isOfBase: boolean, changes: Changes): void {
  if (node instanceof OverlayDirectoryNode && isOfBase) {
    node.collectChanges(`${path}/`, changes);
  } else if (isOfBase && (node instanceof BaseLinkNode || (node instanceof BaseFileNode && !node.changed))) {
    return;
  } else if (node instanceof DirectoryNode) {
    const entries = node.list(Infinity);
    if (entries.length === 0) changes.written.set(path, {});
    for (const { name } of entries) collectChanges(node.find(name)!, `${path}/${name}`, false, changes);
  } else if (node instanceof LinkNode) {
    changes.written.set(path, new Symlink(node.target));
  } else {
    changes.written.set(path, node.bytes());
  }
}

/**
 * A file system whose base is never written: what a guest changes stays above it, in memory and within the limits of a {@link MemoryFileSystem}.
 * Many can stand on one base at once, and making one costs nothing. A file of the base is copied whole when it is first changed. The base is expected to
 * stay as it is while it is covered.
 */
export class OverlayFileSystem extends MemoryFileSystem {
  private readonly base: FileSystem;
  private top: DirectoryNode | undefined;

  /**
   * @param base what shows where nothing was changed
   * @param options limits of what is written; the base does not count
   * @internal `firstInode` and `top` are for a clone
   */
  constructor(
    base: FileSystem,
    options?: MemoryFileSystemOptions,
    firstInode: bigint = FIRST_INODE,
    top: (volume: Volume) => DirectoryNode = (volume) => {
      const directory = new BaseDirectory(base);
      return new OverlayDirectoryNode(volume, directory, directory.directory.stat());
    },
  ) {
    let made: DirectoryNode | undefined;
    super(options, firstInode, (volume) => (made = top(volume)));
    this.base = base;
    this.top = made;
  }

  override clone(options?: Pick<MemoryFileSystemOptions, "clock">): OverlayFileSystem {
    return super.clone(options) as OverlayFileSystem;
  }

  /** What was changed above the base. */
  changes(): OverlayChanges {
    const changes: Changes = { written: new Map(), removed: [] };
    if (this.top instanceof OverlayDirectoryNode) this.top.collectChanges("", changes);
    // A guest chooses the names.
    const written: FileTree = Object.create(null);
    for (const [path, content] of changes.written) written[path] = content;
    return { written, removed: changes.removed };
  }

  protected override twin(
    options: MemoryFileSystemOptions,
    firstInode: bigint,
    top: (volume: Volume) => DirectoryNode,
  ): OverlayFileSystem {
    return new OverlayFileSystem(this.base, options, firstInode, top);
  }
}
