import { I64, type MemoryType } from "../wasm/types.ts";

/** A `WebAssembly.Memory` of the platform. */
export interface NativeMemory {
  readonly buffer: ArrayBufferLike;
  grow(delta: number | bigint): number | bigint;
}

/**
 * Makes a memory of the platform.
 * @throws whatever the platform throws where it has no such memories, or not that much memory
 */
export function makeNativeMemory({ min, max, shared, address }: MemoryType): NativeMemory {
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { Memory: new (descriptor: object) => NativeMemory };
  };
  const wide = address === I64;
  const size = (pages: bigint): number | bigint => (wide ? pages : Number(pages));
  return new WebAssembly.Memory({
    initial: size(min),
    ...(max === undefined ? {} : { maximum: size(max) }),
    ...(shared ? { shared: true } : {}),
    ...(wide ? { address: "i64" } : {}),
  });
}

/** Makes a memory of the platform. @returns undefined where the platform refuses */
function tryNativeMemory(type: MemoryType): NativeMemory | undefined {
  try {
    return makeNativeMemory(type);
  } catch {
    return undefined;
  }
}

/** Where a memory's bytes are stored: in an `ArrayBuffer` of this package, or in a `WebAssembly.Memory` of the platform. */
export interface MemoryStorage {
  /** A buffer of exactly the memory's bytes, for a host. A growth may replace it by another buffer, and detach it. */
  readonly buffer: ArrayBufferLike;
  /** A buffer that begins with the memory's bytes, and may be longer than they are. Reading {@link buffer} may replace it. */
  readonly reserved: ArrayBufferLike;
  /** The size of the memory. */
  readonly byteLength: number;
  /** The memory of the platform whose buffer now holds the bytes, if there is one. */
  readonly native?: NativeMemory | undefined;
  /** Whether a host has read the buffer that now holds the bytes. */
  readonly isGiven: boolean;
  /**
   * Grows to `byteLength`; the added bytes are zero.
   * @param most the bytes to which the memory may ever grow
   * @returns false when the platform does not have that much
   */
  grow(byteLength: number, most: number): boolean;
  /** Replaces {@link buffer} by another object with the same bytes, and detaches it, without a copy. */
  renew?(): void;
}

/** How often the bytes of a memory may be copied for hosts that read its `buffer` before it becomes resizable. */
const COPIES_FOR_HOSTS = 64;

type ResizableBuffer = ArrayBuffer & { readonly maxByteLength: number; resize(length: number): void };
type BufferConstructor = new (length: number, options?: { maxByteLength: number }) => ResizableBuffer;
type Clone = (value: ArrayBuffer, options: { transfer: ArrayBuffer[] }) => ArrayBuffer;

/**
 * Storage in plain buffers. A growth that exceeds the reserved bytes copies the memory to a buffer of twice the size, so growing by single pages takes time in
 * proportion to the final size. Views with an explicit length hide the reserved rest.
 *
 * A host that reads `buffer` gets a buffer of the exact size, for which a memory with reserved bytes is copied once more. When a guest and its host
 * alternate between the two, the storage changes to a resizable buffer, in which both are free. V8's optimised code accesses resizable buffers
 * eight times slower, so they are not used before.
 *
 * `ArrayBuffer.prototype.transfer` is not used: it detaches the old buffer, and V8 then checks for detached buffers at each access in the process.
 *
 * A memory that a host makes may be imported by an instance of the platform engine, which must not replace a buffer that the host has read. So each
 * buffer that such a memory gives is that of a memory of the platform, where the platform makes one. A growth copies the bytes to a plain buffer,
 * because a memory of the platform that grows detaches its buffer.
 */
class BufferStorage implements MemoryStorage {
  reserved: ArrayBuffer;
  byteLength: number;
  native: NativeMemory | undefined;
  /** A buffer that a host has must keep its length. */
  isGiven = false;
  private isResizable = false;
  /** Bytes copied for hosts since the memory had {@link countedFrom} bytes. */
  private copied = 0;
  private countedFrom: number;
  /** The type of memories of the platform that may hold the bytes; undefined where none may, or the platform has refused one. */
  private nativeType: MemoryType | undefined;

  constructor(byteLength: number, nativeType: MemoryType | undefined) {
    this.nativeType = nativeType;
    this.byteLength = byteLength;
    this.countedFrom = byteLength;
    this.native = this.makeNative();
    this.reserved = (this.native?.buffer as ArrayBuffer | undefined) ?? new ArrayBuffer(byteLength);
  }

  get buffer(): ArrayBufferLike {
    const { byteLength } = this;
    const capacity = this.reserved.byteLength;
    const isLonger = capacity !== byteLength;
    if (isLonger || (!this.isGiven && this.native === undefined && this.nativeType !== undefined)) {
      this.copied += byteLength;
      this.isResizable = isLonger && this.copied > COPIES_FOR_HOSTS * byteLength && this.move(byteLength, capacity);
      if (!this.isResizable && !this.moveToNative() && isLonger && !this.move(byteLength))
        throw new RangeError(`this platform has no ${byteLength} bytes more for a copy of the memory`);
    }
    this.isGiven = true;
    return this.reserved;
  }

  grow(byteLength: number, most: number): boolean {
    if (byteLength === this.byteLength) return true;
    if (this.isResizable && byteLength <= (this.reserved as ResizableBuffer).maxByteLength) {
      (this.reserved as ResizableBuffer).resize(byteLength);
    } else if (this.isGiven || byteLength > this.reserved.byteLength) {
      const twice = Math.max(byteLength, Math.min(2 * this.byteLength, most));
      if (!this.move(twice) && !this.move(byteLength)) return false;
      this.isGiven = false;
      this.isResizable = false;
    }
    this.byteLength = byteLength;
    if (byteLength >= 2 * this.countedFrom) {
      this.copied = 0;
      this.countedFrom = byteLength;
    }
    return true;
  }

