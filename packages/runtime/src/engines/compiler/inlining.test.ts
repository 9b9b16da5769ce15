import { describe, expect, it } from "vitest";
import { Runtime } from "../../api/runtime.ts";
import { planFunction } from "../../metering/plan.ts";
import type { FunctionType } from "../../wasm/types.ts";
import { type Recursion, recursionOf } from "./inlining.ts";

/** What is found out about the first function of a module. */
function recursionIn(fields: string): Recursion {
  const { module, types } = new Runtime().compileSync(`(module ${fields})`).valid;
  const [body] = module.bodies;
  return recursionOf(body, planFunction(module, 0), types[module.functions[0]].composite as FunctionType, 0);
}

const times = (count: number, text: string): string => text.repeat(count);

describe("recursion", () => {
  it("is looked for in the function itself", () => {
    expect(recursionIn("(func) (func (call 0))")).toEqual({ isDirect: false, levels: 0 });
    expect(recursionIn("(func (call 1)) (func (call 0))")).toEqual({ isDirect: false, levels: 0 });
    expect(recursionIn("(func (call 0))")).toEqual({ isDirect: true, levels: 3 });
  });

  it("has fewer levels the more often a function calls itself, and the larger it is", () => {
    const levels = (calls: number, filling: number): number =>
      recursionIn(`(func ${times(filling, "(drop (i32.const 0))")} ${times(calls, "(call 0)")})`).levels;
    expect([1, 2, 5, 12, 30].map((calls) => levels(calls, 10))).toEqual([3, 3, 1, 0, 0]);
    expect([10, 50, 80, 100].map((filling) => levels(1, filling))).toEqual([3, 2, 1, 0]);
  });

  it("is left as it is where there are many locals, where exceptions are handled, where vectors are held, and beside tail calls", () => {
    expect(recursionIn(`(func (param i32) (local ${times(50, "i32 ")}) (call 0 (i32.const 0)))`).levels).toBe(0);
    expect(recursionIn(`(func (param i32) (local ${times(49, "i32 ")}) (call 0 (i32.const 0)))`).levels).toBe(3);
    expect(recursionIn("(func (try_table (call 0)))")).toEqual({ isDirect: true, levels: 0 });
    expect(recursionIn("(func (local v128) (call 0))")).toEqual({ isDirect: true, levels: 0 });
    expect(recursionIn("(func (param v128) (call 0 (local.get 0)))")).toEqual({ isDirect: true, levels: 0 });
    expect(recursionIn("(func (call 0) (return_call 0))")).toEqual({ isDirect: false, levels: 0 });
  });
});
