import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test } from "vitest";
import { type Instance, type InstantiateOptions, LinkError, Memory, Runtime, Trap } from "../src/index.ts";

const guest = `(module (import "h" "memory" (memory 1 4 shared))
  (func (export "wait") (param i32 i32 i64) (result i32)
    (memory.atomic.wait32 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "wait64") (param i32 i64 i64) (result i32)
    (memory.atomic.wait64 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "notify") (param i32 i32) (result i32) (memory.atomic.notify (local.get 0) (local.get 1)))
  (func (export "add") (param i32 i32) (result i32) (i32.atomic.rmw.add (local.get 0) (local.get 1)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "size") (result i32) (memory.size))
  ;; Hands a ball over and back: waits until the word is its own side, then gives it to the other.
  (func (export "play") (param $side i32) (param $rounds i32) (result i32) (local $waits i32)
    (loop $round
      (block $mine (loop $again
        (br_if $mine (i32.eq (i32.atomic.load (i32.const 64)) (local.get $side)))
        (drop (memory.atomic.wait32 (i32.const 64) (i32.sub (i32.const 1) (local.get $side)) (i64.const -1)))
        (local.set $waits (i32.add (local.get $waits) (i32.const 1)))
        (br $again)))
      (i32.atomic.store (i32.const 64) (i32.sub (i32.const 1) (local.get $side)))
      (drop (memory.atomic.notify (i32.const 64) (i32.const 1)))
      (br_if $round (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (local.get $waits)))`;

const dist = new URL("../dist/index.js", import.meta.url).href;
const workers: Worker[] = [];
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate();
});

/** Instantiates the guest over a memory's buffer in a worker, and calls an export there. @returns what it came to */
function inWorker(
  engine: string,
  buffer: ArrayBufferLike,
  name: string,
  ...args: readonly unknown[]
): Promise<unknown> {
  const code = `
    const { parentPort, workerData } = require("node:worker_threads");
    const { engine, dist, guest, buffer, name, args } = workerData;
    import(dist).then(async ({ Memory, Runtime }) => {
      const runtime = new Runtime({ engine, features: { threads: true } });
      const memory = new Memory({ initial: 1, maximum: 4, shared: true, buffer });
      const { exports } = runtime.instantiateSync(runtime.compileSync(guest), { h: { memory } });
      parentPort.postMessage(exports[name](...args));
    });`;
  const worker = new Worker(code, { eval: true, workerData: { engine, dist, guest, buffer, name, args } });
  workers.push(worker);
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

for (const engine of ["interpreter", "compiler"] as const)
  describe(`threads on the engine ${engine}`, () => {
    const runtime = new Runtime({ engine, features: { threads: true } });
    const module = runtime.compileSync(guest);
    const instantiate = (memory: Memory, options?: InstantiateOptions): Instance =>
      runtime.instantiateSync(module, { h: { memory } }, options);
    const shared = (): Memory => new Memory({ initial: 1, maximum: 4, shared: true });

    test("a wait in an asynchronous call suspends the guest, and another guest of the thread wakes it", async () => {
      const memory = shared();
      const [one, other] = [instantiate(memory), instantiate(memory)];
      const waiting = one.async.exports.wait(8, 0, -1n);
      const waiting64 = one.async.exports.wait64(16, 0n, -1n);
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect(other.exports.notify(8, 5)).toBe(1);
      expect(await waiting).toBe(0);
      expect(other.exports.notify(8, 5)).toBe(0);
      expect(await other.async.exports.notify(16, 1)).toBe(1);
      expect(await waiting64).toBe(0);
    });

    test("two guests wake each other", async () => {
      const memory = shared();
      const [one, other] = [instantiate(memory), instantiate(memory)];
      const waits = await Promise.all([one.async.exports.play(0, 100), other.async.exports.play(1, 100)]);
      expect(Math.max(...(waits as number[]))).toBeGreaterThan(50);
    });

    test("a wait answers at once where the value is another, and at its timeout", async () => {
      const { exports, async } = instantiate(shared());
      expect(await async.exports.wait(8, 1, -1n)).toBe(1);
      expect(await async.exports.wait(8, 0, 1_000_000n)).toBe(2);
      expect(await async.exports.wait(8, 0, 0n)).toBe(2);
      expect(exports.wait(8, 1, -1n)).toBe(1);
      expect(exports.wait64(8, 0n, 1_000_000n)).toBe(2);
    });

    test("a deadline and a signal end a wait", async () => {
      const { exports, async } = instantiate(shared(), { limits: { timeout: 20 } });
      const deadline = expect.objectContaining({ code: "deadline-exceeded" });
      await expect(async.exports.wait(8, 0, -1n)).rejects.toEqual(deadline);
      expect(() => exports.wait(8, 0, -1n)).toThrow(Trap);
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 2);
      const unlimited = instantiate(shared());
      await expect(unlimited.async.call("wait", [8, 0, -1n], { signal: controller.signal })).rejects.toMatchObject({
        code: "aborted",
      });
    });

    test("a worker shares a memory that it was sent, sees it grow, and wakes a guest here", async () => {
      const memory = shared();
      const { exports, async } = instantiate(memory);
      const waiting = async.exports.wait(8, 0, -1n);
      expect(exports.grow(1)).toBe(1);
      const woken = await inWorker(engine, memory.buffer, "notify", 8, 1);
      expect([woken, await waiting]).toEqual([1, 0]);
      expect(await inWorker(engine, memory.buffer, "size")).toBe(2);
      expect(await inWorker(engine, memory.buffer, "add", 100, 5)).toBe(0);
      expect(exports.add(100, 1)).toBe(5);
      expect(await inWorker(engine, memory.buffer, "grow", 1)).toBe(2);
      expect(exports.size()).toBe(3);
    });

    test("a guest that blocks in a worker and one that is suspended here wake each other", async () => {
      const memory = shared();
      const { async } = instantiate(memory);
      const [here, there] = await Promise.all([
        async.exports.play(0, 50),
        inWorker(engine, memory.buffer, "play", 1, 50),
      ]);
      expect([here, there]).toEqual([expect.any(Number), expect.any(Number)]);
    });
  });

