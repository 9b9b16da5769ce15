import { jsTag, Exception as StoreException, Tag as StoreTag } from "../store/tag.ts";
import type { ValueTypeName } from "../store/value-types.ts";
import { dictionary, interfaceObject, sequence, valueType } from "./conversions.ts";
import { toOpaque } from "./opaque.ts";
import { internal, unwrap, wrap, wrappers } from "./wrappers.ts";

/** `WebAssembly.Tag` (JavaScript API, 5.7). */
export class Tag {
  #store: StoreTag;

  constructor(descriptor: unknown) {
    if (descriptor instanceof StoreTag && internal.making) {
      this.#store = descriptor;
      return;
    }
    const given = dictionary(descriptor, "a tag's descriptor");
    const parameters = sequence(given.parameters, "a tag's parameters").map(String) as ValueTypeName[];
    parameters.forEach(valueType);
    this.#store = new StoreTag({ parameters });
    wrappers.set(this.#store, this);
  }

  static {
    unwrap.tag = (value) => (typeof value === "object" && value !== null && #store in value ? value.#store : undefined);
  }
}

function tagOf(value: unknown): StoreTag {
  const tag = unwrap.tag(value);
  if (tag === undefined) throw new TypeError("expected a WebAssembly.Tag");
  return tag;
}

/** `WebAssembly.Exception` (JavaScript API, 5.8). */
export class Exception {
  #store: StoreException;
  #stack: string | undefined;

  constructor(tag: unknown, payload?: unknown, options?: { readonly traceStack?: boolean }) {
    if (tag instanceof StoreException && internal.making) {
      this.#store = tag;
      return;
    }
    this.#store = new StoreException(tagOf(tag), sequence(payload, "an exception's payload"));
    wrappers.set(this.#store, this);
    if (options?.traceStack) this.#stack = new Error().stack;
  }

  /** Where it was made, if that was asked for with `traceStack`. */
  get stack(): string | undefined {
    return this.#stack;
  }

  is(tag: unknown): boolean {
    return this.#store.tag === tagOf(tag);
  }

  getArg(tag: unknown, index: number): unknown {
    const place = Math.trunc(+index);
    if (!(place >= 0 && place <= 0xffffffff)) throw new TypeError("index must be a number from 0 to 2^32 - 1");
    return toOpaque(this.#store.getArg(tagOf(tag), place));
  }

  static {
    unwrap.exception = (value) =>
      typeof value === "object" && value !== null && #store in value ? value.#store : undefined;
  }
}

interfaceObject(Tag, "Tag");
interfaceObject(Exception, "Exception", 2);

/** `WebAssembly.JSTag`: the tag under which a guest catches what JavaScript threw. */
export function makeJsTag(): Tag {
  return wrap(jsTag(), Tag);
}
