import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { platformAbilities } from "../src/engines/platform/probe.ts";
import { Runtime, type RuntimeOptions, Table, Trap } from "../src/index.ts";

/**
 * Guests that spend their time in host functions. Time is a number here: each call of the host function `slow` adds 5 ms to it, so that no scenario
 * depends on how fast the machine is.
 */

/** Milliseconds that a call of `slow` takes, and that a call of the guest may take. */
const STEP = 5;
const TIMEOUT = 50;
/** Calls of `slow` before the time of a call is over, and one in which it passes. */
const MOST = TIMEOUT / STEP + 1;
/** What a guest that nothing stops comes to. */
const ENDLESS = 500;

const engines = ["platform", "compiler", "interpreter"] as const;

/** A function that calls `slow` a number of times, by `call`. */
function loop(call: string): string {
  return `(local $i i32) (loop $l ${call}
    (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${ENDLESS}))))`;
}

/** Ways to call a host function again and again. Each exports `run`. */
const ways: Readonly<Record<string, string>> = {
  "a call": `(func (export "run") ${loop("(call $slow)")})`,
  "a call with arguments and a result": `(import "h" "add" (func $add (param i32 i64 f64) (result i32)))
    (func (export "run") ${loop("(drop (call $add (i32.const 1) (i64.const 2) (f64.const 3)))")})`,
  "a call with five parameters": `(import "h" "add5" (func $add5 (param i32 i32 i32 i32 i32) (result i32)))
    (func (export "run") ${loop("(drop (call $add5 (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1)))")})`,
  "a call through a table": `(table funcref (elem $slow)) (func (export "run") ${loop("(call_indirect (i32.const 0))")})`,
  "a call through a table of the module's own that others see": `(table (export "t") funcref (elem $slow))
    (func (export "run") ${loop("(call_indirect (i32.const 0))")})`,
  "a call in a function that is called": `(func $f (call $slow)) (func (export "run") ${loop("(call $f)")})`,
  "a tail call": `(func $f (return_call $slow)) (func (export "run") ${loop("(call $f)")})`,
  "a tail call through a table": `(table funcref (elem $slow)) (func $f (return_call_indirect (i32.const 0)))
    (func (export "run") ${loop("(call $f)")})`,
  "a call of a reference": `(type $t (func)) (elem declare func $slow)
    (func (export "run") ${loop("(call_ref $t (ref.func $slow))")})`,
  "a tail call of a reference": `(type $t (func)) (elem declare func $slow)
    (func $f (return_call_ref $t (ref.func $slow))) (func (export "run") ${loop("(call $f)")})`,
  "a call that the host ends with an error, which the guest catches": `(import "h" "fail" (func $fail))
    (func (export "run") ${loop("(try (do (call $fail)) (catch_all))")})`,
  "a call of another instance, which the host ends with an error and the guest catches": `(import "h" "fails" (func $fails))
    (func (export "run") ${loop("(try (do (call $fails)) (catch_all))")})`,
  "a call of a table's element that the host has put there": `(import "h" "table" (table 1 funcref))
    (func (export "run") ${loop("(call_indirect (i32.const 0))")})`,
  "a call of another instance, which calls the host": `(import "h" "other" (func $other))
    (func (export "run") ${loop("(call $other)")})`,
  "a call of another instance, which calls the host again and again": `(import "h" "others" (func $others))
    (func (export "run") (call $others))`,
  "a call of another instance, which has no limits of its own": `(import "h" "unlimited" (func $unlimited))
    (func (export "run") (call $unlimited))`,
  "a call of the host that calls the guest back": `(import "h" "back" (func $back))
    (func (export "inner") ${loop("(call $slow)")}) (func (export "run") (call $back))`,
  "calls in a block of hundreds": `(func (export "run") ${"(call $slow) (call $f)".repeat(ENDLESS / 2)}) (func $f (call $slow))`,
};

interface Host {
  /** Calls of the slow host functions so far. */
  readonly calls: number;
  readonly imports: Record<string, Record<string, unknown>>;
  back: () => void;
}

/** What the guests of one scenario get; `time` passes on the clock that the runtime reads. */
function makeHost(runtime: Runtime, pass: (milliseconds: number) => void): Host {
  let calls = 0;
  const slow = (): void => {
    calls++;
    pass(STEP);
  };
  const fail = (): void => {
    slow();
    throw new Error("no");
  };
  const other = `(module (import "h" "slow" (func $slow)) (import "h" "fail" (func $fail)) (func (export "fails") (call $fail)) (func (export "once") (call $slow))
    (func (export "again") ${loop("(call $slow)")}) (export "slow" (func $slow)))`;
  const module = runtime.compileSync(other);
  const limited = runtime.instantiateSync(module, { h: { slow, fail } });
  const free = new Runtime({ engine: limited.engine.name });
  const unlimited = free.instantiateSync(free.compileSync(other), { h: { slow, fail } });
  const table = new Table({ element: "anyfunc", initial: 1 });
  table.set(0, limited.exports.slow);
  const host: Host = {
    get calls() {
      return calls;
    },
    back: () => {},
    imports: {
      h: {
        slow,
        table,
        add: (a: number, b: bigint, c: number) => {
          slow();
          return a + Number(b) + c;
        },
        add5: (...all: number[]) => {
          slow();
          return all.length;
        },
        fail,
        fails: limited.exports.fails,
        other: limited.exports.once,
        others: limited.exports.again,
        unlimited: unlimited.exports.again,
        back: () => host.back(),
      },
    },
  };
  return host;
}

