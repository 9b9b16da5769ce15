import { WASIError } from "../../errors.ts";

/** What a memory file system holds at most, and what it holds. */
export interface Usage {
  /** Bytes of all files and link targets. A file with a hole counts with its whole size. */
  bytes: number;
  /** Names of files, directories and links. */
  files: number;
}

/** Keeps count of what a memory file system holds. Shared by all its nodes. */
export class Quota {
  readonly most: Readonly<Usage>;
  readonly used: Usage = { bytes: 0, files: 0 };

  /** @throws RangeError when a limit is not a number from zero up */
  constructor(most: Usage) {
    for (const [name, value] of Object.entries(most)) {
      if (!(value >= 0)) throw new RangeError(`the limit of ${name} must be a number from zero up, not ${value}`);
    }
    this.most = most;
  }

  /** How many more bytes there is room for. */
  get room(): number {
    return this.most.bytes - this.used.bytes;
  }

  /** Counts bytes (fewer than none when they are given back). Throws `nospc` when there is no room. */
  addBytes(bytes: number): void {
    if (bytes > this.room) {
      throw new WASIError(
        "nospc",
        `the file system is full: ${this.used.bytes} of ${this.most.bytes} bytes used, ${bytes} more asked`,
      );
    }
    this.used.bytes += bytes;
  }

  /** Counts names. Throws `nospc` when there are too many. */
  addFiles(files: number): void {
    if (this.used.files + files > this.most.files) {
      throw new WASIError("nospc", `the file system is full: it may hold ${this.most.files} files`);
    }
    this.used.files += files;
  }
}
