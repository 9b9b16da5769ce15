import { expect, test } from "vitest";
import { Runtime } from "../../../api/runtime.ts";

test("a constant stored where a sum says does not overwrite what the sum is of", () => {
  const runtime = new Runtime({ engine: "interpreter" });
  const module = runtime.compileSync(`(module
    (memory (export "memory") 1)
    (data (i32.const 24) "\\05")
    (func (export "second") (param i32 i32)
      (i32.store8 (i32.add (local.get 0) (i32.load offset=24 (local.get 1))) (i32.const 9)))
    (func (export "first") (param i32 i32)
      (i32.store8 (i32.add (i32.load offset=24 (local.get 1)) (local.get 0)) (i32.const 9)))
    (func (export "both") (param i32 i32)
      (i64.store (i32.add (i32.mul (local.get 0) (i32.const 2)) (i32.load offset=24 (local.get 1))) (i64.const 9)))
    (func (export "displaced") (param i32 i32)
      (i32.store16 offset=4 (i32.add (i32.load offset=24 (local.get 1)) (i32.const 100)) (i32.const 9))))`);
  const { exports } = runtime.instantiateSync(module);
  const bytes = (): Uint8Array => new Uint8Array(exports.memory.buffer);
  for (const [name, base, at] of [
    ["second", 100, 105],
    ["first", 200, 205],
    ["both", 150, 305],
    ["displaced", 0, 109],
  ] as const) {
    exports[name](base, 0);
    expect(bytes()[at], name).toBe(9);
  }
  expect(bytes().filter((byte) => byte !== 0)).toHaveLength(5);
});

test("an access of a memory that holds nothing is a trap, whatever the address", () => {
  const runtime = new Runtime({ engine: "interpreter" });
  const { exports } = runtime.instantiateSync(
    runtime.compileSync(`(module (memory 0)
      (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
      (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0)))
      (func (export "vector") (param i32) (result i32) (v128.any_true (v128.load (local.get 0)))))`),
  );
  for (const name of ["load", "byte", "vector"])
    for (const address of [0, 1, -1, 0x7fffffff, 0x7ffffff9, -0x80000000])
      expect(() => exports[name](address), `${name} at ${address}`).toThrow("out of bounds");
});
