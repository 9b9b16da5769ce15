import { ALL_FD_FLAGS, ALL_O_FLAGS, type Dialect, FdFlags, OFlags, SYMLINK_FOLLOW } from "../abi.ts";
import { DirectoryDescriptor } from "../descriptors/directory.ts";
import { FileDescriptor } from "../descriptors/file.ts";
import { WASIError } from "../errors.ts";
import type { Directory, FileHandle, FileStat, OpenOptions } from "../filesystem/file-system.ts";
import { Walk } from "../filesystem/walk.ts";
import type { Context } from "../guest/context.ts";
import { DIRECTORY_RIGHTS, FILE_RIGHTS, Rights, toRights } from "../rights.ts";
import { encodeUtf8 } from "../utf8.ts";
import type { Family } from "./family.ts";
import { newTimes, writeFilestat } from "./filestat.ts";

const WRITING = Rights.FD_WRITE | Rights.FD_ALLOCATE | Rights.FD_FILESTAT_SET_SIZE;
const READ_WRITE = Rights.FD_READ | Rights.FD_WRITE;
const READING = Rights.FD_READ | Rights.FD_READDIR;

/**
 * What a path names. Errors that all of these functions share: `badf`, `notdir` for a descriptor or a component that is no directory, `notcapable` for a missing
 * right and for a path that leads out of its directory, `noent`, `loop` for too many links, `nametoolong`, `ilseq` for a path that is not UTF-8, `inval` for one with NUL,
 * `acces` and `io` from a host, `fault`; and `rofs` for those that change something.
 */
