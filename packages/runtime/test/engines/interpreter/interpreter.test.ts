import { describe, expect, test } from "vitest";
import { invokeRaw } from "../../../src/api/instance.ts";
import { Runtime } from "../../../src/api/runtime.ts";
import { ModuleCode } from "../../../src/engines/interpreter/machine/module-code.ts";
import type { ImportObject } from "../../../src/store/import-object.ts";
import type { Limits } from "../../../src/store/limits.ts";
import { Trap } from "../../../src/store/trap.ts";

const runtime = new Runtime({ engine: "interpreter" });
// biome-ignore lint/suspicious/noExplicitAny: exports of the modules below
function run(text: string, imports?: ImportObject, limits?: Limits): any {
  return runtime.instantiateSync(runtime.compileSync(text), imports, { limits });
}

function trapOf(call: () => unknown): Trap {
  try {
    call();
  } catch (error) {
    if (error instanceof Trap) return error;
    throw error;
  }
  throw new Error("no trap");
}

describe("traps", () => {
  test("carry the guest's stack, with functions and offsets", () => {
    const instance = run(`(module
      (func $inner (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
      (func $outer (export "outer") (param i32) (result i32) (i32.add (i32.const 1) (call $inner (local.get 0)))))`);
    const trap = trapOf(() => instance.exports.outer(0));
    expect(trap.code).toBe("integer-divide-by-zero");
    expect(trap.frames.map(({ functionName }) => functionName)).toEqual(["inner", "outer"]);
    const { bytes } = instance.module;
    expect(bytes[trap.frames[0].offset!]).toBe(0x6d);
    expect(bytes[trap.frames[1].offset!]).toBe(0x10);
  });

  test("name the load, not what it was fused with", () => {
    const instance = run(`(module (memory 1)
      (func (export "f") (param i32 f64) (result f64) (f64.add (local.get 1) (f64.load offset=8 (local.get 0)))))`);
    const trap = trapOf(() => instance.exports.f(65536, 1));
    expect(instance.module.bytes[trap.frames[0].offset!]).toBe(0x2b);
  });

  test("have paid for their block and nothing else", () => {
    const instance = run(`(module (memory 1)
      (func (export "f") (param i32)
        (block (br_if 0 (local.get 0)) (drop (i32.load (i32.const 65536))))
        (drop (i32.load (i32.const 65534)))))`);
    // local.get, br_if, then const, load, drop of the block that traps.
    trapOf(() => instance.exports.f(0));
    expect(instance.fuel.consumed).toBe(5n);
    // local.get, br_if, and the block behind.
    trapOf(() => instance.exports.f(1));
    expect(instance.fuel.consumed).toBe(10n);
  });

  test("tell overflow from division by zero, and both from what is no number", () => {
    const { exports } = run(`(module
      (func (export "div") (param i64 i64) (result i64) (i64.div_s (local.get 0) (local.get 1)))
      (func (export "trunc") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
      (func (export "wide") (param f32) (result i64) (i64.trunc_f32_u (local.get 0))))`);
    expect(trapOf(() => exports.div(1n, 0n)).code).toBe("integer-divide-by-zero");
    expect(trapOf(() => exports.div(-0x8000000000000000n, -1n)).code).toBe("integer-overflow");
    expect(trapOf(() => exports.trunc(Number.NaN)).code).toBe("invalid-conversion-to-integer");
    expect(trapOf(() => exports.trunc(2 ** 31)).code).toBe("integer-overflow");
    expect(exports.trunc(-(2 ** 31) - 0.5)).toBe(-(2 ** 31));
    expect(trapOf(() => exports.wide(-1)).code).toBe("integer-overflow");
    expect(exports.wide(2 ** 63)).toBe(-0x8000000000000000n);
  });
});

