import { describe, expect, test, vi } from "vitest";
import { Runtime } from "../../../src/api/runtime.ts";
import type { Limits } from "../../../src/store/limits.ts";
import { LinkError, Trap } from "../../../src/store/trap.ts";

// A machine may be busy: nothing here depends on time.
vi.setConfig({ testTimeout: 60_000 });

const engines = ["platform", "compiler", "interpreter"] as const;

/** Calls an export under limits. @returns the trap's code, or the result; and the fuel consumed */
function run(
  engine: (typeof engines)[number],
  text: string,
  limits: Limits,
  args: unknown[] = [],
  exactFuel = false,
): { outcome: unknown; consumed: bigint; offset: number | undefined } {
  const runtime = new Runtime({ engine });
  const instance = runtime.instantiateSync(runtime.compileSync(text), {}, { limits, exactFuel });
  try {
    return { outcome: instance.exports.run(...args), consumed: instance.fuel.consumed, offset: undefined };
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    return { outcome: error.code, consumed: instance.fuel.consumed, offset: error.frames[0]?.functionIndex };
  }
}

/** The same on every engine, to the unit. */
function runAll(text: string, limits: Limits, args?: unknown[], exactFuel?: boolean): ReturnType<typeof run> {
  const [first, ...others] = engines.map((engine) => run(engine, text, limits, args, exactFuel));
  for (const other of others) expect(other).toEqual(first);
  return first;
}

const spin = `(module (func (export "run") (loop br 0)))`;
const recurse = `(module (func $f (export "run") (call $f)))`;

