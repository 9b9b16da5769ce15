/**
 * The error numbers of WASI preview 1, in the order of the specification: an error's number is its place in the list.
 */
export const ERRNO_NAMES = [
  "success",
  "2big",
  "acces",
  "addrinuse",
  "addrnotavail",
  "afnosupport",
  "again",
  "already",
  "badf",
  "badmsg",
  "busy",
  "canceled",
  "child",
  "connaborted",
  "connrefused",
  "connreset",
  "deadlk",
  "destaddrreq",
  "dom",
  "dquot",
  "exist",
  "fault",
  "fbig",
  "hostunreach",
  "idrm",
  "ilseq",
  "inprogress",
  "intr",
  "inval",
  "io",
  "isconn",
  "isdir",
  "loop",
  "mfile",
  "mlink",
  "msgsize",
  "multihop",
  "nametoolong",
  "netdown",
  "netreset",
  "netunreach",
  "nfile",
  "nobufs",
  "nodev",
  "noent",
  "noexec",
  "nolck",
  "nolink",
  "nomem",
  "nomsg",
  "noprotoopt",
  "nospc",
  "nosys",
  "notconn",
  "notdir",
  "notempty",
  "notrecoverable",
  "notsock",
  "notsup",
  "notty",
  "nxio",
  "overflow",
  "ownerdead",
  "perm",
  "pipe",
  "proto",
  "protonosupport",
  "prototype",
  "range",
  "rofs",
  "spipe",
  "srch",
  "stale",
  "timedout",
  "txtbsy",
  "xdev",
  "notcapable",
] as const;

/** The name of a preview 1 error, as the specification spells it. */
export type ErrnoName = (typeof ERRNO_NAMES)[number];

const byName: Record<string, number> = {};
ERRNO_NAMES.forEach((name, number) => {
  byName[name] = number;
});

/** The number of each error by its name: `Errno.noent` is 44. */
export const Errno: Readonly<Record<ErrnoName, number>> = byName as Record<ErrnoName, number>;

/** What a function that went well returns. */
export const SUCCESS = 0;
