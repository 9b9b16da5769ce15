/**
 * What this repository's own tools need beyond the public face: values as bits, code instruction by instruction, scripts of the
 * specification's tests. It may change in any release.
 *
 * @module
 */
export { readImmediates, readOpcode } from "./binary/instruction-reader.ts";
export { Reader } from "./binary/reader.ts";
export { preparedBytes } from "./engines/interpreter/module-code.ts";
export { callNative } from "./engines/platform/raw-call.ts";
export { rewriteForMeasure } from "./engines/platform/variant.ts";
export { invokeRaw } from "./instance.ts";
export { Func } from "./store/function.ts";
export { GcObject } from "./store/gc.ts";
export { isI31 } from "./store/references.ts";
export {
  type Action,
  type Command,
  type LanePattern,
  parseScript,
  type ResultPattern,
  type ScriptModule,
  type ScriptValue,
} from "./text/script.ts";
export { defineTypes } from "./wasm/type-registry.ts";
export type { GlobalType, MemoryType, SubType, TableType, ValueType } from "./wasm/types.ts";
export { unsigned64 } from "./wasm/unsigned.ts";
