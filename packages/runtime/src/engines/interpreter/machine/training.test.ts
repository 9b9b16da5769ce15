import { expect, test } from "vitest";
import { Runtime } from "../../../api/runtime.ts";

test("the first vector instruction of a guest that holds many references leaves them as they are", () => {
  const locals = 100;
  const runtime = new Runtime({ engine: "interpreter" });
  const module = runtime.compileSync(`(module
    (func $down (export "down") (param externref i32) (result externref i32) (local ${"externref ".repeat(locals)}) (local $sum i32)
      (local.set ${locals + 1} (local.get 0))
      (if (i32.eqz (local.get 1))
        (then (return (local.get 0) (i32x4.extract_lane 2 (i32x4.splat (i32.const 7))))))
      (call $down (local.get 0) (i32.sub (local.get 1) (i32.const 1)))
      (local.set $sum)
      (drop)
      (local.get ${locals + 1}) (i32.add (local.get $sum) (i32.const 1))))`);
  const { exports } = runtime.instantiateSync(module);
  const reference = { held: true };
  expect(exports.down(reference, 3000)).toEqual([reference, 3007]);
});
