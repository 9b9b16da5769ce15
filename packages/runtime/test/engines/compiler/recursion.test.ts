import { describe, expect, it } from "vitest";
import { Runtime } from "../../../src/api/runtime.ts";
import type { EngineName } from "../../../src/store/engine.ts";
import type { Limits } from "../../../src/store/limits.ts";
import { type Frame, Trap } from "../../../src/store/trap.ts";

/** Functions that the compiler puts into themselves, several levels deep. */
const source = `(module $recursion
  (import "m" "f" (func $f (param i32) (result i32)))
  (memory 1)
  (data (i32.const 16) "\\20\\00\\00\\00\\05\\00\\00\\00")
  (data (i32.const 32) "\\40\\00\\00\\00\\06\\00\\00\\00")
  (data (i32.const 64) "\\50\\00\\00\\00\\07\\00\\00\\00")
  (data (i32.const 80) "\\60\\00\\00\\00\\08\\00\\00\\00")
  (data (i32.const 96) "\\00\\00\\00\\00\\09\\00\\00\\00")
  (global $g (mut i32) (i32.const 0))
  (tag $t (param i32))
  (func $fib (export "fib") (param i32) (result i32)
    (if (i32.lt_s (local.get 0) (i32.const 2)) (then (return (local.get 0))))
    (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))
  (func $loop (export "loop") (param i32) (result i32) (local i32)
    (loop $l
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (if (i32.gt_s (local.get 0) (i32.const 0)) (then
        (local.set 1 (i32.add (i32.add (local.get 1) (local.get 0)) (call $loop (i32.sub (local.get 0) (i32.const 1)))))
        (br $l))))
    (local.get 1))
  (func $ackermann (export "ackermann") (param i32 i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.add (local.get 1) (i32.const 1)))))
    (if (i32.eqz (local.get 1)) (then (return (call $ackermann (i32.sub (local.get 0) (i32.const 1)) (i32.const 1)))))
    (call $ackermann (i32.sub (local.get 0) (i32.const 1)) (call $ackermann (local.get 0) (i32.sub (local.get 1) (i32.const 1)))))
  (func $pair (export "pair") (param i64 f64) (result i64 f64) (local i64 externref)
    (if (result i64 f64) (i64.eqz (local.get 0))
      (then (i64.const 0x1_0000_0001) (local.get 1))
      (else
        (local.set 2 (i64.const 3))
        (call $pair (i64.sub (local.get 0) (i64.const 1)) (f64.mul (local.get 1) (f64.const 1.5)))
        (call $pair (i64.shr_u (local.get 0) (i64.const 1)) (f64.const 0.25))
        (local.set 1) (local.set 0)
        (f64.add (local.get 1)) (local.set 1)
        (i64.mul (local.get 2)) (i64.add (local.get 0)) (local.get 1))))
  (func $trap (export "trap") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.load (i32.const -1)))))
    (i32.add
      (i32.div_s (i32.const 100) (i32.rem_s (local.get 0) (i32.const 7)))
      (call $trap (i32.sub (local.get 0) (i32.const 1)))))
  (func $wait (export "host") (param i32) (result i32)
    (global.set $g (i32.add (global.get $g) (i32.const 1)))
    (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (call $f (local.get 0))))
    (if (result i32) (local.get 0)
      (then (i32.add (global.get $g) (i32.add (call $wait (i32.sub (local.get 0) (i32.const 1))) (i32.load (i32.const 8)))))
      (else (i32.const 1))))
  (func $sum (export "sum") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (i32.add (call $sum (i32.load (local.get 0))) (i32.load offset=4 (local.get 0))))
  (func $grow (export "grow") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (memory.grow (i32.const 1)))))
    (i32.add (call $grow (i32.load (local.get 0))) (i32.load (i32.const 65536))))
  (func $throw (export "throw") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (throw $t (i32.const 41))))
    (i32.add (i32.const 1) (call $throw (i32.sub (local.get 0) (i32.const 1)))))
  (func (export "catch") (param i32) (result i32)
    (block $h (result i32) (try_table (catch $t $h) (drop (call $throw (local.get 0)))) (i32.const 0)))
  (func $handling (export "handling") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (throw $t (i32.const 41))))
    (i32.add (local.get 0) (block $h (result i32)
      (try_table (result i32) (catch $t $h) (call $handling (i32.sub (local.get 0) (i32.const 1)))))))
  (func $endless (export "endless") (param i32) (result i32)
    (i32.add (call $endless (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func $never (export "never") (param i32) (result i32)
    (if (i32.lt_u (local.get 0) (i32.const 9)) (then (drop (call $never (i32.add (local.get 0) (i32.const 1)))) (unreachable)))
    (unreachable)))`;

