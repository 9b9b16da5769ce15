import { describe, expect, test } from "vitest";
import { Runtime } from "../src/api/runtime.ts";
import { platformAbilities } from "../src/engines/platform/probe.ts";
import { encodeModule, parseModule } from "../src/formats.ts";
import { Trap } from "../src/store/trap.ts";
import { allFeatures, type Feature } from "../src/wasm/features.ts";
import { between, moduleText, type Operation, operations, typicalOperations, type Way, ways } from "./left-operands.ts";

/*
 * Code that may trap and whose value is still on the stack when control leaves: its trap must come, at its place among
 * effects and other traps, on every engine.
 */

type Engine = "interpreter" | "compiler" | "platform";

interface Case {
  readonly operation: Operation;
  readonly next: Operation;
  readonly way: Way;
}

/** What can be seen of a call: its value or trap, what has changed, and the fuel it took. */
interface Seen {
  readonly value: unknown;
  readonly changes: readonly unknown[];
  readonly fuel: bigint;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly table: { readonly length: number };
  readonly g: { value: bigint };
  readonly marks: { value: number };
  readonly field?: (next: number) => number;
}

/** The arguments $a, $b and $one. */
const callsOf = ({ code }: Operation): readonly (readonly number[])[] => {
  const calls = [
    [1, 1, 1],
    [0, 1, 1],
  ];
  return code.includes("$b") ? [...calls, [1, 0, 1], [0, 0, 1]] : calls;
};

/** Runs each function with each of the arguments. */
function run(engine: Engine, bytes: Uint8Array, cases: readonly Case[]): Seen[][] {
  const runtime = new Runtime({ engine, features: { threads: true } });
  const events: number[] = [];
  const host = { log: (x: number): number => events.push(x) };
  const instance = runtime.instantiateSync(runtime.compileSync(bytes), { host }, { exactFuel: true });
  const { memory, table, g, marks, field } = instance.exports as unknown as Exports;
  const call = (index: number, args: readonly unknown[], fuel: bigint): Seen => {
    new Uint8Array(memory.buffer).fill(0, 64, 128);
    g.value = 0n;
    marks.value = 0;
    events.length = 0;
    const [bytes, elements] = [memory.buffer.byteLength, table.length];
    instance.fuel.remaining = fuel;
    const before = instance.fuel.consumed;
    let value: unknown;
    try {
      value = instance.exports[`f${index}`](...args);
    } catch (error) {
      if (!(error instanceof Trap)) throw error;
      // Where the fuel ends, engines name the place of the check or its loop's.
      const isLimit = error.code === "fuel-exhausted";
      value = [error.code, error.frames.map(({ functionIndex, offset }) => [functionIndex, isLimit ? 0 : offset])];
    }
    const taken = instance.fuel.consumed - before;
    instance.fuel.remaining = 1000n;
    const grown = [memory.buffer.byteLength - bytes, table.length - elements];
    const stored = [...new Uint8Array(memory.buffer, 64, 64)].join();
    return { value, changes: [...grown, stored, g.value, marks.value, [...events], field?.(0)], fuel: taken };
  };
  return cases.map(({ next, way }, index) =>
    callsOf(next).map((args) => call(index, args, args[0] === 1 && way.name === "an endless loop" ? 5000n : 1n << 30n)),
  );
}

const UNCHANGED = JSON.stringify([0, 0, new Array(64).fill(0).join(), "0", 0, []]);

function changed(changes: readonly unknown[]): boolean {
  const [grown, more, stored, g, marks, events, field] = changes;
  return JSON.stringify([grown, more, stored, String(g), marks, events]) !== UNCHANGED || (field ?? 0) !== 0;
}

/** Cases by the features that they need. */
function grouped(cases: readonly Case[]): Map<string, Case[]> {
  const groups = new Map<string, Case[]>();
  for (const entry of cases) {
    const { operation, next, way } = entry;
    const key = [...new Set([...operation.needs, ...next.needs, ...way.needs])].sort().join();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return groups;
}

/** Runs the cases on all engines, which must agree, and trap first at what traps first. */
function check(cases: readonly Case[]): void {
  for (const [key, group] of grouped(cases)) {
    const needs = key === "" ? [] : (key.split(",") as Feature[]);
    const functions = group.map(({ operation, next, way }) => ({
      body: way.body(`${operation.code} ${next.code}`, [...operation.types, ...next.types]),
      results: way.results,
    }));
    const bytes = encodeModule(parseModule(moduleText(functions, needs), allFeatures).module);
    const expected = run("interpreter", bytes, group);
    group.forEach(({ operation, next, way }, i) => {
      callsOf(next).forEach(([a, b], k) => {
        const { value, changes } = expected[i][k];
        const what = `${operation.name}, ${next.name}, ${way.name}, $a ${a}, $b ${b}`;
        const isFirst = a === 0 && operation.trap !== undefined;
        const trap = isFirst ? operation.trap : b === 0 ? next.trap : undefined;
        const found = [Array.isArray(value) && trap !== undefined ? value[0] : undefined, isFirst && changed(changes)];
        expect({ what, found }).toEqual({ what, found: [trap, false] });
      });
    });
    for (const engine of others(needs)) {
      const found = run(engine, bytes, group);
      group.forEach(({ operation, next, way }, i) => {
        const what = `${engine}: ${operation.name}, ${next.name}, ${way.name}`;
        expect({ what, seen: found[i] }).toEqual({ what, seen: expected[i] });
      });
    }
  }
}

/** The engines beside the interpreter that run modules of the features here. */
function others(needs: readonly Feature[]): readonly Engine[] {
  const abilities = platformAbilities();
  // V8 does not take both ways of handling exceptions in one module.
  const isMixed = needs.includes("exceptions") && needs.includes("legacy-exceptions");
  const isNative =
    !isMixed && typeof abilities !== "string" && needs.every((feature) => abilities.features.has(feature));
  return isNative ? ["compiler", "platform"] : ["compiler"];
}

describe("operands that are left on the stack", () => {
  const [empty] = between;

  // The combinations take turns, since all of them would take minutes.
  test.each([0, 1, 2, 3])("trap when control leaves, whatever may trap, part %i", (part) => {
    const some = (way: Way): Operation[] => operations.filter((_, k) => (ways.indexOf(way) + k) % 12 === 3 * part);
    check(ways.flatMap((way) => some(way).map((operation) => ({ operation, next: empty, way }))));
  });

  test.each([0, 1, 2, 3])("trap before what follows them, part %i", (part) => {
    check(
      ways.flatMap((way, i) =>
        between.flatMap((next, k) =>
          typicalOperations
            .filter((_, n) => (i + k + n) % 16 === 4 * part)
            .map((operation) => ({ operation, next, way })),
        ),
      ),
    );
  });
});
