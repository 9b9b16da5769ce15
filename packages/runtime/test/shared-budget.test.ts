import { describe, expect, test } from "vitest";
import { Budget, type BudgetOptions, type EngineName, type Instance, Runtime, Table, Trap } from "../src/index.ts";

/*
 * Instances that share a budget. Each scenario runs on every engine, synchronously and, where the engine can suspend, asynchronously. All must
 * end alike and consume the same fuel.
 */

const engines = ["interpreter", "compiler", "platform"] as const;

const LIBRARY = `(module $library
  (type $step (func (param i32) (result i32)))
  (import "host" "call" (func $host (param i32)))
  (import "host" "table" (table $steps 4 20 funcref))
  (memory (export "memory") 1)
  (table $own (export "table") 2 funcref)
  (global $tries (mut i32) (i32.const 0))
  (elem (table $steps) (i32.const 1) func $down)
  (func (export "work") (param $n i32)
    (loop $again (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "tiny") (result i32) (i32.const 7))
  (func (export "spin") (loop (br 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "growTable") (param i32) (result i32) (table.grow $own (ref.null func) (local.get 0)))
  (func (export "trap") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func (export "bounce") (param i32) (call $host (local.get 0)))
  (func $down (export "down") (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (i32.add (i32.const 1)
        (call_indirect $steps (type $step) (i32.sub (local.get $n) (i32.const 1)) (i32.const 0))))
      (else (i32.const 0))))
  (func (export "tail") (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (return_call_indirect $steps (type $step) (i32.sub (local.get $n) (i32.const 1)) (i32.const 2)))
      (else (i32.const 9)))))`;

const APPLICATION = `(module $application
  (type $step (func (param i32) (result i32)))
  (import "host" "table" (table $steps 4 20 funcref))
  (import "library" "work" (func $work (param i32)))
  (import "library" "tiny" (func $tiny (result i32)))
  (import "library" "spin" (func $spin))
  (import "library" "trap" (func $trap (param i32) (result i32)))
  (import "library" "bounce" (func $bounce (param i32)))
  (import "library" "down" (func $down (param i32) (result i32)))
  (import "library" "tail" (func $tail (param i32) (result i32)))
  (memory (export "memory") 1)
  (table $own (export "table") 2 funcref)
  (elem (table $steps) (i32.const 0) func $up)
  (elem (table $steps) (i32.const 2) func $tailUp)
  (elem (table $own) (i32.const 0) func $up $tail)
  (func (export "run") (param $n i32)
    (call $work (local.get $n)) (drop (call $tiny)) (call $work (local.get $n)))
  (func (export "many") (param $n i32)
    (loop $again
      (drop (call $tiny))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "spinThere") (call $spin))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "growTable") (param i32) (result i32) (table.grow $own (ref.null func) (local.get 0)))
  (func (export "trapThere") (param i32) (result i32)
    (call $work (i32.const 10)) (call $trap (local.get 0)))
  (func (export "bounceThere") (param i32) (call $bounce (local.get 0)))
  (func $up (export "up") (param $n i32) (result i32) (call $down (local.get $n)))
  (func $tailUp (export "tailUp") (param $n i32) (result i32) (return_call $tail (local.get $n)))
  (func (export "indirect") (param $n i32) (result i32)
    (call_indirect $own (type $step) (local.get $n) (i32.const 1))))`;

const STARTER = `(module $starter
  (import "library" "work" (func $work (param i32)))
  (func $start (call $work (i32.const 50)))
  (start $start))`;

interface Group {
  readonly runtime: Runtime;
  readonly budget: Budget;
  readonly library: Instance;
  readonly application: Instance;
  /** What a guest's call of the host does. */
  host: (argument: number) => unknown;
  /** Calls an export of the application as the scenario is run. */
  call(name: string, ...args: readonly unknown[]): Promise<unknown>;
}

async function makeGroup(engine: EngineName, asynchronous: boolean, options: BudgetOptions): Promise<Group> {
  const runtime = new Runtime({ engine });
  const budget = new Budget(options);
  const table = new Table({ element: "anyfunc", initial: 4, maximum: 20 });
  const host = { call: (argument: number): unknown => group.host(argument), table };
  const library = await runtime.instantiate(await runtime.compile(LIBRARY), { host }, { budget });
  const application = await runtime.instantiate(
    await runtime.compile(APPLICATION),
    { host, library: library.exports },
    { budget },
  );
  const group: Group = {
    runtime,
    budget,
    library,
    application,
    host: () => {},
    call: async (name, ...args) =>
      asynchronous ? application.async.call(name, args) : application.exports[name](...args),
  };
  return group;
}

