/** The canonical ABI of values: how values cross the boundaries of component instances (Canonical ABI). */
export * from "./component-error.ts";
export { compileFromHost, type FromHost } from "./from-host.ts";
export { LiftedFunction, liftAsyncFunction, liftFunction } from "./lift-function.ts";
export { fuseFunction, lowerFunction } from "./lower-function.ts";
export * from "./meter.ts";
export { camelCase } from "./names.ts";
export type { ResultForm } from "./results.ts";
export * from "./site.ts";
export { compileToHost, type ToHost } from "./to-host.ts";
export * from "./transfer.ts";
export { compileValues, elementCodec, type Values } from "./values.ts";
