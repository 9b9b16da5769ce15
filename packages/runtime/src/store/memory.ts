import { type OptionNames, readOptions } from "../wasm/options.ts";
import { I32, I64, type MemoryType } from "../wasm/types.ts";
import { toAddress } from "./addresses.ts";

/** Where a memory's bytes live: in an `ArrayBuffer` of this package, or in a `WebAssembly.Memory` of the platform. */
export interface MemoryStorage {
  /** Exactly the memory's bytes. A growth may replace it by another buffer, and detach it. */
  readonly buffer: ArrayBufferLike;
  /**
   * A buffer that begins with the memory's bytes, and may be longer than they are. Missing where {@link buffer} is the only one.
   * Reading {@link buffer} may replace it.
   */
  readonly reserved?: ArrayBufferLike;
  /** The size of the memory. */
  readonly byteLength: number;
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
 */
class BufferStorage implements MemoryStorage {
  reserved: ArrayBuffer;
  byteLength: number;
  /** Whether a host may hold {@link reserved}, which then must keep its length. */
  private given = false;
  private isResizable = false;
  /** Bytes copied for hosts since the memory had {@link countedFrom} bytes. */
  private copied = 0;
  private countedFrom: number;

  constructor(byteLength: number) {
    this.reserved = new ArrayBuffer(byteLength);
    this.byteLength = byteLength;
    this.countedFrom = byteLength;
  }

  get buffer(): ArrayBufferLike {
    const { byteLength } = this;
    const capacity = this.reserved.byteLength;
    if (capacity !== byteLength) {
      this.copied += byteLength;
      this.isResizable = this.copied > COPIES_FOR_HOSTS * byteLength && this.move(byteLength, capacity);
      if (!this.isResizable && !this.move(byteLength))
        throw new RangeError(`this platform has no ${byteLength} bytes more for a copy of the memory`);
    }
    this.given = true;
    return this.reserved;
  }

  grow(byteLength: number, most: number): boolean {
    if (byteLength === this.byteLength) return true;
    if (this.isResizable && byteLength <= (this.reserved as ResizableBuffer).maxByteLength) {
      (this.reserved as ResizableBuffer).resize(byteLength);
    } else if (this.given || byteLength > this.reserved.byteLength) {
      const twice = Math.max(byteLength, Math.min(2 * this.byteLength, most));
      if (!this.move(twice) && !this.move(byteLength)) return false;
      this.given = false;
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
    if (clone === undefined || !this.given) return;
    this.reserved = clone(this.reserved, { transfer: [this.reserved] });
    this.given = false;
  }

  /** Copies the memory to another buffer. @returns false when the platform refuses, with nothing changed */
  private move(length: number, maxByteLength?: number): boolean {
    try {
      const buffer =
        maxByteLength === undefined
          ? new ArrayBuffer(length)
          : new (ArrayBuffer as unknown as BufferConstructor)(length, { maxByteLength });
      // A platform without resizable buffers ignores the option.
      if (maxByteLength !== undefined && typeof (buffer as Partial<ResizableBuffer>).resize !== "function")
        return false;
      new Uint8Array(buffer).set(new Uint8Array(this.reserved, 0, this.byteLength));
      this.reserved = buffer;
      return true;
    } catch {
      return false;
    }
  }
}

type GrowableSharedBuffer = SharedArrayBuffer & { grow(length: number): void };

/** Storage that threads share: one buffer for ever, made to grow in place. */
class SharedStorage implements MemoryStorage {
  readonly buffer: ArrayBufferLike;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
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
    return this.buffer.byteLength;
  }