/** What a call came to, as data. */
async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Trap)) return String(error);
    return {
      trap: error.code,
      frames: error.frames.map(({ moduleName, functionIndex }) => [moduleName, functionIndex]),
    };
  }
}

interface Scenario {
  readonly options: BudgetOptions;
  /** Calls, and what they came to. */
  readonly run: (group: Group) => Promise<unknown>;
  readonly expected: unknown;
  /** Whether the consumed fuel is that of the clock. */
  readonly timed?: boolean;
}

const trap = (code: string): unknown => expect.objectContaining({ trap: code });

const scenarios: Readonly<Record<string, Scenario>> = {
  "a call across instances consumes one fuel": {
    options: { fuel: 10_000n },
    run: async ({ call }) => [await outcome(() => call("run", 100)), await outcome(() => call("run", 200))],
    expected: [undefined, undefined],
  },
  "fuel ends in the other instance": {
    options: { fuel: 300n },
    run: async ({ call }) => [
      await outcome(() => call("run", 10)),
      await outcome(() => call("run", 100)),
      await outcome(() => call("run", 1)),
    ],
    expected: [undefined, trap("fuel-exhausted"), trap("fuel-exhausted")],
  },
  "fuel ends between small functions": {
    options: { fuel: 1_000n },
    run: async ({ call }) => outcome(() => call("many", 100_000)),
    expected: trap("fuel-exhausted"),
  },
  "fuel that one instance has used up is gone for the other": {
    options: { fuel: 500n },
    run: async ({ call, library }) => [
      await outcome(() => library.exports.work(10_000)),
      await outcome(() => call("run", 1)),
      await outcome(() => library.exports.tiny()),
    ],
    expected: [trap("fuel-exhausted"), trap("fuel-exhausted"), trap("fuel-exhausted")],
  },
  "fuel is given between calls": {
    options: { fuel: 100n },
    run: async ({ call, budget, library, application }) => {
      const first = await outcome(() => call("run", 1_000));
      budget.fuel.add(10_000n);
      const second = await outcome(() => call("run", 100));
      application.fuel.remaining = 20n;
      const left = [budget.fuel.remaining, library.fuel.remaining];
      return [first, second, left, await outcome(() => library.exports.work(100))];
    },
    expected: [trap("fuel-exhausted"), undefined, [20n, 20n], trap("fuel-exhausted")],
  },
  "many slices are granted": {
    options: { fuel: 5_000_000n },
    run: async ({ call }) => outcome(() => call("run", 400_000)),
    expected: undefined,
  },
  "the deadline is that of the outermost call": {
    options: { timeout: 30 },
    run: async ({ call }) => outcome(() => call("spinThere")),
    expected: trap("deadline-exceeded"),
    timed: true,
  },
  "a trap in the inner instance": {
    options: { fuel: 10_000n },
    run: async ({ call, budget }) => [
      await outcome(() => call("trapThere", 1)),
      await outcome(() => call("trapThere", 0)),
      budget.fuel.exact,
      await outcome(() => call("trapThere", 1)),
    ],
    expected: [1, trap("integer-divide-by-zero"), true, 1],
  },
  "a trap in the inner instance after the last fuel": {
    options: { fuel: 30n },
    run: async ({ call }) => outcome(() => call("trapThere", 0)),
    expected: trap("fuel-exhausted"),
  },
  "depth by mutual recursion": {
    options: { callDepth: 100, fuel: 1_000_000n },
    run: async ({ call }) => [
      await outcome(() => call("up", 40)),
      await outcome(() => call("up", 49)),
      await outcome(() => call("up", 50)),
      await outcome(() => call("up", 1_000)),
      await outcome(() => call("up", 49)),
    ],
    expected: [40, 49, trap("call-stack-exhausted"), trap("call-stack-exhausted"), 49],
  },
  "tail calls between instances need no depth": {
    options: { callDepth: 20, fuel: 1_000_000n },
    run: async ({ call }) => [
      await outcome(() => call("tailUp", 10_000)),
      await outcome(() => call("indirect", 3)),
      await outcome(() => call("tailUp", 1_000_000)),
    ],
    expected: [9, 9, trap("fuel-exhausted")],
  },
  "memory grows under one limit": {
    options: { memory: 6 * 65536 },
    run: async ({ call, budget, library }) => [
      budget.memoryBytes,
      await call("grow", 2),
      library.exports.grow(2),
      library.exports.grow(1),
      await call("grow", 1),
      budget.memoryBytes,
      await call("grow", 0),
    ],
    expected: [2 * 65536, 1, 1, -1, -1, 6 * 65536, 3],
  },
  "host bytes are under the limit of memory": {
    options: { memory: 4 * 65536 },
    run: async ({ call, budget }) => {
      const results: unknown[] = [budget.reserveMemory(65536), await call("grow", 2), budget.reserveMemory(65537)];
      budget.releaseMemory(65536);
      results.push(budget.reserveMemory(2 * 65536), await call("grow", 1));
      budget.releaseMemory(1);
      results.push(await call("grow", 1), budget.memoryBytes);
      return results;
    },
    expected: [true, -1, false, true, -1, -1, 4 * 65536 - 1],
  },
  "the host's growth counts, and is not refused": {
    options: { memory: 4 * 65536 },
    run: async ({ call, library, budget }) => {
      library.exports.memory.grow(3);
      return [budget.memoryBytes, await call("grow", 1)];
    },
    expected: [5 * 65536, -1],
  },
  "tables grow under one limit": {
    options: { tableElements: 12 },
    run: async ({ call, budget, library }) => [
      budget.tableElements,
      await call("growTable", 2),
      library.exports.growTable(3),
      library.exports.growTable(2),
      await call("growTable", 1),
      budget.tableElements,
    ],
    expected: [8, 2, -1, 2, -1, 12],
  },
  "a host function stands between": {
    options: { fuel: 2_000n, callDepth: 24 },
    run: async (group) => {
      group.host = (argument) => group.application.exports.run(argument);
      const first = await outcome(() => group.call("bounceThere", 10));
      group.host = (argument) => {
        if (argument > 0) group.application.exports.bounceThere(argument - 1);
      };
      const second = await outcome(() => group.call("bounceThere", 5));
      const third = await outcome(() => group.call("bounceThere", 30));
      group.host = () => {
        try {
          group.library.exports.work(100_000);
        } catch {
          // A host that hides the trap does not save the guest.
        }
      };
      return [first, second, third, await outcome(() => group.call("bounceThere", 1))];
    },
    expected: [undefined, undefined, trap("call-stack-exhausted"), trap("fuel-exhausted")],
  },
  "a host function charges": {
    options: { fuel: 1_000n },
    run: async (group) => {
      const consumed: bigint[] = [];
      group.host = (argument) => {
        group.budget.charge(argument);
        consumed.push(group.budget.fuel.consumed);
      };
      return [
        await outcome(() => group.call("bounceThere", 300)),
        await outcome(() => group.call("bounceThere", 300)),
        await outcome(() => group.call("bounceThere", 800)),
        consumed.length,
        consumed[1] - consumed[0] - 300n,
      ];
    },
    expected: [undefined, undefined, trap("fuel-exhausted"), 2, expect.any(BigInt)],
  },
  "an instance is made during a call, and its start function belongs to the call": {
    options: { fuel: 600n, callDepth: 10 },
    run: async (group) => {
      const module = await group.runtime.compile(STARTER);
      const { budget } = group;
      group.host = () => group.runtime.instantiateSync(module, { library: group.library.exports }, { budget });
      const results = [];
      for (let i = 0; i < 4; i++) results.push(await outcome(() => group.call("bounceThere", 0)));
      return results;
    },
    expected: [undefined, undefined, trap("fuel-exhausted"), trap("fuel-exhausted")],
  },
  "a start function outside any call": {
    options: { fuel: 600n },
    run: async ({ runtime, library, budget }) => {
      const results = [];
      for (let i = 0; i < 4; i++)
        results.push(
          await outcome(async () => {
            await runtime.instantiate(await runtime.compile(STARTER), { library: library.exports }, { budget });
          }),
        );
      return results;
    },
    expected: [undefined, undefined, trap("fuel-exhausted"), trap("fuel-exhausted")],
  },
};

async function runScenario(engine: EngineName, asynchronous: boolean, scenario: Scenario): Promise<unknown> {
  const group = await makeGroup(engine, asynchronous, scenario.options);
  const result = await scenario.run(group);
  return { result, consumed: scenario.timed ? 0n : group.budget.fuel.consumed };
}

const canSuspend = (engine: EngineName): boolean =>
  new Runtime({ engine }).instantiateSync(new Runtime().compileSync("(module)")).canSuspend;

describe.each(Object.entries(scenarios))("%s", (_, scenario) => {
  describe.each(engines)("%s", (engine) => {
    test("synchronously", async () => {
      const ran = await runScenario(engine, false, scenario);
      expect(ran).toEqual({ result: scenario.expected, consumed: expect.any(BigInt) });
      expect(ran).toEqual(await runScenario("interpreter", false, scenario));
    });

    test.skipIf(!canSuspend(engine))("asynchronously", async () => {
      expect(await runScenario(engine, true, scenario)).toEqual(await runScenario("interpreter", false, scenario));
    });
  });
});
