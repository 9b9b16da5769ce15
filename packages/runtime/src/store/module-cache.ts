/**
 * Where rewritten modules are kept between processes or runtimes, keyed by the module's content, what of the limits is written into
 * it, and the version of the rewriter. Whoever can write to it can make guests run without limits: keep it as safe as the program.
 */
export interface ModuleCache {
  /** @returns the bytes kept under the key, or undefined */
  get(key: string): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  set(key: string, bytes: Uint8Array): void | Promise<void>;
}

/** A cache in memory: for runtimes that compile the same bytes again and again. The oldest go when it holds more than `capacity` bytes. */
export class MemoryCache implements ModuleCache {
  private readonly entries: Map<string, Uint8Array> = new Map();
  private readonly capacity: number;
  private size = 0;

  constructor(capacity: number = 256 * 1024 * 1024) {
    this.capacity = capacity;
  }

  get(key: string): Uint8Array | undefined {
    return this.entries.get(key);
  }

  set(key: string, bytes: Uint8Array): void {
    this.size += bytes.length - (this.entries.get(key)?.length ?? 0);
    this.entries.set(key, bytes);
    for (const [oldest, { length }] of this.entries) {
      if (this.size <= this.capacity) break;
      this.entries.delete(oldest);
      this.size -= length;
    }
  }
}

interface Digests {
  readonly crypto?: { readonly subtle?: { digest(algorithm: string, data: Uint8Array): Promise<ArrayBuffer> } };
}

/** SHA-256 in hexadecimal, or undefined on a platform that has none: a weaker hash would let one module pass for another. */
export async function contentHash(bytes: Uint8Array): Promise<string | undefined> {
  const subtle = (globalThis as Digests).crypto?.subtle;
  if (subtle === undefined) return undefined;
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