describe("memory", () => {
  test("every width reaches the last byte and not one further, through every form of address", () => {
    const types = { 1: "i32.load8_u", 2: "i32.load16_u", 4: "i32.load", 8: "i64.load" };
    for (const [width, load] of Object.entries(types)) {
      const result = load.slice(0, 3);
      const { exports } = run(`(module (memory 1)
        (func (export "plain") (param i32) (result ${result}) (${load} (local.get 0)))
        (func (export "offset") (param i32) (result ${result}) (${load} offset=65528 (local.get 0)))
        (func (export "sum") (param i32) (result ${result}) (${load} (i32.add (local.get 0) (local.get 0))))
        (func (export "back") (param i32) (result ${result}) (${load} (i32.add (local.get 0) (i32.const -16))))
        (func (export "scaled") (param i32) (result ${result}) (${load} (i32.add (i32.const 4) (i32.shl (local.get 0) (i32.const 1)))))
        (func (export "const") (result ${result}) (${load} (i32.const ${65536 - Number(width)}))))`);
      const last = 65536 - Number(width);
      exports.const();
      for (const [name, at] of [
        ["plain", last],
        ["offset", last - 65528],
        ["back", last + 16],
      ] as const) {
        exports[name](at);
        expect(trapOf(() => exports[name](at + 1)).code, `${name} ${load}`).toBe("out-of-bounds-memory");
      }
      expect(trapOf(() => exports.sum(32768)).code).toBe("out-of-bounds-memory");
      expect(trapOf(() => exports.scaled(32766)).code).toBe("out-of-bounds-memory");
      // A sum in the guest wraps; an offset never does.
      expect(Number(exports.sum(-0x80000000))).toBe(0);
      expect(Number(exports.back(16))).toBe(0);
      expect(trapOf(() => exports.plain(-1)).code).toBe("out-of-bounds-memory");
      expect(trapOf(() => exports.offset(-65528)).code).toBe("out-of-bounds-memory");
    }
  });

  test("an offset of 2^31 and more does not wrap", () => {
    const { exports } = run(`(module (memory 1)
      (func (export "f") (param i32) (result i32) (i32.load offset=0x80000000 (local.get 0)))
      (func (export "g") (param i32) (i32.store offset=0xffffffff (local.get 0) (i32.const 1))))`);
    for (const address of [0, 1, -0x80000000, -4, 0x7fffffff])
      for (const name of ["f", "g"]) expect(trapOf(() => exports[name](address)).code).toBe("out-of-bounds-memory");
  });

  test("grows under a running function", () => {
    const { exports } = run(`(module (memory 1)
      (func (export "f") (param i32) (result i32)
        (drop (memory.grow (i32.const 1)))
        (i32.store (local.get 0) (i32.const 42))
        (i32.load (local.get 0))))`);
    expect(exports.f(100_000)).toBe(42);
  });

  test("stores constants and f64 sums where they belong, near the end too", () => {
    const { exports } = run(`(module (memory (export "m") 1)
      (func (export "c") (param i32) (i32.store8 offset=1 (i32.add (local.get 0) (i32.const 2)) (i32.const 0x1ff)))
      (func (export "s") (param i32 f64 f64) (f64.store (local.get 0) (f64.sub (local.get 1) (local.get 2)))))`);
    exports.c(65532);
    expect(new Uint8Array(exports.m.buffer)[65535]).toBe(0xff);
    exports.s(65528, 5, 2);
    expect(new DataView(exports.m.buffer).getFloat64(65528, true)).toBe(3);
    exports.s(8, 7, 2);
    expect(new DataView(exports.m.buffer).getFloat64(8, true)).toBe(5);
  });
});

