/** The rights of preview 1 in the order of the specification: a right's bit is its place in the list. */
export const RIGHT_NAMES = [
  "FD_DATASYNC",
  "FD_READ",
  "FD_SEEK",
  "FD_FDSTAT_SET_FLAGS",
  "FD_SYNC",
  "FD_TELL",
  "FD_WRITE",
  "FD_ADVISE",
  "FD_ALLOCATE",
  "PATH_CREATE_DIRECTORY",
  "PATH_CREATE_FILE",
  "PATH_LINK_SOURCE",
  "PATH_LINK_TARGET",
  "PATH_OPEN",
  "FD_READDIR",
  "PATH_READLINK",
  "PATH_RENAME_SOURCE",
  "PATH_RENAME_TARGET",
  "PATH_FILESTAT_GET",
  "PATH_FILESTAT_SET_SIZE",
  "PATH_FILESTAT_SET_TIMES",
  "FD_FILESTAT_GET",
  "FD_FILESTAT_SET_SIZE",
  "FD_FILESTAT_SET_TIMES",
  "PATH_SYMLINK",
  "PATH_REMOVE_DIRECTORY",
  "PATH_UNLINK_FILE",
  "POLL_FD_READWRITE",
  "SOCK_SHUTDOWN",
  "SOCK_ACCEPT",
] as const;

const bits: Record<string, number> = {};
RIGHT_NAMES.forEach((name, bit) => {
  bits[name] = 1 << bit;
});

/** The rights by name. There are thirty, so a number holds them, though the interface passes 64 bits. */
export const Rights: Readonly<Record<(typeof RIGHT_NAMES)[number], number>> = bits as Record<
  (typeof RIGHT_NAMES)[number],
  number
>;

/** Every right there is. Bits above are ignored where a guest asks for them, since libraries ask for all ones. */
export const ALL_RIGHTS: number = 2 ** 30 - 1;

/** The rights that a guest names by 64 bits. */
export function toRights(bits: bigint): number {
  return Number(BigInt.asUintN(30, bits));
}

/** What applies to a regular file. */
export const FILE_RIGHTS: number =
  Rights.FD_DATASYNC |
  Rights.FD_READ |
  Rights.FD_SEEK |
  Rights.FD_FDSTAT_SET_FLAGS |
  Rights.FD_SYNC |
  Rights.FD_TELL |
  Rights.FD_WRITE |
  Rights.FD_ADVISE |
  Rights.FD_ALLOCATE |
  Rights.FD_FILESTAT_GET |
  Rights.FD_FILESTAT_SET_SIZE |
  Rights.FD_FILESTAT_SET_TIMES |
  Rights.POLL_FD_READWRITE;

/** What applies to a directory itself; what may be done with files below it is in the inheriting rights. */
export const DIRECTORY_RIGHTS: number =
  Rights.FD_FDSTAT_SET_FLAGS |
  Rights.FD_SYNC |
  Rights.FD_DATASYNC |
  Rights.FD_ADVISE |
  Rights.PATH_CREATE_DIRECTORY |
  Rights.PATH_CREATE_FILE |
  Rights.PATH_LINK_SOURCE |
  Rights.PATH_LINK_TARGET |
  Rights.PATH_OPEN |
  Rights.FD_READDIR |
  Rights.PATH_READLINK |
  Rights.PATH_RENAME_SOURCE |
  Rights.PATH_RENAME_TARGET |
  Rights.PATH_FILESTAT_GET |
  Rights.PATH_FILESTAT_SET_SIZE |
  Rights.PATH_FILESTAT_SET_TIMES |
  Rights.FD_FILESTAT_GET |
  Rights.FD_FILESTAT_SET_TIMES |
  Rights.PATH_SYMLINK |
  Rights.PATH_REMOVE_DIRECTORY |
  Rights.PATH_UNLINK_FILE |
  Rights.POLL_FD_READWRITE;

/** What applies to a standard stream. Seek and tell are missing: C libraries take a character device without them for a terminal. */
export const STREAM_RIGHTS: number = Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_FILESTAT_GET | Rights.POLL_FD_READWRITE;

/** What applies to a socket with a connection. */
export const CONNECTION_RIGHTS: number =
  Rights.FD_READ |
  Rights.FD_WRITE |
  Rights.FD_FDSTAT_SET_FLAGS |
  Rights.FD_FILESTAT_GET |
  Rights.POLL_FD_READWRITE |
  Rights.SOCK_SHUTDOWN;

/** What applies to a listening socket. */
export const LISTENER_RIGHTS: number =
  Rights.FD_FDSTAT_SET_FLAGS |
  Rights.FD_FILESTAT_GET |
  Rights.POLL_FD_READWRITE |
  Rights.SOCK_ACCEPT |
  Rights.FD_READ |
  Rights.FD_WRITE;
