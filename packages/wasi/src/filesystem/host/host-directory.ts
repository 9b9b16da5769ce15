import { type FileFunctions, nodeFs } from "../../platform/node.ts";
import { type OptionNames, readOptions } from "../../read-options.ts";
import type { Directory, FileSystem } from "../file-system.ts";
import { onHost } from "./errors.ts";
import { HostFolder } from "./host-folder.ts";
import { openPlace, type Place } from "./place.ts";
import { HostTimes } from "./times.ts";

/** What a {@link HostDirectory} takes. */
export interface HostDirectoryOptions {
  /** Guests can read and nothing else; a change fails with `rofs`. */
  readonly?: boolean;
  /** How directories are held, for tests: `"path"` does on every host what is done where descriptors cannot be walked from. */
  hold?: "auto" | "path";
}

const names: OptionNames<HostDirectoryOptions> = { readonly: true, hold: true };

interface HostFinalization {
  FinalizationRegistry?: new (
    callback: (held: Place) => void,
  ) => { register(target: object, held: Place, token: object): void; unregister(token: object): void };
}

const Registry = (globalThis as HostFinalization).FinalizationRegistry;
const forgotten = Registry === undefined ? undefined : new Registry((place) => place.close());

/**
 * A folder of the host for guests: they can reach what is in it and nothing else.
 *
 * On Linux every directory on a guest's path is held by a descriptor and links are read, never followed by the system, so neither a guest nor
 * another process that swaps links and folders meanwhile can lead an operation out. On other systems directories are known by their real path and identity,
 * checked before and after each use: a guest cannot leave, but a hostile process of the same host that swaps folders between check and use is not held;
 * do not let untrusted processes write into such a folder.
 *
 * Guests get regular files, directories and links; devices, pipes and sockets cannot be opened, file systems of the kernel (`/proc`, `/sys` and their like) cannot be
 * entered. A hard link that the host itself made inside the folder is a file of the folder. Other programs see the times that a guest sets to the microsecond.
 */
export class HostDirectory implements FileSystem {
  private readonly fs: FileFunctions;
  private readonly place: Place;
  private readonly times: HostTimes = new HostTimes();
  private readonly readonly: boolean;

  /**
   * @param path an existing folder; links in this path are the host's own and are followed, once
   * @throws TypeError for an option that is not known and where there is no `node:fs`, WASIError `noent`, `notdir`, `acces` for a path that cannot be used
   */
  constructor(path: string, given?: HostDirectoryOptions) {
    const options = readOptions("HostDirectory", names, given);
    this.fs = nodeFs("HostDirectory");
    this.readonly = options.readonly ?? false;
    this.place = onHost(() => openPlace(this.fs, path, options.hold === "path"));
    forgotten?.register(this, this.place, this);
  }

  /** Whether directories are held by descriptors, so that other processes cannot lead a guest out either. */
  get exact(): boolean {
    return this.place.exact;
  }

  root(): Directory {
    return onHost(() => new HostFolder(this.fs, this.place.again(), this.times, this.readonly));
  }

  /** Gives the folder back to the host. Directories and files that are open stay open. Without this the garbage collector does it. */
  close(): void {
    forgotten?.unregister(this);
    onHost(() => this.place.close());
  }
}
