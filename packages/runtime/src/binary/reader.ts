import { type ErrorPlace, MalformedError } from "../wasm/errors.ts";
import { decodeUtf8 } from "../wasm/utf8.ts";

/**
 * A cursor over bytes in the binary format (specification, 5.1 and 5.2).
 *
 * Every method throws {@link MalformedError} at the offset where reading began when the bytes do not hold what was asked for.
 * `pos` may be moved freely; nothing at or after `end` is read. The one-byte case of each LEB128 comes first and alone, so that
 * V8 inlines it into its callers: nine of ten integers in code are one byte.
 */
export class Reader {
  readonly bytes: Uint8Array;
  pos: number;
  end: number;
  /** The high half of the integer that {@link s64Low} has read. */
  high = 0;
  /** What {@link fail} adds to the place of an error. */
  place: ErrorPlace = {};

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.pos = start;
    this.end = end;
  }

  fail(reason: string, offset: number = this.pos): never {
    throw new MalformedError(reason, { ...this.place, offset });
  }

  byte(): number {
    if (this.pos >= this.end) this.fail("unexpected end");
    return this.bytes[this.pos++];
  }

  /** An unsigned 32-bit LEB128. */
  u32(): number {
    const pos = this.pos;
    if (pos < this.end) {
      const first = this.bytes[pos];
      if (first < 0x80) {
        this.pos = pos + 1;
        return first;
      }
    }
    return this.longU32();
  }

  private longU32(): number {
    const start = this.pos;
    let result = 0;
    for (let shift = 0; ; shift += 7) {
      if (this.pos >= this.end) this.fail("unexpected end", start);
      const byte = this.bytes[this.pos++];
      if (shift === 28 && byte > 0x0f)
        this.fail(byte > 0x7f ? "integer representation too long" : "integer too large", start);
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result >>> 0;
    }
  }

  /** A signed 32-bit LEB128. */
  s32(): number {
    const pos = this.pos;
    if (pos < this.end) {
      const first = this.bytes[pos];
      if (first < 0x80) {
        this.pos = pos + 1;
        return (first << 25) >> 25;
      }
    }
    return this.longSigned(32) | 0;
  }

  /** A signed 33-bit LEB128, as block types and heap types have it. Exact as a number. */
  s33(): number {
    const pos = this.pos;
    if (pos < this.end) {
      const first = this.bytes[pos];
      if (first < 0x80) {
        this.pos = pos + 1;
        return (first << 25) >> 25;
      }
    }
    return this.longSigned(33);
  }

  /** Up to 33 bits, summed as a double since they pass the 32 that shifts can hold. */
  private longSigned(bits: number): number {
    const start = this.pos;
    let result = 0;
    let scale = 1;
    for (let shift = 0; ; shift += 7) {
      if (this.pos >= this.end) this.fail("unexpected end", start);
      const byte = this.bytes[this.pos++];
      const left = bits - shift;
      if (left < 7) {
        if (byte > 0x7f) this.fail("integer representation too long", start);
        // What lies beyond the value's bits must repeat its sign.
        const sign = ((byte << 25) >> 25) >> (left - 1);
        if (sign !== 0 && sign !== -1) this.fail("integer too large", start);
      }
      if (byte < 0x80) return result + ((byte << 25) >> 25) * scale;
      result += (byte & 0x7f) * scale;
      scale *= 128;
    }
  }

  /** A signed 64-bit LEB128. */
  s64(): bigint {
    const low = this.s64Low();
    return (BigInt(this.high) << 32n) | BigInt(low >>> 0);
  }

  /** As {@link s64} in halves, without a BigInt, which is what most readers want. @returns the low half; the other stands in {@link high} */
  s64Low(): number {
    const start = this.pos;
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (this.pos >= this.end) this.fail("unexpected end", start);
      const byte = this.bytes[this.pos++];
      if (shift === 63) {
        if (byte > 0x7f) this.fail("integer representation too long", start);
        if (byte !== 0 && byte !== 0x7f) this.fail("integer too large", start);
      }
      const part = byte & 0x7f;
      if (shift < 28) low |= part << shift;
      else if (shift === 28) {
        low |= part << 28;
        high = part >> 4;
      } else high |= part << (shift - 32);
      if (byte >= 0x80) continue;
      if ((byte & 0x40) !== 0 && shift < 28) {
        low |= -1 << (shift + 7);
        high = -1;
      } else if ((byte & 0x40) !== 0 && shift < 63) high |= -1 << (shift - 25);
      this.high = high;
      return low;
    }
  }

  /** An unsigned 64-bit LEB128. */
  u64(): bigint {
    const first = this.bytes[this.pos];
    if (this.pos < this.end && first < 0x80) {
      this.pos++;
      return BigInt(first);
    }
    const start = this.pos;
    let result = 0n;
    for (let shift = 0; ; shift += 7) {
      if (this.pos >= this.end) this.fail("unexpected end", start);
      const byte = this.bytes[this.pos++];
      if (shift === 63 && byte > 1)
        this.fail(byte > 0x7f ? "integer representation too long" : "integer too large", start);
      result |= BigInt(byte & 0x7f) << BigInt(shift);
      if (byte < 0x80) return result;
    }
  }

  /** Steps over a LEB128 that a validator has already accepted. */
  skipLeb(): void {
    while (this.bytes[this.pos++] >= 0x80);
  }

  /** Four bytes, least significant first, as an unsigned number. */
  fixed32(): number {
    if (this.end - this.pos < 4) this.fail("unexpected end");
    const { bytes, pos } = this;
    this.pos = pos + 4;
    return (bytes[pos] | (bytes[pos + 1] << 8) | (bytes[pos + 2] << 16) | (bytes[pos + 3] << 24)) >>> 0;
  }

  /** Eight bytes, least significant first. */
  fixed64(): bigint {
    const low = this.fixed32();
    return (BigInt(this.fixed32()) << 32n) | BigInt(low);
  }

  /** The next `length` bytes, not copied. */
  take(length: number): Uint8Array {
    if (length > this.end - this.pos) this.fail("unexpected end");
    this.pos += length;
    return this.bytes.subarray(this.pos - length, this.pos);
  }

  /** Steps over `length` bytes. */
  skip(length: number): void {
    if (length > this.end - this.pos) this.fail("unexpected end");
    this.pos += length;
  }

  /** A name (specification, 5.2.4): its length in bytes, and its UTF-8. */
  name(): string {
    const start = this.pos;
    const length = this.u32();
    if (length > this.end - this.pos) this.fail("length out of bounds", start);
    const from = this.pos;
    const text = decodeUtf8(this.bytes, from, from + length);
    if (text === undefined) this.fail("malformed UTF-8 encoding", from);
    this.pos = from + length;
    return text!;
  }
}
