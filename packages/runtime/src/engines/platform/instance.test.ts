import { describe, expect, test, vi } from "vitest";
import { Runtime } from "../../api/runtime.ts";
import { withFuelCost } from "../../store/function.ts";
import { Global } from "../../store/global.ts";
import { Memory } from "../../store/memory.ts";
import { MemoryCache } from "../../store/module-cache.ts";
import { Table } from "../../store/table.ts";
import { LinkError, RuntimeError, Trap } from "../../store/trap.ts";

// A machine may be busy: nothing here depends on time.
vi.setConfig({ testTimeout: 60_000 });

const runtime = new Runtime({ engine: "platform" });

// biome-ignore lint/suspicious/noExplicitAny: import objects of any shape
function make(text: string, imports: any = {}, options = {}): ReturnType<Runtime["instantiateSync"]> {
  return runtime.instantiateSync(runtime.compileSync(text), imports, options);
}

describe("values between host and guest", () => {
  test("numbers of every type, several results, missing arguments", () => {
    const { exports } = make(`(module
      (func (export "all") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
        (local.get 3) (local.get 2) (local.get 1) (local.get 0))
      (func (export "six") (param i32 i32 i32 i32 i32 i32) (result i32)
        (i32.add (local.get 0) (local.get 5))))`);
    expect(exports.all(1, 2n, 1.5, 2.5)).toEqual([2.5, 1.5, 2n, 1]);
    expect(exports.six(1, 0, 0, 0, 0, 41)).toBe(42);
    expect(exports.six()).toBe(0);
    expect(() => exports.all(1, 2, 3, 4)).toThrow(TypeError);
  });

  test("host functions get and give what their types say", () => {
    const seen: unknown[] = [];
    const { exports } = make(
      `(module (import "h" "f" (func $f (param i32 i64 f64) (result i64)))
        (import "h" "two" (func $two (result i32 i32)))
        (func (export "run") (result i64) (call $f (i32.const -1) (i64.const -2) (f64.const 0.5)))
        (func (export "sub") (result i32) (i32.sub (call $two))))`,
      {
        h: {
          f: (...args: unknown[]) => {
            seen.push(...args);
            return 7n;
          },
          two: () => [10, 3],
        },
      },
    );
    expect(exports.run()).toBe(7n);
    expect(seen).toEqual([-1, -2n, 0.5]);
    expect(exports.sub()).toBe(7);
  });

  test("host functions get as many arguments as their type has", () => {
    for (const count of [0, 1, 2, 3, 4, 5, 9]) {
      const params = Array.from({ length: count }, () => "i32").join(" ");
      const args = Array.from({ length: count }, (_, i) => `(i32.const ${i})`).join(" ");
      const text = `(module (import "h" "f" (func $f (param ${params}) (result i32)))
        (func (export "run") (result i32) (call $f ${args})))`;
      const f = (...values: number[]): number => values.length * 100 + values.reduce((sum, value) => sum + value, 0);
      // A second instance is made by what the first left.
      for (let i = 0; i < 2; i++)
        expect(make(text, { h: { f } }).exports.run()).toBe(count * 100 + (count * (count - 1)) / 2);
    }
  });

  test("references: functions keep their identity, host values pass through", () => {
    const { exports } = make(`(module (table (export "t") 3 funcref) (elem (i32.const 0) $f)
      (elem declare func $g)
      (func $f (export "f") (result i32) (i32.const 1)) (func $g (result i32) (i32.const 2))
      (func (export "g") (result funcref) (ref.func $g))
      (func (export "same") (param externref) (result externref) (local.get 0))
      (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0)))
      (func (export "set") (param i32 funcref) (table.set (local.get 0) (local.get 1))))`);
    expect(exports.t.get(0)).toBe(exports.f);
    expect(exports.t.get(1)).toBe(null);
    expect(exports.g()).toBe(exports.g());
    expect(exports.g()()).toBe(2);
    exports.set(2, exports.g());
    expect(exports.t.get(2)).toBe(exports.g());
    expect(exports.call(2)).toBe(2);
    exports.t.set(1, exports.f);
    expect(exports.call(1)).toBe(1);
    const key = {};
    expect(exports.same(key)).toBe(key);
    expect(() => exports.set(0, () => 1)).toThrow(TypeError);
    expect(exports.f.name).toBe("0");
  });

  test("an imported function that is exported again is the host's", () => {
    const { exports } = make(`(module (import "h" "f" (func (param i32) (result i32))) (export "f" (func 0)))`, {
      h: { f: (x: number) => x * 2 },
    });
    expect(exports.f(4)).toBe(8);
  });
});

