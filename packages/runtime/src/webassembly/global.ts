import { Global as StoreGlobal } from "../store/global.ts";
import { defaultValue, toJavaScript, toWasm } from "../store/values.ts";
import { EXTERNREF, V128 } from "../wasm/types.ts";
import { dictionary, interfaceObject, valueType } from "./conversions.ts";
import { toOpaque } from "./opaque.ts";
import { internal, unwrap, wrappers } from "./wrappers.ts";

/** `WebAssembly.Global` (JavaScript API, 5.5). */
export class Global {
  #store: StoreGlobal;

  constructor(descriptor: unknown, value?: unknown) {
    if (descriptor instanceof StoreGlobal && internal.making) {
      this.#store = descriptor;
      return;
    }
    const given = dictionary(descriptor, "a global's descriptor");
    const mutable = Boolean(given.mutable);
    const name = given.value;
    if (name === undefined) throw new TypeError("a global's descriptor must have the property value");
    const type = valueType(name);
    if (type === V128) throw new TypeError("a global of type v128 cannot be made by JavaScript");
    // Left out, an externref is undefined and anything else its type's default.
    const initial = value === undefined && type !== EXTERNREF ? defaultValue(type) : toWasm(value, type, []);
    this.#store = new StoreGlobal({ type, mutable }, initial);
    if (initial === undefined) this.#store.store(undefined);
    wrappers.set(this.#store, this);
  }

  get value(): unknown {
    return toOpaque(toJavaScript(this.#store.load(), this.#store.type.type));
  }

  set value(value: unknown) {
    const { type, mutable } = this.#store.type;
    if (!mutable) throw new TypeError("an immutable global cannot be set");
    this.#store.store(toWasm(value, type, this.#store.types));
  }

  valueOf(): unknown {
    return toOpaque(toJavaScript(this.#store.load(), this.#store.type.type));
  }

  static {
    unwrap.global = (value) =>
      typeof value === "object" && value !== null && #store in value ? value.#store : undefined;
  }
}

interfaceObject(Global, "Global");