describe("every engine stops at the same place", () => {
  test("an endless loop, at its fuel", () => {
    expect(runAll(spin, { fuel: 1000n })).toMatchObject({ outcome: "fuel-exhausted", consumed: 1001n });
  });

  test("an endless loop, at its deadline", () => {
    for (const engine of engines) expect(run(engine, spin, { timeout: 20 }).outcome).toBe("deadline-exceeded");
  });

  test("an endless recursion, at its depth and at its fuel", () => {
    expect(runAll(recurse, { callDepth: 100 })).toMatchObject({ outcome: "call-stack-exhausted", consumed: 101n });
    expect(runAll(recurse, { callDepth: 100, fuel: 50n })).toMatchObject({ outcome: "fuel-exhausted", consumed: 51n });
  });

  test("an endless recursion without a limit, at the end of the stack", () => {
    for (const engine of engines) expect(run(engine, recurse, {}).outcome).toBe("call-stack-exhausted");
  });

  test("a recursion through a table and through mutual calls, at its depth", () => {
    const text = `(module (table funcref (elem $f)) (type $t (func (param i32) (result i32)))
      (func $f (param i32) (result i32) (if (result i32) (local.get 0)
        (then (call $g (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 7))))
      (func $g (param i32) (result i32) (call_indirect (type $t) (local.get 0) (i32.const 0)))
      (func (export "run") (param i32) (result i32) (call $f (local.get 0))))`;
    expect(runAll(text, { callDepth: 50 }, [24]).outcome).toBe(7);
    expect(runAll(text, { callDepth: 50 }, [25]).outcome).toBe("call-stack-exhausted");
  });

  test("endless growth of a memory, at its limit, without an end of the guest", () => {
    const text = `(module (memory 1) (func (export "run") (result i32)
      (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (memory.size)))`;
    expect(runAll(text, { memory: 20 * 65536 }).outcome).toBe(20);
    expect(runAll(text, { memory: 20 * 65536 + 1000 }).outcome).toBe(20);
    expect(runAll(text, { fuel: 100n }).outcome).toBe("fuel-exhausted");
  });

  test("endless growth of a table, at its limit", () => {
    const text = `(module (table 1 funcref) (func (export "run") (result i32)
      (loop (br_if 0 (i32.ne (table.grow (ref.null func) (i32.const 3)) (i32.const -1)))) (table.size)))`;
    expect(runAll(text, { tableElements: 100 }).outcome).toBe(100);
    expect(runAll(text, { tableElements: 99 }).outcome).toBe(97);
  });

  test("growth of one of several tables, at the limit of all", () => {
    const text = `(module (table 5 funcref) (table 10 funcref) (func (export "run") (result i32)
      (loop (br_if 0 (i32.ne (table.grow 1 (ref.null func) (i32.const 1)) (i32.const -1)))) (table.size 1)))`;
    expect(runAll(text, { tableElements: 100 }).outcome).toBe(95);
  });

  test("a huge fill, by what it costs", () => {
    const text = `(module (memory 100) (func (export "run") (param i32)
      (memory.fill (i32.const 0) (i32.const 1) (local.get 0))))`;
    expect(runAll(text, {}, [6400])).toMatchObject({ outcome: undefined, consumed: 104n });
    expect(runAll(text, { fuel: 1000n }, [6_400_000])).toMatchObject({ outcome: "fuel-exhausted", consumed: 100_004n });
    expect(runAll(text, { fuel: 100_003n }, [6_400_000]).outcome).toBe("fuel-exhausted");
    expect(runAll(text, { fuel: 100_004n }, [6_400_000]).outcome).toBe(undefined);
  });

  test("a growth, which costs more when it is granted", () => {
    const text = `(module (memory 1 2) (func (export "run") (param i32) (result i32) (memory.grow (local.get 0))))`;
    expect(runAll(text, {}, [0])).toMatchObject({ outcome: 1, consumed: 33n });
    expect(runAll(text, {}, [1])).toMatchObject({ outcome: 1, consumed: 33n + 256n });
    expect(runAll(text, {}, [100])).toMatchObject({ outcome: -1, consumed: 33n });
  });

  test("the end of the outermost call, when a leaf went below zero", () => {
    const text = `(module (func (export "run") (result i32) (i32.add (i32.const 1) (i32.const 2))))`;
    expect(runAll(text, { fuel: 3n })).toMatchObject({ outcome: 3, consumed: 3n });
    expect(runAll(text, { fuel: 2n })).toMatchObject({ outcome: "fuel-exhausted", consumed: 3n });
  });

  test("unreachable, with what was consumed", () => {
    const text = `(module (func $f (param i32) (result i32) (if (local.get 0) (then unreachable)) (i32.const 1))
      (func (export "run") (param i32) (result i32) (i32.add (call $f (i32.const 0)) (call $f (local.get 0)))))`;
    expect(runAll(text, {}, [1])).toMatchObject({ outcome: "unreachable", offset: 0 });
    expect(runAll(text, {}, [0])).toMatchObject({ outcome: 2 });
  });

  test("a trap of the platform's own, with what was consumed if asked to", () => {
    const text = `(module (memory 1) (func $f (param i32) (result i32)
        (loop (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if 0 (local.get 0))) (i32.div_u (i32.const 1) (local.get 0)))
      (func (export "run") (param i32) (result i32) (call $f (local.get 0))))`;
    expect(runAll(text, {}, [100], true)).toMatchObject({ outcome: "integer-divide-by-zero", offset: 0 });
    for (const engine of engines) expect(run(engine, text, {}, [100]).outcome).toBe("integer-divide-by-zero");
  });

  test("loops that branches of every kind reach", () => {
    const table = `(module (func (export "run") (param i32) (result i32) (local i32)
      (block (loop (local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (br_table 0 1 (i32.ge_u (local.get 1) (local.get 0))))) (local.get 1)))`;
    expect(runAll(table, {}, [1000]).outcome).toBe(1000);
    expect(runAll(table, { fuel: 5000n }, [1000]).outcome).toBe("fuel-exhausted");
    const params = `(module (func (export "run") (param i32) (result i32)
      (i32.const 0) (loop (param i32) (result i32) (i32.add (i32.const 1)) (local.tee 0)
        (br_if 0 (i32.lt_u (local.get 0) (i32.const 500))))))`;
    expect(runAll(params, {}, [0]).outcome).toBe(500);
    expect(runAll(params, { fuel: 700n }, [0]).outcome).toBe("fuel-exhausted");
    const both = `(module (func (export "run") (param i32) (result i32)
      (i32.const 0) (loop (param i32) (result i32) (i32.add (i32.const 1)) (local.tee 0)
        (block (param i32) (result i32) (br_table 1 0 (i32.ge_u (local.get 0) (i32.const 300)))))))`;
    expect(runAll(both, {}, [0]).outcome).toBe(300);
    expect(runAll(both, { fuel: 1000n }, [0]).outcome).toBe("fuel-exhausted");
  });

  test("tail calls, direct and through a table, in no more than their frame", () => {
    const text = `(module (table funcref (elem $odd $even)) (type $t (func (param i32) (result i32)))
      (func $even (type $t) (if (result i32) (local.get 0)
        (then (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))) (else (i32.const 1))))
      (func $odd (type $t) (if (result i32) (local.get 0)
        (then (return_call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
      (func (export "run") (param i32) (result i32) (call $even (local.get 0))))`;
    expect(runAll(text, { callDepth: 10 }, [100_001]).outcome).toBe(0);
    expect(runAll(text, { callDepth: 10, fuel: 10_000n }, [100_000]).outcome).toBe("fuel-exhausted");
  });

  test("exceptions that are caught, thrown through frames, and not caught", () => {
    const text = `(module (tag $e (param i32))
      (func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))
        (else (throw $e (i32.const 5)))))
      (func (export "run") (param i32) (result i32) (local i32)
        (loop (try (do (call $deep (local.get 0))) (catch $e (local.set 1 (i32.add (local.get 1)))) )
          (br_if 0 (i32.lt_u (local.get 1) (i32.const 50))))
        (local.get 1)))`;
    expect(runAll(text, {}, [7]).outcome).toBe(50);
    expect(runAll(text, { callDepth: 9 }, [7]).outcome).toBe(50);
    expect(runAll(text, { callDepth: 8 }, [7]).outcome).toBe("call-stack-exhausted");
    expect(runAll(text, { fuel: 300n }, [7]).outcome).toBe("fuel-exhausted");
  });

  test("a stop cannot be caught by the guest", () => {
    const text = `(module (func $spin (loop br 0))
      (func (export "run") (loop (try (do (call $spin)) (catch_all)) (br 0))))`;
    expect(runAll(text, { fuel: 1000n }).outcome).toBe("fuel-exhausted");
  });
});