const module = new Runtime().compileSync(source);

function outcome(engine: EngineName, name: string, args: readonly unknown[], limits: Limits = {}): unknown {
  const instance = new Runtime({ engine }).instantiateSync(
    module,
    { m: { f: () => Number(instance.fuel.consumed) } },
    { limits },
  );
  let value: unknown;
  try {
    value = instance.exports[name](...args);
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    // At which instruction of a block a limit is found passed is the engine's own.
    const isLimit = error.code === "fuel-exhausted" || error.code === "call-stack-exhausted";
    const place = ({ functionIndex, functionName, offset }: Frame, i: number): unknown[] => [
      functionIndex,
      functionName,
      isLimit && i === 0 ? 0 : offset,
    ];
    value = { trap: error.code, frames: error.frames.map(place) };
  }
  return { value, fuel: instance.fuel.consumed };
}

function agreed(name: string, args: readonly unknown[], limits?: Limits): unknown {
  const expected = outcome("interpreter", name, args, limits);
  expect(outcome("compiler", name, args, limits)).toEqual(expected);
  return expected;
}

const calls: readonly (readonly [string, readonly unknown[]])[] = [
  ["fib", [7]],
  ["loop", [7]],
  ["ackermann", [2, 3]],
  ["pair", [6n, 0.5]],
  ["trap", [6]],
  ["trap", [10]],
  ["host", [5]],
  ["sum", [16]],
  ["grow", [16]],
  ["catch", [5]],
  ["handling", [5]],
  ["never", [0]],
];

describe("a function that the compiler put into itself", () => {
  it.each(calls)("gives what the interpreter gives, with the fuel and the frames of traps: %s%o", (name, args) => {
    agreed(name, args);
  });

  it.each(calls)("stops where fuel and frames end: %s%o", (name, args) => {
    for (let fuel = 0n; fuel < 80n; fuel++) agreed(name, args, { fuel: fuel * 3n });
    for (let callDepth = 0; callDepth < 10; callDepth++) agreed(name, args, { callDepth });
  });

  it("goes on right after calls that were stopped by their depth", () => {
    for (const engine of ["interpreter", "compiler"] as const) {
      const instance = new Runtime({ engine }).instantiateSync(
        module,
        { m: { f: () => 0 } },
        { limits: { callDepth: 6 } },
      );
      expect(() => instance.exports.fib(9)).toThrow(Trap);
      expect(instance.exports.fib(6)).toBe(8);
      expect(instance.exports.catch(4)).toBe(41);
      expect(instance.exports.handling(4)).toBe(41 + 1 + 2 + 3 + 4);
    }
  });

  it("shows a hundred frames of a recursion without end", () => {
    const instance = new Runtime({ engine: "compiler" }).instantiateSync(module, { m: { f: () => 0 } });
    try {
      instance.exports.endless(0);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "call-stack-exhausted" });
      const { frames } = error as Trap;
      expect(frames).toHaveLength(100);
      expect(new Set(frames.map(({ functionName }) => functionName))).toEqual(new Set(["endless"]));
    }
  });
});
