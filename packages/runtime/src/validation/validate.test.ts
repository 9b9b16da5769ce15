import { describe, expect, test } from "vitest";
import { moduleBytes, section, without } from "../../test/binary-module.ts";
import { reason, refusal, validateText } from "../../test/validation.ts";

describe("types", () => {
  test("are known up to the end of their group", () => {
    expect(reason("(module (type (func (param (ref 1)))) (type (func)))")).toMatch(/^unknown type 1/);
    expect(reason("(module (rec (type (func (param (ref 1)))) (type (func))))")).toBeUndefined();
    expect(reason("(module (type (sub 0 (func))))")).toMatch(/^unknown type 0/);
  });

  test("match their supertype", () => {
    const sub = (above: string, below: string): string | undefined =>
      reason(`(module (type $a (sub ${above})) (type $b (sub $a ${below})))`);
    expect(sub("(struct (field anyref))", "(struct (field eqref) (field i32))")).toBeUndefined();
    expect(sub("(struct (field (mut anyref)))", "(struct (field (mut eqref)))")).toBe(
      "sub type 1 does not match super type 0",
    );
    expect(sub("(func (param eqref) (result anyref))", "(func (param anyref) (result i31ref))")).toBeUndefined();
    expect(sub("(func (param anyref))", "(func (param eqref))")).toMatch(/^sub type 1/);
    expect(sub("(array i8)", "(array i16)")).toMatch(/^sub type 1/);
    expect(reason("(module (type (func)) (type (sub 0 (func))))")).toMatch(/final/);
  });

  test("stand at most 63 deep", () => {
    const chain = (depth: number): string =>
      `(module (type (sub (struct)))${Array.from({ length: depth }, (_, i) => `(type (sub ${i} (struct)))`).join("")})`;
    expect(reason(chain(63))).toBeUndefined();
    expect(reason(chain(64))).toMatch(/the limit is 63/);
  });

  test("of two modules are one object when they are equal", () => {
    const text = "(module (rec (type (struct (field (ref null 1)))) (type (func (param (ref 0))))))";
    expect(validateText(text).types).toEqual(validateText(text).types);
    expect(validateText(text).types[1]).toBe(validateText(text).types[1]);
  });
});

describe("memories and tables", () => {
  test("are within what addresses reach", () => {
    expect(reason("(module (memory 65536))")).toBeUndefined();
    expect(reason("(module (memory 65537))")).toBe("memory size must be at most 65536 pages (4GiB), not 65537");
    expect(reason("(module (memory i64 0x1000000000001))")).toMatch(/^memory size must be at most 281474976710656/);
    expect(reason("(module (memory 0xffffffff (pagesize 1)))")).toBeUndefined();
    expect(reason("(module (memory 1 0))")).toMatch(/^size minimum must not be greater than maximum/);
    expect(reason("(module (memory 1 shared))")).toMatch(/^shared memory must have maximum/);
    expect(reason("(module (table i64 0xffffffffffffffff funcref))")).toBeUndefined();
  });

  test("tables of what has no default need an initial value", () => {
    expect(reason("(module (table 1 (ref func)))")).toMatch(/^type mismatch: table 0/);
    expect(reason("(module (func $f) (table 1 (ref func) (ref.func $f)))")).toBeUndefined();
    expect(reason('(module (import "" "" (table 1 (ref func))))')).toBeUndefined();
  });
});

describe("constant expressions", () => {
  const global = (init: string): string | undefined =>
    reason(`(module (import "" "" (global i32)) (global $m (mut i32) (i32.const 1)) (global i32 ${init}))`);

  test("consist of constant instructions", () => {
    expect(global("(i32.add (global.get 0) (i32.mul (i32.const 1) (i32.const 2)))")).toBeUndefined();
    expect(global("(i32.div_s (i32.const 1) (i32.const 2))")).toMatch(
      /^constant expression required: i32.div_s is not constant/,
    );
    expect(global("(global.get $m)")).toMatch(/^constant expression required: global 1 is mutable/);
    expect(global("(i64.const 1)")).toMatch(/^type mismatch/);
    expect(global("")).toMatch(/^type mismatch/);
    expect(global("i32.const 1 i32.const 1")).toMatch(/^type mismatch/);
  });

  test("read globals before them", () => {
    expect(global("(global.get 2)")).toMatch(/^unknown global 2/);
    expect(reason("(module (global i32 (i32.const 1)) (global i32 (global.get 0)))")).toBeUndefined();
    expect(reason("(module (global i32 (i32.const 1)) (global i32 (global.get 0)))", without("gc"))).toMatch(
      /^unknown global 0/,
    );
  });

  test("need extended-const for arithmetic", () => {
    expect(reason("(module (global i32 (i32.add (i32.const 1) (i32.const 2))))", without("extended-const"))).toMatch(
      /^constant expression required/,
    );
  });
});

test("exports have different names and name what there is", () => {
  expect(reason('(module (func (export "a")) (memory (export "a") 1))')).toBe('duplicate export name "a"');
  expect(reason('(module (export "a" (global 0)))')).toBe('unknown global 0: export "a" names it');
});

test("the start function takes and gives nothing", () => {
  expect(reason("(module (func (param i32)) (start 0))")).toMatch(/^start function 0/);
  expect(reason("(module (start 0))")).toMatch(/^unknown function 0/);
});

test("segments fit their memory or table", () => {
  expect(reason('(module (data (i32.const 0) "x"))')).toMatch(/^unknown memory 0/);
  expect(reason('(module (memory i64 1) (data (i32.const 0) "x"))')).toMatch(/^type mismatch: expected i64/);
  expect(reason("(module (table 1 externref) (elem (i32.const 0) funcref (ref.null func)))")).toMatch(/^type mismatch/);
  expect(reason("(module (table 1 funcref) (elem (i32.const 0) 3))")).toMatch(/^unknown function 3/);
});

test("data segments are announced before code that uses them", () => {
  const dropData = [2, 0x60, 0, 0, 0x60, 0, 0];
  const bytes = moduleBytes(
    section(1, ...dropData),
    section(3, 1, 0),
    section(10, 1, 5, 0, 0xfc, 9, 0, 0x0b),
    section(11, 1, 1, 0),
  );
  expect(reason(bytes)).toBe("data count section required");
});

test("errors outside of code name their section", () => {
  expect(refusal("(module (memory 65537))")).toMatchObject({ section: "memory", offset: 10 });
});
