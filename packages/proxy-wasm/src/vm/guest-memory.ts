import type { Memory } from "@wardian/runtime";
import { byteString, decodeUtf8 } from "../abi/bytes.ts";
import { Status } from "../abi/constants.ts";
import { StatusError } from "../abi/errors.ts";
import { type Pair, pairsSize, writePairs } from "../abi/pairs.ts";

const NO_MEMORY = new ArrayBuffer(0);

/**
 * A plugin's memory as host functions see it: every access is checked, and every array is made anew after the memory has grown.
 * Pointers and lengths are unsigned, though they arrive as signed 32-bit numbers.
 */
export class GuestMemory {
  private memory: Pick<Memory, "bytes" | "view"> = {
    bytes: new Uint8Array(NO_MEMORY),
    view: new DataView(NO_MEMORY),
  };
  private allocate: (size: number) => number = () => 0;
  private pay: (units: number) => void = () => {};

  /**
   * To be called once the guest has a memory; until then every access is outside it.
   *
   * @param allocate the guest's own allocator; it may make the memory grow, and answers 0 when it has nothing left
   * @param pay charges the guest, or throws when it cannot pay
   */
  attach(memory: Memory, allocate: (size: number) => number, pay: (units: number) => void): void {
    this.memory = memory;
    this.allocate = allocate;
    this.pay = pay;
  }

  /** Charges one unit for `perUnit` bytes or entries that a host function is about to handle. @throws Trap */
  charge(amount: number, perUnit: number): void {
    if (amount >= perUnit) this.pay(Math.floor(amount / perUnit));
  }

  private get bytes(): Uint8Array {
    return this.memory.bytes;
  }

  private get view(): DataView {
    return this.memory.view;
  }

  get size(): number {
    return this.bytes.length;
  }

  /**
   * The guest's own bytes, not a copy. The guest pays for what is done with them.
   * @throws StatusError InvalidMemoryAccess when they lie outside the memory
   */
  at(pointer: number, length: number): Uint8Array {
    pointer >>>= 0;
    length >>>= 0;
    const { bytes } = this;
    if (pointer + length > bytes.length) throw new StatusError(Status.InvalidMemoryAccess);
    this.charge(length, 64);
    return bytes.subarray(pointer, pointer + length);
  }

  /** A copy of the guest's bytes, for what outlives the call. */
  copy(pointer: number, length: number): Uint8Array {
    return this.at(pointer, length).slice();
  }

  utf8(pointer: number, length: number): string {
    return decodeUtf8(this.at(pointer, length));
  }

  byteString(pointer: number, length: number): string {
    return byteString(this.at(pointer, length));
  }

  writeU32(pointer: number, value: number): void {
    pointer >>>= 0;
    const { view } = this;
    if (pointer + 4 > view.byteLength) throw new StatusError(Status.InvalidMemoryAccess);
    view.setUint32(pointer, value, true);
  }

  writeU64(pointer: number, value: bigint): void {
    pointer >>>= 0;
    const { view } = this;
    if (pointer + 8 > view.byteLength) throw new StatusError(Status.InvalidMemoryAccess);
    view.setBigUint64(pointer, BigInt.asUintN(64, value), true);
  }

  /** Room in the guest of exactly this size, which must not be zero: Go's SDK panics for an allocation of nothing. */
  private room(size: number): number {
    this.charge(size, 64);
    const pointer = this.allocate(size) >>> 0;
    if (pointer === 0 || pointer + size > this.bytes.length) throw new StatusError(Status.InvalidMemoryAccess);
    return pointer;
  }

  /** Hands bytes over to the guest, which owns them from then on; what is empty is handed over as the pointer 0. */
  give(bytes: Uint8Array, outPointer: number, outLength: number): Status {
    let pointer = 0;
    if (bytes.length > 0) {
      // The place of the answer is checked first, so that a bad one does not cost the guest memory that it cannot free.
      this.writeU32(outPointer, 0);
      this.writeU32(outLength, 0);
      pointer = this.room(bytes.length);
      this.bytes.set(bytes, pointer);
    }
    this.writeU32(outPointer, pointer);
    this.writeU32(outLength, bytes.length);
    return Status.Ok;
  }

  /** As {@link give}, of a byte string. */
  giveByteString(text: string, outPointer: number, outLength: number): Status {
    let pointer = 0;
    if (text.length > 0) {
      this.writeU32(outPointer, 0);
      this.writeU32(outLength, 0);
      pointer = this.room(text.length);
      const { bytes } = this;
      for (let i = 0; i < text.length; i++) bytes[pointer + i] = text.charCodeAt(i);
    }
    this.writeU32(outPointer, pointer);
    this.writeU32(outLength, text.length);
    return Status.Ok;
  }

  /** As {@link give}, of pairs, written in place. No pairs are handed over as nothing: every SDK takes that for an empty map. */
  givePairs(pairs: readonly Pair[], outPointer: number, outLength: number): Status {
    let pointer = 0;
    let size = 0;
    this.writeU32(outPointer, 0);
    this.writeU32(outLength, 0);
    if (pairs.length > 0) {
      size = pairsSize(pairs);
      pointer = this.room(size);
      writePairs(pairs, this.bytes, pointer);
    }
    this.writeU32(outPointer, pointer);
    this.writeU32(outLength, size);
    return Status.Ok;
  }
}
