import type { Filetype } from "../../abi.ts";
import { WASIError } from "../../errors.ts";
import type { FileFunctions } from "../../platform/node.ts";
import type { Directory, DirectoryEntry, FileHandle, FileStat, NewTimes, OpenOptions } from "../file-system.ts";
import { onHost } from "./errors.ts";
import { HostFile } from "./host-file.ts";
import type { Place } from "./place.ts";
import { filetypeOf, mustBeWritable } from "./stat.ts";
import type { HostTimes } from "./times.ts";

/** How often opening is tried again when the entry changes under it. */
const MOST_TRIES = 16;

/** A directory of the host that a guest has opened. Entries are reached through a {@link Place} and never through a link. */
export class HostFolder implements Directory {
  readonly kind = "directory";
  private readonly fs: FileFunctions;
  private readonly place: Place;
  private readonly times: HostTimes;
  private readonly readonly: boolean;

  constructor(fs: FileFunctions, place: Place, times: HostTimes, readonly: boolean) {
    this.fs = fs;
    this.place = place;
    this.times = times;
    this.readonly = readonly;
  }

  stat(): FileStat {
    return onHost(() => {
      this.place.verify();
      return this.times.fileStat(this.fs.statSync(this.place.self, { bigint: true }));
    });
  }

  setTimes(times: NewTimes): void {
    this.change(() => {
      const { self } = this.place;
      this.times.change(
        times,
        () => this.fs.statSync(self, { bigint: true }),
        (atim, mtim) => this.fs.utimesSync(self, atim, mtim),
      );
    });
  }

  sync(dataOnly: boolean): void {
    onHost(() => {
      this.place.verify();
      const descriptor = this.fs.openSync(this.place.self, this.fs.constants.O_RDONLY);
      try {
        if (dataOnly) this.fs.fdatasyncSync(descriptor);
        else this.fs.fsyncSync(descriptor);
      } finally {
        this.fs.closeSync(descriptor);
      }
    });
  }

  close(): void {
    onHost(() => this.place.close());
  }

  reopen(): Directory {
    return onHost(() => new HostFolder(this.fs, this.place.again(), this.times, this.readonly));
  }

  lookup(name: string): FileStat | undefined {
    return onHost(() => {
      this.place.verify();
      const stat = this.fs.lstatSync(this.place.entry(name), { bigint: true, throwIfNoEntry: false });
      return stat === undefined ? undefined : this.times.fileStat(stat);
    });
  }

  inodeOf(name: string): bigint {
    return onHost(() => {
      const entry = this.place.entry(name);
      // Numbers cost half of what bigints do, and are exact for nearly all.
      const ino = this.fs.lstatSync(entry, { throwIfNoEntry: false })?.ino ?? 0;
      if (Number.isSafeInteger(ino)) return BigInt(ino);
      return this.fs.lstatSync(entry, { bigint: true, throwIfNoEntry: false })?.ino ?? 0n;
    });
  }