test("the bits of every NaN survive registers, memory, globals, tables of locals, calls", () => {
  const { exports } = run(`(module (memory 1)
    (global $f (mut f32) (f32.const 0)) (global $d (mut f64) (f64.const 0))
    (func $idf (param f32) (result f32) (local.get 0))
    (func $idd (param f64) (result f64) (local.get 0))
    (func (export "f32") (param f32) (result f32) (local f32)
      (f32.store (i32.const 8) (local.get 0))
      (local.set 1 (f32.load (i32.const 8)))
      (global.set $f (local.get 1))
      (call $idf (select (global.get $f) (f32.const 1) (i32.const 1))))
    (func (export "f64") (param f64) (result f64) (local f64)
      (f64.store (i32.const 8) (local.get 0))
      (local.set 1 (f64.load (i32.const 8)))
      (global.set $d (local.get 1))
      (call $idd (select (global.get $d) (f64.const 1) (i32.const 1)))))`);
  for (let round = 0; round < 300; round++) {
    for (const bits of [0x7fa00001, 0xffa12345, 0x7fc00000, 0xffffffff, 0x7f800001])
      expect(invokeRaw(exports.f32, [bits])).toEqual([bits]);
    for (const bits of [0x7ff4000000000001n, 0xfff0dead00000001n, 0x7ff8000000000000n])
      expect(invokeRaw(exports.f64, [bits])).toEqual([bits]);
  }
});

describe("calls", () => {
  test("recursion ends in a trap, and the machine goes on", () => {
    const instance = run(`(module
      (func $f (export "f") (param i32) (result i32)
        (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0)))))`);
    expect(trapOf(() => instance.exports.f(10_000_000)).code).toBe("call-stack-exhausted");
    expect(instance.exports.f(10_000)).toBe(10_000);
  });

  test("callDepth counts frames of functions that call, over host functions too", () => {
    let depth = 0;
    const instance = run(
      `(module (import "h" "f" (func $h (param i32) (result i32)))
        (func $leaf (result i32) (i32.const 0))
        (func (export "f") (param i32) (result i32)
          (if (result i32) (local.get 0) (then (call $h (local.get 0))) (else (call $leaf)))))`,
      {
        h: {
          f: (n: number) => {
            depth++;
            return instance.exports.f(n - 1);
          },
        },
      },
      { callDepth: 5 },
    );
    expect(instance.exports.f(4)).toBe(0);
    expect(depth).toBe(4);
    expect(trapOf(() => instance.exports.f(5)).code).toBe("call-stack-exhausted");
    expect(instance.exports.f(4)).toBe(0);
  });

  test("a million tail calls take no stack: direct, through a table, through references, between instances", () => {
    const { exports } = run(`(module
      (type $t (func (param i32) (result i32)))
      (table funcref (elem $b))
      (elem declare func $c)
      (func $a (export "a") (param i32) (result i32)
        (if (result i32) (local.get 0) (then (return_call_indirect (type $t) (local.get 0) (i32.const 0))) (else (i32.const 7))))
      (func $b (param i32) (result i32) (return_call $c (i32.sub (local.get 0) (i32.const 1))))
      (func $c (param i32) (result i32) (return_call_ref $t (local.get 0) (ref.func $d)))
      (func $d (param i32) (result i32) (return_call $a (local.get 0)))
      (elem declare func $d))`);
    expect(exports.a(100_000)).toBe(7);

    const ping = run(`(module
      (type $t (func (param i32) (result i32)))
      (table (export "table") 2 funcref) (elem (i32.const 0) $f)
      (func $f (export "f") (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 1)))
          (else (i32.const 9)))))`);
    run(
      `(module
        (type $t (func (param i32) (result i32)))
        (import "ping" "table" (table 2 funcref))
        (func $g (param i32) (result i32) (return_call_indirect (type $t) (local.get 0) (i32.const 0)))
        (elem (i32.const 1) $g))`,
      { ping: { table: ping.exports.table } },
    );
    expect(ping.exports.f(50_000)).toBe(9);
  });

  test("each instance pays and counts for itself", () => {
    const callee = run(`(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))`);
    const caller = run(
      `(module (import "m" "f" (func $f (param i32) (result i32)))
        (func (export "g") (result i32) (call $f (call $f (i32.const 1)))))`,
      { m: { f: callee.exports.f } },
    );
    expect(caller.exports.g()).toBe(3);
    expect([caller.fuel.consumed, callee.fuel.consumed]).toEqual([3n, 6n]);
  });

  test("what a host function throws comes out unchanged", () => {
    const thrown = { a: 1 };
    const instance = run(`(module (import "h" "f" (func $f)) (func (export "g") (call $f)))`, {
      h: {
        f: () => {
          throw thrown;
        },
      },
    });
    expect(() => instance.exports.g()).toThrow();
    try {
      instance.exports.g();
    } catch (error) {
      expect(error).toBe(thrown);
    }
  });

  test("several results, of every kind", () => {
    const instance = run(`(module
      (func $swap (param i32 i64 f32 f64) (result f64 f32 i64 i32) (local.get 3) (local.get 2) (local.get 1) (local.get 0))
      (func (export "f") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
        (call $swap (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
      (func (export "loop") (param i32) (result i32 i32)
        (local.get 0) (i32.const 0)
        (loop $l (param i32 i32) (result i32 i32)
          (local.set 0) (i32.sub (i32.const 1)) (local.get 0) (i32.add (i32.const 2))
          (local.set 0) (br_if 1 (local.get 0) (i32.gt_s (local.get 0) (i32.const 20))) (local.get 0) (br $l))))`);
    expect(instance.exports.f(1, 2n, 3, 4)).toEqual([4, 3, 2n, 1]);
    expect(instance.exports.loop(100)).toEqual([19, 22]);
  });
});

