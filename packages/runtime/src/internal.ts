/**
 * What the project's own tools need beyond the public face: scripts of the specification's test suite, and values as bits.
 * Nothing here is held stable between versions.
 */
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