test("a memory takes no buffer but that of a shared memory of its size", () => {
  const { buffer } = new Memory({ initial: 1, maximum: 4, shared: true });
  expect(new Memory({ initial: 1, maximum: 4, shared: true, buffer }).buffer).toBe(buffer);
  expect(() => new Memory({ initial: 1, maximum: 4, buffer })).toThrow(TypeError);
  expect(() => new Memory({ initial: 1, maximum: 5, shared: true, buffer })).toThrow(/1 to 4 pages, not of 1 to 5/);
  expect(() => new Memory({ initial: 2, maximum: 4, shared: true, buffer })).toThrow(TypeError);
  const plain = new ArrayBuffer(65536);
  expect(() => new Memory({ initial: 1, maximum: 4, shared: true, buffer: plain })).toThrow(TypeError);
});

test("the platform engine refuses what it cannot share or suspend", () => {
  const runtime = new Runtime({ engine: "platform", features: { threads: true } });
  const { buffer } = new Memory({ initial: 1, maximum: 4, shared: true });
  const memory = new Memory({ initial: 1, maximum: 4, shared: true, buffer });
  const module = runtime.compileSync(guest);
  expect(() => runtime.instantiateSync(module, { h: { memory } })).toThrow(LinkError);
  expect(() => runtime.instantiateSync(module, { h: { memory } }, { async: true })).toThrow(LinkError);
  // It waits as the platform does.
  const own = runtime.instantiateSync(module, { h: { memory: new Memory({ initial: 1, maximum: 4, shared: true }) } });
  expect(own.exports.wait(8, 1, -1n)).toBe(1);
  expect(own.exports.wait(8, 0, 1_000_000n)).toBe(2);
});