describe("asynchronous calls", () => {
  const text = `(module (import "h" "f" (func $f (param i32) (result i32)))
    (func (export "sum") (param i32) (result i32) (local i32)
      (loop (local.set 1 (i32.add (local.get 1) (call $f (local.get 0))))
        (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (local.get 1))
    (func (export "tail") (param i32) (result i32) (return_call $f (local.get 0)))
    (func (export "spin") (loop (br 0))))`;

  test("many wait for promises at once, each with its own registers", async () => {
    const instance = run(text, { h: { f: async (x: number) => x * 2 } });
    const sums = Array.from({ length: 200 }, (_, i) => instance.async.exports.sum(i + 1));
    expect(await Promise.all(sums)).toEqual(Array.from({ length: 200 }, (_, i) => (i + 1) * (i + 2)));
    expect(await instance.async.exports.tail(21)).toBe(42);
    expect(() => instance.exports.sum(2)).toThrow(/instance\.async/);
  });

  test("the event loop runs between slices, and a signal stops the guest", async () => {
    const instance = run(text, { h: { f: (x: number) => x } });
    const controller = new AbortController();
    let ticks = 0;
    const timer = setInterval(() => {
      if (++ticks === 3) controller.abort("enough");
    }, 1);
    await expect(instance.async.call("spin", [], { signal: controller.signal })).rejects.toMatchObject({
      code: "aborted",
      cause: "enough",
    });
    clearInterval(timer);
    expect(ticks).toBeGreaterThanOrEqual(3);
  });

  test("a rejected promise is what the host function threw", async () => {
    const error = new Error("no");
    const instance = run(text, { h: { f: () => Promise.reject(error) } });
    await expect(instance.async.exports.sum(1)).rejects.toBe(error);
    await expect(instance.async.exports.tail(1)).rejects.toBe(error);
  });

  test("fuel ends a guest in slices at the same figure as one that is not", async () => {
    const limits = { fuel: 3_000_000n };
    const a = run(text, { h: { f: (x: number) => x } }, limits);
    const b = run(text, { h: { f: (x: number) => x } }, limits);
    expect(trapOf(() => a.exports.spin()).code).toBe("fuel-exhausted");
    await expect(b.async.exports.spin()).rejects.toMatchObject({ code: "fuel-exhausted" });
    expect(b.fuel.consumed).toBe(a.fuel.consumed);
  });
});

