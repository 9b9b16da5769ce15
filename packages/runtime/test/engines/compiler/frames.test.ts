import { describe, expect, it } from "vitest";
import { Runtime } from "../../../src/api/runtime.ts";
import type { EngineName } from "../../../src/store/engine.ts";
import { type Frame, Trap } from "../../../src/store/trap.ts";

/** A function for each way to trap, called through a function with a name, and through the host where it asks for that. */
const source = `(module $places
  (type $t (func (param i32) (result i32)))
  (import "host" "call" (func $host (param i32) (result i32)))
  (memory 1)
  (table 4 funcref)
  (table $refs 1 externref)
  (elem (i32.const 1) $inner $wrong)
  (func $wrong)
  (func $inner (type $t) (i32.div_s (i32.const 1) (local.get 0)))
  (func $middle (export "middle") (param i32) (result i32)
    (i32.add (i32.const 1) (i32.add (call $inner (i32.const 5)) (call $inner (local.get 0)))))
  (func (export "load") (param i32) (result i32)
    (i32.add (i32.load (i32.const 8)) (i32.mul (i32.load8_u (local.get 0)) (i32.load offset=4 (local.get 0)))))
  (func (export "store") (param i32) (result i32)
    (i32.store (i32.const 0) (i32.load (local.get 0)))
    (i64.store (local.get 0) (i64.const 1))
    (i32.const 0))
  (func (export "store after") (param i32) (result i32)
    (f32.store (i32.const 0) (f32.const 1))
    (f32.store (local.get 0) (f32.load (i32.const 0)))
    (i32.const 0))
  (func (export "long") (param i32) (result i32)
    (i32.wrap_i64 (i64.add (i64.load (i32.const 0)) (i64.rem_u (i64.const 5) (i64.extend_i32_s (local.get 0))))))
  (func (export "vector") (param i32) (result i32)
    (i32x4.extract_lane 1 (i32x4.add (v128.load (i32.const 0)) (v128.load (local.get 0)))))
  (func (export "truncate") (param i32) (result i32)
    (i32.add (i32.trunc_f32_s (f32.const 3)) (i32.trunc_f64_s (f64.mul (f64.const 1e9) (f64.convert_i32_s (local.get 0))))))
  (func (export "table") (param i32) (result i32)
    (ref.is_null (table.get $refs (local.get 0))))
  (func (export "indirect") (param i32) (result i32)
    (call_indirect (type $t) (i32.const 0) (local.get 0)))
  (func (export "bulk") (param i32) (result i32)
    (memory.fill (i32.const 65530) (i32.const 0) (local.get 0))
    (i32.const 0))
  (func (export "unreachable") (param i32) (result i32)
    (if (local.get 0) (then unreachable))
    (i32.const 0))
  (func (export "loop") (param i32) (result i32) (local i32)
    (loop $l
      (local.set 1 (i32.div_u (i32.const 100) (local.get 0)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br $l))
    (local.get 1))
  (func (export "through the host") (param i32) (result i32)
    (i32.add (i32.const 1) (call $host (local.get 0)))))`;

function framesOn(engine: EngineName, name: string, argument: number): readonly Frame[] {
  const runtime = new Runtime({ engine });
  const instance = runtime.instantiateSync(runtime.compileSync(source), {
    host: { call: (n: number) => instance.exports.middle(n) },
  });
  try {
    instance.exports[name](argument);
  } catch (error) {
    if (error instanceof Trap) return error.frames.map((frame) => ({ ...frame }));
    throw error;
  }
  throw new Error(`${name} did not trap`);
}

describe("frames of a trap", () => {
  it.each([
    ["middle", 0],
    ["load", -1],
    ["load", 65535],
    ["store", -4],
    ["store", 65532],
    ["store after", 65535],
    ["long", 0],
    ["vector", 65521],
    ["truncate", 5],
    ["table", 1],
    ["indirect", 0],
    ["indirect", 1],
    ["indirect", 2],
    ["indirect", 9],
    ["bulk", 7],
    ["unreachable", 1],
    ["loop", 3],
  ])("name the instructions as on the interpreter: %s(%i)", (name, argument) => {
    const frames = framesOn("compiler", name, argument);
    expect(frames).toEqual(framesOn("interpreter", name, argument));
    expect(frames.every(({ offset }) => offset !== undefined)).toBe(true);
  });

  it("go on on the other side of a host function", () => {
    const frames = framesOn("compiler", "through the host", 0);
    const inner = framesOn("interpreter", "through the host", 0);
    expect(frames.slice(0, inner.length)).toEqual(inner);
    expect(frames.at(-1)).toEqual({
      functionIndex: 15,
      functionName: undefined,
      moduleName: "places",
      offset: expect.any(Number),
    });
  });
});
