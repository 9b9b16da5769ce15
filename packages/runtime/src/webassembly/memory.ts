import { memoryTypeOf, Memory as StoreMemory } from "../store/memory.ts";
import { I64 } from "../wasm/types.ts";
import { addressValue, dictionary, fromAddress, interfaceObject, sizesOf } from "./conversions.ts";
import { internal, unwrap, wrappers } from "./wrappers.ts";

type Clone = (value: ArrayBuffer, options: { transfer: ArrayBuffer[] }) => unknown;

/** Detaches a buffer that a memory has outgrown, where the platform can do that. */
function detach(buffer: ArrayBufferLike): void {
  const clone = (globalThis as { structuredClone?: Clone }).structuredClone;
  if (clone === undefined || !(buffer instanceof ArrayBuffer) || buffer.byteLength === 0) return;
  clone(buffer, { transfer: [buffer] });
}

/** `WebAssembly.Memory` (JavaScript API, 5.3). */
export class Memory {
  #store: StoreMemory;
  #buffer: ArrayBufferLike | undefined;

  constructor(descriptor: unknown) {
    if (descriptor instanceof StoreMemory && internal.making) {
      this.#store = descriptor;
      return;
    }
    const given = dictionary(descriptor, "a memory's descriptor");
    const { address, initial, maximum } = sizesOf(given, "memory");
    const shared = Boolean(given.shared);
    if (shared && maximum === undefined) throw new TypeError("a shared memory must have a maximum");
    // Made of a type, its buffers are plain ones, which can be detached.
    this.#store = new StoreMemory(memoryTypeOf({ initial, maximum, shared, address }));
    wrappers.set(this.#store, this);
  }

  get #address(): "i32" | "i64" {
    return this.#store.type.address === I64 ? "i64" : "i32";
  }

  get buffer(): ArrayBufferLike {
    const { buffer } = this.#store;
    if (this.#store.type.shared) return this.#sharedBuffer(buffer);
    if (this.#buffer === undefined) {
      // Whoever holds the old buffer must find it detached, even if nobody asks for the new one.
      this.#store.onGrown = () => {
        detach(this.#buffer as ArrayBufferLike);
        this.#buffer = undefined;
        this.#store.onGrown = undefined;
      };
      this.#buffer = buffer;
    }
    return buffer;
  }

  /** A shared memory that has grown, here or in another thread, has a new buffer object over the same bytes; the old one keeps its length. */
  #sharedBuffer(buffer: ArrayBufferLike): ArrayBufferLike {
    const { byteLength } = buffer;
    if (this.#buffer === undefined || this.#buffer.byteLength !== byteLength) {
      const clone = (globalThis as { structuredClone?: (value: ArrayBufferLike) => ArrayBufferLike }).structuredClone;
      this.#buffer =
        clone === undefined ? buffer : Object.defineProperty(clone(buffer), "byteLength", { value: byteLength });
      Object.freeze(this.#buffer);
    }
    return this.#buffer;
  }

  grow(delta: number | bigint): number | bigint {
    const store = this.#store;
    const pages = addressValue(delta, this.#address, "delta");
    const before = store.pages;
    store.grow(fromAddress(pages, this.#address));
    return fromAddress(before, this.#address);
  }

  static {
    unwrap.memory = (value) =>
      typeof value === "object" && value !== null && #store in value ? value.#store : undefined;
  }
}

interfaceObject(Memory, "Memory");