describe("memories, tables and globals", () => {
  test("a memory is the store's over the platform's bytes, also after the guest grew it", () => {
    const { exports } = make(`(module (memory (export "m") 1 5) (data (i32.const 3) "abc")
      (func (export "grow") (result i32) (memory.grow (i32.const 1)))
      (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0))))`);
    const memory: Memory = exports.m;
    expect(memory).toBeInstanceOf(Memory);
    expect([...memory.bytes.subarray(3, 6)]).toEqual([97, 98, 99]);
    const before = memory.buffer;
    expect(exports.grow()).toBe(1);
    expect(before.byteLength).toBe(0);
    expect(memory.buffer.byteLength).toBe(2 * 65536);
    memory.bytes[65536] = 9;
    expect(exports.peek(65536)).toBe(9);
    expect(memory.grow(1)).toBe(2);
    expect(() => memory.grow(9)).toThrow(RangeError);
  });

  test("memories, tables and globals of the host move into the platform's, contents and all", () => {
    const memory = new Memory({ initial: 1, maximum: 3 });
    new Uint8Array(memory.buffer)[5] = 42;
    const table = new Table({ element: "anyfunc", initial: 2 });
    const global = new Global({ value: "i64", mutable: true }, 5n);
    const constant = new Global({ value: "f64" }, 2.5);
    const text = `(module (import "h" "m" (memory 1)) (import "h" "t" (table 2 funcref))
      (import "h" "g" (global $g (mut i64))) (import "h" "c" (global $c f64)) (import "h" "n" (global $n i32))
      (func $f (export "f") (result f64) (global.set $g (i64.const 6)) (global.get $c))
      (elem (i32.const 1) $f)
      (func (export "peek") (result i32) (i32.add (i32.load8_u (i32.const 5)) (global.get $n))))`;
    const first = make(text, { h: { m: memory, t: table, g: global, c: constant, n: 1 } });
    expect(first.exports.peek()).toBe(43);
    expect(first.exports.f()).toBe(2.5);
    expect(global.value).toBe(6n);
    global.value = 8n;
    expect(table.get(1)).toBe(first.exports.f);
    const second = make(text, { h: { m: memory, t: table, g: global, c: constant, n: 2 } });
    new Uint8Array(memory.buffer)[5] = 1;
    expect(second.exports.peek()).toBe(3);
    expect(first.exports.peek()).toBe(2);
    expect(table.get(1)).toBe(second.exports.f);
  });

  describe("a memory whose plain buffer the host has read", () => {
    const threads = { features: { threads: true } };
    const here = new Runtime({ engine: "platform", ...threads });
    const imports = (memory: unknown, type: string): unknown =>
      here.instantiateSync(here.compileSync(`(module (import "a" "m" (memory ${type})))`), { a: { m: memory } })
        .exports;
    /** A memory that a guest of another engine has made. */
    const exported = (type: string): Memory => {
      const other = new Runtime({ engine: "interpreter", ...threads });
      return other.instantiateSync(other.compileSync(`(module (memory (export "m") ${type}))`)).exports.m;
    };
    test.each([
      ["a guest's", "1", () => exported("1"), "make it with new Memory({ initial })"],
      ["a guest's shared one", "1 2 shared", () => exported("1 2 shared"), "equal initial and maximum sizes"],
      [
        "the host's shared one that may grow",
        "1 2 shared",
        () => new Memory({ initial: 1, maximum: 2, shared: true }),
        "equal initial and maximum sizes",
      ],
    ] as const)("is refused with the reason, and taken when it was not read: %s", (_, type, make, remedy) => {
      const read = make();
      expect(read.buffer.byteLength).toBe(65536);
      let error: unknown;
      try {
        imports(read, type);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(LinkError);
      expect((error as Error).message).toMatch(/^import "a" "m": the memory's buffer was read before/);
      expect((error as Error).message).toContain(remedy);
      const memory = make();
      memory.bytes[3] = 7;
      imports(memory, type);
      expect(new Uint8Array(memory.buffer)[3]).toBe(7);
      // From then on the buffer stays, whoever imports it.
      const { buffer } = memory;
      imports(memory, type);
      expect(memory.buffer).toBe(buffer);
    });

    test("is taken again after a growth, whose new buffer nobody has read", () => {
      const memory = exported("1");
      new Uint8Array(memory.buffer)[3] = 7;
      memory.grow(1);
      imports(memory, "2");
      expect(new Uint8Array(memory.buffer)[3]).toBe(7);
    });
  });

  test("a table that lives here is refused by another engine, with an error that says so", () => {
    const { exports } = make(`(module (table (export "t") 1 funcref))`);
    const other = new Runtime({ engine: "interpreter" });
    const module = other.compileSync(`(module (import "a" "t" (table 1 funcref)))`);
    expect(() => other.instantiateSync(module, { a: exports })).toThrow(LinkError);
  });

  test("a function of another engine can be called and be put into a table", () => {
    const other = new Runtime({ engine: "interpreter" });
    const { exports: theirs } = other.instantiateSync(
      other.compileSync(`(module (func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))`),
    );
    const { exports } = make(
      `(module (import "a" "f" (func $f (param i32) (result i32))) (table (export "t") 1 funcref)
        (func (export "direct") (param i32) (result i32) (call $f (local.get 0)))
        (func (export "table") (param i32) (result i32)
          (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))`,
      { a: theirs },
    );
    expect(exports.direct(5)).toBe(15);
    exports.t.set(0, theirs.f);
    expect(exports.table(6)).toBe(18);
  });
});

describe("what goes wrong", () => {
  test("a trap has its code, and frames with the names and offsets of the original", () => {
    const module = runtime.compileSync(`(module $m (memory 1)
      (func $inner (param i32) (result i32) (i32.load (local.get 0)))
      (func $outer (param i32) (result i32) (local i64 i64 i64)
        (loop (br_if 0 (i32.eqz (i32.const 1))))
        (i32.add (i32.const 1) (call $inner (local.get 0))))
      (func (export "run") (param i32) (result i32) (call $outer (local.get 0))))`);
    const { exports } = runtime.instantiateSync(module);
    try {
      exports.run(70_000);
      expect.unreachable();
    } catch (error) {
      const trap = error as Trap;
      expect(trap).toBeInstanceOf(Trap);
      expect(trap.code).toBe("out-of-bounds-memory");
      expect(trap.frames.map(({ functionIndex, functionName }) => [functionIndex, functionName])).toEqual([
        [0, "inner"],
        [1, "outer"],
        [2, undefined],
      ]);
      const [inner, outer] = trap.frames.map(({ offset }) => module.bytes[offset as number]);
      expect(inner).toBe(0x28);
      expect(outer).toBe(0x10);
    }
  });

  test("traps that the platform tells with one message are told apart", () => {
    const { exports } = make(`(module (table 3 funcref) (elem (i32.const 0) $f) (func $f (param i32))
      (func (export "call") (param i32) (call_indirect (local.get 0)))
      (func (export "get") (param i32) (drop (table.get (local.get 0)))))`);
    const code = (fn: () => void): unknown => {
      try {
        fn();
      } catch (error) {
        return (error as Trap).code;
      }
    };
    expect(code(() => exports.call(0))).toBe("indirect-call-type-mismatch");
    expect(code(() => exports.call(1))).toBe("uninitialized-element");
    expect(code(() => exports.call(3))).toBe("undefined-element");
    expect(code(() => exports.get(3))).toBe("out-of-bounds-table");
    // In a function that has conversions of both kinds, and in one that would be its callers' to pay for without any.
    const truncating = make(`(module
      (func (export "f32") (param f32) (result i64) (i64.trunc_f32_u (local.get 0)))
      (func $f64 (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
      (func (export "f64") (param f64) (result i32) (drop (i32.trunc_f32_s (f32.const 1))) (call $f64 (local.get 0))))`);
    for (const name of ["f32", "f64"]) {
      expect(code(() => truncating.exports[name](Number.NaN))).toBe("invalid-conversion-to-integer");
      expect(code(() => truncating.exports[name](1e30))).toBe("integer-overflow");
    }
  });

  test("what a host function throws reaches the caller unchanged", () => {
    const error = new RangeError("mine");
    const { exports } = make(`(module (import "h" "f" (func $f)) (func (export "run") (call $f)))`, {
      h: {
        f: () => {
          throw error;
        },
      },
    });
    expect(() => exports.run()).toThrow(error);
  });

  test("a trap of an inner instance passes an outer one, which cannot catch it", () => {
    const inner = make(`(module (func (export "f") unreachable))`);
    const outer = make(`(module (import "h" "f" (func $f)) (func (export "run") (try (do (call $f)) (catch_all))))`, {
      h: { f: () => inner.exports.f() },
    });
    expect(() => outer.exports.run()).toThrow(Trap);
  });

  test("segments that do not fit trap, the start function runs, and its trap comes out", () => {
    expect(() => make(`(module (memory 1) (data (i32.const 65535) "ab"))`)).toThrow("out of bounds memory access");
    expect(() => make(`(module (table 1 funcref) (func $f) (elem (i32.const 1) $f))`)).toThrow("out of bounds table");
    expect(() => make(`(module (func $f unreachable) (start $f))`)).toThrow(Trap);
    const calls: number[] = [];
    make(`(module (import "h" "f" (func (param i32))) (func $s (call 0 (i32.const 3))) (start $s))`, {
      h: { f: (x: number) => calls.push(x) },
    });
    expect(calls).toEqual([3]);
  });

  test("a promise from a host function in a synchronous call is an error that says what to do", () => {
    const { exports } = make(
      `(module (import "h" "f" (func $f (result i32))) (func (export "run") (result i32) (call $f)))`,
      {
        h: { f: async () => 1 },
      },
    );
    expect(() => exports.run()).toThrow(RuntimeError);
    expect(() => exports.run()).toThrow(/instance\.async/);
  });
});

describe("fuel and host functions", () => {
  const text = `(module (import "h" "a" (func $a)) (import "h" "b" (func $b)) (table funcref (elem $b))
    (func (export "run") (call $a) (call $b) (call_indirect (i32.const 0))))`;

  test("a call costs what its host says, one if nothing is said, also through a table", () => {
    for (const engine of ["platform", "interpreter"] as const) {
      const other = new Runtime({ engine });
      const seen: bigint[] = [];
      const instance = other.instantiateSync(other.compileSync(text), {
        h: {
          a: () => seen.push(instance.fuel.consumed),
          b: withFuelCost(() => seen.push(instance.fuel.consumed), 100),
        },
      });
      instance.exports.run();
      expect(instance.fuel.consumed).toBe(4n + 1n + 200n);
      expect(seen).toEqual([5n, 105n, 205n]);
    }
  });

  test("a host function that cannot be paid for is not called", () => {
    for (const engine of ["platform", "interpreter"] as const) {
      const other = new Runtime({ engine });
      let calls = 0;
      const instance = other.instantiateSync(
        other.compileSync(text),
        { h: { a: () => calls++, b: withFuelCost(() => calls++, 100) } },
        { limits: { fuel: 104n } },
      );
      expect(() => instance.exports.run()).toThrow("all fuel consumed");
      expect(calls).toBe(1);
      expect(instance.fuel.consumed).toBe(105n);
    }
  });

  test("a function of another instance costs that instance, not this one", () => {
    for (const engine of ["platform", "interpreter"] as const) {
      const other = new Runtime({ engine });
      const callee = other.instantiateSync(
        other.compileSync(`(module (func (export "f") (nop) (drop (i32.const 1))))`),
      );
      const caller = other.instantiateSync(
        other.compileSync(`(module (import "a" "f" (func $f)) (func (export "run") (call $f) (call $f)))`),
        { a: callee.exports },
      );
      caller.exports.run();
      expect([caller.fuel.consumed, callee.fuel.consumed]).toEqual([2n, 4n]);
    }
  });
});

test("a rewritten module is kept in a cache and taken from it", async () => {
  const kept: string[] = [];
  const taken: string[] = [];
  const memory = new MemoryCache();
  const cache = {
    get(key: string): Uint8Array | undefined {
      const found = memory.get(key);
      if (found !== undefined) taken.push(key);
      return found;
    },
    set(key: string, bytes: Uint8Array): void {
      kept.push(key);
      memory.set(key, bytes);
    },
  };
  const text = `(module (func $f (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
    (func (export "run") (param i32) (result i32) (i32.add (i32.const 1) (call $f (local.get 0)))))`;
  for (let i = 0; i < 3; i++) {
    const cached = new Runtime({ engine: "platform", cache, limits: { callDepth: 10 } });
    const instance = await cached.instantiate(await cached.compile(text));
    expect(instance.exports.run(1)).toBe(2);
    try {
      instance.exports.run(0);
      expect.unreachable();
    } catch (error) {
      expect((error as Trap).frames.map(({ functionName }) => functionName)).toEqual(["f", undefined]);
    }
  }
  expect(kept.length).toBe(1);
  expect(taken.length).toBe(2);
  const other = new Runtime({ engine: "platform", cache });
  await other.compile(text);
  expect(kept.length).toBe(2);
});
