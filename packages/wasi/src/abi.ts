/** Numbers of the preview 1 interface that more than one family of functions uses, by the specification's names. */

/** `fdflags`: how a descriptor behaves. */
export const FdFlags = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 } as const;
export const ALL_FD_FLAGS = 31;

/** `oflags` of `path_open`. */
export const OFlags = { creat: 1, directory: 2, excl: 4, trunc: 8 } as const;
export const ALL_O_FLAGS = 15;

/** `lookupflags`: whether a link at the end of a path is followed. */
export const SYMLINK_FOLLOW = 1;

/** `fstflags`: which times to set, and to what. */
export const FstFlags = { atim: 1, atimNow: 2, mtim: 4, mtimNow: 8 } as const;

/** `clockid` */
export const ClockId = { realtime: 0, monotonic: 1, processCpu: 2, threadCpu: 3 } as const;

/** `eventtype` */
export const EventType = { clock: 0, fdRead: 1, fdWrite: 2 } as const;

/** `filetype`: what a file system's object is; its number is its place in the list. */
export const FILETYPES = [
  "unknown",
  "block_device",
  "character_device",
  "directory",
  "regular_file",
  "socket_dgram",
  "socket_stream",
  "symbolic_link",
] as const;

/** What an object of a file system is, by the specification's name. */
export type Filetype = (typeof FILETYPES)[number];

const numbers: Record<string, number> = {};
FILETYPES.forEach((name, number) => {
  numbers[name] = number;
});

/** The number of a file type in preview 1. */
export function filetypeNumber(filetype: Filetype): number {
  return numbers[filetype];
}

/** The two spellings of the interface: preview 1 and the snapshot before it, which differ in a few layouts. */
export type Dialect = "wasi_snapshot_preview1" | "wasi_unstable";