test("code that made room is translated again when it is called, also under a call that goes on", () => {
  let other: (x: number) => number = (x) => x;
  const make = (salt: number) => {
    const functions = Array.from({ length: 40 }, (_, i) => {
      const body = `(local.set 0 (i32.xor (i32.rotl (local.get 0) (i32.const ${salt})) (local.get 0)))`.repeat(300);
      return `(func $f${i} (param i32) (result i32) ${body} (i32.add (local.get 0) (i32.const ${i})))`;
    });
    const calls = functions.map((_, i) => `(local.set 0 (call $f${i} (local.get 0)))`).join(" ");
    return run(
      `(module (import "h" "other" (func $other (param i32) (result i32))) ${functions.join("\n")}
        (func (export "twice") (param i32) (result i32) ${calls} (local.set 0 (call $other (local.get 0))) ${calls} (local.get 0)))`,
      { h: { other: (x: number) => other(x) } },
    );
  };
  const [a, b] = [make(3), make(5)];
  const expected = [a.exports.twice(1), b.exports.twice(1)];
  const code = a.module.prepared.get("interpreter");
  expect(code).toBeInstanceOf(ModuleCode);
  const { memory } = code.store;
  // All that is free is taken, so that the next function finds room only by making it.
  const hog = {};
  for (let range = memory.likely; range.end > range.start; range = memory.likely)
    memory.reserveIn(range, range.end - range.start, hog, -1);
  const c = make(7);
  expect(a.exports.twice(1)).toBe(expected[0]);
  const inner = c.exports.twice(1);
  expect(b.exports.twice(1)).toBe(expected[1]);
  other = (x) => {
    other = (y) => y;
    expect(c.exports.twice(1)).toBe(inner);
    expect(b.exports.twice(1)).toBe(expected[1]);
    return x;
  };
  expect(a.exports.twice(1)).toBe(expected[0]);
  memory.release((block: { owner(): unknown }) => block.owner() === hog);
  expect(b.exports.twice(1)).toBe(expected[1]);
});

test("what a guest no longer holds can be collected: structures, and cycles over the host", async () => {
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const refs: WeakRef<object>[] = [];
  const instance = run(
    `(module
      (type $cell (struct (field (mut (ref null $cell))) (field (mut externref))))
      (import "h" "note" (func $note (param anyref)))
      (global $kept (export "kept") (mut (ref null $cell)) (ref.null $cell))
      (func (export "make") (param externref) (local (ref null $cell))
        (local.set 1 (struct.new $cell (ref.null $cell) (local.get 0)))
        (struct.set $cell 0 (local.get 1) (local.get 1))
        (call $note (local.get 1)))
      (func (export "keep") (param externref)
        (global.set $kept (struct.new $cell (ref.null $cell) (local.get 0)))
        (call $note (global.get $kept)))
      (func (export "drop") (global.set $kept (ref.null $cell))))`,
    { h: { note: (value: object) => refs.push(new WeakRef(value)) } },
  );
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      collect();
    }
  };
  (() => {
    for (let i = 0; i < 10; i++) {
      const holder: { held?: unknown } = {};
      instance.exports.make(holder);
      holder.held = refs[i].deref();
    }
    instance.exports.keep("kept");
  })();
  await settle();
  expect(refs.map((ref) => ref.deref() === undefined)).toEqual([...new Array(10).fill(true), false]);
  instance.exports.drop();
  await settle();
  expect(refs[10].deref()).toBeUndefined();
});

test("a vector of which a lane goes to a local is not written over the locals beside it", () => {
  const runtime = new Runtime({ engine: "interpreter" });
  const module = runtime.compileSync(`(module (global $v (mut v128) (v128.const i64x2 5 7))
    (func (export "f") (result i64 i64) (local $a i64) (local $b i64) (local $v v128)
      (local.set $a (i64x2.extract_lane 0 (i8x16.eq (global.get $v) (local.get $v)))) (local.get $a) (local.get $b)))`);
  expect(runtime.instantiateSync(module).exports.f()).toEqual([-256n, 0n]);
});
