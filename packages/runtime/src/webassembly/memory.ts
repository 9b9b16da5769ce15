import { Memory as StoreMemory } from "../store/memory.ts";
import { I64 } from "../wasm/types.ts";
import { addressType, addressValue, dictionary, fromAddress, interfaceObject } from "./conversions.ts";
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
    const address = addressType(given.address);
    if (given.initial === undefined) throw new TypeError("a memory's descriptor must have the property initial");
    const initial = addressValue(given.initial, address, "initial");
    const maximum = given.maximum === undefined ? undefined : addressValue(given.maximum, address, "maximum");
    const shared = Boolean(given.shared);
    if (shared && maximum === undefined) throw new TypeError("a shared memory must have a maximum");
    if (maximum !== undefined && maximum < initial) throw new RangeError("a memory's maximum is less than its initial");
    this.#store = new StoreMemory({ initial, maximum, shared, address });
    wrappers.set(this.#store, this);
  }

  get #address(): "i32" | "i64" {
    return this.#store.type.address === I64 ? "i64" : "i32";
  }

  get buffer(): ArrayBufferLike {
    const { buffer } = this.#store;
    if (this.#buffer !== buffer) {
      if (this.#buffer !== undefined) detach(this.#buffer);
      this.#buffer = buffer;
      if (this.#store.type.shared) Object.freeze(buffer);
    }
    return buffer;
  }

  grow(delta: number | bigint): number | bigint {
    const store = this.#store;
    const pages = addressValue(delta, this.#address, "delta");
    const before = store.pages;
    store.grow(fromAddress(pages, this.#address));
    // Whoever holds the old buffer must find it detached, even if nobody asks for the new one.
    if (this.#buffer !== undefined) void this.buffer;
    return fromAddress(before, this.#address);
  }

  static {
    unwrap.memory = (value) =>
      typeof value === "object" && value !== null && #store in value ? value.#store : undefined;
  }
}

interfaceObject(Memory, "Memory");
