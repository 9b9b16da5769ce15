import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Instance } from "../../../src/api/instance.ts";
import { Runtime } from "../../../src/api/runtime.ts";
import type { EngineName } from "../../../src/store/engine.ts";
import type { Memory } from "../../../src/store/memory.ts";
import { Trap } from "../../../src/store/trap.ts";

const source = `(module
  (memory (export "memory") 1)
  (func $spin (export "spin") (param i32) (result i32)
    (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 0))
  (func $even (param i32) (result i32)
    (if (result i32) (local.get 0) (then (return_call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
  (func $odd (param i32) (result i32)
    (if (result i32) (local.get 0) (then (return_call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
  (func $fib (param i32) (result i32)
    (if (i32.lt_s (local.get 0) (i32.const 2)) (then (return (i32.load (i32.mul (local.get 0) (i32.const 65536))))))
    (i32.add (call $fib (i32.sub (local.get 0) (i32.const 2))) (call $fib (i32.sub (local.get 0) (i32.const 1)))))
  (func (export "run") (param i32) (result i32) (i32.add (call $even (local.get 0)) (call $fib (local.get 0)))))`;

/** Iterations, of four units each, that last longer than code is shared. */
const LONG = 26_000_000;

/** How many texts became code. */
let made = 0;
const { Function: original } = globalThis;

beforeEach(() => {
  made = 0;
  globalThis.Function = new Proxy(original, {
    construct(target, args): object {
      made++;
      return Reflect.construct(target, args);
    },
  });
});

afterEach(() => {
  globalThis.Function = original;
});

function instances(count: number, engine: EngineName = "compiler"): Instance[] {
  const runtime = new Runtime({ engine });
  const module = runtime.compileSync(source);
  return Array.from({ length: count }, () => runtime.instantiateSync(module));
}

/** What a call comes to, with its fuel. */
function outcome(instance: Instance, argument: number): unknown {
  const before = instance.fuel.consumed;
  try {
    return [instance.exports.run(argument), instance.fuel.consumed - before];
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    return [error.code, error.frames.map((frame) => ({ ...frame })), instance.fuel.consumed - before];
  }
}

/** How many texts become code while something is done. */
function madeBy(action: () => void): number {
  const before = made;
  action();
  return made - before;
}

describe("the code of a module", () => {
  it("is shared by its instances until one has run for long, which then has its own", () => {
    const [first, second] = instances(2);
    const [expected] = instances(1, "interpreter");
    outcome(first, 4);
    expect(madeBy(() => outcome(second, 4))).toBe(0);
    second.exports.spin(LONG);
    for (const argument of [0, 4]) {
      const here = madeBy(() => expect(outcome(second, argument)).toEqual(outcome(expected, argument)));
      // Of those that are called: run, even, fib; then odd, too.
      expect(here).toBe(argument === 0 ? 3 : 1);
      expect(madeBy(() => expect(outcome(first, argument)).toEqual(outcome(expected, argument)))).toBe(0);
    }
  });

  it("is made anew for functions that read a memory which has grown since they were made", () => {
    const [instance] = instances(1);
    const [expected] = instances(1, "interpreter");
    outcome(instance, 4);
    for (const spins of [1, 2]) {
      for (const { exports } of [instance, expected]) (exports.memory as Memory).grow(1);
      expect(madeBy(() => outcome(instance, 4))).toBe(0);
      for (let i = 0; i < spins; i++) instance.exports.spin(LONG);
      // Only fib does.
      expect(madeBy(() => expect(outcome(instance, 4)).toEqual(outcome(expected, 4)))).toBe(1);
    }
  });

  it("stays as it is where there is one instance", () => {
    const [instance] = instances(1);
    outcome(instance, 4);
    instance.exports.spin(LONG);
    expect(madeBy(() => outcome(instance, 4))).toBe(0);
  });
});