describe("what does not fit from the start", () => {
  test("memories and tables above the limits are refused with an error that says so", () => {
    for (const engine of engines) {
      const runtime = new Runtime({ engine });
      const module = runtime.compileSync("(module (memory 4) (table 20 funcref))");
      expect(() => runtime.instantiateSync(module, {}, { limits: { memory: 3 * 65536 } })).toThrow(LinkError);
      expect(() => runtime.instantiateSync(module, {}, { limits: { memory: 3 * 65536 } })).toThrow(/limits\.memory/);
      expect(() => runtime.instantiateSync(module, {}, { limits: { tableElements: 19 } })).toThrow(
        /limits\.tableElements/,
      );
    }
  });
});

describe("an instance that was stopped", () => {
  test("can be looked at, given more, and called again", () => {
    for (const engine of engines) {
      const runtime = new Runtime({ engine });
      const module = runtime.compileSync(`(module (global $g (export "g") (mut i32) (i32.const 0))
        (func (export "run") (param i32) (loop (global.set $g (i32.add (global.get $g) (i32.const 1)))
          (br_if 0 (i32.lt_u (global.get $g) (local.get 0))))))`);
      const instance = runtime.instantiateSync(module, {}, { limits: { fuel: 1000n, callDepth: 10 } });
      expect(() => instance.exports.run(1000)).toThrow("all fuel consumed");
      const stoppedAt = instance.exports.g.value;
      expect(stoppedAt).toBeGreaterThan(100);
      expect(instance.fuel.remaining).toBe(0n);
      instance.fuel.add(100_000n);
      instance.exports.run(1000);
      expect(instance.exports.g.value).toBe(1000);
      expect(instance.fuel.remaining).toBe(101_000n - instance.fuel.consumed);
    }
  });
});

describe("fuel.exact", () => {
  const text = `(module (memory 1)
    (func (export "divide") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
    (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
    (func $deep (export "deep") (result i32) (i32.add (call $deep) (i32.const 1)))
    (func (export "unreachable") unreachable)
    (func (export "spin") (loop (br 0))))`;

  const calls: readonly (readonly [name: string, args: readonly number[], code: string, exact: boolean])[] = [
    ["divide", [0], "integer-divide-by-zero", false],
    ["load", [-1], "out-of-bounds-memory", false],
    ["deep", [], "call-stack-exhausted", false],
    ["unreachable", [], "unreachable", true],
    ["spin", [], "fuel-exhausted", true],
  ];
  for (const engine of engines)
    for (const exactFuel of [false, true])
      test(`on the ${engine}${exactFuel ? " with exactFuel" : ""}`, () => {
        const runtime = new Runtime({ engine, limits: { fuel: 1n << 40n } });
        const module = runtime.compileSync(text);
        for (const [name, args, code, exact] of calls) {
          const { exports, fuel } = runtime.instantiateSync(module, {}, { exactFuel });
          exports.divide(1);
          expect(fuel.exact).toBe(true);
          if (name === "spin") fuel.remaining = 1000n;
          expect(() => exports[name](...args)).toThrow(expect.objectContaining({ code }));
          expect([name, fuel.exact]).toEqual([name, exact || exactFuel || engine !== "platform"]);
          fuel.remaining = 1000n;
          exports.divide(1);
          expect(fuel.exact).toBe(exact || exactFuel || engine !== "platform");
        }
      });

  test("is lost where the trap was, when one instance calls another", () => {
    const runtime = new Runtime({ engine: "platform" });
    const inner = runtime.compileSync(text);
    const outer = runtime.compileSync(`(module (import "inner" "divide" (func $divide (param i32) (result i32)))
      (func (export "run") (param i32) (result i32) (call $divide (local.get 0))))`);
    const callee = runtime.instantiateSync(inner);
    const caller = runtime.instantiateSync(outer, { inner: callee.exports });
    caller.exports.run(1);
    expect([caller.fuel.exact, callee.fuel.exact]).toEqual([true, true]);
    expect(() => caller.exports.run(0)).toThrow(Trap);
    expect(callee.fuel.exact).toBe(false);
  });

  test("is lost in every instance that it may have been, when a module's instances call each other", () => {
    const runtime = new Runtime({ engine: "platform" });
    const module = runtime.compileSync(`(module (table (export "t") 1 funcref) (type $f (func (param i32) (result i32)))
      (func (export "divide") (type $f) (i32.div_u (i32.const 1) (local.get 0)))
      (func (export "run") (type $f) (call_indirect (type $f) (local.get 0) (i32.const 0))))`);
    const [caller, callee] = [runtime.instantiateSync(module), runtime.instantiateSync(module)];
    caller.exports.t.set(0, callee.exports.divide);
    expect(() => caller.exports.run(0)).toThrow(Trap);
    expect(callee.fuel.exact).toBe(false);
  });
});

