import { describe, expect, it } from "vitest";
import { Runtime } from "../../src/api/runtime.ts";
import { createWebAssembly } from "../../src/webassembly/index.ts";

const assemble = (text: string, features = {}): Uint8Array => new Runtime({ features }).compileSync(text).bytes;

describe.each(["interpreter", "compiler"] as const)("values in the namespace on the engine %s", (engine) => {
  const W = createWebAssembly({ engine });
  const exportsOf = (text: string, imports: unknown = {}): Record<string, never> =>
    new W.Instance(new W.Module(assemble(text)), imports).exports as Record<string, never>;
  // biome-ignore lint/suspicious/noExplicitAny: a module's exports
  type Any = any;

  it("shows nothing of structures and arrays, wherever they come out, and takes them back", () => {
    const seen: unknown[] = [];
    const see = (value: unknown): unknown => {
      seen.push(value);
      return value;
    };
    const { make, length, same, give, g, t, tag, fail, two } = exportsOf(
      `(module
        (type $a (array (mut i8)))
        (import "h" "see" (func $see (param externref) (result externref)))
        (func (export "make") (result anyref) (array.new_default $a (i32.const 3)))
        (func (export "length") (param anyref) (result i32) (array.len (ref.cast (ref $a) (local.get 0))))
        (func (export "same") (param externref anyref) (result i32)
          (ref.eq (ref.cast eqref (any.convert_extern (local.get 0))) (ref.cast eqref (local.get 1))))
        (func (export "give") (param anyref) (result externref) (call $see (extern.convert_any (local.get 0))))
        (global (export "g") (mut anyref) (ref.null any))
        (table (export "t") 1 anyref)
        (tag (export "tag") (param anyref))
        (func (export "fail") (param anyref) (throw 0 (local.get 0)))
        (func (export "two") (param anyref) (result anyref i32) (local.get 0) (i32.const 1)))`,
      { h: { see } },
    ) as Any;
    const array = make();
    expect(typeof array).toBe("object");
    expect(Object.getPrototypeOf(array)).toBe(null);
    expect(Reflect.ownKeys(array)).toEqual([]);
    expect(Object.isFrozen(array)).toBe(true);
    expect(array.elements).toBe(undefined);
    expect(() => {
      array.length = 1;
    }).toThrow(TypeError);
    expect(length(array)).toBe(3);
    expect(same(array, array)).toBe(1);
    expect(give(array)).toBe(array);
    expect(seen).toEqual([array]);
    g.value = array;
    expect(g.value).toBe(array);
    expect(g.valueOf()).toBe(array);
    t.set(0, array);
    expect(t.get(0)).toBe(array);
    expect(t.grow(1, array)).toBe(1);
    expect(t.get(1)).toBe(array);
    expect(two(array)).toEqual([array, 1]);
    let thrown: Any;
    try {
      fail(array);
    } catch (error) {
      thrown = error;
    }
    expect(thrown.getArg(tag, 0)).toBe(array);
    expect(() => length(Object.freeze(Object.create(null)))).toThrow(W.RuntimeError);
  });

  it("checks whose value is asked for, and reads the members of descriptors once", () => {
    const method = W.Global.prototype.valueOf;
    expect(() => method.call({ value: 1 } as never)).toThrow(TypeError);
    let reads = 0;
    const global = new W.Global({
      get value() {
        reads++;
        return "i32";
      },
    });
    expect([global.value, reads]).toEqual([0, 1]);
  });

  it("reads the iterator of several results once", () => {
    let reads = 0;
    const results = {
      get [Symbol.iterator]() {
        reads++;
        return () => [1, 2][Symbol.iterator]();
      },
    };
    const { f } = exportsOf(
      `(module (import "h" "f" (func $f (result i32 i32))) (func (export "f") (result i32) (call $f) (i32.sub)))`,
      { h: { f: () => results } },
    ) as Any;
    expect([f(), reads]).toEqual([-1, 1]);
  });

  it("reads the imports of a module at once", async () => {
    const read: string[] = [];
    const module = await W.compile(assemble(`(module (import "h" "f" (func)))`));
    const promise = W.instantiate(module, {
      get h() {
        read.push("h");
        return { f() {} };
      },
    });
    expect(read).toEqual(["h"]);
    await promise;
  });

  it("gives a shared memory that has grown a new buffer over the same bytes", () => {
    const memory = new W.Memory({ initial: 1, maximum: 3, shared: true });
    const { buffer } = memory;
    expect(memory.buffer).toBe(buffer);
    memory.grow(1);
    expect(memory.buffer).not.toBe(buffer);
    expect([buffer.byteLength, memory.buffer.byteLength]).toEqual([65536, 2 * 65536]);
    expect([buffer, memory.buffer].every(Object.isFrozen)).toBe(true);
    new Uint8Array(buffer)[7] = 9;
    expect(new Uint8Array(memory.buffer)[7]).toBe(9);
    const { get } = new W.Instance(
      new W.Module(
        assemble(
          `(module (import "h" "m" (memory 1 3 shared)) (func (export "get") (result i32) (i32.load8_u (i32.const 7))))`,
          { threads: true },
        ),
      ),
      { h: { m: memory } },
    ).exports as Any;
    expect(get()).toBe(9);
  });

  it("has atomic instructions and shared memories, unless they are switched off", () => {
    const bytes = assemble("(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))", { threads: true });
    expect(W.validate(bytes)).toBe(true);
    expect(createWebAssembly({ engine, features: { threads: false } }).validate(bytes)).toBe(false);
  });

  it("throws errors of its own where a builtin function that a module exports traps", () => {
    const text = `(module (import "wasm:js-string" "length" (func $l (param externref) (result i32))) (export "l" (func $l)))`;
    const module = new W.Module(assemble(text), { builtins: ["js-string", "no-such-set"] });
    expect(W.Module.imports(module)).toEqual([]);
    const { l } = new W.Instance(module).exports as Any;
    expect(l("abc")).toBe(3);
    expect(() => l(1)).toThrow(W.RuntimeError);
    expect(W.validate(assemble(text), { builtins: ["js-string", "js-string"] })).toBe(false);
    expect(() => W.validate(assemble(text), 1 as never)).toThrow(TypeError);
  });
});
