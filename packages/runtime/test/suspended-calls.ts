import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Runtime, RuntimeError, Trap } from "../src/index.ts";

/** Asynchronous calls of guests, the same on every engine that can suspend. Each returns when all holds, and throws otherwise. */
export const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  async "a host function's promise suspends the guest, and its value arrives whatever its type"() {
    const runtime = new Runtime();
    const module = runtime.compileSync(`(module
      (import "h" "i32" (func $i32 (param i32) (result i32))) (import "h" "i64" (func $i64 (result i64)))
      (import "h" "f64" (func $f64 (result f64))) (import "h" "ref" (func $ref (result externref)))
      (import "h" "two" (func $two (result i32 i64))) (import "h" "none" (func $none))
      (func (export "i32") (param i32) (result i32) (i32.add (call $i32 (local.get 0)) (i32.const 1)))
      (func (export "i64") (result i64) (call $i64)) (func (export "f64") (result f64) (call $f64))
      (func (export "ref") (result externref) (call $ref)) (func (export "two") (result i32 i64) (call $two))
      (func (export "none") (call $none)))`);
    const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(value), 1));
    const key = {};
    const host = {
      i32: (x: number) => later(x * 2),
      i64: () => later(-5n),
      f64: () => later(0.25),
      ref: () => later(key),
      two: () => later([3, 4n]),
      none: () => later(undefined),
    };
    const { async } = await runtime.instantiate(module, { h: host }, { async: true });
    assert.equal(await async.exports.i32(20), 41);
    assert.equal(await async.exports.i64(), -5n);
    assert.equal(await async.exports.f64(), 0.25);
    assert.equal(await async.exports.ref(), key);
    assert.deepEqual(await async.exports.two(), [3, 4n]);
    assert.equal(await async.exports.none(), undefined);
    assert.deepEqual(await Promise.all([1, 2, 3].map((x) => async.exports.i32(x))), [3, 5, 7]);
  },

  async "a promise that is rejected throws into the guest, and out of it"() {
    const runtime = new Runtime();
    const error = new Error("no");
    const { async } = await runtime.instantiate(
      runtime.compileSync(`(module (import "h" "f" (func $f)) (func (export "run") (call $f)))`),
      { h: { f: () => Promise.reject(error) } },
      { async: true },
    );
    await assert.rejects(async.exports.run(), (thrown) => thrown === error);
  },

  async "timers and other guests go on between the slices of one"() {
    const runtime = new Runtime();
    const module = runtime.compileSync(`(module (func (export "count") (param i32) (result i32) (local i32)
      (loop (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 1) (local.get 0))))
      (local.get 1)))`);
    const one = await runtime.instantiate(module, {}, { async: true });
    const other = await runtime.instantiate(module, {}, { async: true });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const results = await Promise.all([
      one.async.exports.count(5e6),
      other.async.exports.count(5e6),
      one.async.exports.count(1e6),
    ]);
    clearInterval(timer);
    assert.deepEqual(results, [5e6, 5e6, 1e6]);
    assert.ok(ticks > 0);
    // Two runs of one instance, interleaved, have consumed what they would have alone.
    const alone = await runtime.instantiate(module, {}, { async: true });
    alone.exports.count(5e6);
    alone.exports.count(1e6);
    assert.equal(one.fuel.consumed, alone.fuel.consumed);
  },

  async "a signal stops a guest that runs, one that waits, and one that has not begun"() {
    const runtime = new Runtime();
    const { async, exports } = await runtime.instantiate(
      runtime.compileSync(`(module (import "h" "never" (func $never)) (func (export "spin") (loop br 0))
        (func (export "wait") (call $never)) (func (export "ok") (result i32) (i32.const 1)))`),
      { h: { never: () => new Promise(() => {}) } },
      { async: true },
    );
    const stopped = (thrown: unknown): boolean =>
      thrown instanceof Trap && thrown.code === "aborted" && thrown.cause === "enough";
    for (const name of ["spin", "wait"]) {
      const controller = new AbortController();
      setTimeout(() => controller.abort("enough"), 10);
      await assert.rejects(async.call(name, [], { signal: controller.signal }), stopped);
    }
    await assert.rejects(async.call("ok", [], { signal: AbortSignal.abort("enough") }), stopped);
    assert.equal(exports.ok(), 1);
    assert.equal(await async.exports.ok(), 1);
  },

  async "limits hold in asynchronous calls, and a synchronous call after one has its own deadline"() {
    const runtime = new Runtime();
    const module = runtime.compileSync(
      `(module (func (export "spin") (loop br 0)) (func $f (export "deep") (call $f)))`,
    );
    const timed = await runtime.instantiate(module, {}, { async: true, limits: { timeout: 30 } });
    const hasCode = (code: string) => (thrown: unknown) => thrown instanceof Trap && thrown.code === code;
    await assert.rejects(timed.async.exports.spin(), hasCode("deadline-exceeded"));
    assert.throws(() => timed.exports.spin(), hasCode("deadline-exceeded"));
    const fuelled = await runtime.instantiate(module, {}, { async: true, limits: { fuel: 5_000_000n, callDepth: 50 } });
    await assert.rejects(fuelled.async.exports.deep(), hasCode("call-stack-exhausted"));
    await assert.rejects(fuelled.async.exports.spin(), hasCode("fuel-exhausted"));
    assert.equal(fuelled.fuel.consumed, 5_000_001n);
  },

  async "time that a guest waits for its host does not count against its deadline"() {
    const runtime = new Runtime();
    const { async } = await runtime.instantiate(
      runtime.compileSync(`(module (import "h" "f" (func $f)) (func (export "run") (result i32) (local i32) (call $f)
        (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 1000000))))
        (local.get 0)))`),
      { h: { f: () => new Promise((resolve) => setTimeout(resolve, 400)) } },
      { async: true, limits: { timeout: 300 } },
    );
    assert.equal(await async.exports.run(), 1_000_000);
  },

  async "a guest that is called by a host function that a suspended guest called cannot suspend, and nothing is torn"() {
    const runtime = new Runtime();
    const module = runtime.compileSync(`(module (import "h" "again" (func $again (result i32)))
      (import "h" "later" (func $later (result i32)))
      (func (export "outer") (result i32) (i32.add (call $again) (call $later)))
      (func (export "inner") (result i32) (call $later))
      (func (export "busy") (result i32) (local i32)
        (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 3000000))))
        (local.get 0)))`);
    const errors: unknown[] = [];
    const instance = await runtime.instantiate(
      module,
      {
        h: {
          again: () => {
            try {
              return instance.exports.inner();
            } catch (error) {
              errors.push(error);
            }
            return instance.exports.busy();
          },
          later: () => Promise.resolve(7),
        },
      },
      { async: true },
    );
    assert.equal(await instance.async.exports.outer(), 3_000_007);
    assert.equal(errors.length, 1);
    assert.ok(errors[0] instanceof RuntimeError);
  },

  async "depth is counted on each suspended stack by itself"() {
    const runtime = new Runtime();
    const module = runtime.compileSync(`(module (import "h" "later" (func $later))
      (func $f (export "run") (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
          (else (call $later) (i32.const 0)))))`);
    const { async, exports } = await runtime.instantiate(
      module,
      { h: { later: () => new Promise<void>((resolve) => setTimeout(resolve, 2)) } },
      { async: true, limits: { callDepth: 100 } },
    );
    assert.deepEqual(await Promise.all([90, 80, 95].map((depth) => async.exports.run(depth))), [90, 80, 95]);
    await assert.rejects(async.exports.run(200), (thrown) => thrown instanceof Trap);
    assert.throws(
      () => exports.run(200),
      (thrown) => thrown instanceof Trap && thrown.code === "call-stack-exhausted",
    );
    assert.equal(await async.exports.run(95), 95);
  },

  async "an exception crosses a suspension, and what the host throws later can be caught"() {
    const runtime = new Runtime();
    const module =
      runtime.compileSync(`(module (import "h" "later" (func $later)) (import "h" "fail" (func $fail)) (tag $e (param i32))
      (func $throws (call $later) (throw $e (i32.const 9)))
      (func (export "own") (result i32) (try (result i32) (do (call $throws) (i32.const 0)) (catch $e)))
      (func (export "host") (result i32) (try (result i32) (do (call $fail) (i32.const 0)) (catch_all (i32.const 4)))))`);
    const { async } = await runtime.instantiate(
      module,
      { h: { later: () => Promise.resolve(), fail: () => Promise.reject(new Error("no")) } },
      { async: true },
    );
    assert.equal(await async.exports.own(), 9);
    assert.equal(await async.exports.host(), 4);
  },
};

// As a program: for a newer Node, which runs TypeScript as it is. Prints the engine that ran them.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const failures: string[] = [];
  for (const [name, scenario] of Object.entries(scenarios)) {
    try {
      await scenario();
    } catch (error) {
      failures.push(`${name}: ${(error as Error).stack}`);
    }
  }
  const runtime = new Runtime();
  const { engine } = await runtime.instantiate(runtime.compileSync("(module)"), {}, { async: true });
  console.log(JSON.stringify({ engine: engine.name, failures }));
}
