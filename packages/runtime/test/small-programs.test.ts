import { describe, expect, it } from "vitest";
import type { Instance } from "../src/api/instance.ts";
import type { EngineName } from "../src/store/engine.ts";
import { Trap } from "../src/store/trap.ts";
import { engineNames, instances } from "./one-answer/engines.ts";
import { code, order, references } from "./small-programs/code.ts";
import { fuel, limited } from "./small-programs/limits.ts";
import { operators } from "./small-programs/operators.ts";
import type { Call, Program } from "./small-programs/program.ts";

/*
 * Each program has a few lines, and its results, traps and fuel are written down. Comparisons of engines with each other
 * do not find a fault that all engines have; these tests do. They take a second, so each one-line mutant can name them.
 */

const programs: readonly Program[] = [...operators, ...order, ...code, ...references, ...limited, ...fuel];

/** What can be seen of a call: its value or the code of its trap, and the fuel where the call states a figure. */
function seen(
  instance: Instance,
  { name, args, fuel }: Call,
): { readonly value: unknown; readonly fuel: bigint | undefined } {
  const before = instance.fuel.consumed;
  let value: unknown;
  try {
    value = instance.exports[name](...args);
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    value = { trap: error.code };
  }
  return { value, fuel: fuel === undefined ? undefined : instance.fuel.consumed - before };
}

/** The program on an engine; undefined where the platform lacks what the program needs. */
function instanceOf({ source, imports, limits }: Program, engine: EngineName): Instance | undefined {
  return instances(source, imports?.(), { exactFuel: true, limits: limits ?? {} }, [engine]).get(engine);
}

describe.each(engineNames)("on the engine %s", (engine) => {
  it.each(programs)("$name", (program) => {
    const instance = instanceOf(program, engine);
    if (instance === undefined) {
      expect(engine).toBe("platform");
      return;
    }
    for (const call of program.calls) {
      const { name, args, value, fuel } = call;
      expect({ name, args, ...seen(instance, call) }).toEqual({ name, args, value, fuel });
    }
  });
});
