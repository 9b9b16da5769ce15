import { describe, expect, test } from "vitest";
import { without } from "../../test/binary-module.ts";
import { reason } from "../../test/validation.ts";
import type { FeatureSet } from "../wasm/features.ts";

const types = "(type $pair (func (result i32 i64))) (type $swap (func (param i32 i64) (result i64 i32)))";
const inFunction = (code: string, features?: FeatureSet): string | undefined =>
  reason(`(module ${types} (tag $e (param i32)) (table $t 1 funcref) (func $f ${code}))`, features);
const valid = (code: string): void => expect(inFunction(code)).toBeUndefined();
const invalid = (code: string, why: RegExp): void => expect(inFunction(code)).toMatch(why);

describe("blocks", () => {
  test("take their parameters from the stack and leave their results", () => {
    valid("i32.const 1 i64.const 2 (block (type $swap) drop drop i64.const 1 i32.const 2) drop drop");
    invalid("i32.const 1 (block (type $swap) unreachable) drop drop", /^type mismatch/);
    invalid("(block (result i32) i32.const 1 i32.const 2) drop", /^type mismatch: \[i32\] left on the stack/);
    invalid("(block (type 9) unreachable)", /^unknown type 9/);
  });

  test("an if without else must leave what it took", () => {
    valid(
      "i32.const 1 (if (param i32) (result i32) (i32.const 1) (then)) drop".replace(
        "(i32.const 1) (then)",
        "(i32.const 1) (then)",
      ),
    );
    invalid(
      "(if (result i32) (i32.const 1) (then i32.const 1)) drop",
      /^type mismatch: an if without else leaves \[\]/,
    );
  });

  test("nest deeply without recursion", () => {
    const depth = 100_000;
    valid("block ".repeat(depth) + "end ".repeat(depth));
  });
});

describe("branches", () => {
  test("take what their label takes: a loop's parameters, the results of others", () => {
    valid("(loop (result i32) (br 0))  drop");
    invalid("(block (result i32) (br 0)) drop", /^type mismatch/);
    valid("(block (result i32) (br_if 0 (i32.const 1) (i32.const 0))) drop");
    invalid("br 1", /^unknown label 1/);
  });

  test("br_if leaves the label's types on the stack, not those it found", () => {
    const code =
      "(block (result anyref) (br_if 0 (ref.i31 (i32.const 1)) (i32.const 0)) (ref.test i31ref) drop unreachable)";
    valid(`${code} drop`);
    invalid(
      "(block (result anyref) (br_if 0 (ref.i31 (i32.const 1)) (i32.const 0)) i31.get_s drop unreachable) drop",
      /^type mismatch/,
    );
  });

  test("the labels of br_table agree in number, and each in its types", () => {
    valid("(block (result i32) (block (result i32) (br_table 0 1 0 (i32.const 1) (i32.const 0)))) drop");
    invalid("(block (block (result i32) (br_table 0 1 (i32.const 1) (i32.const 0))) drop)", /^type mismatch: labels/);
    invalid("(block (block (result i32) unreachable br_table 0 1) drop)", /^type mismatch: labels/);
    // In unreachable code each label finds the operands it wants.
    valid("(block (result f32) (block (result i32) unreachable br_table 0 1) drop f32.const 1) drop");
    invalid(
      "(block (result f32) (block (result i32) unreachable i32.const 1 i32.const 0 br_table 0 1) drop f32.const 1) drop",
      /^type mismatch/,
    );
  });
});

describe("calls", () => {
  test("through a table need one of functions, and a function type", () => {
    valid("(call_indirect (type $pair) (i32.const 0)) drop drop");
    invalid("(call_indirect (type 7) (i32.const 0))", /^unknown type 7/);
    expect(reason("(module (type (func)) (table 1 externref) (func (call_indirect (type 0) (i32.const 0))))")).toMatch(
      /^type mismatch: the table holds externref/,
    );
    expect(reason("(module (type (func)) (func (call_indirect (type 0) (i32.const 0))))")).toMatch(/^unknown table 0/);
    expect(reason("(module (type (struct)) (table 1 funcref) (func (call_indirect (type 0) (i32.const 0))))")).toMatch(
      /^non-function type 0/,
    );
  });

  test("that replace their caller must return what it returns", () => {
    expect(reason("(module (func $f (result i32) return_call $f))")).toBeUndefined();
    expect(reason("(module (func $f (result i32) unreachable) (func (result i64) return_call $f))")).toMatch(
      /^type mismatch: the callee returns \[i32\]/,
    );
  });
});

describe("exceptions", () => {
  test("the clauses of try_table pass on what their labels take", () => {
    valid("(block $l (result i32) (try_table (catch $e $l)) (i32.const 1)) drop");
    valid("(block $l (result i32 (ref exn)) (try_table (catch_ref $e $l)) unreachable) drop drop");
    invalid("(block $l (try_table (catch $e $l)))", /^type mismatch: the catch clause passes \[i32\]/);
    invalid("(block $l (try_table (catch_all_ref $l)))", /^type mismatch: the catch clause/);
    invalid("(try_table (catch 5 0))", /^unknown tag 5/);
  });

  test("clauses count their labels from outside", () => {
    valid("(try_table (catch_all 0))");
    invalid("(try_table (catch_all 1))", /^unknown label 1/);
  });

  test("the older form: catch, catch_all, rethrow, delegate", () => {
    valid("try throw $e catch 0 drop catch_all rethrow 0 end".replace("throw $e", "i32.const 1 throw $e"));
    valid("try try nop delegate 0 catch_all end");
    valid("try nop delegate 0");
    invalid("try rethrow 0 catch_all end", /^invalid rethrow label 0/);
    invalid("try catch 0 end", /^type mismatch: \[i32\] left/);
    invalid("try nop delegate 1", /^unknown label 1/);
  });
});

test("instructions of a feature that is switched off are refused by its name", () => {
  const off = (code: string, feature: Parameters<typeof without>[0]): void =>
    expect(inFunction(code, without(feature))).toMatch(
      new RegExp(`needs the feature "${feature}", which is switched off$`),
    );
  off("return_call $f", "tail-call");
  off("(drop (i32.extend8_s (i32.const 1)))", "sign-extension");
  off("(drop (i32.trunc_sat_f32_s (f32.const 1)))", "nontrapping-float-to-int");
  off("(drop (i8x16.splat (i32.const 1)))", "simd");
  off("(drop (ref.i31 (i32.const 1)))", "gc");
  off("(drop (ref.null any))", "gc");
  off("(drop (ref.null $pair))", "function-references");
  off("(block (result (ref null $pair)) unreachable) drop", "function-references");
  off("atomic.fence", "threads");
  off("try catch_all end", "legacy-exceptions");
  off("unreachable i64.add128 drop drop", "wide-arithmetic");
  off("i32.const 1 (block (param i32) drop)", "multi-value");
  off("(drop (table.size $t))", "reference-types");
});
