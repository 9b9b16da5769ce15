import type { Filetype } from "../../abi.ts";
import type { Clock } from "../../clock.ts";
import { WASIError } from "../../errors.ts";
import { utf8Length } from "../../utf8.ts";
import type { DirectoryEntry, FileStat, NewTimes } from "../file-system.ts";
import { Content } from "./content.ts";
import type { Quota } from "./quota.ts";

/** No file is larger; one more bit would still fit a position, but nothing sensible is that large. */
export const MOST_FILE_BYTES: number = 2 ** 40;

/** What the nodes of one memory file system have in common. */
export class Volume {
  readonly quota: Quota;
  readonly clock: Clock;
  readonly dev: bigint = 1n;
  private lastInode: bigint;

  /** @param firstInode numbers are given from here; a file system over another leaves the other's alone */
  constructor(quota: Quota, clock: Clock, firstInode: bigint = 1n) {
    this.quota = quota;
    this.clock = clock;
    this.lastInode = firstInode - 1n;
  }

  inode(): bigint {
    return ++this.lastInode;
  }

  /** For a twin: the same numbers are taken there. */
  get nextInode(): bigint {
    return this.lastInode + 1n;
  }
}

/** What a node of a file system's tree is. */
export type Node = FileNode | DirectoryNode | LinkNode;

/** Collects the copies while a tree is cloned, so that a node with two names stays one node. */
export type Copies = Map<Node, Node>;

abstract class BaseNode {
  abstract readonly filetype: Filetype;
  abstract readonly size: number;
  readonly volume: Volume;
  readonly ino: bigint;
  /** How many names the node has. */
  names = 0;
  atim: bigint;
  mtim: bigint;
  ctim: bigint;

  constructor(volume: Volume, ino: bigint = volume.inode()) {
    this.volume = volume;
    this.ino = ino;
    this.atim = this.mtim = this.ctim = volume.clock.realtime();
  }

  stat(): FileStat {
    return {
      dev: this.volume.dev,
      ino: this.ino,
      filetype: this.filetype,
      nlink: BigInt(this.names),
      size: BigInt(this.size),
      atim: this.atim,
      mtim: this.mtim,
      ctim: this.ctim,
    };
  }

  setTimes(times: NewTimes): void {
    const now = this.volume.clock.realtime();
    if (times.atim !== undefined) this.atim = times.atim === "now" ? now : times.atim;
    if (times.mtim !== undefined) this.mtim = times.mtim === "now" ? now : times.mtim;
    this.ctim = now;
  }

  /** The content changed. */
  touch(): void {
    this.mtim = this.ctim = this.volume.clock.realtime();
  }

  copyTimes(from: BaseNode): void {
    this.atim = from.atim;
    this.mtim = from.mtim;
    this.ctim = from.ctim;
    this.names = from.names;
  }
}

/** A file. Its bytes count until it has neither a name nor a handle. */
export class FileNode extends BaseNode {
  readonly filetype = "regular_file";
  protected content: Content;
  private handles = 0;

  constructor(volume: Volume, content: Content = new Content(), ino?: bigint) {
    super(volume, ino);
    this.content = content;
  }

  get size(): number {
    return this.content.size;
  }

  /** Called before bytes change: where a file can still be somebody else's, it is made this system's own. */
  protected own(): void {}

  /** How many bytes of the volume's quota the file takes. */
  get charged(): number {
    return this.size;
  }

  read(bytes: Uint8Array, position: number): number {
    return this.content.read(bytes, position);
  }

  /** A copy of all bytes. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.size);
    this.read(bytes, 0);
    return bytes;
  }

  /** Takes other bytes, which are kept and not copied. */
  replace(bytes: Uint8Array): void {
    this.volume.quota.addBytes(bytes.length - this.charged);
    this.content = new Content(bytes);
    this.touch();
  }

  /** Writes what there is room for. */
  write(bytes: Uint8Array, position: number): number {
    if (bytes.length === 0) return 0;
    this.own();
    let end = position + bytes.length;
    if (end > MOST_FILE_BYTES) throw new WASIError("fbig", `a file holds at most ${MOST_FILE_BYTES} bytes`);
    const { quota } = this.volume;
    if (end - this.size > quota.room) {
      // A write that fits in part is cut short, as on a disk that is filling up.
      const fits = this.size + quota.room;
      if (fits > position) {
        end = fits;
        bytes = bytes.subarray(0, end - position);
      }
    }
    if (end > this.size) quota.addBytes(end - this.size);
    this.content.write(bytes, position);
    this.touch();
    return bytes.length;
  }

  resize(size: number): void {
    if (size > MOST_FILE_BYTES) throw new WASIError("fbig", `a file holds at most ${MOST_FILE_BYTES} bytes`);
    this.own();
    this.volume.quota.addBytes(size - this.size);
    this.content.resize(size);
    this.touch();
  }

  opened(): void {
    this.handles++;
  }