  grow(byteLength: number): boolean {
    try {
      (this.buffer as GrowableSharedBuffer).grow(byteLength);
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
function maxBytes(byteLength: number): number {
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

/** As in the platform's API: what a new memory is like, in pages of 64 KiB. */
export interface MemoryDescriptor {
  readonly initial: number | bigint;
  readonly maximum?: number | bigint;
  readonly shared?: boolean;
  /** `"i64"` for a memory with 64-bit addresses. */
  readonly address?: "i32" | "i64";
  /**
   * The `buffer` of a shared memory that another thread was sent: the new memory is the same one. The other values must be those that it was made with.
   * Instances of the platform engine cannot import it.
   */
  readonly buffer?: ArrayBufferLike;
}

const names: OptionNames<MemoryDescriptor> = {
  initial: true,
  maximum: true,
  shared: true,
  address: true,
  buffer: true,
};

/** Where translated code reads the view of a memory. */
export interface ViewHolder {
  view: DataView;
}

/** So many holders a memory has at most: from then on code shares the last one. */
const MAX_HOLDERS = 16;

/**
 * A prototype of its own gives it a hidden class of its own. V8 takes what stands in a field for a constant as long as no object of the class has been written
 * to since it was made, so that one memory's growth is not all others' matter.
 */
function makeHolder(view: DataView): ViewHolder {
  const holder = Object.create({}) as ViewHolder;
  holder.view = view;
  return holder;
}

/**
 * A linear memory (specification, 4.2.8; JavaScript API, 5.3).
 * A buffer that `buffer` gave before a growth keeps its length; `buffer` then gives another, unless the memory's buffer can be resized, or is shared.
 * The platform engine detaches the old ones.
 */
export class Memory {
  /** Its type; `min` is the size it was made with. */
  readonly type: MemoryType;
  /** Whether it is another thread's too, which does not learn when its bytes are moved. */
  readonly isReceived: boolean = false;
  private storage: MemoryStorage;
  /** Whole memory as bytes, made anew after a growth. Engines read it. */
  bytes!: Uint8Array;
  view!: DataView;
  private readonly holders: ViewHolder[] = [];
  private isHolderFresh = false;
  /** Called after every growth, by none too, for whom `buffer` is then another: the namespace detaches what it gave out. */
  onGrown: (() => void) | undefined = undefined;

  /**
   * @throws TypeError for a descriptor that makes no memory type or has an unknown member, RangeError when the platform has not that much memory
   */
  constructor(descriptor: MemoryDescriptor | MemoryType, storage?: MemoryStorage) {
    if ("pageSizeLog2" in descriptor) this.type = descriptor;
    else {
      const { buffer, ...rest } = readOptions("Memory", names, descriptor);
      this.type = memoryTypeOf(rest);
      this.isReceived = buffer !== undefined;
      if (buffer !== undefined) storage = new SharedStorage(checkShared(buffer, this.type));
    }
    this.storage = storage ?? allocate(this.type);
    this.makeViews();
  }

  /**
   * The bytes. Reading it after a growth may copy the memory; {@link bytes} and {@link view} cost nothing.
   * @throws RangeError when the platform does not have the bytes for the copy
   */
  get buffer(): ArrayBufferLike {
    const { buffer } = this.storage;
    this.refresh();
    return buffer;
  }

  /** Its size now, in pages. */
  get pages(): number {
    return this.storage.byteLength / 2 ** this.type.pageSizeLog2;
  }

  /**
   * Grows by `delta` pages, as the platform's API does: for the host, which no limit of an instance holds.
   * @returns the size before, in pages
   * @throws RangeError when the memory's maximum or the platform does not allow it, TypeError for a delta that is no size of the memory
   */
  grow(delta: number | bigint): number | bigint {
    const before = this.tryGrow(toAddress(delta, this.type.address, "delta"), Number.POSITIVE_INFINITY);
    if (before < 0) throw new RangeError(`memory cannot grow by ${delta} pages from ${this.pages}`);
    return this.type.address === I64 ? BigInt(before) : before;
  }

  /**
   * Grows by `delta` pages if its maximum, the platform and `limit`, in bytes for this memory, allow it.
   * @returns the size before, in pages, or -1 with nothing changed
   */
  tryGrow(delta: number, limit: number): number {
    const before = this.pages;
    if (!(delta >= 0)) return -1;
    const after = before + delta;
    const byteLength = after * 2 ** this.type.pageSizeLog2;
    const maximum = this.type.max ?? maximumPages(this.type);
    const platformMost = maxBytes(byteLength);
    if (after > Number(maximum) || byteLength > limit || byteLength > platformMost) return -1;
    if (delta > 0) {
      const most = Math.min(Number(maximum) * 2 ** this.type.pageSizeLog2, limit, platformMost);
      if (!this.storage.grow(byteLength, most)) return -1;
    } else if (this.onGrown !== undefined) this.storage.renew?.();
    this.refresh();
    this.onGrown?.();
    return before;
  }

  /** Puts its bytes where an engine needs them to be; `storage` holds a copy of them. What has seen `buffer` before sees the old one. */
  moveTo(storage: MemoryStorage): void {
    this.storage = storage;
    this.refresh();
  }

  /** Replaces the views if the storage has another buffer, or another length, than when they were made. */
  refresh(): void {
    const { storage } = this;
    const buffer = storage.reserved ?? storage.buffer;
    if (this.bytes.buffer !== buffer || this.bytes.byteLength !== storage.byteLength) {
      this.makeViews();
      for (const holder of this.holders) holder.view = this.view;
      this.isHolderFresh = false;
    }
  }

  private makeViews(): void {
    const { reserved, byteLength } = this.storage;
    // Views of a buffer that other threads make longer have no length of their own, and follow it.
    const length = reserved === undefined ? undefined : byteLength;
    const buffer = reserved ?? this.storage.buffer;
    this.bytes = new Uint8Array(buffer, 0, length);
    this.view = new DataView(buffer, 0, length);
  }

  /** What holds {@link view}, now and later, for code that is made now: one that has not been written to, but for the last of them. */
  get viewHolder(): ViewHolder {
    if (!this.isHolderFresh && this.holders.length < MAX_HOLDERS) {
      this.holders.push(makeHolder(this.view));
      this.isHolderFresh = true;
    }
    return this.holders[this.holders.length - 1];
  }
}

/** The pages that the address type can reach. */
function maximumPages(type: MemoryType): bigint {
  return 1n << BigInt((type.address === I64 ? 64 : 32) - type.pageSizeLog2);
}

function allocate(type: MemoryType): MemoryStorage {
  const pageSize = 2 ** type.pageSizeLog2;
  const byteLength = Number(type.min) * pageSize;
  const most = maxBytes(byteLength);
  if (byteLength > most)
    throw new RangeError(
      most === SHORT_ARRAY_BYTES
        ? `it needs ${byteLength} bytes, and typed arrays of this platform end at ${most}, as those of Node 20 do; a newer one holds it`
        : `it needs ${byteLength} bytes, and a memory has ${most} at most here`,
    );
  return type.shared
    ? SharedStorage.allocate(byteLength, Math.min(Number(type.max) * pageSize, 2 ** 32))
    : new BufferStorage(byteLength);
}

function memoryTypeOf(descriptor: MemoryDescriptor): MemoryType {
  const shared = descriptor.shared ?? false;
  const address = descriptor.address === "i64" ? I64 : I32;
  const min = pageCount("initial", descriptor.initial);
  const max = descriptor.maximum === undefined ? undefined : pageCount("maximum", descriptor.maximum);
  if (max !== undefined && max < min) throw new RangeError(`a memory's maximum ${max} is less than its initial ${min}`);
  if (shared && max === undefined) throw new TypeError("a shared memory needs a maximum");
  const type: MemoryType = { min, max, address, shared, pageSizeLog2: 16 };
  const most = maximumPages(type);
  if (min > most || (max ?? 0n) > most) throw new RangeError(`a memory can have ${most} pages at most`);
  return type;
}

/** @throws TypeError for a buffer that is no shared memory's of the type */
function checkShared(buffer: ArrayBufferLike, { shared, min, max }: MemoryType): SharedArrayBuffer {
  const { growable, maxByteLength, byteLength } = buffer as SharedArrayBuffer & {
    readonly growable?: boolean;
    readonly maxByteLength: number;
  };
  if (!shared || growable !== true)
    throw new TypeError("a memory's buffer must be that of a shared memory, and the new memory shared");
  const most = Math.min(Number(max) * 65536, 2 ** 32);
  if (maxByteLength !== most || byteLength < Number(min) * 65536)
    throw new TypeError(
      `the buffer is that of a memory of ${byteLength / 65536} to ${maxByteLength / 65536} pages, not of ${min} to ${max}`,
    );
  return buffer as SharedArrayBuffer;
}

function pageCount(name: string, value: number | bigint): bigint {
  const ok = typeof value === "bigint" ? value >= 0n : Number.isInteger(value) && value >= 0;
  if (!ok) throw new TypeError(`a memory's ${name} must be a whole number of pages, not ${String(value)}`);
  return BigInt(value);
}
