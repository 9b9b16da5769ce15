import { expect, it } from "vitest";
import { Runtime } from "../../api/runtime.ts";

/** Locals that hold floats here and integers there, with values that arrive on several paths; each function hashes what it comes to. */
const source = `(module
  (func $hash (param v128) (result i32)
    (i32.xor (i32.xor (i32x4.extract_lane 0 (local.get 0)) (i32.mul (i32.const 3) (i32x4.extract_lane 1 (local.get 0))))
      (i32.xor (i32.mul (i32.const 5) (i32x4.extract_lane 2 (local.get 0))) (i32.mul (i32.const 7) (i32x4.extract_lane 3 (local.get 0))))))
  (func (export "apart") (param i32) (result i32) (local v128 i32)
    (local.set 1 (f32x4.splat (f32.convert_i32_s (local.get 0))))
    (local.set 1 (f32x4.mul (local.get 1) (f32x4.add (local.get 1) (v128.const f32x4 1 2 3 4))))
    (local.set 2 (call $hash (local.get 1)))
    (local.set 1 (i32x4.splat (local.get 0)))
    (local.set 1 (i8x16.add (local.get 1) (i32x4.add (local.get 1) (v128.const i32x4 1 2 3 4))))
    (i32.xor (local.get 2) (call $hash (local.get 1))))
  (func (export "arms") (param i32) (result i32) (local v128)
    (if (i32.and (local.get 0) (i32.const 1))
      (then (local.set 1 (f32x4.add (f32x4.splat (f32.const 1.5)) (f32x4.splat (f32.convert_i32_s (local.get 0))))))
      (else (if (i32.and (local.get 0) (i32.const 2)) (then (local.set 1 (i32x4.splat (local.get 0)))))))
    (call $hash (local.get 1)))
  (func (export "loops") (param i32) (result i32) (local v128 v128 i32)
    (local.set 1 (v128.const i32x4 1 2 3 4))
    (loop $outer
      (local.set 2 (f32x4.convert_i32x4_s (local.get 1)))
      (block $out
        (loop $inner
          (br_if $out (i32.gt_u (local.get 3) (i32.const 20)))
          (local.set 3 (i32.add (local.get 3) (i32.const 1)))
          (local.set 2 (f32x4.add (local.get 2) (f32x4.splat (f32.const 0.25))))
          (br_if $inner (i32.and (local.get 3) (local.get 0)))))
      (local.set 1 (i32x4.add (local.get 1) (local.get 2)))
      (br_if $outer (i32.lt_u (local.get 3) (i32.const 20))))
    (call $hash (local.get 1)))
  (func (export "table") (param i32) (result i32) (local v128)
    (local.set 1 (v128.const f32x4 1 -0 nan 3))
    (block $a (block $b (block $c
      (br_table $a $b $c (local.get 0)))
      (local.set 1 (i16x8.add (local.get 1) (v128.const i32x4 9 9 9 9))))
      (local.set 1 (f32x4.mul (f32x4.splat (f32.const 2)) (f32x4.splat (f32.const 3)))))
    (call $hash (local.get 1)))
  (func $both (param v128 v128) (result v128)
    (local.set 0 (f32x4.add (local.get 0) (local.get 1)))
    (local.set 1 (i32x4.add (local.get 1) (v128.const i32x4 1 1 1 1)))
    (v128.xor (local.get 0) (local.get 1)))
  (func (export "parameters") (param i32) (result i32)
    (call $hash (call $both (f32x4.splat (f32.convert_i32_s (local.get 0))) (v128.const f32x4 1 2 3 4))))
  (func (export "caught") (param i32) (result i32) (local v128)
    (local.set 1 (f32x4.splat (f32.convert_i32_s (local.get 0))))
    (block $handler
      (try_table (catch_all $handler)
        (local.set 1 (i32x4.splat (local.get 0)))
        (if (local.get 0) (then (throw $e)))
        (local.set 1 (f32x4.add (local.get 1) (local.get 1)))))
    (call $hash (local.get 1)))
  (tag $e))`;

it.each(["apart", "arms", "loops", "table", "parameters", "caught"])(
  "keeps what locals hold on every path: %s",
  (name) => {
    const [compiler, interpreter] = (["compiler", "interpreter"] as const).map((engine) => {
      const runtime = new Runtime({ engine });
      return runtime.instantiateSync(runtime.compileSync(source)).exports[name] as (n: number) => number;
    });
    for (let n = 0; n < 12; n++) expect([n, compiler(n)]).toEqual([n, interpreter(n)]);
  },
);
