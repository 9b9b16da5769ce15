import { describe, expect, it } from "vitest";
import { Runtime } from "../api/runtime.ts";
import { createWebAssembly } from "./index.ts";

const assemble = (text: string): Uint8Array => new Runtime().compileSync(text).bytes;
const later = (value: unknown): Promise<unknown> => new Promise((resolve) => setTimeout(() => resolve(value), 1));

describe.each(["interpreter", "compiler"] as const)("promise integration on the engine %s", (engine) => {
  const W = createWebAssembly({ engine });
  // biome-ignore lint/suspicious/noExplicitAny: a module's exports
  type Any = any;
  const exportsOf = (text: string, imports: unknown = {}): Any =>
    new W.Instance(new W.Module(assemble(text)), imports).exports;
  const calls = `(module (import "h" "f" (func $f (param i32) (result i32))) (import "h" "note" (func $note))
    (global (export "g") (mut i32) (i32.const 0))
    (func (export "test") (param i32) (result i32)
      (global.set 0 (i32.const 42)) (i32.add (call $f (local.get 0)) (i32.const 1)) (call $note))
    (func (export "sum") (param $n i32) (result i32) (local $sum i32)
      (loop $again (local.set $sum (i32.add (local.get $sum) (call $f (local.get $n))))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $sum)))`;

  it("begins at once, suspends, and goes on with what the promise came to", async () => {
    const order: string[] = [];
    const f = new W.Suspending((value: number) => later(value * 2));
    const exports = exportsOf(calls, { h: { f, note: () => order.push("guest") } });
    const promise = W.promising(exports.test)(5);
    expect(promise).toBeInstanceOf(Promise);
    expect(exports.g.value).toBe(42);
    order.push("host");
    expect(await promise).toBe(11);
    expect(order).toEqual(["host", "guest"]);
    expect(await W.promising(exports.sum)(4)).toBe(20);
    expect(await Promise.all([1, 2, 3].map((n) => W.promising(exports.sum)(n)))).toEqual([2, 6, 12]);
  });

  it("suspends for what is no promise, too, and not for functions that are not suspending", async () => {
    const order: string[] = [];
    const note = (): number => order.push("guest");
    const suspends = W.promising(exportsOf(calls, { h: { f: new W.Suspending(() => 6), note } }).test)(0);
    order.push("host");
    expect([await suspends, ...order]).toEqual([7, "host", "guest"]);
    order.length = 0;
    const plain = W.promising(exportsOf(calls, { h: { f: () => 6, note } }).test)(0);
    order.push("host");
    expect([await plain, ...order]).toEqual([7, "guest", "host"]);
    // A promise is a value, of which an i32 is 0.
    expect(await W.promising(exportsOf(calls, { h: { f: () => later(6), note } }).test)(0)).toBe(1);
    expect(exportsOf(calls, { h: { f: () => later(6), note } }).test(0)).toBe(1);
  });

  it("gives a rejection to the guest, which may catch it", async () => {
    const tag = new W.Tag({ parameters: ["i32"] });
    const f = new W.Suspending(() => Promise.reject(new W.Exception(tag, [41])));
    const text = `(module (import "h" "f" (func $f (result i32))) (import "h" "t" (tag $t (param i32)))
      (func (export "caught") (result i32) (block $h (result i32) (try_table (result i32) (catch $t $h) (call $f))))
      (func (export "test") (result i32) (call $f)))`;
    const exports = exportsOf(text, { h: { f, t: tag } });
    expect(await W.promising(exports.caught)()).toBe(41);
    const error = await W.promising(exports.test)().catch((reason: unknown) => reason);
    expect((error as Any).getArg(tag, 0)).toBe(41);
    const own = new Error("own");
    const fails = exportsOf(text, { h: { f: new W.Suspending(() => Promise.reject(own)), t: tag } });
    await expect(W.promising(fails.test)()).rejects.toBe(own);
    const trap = exportsOf(`(module (func (export "f") unreachable))`);
    await expect(W.promising(trap.f)()).rejects.toThrow(W.RuntimeError);
  });

  it("nests, and crosses instances", async () => {
    const text = `(module (import "h" "f" (func $f (param i32) (result i32)))
      (func (export "test") (param i32) (result i32) (i32.add (call $f (local.get 0)) (i32.const 1))))`;
    const bottom = exportsOf(text, { h: { f: new W.Suspending(() => later(40)) } });
    const outer = new W.Suspending((value: number) => W.promising(bottom.test)(value));
    const top = exportsOf(text, { h: { f: outer } });
    expect(await W.promising(top.test)(0)).toBe(42);
    const direct = exportsOf(text, { h: { f: bottom.test } });
    expect(await W.promising(direct.test)(0)).toBe(42);
  });

  it("is an error that the guest cannot catch where a frame of the host is between, or nobody promised", async () => {
    const text = `(module (import "h" "f" (func $f (result i32)))
      (func (export "test") (result i32)
        (block $h (return (try_table (result i32) (catch_all $h) (call $f)))) (i32.const 9)))`;
    const inner = exportsOf(text, { h: { f: new W.Suspending(() => later(1)) } });
    expect(() => inner.test()).toThrow(W.SuspendError);
    const between = exportsOf(text, { h: { f: () => inner.test() } });
    await expect(W.promising(between.test)()).rejects.toThrow(W.SuspendError);
    expect(await W.promising(inner.test)()).toBe(1);
  });

  it("checks what it is given", () => {
    expect(() => W.promising({})).toThrow(TypeError);
    expect(() => W.promising(() => {})).toThrow(TypeError);
    expect(() => new W.Suspending({})).toThrow(TypeError);
    expect(() => (W.Suspending as Any)(() => {})).toThrow(TypeError);
    expect(Object.prototype.toString.call(new W.Suspending(() => {}))).toBe("[object WebAssembly.Suspending]");
    const memory = `(module (import "h" "f" (memory 1)))`;
    expect(() => exportsOf(memory, { h: { f: new W.Suspending(() => {}) } })).toThrow(W.LinkError);
  });
});
