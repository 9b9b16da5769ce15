import { expect, test } from "vitest";
import { Runtime } from "../../../api/runtime.ts";
import type { Trap } from "../../../store/trap.ts";

/** Four vectors in memory, with NaNs, both zeros and extremes among their lanes. */
const data = [
  "\\00\\00\\80\\3f\\00\\00\\00\\80\\01\\00\\a0\\7f\\ff\\ff\\7f\\7f",
  "\\cd\\cc\\4c\\3e\\ff\\7f\\80\\ff\\10\\32\\54\\76\\98\\ba\\dc\\fe",
  "\\01\\02\\03\\84\\85\\06\\87\\88\\09\\8a\\0b\\0c\\0d\\8e\\0f\\f0",
  "\\ff\\ff\\ff\\ff\\00\\00\\00\\00\\80\\80\\7f\\7f\\00\\80\\ff\\7f",
].join("");
const A = "(v128.load (i32.const 0))";
const B = "(v128.load (i32.const 16))";
const C = "(v128.load (i32.const 32))";

/** Expressions in which instructions of the machine stand for several of the guest's, or for one that a compiler writes in a certain way. */
const expressions: Readonly<Record<string, string>> = {};
const define = (name: string, expression: string): void => {
  (expressions as Record<string, string>)[name] = expression;
};
for (const shape of ["f32x4", "f64x2"])
  for (const sum of ["add", "sub"]) {
    define(`${shape} product ${sum} vector`, `(${shape}.${sum} (${shape}.mul ${A} ${B}) ${C})`);
    define(`${shape} vector ${sum} product`, `(${shape}.${sum} ${C} (${shape}.mul ${A} ${B}))`);
    define(`${shape} product ${sum} product`, `(${shape}.${sum} (${shape}.mul ${A} ${C}) (${shape}.mul ${A} ${B}))`);
  }
for (const [left, right] of [
  [7, 25],
  [25, 7],
  [7, 24],
]) {
  define(
    `rotation by ${left} and ${right}`,
    `(v128.or (i32x4.shl (local.get $x) (i32.const ${left})) (i32x4.shr_u (local.get $x) (i32.const ${right})))`,
  );
  define(
    `rotation by ${left} and ${right}, the other way round`,
    `(v128.or (i32x4.shr_u (local.get $x) (i32.const ${right})) (i32x4.shl (local.get $x) (i32.const ${left})))`,
  );
}
define(
  "shifts of two vectors",
  `(v128.or (i32x4.shl (local.get $x) (i32.const 7)) (i32x4.shr_u (local.get $y) (i32.const 25)))`,
);
for (const shape of ["i16x8", "i32x4"])
  for (const shift of ["shl", "shr_s", "shr_u"])
    for (const count of [0, 5, 15, 16, 33, -1])
      define(`${shape}.${shift} by ${count}`, `(${shape}.${shift} ${C} (i32.const ${count}))`);
