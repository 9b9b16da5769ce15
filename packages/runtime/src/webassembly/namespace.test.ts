import { describe, expect, it } from "vitest";
import { Runtime } from "../api/runtime.ts";
import { createWebAssembly, WebAssembly as ours } from "./index.ts";

// biome-ignore lint/suspicious/noExplicitAny: two namespaces of different declared types are asked the same questions
type Namespace = any;
const platform: Namespace = WebAssembly;

const assemble = (text: string): Uint8Array => new Runtime().compileSync(text).bytes;

/** What an expression comes to: its value, or the class of what it throws. */
function result(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return `throws ${(error as Error).name ?? (error as object).constructor.name}`;
  }
}

/** Asks both namespaces, which must agree. */
function same(ask: (W: Namespace) => unknown): void {
  expect(result(() => ask(ours))).toEqual(result(() => ask(platform)));
}

const attributes = (object: object, name: PropertyKey): unknown => {
  const { writable, enumerable, configurable, get, set } = Object.getOwnPropertyDescriptor(object, name) ?? {};
  return { writable, enumerable, configurable, get: typeof get, set: typeof set };
};

const classes = ["Module", "Instance", "Memory", "Table", "Global", "Tag", "Exception"];
const errors = ["CompileError", "LinkError", "RuntimeError"];

