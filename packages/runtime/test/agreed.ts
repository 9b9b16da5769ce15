import { expect } from "vitest";
import { Runtime } from "../src/api/runtime.ts";
import type { EngineName } from "../src/store/engine.ts";
import type { Limits } from "../src/store/limits.ts";
import type { Module } from "../src/store/module.ts";
import { Trap } from "../src/store/trap.ts";

export interface Outcome {
  readonly value: unknown;
  readonly fuel: bigint;
}

const modules = new Map<string, Module>();
const features = { threads: true, "wide-arithmetic": true };

/** What a call comes to on an engine: its value, or the code of its trap and the functions that it left; and the fuel that it burnt. */
function outcome(
  engine: EngineName,
  source: string,
  name: string,
  args: readonly unknown[],
  limits: Limits = {},
  imports: Record<string, Record<string, unknown>> = {},
): Outcome {
  const runtime = new Runtime({ engine, features });
  let module = modules.get(source);
  if (module === undefined) modules.set(source, (module = runtime.compileSync(source)));
  const instance = runtime.instantiateSync(module, imports, { limits });
  let value: unknown;
  try {
    value = instance.exports[name](...args);
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    const frames = error.frames.map(({ functionIndex, offset }) => [functionIndex, offset]);
    value = { trap: error.code, frames };
  }
  return { value, fuel: instance.fuel.consumed };
}

/** Runs a call on the interpreter and on the compiler, which must agree. @returns what they agree on */
export function agreed(
  ...args: Parameters<typeof outcome> extends [EngineName, ...infer Rest] ? Rest : never
): Outcome {
  const expected = outcome("interpreter", ...args);
  expect(outcome("compiler", ...args)).toEqual(expected);
  return expected;
}