  renew(): void {
    const clone = (globalThis as { structuredClone?: Clone }).structuredClone;
    if (clone === undefined || !this.isGiven) return;
    this.reserved = clone(this.reserved, { transfer: [this.reserved] });
    this.isGiven = false;
  }

  /** Makes a memory of the platform of the size that this memory has now. @returns undefined when the platform refuses */
  private makeNative(): NativeMemory | undefined {
    const { nativeType } = this;
    if (nativeType === undefined) return undefined;
    const native = tryNativeMemory({ ...nativeType, min: BigInt(this.byteLength) >> BigInt(nativeType.pageSizeLog2) });
    // A refusal may take V8 several collections of garbage, so it is asked once.
    if (native === undefined) this.nativeType = undefined;
    return native;
  }

  /** Copies the memory to a memory of the platform. @returns false when the platform refuses, with nothing changed */
  private moveToNative(): boolean {
    const native = this.makeNative();
    if (native === undefined) return false;
    this.fill(native.buffer as ArrayBuffer);
    this.native = native;
    return true;
  }

  /** Copies the memory to a plain buffer. @returns false when the platform refuses, with nothing changed */
  private move(length: number, maxByteLength?: number): boolean {
    try {
      const buffer =
        maxByteLength === undefined
          ? new ArrayBuffer(length)
          : new (ArrayBuffer as unknown as BufferConstructor)(length, { maxByteLength });
      // A platform without resizable buffers ignores the option.
      if (maxByteLength !== undefined && typeof (buffer as Partial<ResizableBuffer>).resize !== "function")
        return false;
      this.fill(buffer);
      this.native = undefined;
      return true;
    } catch {
      return false;
    }
  }

  /** Makes another buffer the one that holds the bytes. */
  private fill(buffer: ArrayBuffer): void {
    new Uint8Array(buffer).set(new Uint8Array(this.reserved, 0, this.byteLength));
    this.reserved = buffer;
  }
}

type GrowableSharedBuffer = SharedArrayBuffer & { grow(length: number): void };

/** Storage that threads share: one buffer for ever, made to grow in place, or that of a memory of the platform that never grows. */
export class SharedStorage implements MemoryStorage {
  readonly native: NativeMemory | undefined;
  readonly reserved: ArrayBufferLike;
  isGiven = false;

  constructor(buffer: ArrayBufferLike, native?: NativeMemory) {
    this.reserved = buffer;
    this.native = native;
  }

  get buffer(): ArrayBufferLike {
    this.isGiven = true;
    return this.reserved;
  }

  static allocate(byteLength: number, maxByteLength: number): SharedStorage {
    const make = (globalThis as { SharedArrayBuffer?: unknown }).SharedArrayBuffer as
      | (new (
          length: number,
          options?: { maxByteLength: number },
        ) => SharedArrayBuffer)
      | undefined;
    if (make === undefined) throw new RangeError("this platform has no SharedArrayBuffer, so no shared memory");
    return new SharedStorage(new make(byteLength, { maxByteLength }));
  }

  get byteLength(): number {
    return this.reserved.byteLength;
  }

  grow(byteLength: number): boolean {
    try {
      (this.reserved as GrowableSharedBuffer).grow(byteLength);
      return true;
    } catch {
      return false;
    }
  }
}

/** What a memory may hold whatever its type says, on platforms with long typed arrays, and on those whose typed arrays end at 2^32 bytes. */
const MAX_BYTES = 2 ** 33;
const SHORT_ARRAY_BYTES = 2 ** 32;

let maxBytesHere: number | undefined;

/** The most bytes that a memory can have on this platform. It is found out when a memory needs more than every platform has. */
export function maxBytes(byteLength: number): number {
  if (byteLength <= SHORT_ARRAY_BYTES) return SHORT_ARRAY_BYTES;
  if (maxBytesHere === undefined) {
    try {
      // A buffer that nobody writes to takes addresses, and no memory.
      new Uint8Array(new ArrayBuffer(SHORT_ARRAY_BYTES + 1));
      maxBytesHere = MAX_BYTES;
    } catch {
      maxBytesHere = SHORT_ARRAY_BYTES;
    }
  }
  return maxBytesHere;
}

/**
 * The storage of a new memory.
 *
 * @param mayBeNative whether the buffer may be that of a memory of the platform
 * @throws RangeError when the platform does not have that much memory
 */
export function allocate(type: MemoryType, mayBeNative: boolean): MemoryStorage {
  const pageSize = 2 ** type.pageSizeLog2;
  const byteLength = Number(type.min) * pageSize;
  const most = maxBytes(byteLength);
  if (byteLength > most)
    throw new RangeError(
      most === SHORT_ARRAY_BYTES
        ? `it needs ${byteLength} bytes, and typed arrays of this platform end at ${most}, as those of Node 20 do; a newer one holds it`
        : `it needs ${byteLength} bytes, and a memory has ${most} at most here`,
    );
  if (!type.shared) return new BufferStorage(byteLength, mayBeNative ? type : undefined);
  // Only a memory of a fixed size can have one buffer for ever in the platform: a growth there gives it another.
  const native = mayBeNative && type.min === type.max ? tryNativeMemory(type) : undefined;
  return native === undefined
    ? SharedStorage.allocate(byteLength, Math.min(Number(type.max) * pageSize, 2 ** 32))
    : new SharedStorage(native.buffer, native);
}
