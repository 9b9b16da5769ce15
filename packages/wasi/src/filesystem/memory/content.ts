/**
 * Bytes are kept in chunks of this many, so that a growing file is not copied again and again, a hole costs nothing, and a clone shares what neither side has changed.
 * A small file's only chunk grows by doubling. Chunks of 64 KiB made writing twice as slow: the platform clears small blocks itself and gets large ones clear.
 */
const CHUNK = 1024 * 1024;
const LEAST_CAPACITY = 256;

const NOTHING = new Uint8Array(0);

/** The bytes of one file: an unchanging base that belongs to whoever made the file, and chunks written over it. */
export class Content {
  private bytesUsed: number;
  private readonly base: Uint8Array;
  /** How many bytes of the base still show: cutting a file hides the rest for good. */
  private baseLength: number;
  private readonly chunks: (Uint8Array | undefined)[] = [];
  /** Whether the chunk of that index is this file's alone; a shared one is copied before it is written. */
  private readonly owned: boolean[] = [];

  /** @param base the first bytes; they are kept, not copied, and never written */
  constructor(base: Uint8Array = NOTHING) {
    this.base = base;
    this.baseLength = base.length;
    this.bytesUsed = base.length;
  }

  get size(): number {
    return this.bytesUsed;
  }

  /** A twin that shares all bytes until one of the two writes. */
  clone(): Content {
    const twin = new Content(this.base);
    twin.baseLength = this.baseLength;
    twin.bytesUsed = this.bytesUsed;
    this.chunks.forEach((chunk, index) => {
      twin.chunks[index] = chunk;
    });
    this.owned.length = 0;
    return twin;
  }

  read(bytes: Uint8Array, position: number): number {
    const end = Math.min(this.bytesUsed, position + bytes.length);
    let at = position;
    while (at < end) {
      const index = Math.floor(at / CHUNK);
      const start = index * CHUNK;
      const stop = Math.min(end, start + CHUNK);
      const chunk = this.chunks[index];
      // What the chunk or the base holds of [at, stop); beyond it there is a hole.
      const source = chunk ?? this.base;
      const shift = chunk === undefined ? 0 : start;
      const held = Math.max(at, Math.min(stop, chunk === undefined ? this.baseLength : start + chunk.length));
      if (held > at) bytes.set(source.subarray(at - shift, held - shift), at - position);
      if (stop > held) bytes.fill(0, held - position, stop - position);
      at = stop;
    }
    return Math.max(0, end - position);
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    let at = position;
    while (at < end) {
      const index = Math.floor(at / CHUNK);
      const start = index * CHUNK;
      const stop = Math.min(end, start + CHUNK);
      this.writable(index, stop - start).set(bytes.subarray(at - position, stop - position), at - start);
      at = stop;
    }
    if (end > this.bytesUsed) this.bytesUsed = end;
  }

  resize(size: number): void {
    if (size < this.bytesUsed) {
      this.baseLength = Math.min(this.baseLength, size);
      const kept = Math.ceil(size / CHUNK);
      if (this.chunks.length > kept) {
        this.chunks.length = kept;
        this.owned.length = Math.min(this.owned.length, kept);
      }
      // What is cut off must read as zeros when the file grows again.
      const rest = size - (kept - 1) * CHUNK;
      const last = this.chunks[kept - 1];
      if (last !== undefined && last.length > rest) this.writable(kept - 1, rest).fill(0, rest);
    }
    this.bytesUsed = size;
  }

  /** The chunk of that index, this file's own, with room for `length` bytes. */
  private writable(index: number, length: number): Uint8Array {
    const old = this.chunks[index];
    if (old !== undefined && this.owned[index] && old.length >= length) return old;
    let capacity = CHUNK;
    if (index === 0 && this.bytesUsed < CHUNK && length < CHUNK) {
      capacity = LEAST_CAPACITY;
      while (capacity < length || capacity < this.bytesUsed) capacity *= 2;
    }
    const start = index * CHUNK;
    const chunk = new Uint8Array(capacity);
    if (old !== undefined) chunk.set(old.length > capacity ? old.subarray(0, capacity) : old);
    else if (this.baseLength > start) chunk.set(this.base.subarray(start, Math.min(this.baseLength, start + capacity)));
    this.chunks[index] = chunk;
    this.owned[index] = true;
    return chunk;
  }
}