/** Runs with a clock of its own. */
async function withClock(run: (pass: (milliseconds: number) => void) => Promise<void>): Promise<void> {
  const { now } = performance;
  let time = now.call(performance);
  performance.now = () => time;
  try {
    await run((milliseconds) => {
      time += milliseconds;
    });
  } finally {
    performance.now = now;
  }
}

function isTrap(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Trap && error.code === code;
}

const needs = (name: string): boolean => / reference|tail/.test(name);

function has(engine: (typeof engines)[number], name: string): boolean {
  if (engine !== "platform") return true;
  const abilities = platformAbilities();
  if (typeof abilities === "string") return false;
  if (name.includes("tail") && !abilities.features.has("tail-call")) return false;
  return !needs(name) || !name.includes("reference") || abilities.features.has("function-references");
}

async function stops(engine: (typeof engines)[number], name: string, body: string): Promise<void> {
  const options: RuntimeOptions = { engine, limits: { timeout: TIMEOUT } };
  const source = `(module (import "h" "slow" (func $slow)) ${body})`;
  await withClock(async (pass) => {
    const runtime = new Runtime(options);
    const host = makeHost(runtime, pass);
    const instance = runtime.instantiateSync(runtime.compileSync(source), host.imports);
    host.back = () => instance.exports.inner();
    assert.throws(() => instance.exports.run(), isTrap("deadline-exceeded"));
    assert.ok(host.calls <= MOST, `${name}: ${host.calls} calls`);
    // What was consumed is what was executed, and the next call has time of its own.
    const before = host.calls;
    assert.throws(() => instance.exports.run(), isTrap("deadline-exceeded"));
    assert.ok(host.calls - before <= MOST && host.calls > before, `${name}, again: ${host.calls - before} calls`);
    if (!instance.canSuspend) return;

    const asynchronous = host.calls;
    await assert.rejects(instance.async.call("run"), isTrap("deadline-exceeded"));
    assert.ok(host.calls - asynchronous <= MOST, `${name}, asynchronous: ${host.calls - asynchronous} calls`);
  });
  // A guest is suspended only where no frame of JavaScript lies between, and by an instance that is known.
  if (engine === "platform" && / back|the host has put/.test(name)) return;
  if (name.includes(" back")) return;
  await withClock(async (pass) => {
    const runtime = new Runtime({ engine });
    const controller = new AbortController();
    let turns = 0;
    const host = makeHost(runtime, pass);
    const instance = runtime.instantiateSync(runtime.compileSync(source), host.imports);
    if (!instance.canSuspend) return;
    const turn = (): void => {
      if (++turns === 3) controller.abort();
      else if (turns < 3) setImmediate(turn);
    };
    setImmediate(turn);
    await assert.rejects(instance.async.call("run", [], { signal: controller.signal }), isTrap("aborted"));
    assert.ok(host.calls < ENDLESS, `${name}, aborted: ${host.calls} calls`);
  });
}