const lanes: Readonly<Record<string, readonly number[]>> = {
  "whole words": [8, 9, 10, 11, 28, 29, 30, 31, 0, 1, 2, 3, 16, 17, 18, 19],
  "along by one byte": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
  "around by three bytes": [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2],
  "lanes rotated by 16 bits": [2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13],
  "lanes rotated by 8 bits": [17, 18, 19, 16, 21, 22, 23, 20, 25, 26, 27, 24, 29, 30, 31, 28],
  "bytes interleaved": [0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23],
  "bytes in reverse": [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
  "one byte everywhere": Array.from({ length: 16 }, () => 21),
};
for (const [name, list] of Object.entries(lanes)) {
  define(`shuffle: ${name}`, `(i8x16.shuffle ${list.join(" ")} (local.get $x) (local.get $y))`);
  define(
    `shuffle onto an operand: ${name}`,
    `(local.tee $y (i8x16.shuffle ${list.join(" ")} (local.get $x) (local.get $y)))`,
  );
}
for (const half of ["low", "high"])
  for (const sign of ["s", "u"]) {
    define(`extension of bytes, ${half} ${sign}`, `(local.tee $x (i16x8.extend_${half}_i8x16_${sign} (local.get $x)))`);
    define(
      `extension of halves, ${half} ${sign}`,
      `(local.tee $x (i32x4.extend_${half}_i16x8_${sign} (local.get $x)))`,
    );
  }
for (const load of ["load8x8_s", "load8x8_u", "load16x4_s", "load16x4_u", "load32x2_s", "load64_splat", "load64_zero"])
  define(load, `(v128.${load} offset=36 (i32.add (i32.const 2) (local.get $p)))`);
for (const load of ["load8_splat", "load16_splat", "load32_splat", "load32_zero"])
  define(load, `(v128.${load} offset=3 (i32.add (local.get $p) (i32.const 30)))`);
define("select", `(select ${A} ${B} (i32.eqz (local.get $p)))`);
define("select of the other", `(select ${A} ${B} (local.get $p))`);

const functions = Object.values(expressions)
  .map(
    (expression, i) => `(func (export "f${i}") (local $x v128) (local $y v128) (local $p i32) (local $to i32)
      (local.set $x ${C}) (local.set $y ${B}) (local.set $to (i32.const 64))
      (v128.store (i32.const 80) ${expression})
      (local.set $x ${C}) (local.set $y ${B})
      (v128.store (local.get $to) ${expression}))`,
  )
  .join("\n");
const text = `(module (memory (export "memory") 1) (data (i32.const 0) "${data}") ${functions})`;

test("fused vector instructions compute what the platform's do", () => {
  const results = (["platform", "interpreter"] as const).map((engine) => {
    const runtime = new Runtime({ engine });
    const { exports } = runtime.instantiateSync(runtime.compileSync(text));
    return Object.keys(expressions).map((name, i) => {
      exports[`f${i}`]();
      return [name, Buffer.from(new Uint8Array(exports.memory.buffer, 64, 32)).toString("hex")];
    });
  });
  expect(Object.fromEntries(results[1])).toEqual(Object.fromEntries(results[0]));
});

test("vectors at the end of a memory, and beyond it", () => {
  const runtime = new Runtime({ engine: "interpreter" });
  const { exports } = runtime.instantiateSync(
    runtime.compileSync(`(module (memory (export "memory") 1)
      (func (export "load") (param i32) (result i32)
        (i32x4.extract_lane 3 (v128.load offset=16 (local.get 0))))
      (func (export "store") (param i32 i32)
        (v128.store offset=16 (i32.add (local.get 0) (i32.const 16)) (i32x4.splat (local.get 1))))
      (func (export "sum") (param i32 i32) (result i32)
        (i32x4.extract_lane 0 (v128.load offset=4 (i32.add (local.get 0) (local.get 1))))))`),
  );
  const end = 65536;
  exports.store(end - 48, 0x01020304);
  expect(exports.load(end - 32)).toBe(0x01020304);
  expect(exports.sum(end - 40, 20)).toBe(0x01020304);
  for (const call of [
    () => exports.load(end - 31),
    () => exports.load(-16),
    () => exports.load(0x7fffffff),
    () => exports.store(end - 47, 1),
    () => exports.sum(end, -18),
    () => exports.sum(-1, 0),
  ])
    expect(call).toThrow("out of bounds");
  expect(exports.load(end - 32)).toBe(0x01020304);
});

test("arithmetic with a vector in memory traps at its load or store, and stores nothing", () => {
  const source = `(module (memory (export "memory") 1)
    (func (export "product") (param i32) (result i32)
      (i32x4.extract_lane 3 (f32x4.mul (f32x4.splat (f32.const 2)) (v128.load offset=16 (local.get 0)))))
    (func (export "productAt") (param i32) (result i32)
      (i32x4.extract_lane 3 (f32x4.mul (f32x4.splat (f32.const 2)) (v128.load offset=4 (i32.add (local.get 0) (i32.const 12))))))
    (func (export "store") (param i32 f32)
      (v128.store offset=16 (local.get 0)
        (f32x4.add (f32x4.mul (f32x4.splat (local.get 1)) (f32x4.splat (f32.const 3))) (f32x4.splat (f32.const 1))))))`;
  const end = 65536;
  const outcomes = (["platform", "interpreter"] as const).map((engine) => {
    const runtime = new Runtime({ engine });
    const instance = runtime.instantiateSync(runtime.compileSync(source));
    const { exports } = instance;
    const attempt = (name: string, ...values: number[]): unknown => {
      try {
        return [exports[name](...values), instance.fuel.consumed];
      } catch (error) {
        return [(error as Trap).message, (error as Trap).frames, instance.fuel.consumed];
      }
    };
    const results: unknown[] = [];
    for (const at of [end - 32, end - 31, end - 20, end - 16, end, 0x7fffffff, -1, -16, -32]) {
      results.push(attempt("store", at, 2.5), attempt("product", at), attempt("productAt", at));
      results.push(Buffer.from(new Uint8Array(exports.memory.buffer, end - 32, 32)).toString("hex"));
    }
    return results;
  });
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect(outcomes[1][2]).toEqual([0x41880000, expect.anything()]);
});

test("scalar and vector functions call one another, and the figure of fuel is the same as on the platform", () => {
  const source = `(module
    (func $scalar (param i32) (result i32)
      (local $sum i32)
      (loop $again
        (local.set $sum (i32.add (local.get $sum) (call $vector (local.get 0))))
        (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (local.get $sum))
    (func $vector (param i32) (result i32)
      (i32.add
        (i32x4.extract_lane 2 (i32x4.mul (i32x4.splat (local.get 0)) (v128.const i32x4 1 2 3 4)))
        (if (result i32) (i32.and (local.get 0) (i32.const 1)) (then (call $leaf)) (else (i32.const 5)))))
    (func $leaf (result i32) (i32.const 7))
    (export "run" (func $scalar)))`;
  const figures = (["platform", "interpreter"] as const).map((engine) => {
    const runtime = new Runtime({ engine });
    const instance = runtime.instantiateSync(runtime.compileSync(source));
    return [instance.exports.run(50_000), instance.fuel.consumed];
  });
  expect(figures[1]).toEqual(figures[0]);
});
