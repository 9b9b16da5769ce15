import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type OptionNames, readOptions } from "../options.ts";
import type { ModuleCache } from "../store/module-cache.ts";
import { readRegularFile } from "./regular-file.ts";

export interface FolderCacheOptions {
  /** Bytes that the folder's entries may take together; the least recently used go first. Default 1 GiB. */
  readonly capacity?: number;
  /** Told of what kept an entry from being read or written: a cache that fails costs time and nothing else. */
  readonly onError?: (error: unknown) => void;
}

const names: OptionNames<FolderCacheOptions> = { capacity: true, onError: true };

const MAGIC = Buffer.from("wardian\0");
const DIGEST_LENGTH = 32;
const HEADER_LENGTH = MAGIC.length + DIGEST_LENGTH;
const SUFFIX = ".module";
const TEMPORARY = ".writing";
/** A file that is being written is older than this, in milliseconds, only when its process has died. */
const ABANDONED = 60 * 60 * 1000;

/**
 * A cache in a folder, which processes may share: each entry is a file of its own, written under a temporary name and renamed,
 * with the SHA-256 of its contents before them. What is torn or damaged is removed and counts as missing.
 *
 * The digest is against accidents. Whoever can write to the folder can make guests run without limits: keep it as safe as the program.
 *
 * @example
 * const runtime = new Runtime({ cache: new FolderCache("/var/cache/my-service") });
 */
export class FolderCache implements ModuleCache {
  readonly folder: string;
  private readonly capacity: number;
  private readonly onError: (error: unknown) => void;

  /**
   * @param folder made when the first entry is written
   * @throws TypeError for an option that is not known, and for a capacity that is no number of bytes
   */
  constructor(folder: string, options?: FolderCacheOptions) {
    const { capacity = 2 ** 30, onError = () => {} } = readOptions("FolderCache", names, options);
    if (!(capacity >= 0)) throw new TypeError(`capacity must be a number of bytes of at least 0, not ${capacity}`);
    this.folder = folder;
    this.capacity = capacity;
    this.onError = onError;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const path = this.pathOf(key);
    try {
      const { buffer } = await readRegularFile(path, this.capacity);
      const file = Buffer.from(buffer);
      const contents = file.subarray(HEADER_LENGTH);
      if (!file.subarray(0, HEADER_LENGTH).equals(headerOf(key, contents))) {
        await rm(path, { force: true });
        return undefined;
      }
      const now = new Date();
      // A folder that can only be read has no order of use. Its entries are good.
      await utimes(path, now, now).catch((error: unknown) => this.unlessMissing(error));
      return new Uint8Array(contents);
    } catch (error) {
      this.unlessMissing(error);
      return undefined;
    }
  }

  /** Another process may remove an entry at any time, which is no failure. */
  private unlessMissing(error: unknown): void {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") this.onError(error);
  }

  async set(key: string, bytes: Uint8Array): Promise<void> {
    const size = HEADER_LENGTH + bytes.length;
    if (size > this.capacity) return;
    const path = this.pathOf(key);
    const temporary = `${path}.${randomUUID()}${TEMPORARY}`;
    try {
      await mkdir(this.folder, { recursive: true });
      await writeFile(temporary, [headerOf(key, bytes), bytes], { flag: "wx", mode: 0o600 });
      await rename(temporary, path);
      await this.trim();
    } catch (error) {
      await rm(temporary, { force: true }).catch(this.onError);
      this.onError(error);
    }
  }

  /** A key is any text: its digest is a name on every file system. */
  private pathOf(key: string): string {
    return join(this.folder, createHash("sha256").update(key).digest("hex") + SUFFIX);
  }

  /** Removes what was used longest ago until the rest fits, and what processes that died left half-written. */
  private async trim(): Promise<void> {
    const entries: { readonly path: string; readonly size: number; readonly used: number }[] = [];
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      // Another process may have removed it meanwhile.
      const status = await stat(path).catch(() => undefined);
      if (status === undefined) continue;
      if (name.endsWith(SUFFIX)) entries.push({ path, size: status.size, used: status.mtimeMs });
      else if (name.endsWith(TEMPORARY) && Date.now() - status.mtimeMs > ABANDONED) await rm(path, { force: true });
    }
    entries.sort((a, b) => b.used - a.used);
    let total = 0;
    for (const { path, size } of entries) {
      total += size;
      if (total > this.capacity) await rm(path, { force: true });
    }
  }
}

/** The key is part of the digest, so that an entry under another's name is damaged too. */
function headerOf(key: string, contents: Uint8Array): Buffer {
  return Buffer.concat([MAGIC, createHash("sha256").update(`${key}\0`).update(contents).digest()]);
}
