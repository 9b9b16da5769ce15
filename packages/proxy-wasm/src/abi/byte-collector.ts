/** Counts bytes of memory. */
export interface ByteCounter {
  /** @returns false when the bytes must not be allocated */
  take(bytes: number): boolean;
  release(bytes: number): void;
}

const NOTHING = new Uint8Array(0);
const LEAST = 1024;

/**
 * Bytes that arrive in chunks, in one block that grows by doubling. Many small chunks take no more memory than one large
 * chunk, and each byte is copied a bounded number of times.
 */
export class ByteCollector {
  private block: Uint8Array = NOTHING;
  private used = 0;
  private readonly counter: ByteCounter;

  /** @param counter counts the size of the block */
  constructor(counter: ByteCounter) {
    this.counter = counter;
  }

  get length(): number {
    return this.used;
  }

  /** @returns false when the counter refuses the memory; the chunk is then not added */
  append(chunk: Uint8Array): boolean {
    const length = this.used + chunk.length;
    if (length > this.block.length) {
      const size = Math.max(LEAST, length, this.block.length * 2);
      if (!this.counter.take(size - this.block.length)) return false;
      const block = new Uint8Array(size);
      block.set(this.bytes());
      this.block = block;
    }
    this.block.set(chunk, this.used);
    this.used = length;
    return true;
  }

  /** The bytes, valid until the next change. */
  bytes(): Uint8Array {
    return this.block.subarray(0, this.used);
  }

  /** Removes bytes from the front, and frees the memory that the rest does not need. */
  remove(bytes: number): void {
    const rest = this.block.slice(bytes, this.used);
    this.counter.release(this.block.length - rest.length);
    this.block = rest;
    this.used = rest.length;
  }
}
