import { execFileSync } from "node:child_process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { type Instance, Runtime } from "../src/index.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const text = `(module (import "h" "log" (func $log (param i32))) (memory (export "m") 1) (table (export "t") 4 funcref)
  (global (export "g") (mut i32) (i32.const 0)) (elem (i32.const 0) $f)
  (func $f (export "f") (param i32) (result i32) (i32.store (i32.const 0) (local.get 0)) (call $log (i32.const 1))
    (i32.load (i32.const 0))))`;

/** Makes instances, uses all that they export, and lets go of them. */
function makeAndRelease(runtime: Runtime, count: number): WeakRef<Instance>[] {
  const module = runtime.compileSync(text);
  const released: WeakRef<Instance>[] = [];
  for (let i = 0; i < count; i++) {
    const instance = runtime.instantiateSync(module, { h: { log: () => instance.fuel } }, { limits: { fuel: 1000n } });
    expect(instance.exports.f(i)).toBe(i);
    instance.exports.m.bytes[9] = 1;
    instance.exports.g.value = 5;
    instance.exports.t.get(0);
    released.push(new WeakRef(instance));
  }
  return released;
}

for (const engine of ["platform", "interpreter"] as const)
  test(`instances on the ${engine} engine that nobody holds are freed`, { timeout: 120_000 }, async () => {
    const released = makeAndRelease(new Runtime({ engine }), 300);
    // Weak references hold what they refer to until the job that made them has ended.
    let alive = released.length;
    for (let i = 0; i < 20 && alive > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      collectGarbage();
      alive = released.filter((reference) => reference.deref() !== undefined).length;
    }
    expect(alive).toBeLessThanOrEqual(1);
  });

test("more instances than the platform has room for at once can be made one after the other", {
  timeout: 240_000,
}, async () => {
  const runtime = new Runtime({ engine: "platform" });
  const module = runtime.compileSync('(module (memory (export "m") 1))');
  for (let i = 0; i < 15_000; i++) {
    runtime.instantiateSync(module);
    // A host that never lets go of the thread does not let the platform free anything.
    if (i % 500 === 499) await new Promise((resolve) => setImmediate(resolve));
  }
});

test("more instances at once than the platform has room for are an error that says so", { timeout: 240_000 }, () => {
  // In a process of its own, whose room it takes.
  const program = `
    import { Runtime } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
    const runtime = new Runtime();
    const module = runtime.compileSync('(module (memory (export "m") 1))');
    const held = [];
    try { while (held.length < 40_000) held.push(runtime.instantiateSync(module)); } catch (error) {
      console.log(error.name, held.length >= 10_000, error.message);
    }`;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  expect(output).toMatch(
    /^LinkError true the platform has no room for this instance: .*; V8 holds about 13,000 memories/,
  );
});
