import type { ComponentFeature } from "./features.ts";

/** An immediate of a built-in, in the order in which the formats write them. See `BuiltinImmediates`. */
export type BuiltinImmediate =
  | "type"
  | "result"
  | "options"
  | "async"
  | "cancellable"
  | "shared"
  | "memory"
  | "valueType"
  | "slot"
  | "coreType"
  | "table";

export interface Builtin {
  readonly immediates: readonly BuiltinImmediate[];
  /** The feature that it needs; undefined for what was there from the start. */
  readonly feature?: ComponentFeature;
}

/** The built-in core functions (Explainer, "Canonical Built-ins"), by the names that the text format has. Opcodes: `binary/opcodes.ts`. */
export const builtins = {
  "resource.new": { immediates: ["type"] },
  "resource.drop": { immediates: ["type"] },
  "resource.rep": { immediates: ["type"] },
  "backpressure.inc": { immediates: [], feature: "async" },
  "backpressure.dec": { immediates: [], feature: "async" },
  "task.return": { immediates: ["result", "options"], feature: "async" },
  "task.cancel": { immediates: [], feature: "async" },
  "context.get": { immediates: ["valueType", "slot"], feature: "async" },
  "context.set": { immediates: ["valueType", "slot"], feature: "async" },
  "subtask.cancel": { immediates: ["async"], feature: "async" },
  "subtask.drop": { immediates: [], feature: "async" },
  "stream.new": { immediates: ["type"], feature: "async" },
  "stream.read": { immediates: ["type", "options"], feature: "async" },
  "stream.write": { immediates: ["type", "options"], feature: "async" },
  "stream.cancel-read": { immediates: ["type", "async"], feature: "async" },
  "stream.cancel-write": { immediates: ["type", "async"], feature: "async" },
  "stream.drop-readable": { immediates: ["type"], feature: "async" },
  "stream.drop-writable": { immediates: ["type"], feature: "async" },
  "future.new": { immediates: ["type"], feature: "async" },
  "future.read": { immediates: ["type", "options"], feature: "async" },
  "future.write": { immediates: ["type", "options"], feature: "async" },
  "future.cancel-read": { immediates: ["type", "async"], feature: "async" },
  "future.cancel-write": { immediates: ["type", "async"], feature: "async" },
  "future.drop-readable": { immediates: ["type"], feature: "async" },
  "future.drop-writable": { immediates: ["type"], feature: "async" },
  "error-context.new": { immediates: ["options"], feature: "error-context" },
  "error-context.debug-message": { immediates: ["options"], feature: "error-context" },
  "error-context.drop": { immediates: [], feature: "error-context" },
  "waitable-set.new": { immediates: [], feature: "async" },
  "waitable-set.wait": { immediates: ["cancellable", "memory"], feature: "async" },
  "waitable-set.poll": { immediates: ["cancellable", "memory"], feature: "async" },
  "waitable-set.drop": { immediates: [], feature: "async" },
  "waitable.join": { immediates: [], feature: "async" },
  "thread.index": { immediates: [], feature: "threads" },
  "thread.new-indirect": { immediates: ["coreType", "table"], feature: "threads" },
  "thread.resume-later": { immediates: [], feature: "threads" },
  "thread.suspend": { immediates: ["cancellable"], feature: "threads" },
  "thread.yield": { immediates: ["cancellable"], feature: "async" },
  "thread.suspend-then-resume": { immediates: ["cancellable"], feature: "threads" },
  "thread.yield-then-resume": { immediates: ["cancellable"], feature: "threads" },
  "thread.suspend-then-promote": { immediates: ["cancellable"], feature: "threads" },
  "thread.yield-then-promote": { immediates: ["cancellable"], feature: "threads" },
  "thread.spawn-ref": { immediates: ["shared", "coreType"], feature: "shared-threads" },
  "thread.spawn-indirect": { immediates: ["shared", "coreType", "table"], feature: "shared-threads" },
  "thread.available-parallelism": { immediates: ["shared"], feature: "shared-threads" },
} as const;

export type BuiltinName = keyof typeof builtins;

/** What the formats and the validator need to know of a built-in. */
export function builtinOf(name: BuiltinName): Builtin {
  return builtins[name];
}
