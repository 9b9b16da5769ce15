import { describe, expect, test } from "vitest";
import { reason } from "../../test/validation.ts";

const preamble = `
  (memory $m 1) (memory $n i64 1) (data $d "x")
  (table $t 1 funcref) (table $u i64 1 funcref) (table $x 1 externref) (elem $e funcref (ref.null func))`;
const inFunction = (code: string): string | undefined => reason(`(module ${preamble} (func ${code}))`);
const valid = (code: string): void => expect(inFunction(code)).toBeUndefined();
const invalid = (code: string, why: RegExp): void => expect(inFunction(code)).toMatch(why);

describe("addresses", () => {
  test("have the type of the memory or table", () => {
    valid("(drop (i32.load $n (i64.const 0)))");
    invalid("(drop (i32.load $n (i32.const 0)))", /^type mismatch: expected i64, found i32/);
    valid("(drop (memory.grow $n (i64.const 1)))");
    valid("(drop (table.get $u (i64.const 0)))");
    invalid("(drop (i32.load 2 (i32.const 0)))", /^unknown memory 2/);
  });

  test("a copy is as long as the smaller address type says", () => {
    valid("(memory.copy $m $n (i32.const 0) (i64.const 0) (i32.const 0))");
    valid("(memory.copy $n $m (i64.const 0) (i32.const 0) (i32.const 0))");
    valid("(memory.copy $n $n (i64.const 0) (i64.const 0) (i64.const 0))");
    invalid("(memory.copy $n $m (i64.const 0) (i32.const 0) (i64.const 0))", /^type mismatch/);
    valid("(table.copy $t $u (i32.const 0) (i64.const 0) (i32.const 0))");
  });

  test("offsets stay within 32 bits where addresses do", () => {
    invalid("(drop (i32.load $m offset=0x100000000 (i32.const 0)))", /^offset out of range: 4294967296/);
    valid("(drop (i32.load $n offset=0xffffffffffffffff (i64.const 0)))");
  });

  test("alignment is at most natural, and natural for atomics", () => {
    invalid("(drop (i32.load align=8 (i32.const 0)))", /^alignment must not be larger than natural/);
    invalid("(drop (i32.atomic.load align=2 (i32.const 0)))", /^atomic alignment must be natural/);
    valid("(drop (i32.load align=1 (i32.const 0)))");
  });
});

test("segments must exist, and hold what a table holds", () => {
  valid("(memory.init $m $d (i32.const 0) (i32.const 0) (i32.const 0))");
  invalid("(memory.init $m 1 (i32.const 0) (i32.const 0) (i32.const 0))", /^unknown data segment 1/);
  invalid("(table.init $x $e (i32.const 0) (i32.const 0) (i32.const 0))", /^type mismatch: elements of funcref/);
  invalid("(table.copy $x $t (i32.const 0) (i32.const 0) (i32.const 0))", /^type mismatch: elements of funcref/);
  invalid("elem.drop 1", /^unknown elem segment 1/);
});

test("lanes are below their number", () => {
  valid("(drop (i8x16.extract_lane_s 15 (v128.const i64x2 0 0)))");
  invalid("(drop (i64x2.extract_lane 2 (v128.const i64x2 0 0)))", /^invalid lane index 2: expected less than 2/);
  invalid(
    "(drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 32 (v128.const i64x2 0 0) (v128.const i64x2 0 0)))",
    /^invalid lane index 32/,
  );
});
