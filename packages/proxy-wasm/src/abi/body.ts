import { concatBytes } from "./bytes.ts";

const NOTHING = new Uint8Array(0);

/**
 * Bytes that arrive in chunks and are seldom looked at: chunks stay as they came until somebody reads, and are then moved
 * into one block that grows by doubling, so that reading a growing body after each chunk costs no more than the body's length.
 */
export class Body {
  /** The moved part, with room to spare. */
  private block: Uint8Array = NOTHING;
  private blockLength = 0;
  private tail: Uint8Array[] = [];
  private length = 0;

  constructor(chunk?: Uint8Array) {
    if (chunk !== undefined) this.append(chunk);
  }

  get size(): number {
    return this.length;
  }

  append(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.tail.push(chunk);
    this.length += chunk.length;
  }

  prepend(chunk: Uint8Array): void {
    this.replace(concatBytes([chunk, this.bytes()]));
  }

  replace(chunk: Uint8Array): void {
    this.block = NOTHING;
    this.blockLength = 0;
    this.tail = [];
    this.length = 0;
    this.append(chunk);
  }

  /** The whole as one array, which stays valid only until the next change. */
  bytes(): Uint8Array {
    if (this.tail.length === 0) return this.block.subarray(0, this.blockLength);
    if (this.blockLength === 0 && this.tail.length === 1) return this.tail[0];
    if (this.length > this.block.length) {
      const grown = new Uint8Array(Math.max(this.length, this.block.length * 2));
      grown.set(this.block.subarray(0, this.blockLength));
      this.block = grown;
    }
    for (const chunk of this.tail) {
      this.block.set(chunk, this.blockLength);
      this.blockLength += chunk.length;
    }
    this.tail = [];
    return this.block.subarray(0, this.blockLength);
  }

  /** Takes everything out, chunk by chunk as it came where nobody looked. */
  drain(): Uint8Array[] {
    const chunks = this.blockLength === 0 ? this.tail : [this.block.subarray(0, this.blockLength), ...this.tail];
    this.block = NOTHING;
    this.blockLength = 0;
    this.tail = [];
    this.length = 0;
    return chunks;
  }
}
