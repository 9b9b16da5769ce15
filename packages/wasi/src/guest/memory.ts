import { WASIError } from "../errors.ts";

/** A guest's linear memory as this package needs it: the platform's `WebAssembly.Memory` and any engine's are that. */
export interface GuestMemoryObject {
  /** The present bytes; another buffer after the memory has grown. */
  readonly buffer: ArrayBufferLike;
  /** The same bytes, without the copy that `buffer` may take after a growth. A memory of the platform does not have it. */
  readonly bytes?: Uint8Array;
  readonly view?: DataView;
}

const TWO_32 = 0x1_0000_0000;

/**
 * Checked access to a guest's memory. Every address comes from the guest: what lies outside is refused with `fault` before it is touched. Addresses and lengths
 * may be given as the signed numbers that an i32 parameter arrives as.
 */
export class GuestMemory {
  private memory: GuestMemoryObject | undefined;
  private buffer: ArrayBufferLike | undefined;
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(new ArrayBuffer(0));

  attach(memory: GuestMemoryObject): void {
    this.memory = memory;
    this.refresh();
  }

  get attached(): boolean {
    return this.memory !== undefined;
  }

  /** To be called whenever the guest has run since: its memory may have grown. Returns whether it has. */
  refresh(): boolean {
    const { bytes, view } = this.memory!;
    if (bytes === undefined || view === undefined) {
      const { buffer } = this.memory!;
      // Views of a buffer that grows in place follow its length.
      if (buffer === this.buffer) return false;
      this.buffer = buffer;
      this.bytes = new Uint8Array(buffer);
      this.view = new DataView(buffer);
      return true;
    }
    if (bytes === this.bytes) return false;
    this.bytes = bytes;
    this.view = view;
    return true;
  }

  /** The bytes themselves, not a copy. */
  slice(address: number, length: number): Uint8Array {
    const start = this.check(address, length >>> 0);
    return this.bytes.subarray(start, start + (length >>> 0));
  }

  readU8(address: number): number {
    return this.bytes[this.check(address, 1)];
  }

  readU16(address: number): number {
    return this.view.getUint16(this.check(address, 2), true);
  }

  readU32(address: number): number {
    return this.view.getUint32(this.check(address, 4), true);
  }

  readU64(address: number): bigint {
    return this.view.getBigUint64(this.check(address, 8), true);
  }

  writeU8(address: number, value: number): void {
    this.bytes[this.check(address, 1)] = value;
  }

  writeU16(address: number, value: number): void {
    this.view.setUint16(this.check(address, 2), value, true);
  }

  writeU32(address: number, value: number): void {
    this.view.setUint32(this.check(address, 4), value, true);
  }

  writeU64(address: number, value: bigint): void {
    this.view.setBigUint64(this.check(address, 8), value, true);
  }

  private check(address: number, length: number): number {
    const start = address >>> 0;
    if (start + length > this.bytes.length || start + length > TWO_32) {
      throw new WASIError("fault", `${length} bytes at ${start} are not in the guest's memory of ${this.bytes.length}`);
    }
    return start;
  }
}
