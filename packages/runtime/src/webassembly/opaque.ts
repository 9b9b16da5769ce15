import { GcObject, opaqueObjects } from "../store/gc.ts";

/**
 * Structures and arrays as JavaScript sees them in the namespace (JavaScript API, 5.6, "ToJSValue"): objects without a prototype and without
 * properties, which nothing can be added to. Every attempt to change one throws. The store's own objects stay inside.
 */

const proxies = new WeakMap<GcObject, object>();

function refuse(): never {
  throw new TypeError("WebAssembly objects are opaque");
}

const handler: ProxyHandler<object> = {
  set: refuse,
  defineProperty: refuse,
  deleteProperty: refuse,
  setPrototypeOf: refuse,
  preventExtensions: refuse,
};

/** What JavaScript gets for a value of a guest: always the same object for the same structure or array. */
export function toOpaque(value: unknown): unknown {
  if (!(value instanceof GcObject)) return value;
  let proxy = proxies.get(value);
  if (proxy === undefined) {
    proxy = new Proxy(Object.freeze(Object.create(null) as object), handler);
    proxies.set(value, proxy);
    opaqueObjects.targets ??= new WeakMap();
    opaqueObjects.targets.set(proxy, value);
  }
  return proxy;
}

/** The results of a call, one or a list of several. */
export function toOpaqueResults(result: unknown, count: number): unknown {
  return count > 1 ? (result as unknown[]).map(toOpaque) : toOpaque(result);
}
