import { describe, expect, it } from "vitest";
import { RuntimeError, Trap } from "../store/trap.ts";
import { CompileError } from "../wasm/errors.ts";
import { Runtime } from "./runtime.ts";

const runtime = new Runtime({ engine: "interpreter" });

const counter = `(module $counter
  (memory (export "memory") 1 4)
  (table (export "table") 1 funcref)
  (global (export "global") (mut i32) (i32.const 7))
  (func $spin (export "spin") (loop (br 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func $down (export "down") (param i32) (call $down (local.get 0)))
  (func (export "trap") (call $inner))
  (func $inner unreachable)
  (func (export "swap") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0)))`;

describe("Runtime", () => {
  it("says where bytes are wrong", () => {
    expect(() => runtime.compileSync(Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0))).toThrow(CompileError);
    expect(runtime.validate(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))).toBe(true);
  });

  it.each([
    ["(module\n  (global i32 (i32.const 1)\n    (i64.const 2) drop))", "(in the global section, at 3:19)"],
    ["(module\n  (table 1 funcref)\n  (elem (i64.const 0)))", "(in the element section, at 3:22)"],
    [
      "(module (memory 1 1 shared))",
      'needs the feature "threads", which is switched off (in the memory section, at 1:9)',
    ],
    ['(module\n  (func (export "a"))\n  (func (export "b") (export "a")))', "(in the export section, at 3:22)"],
    ['(module (export "a" (func 0)))', "(in the export section, at 1:9)"],
    ['(module\n  (memory 1)\n  (import "a" "b" (func (type 7))))', "at 3:3)"],
    ['(module (import "a" "b" (memory 1)) (import "a" "c" (memory 2 1)))', "(in the import section, at 1:37)"],
    ["(module (type (struct)) (func) (func (type 0)))", "(in the function section, at 1:32)"],
    ["(module (type (sub (struct))) (rec (type (func)) (type (sub 0 (array i8)))))", "(in the type section, at 1:50)"],
    ["(module (type (func (result i32))) (tag (type 0)))", "(in the tag section, at 1:36)"],
    ["(module (memory 0) (memory 3 2))", "(in the memory section, at 1:20)"],
    ["(module (table 1 (ref func)))", "(in the table section, at 1:9)"],
    ["(module (func $f (param i32)) (start $f))", "(in the start section, at 1:31)"],
    ['(module (data "a") (data (memory 3) (i32.const 0) "b"))', "(in the data section, at 1:20)"],
    ["(module (elem func) (elem func 9))", "(in the element section, at 1:21)"],
    ["(module (func) (func (local (ref null 9))))", "(in the code section, in function 1, at 1:42)"],
  ])("says where a text is wrong outside of functions: %j", (text, end) => {
    expect(() => runtime.compileSync(text)).toThrow(end);
  });

  it("says the line and column where text is wrong", () => {
    try {
      runtime.compileSync("(module\n  (func (result i32)\n    i64.const 1))");
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(CompileError);
      expect((error as CompileError).position?.line).toBe(3);
      expect((error as CompileError).message).toMatch(/type mismatch/);
    }
  });

  it("names the feature that is switched off", () => {
    const old = new Runtime({ engine: "interpreter", features: { "multi-value": false } });
    expect(() => old.compileSync("(module (func (result i32 i32) i32.const 1 i32.const 2))")).toThrow(/multi-value/);
    expect(() => new Runtime({ features: { simdd: true } as never })).toThrow(
      /features: unknown option "simdd"; did you mean "simd"/,
    );
  });

  it("refuses an engine that it does not know", () => {
    expect(() => new Runtime({ engine: "fast" as never })).toThrow(/unknown engine "fast"/);
  });

  it("exports as the platform does", () => {
    const { exports } = runtime.instantiateSync(runtime.compileSync(counter));
    expect(exports.swap(1, 2n)).toEqual([2n, 1]);
    expect(exports.swap).toBe(exports.swap);
    expect(exports.swap.length).toBe(2);
    expect(Object.isFrozen(exports)).toBe(true);
    expect(exports.global.value).toBe(7);
    expect(exports.table.length).toBe(1);
    expect(() => exports.swap(1, 2)).toThrow(TypeError);
  });

  it("lists imports and exports of a module", () => {
    const module = runtime.compileSync('(module (import "a" "b" (func)) (memory (export "m") 1) (@custom "x" "hi"))');
    expect(module.imports).toEqual([{ module: "a", name: "b", kind: "function" }]);
    expect(module.exports).toEqual([{ name: "m", kind: "memory" }]);
    expect(new Uint8Array(module.customSections("x")[0])).toEqual(Uint8Array.of(104, 105));
  });
});