  list(most: number): DirectoryEntry[] {
    return onHost(() => {
      this.place.verify();
      const fs = this.fs;
      const directory = fs.opendirSync(this.place.self, { bufferSize: 4096 });
      try {
        const entries: DirectoryEntry[] = [];
        for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
          const { name } = entry;
          let filetype: Filetype | undefined = filetypeOf(entry);
          // A look costs ten times what reading the entry does, so only what the entry does not tell is looked at.
          if ((filetype === "unknown" && !entry.isFIFO()) || name.includes("\ufffd")) filetype = this.lookAt(name);
          if (filetype === undefined) continue;
          if (entries.length === most) throw new WASIError("nomem", `a directory of more than ${most} entries`);
          entries.push({ name, ino: 0n, filetype });
        }
        return entries;
      } finally {
        directory.closeSync();
      }
    });
  }

  open(name: string, options: OpenOptions): FileHandle | Directory {
    return onHost(() => {
      if (options.directory && !options.create && !options.write && !options.truncate) {
        return new HostFolder(this.fs, this.place.below(name), this.times, this.readonly);
      }
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const opened = this.tryToOpen(name, options);
        if (opened !== undefined) return opened;
      }
      throw new WASIError("again", `${name} changes while it is opened`);
    });
  }

  readLink(name: string): string {
    return onHost(() => {
      this.place.verify();
      return this.fs.readlinkSync(this.place.entry(name));
    });
  }

  createDirectory(name: string): void {
    this.change(() => this.fs.mkdirSync(this.place.entry(name)));
  }

  createLink(name: string, target: string): void {
    this.change(() => this.fs.symlinkSync(target, this.place.entry(name)));
  }

  link(name: string, to: Directory, toName: string): void {
    const target = this.sameHost(to);
    this.change(() => {
      target.verify();
      const entry = this.place.entry(name);
      // Linux links a link itself; some hosts would follow it.
      if (this.fs.lstatSync(entry).isDirectory()) throw new WASIError("perm", `${name} is a directory`);
      this.fs.linkSync(entry, target.entry(toName));
    });
  }

  rename(name: string, to: Directory, toName: string): void {
    const target = this.sameHost(to);
    this.change(() => {
      target.verify();
      this.fs.renameSync(this.place.entry(name), target.entry(toName));
    });
  }

  removeDirectory(name: string): void {
    this.change(() => this.fs.rmdirSync(this.place.entry(name)));
  }

  removeFile(name: string): void {
    this.change(() => {
      const entry = this.place.entry(name);
      if (this.fs.lstatSync(entry, { throwIfNoEntry: false })?.isDirectory()) {
        throw new WASIError("isdir", `${name} is a directory`);
      }
      this.fs.unlinkSync(entry);
    });
  }

  setEntryTimes(name: string, times: NewTimes): void {
    this.change(() => {
      const entry = this.place.entry(name);
      this.times.change(
        times,
        () => this.fs.lstatSync(entry, { bigint: true }),
        (atim, mtim) => this.fs.lutimesSync(entry, atim, mtim),
      );
    });
  }

  /** What an entry is; undefined when nothing has that name. Then it is gone, or is no UTF-8 and was mended on its way here. */
  private lookAt(name: string): Filetype | undefined {
    const stat = this.fs.lstatSync(this.place.entry(name), { throwIfNoEntry: false });
    return stat === undefined ? undefined : filetypeOf(stat);
  }

  /** Opens what is there now, or makes it; undefined when it was something else by the time it was opened. */
  private tryToOpen(name: string, options: OpenOptions): FileHandle | Directory | undefined {
    const fs = this.fs;
    const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL } = fs.constants;
    this.place.verify();
    const entry = this.place.entry(name);
    let flags = options.write ? (options.read ? O_RDWR : O_WRONLY) : O_RDONLY;
    // Without waiting, because the host may have put a pipe there, and opening one waits for its other end. Neither constant exists on Windows.
    flags |= (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0) | (fs.constants.O_NOCTTY ?? 0);
    if (this.readonly && (options.create || options.write || options.truncate)) this.refuseChange(entry, options);
    else if (options.create) flags |= options.exclusive ? O_CREAT | O_EXCL : O_CREAT;
    let descriptor: number;
    try {
      descriptor = fs.openSync(entry, flags, 0o666);
    } catch (error) {
      const { code } = error as { code?: unknown };
      // A socket, or a pipe that nobody reads.
      if (code === "ENXIO") throw new WASIError("notsup", `${name} is neither file nor directory`);
      throw error;
    }
    return this.opened(descriptor, entry, name, options);
  }

  /** Looks at what was really opened; undefined when it is not what stands there now, where only paths hold directories. */
  private opened(
    descriptor: number,
    entry: string,
    name: string,
    options: OpenOptions,
  ): FileHandle | Directory | undefined {
    const fs = this.fs;
    try {
      const held = fs.fstatSync(descriptor);
      if (!this.place.exact) {
        this.place.verify();
        const named = fs.lstatSync(entry, { throwIfNoEntry: false });
        if (named?.ino !== held.ino || named.dev !== held.dev) {
          if (named?.isSymbolicLink()) throw new WASIError("loop", `${name} is a link`);
          fs.closeSync(descriptor);
          return undefined;
        }
      }
      if (held.isFile()) {
        if (options.directory) throw new WASIError("notdir", `${name} is a file`);
        const file = new HostFile(fs, descriptor, this.times, this.readonly);
        if (options.truncate && held.size > 0) file.resize(0);
        return file;
      }
      if (!held.isDirectory()) throw new WASIError("notsup", `${name} is neither file nor directory`);
      if (options.write || options.truncate) throw new WASIError("isdir", `${name} is a directory`);
    } catch (error) {
      fs.closeSync(descriptor);
      throw error;
    }
    return new HostFolder(fs, this.place.adopt(descriptor, name), this.times, this.readonly);
  }

  /** Says why a read-only directory does not open something: as any other would if that is what fails, and that it is read-only otherwise. */
  private refuseChange(entry: string, options: OpenOptions): void {
    const stat = this.fs.lstatSync(entry, { throwIfNoEntry: false });
    if (stat !== undefined) {
      if (options.create && options.exclusive) throw new WASIError("exist", "the name is taken");
      if (stat.isSymbolicLink()) throw new WASIError("loop", "a link");
      if (stat.isDirectory()) throw new WASIError("isdir", "a directory");
      if (!options.write && !options.truncate) return;
    } else if (!options.create) throw new WASIError("noent", "there is nothing of that name");
    mustBeWritable(true);
  }

  private change(operation: () => void): void {
    mustBeWritable(this.readonly);
    onHost(() => {
      this.place.verify();
      operation();
    });
  }

  private sameHost(directory: Directory): Place {
    if (!(directory instanceof HostFolder)) throw new WASIError("xdev", "the two names are in different file systems");
    return directory.place;
  }
}
