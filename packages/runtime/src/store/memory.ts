import { I32, I64, type MemoryType } from "../wasm/types.ts";
import { toAddress } from "./addresses.ts";

/** Where a memory's bytes live: in an `ArrayBuffer` of ours, or in a `WebAssembly.Memory` of the platform. */
export interface MemoryStorage {
  /** The bytes. A growth may put another in its place, and detach it. */
  readonly buffer: ArrayBufferLike;
  /** Grows to `byteLength`, zeroes added. @returns false when the platform has not that much */
  grow(byteLength: number): boolean;
}

/**
 * Storage in plain buffers, grown by a copy. `ArrayBuffer.prototype.transfer` copies as well, and detaches the old buffer: once one has been detached, V8 looks for
 * that at each access to any array or view in the process.
 */
class BufferStorage implements MemoryStorage {
  buffer: ArrayBufferLike;

  constructor(byteLength: number) {
    this.buffer = new ArrayBuffer(byteLength);
  }

  grow(byteLength: number): boolean {
    try {
      const grown = new Uint8Array(byteLength);
      grown.set(new Uint8Array(this.buffer));
      this.buffer = grown.buffer;
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

  grow(byteLength: number): boolean {
    try {
      (this.buffer as GrowableSharedBuffer).grow(byteLength);
      return true;
    } catch {
      return false;
    }
  }
}

/** What a memory may hold whatever its type says: typed arrays end at 2^32 bytes and more on most platforms. */
const MAX_BYTES = 2 ** 33;

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
 * `buffer` is a new object after every growth. The old one stays as it was; the platform engine's are detached.
 */
export class Memory {
  /** Its type; `min` is the size it was made with. */
  readonly type: MemoryType;
  /** Whether it is another thread's too, which does not learn when its bytes are moved. */
  readonly isReceived: boolean = false;
  private storage: MemoryStorage;
  /** Whole memory as bytes, made anew after a growth. Engines read it. */
  bytes: Uint8Array;
  view: DataView;
  private readonly holders: ViewHolder[] = [];
  private isHolderFresh = false;
  /** Called after every growth, by none too, for whom `buffer` is then another: the namespace detaches what it gave out. */
  onGrown: (() => void) | undefined = undefined;

  /**
   * @throws TypeError for a descriptor that makes no memory type, RangeError when the platform has not that much memory
   */
  constructor(descriptor: MemoryDescriptor | MemoryType, storage?: MemoryStorage) {
    if ("initial" in descriptor) {
      this.type = memoryTypeOf(descriptor);
      this.isReceived = descriptor.buffer !== undefined;
      if (descriptor.buffer !== undefined) storage = new SharedStorage(checkShared(descriptor.buffer, this.type));
    } else this.type = descriptor;
    this.storage = storage ?? allocate(this.type);
    this.bytes = new Uint8Array(this.storage.buffer);
    this.view = new DataView(this.storage.buffer);
  }

  get buffer(): ArrayBufferLike {
    return this.storage.buffer;
  }

  /** Its size now, in pages. */
  get pages(): number {
    return this.storage.buffer.byteLength / 2 ** this.type.pageSizeLog2;
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
   * Grows by `delta` pages if its maximum, the platform and `maxBytes` for this memory allow it.
   * @returns the size before, in pages, or -1 with nothing changed
   */
  tryGrow(delta: number, maxBytes: number): number {
    const before = this.pages;
    if (!(delta >= 0)) return -1;
    const after = before + delta;
    const byteLength = after * 2 ** this.type.pageSizeLog2;
    const maximum = this.type.max ?? maximumPages(this.type);
    if (after > Number(maximum) || byteLength > maxBytes || byteLength > MAX_BYTES) return -1;
    if ((delta > 0 || this.onGrown !== undefined) && !this.storage.grow(byteLength)) return -1;
    this.refresh();
    this.onGrown?.();
    return before;
  }

  /** Puts its bytes where an engine needs them to be; `storage` holds a copy of them. What has seen `buffer` before sees the old one. */
  moveTo(storage: MemoryStorage): void {
    this.storage = storage;
    this.refresh();
  }

  /** Makes the views anew if the storage has another buffer, or a longer one, than when they were made. */
  refresh(): void {
    const { buffer } = this.storage;
    if (this.bytes.buffer !== buffer || this.bytes.byteLength !== buffer.byteLength) {
      this.bytes = new Uint8Array(buffer);
      this.view = new DataView(buffer);
      for (const holder of this.holders) holder.view = this.view;
      this.isHolderFresh = false;
    }
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
  if (byteLength > MAX_BYTES)
    throw new RangeError(`a memory of ${byteLength} bytes is more than this platform can hold`);
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
