import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { request } from "undici";
import { fetchImage } from "./oci.ts";
import { readLayout } from "./oci-layout.ts";

/** Where a plugin's code comes from. */
export type CodeSource =
  | { readonly kind: "file"; readonly path: string; readonly sha256?: string }
  | { readonly kind: "inline"; readonly bytes: Uint8Array }
  | { readonly kind: "http"; readonly url: string; readonly sha256: string | undefined; readonly timeout?: number }
  /** An image in a registry; `sha256` is that of its manifest, and `always` asks the registry even if the image is known. */
  | { readonly kind: "image"; readonly reference: string; readonly sha256?: string; readonly always?: boolean }
  /** An OCI image layout: a folder, or a tar archive of one; `sha256` is that of the image's manifest. */
  | { readonly kind: "layout"; readonly path: string; readonly tag?: string; readonly sha256?: string };

/** Code could not be fetched, or is not what was asked for. */
export class CodeError extends Error {
  override readonly name: string = "CodeError";
}

/** Bytes that a module, or what holds it, may have. */
export const MAX_CODE: number = 256 * 1024 * 1024;
const TIMEOUT = 30_000;

export interface FetchOptions {
  /** Where relative files are looked for. */
  readonly base?: string;
  /** Where what was fetched is kept; by default `~/.cache/wardian`. */
  readonly cache?: string;
}

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
      const bytes = new Uint8Array(await readFile(join(this.folder, sha256)));
      return sha256Of(bytes) === sha256 ? bytes : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps bytes; that they cannot be kept is no failure. */
  async put(bytes: Uint8Array): Promise<string> {
    const sha256 = sha256Of(bytes);
    try {
      await mkdir(this.folder, { recursive: true });
      const temporary = join(this.folder, `${sha256}.${process.pid}.${Date.now()}`);
      await writeFile(temporary, bytes);
      await rename(temporary, join(this.folder, sha256));
    } catch {
      // A read-only disk costs a download next time.
    }
    return sha256;
  }

  /** What a manifest's digest leads to: the digest of its code. */
  async link(from: string): Promise<string | undefined> {
    try {
      return (await readFile(join(this.folder, `${from}.code`), "utf8")).trim();
    } catch {
      return undefined;
    }
  }

  async putLink(from: string, to: string): Promise<void> {
    try {
      await writeFile(join(this.folder, `${from}.code`), to);
    } catch {
      // As above.
    }
  }
}

/** Reads a body that may be no longer than what a module can reasonably be. */
export async function readLimited(body: AsyncIterable<Uint8Array>, what: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > MAX_CODE) throw new CodeError(`${what} is longer than ${MAX_CODE} bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/**
 * Fetches a plugin's code.
 * @throws CodeError when it cannot be had, or has another digest
 */
export async function fetchCode(source: CodeSource, options: FetchOptions = {}): Promise<Uint8Array> {
  const cache = new CodeCache(options.cache);
  switch (source.kind) {
    case "inline":
      return source.bytes;
    case "file": {
      const path = resolve(options.base ?? ".", source.path);
      let bytes: Buffer;
      try {
        bytes = await readFile(path);
      } catch (error) {
        throw new CodeError(`cannot read ${path}: ${(error as Error).message}`);
      }
      return check(new Uint8Array(bytes), source.sha256, path);
    }
    case "http": {
      const known = source.sha256 === undefined ? undefined : await cache.get(source.sha256);
      if (known !== undefined) return known;
      const timeout = source.timeout ?? TIMEOUT;
      try {
        const { statusCode, body } = await request(source.url, {
          headersTimeout: timeout,
          bodyTimeout: timeout,
        });
        if (statusCode !== 200) {
          await body.dump();
          throw new CodeError(`${source.url} answered ${statusCode}`);
        }
        const bytes = check(await readLimited(body, source.url), source.sha256, source.url);
        if (source.sha256 !== undefined) await cache.put(bytes);
        return bytes;
      } catch (error) {
        if (error instanceof CodeError) throw error;
        throw new CodeError(`cannot fetch ${source.url}: ${(error as Error).message}`);
      }
    }
    case "layout":
      return readLayout(resolve(options.base ?? ".", source.path), source.tag, source.sha256);
    case "image":
      return fetchImage(source.reference, { cache, sha256: source.sha256, always: source.always ?? false });
  }
}
