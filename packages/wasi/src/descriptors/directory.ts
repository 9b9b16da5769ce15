import type { Filetype } from "../abi.ts";
import { WASIError } from "../errors.ts";
import type { Directory, DirectoryEntry, FileStat, FileSystem, NewTimes } from "../filesystem/file-system.ts";
import { decodeUtf8, encodeUtf8 } from "../utf8.ts";
import { type Buffers, Descriptor } from "./descriptor.ts";

/** One line of a listing; `cookie` is where the next one is asked for. */
export interface ListedEntry {
  readonly cookie: bigint;
  readonly name: Uint8Array;
  /** 0 until it is looked up. */
  ino: bigint;
  readonly filetype: Filetype;
}

/** How many entries all directories of a guest may remember. */
export interface EntryBudget {
  left: number;
}

/** An open directory. */
export class DirectoryDescriptor extends Descriptor {
  readonly directory: Directory;
  /** Names can be moved and linked within one file system alone. */
  readonly system: FileSystem;
  /** The guest's name of a preopened directory. */
  readonly preopen: Uint8Array | undefined;
  private readonly budget: EntryBudget;
  private listing: ListedEntry[] = [];
  /** Each name's cookie, for as long as the name is there: cookies stay good when the directory changes or is listed anew. */
  private cookies: Map<string, bigint> = new Map<string, bigint>();
  private lastCookie = 0n;

  constructor(
    directory: Directory,
    system: FileSystem,
    budget: EntryBudget,
    rights: number,
    inheriting: number,
    flags = 0,
    preopen?: string,
  ) {
    super(rights, inheriting, flags);
    this.directory = directory;
    this.system = system;
    this.budget = budget;
    this.preopen = preopen === undefined ? undefined : encodeUtf8(preopen);
  }

  override stat(): FileStat {
    return this.directory.stat();
  }

  override setTimes(times: NewTimes): void {
    this.directory.setTimes(times);
  }

  override sync(dataOnly: boolean): void {
    this.directory.sync(dataOnly);
  }

  override readAt(_buffers: Buffers, _position: number): number {
    throw new WASIError("isdir", "a directory");
  }

  override writeAt(_buffers: Buffers, _position: number): number {
    throw new WASIError("isdir", "a directory");
  }

  override seek(): number {
    throw new WASIError("badf", "a directory has no position");
  }

  override resize(): void {
    throw new WASIError("isdir", "a directory");
  }

  override close(): void {
    this.budget.left += this.listing.length;
    this.listing = [];
    this.directory.close();
  }

  /**
   * The entries after `cookie`, `.` and `..` first. At cookie 0 the directory is looked at anew; what comes and goes after that shows the next time.
   */
  *entriesAfter(cookie: bigint): Generator<ListedEntry> {
    if (cookie === 0n || this.listing.length === 0) this.list();
    let low = 0;
    let high = this.listing.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.listing[middle].cookie <= cookie) low = middle + 1;
      else high = middle;
    }
    for (let index = low; index < this.listing.length; index++) {
      const entry = this.listing[index];
      if (entry.ino === 0n) entry.ino = this.inode(entry.name);
      yield entry;
    }
  }

  /** The inode of an entry, or 0 where the file system does not tell it. */
  private inode(name: Uint8Array): bigint {
    try {
      const { directory } = this;
      const text = decodeUtf8(name, 0, name.length) as string;
      return directory.inodeOf === undefined ? (directory.lookup(text)?.ino ?? 0n) : directory.inodeOf(text);
    } catch (error) {
      if (error instanceof WASIError) return 0n;
      throw error;
    }
  }

  private list(): void {
    this.budget.left += this.listing.length;
    this.listing = [];
    const self = this.directory.stat().ino;
    const found: DirectoryEntry[] = [
      { name: ".", ino: self, filetype: "directory" },
      // What is above is no business of the guest's: the directory stands for it.
      { name: "..", ino: self, filetype: "directory" },
    ];
    if (this.budget.left < found.length) throw new WASIError("nomem", "too many directory entries are remembered");
    found.push(...this.directory.list(this.budget.left - found.length));
    const cookies = new Map<string, bigint>();
    for (const { name } of found) cookies.set(name, this.cookies.get(name) ?? ++this.lastCookie);
    this.cookies = cookies;
    this.listing = found
      .map(({ name, ino, filetype }) => ({ cookie: cookies.get(name)!, name: encodeUtf8(name), ino, filetype }))
      .sort((a, b) => (a.cookie < b.cookie ? -1 : 1));
    this.budget.left -= this.listing.length;
  }
}
