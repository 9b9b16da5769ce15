import type { HostFunction } from "../store/function.ts";
import { interfaceObject } from "./conversions.ts";
import { unwrap } from "./wrappers.ts";

/**
 * `WebAssembly.Suspending` (JavaScript Promise Integration): an import made of a function whose call suspends the guest until what it returns
 * is settled.
 */
export class Suspending {
  #fn: HostFunction;

  /** @throws TypeError for what is no function */
  constructor(fn: unknown) {
    if (typeof fn !== "function") throw new TypeError("WebAssembly.Suspending takes a function");
    this.#fn = fn as HostFunction;
  }

  static {
    unwrap.suspending = (value) =>
      typeof value === "object" && value !== null && #fn in value ? value.#fn : undefined;
  }
}

interfaceObject(Suspending, "Suspending");
