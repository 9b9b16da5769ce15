/** The canonical ABI of values: how values cross the boundaries of component instances (Canonical ABI). */
export * from "./meter.ts";
export * from "./site.ts";
