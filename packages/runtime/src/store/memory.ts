import { type OptionNames, readOptions } from "../wasm/options.ts";
import { I32, I64, type MemoryType } from "../wasm/types.ts";
import { toAddress } from "./addresses.ts";
import type { Holdings } from "./holdings.ts";
import { allocate, type MemoryStorage, maxBytes, type NativeMemory, SharedStorage } from "./memory-storage.ts";

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
 * A growth on the platform engine detaches the old buffer.
 */
export class Memory {
  /** Its type; `min` is the size it was made with. */
  readonly type: MemoryType;
  /** Whether it is another thread's too, which does not learn when its bytes are moved. */
  readonly isReceived: boolean = false;
  private storage: MemoryStorage;
  /** The whole memory as bytes: another view after a growth, and after an instance of another engine has imported the memory. */
  bytes!: Uint8Array;
  /** The same bytes as {@link bytes}. */
  view!: DataView;
  /** The budgets that count it. */
  private counts: Holdings<Memory>[] | undefined = undefined;
  private readonly holders: ViewHolder[] = [];
  private isHolderFresh = false;
  private isFollowing = false;
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
    // A descriptor is a host's; a type is that of a memory that an instance or the namespace makes.
    this.storage = storage ?? allocate(this.type, !("pageSizeLog2" in descriptor));
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
    if (this.counts !== undefined) for (const count of this.counts) count.count(this, byteLength);
    this.onGrown?.();
    return before;
  }

  /** Counts its bytes in a budget from now on. */
  countIn(holdings: Holdings<Memory>): void {
    if (holdings.has(this)) return;
    holdings.count(this, this.bytes.length);
    this.counts ??= [];
    this.counts.push(holdings);
  }

  /** The memory of the platform whose buffer now holds the bytes, if there is one. */
  get native(): NativeMemory | undefined {
    return this.storage.native;
  }

  /** Whether a host has read the buffer that now holds the bytes, so that another buffer would not see what it writes. */
  get isGiven(): boolean {
    return this.storage.isGiven;
  }

  /** Makes a memory of the platform the place of the bytes: `storage` holds the same bytes. Views then follow each growth there. */
  follow(storage: MemoryStorage): void {
    this.storage = storage;
    this.refresh();
    this.isFollowing = true;
    let { bytes, view } = this;
    const growsInPlace = this.type.shared && this.type.min !== this.type.max;
    const look = (): void => {
      // Guests of the platform grow it without notice. That detaches its buffer, unless threads share it.
      if (bytes.length !== 0 && !growsInPlace) return;
      const buffer = storage.reserved;
      if (bytes.buffer === buffer) return;
      bytes = new Uint8Array(buffer);
      view = new DataView(buffer);
    };
    const property = <T>(get: () => T): PropertyDescriptor => ({
      get() {
        look();
        return get();
      },
      set() {},
    });
    Object.defineProperties(this, { bytes: property(() => bytes), view: property(() => view) });
    for (const holder of this.holders) this.followWith(holder);
  }

  private followWith(holder: ViewHolder): void {
    Object.defineProperty(holder, "view", { get: () => this.view, set() {} });
  }

  /** Replaces the views if the storage has another buffer, or another length, than when they were made. */
  refresh(): void {
    const { storage } = this;
    const buffer = storage.reserved;
    if (this.bytes.buffer !== buffer || this.bytes.byteLength !== storage.byteLength) {
      this.makeViews();
      for (const holder of this.holders) holder.view = this.view;
      this.isHolderFresh = false;
    }
  }

  private makeViews(): void {
    const { reserved: buffer, byteLength } = this.storage;
    // Views of a buffer that other threads make longer have no length of their own, and follow it.
    const length = this.type.shared ? undefined : byteLength;
    this.bytes = new Uint8Array(buffer, 0, length);
    this.view = new DataView(buffer, 0, length);
  }

  /** What holds {@link view}, now and later, for code that is made now: one that has not been written to, but for the last of them. */
  get viewHolder(): ViewHolder {
    if (!this.isHolderFresh && this.holders.length < MAX_HOLDERS) {
      const holder = makeHolder(this.view);
      if (this.isFollowing) this.followWith(holder);
      this.holders.push(holder);
      this.isHolderFresh = true;
    }
    return this.holders[this.holders.length - 1];
  }
}

/** The pages that the address type can reach. */
function maximumPages(type: MemoryType): bigint {
  return 1n << BigInt((type.address === I64 ? 64 : 32) - type.pageSizeLog2);
}

/** The type that a descriptor means. @throws TypeError or RangeError where it means none */
export function memoryTypeOf(descriptor: MemoryDescriptor): MemoryType {
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
  if (!shared || growable === undefined)
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
