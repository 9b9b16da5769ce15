import { WASIError } from "../../errors.ts";
import { type FileFunctions, isWindows, processId } from "../../platform/node.ts";

/**
 * Where a directory of the host is, in a form that its entries can be reached through. The one rule: nothing between the directory and the
 * entry's name can be a link, whatever other processes do meanwhile.
 */
export interface Place {
  /** Whether an entry that was reached through it was certainly reached in this directory. */
  readonly exact: boolean;
  /** What the host's functions take for the directory itself. */
  readonly self: string;
  /** What they take for one of its entries. It is only ever used in ways that do not follow a link at its end. */
  entry(name: string): string;
  /** Fails with `stale` when the directory is not where it was; a handle never is. */
  verify(): void;
  /** The place of a directory in this one. Throws (Node's errors) `ENOTDIR` for a link or a file. */
  below(name: string): Place;
  /** The place of a directory in this one that has been opened already; the descriptor is taken over. */
  adopt(descriptor: number, name: string): Place;
  /** A second hold on the same directory. */
  again(): Place;
  close(): void;
}

/** On Linux a descriptor that is only a place in the tree: it needs no permission to read, and opening it has no effect on anything. Node has no name for it. */
const O_PATH = 0o10_000_000;

/**
 * Where Linux shows descriptors as names: below it `7/name` is the entry `name` of the directory behind descriptor 7, wherever that is by now. The number of the process
 * instead of `self` spares the system a link in each call, a quarter of an opening's time.
 */
function descriptors(): string {
  return `/proc/${processId()}/fd/`;
}

/** File systems that are the kernel's own doors, not files: writing `/proc/self/mem` would be a way out. By their magic numbers in `statfs`. */
const KERNEL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x1cd1, // devpts
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0xf97cff8c, // selinux
  0x43415d53, // smack
  0x5a3c69f0, // apparmor
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0xcafe4a11, // bpf
  0x62656570, // configfs
  0xde5e81e4, // efivarfs
  0x6165676c, // pstore
  0x19800202, // mqueue
  0x6e736673, // namespaces
  0x65735543, // fusectl
  0x42494e4d, // binfmt_misc
  0x7655821, // resctrl
]);

/**
 * Linux: every directory on a path is held by a descriptor, and each step names an entry of a held directory and refuses links. This is `openat` in all but
 * name, and there is no moment at which another process could put something else in its place.
 */
class HandlePlace implements Place {
  readonly exact = true;
  readonly self: string;
  private readonly fs: FileFunctions;
  private readonly descriptor: number;
  private readonly device: number;

  constructor(fs: FileFunctions, descriptor: number, parentDevice?: number) {
    this.fs = fs;
    this.descriptor = descriptor;
    this.self = descriptors() + descriptor;
    try {
      this.device = fs.fstatSync(descriptor).dev;
      // A mount point is where another file system can begin; elsewhere it is that of the parent.
      if (this.device !== parentDevice && KERNEL_FILE_SYSTEMS.has(fs.statfsSync(this.self).type >>> 0)) {
        throw new WASIError("acces", "file systems of the kernel are not for guests");
      }
    } catch (error) {
      fs.closeSync(descriptor);
      throw error;
    }
  }

  static open(fs: FileFunctions, path: string, parentDevice?: number, flags = 0): HandlePlace {
    const descriptor = fs.openSync(path, O_PATH | fs.constants.O_DIRECTORY | flags);
    return new HandlePlace(fs, descriptor, parentDevice);
  }

  entry(name: string): string {
    return `${this.self}/${name}`;
  }

  verify(): void {}

  below(name: string): Place {
    return HandlePlace.open(this.fs, this.entry(name), this.device, this.fs.constants.O_NOFOLLOW);
  }

  adopt(descriptor: number): Place {
    return new HandlePlace(this.fs, descriptor, this.device);
  }

  again(): Place {
    return HandlePlace.open(this.fs, this.self, this.device);
  }

  close(): void {
    this.fs.closeSync(this.descriptor);
  }
}

/**
 * Elsewhere: directories are known by their real path and their identity, and both are checked before each use and after each opening. What a guest alone can do
 * is held; another process that swaps directories at the right moment, between a check and its use, is not.
 */
class PathPlace implements Place {
  readonly exact = false;
  readonly self: string;
  private readonly fs: FileFunctions;
  private readonly identity: string;

  constructor(fs: FileFunctions, path: string) {
    this.fs = fs;
    this.self = path;
    this.identity = this.identify();
  }

  entry(name: string): string {
    if (isWindows() && !isPlainWindowsName(name))
      throw new WASIError("inval", `${name} is not a plain name on this host`);
    return this.self.endsWith("/") ? this.self + name : `${this.self}/${name}`;
  }

  verify(): void {
    if (this.identify() !== this.identity) throw new WASIError("stale", "the directory is not where it was");
  }

  below(name: string): Place {
    this.verify();
    const path = this.entry(name);
    const place = new PathPlace(this.fs, path);
    // The identity was taken without following a link; now that it is a directory on a real path all the way is checked again.
    place.verify();
    return place;
  }

  adopt(descriptor: number, name: string): Place {
    this.fs.closeSync(descriptor);
    return this.below(name);
  }

  again(): Place {
    this.verify();
    return new PathPlace(this.fs, this.self);
  }

  close(): void {}

  private identify(): string {
    const stat = this.fs.lstatSync(this.self, { bigint: true });
    if (!stat.isDirectory()) throw new WASIError("notdir", "not a directory");
    const real = this.fs.realpathSync.native(this.self).replaceAll("\\", "/");
    const last = (path: string): string => path.slice(0, path.lastIndexOf("/"));
    // On hosts that fold case the last name may be spelt in another way than it is stored; what is above it was taken from the host.
    if (last(real) !== last(this.self)) throw new WASIError("stale", "the directory is not where it was");
    return `${stat.dev}:${stat.ino}`;
  }
}

/** Names that Windows would take for something else: a device, a stream of a file, another name with dots or spaces cut off. */
function isPlainWindowsName(name: string): boolean {
  return (
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that Windows refuses.
    !/[\\/:*?"<>|\x00-\x1f]|[. ]$/.test(name) &&
    !/^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i.test(name)
  );
}

/**
 * Takes hold of a directory, links in its path followed: the path is the host's own.
 *
 * @param byPath use paths though the host could hold descriptors; for tests
 */
export function openPlace(fs: FileFunctions, path: string, byPath: boolean): Place {
  const real = fs.realpathSync.native(path);
  if (!byPath && holdsDescriptors(fs)) return HandlePlace.open(fs, real);
  return new PathPlace(fs, real.replaceAll("\\", isWindows() ? "/" : "\\"));
}

let probed: boolean | undefined;

/** Whether descriptors can be walked from: Linux with /proc. */
function holdsDescriptors(fs: FileFunctions): boolean {
  probed ??= probe(fs);
  return probed;
}

function probe(fs: FileFunctions): boolean {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync("/", O_PATH | fs.constants.O_DIRECTORY);
    const held = fs.fstatSync(descriptor);
    const named = fs.statSync(`${descriptors()}${descriptor}/.`);
    return held.dev === named.dev && held.ino === named.ino && fs.statfsSync("/proc").type === 0x9fa0;
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}
