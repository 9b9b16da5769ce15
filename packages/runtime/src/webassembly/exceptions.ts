import { jsTag, Exception as StoreException, Tag as StoreTag } from "../store/tag.ts";
import { toJavaScript, toWasm } from "../store/values.ts";
import { defineTypes } from "../wasm/type-registry.ts";
import { dictionary, interfaceObject, valueType } from "./conversions.ts";
import { internal, unwrap, wrap, wrappers } from "./wrappers.ts";

/** The items of a sequence. @throws TypeError for what is not iterable */
function sequence(value: unknown, what: string): unknown[] {
  if (typeof (value as Iterable<unknown> | undefined | null)?.[Symbol.iterator] !== "function")
    throw new TypeError(`${what} must be iterable`);
  return [...(value as Iterable<unknown>)];
}

/** `WebAssembly.Tag` (JavaScript API, 5.7). */
export class Tag {
  #store: StoreTag;

  constructor(descriptor: unknown) {
    if (descriptor instanceof StoreTag && internal.making) {
      this.#store = descriptor;
      return;
    }
    const given = dictionary(descriptor, "a tag's descriptor");
    const params = sequence(given.parameters, "a tag's parameters").map(valueType);
    const [type] = defineTypes([
      { final: true, supertypes: [], composite: { kind: "func", params, results: [] }, groupStart: 0, groupSize: 1 },
    ]);
    this.#store = new StoreTag(type);
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

  constructor(tag: unknown, payload?: unknown, options?: { readonly traceStack?: boolean }) {
    if (tag instanceof StoreException && internal.making) {
      this.#store = tag;
      return;
    }
    const type = tagOf(tag);
    if (type === jsTag()) throw new TypeError("an exception cannot be made with JSTag: throw the value itself");
    const given = sequence(payload, "an exception's payload");
    const { parameters } = type;
    if (given.length !== parameters.length)
      throw new TypeError(`the tag's exceptions carry ${parameters.length} values, not ${given.length}`);
    const values = given.map((value, i) => toWasm(value, parameters[i], type.type.context));
    this.#store = new StoreException(type, values);
    wrappers.set(this.#store, this);
    if (options?.traceStack)
      Object.defineProperty(this, "stack", { value: new Error().stack, writable: true, configurable: true });
  }

  is(tag: unknown): boolean {
    return this.#store.tag === tagOf(tag);
  }

  getArg(tag: unknown, index: number): unknown {
    const type = tagOf(tag);
    if (type !== this.#store.tag) throw new TypeError("the exception has another tag");
    const place = Math.trunc(+index);
    if (!(place >= 0 && place <= 0xffffffff)) throw new TypeError("index must be a number from 0 to 2^32 - 1");
    if (place >= this.#store.payload.length)
      throw new RangeError(`the exception carries ${this.#store.payload.length} values`);
    return toJavaScript(this.#store.payload[place], type.parameters[place]);
  }

  static {
    unwrap.exception = (value) =>
      typeof value === "object" && value !== null && #store in value ? value.#store : undefined;
  }
}

interfaceObject(Tag, "Tag");
interfaceObject(Exception, "Exception");

/** `WebAssembly.JSTag`: the tag under which a guest catches what JavaScript threw. */
export function makeJsTag(): Tag {
  return wrap(jsTag(), Tag);
}