export function pathFunctions(context: Context, dialect: Dialect): Family {
  const { memory } = context;

  const walk = <T>(descriptor: DirectoryDescriptor, path: string, operation: (walk: Walk) => T): T => {
    const way = new Walk(descriptor.directory, path, context.limits.path);
    try {
      return operation(way);
    } finally {
      way.close();
    }
  };

  return {
    /** Makes a directory. Errors: the shared ones, `exist`, `nospc`. */
    path_create_directory(number: number, path: number, length: number): void {
      const descriptor = context.directory(number, Rights.PATH_CREATE_DIRECTORY);
      walk(descriptor, context.path(path, length), (way) => way.directory.createDirectory(newName(way)));
    },

    /** Writes what is known of what a path names, following a link at its end when asked. Errors: the shared ones. */
    path_filestat_get(number: number, flags: number, path: number, length: number, result: number): void {
      const descriptor = context.directory(number, Rights.PATH_FILESTAT_GET);
      const stat = walk(descriptor, context.path(path, length), (way) => find(way, follows(flags)));
      writeFilestat(context, dialect, result, stat);
    },

    /** Sets times of what a path names. Errors: the shared ones, `inval` for flags that contradict each other. */
    path_filestat_set_times(
      number: number,
      flags: number,
      path: number,
      length: number,
      atim: bigint,
      mtim: bigint,
      timeFlags: number,
    ): void {
      const descriptor = context.directory(number, Rights.PATH_FILESTAT_SET_TIMES);
      const times = newTimes(atim, mtim, timeFlags);
      walk(descriptor, context.path(path, length), (way) => {
        find(way, follows(flags));
        if (way.name === undefined) way.directory.setTimes(times);
        else way.directory.setEntryTimes(way.name, times);
      });
    },

    /**
     * Gives a file or a link a second name. Errors: the shared ones, `perm` for a directory, `exist`, `xdev` for two file systems, `mlink`, `nospc`,
     * `inval` where a link is to be followed, which hosts do not offer safely.
     */
    path_link(
      oldNumber: number,
      flags: number,
      oldPath: number,
      oldLength: number,
      newNumber: number,
      newPath: number,
      newLength: number,
    ): void {
      const from = context.directory(oldNumber, Rights.PATH_LINK_SOURCE);
      const to = context.directory(newNumber, Rights.PATH_LINK_TARGET);
      if (follows(flags)) throw new WASIError("inval", "links are not followed here");
      sameSystem(from, to);
      walk(from, context.path(oldPath, oldLength), (source) => {
        const stat = find(source, false);
        if (source.name === undefined || stat.filetype === "directory") throw new WASIError("perm", "a directory");
        const name = source.name;
        walk(to, context.path(newPath, newLength), (target) => {
          if (target.trailingSlash && target.name !== undefined && target.directory.lookup(target.name) === undefined) {
            throw new WASIError("noent", "a file's name cannot end in a slash");
          }
          source.directory.link(name, target.directory, newName(target));
        });
      });
    },

    /**
     * Opens a file or directory and writes the lowest free descriptor. The rights asked for must be among those that the directory passes on; those that do not apply to what
     * is opened are left out. Errors: the shared ones, `exist` with `excl`, `isdir` for a directory that is to be written or cut, `loop` for a link that is not to be
     * followed, `inval` for flags that contradict each other, `mfile`, `nospc`, `notsup` for what is neither file nor directory.
     */
    path_open(
      number: number,
      lookupFlags: number,
      path: number,
      length: number,
      openFlags: number,
      base: bigint,
      inheriting: bigint,
      fdFlags: number,
      result: number,
    ): void {
      const descriptor = context.directory(number, Rights.PATH_OPEN);
      descriptor.require(rightsToOpen(openFlags, descriptor.inheriting));
      if ((openFlags & ~ALL_O_FLAGS) !== 0 || (fdFlags & ~ALL_FD_FLAGS) !== 0) {
        throw new WASIError("inval", "unknown flags");
      }
      if ((openFlags & OFlags.creat) !== 0 && (openFlags & OFlags.directory) !== 0) {
        throw new WASIError("inval", "a directory cannot be made by opening it");
      }
      const wanted = toRights(base);
      const passedOn = toRights(inheriting);
      if (((wanted | passedOn | rightsToStore(fdFlags)) & ~descriptor.inheriting) !== 0) {
        throw new WASIError("notcapable", "rights beyond those that the directory passes on");
      }
      const follow = follows(lookupFlags);
      const name = context.path(path, length);
      memory.slice(result, 4);
      context.descriptors.reserve();

      const directory = (openFlags & OFlags.directory) !== 0;
      const truncate = (openFlags & OFlags.trunc) !== 0;
      const opened = walk(descriptor, name, (way) =>
        open(way, follow, {
          // Nothing at all is asked by those who want to look at a file's size and times.
          read: (wanted & READING) !== 0 || (wanted & WRITING) === 0,
          // Who asks for a directory with all rights gets one; who asks to read and to write it is told that it is one.
          write: directory ? (wanted & READ_WRITE) === READ_WRITE : truncate || (wanted & WRITING) !== 0,
          create: (openFlags & OFlags.creat) !== 0,
          exclusive: (openFlags & OFlags.excl) !== 0,
          truncate,
          directory,
        }),
      );
      const added = context.descriptors.add(
        opened.kind === "file"
          ? new FileDescriptor(opened, wanted & FILE_RIGHTS, 0, fdFlags)
          : new DirectoryDescriptor(
              opened,
              descriptor.system,
              context.entries,
              wanted & DIRECTORY_RIGHTS,
              passedOn,
              fdFlags,
            ),
      );
      memory.writeU32(result, added);
    },

    /** Writes the target of a link, cut to the buffer, and its length. Errors: the shared ones, `inval` for what is no link. */
    path_readlink(
      number: number,
      path: number,
      length: number,
      buffer: number,
      bufferLength: number,
      size: number,
    ): void {
      const descriptor = context.directory(number, Rights.PATH_READLINK);
      const place = memory.slice(buffer, bufferLength);
      const target = walk(descriptor, context.path(path, length), (way) => {
        const stat = find(way, false);
        if (way.name === undefined || stat.filetype !== "symbolic_link") throw new WASIError("inval", "not a link");
        return encodeUtf8(way.directory.readLink(way.name));
      });
      place.set(target.subarray(0, place.length));
      memory.writeU32(size, Math.min(target.length, place.length));
    },

    /** Removes an empty directory. Errors: the shared ones, `notempty`, `inval` for `.`. */
    path_remove_directory(number: number, path: number, length: number): void {
      const descriptor = context.directory(number, Rights.PATH_REMOVE_DIRECTORY);
      walk(descriptor, context.path(path, length), (way) => {
        if (way.name === undefined) throw new WASIError("inval", "a directory cannot be removed from within");
        way.directory.removeDirectory(way.name);
      });
    },

    /**
     * Renames, replacing a file by a file or an empty directory by a directory. Errors: the shared ones, `xdev` for two file systems, `isdir`, `notdir`,
     * `notempty`, `inval` for a directory that would end up below itself, `busy` for `.`.
     */
    path_rename(
      oldNumber: number,
      oldPath: number,
      oldLength: number,
      newNumber: number,
      newPath: number,
      newLength: number,
    ): void {
      const from = context.directory(oldNumber, Rights.PATH_RENAME_SOURCE);
      const to = context.directory(newNumber, Rights.PATH_RENAME_TARGET);
      sameSystem(from, to);
      walk(from, context.path(oldPath, oldLength), (source) => {
        walk(to, context.path(newPath, newLength), (target) => {
          if (source.name === undefined || target.name === undefined) throw new WASIError("busy", "a directory in use");
          const stat = source.directory.lookup(source.name);
          if (stat === undefined) throw new WASIError("noent", "there is nothing of that name");
          if ((source.trailingSlash || target.trailingSlash) && stat.filetype !== "directory") {
            throw new WASIError("notdir", "only a directory's name can end in a slash");
          }
          source.directory.rename(source.name, target.directory, target.name);
        });
      });
    },

    /**
     * Makes a symbolic link. Its target is stored as it is, and walked like any path when it is followed. Errors: the shared ones, `exist`, `noent` for an empty target or a name that ends in a slash,
     * `notcapable` for an absolute target, which could only lead out, `nospc`.
     */
    path_symlink(oldPath: number, oldLength: number, number: number, newPath: number, newLength: number): void {
      const target = context.path(oldPath, oldLength);
      const descriptor = context.directory(number, Rights.PATH_SYMLINK);
      if (target === "") throw new WASIError("noent", "an empty target");
      if (target.includes("\0")) throw new WASIError("inval", "the target holds a NUL");
      if (target.startsWith("/")) throw new WASIError("notcapable", "an absolute target");
      walk(descriptor, context.path(newPath, newLength), (way) => {
        const name = newName(way);
        if (way.trailingSlash) {
          const stat = way.directory.lookup(name);
          if (stat === undefined) throw new WASIError("noent", "a link's name cannot end in a slash");
          throw stat.filetype === "directory"
            ? new WASIError("exist", "the name is taken")
            : new WASIError("notdir", "only a directory's name can end in a slash");
        }
        way.directory.createLink(name, target);
      });
    },

    /** Removes a file or a link. Errors: the shared ones, `isdir` for a directory, `notdir` for a file's name with a slash at its end. */
    path_unlink_file(number: number, path: number, length: number): void {
      const descriptor = context.directory(number, Rights.PATH_UNLINK_FILE);
      walk(descriptor, context.path(path, length), (way) => {
        if (way.name === undefined) throw new WASIError("isdir", "a directory");
        if (way.trailingSlash) {
          const stat = way.directory.lookup(way.name);
          if (stat === undefined) throw new WASIError("noent", "there is nothing of that name");
          throw new WASIError(
            stat.filetype === "directory" ? "isdir" : "notdir",
            "only a directory's name can end in a slash",
          );
        }
        way.directory.removeFile(way.name);
      });
    },
  };
}