export const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  async "a start function has the time of a call"() {
    for (const engine of engines)
      await withClock(async (pass) => {
        const runtime = new Runtime({ engine, limits: { timeout: TIMEOUT } });
        const host = makeHost(runtime, pass);
        const module = runtime.compileSync(
          `(module (import "h" "slow" (func $slow)) (start $run) (func $run ${loop("(call $slow)")}))`,
        );
        assert.throws(() => runtime.instantiateSync(module, host.imports), isTrap("deadline-exceeded"));
        assert.ok(host.calls <= MOST);
      });
  },

  async "what a call consumes is the same with and without a look at the clock"() {
    const module = `(module (import "h" "slow" (func $slow)) (func (export "run") ${loop("(call $slow)")}))`;
    for (const engine of engines)
      await withClock(async (pass) => {
        const free = new Runtime({ engine });
        const limited = new Runtime({ engine, limits: { timeout: STEP * ENDLESS * 2 } });
        const one = free.instantiateSync(free.compileSync(module), makeHost(free, pass).imports);
        const other = limited.instantiateSync(limited.compileSync(module), makeHost(limited, pass).imports);
        one.exports.run();
        other.exports.run();
        assert.equal(other.fuel.consumed, one.fuel.consumed);
        if (other.canSuspend) {
          await other.async.exports.run();
          assert.equal(other.fuel.consumed, 2n * one.fuel.consumed);
        }
      });
  },

  async "a deadline and a signal end waits for another thread, long ones and many brief ones"() {
    for (const engine of engines) {
      const runtime = new Runtime({ engine, features: { threads: true }, limits: { timeout: TIMEOUT } });
      const module = runtime.compileSync(`(module (memory 1 1 shared)
        (func (export "wait32") (result i32) (memory.atomic.wait32 offset=4 (i32.const 4) (i32.const 0) (i64.const -1)))
        (func (export "wait64") (result i32) (memory.atomic.wait64 (i32.const 8) (i64.const 0) (i64.const 9000000000000)))
        (func (export "brief") ${loop("(drop (memory.atomic.wait32 (i32.const 8) (i32.const 0) (i64.const 1000000)))")})
        (func (export "answers") (result i32 i32 i32)
          (memory.atomic.wait32 (i32.const 8) (i32.const -1) (i64.const -1))
          (memory.atomic.wait64 (i32.const 8) (i64.const -1) (i64.const -1))
          (memory.atomic.wait64 (i32.const 8) (i64.const 0) (i64.const 1)))
        (func (export "unaligned") (result i32) (memory.atomic.wait32 (i32.const 2) (i32.const 0) (i64.const 0)))
        (func (export "outside") (result i32)
          (memory.atomic.wait64 offset=65528 (i32.const 8) (i64.const 0) (i64.const 0))))`);
      const instance = runtime.instantiateSync(module);
      for (const name of ["wait32", "wait64", "brief"]) {
        assert.throws(() => instance.exports[name](), isTrap("deadline-exceeded"));
        if (!instance.canSuspend) continue;
        await assert.rejects(instance.async.call(name), isTrap("deadline-exceeded"));
      }
      const { consumed } = instance.fuel;
      assert.deepEqual(instance.exports.answers(), [1, 1, 2]);
      assert.equal(instance.fuel.consumed - consumed, 12n);
      assert.throws(() => instance.exports.unaligned(), isTrap("unaligned-atomic"));
      assert.throws(() => instance.exports.outside(), isTrap("out-of-bounds-memory"));
      if (!instance.canSuspend) continue;
      instance.timeout = Number.POSITIVE_INFINITY;
      for (const name of ["wait32", "brief"]) {
        const controller = new AbortController();
        setTimeout(() => controller.abort(), 2);
        await assert.rejects(instance.async.call(name, [], { signal: controller.signal }), isTrap("aborted"));
      }
      assert.deepEqual(await instance.async.call("answers"), [1, 1, 2]);
    }
  },

  async "asynchronous calls of one instance have each a deadline of its own"() {
    for (const engine of engines)
      await withClock(async (pass) => {
        const runtime = new Runtime({ engine, limits: { timeout: TIMEOUT } });
        const host = makeHost(runtime, pass);
        const instance = runtime.instantiateSync(
          runtime.compileSync(
            `(module (import "h" "slow" (func $slow)) (func (export "short")) (func (export "run") ${loop("(call $slow)")}))`,
          ),
          host.imports,
        );
        if (!instance.canSuspend) return;
        // The short call ends first, and must not end the other's deadline.
        const long = assert.rejects(instance.async.call("run"), isTrap("deadline-exceeded"));
        await instance.async.call("short");
        await long;
        assert.ok(host.calls <= MOST, `${host.calls} calls`);
      });
  },

  async "time that a guest of two instances waits for its host is not counted in either"() {
    for (const engine of engines)
      await withClock(async (pass) => {
        const runtime = new Runtime({ engine, limits: { timeout: TIMEOUT } });
        const wait = async (): Promise<void> => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          pass(10 * TIMEOUT);
        };
        const inner = runtime.instantiateSync(
          runtime.compileSync(`(module (import "h" "wait" (func $wait)) (func (export "f") (call $wait)))`),
          { h: { wait } },
        );
        const outer = runtime.instantiateSync(
          runtime.compileSync(`(module (import "h" "f" (func $f)) (func (export "run") (local $i i32) (call $f)
            (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3000000))))))`),
          { h: { f: inner.exports.f } },
        );
        if (!outer.canSuspend) return;
        await outer.async.call("run");
      });
  },

  async "a timeout that a host function takes away does not outlast its call"() {
    for (const engine of engines)
      await withClock(async (pass) => {
        const runtime = new Runtime({ engine, limits: { timeout: TIMEOUT } });
        const instance = runtime.instantiateSync(
          runtime.compileSync(`(module (import "h" "f" (func $f)) (func (export "run") (call $f))
            (func (export "spin") (local $i i32)
              (loop $l (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3000000))))))`),
          {
            h: {
              f: () => {
                instance.timeout = Number.POSITIVE_INFINITY;
              },
            },
          },
        );
        instance.exports.run();
        pass(10 * TIMEOUT);
        instance.exports.spin();
      });
  },
};
const table: Record<string, () => Promise<void>> = { ...scenarios };
for (const [name, body] of Object.entries(ways))
  for (const engine of engines)
    if (has(engine, name)) table[`${name}, on the engine ${engine}`] = () => stops(engine, name, body);

/** All scenarios by name. */
export const allScenarios: Readonly<Record<string, () => Promise<void>>> = table;

// As a program: for a newer Node, which runs TypeScript as it is.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const failures: string[] = [];
  for (const [name, scenario] of Object.entries(allScenarios)) {
    try {
      await scenario();
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message.slice(0, 300)}`);
    }
  }
  console.log(JSON.stringify({ scenarios: Object.keys(allScenarios).length, failures }));
}
