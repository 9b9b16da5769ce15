import type { Filetype } from "../abi.ts";

/**
 * Where a guest's files live. This file is all that a file system has to be: `path_open` and its kin walk paths, links and `..`
 * themselves and ask for one name in one directory at a time, so a file system never sees a path.
 *
 * Calls are synchronous. They fail by throwing a `WASIError`, which the guest gets as an error number; any other error ends the guest's call.
 * Names are never empty, `.` or `..`, hold neither `/` nor NUL, and are at most 255 bytes of UTF-8.
 */
export interface FileSystem {
  /** A handle on the topmost directory. */
  root(): Directory;
}

/** What is known of a file, directory or link; times are nanoseconds since 1970. The names are the specification's (`filestat`). */
export interface FileStat {
  /** The device, which together with {@link ino} identifies the object. */
  readonly dev: bigint;
  readonly ino: bigint;
  readonly filetype: Filetype;
  /** How many names the object has. */
  readonly nlink: bigint;
  /** Bytes; for a link, of its target. */
  readonly size: bigint;
  readonly atim: bigint;
  readonly mtim: bigint;
  readonly ctim: bigint;
}

/** One name in a directory. */
export interface DirectoryEntry {
  readonly name: string;
  /** 0 where finding out costs a look at every entry: it is then looked up for the entries that a guest reads. */
  readonly ino: bigint;
  readonly filetype: Filetype;
}

/** New times, in nanoseconds since 1970; one that is undefined stays as it is, `"now"` is the file system's own present. */
export interface NewTimes {
  readonly atim: bigint | "now" | undefined;
  readonly mtim: bigint | "now" | undefined;
}

/** How {@link Directory.open} opens. */
export interface OpenOptions {
  readonly read: boolean;
  readonly write: boolean;
  /** Make an empty file when there is nothing of that name. */
  readonly create: boolean;
  /** With `create`: fail with `exist` when there is something of that name, a link too. */
  readonly exclusive: boolean;
  /** Cut an existing file to nothing. */
  readonly truncate: boolean;
  /** Fail with `notdir` unless it is a directory. */
  readonly directory: boolean;
}

/** What every handle can do. */
interface Handle {
  stat(): FileStat;
  /** Sets times of the object itself. */
  setTimes(times: NewTimes): void;
  /** Waits until what was written is stored; with `dataOnly` the times may still be on their way. */
  sync(dataOnly: boolean): void;
  /** Gives the handle back. It is not used again. */
  close(): void;
}

/** A handle on a directory. It stays on that directory when the directory is renamed, moved or removed. */
export interface Directory extends Handle {
  readonly kind: "directory";
  /** What is known of one entry, links not followed; undefined when there is none. */
  lookup(name: string): FileStat | undefined;
  /** The inode of an entry, where that is cheaper to tell than all that {@link lookup} does; 0 when it cannot be told. */
  inodeOf?(name: string): bigint;
  /**
   * All entries but `.` and `..`, in any order.
   *
   * @param most fail with `nomem` rather than return more than this many
   */
  list(most: number): DirectoryEntry[];
  /**
   * Opens an entry. Throws `loop` when it is a link (links are followed by the caller), or `notdir` where a directory is wanted;
   * `noent` when there is none; `isdir` when it is a directory and `write`, `create` or `truncate` is asked (`exist` for `create` with `exclusive`);
   * `notsup` for what is neither file nor directory.
   */
  open(name: string, options: OpenOptions): FileHandle | Directory;
  /** Another handle on this same directory. */
  reopen(): Directory;
  /** The target of a link, as it was stored. Throws `inval` for what is not a link. */
  readLink(name: string): string;
  /** Throws `exist` when the name is taken. */
  createDirectory(name: string): void;
  /** Makes a symbolic link; the target is stored as it is. Throws `exist` when the name is taken. */
  createLink(name: string, target: string): void;
  /** Gives the file or link `name` a second name. Throws `perm` for a directory, `exist` when the name is taken. */
  link(name: string, to: Directory, toName: string): void;
  /**
   * Renames, replacing a file by a file or an empty directory by a directory. Throws `notempty`, `isdir`, `notdir` as POSIX has it,
   * and `inval` when a directory would end up below itself.
   */
  rename(name: string, to: Directory, toName: string): void;
  /** Throws `notdir`, `notempty`. */
  removeDirectory(name: string): void;
  /** Removes a file or a link. Throws `isdir` for a directory. */
  removeFile(name: string): void;
  /** Sets the times of an entry, links not followed. */
  setEntryTimes(name: string, times: NewTimes): void;
}

/** A handle on a regular file. Positions and sizes are bytes, whole numbers below 2^53. */
export interface FileHandle extends Handle {
  readonly kind: "file";
  /** Reads into `bytes` and returns how many bytes; zero at the end. */
  read(bytes: Uint8Array, position: number): number;
  /** Writes `bytes` and returns how many were written. Throws `nospc` when there is room for none. What lies between the old end and `position` reads as zeros. */
  write(bytes: Uint8Array, position: number): number;
  /** Writes at the end, wherever that is, and returns how many bytes were written. */
  append(bytes: Uint8Array): number;
  /** Cuts or extends with zeros. */
  resize(size: number): void;
}

/** Opening a directory for its entries: the one way in which paths are walked. */
export const OPEN_DIRECTORY: OpenOptions = {
  read: true,
  write: false,
  create: false,
  exclusive: false,
  truncate: false,
  directory: true,
};