function follows(lookupFlags: number): boolean {
  if ((lookupFlags & ~SYMLINK_FOLLOW) !== 0) throw new WASIError("inval", "unknown flags");
  return (lookupFlags & SYMLINK_FOLLOW) !== 0;
}

/** What a directory needs for these flags. Who may cut what is opened through it may cut on opening: it gains nothing, and Go relies on it. */
function rightsToOpen(openFlags: number, inheriting: number): number {
  let rights = 0;
  if ((openFlags & OFlags.creat) !== 0) rights |= Rights.PATH_CREATE_FILE;
  if ((openFlags & OFlags.trunc) !== 0 && (inheriting & Rights.FD_FILESTAT_SET_SIZE) === 0) {
    rights |= Rights.PATH_FILESTAT_SET_SIZE;
  }
  return rights;
}

function rightsToStore(fdFlags: number): number {
  let rights = 0;
  if ((fdFlags & (FdFlags.rsync | FdFlags.sync)) !== 0) rights |= Rights.FD_SYNC;
  if ((fdFlags & FdFlags.dsync) !== 0) rights |= Rights.FD_DATASYNC;
  return rights;
}

/** Names can be moved and linked within one file system. */
function sameSystem(from: DirectoryDescriptor, to: DirectoryDescriptor): void {
  if (from.system !== to.system) throw new WASIError("xdev", "the two names are in different file systems");
}

/** Where something new gets its name; a path that names a directory itself names something that is there. */
function newName(way: Walk): string {
  if (way.name === undefined) throw new WASIError("exist", "the name is taken");
  return way.name;
}

/** Walks to the object itself: through links at the end when they are to be followed or a slash asks for a directory. Throws `noent`. */
function find(way: Walk, follow: boolean): FileStat {
  while (way.name !== undefined) {
    const stat = way.directory.lookup(way.name);
    if (stat === undefined) throw new WASIError("noent", "there is nothing of that name");
    if (stat.filetype === "symbolic_link" && (follow || way.trailingSlash)) {
      way.follow();
      continue;
    }
    if (way.trailingSlash && stat.filetype !== "directory") throw new WASIError("notdir", "not a directory");
    return stat;
  }
  return way.directory.stat();
}

/** Opens what the walk leads to, following links at its end when they are to be followed or a slash asks for a directory. */
function open(way: Walk, follow: boolean, options: OpenOptions): FileHandle | Directory {
  for (;;) {
    if (way.name === undefined) {
      if (options.create && options.exclusive) throw new WASIError("exist", "a directory");
      if (options.write || options.create || options.truncate) throw new WASIError("isdir", "a directory");
      return way.directory.reopen();
    }
    if (way.trailingSlash && options.create) throw new WASIError("isdir", "a file's name cannot end in a slash");
    const directory = options.directory || way.trailingSlash;
    try {
      return way.directory.open(way.name, directory === options.directory ? options : { ...options, directory });
    } catch (error) {
      if (!(error instanceof WASIError) || (error.errno !== "loop" && error.errno !== "notdir")) throw error;
      if (way.directory.lookup(way.name)?.filetype !== "symbolic_link") throw error;
      if (!follow && !way.trailingSlash) throw new WASIError("loop", "a link");
      way.follow();
    }
  }
}