  /** Whether there is a handle on the file. */
  protected get inUse(): boolean {
    return this.handles > 0;
  }

  closed(): void {
    this.handles--;
    this.release();
  }

  /** A name was taken away. */
  unnamed(): void {
    this.ctim = this.volume.clock.realtime();
    this.release();
  }

  private release(): void {
    if (this.names === 0 && this.handles === 0) this.volume.quota.addBytes(-this.charged);
  }

  clone(volume: Volume, _copies: Copies): FileNode {
    const twin = new FileNode(volume, this.content.clone(), this.ino);
    twin.copyTimes(this);
    return twin;
  }
}

/** A symbolic link. */
export class LinkNode extends BaseNode {
  readonly filetype = "symbolic_link";
  readonly target: string;
  readonly size: number;

  constructor(volume: Volume, target: string, ino?: bigint) {
    super(volume, ino);
    this.target = target;
    this.size = utf8Length(target);
  }

  /** How many bytes of the volume's quota the link takes. */
  get charged(): number {
    return this.size;
  }

  unnamed(): void {
    if (this.names === 0) this.volume.quota.addBytes(-this.charged);
  }

  clone(volume: Volume, _copies: Copies): LinkNode {
    const twin = new LinkNode(volume, this.target, this.ino);
    twin.copyTimes(this);
    return twin;
  }
}

/** A directory. What a directory over another file system does otherwise, it does in the protected methods. */
export class DirectoryNode extends BaseNode {
  readonly filetype = "directory";
  readonly size = 0;
  /** Where the directory is, to keep it from being moved below itself; undefined for the topmost. */
  parent: DirectoryNode | undefined;
  /** It has been removed while a handle on it was open: nothing can be made in it. */
  removed = false;
  protected readonly children: Map<string, Node> = new Map<string, Node>();

  /** The entry of that name. */
  find(name: string): Node | undefined {
    return this.children.get(name);
  }

  /** Whether there is no entry. */
  get empty(): boolean {
    return this.children.size === 0;
  }

  /** All entries; fails with `nomem` rather than return more than `most`. */
  list(most: number): DirectoryEntry[] {
    if (this.children.size > most) throw new WASIError("nomem", `a directory of more than ${most} entries`);
    return Array.from(this.children, ([name, node]) => ({ name, ino: node.ino, filetype: node.filetype }));
  }

  /** Gives `node` a name here; the name is free. */
  add(name: string, node: Node): void {
    if (this.removed) throw new WASIError("noent", "the directory has been removed");
    this.volume.quota.addFiles(1);
    this.attach(name, node);
    node.names++;
    node.ctim = this.volume.clock.realtime();
    if (node instanceof DirectoryNode) {
      node.parent = this;
      node.removed = false;
    }
    this.touch();
  }

  /** Takes a name away. */
  remove(name: string, node: Node): void {
    if (!this.isFree(name)) this.volume.quota.addFiles(-1);
    this.detach(name);
    node.names--;
    this.touch();
    if (node instanceof DirectoryNode) {
      node.parent = undefined;
      node.removed = true;
    } else {
      node.unnamed();
    }
  }

  /** Moves an entry, replacing what is there; whether that may be is for the caller to see. */
  move(name: string, node: Node, to: DirectoryNode, toName: string): void {
    if (to.removed) throw new WASIError("noent", "the directory has been removed");
    if (this.isFree(name)) this.volume.quota.addFiles(1);
    const old = to.find(toName);
    if (old !== undefined) to.remove(toName, old);
    this.detach(name);
    to.attach(toName, node);
    node.ctim = this.volume.clock.realtime();
    if (node instanceof DirectoryNode) node.parent = to;
    this.touch();
    if (to !== this) to.touch();
  }

  /** How many bytes of the volume's quota all that is below takes. */
  chargedBelow(seen: Set<Node>): number {
    let bytes = 0;
    for (const node of this.children.values()) {
      if (seen.has(node)) continue;
      seen.add(node);
      if (node instanceof DirectoryNode) bytes += node.chargedBelow(seen);
      else bytes += node.charged;
    }
    return bytes;
  }

  /** Whether an entry does not count, because it belongs to another file system below this one. */
  protected isFree(_name: string): boolean {
    return false;
  }

  protected attach(name: string, node: Node): void {
    this.children.set(name, node);
  }

  protected detach(name: string): void {
    this.children.delete(name);
  }

  clone(volume: Volume, copies: Copies): DirectoryNode {
    const twin = this.emptyTwin(volume);
    twin.copyTimes(this);
    for (const [name, node] of this.children) {
      let copy = copies.get(node);
      if (copy === undefined) {
        copy = node.clone(volume, copies);
        copies.set(node, copy);
      }
      twin.children.set(name, copy);
      if (copy instanceof DirectoryNode) copy.parent = twin;
    }
    return twin;
  }

  protected emptyTwin(volume: Volume): DirectoryNode {
    return new DirectoryNode(volume, this.ino);
  }
}
