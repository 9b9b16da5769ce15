import { unsigned64 } from "../wasm/unsigned.ts";
import { encodeUtf8 } from "../wasm/utf8.ts";

/**
 * Writes the primitives of the binary format (specification, 5.2) into a buffer that grows. Every LEB128 has its shortest form.
 */
export class Writer {
  private buffer: Uint8Array;
  private count = 0;

  /** @param capacity bytes to begin with, when the caller knows about how much it will write */
  constructor(capacity = 64) {
    this.buffer = new Uint8Array(capacity);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.count;
  }

  private reserve(more: number): void {
    const needed = this.count + more;
    if (needed <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2, 64));
    grown.set(this.buffer.subarray(0, this.count));
    this.buffer = grown;
  }

  u8(byte: number): void {
    if (this.count === this.buffer.length) this.reserve(1);
    this.buffer[this.count++] = byte;
  }

  /** An unsigned 32-bit LEB128; `value` is below 2^32. */
  u32(value: number): void {
    while (value >= 0x80 || value < 0) {
      this.u8((value & 0x7f) | 0x80);
      value >>>= 7;
    }
    this.u8(value);
  }

  /** A signed 32-bit LEB128; a number beyond the signed range is taken by its low 32 bits. */
  s32(value: number): void {
    value |= 0;
    while (value < -0x40 || value >= 0x40) {
      this.u8((value & 0x7f) | 0x80);
      value >>= 7;
    }
    this.u8(value & 0x7f);
  }

  /** A signed 33-bit LEB128, as block types and heap types have it. */
  s33(value: number): void {
    while (value < -0x40 || value >= 0x40) {
      const low = value & 0x7f;
      this.u8(low | 0x80);
      value = (value - low) / 0x80;
    }
    this.u8(value & 0x7f);
  }

  /** An unsigned 64-bit LEB128; taken by its low 64 bits. */
  u64(value: bigint): void {
    value = unsigned64(value);
    while (value >= 0x80n) {
      this.u8(Number(value & 0x7fn) | 0x80);
      value >>= 7n;
    }
    this.u8(Number(value));
  }

  /** A signed 64-bit LEB128; taken by its low 64 bits. */
  s64(value: bigint): void {
    value = BigInt.asIntN(64, value);
    while (value < -0x40n || value >= 0x40n) {
      this.u8(Number(value & 0x7fn) | 0x80);
      value >>= 7n;
    }
    this.u8(Number(value & 0x7fn));
  }

  /** Four bytes, least significant first: the bits of an f32 as well. */
  fixed32(value: number): void {
    this.reserve(4);
    const { buffer, count } = this;
    buffer[count] = value;
    buffer[count + 1] = value >>> 8;
    buffer[count + 2] = value >>> 16;
    buffer[count + 3] = value >>> 24;
    this.count = count + 4;
  }

  /** Eight bytes, least significant first: the bits of an f64 as well. */
  fixed64(value: bigint): void {
    this.fixed32(Number(BigInt.asIntN(32, value)));
    this.fixed32(Number(BigInt.asIntN(32, value >> 32n)));
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.count);
    this.count += bytes.length;
  }

  /** `bytes[start]` to `bytes[end - 1]`: for the few bytes of an instruction, where a view of them would cost more than they. */
  copy(bytes: Uint8Array, start: number, end: number): void {
    if (this.count + (end - start) > this.buffer.length) this.reserve(end - start);
    const { buffer } = this;
    let { count } = this;
    while (start < end) buffer[count++] = bytes[start++];
    this.count = count;
  }

  /** A name: its length in bytes, and its UTF-8. */
  name(text: string): void {
    const bytes = encodeUtf8(text);
    this.u32(bytes.length);
    this.bytes(bytes);
  }

  /** A vector: its length, and each of its items. */
  vector<T>(items: readonly T[], write: (writer: Writer, item: T) => void): void {
    this.u32(items.length);
    for (const item of items) write(this, item);
  }

  /** What `write` writes, with its size in bytes before it. */
  sized(write: (writer: Writer) => void): void {
    const at = this.count;
    write(this);
    const size = this.count - at;
    // The size is known last but stands first, in as few bytes as it takes: make room for just these.
    let width = 1;
    for (let rest = size >>> 7; rest !== 0; rest >>>= 7) width++;
    this.reserve(width);
    this.buffer.copyWithin(at + width, at, at + size);
    this.count = at;
    this.u32(size);
    this.count = at + width + size;
  }

  /** Overwrites the byte at `position`, which has been written. */
  patch(position: number, byte: number): void {
    this.buffer[position] = byte;
  }

  /** Takes back what was written from `length` on. */
  truncate(length: number): void {
    this.count = Math.min(this.count, length);
  }

  /** A copy of what has been written from `start` to `end`. */
  slice(start = 0, end: number = this.count): Uint8Array {
    return this.buffer.slice(start, Math.min(end, this.count));
  }

  /** What has been written, not copied: good until the writer is used on. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.count);
  }

  /** What has been written, in an array of just its length. The writer may be used on. */
  finish(): Uint8Array {
    return this.slice();
  }
}
