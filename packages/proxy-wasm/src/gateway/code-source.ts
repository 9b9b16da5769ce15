import { createHash, randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { readRegularFile } from "@wardian/runtime/node";
import { type OptionNames, readOptions } from "@wardian/runtime/options";
import { request } from "undici";
import { fetchImage } from "./oci.ts";
import { readLayout } from "./oci-layout.ts";

/** Where a plugin's code comes from. A `timeout` is in milliseconds and covers the whole fetch; it is 30,000 by default. */
export type CodeSource =
  | { readonly kind: "file"; readonly path: string; readonly sha256?: string }
  | { readonly kind: "inline"; readonly bytes: Uint8Array }
  | { readonly kind: "http"; readonly url: string; readonly sha256: string | undefined; readonly timeout?: number }
  /** An image in a registry; `sha256` is that of its manifest, and `always` asks the registry even if the image is known. */
  | {
      readonly kind: "image";
      readonly reference: string;
      readonly sha256?: string;
      readonly always?: boolean;
      readonly timeout?: number;
    }
  /** An OCI image layout: a folder, or a tar archive of one; `sha256` is that of the image's manifest. */
  | { readonly kind: "layout"; readonly path: string; readonly tag?: string; readonly sha256?: string };

/** Code could not be fetched, or is not what was asked for. */
export class CodeError extends Error {
  override readonly name: string = "CodeError";
}

/** Bytes that a module, or what holds it, may have. */
export const MAX_CODE: number = 256 * 1024 * 1024;
const TIMEOUT = 30_000;
/** Bytes of a file in the cache that names the digest of a module. */
const MAX_LINK = 1_000;

export interface FetchOptions {
  /** Where relative files are looked for. */
  readonly base?: string;
  /** Where what was fetched is kept; by default `~/.cache/wardian`. */
  readonly cache?: string;
}

const names: OptionNames<FetchOptions> = { base: true, cache: true };

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function check(bytes: Uint8Array, sha256: string | undefined, what: string): Uint8Array {
  if (sha256 === undefined) return bytes;
  const found = sha256Of(bytes);
  if (found !== sha256) throw new CodeError(`${what} has the SHA-256 ${found}, not ${sha256}`);
  return bytes;
}

/** A cache on disk of bytes by their digest: what it answers was checked. */
export class CodeCache {
  private readonly folder: string;

  constructor(folder: string = join(homedir(), ".cache", "wardian")) {
    this.folder = folder;
  }

  async get(sha256: string): Promise<Uint8Array | undefined> {
    try {
      const bytes = await readRegularFile(join(this.folder, sha256), MAX_CODE);
      return sha256Of(bytes) === sha256 ? bytes : undefined;
    } catch {
      return undefined;
    }
  }

  /** Stores a module by its digest. @returns the digest, also when the module could not be stored */
  async put(bytes: Uint8Array): Promise<string> {
    const sha256 = sha256Of(bytes);
    await this.write(sha256, bytes);
    return sha256;
  }

  /**
   * Writes a file under a temporary name and renames it, so that no reader sees a part of it. A failure is ignored: a
   * full or read-only disk costs a download next time.
   */
  private async write(name: string, content: Uint8Array | string): Promise<void> {
    const temporary = join(this.folder, `${name}.${randomUUID()}`);
    try {
      await mkdir(this.folder, { recursive: true });
      await writeFile(temporary, content, { flag: "wx" });
      await rename(temporary, join(this.folder, name));
    } catch {
      await rm(temporary, { force: true }).catch(() => {});
    }
  }

  /** The digest of the module that an image holds, by the image's key. */
  async link(from: string): Promise<string | undefined> {
    try {
      const link = new TextDecoder().decode(await readRegularFile(join(this.folder, `${from}.code`), MAX_LINK)).trim();
      return /^[0-9a-f]{64}$/.test(link) ? link : undefined;
    } catch {
      return undefined;
    }
  }

  async putLink(from: string, to: string): Promise<void> {
    await this.write(`${from}.code`, to);
  }
}

/** Ends a response whose body is not wanted. Destroying the body makes it emit an error. */
export function discard(body: Readable): void {
  body.on("error", () => {}).destroy();
}

/** Reads a body. @throws CodeError when it is longer than `limit` bytes */
export async function readLimited(
  body: AsyncIterable<Uint8Array>,
  what: string,
  limit: number = MAX_CODE,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > limit) throw new CodeError(`${what} is longer than ${limit} bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Fails with the whole time that a fetch may take. */
async function within<T>(timeout: number, what: string, fetching: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(timeout);
  try {
    return await fetching(signal);
  } catch (error) {
    if (signal.aborted) throw new CodeError(`cannot fetch ${what}: it took longer than ${timeout} ms`);
    if (error instanceof CodeError) throw error;
    throw new CodeError(`cannot fetch ${what}: ${(error as Error).message}`);
  }
}

/**
 * Fetches a plugin's code.
 * @throws CodeError when it cannot be had, or has another digest
 */
export async function fetchCode(source: CodeSource, given?: FetchOptions): Promise<Uint8Array> {
  const options = readOptions("fetchCode", names, given);
  const cache = new CodeCache(options.cache);
  switch (source.kind) {
    case "inline":
      return source.bytes;
    case "file": {
      const path = resolve(options.base ?? ".", source.path);
      let bytes: Uint8Array;
      try {
        bytes = await readRegularFile(path, MAX_CODE);
      } catch (error) {
        throw new CodeError(`cannot read ${path}: ${(error as Error).message}`);
      }
      return check(bytes, source.sha256, path);
    }
    case "http": {
      const { url, sha256 } = source;
      const known = sha256 === undefined ? undefined : await cache.get(sha256);
      if (known !== undefined) return known;
      return within(source.timeout ?? TIMEOUT, url, async (signal) => {
        const { statusCode, body } = await request(url, { signal });
        if (statusCode !== 200) {
          discard(body);
          throw new CodeError(`${url} answered ${statusCode}`);
        }
        const bytes = check(await readLimited(body, url), sha256, url);
        if (sha256 !== undefined) await cache.put(bytes);
        return bytes;
      });
    }
    case "layout":
      return readLayout(resolve(options.base ?? ".", source.path), source.tag, source.sha256);
    case "image":
      return within(source.timeout ?? TIMEOUT, `the image ${source.reference}`, (signal) =>
        fetchImage(source.reference, { cache, sha256: source.sha256, always: source.always ?? false, signal }),
      );
  }
}