describe("limits", () => {
  const module = runtime.compileSync(counter);
  const code = (run: () => unknown): string => {
    try {
      run();
      return "none";
    } catch (error) {
      return error instanceof Trap ? error.code : String(error);
    }
  };

  it("stop a loop without end by its fuel, and let it go on with more", () => {
    const { exports, fuel } = runtime.instantiateSync(module, {}, { limits: { fuel: 1000n } });
    expect(code(() => exports.spin())).toBe("fuel-exhausted");
    expect(fuel.remaining).toBe(0n);
    expect(fuel.consumed).toBeGreaterThan(1000n);
    expect(fuel.consumed).toBeLessThan(1010n);
    expect(code(() => exports.swap(1, 2n))).toBe("fuel-exhausted");
    fuel.add(100n);
    expect(exports.swap(1, 2n)).toEqual([2n, 1]);
  });

  it("stop a loop without end by its deadline", () => {
    const { exports } = runtime.instantiateSync(module, {}, { limits: { timeout: 20 } });
    expect(code(() => exports.spin())).toBe("deadline-exceeded");
    expect(exports.swap(1, 2n)).toEqual([2n, 1]);
  });

  it("stop recursion without end, with the guest's frames", () => {
    const { exports } = runtime.instantiateSync(module, {}, { limits: { callDepth: 100 } });
    try {
      exports.down(1);
      expect.unreachable();
    } catch (error) {
      expect((error as Trap).code).toBe("call-stack-exhausted");
      expect((error as Trap).frames[0].functionName).toBe("down");
    }
    expect(code(() => runtime.instantiateSync(module).exports.down(1))).toBe("call-stack-exhausted");
  });

  it("answer -1 to growth past the memory limit", () => {
    const { exports } = runtime.instantiateSync(module, {}, { limits: { memory: 2 * 65536 } });
    expect(exports.grow(2)).toBe(-1);
    expect(exports.grow(1)).toBe(1);
    expect(exports.memory.buffer.byteLength).toBe(2 * 65536);
    expect(() => runtime.instantiateSync(module, {}, { limits: { memory: 100 } })).toThrow(/limits.memory allows 100/);
    expect(() => runtime.instantiateSync(module, {}, { limits: { tableElements: 0 } })).toThrow(/tableElements/);
  });

  it("leave a trap with its frames, names and offsets", () => {
    const { exports } = runtime.instantiateSync(module);
    try {
      exports.trap();
      expect.unreachable();
    } catch (error) {
      const { frames, code: reason } = error as Trap;
      expect(reason).toBe("unreachable");
      expect(frames.map((frame) => frame.functionName ?? frame.functionIndex)).toEqual(["inner", 3]);
      expect(frames[0].moduleName).toBe("counter");
      expect(module.bytes[frames[0].offset as number]).toBe(0);
    }
  });
});

describe("asynchronous calls", () => {
  const module = runtime.compileSync(counter);

  it("let the event loop run, and end by an abort", async () => {
    const { async } = runtime.instantiateSync(module, {}, { async: true });
    const controller = new AbortController();
    let turns = 0;
    const tick = (): void => {
      if (++turns === 5) controller.abort("enough");
      else setImmediate(tick);
    };
    setImmediate(tick);
    await expect(async.call("spin", [], { signal: controller.signal })).rejects.toMatchObject({
      code: "aborted",
      cause: "enough",
    });
    expect(turns).toBe(5);
  });

  it("wait for promises of host functions, which synchronous calls refuse", async () => {
    const asking = runtime.compileSync(`(module
      (import "host" "ask" (func $ask (param i32) (result i32)))
      (func (export "sum") (result i32) (i32.add (call $ask (i32.const 1)) (call $ask (i32.const 2)))))`);
    const ask = async (n: number): Promise<number> => {
      await new Promise((resolve) => setImmediate(resolve));
      return n * 10;
    };
    const instance = runtime.instantiateSync(asking, { host: { ask } });
    expect(await Promise.all([instance.async.exports.sum(), instance.async.exports.sum()])).toEqual([30, 30]);
    expect(() => instance.exports.sum()).toThrow(RuntimeError);
  });

  it("hand a host's error through unchanged", async () => {
    const calling = runtime.compileSync('(module (import "host" "fail" (func $f)) (func (export "run") (call $f)))');
    const failure = new Error("from the host");
    const sync = runtime.instantiateSync(calling, {
      host: {
        fail: () => {
          throw failure;
        },
      },
    });
    expect(() => sync.exports.run()).toThrow(failure);
    const later = runtime.instantiateSync(calling, { host: { fail: () => Promise.reject(failure) } });
    await expect(later.async.exports.run()).rejects.toBe(failure);
  });

  it("reject for a name that is no function", async () => {
    const { async } = runtime.instantiateSync(module);
    await expect(async.call("memory")).rejects.toThrow(/exports no function named "memory"/);
  });
});

it("runs nothing of a function whose type JavaScript cannot hold", async () => {
  const instance = runtime.instantiateSync(
    runtime.compileSync(`(module (global (export "g") (mut i32) (i32.const 0))
      (func (export "v") (result v128) (global.set 0 (i32.const 1)) (v128.const i64x2 0 0))
      (func (export "e") (param exnref) (global.set 0 (i32.const 1))))`),
    {},
  );
  expect(() => instance.exports.v()).toThrow(TypeError);
  expect(() => instance.exports.e(null)).toThrow(TypeError);
  await expect(instance.async.exports.v()).rejects.toThrow(TypeError);
  expect(instance.exports.g.value).toBe(0);
});

it("an instance says which engine runs it, and why no faster one does", () => {
  const runtime = new Runtime({ features: { "wide-arithmetic": true } });
  const plain = runtime.instantiateSync(runtime.compileSync("(module)"));
  expect(plain.engine).toEqual({ name: "platform", reason: "the fastest that can hold the module here" });
  // No platform has this proposal yet.
  const wide = runtime.compileSync(`(module (func (export "f") (param i64) (result i64 i64)
    (i64.mul_wide_u (local.get 0) (local.get 0))))`);
  const { name, reason } = runtime.instantiateSync(wide).engine;
  expect(name).not.toBe("platform");
  expect(reason).toMatch(/^the fastest that can hold the module here; platform: .* lacks wide-arithmetic/);
  const named = new Runtime({ engine: "interpreter" });
  expect(named.instantiateSync(named.compileSync("(module)")).engine).toEqual({
    name: "interpreter",
    reason: "asked for by name",
  });
});