describe("the namespace beside the platform's", () => {
  it("has the same members with the same attributes", () => {
    for (const name of [...classes, ...errors, "validate", "compile", "instantiate"]) {
      same((W) => typeof W[name]);
      same((W) => W[name].name);
      same((W) => attributes(W[name], "prototype"));
    }
    for (const name of [...classes, ...errors]) same((W) => attributes(W, name));
    same((W) => attributes(W, "validate"));
    same((W) => Object.prototype.toString.call(W));
    for (const [name, members] of [
      ["Memory", ["grow", "buffer"]],
      ["Table", ["length", "grow", "get", "set"]],
      ["Global", ["value", "valueOf"]],
      ["Instance", ["exports"]],
    ] as const)
      for (const member of members) same((W) => attributes(W[name].prototype, member));
    for (const name of ["exports", "imports", "customSections"]) same((W) => attributes(W.Module, name));
    for (const name of classes) same((W) => W[name].prototype[Symbol.toStringTag]);
  });

  it("converts descriptors and arguments alike, and errs alike", () => {
    for (const descriptor of [
      undefined,
      null,
      5,
      {},
      { initial: -1 },
      { initial: "1" },
      { initial: Number.NaN },
      { initial: 2 ** 33 },
    ]) {
      same((W) => new W.Memory(descriptor).buffer.byteLength);
      same((W) => new W.Table({ ...(descriptor as object), element: "anyfunc" }).length);
    }
    same((W) => new W.Memory({ initial: 2, maximum: 1 }));
    same((W) => new W.Table({ initial: 2, maximum: 1, element: "anyfunc" }));
    same((W) => new W.Table({ initial: 2, element: "i32" }));
    same((W) => W.Memory({ initial: 1 }));
    for (const [type, value] of [
      ["i32", 2 ** 31],
      ["i32", "7"],
      ["i32", 1n],
      ["i64", 2n ** 63n],
      ["i64", 1],
      ["f32", 0.1],
      ["f64", {}],
      ["anyfunc", 5],
      ["v128", undefined],
      ["x", 1],
    ] as const) {
      same((W) => new W.Global({ value: type, mutable: true }, value).value);
      same((W) => new W.Global({ value: type }).value);
    }
    // Left out, an externref is undefined (4.2, DefaultValue); older platforms have null.
    expect(new ours.Global({ value: "externref" }).value).toBeUndefined();
    same((W) => {
      new W.Global({ value: "i32" }).value = 5;
    });
    same((W) => W.Memory.prototype.buffer);
    same((W) => W.Memory.prototype.grow.call({}, 1));
    same((W) => new W.Module());
    same((W) => new W.Module(new Uint8Array(4)));
    same((W) => new W.Module("text"));
    same((W) => W.validate(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])));
    same((W) => W.validate(new Uint8Array([1])));
    same((W) => W.validate(5));
  });

  it("grows memories and tables, detaching what was", () => {
    same((W) => {
      const memory = new W.Memory({ initial: 1, maximum: 3 });
      const before = memory.buffer;
      return [
        memory.grow(1),
        before.byteLength,
        memory.buffer.byteLength,
        Object.is(memory.buffer, memory.buffer),
        result(() => memory.grow(5)),
      ];
    });
    same((W) => {
      const table = new W.Table({ initial: 1, element: "externref" });
      table.set(0, "x");
      return [
        table.grow(2, "y"),
        table.get(0),
        table.get(2),
        table.length,
        result(() => table.get(3)),
        result(() => table.get(-1)),
        table.set(1),
        table.get(1),
      ];
    });
  });

  const bytes = assemble(`(module
    (import "m" "f" (func $f (param i32 i64) (result f64)))
    (import "m" "g" (global (mut i32)))
    (memory (export "memory") 1) (table (export "table") 2 funcref) (global (export "global") i64 (i64.const -1))
    (elem (i32.const 0) $run)
    (func $run (export "run") (param i32) (result f64) (call $f (local.get 0) (i64.const 5)))
    (func (export "trap") unreachable)
    (func (export "two") (result i32 f32) (i32.const 1) (f32.const 0.5)))`);

  it("instantiates, calls and links", async () => {
    const ask = (W: Namespace): unknown => {
      const global = new W.Global({ value: "i32", mutable: true }, 3);
      const module = new W.Module(bytes);
      const { exports } = new W.Instance(module, {
        m: { f: (a: number, b: bigint) => a + Number(b) + 0.5, g: global },
      });
      return [
        W.Module.imports(module),
        W.Module.exports(module),
        Object.keys(exports),
        Object.isFrozen(exports),
        Object.getPrototypeOf(exports),
        attributes(exports, "run"),
        exports.run(2),
        exports.run("3"),
        exports.two(),
        exports.run.name,
        exports.run.length,
        "prototype" in exports.run,
        exports.table.get(0) === exports.run,
        exports.table.get(1),
        exports.memory instanceof W.Memory,
        exports.global.value,
        result(() => exports.trap()),
        result(() => new W.Instance(module)),
        result(() => new W.Instance(module, {})),
        result(() => new W.Instance(module, { m: {} })),
        result(() => new W.Instance(module, { m: { f() {}, g: 5 } })),
        result(() => new W.Instance({}, {})),
      ];
    };
    same(ask);
    const { module, instance } = await ours.instantiate(bytes, {
      m: { f: () => 1, g: new ours.Global({ value: "i32", mutable: true }, 1) },
    });
    expect(module).toBeInstanceOf(ours.Module);
    expect(instance).toBeInstanceOf(ours.Instance);
    expect(instance.exports.run(0)).toBe(1);
    await expect(ours.compile(new Uint8Array(3))).rejects.toBeInstanceOf(ours.CompileError);
    await expect(ours.instantiate(await ours.compile(bytes), {})).rejects.toThrow(TypeError);
    expect(() => instance.exports.trap()).toThrow(ours.RuntimeError);
  });

  it("streams", async () => {
    const response = new Response(bytes as Uint8Array<ArrayBuffer>, {
      headers: { "content-type": "application/wasm" },
    });
    await expect(ours.compileStreaming(Promise.resolve(response))).resolves.toBeInstanceOf(ours.Module);
    await expect(ours.compileStreaming(new Response(bytes as Uint8Array<ArrayBuffer>))).rejects.toThrow(TypeError);
    await expect(ours.compileStreaming(5)).rejects.toThrow(TypeError);
  });

  it("throws and catches exceptions on both sides", () => {
    const source = assemble(`(module
      (import "m" "t" (tag $t (param i32 externref))) (import "m" "f" (func $f))
      (func (export "throw") (param i32 externref) (throw $t (local.get 0) (local.get 1)))
      (func (export "catch") (result i32 externref)
        (block $h (result i32 externref) (try_table (catch $t $h) (call $f)) (return (i32.const 0) (ref.null extern)))))`);
    const W = ours;
    const t = new W.Tag({ parameters: ["i32", "externref"] });
    let thrown: unknown = new W.Exception(t, [7, "payload"]);
    const { exports } = new W.Instance(new W.Module(source), {
      m: {
        t,
        f: () => {
          throw thrown;
        },
      },
    });
    expect(exports.catch()).toEqual([7, "payload"]);
    let caught: unknown;
    try {
      exports.throw(9, W);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(W.Exception);
    const exception = caught as InstanceType<typeof W.Exception>;
    expect([exception.is(t), exception.getArg(t, 0), exception.getArg(t, 1) === W]).toEqual([true, 9, true]);
    expect(() => exception.getArg(t, 2)).toThrow(RangeError);
    expect(() => new W.Exception(t, [1])).toThrow(TypeError);
    thrown = caught;
    expect(exports.catch()).toEqual([9, W]);
    thrown = new Error("the host's own");
    expect(() => exports.catch()).toThrow(thrown as Error);
  });

  it("lets a trap pass through a host function as the trap that it is", () => {
    const source = assemble(`(module (import "m" "f" (func $f)) (func (export "trap") unreachable)
      (func (export "run") (result i32) (block $h (try_table (catch_all $h) (call $f)) (return (i32.const 1))) (i32.const 2)))`);
    const instance: Namespace = new ours.Instance(new ours.Module(source), { m: { f: () => instance.exports.trap() } });
    expect(() => instance.exports.run()).toThrow(ours.RuntimeError);
  });

  it("can be made with limits and features of its own", () => {
    const W = createWebAssembly({ engine: "interpreter", limits: { fuel: 1000n }, features: { simd: false } });
    const module = new W.Module(assemble(`(module (func (export "spin") (loop (br 0))))`));
    expect(() => new W.Instance(module).exports.spin()).toThrow(/fuel/);
    expect(W.validate(assemble(`(module (func (result v128) (v128.const i32x4 0 0 0 0)))`))).toBe(false);
  });
});
