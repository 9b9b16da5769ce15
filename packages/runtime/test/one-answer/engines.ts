import assert from "node:assert/strict";
import type { InstantiateOptions } from "../../src/api/instantiate-options.ts";
import { type EngineName, type Instance, LinkError, Runtime, Trap } from "../../src/index.ts";

export const engineNames: readonly EngineName[] = ["interpreter", "compiler", "platform"];

/** Scenarios in which all engines must give one answer. Each returns when they do, and throws otherwise. */
export type Scenarios = Readonly<Record<string, () => void | Promise<void>>>;

/** The same module on each engine that can hold it here: a platform may lack what the module needs. */
export function instances(
  source: string | Uint8Array,
  imports: Record<string, Record<string, unknown>> = {},
  options: InstantiateOptions = {},
  engines: readonly EngineName[] = engineNames,
): Map<EngineName, Instance> {
  const made = new Map<EngineName, Instance>();
  for (const engine of engines) {
    const runtime = new Runtime({ engine, features: { threads: true, "wide-arithmetic": true } });
    try {
      made.set(engine, runtime.instantiateSync(runtime.compileSync(source), imports, options));
    } catch (error) {
      if (!(error instanceof LinkError && engine === "platform" && /lacks|refuses/.test(error.message))) throw error;
    }
  }
  return made;
}

/** What a call returns, or the code of its trap. */
export function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    if (error instanceof Trap) return error.code;
    throw error;
  }
}

/** Calls an export on each engine: what it returns, or its trap's code, must be `expected` everywhere. */
export function expectAll(
  all: Map<EngineName, Instance>,
  name: string,
  args: readonly unknown[],
  expected: unknown,
): void {
  for (const [engine, { exports }] of all) {
    const came = outcome(() => exports[name](...args));
    // Compared quickly first: there are many thousand calls.
    if (came !== expected) assert.deepEqual([engine, name, args, came], [engine, name, args, expected]);
  }
}