describe("a call that fails is charged as any other", () => {
  const failing: readonly (readonly [name: string, body: string])[] = [
    ["a trap of the platform", "(drop (i32.div_s (i32.const 1) (i32.const 0)))"],
    ["unreachable", "(drop (i32.const 1)) (i32.const 1) (unreachable)"],
    ["an exception", "(drop (i32.const 1)) (i32.const 1) (throw $e)"],
    ["an error of the host", "(drop (i32.const 1)) (call $fail)"],
  ];
  /** Calls `run` until the trap `fuel-exhausted`. @returns how many calls ended otherwise */
  function callsUntilExhausted(instance: ReturnType<Runtime["instantiateSync"]>): number {
    for (let calls = 0; calls < 1000; calls++) {
      try {
        instance.exports.run();
      } catch (error) {
        if (error instanceof Trap && error.code === "fuel-exhausted") return calls;
      }
    }
    throw new Error("the fuel is never exhausted");
  }
  const instanceOf = (engine: (typeof engines)[number], body: string, exactFuel?: boolean) => {
    const runtime = new Runtime({ engine });
    const module = runtime.compileSync(
      `(module (import "host" "fail" (func $fail)) (tag $e) (func (export "run") ${body}))`,
    );
    const fail = (): never => {
      throw new RangeError("on purpose");
    };
    return runtime.instantiateSync(module, { host: { fail } }, { limits: { fuel: 100n }, exactFuel });
  };

  for (const engine of engines)
    test.each(failing)(`%s on the ${engine}`, (_, body) => {
      const instance = instanceOf(engine, body);
      const calls = callsUntilExhausted(instance);
      const { consumed } = instance.fuel;
      expect(calls).toBe(25);
      expect(consumed > 100n && consumed <= 104n).toBe(true);
      expect(callsUntilExhausted(instance)).toBe(0);
      expect(instance.fuel.consumed).toBe(consumed);
      instance.fuel.add(consumed - 100n + 8n);
      expect(callsUntilExhausted(instance)).toBe(2);
    });

  test("a budget is kept where the platform's traps leave the figure inexact", () => {
    const instance = instanceOf("platform", failing[0][1], false);
    expect(callsUntilExhausted(instance)).toBe(1);
    expect(instance.fuel.exact).toBe(false);
    expect(instance.fuel.remaining).toBe(0n);
  });

  test("the start function's trap comes through, and a second instance starts with a budget of its own", () => {
    for (const engine of engines) {
      const runtime = new Runtime({ engine, limits: { fuel: 100n } });
      const module = runtime.compileSync("(module (func $f (unreachable)) (start $f))");
      for (let i = 0; i < 2; i++)
        expect(() => runtime.instantiateSync(module)).toThrow(expect.objectContaining({ code: "unreachable" }));
    }
  });

  test("what one instance consumes in a call of another is the other's", () => {
    for (const engine of engines) {
      const runtime = new Runtime({ engine });
      const callee = runtime.instantiateSync(
        runtime.compileSync(`(module (func (export "trap") (drop (i32.const 1)) (i32.const 1) (unreachable)))`),
        {},
        { limits: { fuel: 16n } },
      );
      const caller = runtime.instantiateSync(
        runtime.compileSync(`(module (import "a" "trap" (func $t)) (func (export "run") (call $t)))`),
        { a: callee.exports },
      );
      const codes = Array.from({ length: 6 }, () => {
        try {
          return caller.exports.run();
        } catch (error) {
          return (error as Trap).code;
        }
      });
      expect(codes.slice(0, 4)).toEqual(new Array(4).fill("unreachable"));
      // On the platform the callee is not asked when a call of it fails, but when the next begins.
      expect([engine, codes[5]]).toEqual([engine, "fuel-exhausted"]);
    }
  });
});
