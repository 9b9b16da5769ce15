import { describe, expect, test } from "vitest";
import { reason } from "../../test/validation.ts";

const preamble = `
  (type $s (sub (struct (field i32) (field (mut i8)))))
  (type $t (sub $s (struct (field i32) (field (mut i8)) (field anyref))))
  (type $a (array (mut i16)))
  (type $c (array i32))
  (type $r (array (mut (ref func))))
  (type $f (func))
  (table $t 1 funcref) (memory 1) (data "x") (elem $e funcref (ref.null func))
  (elem declare func 0)`;
const inFunction = (code: string): string | undefined =>
  reason(`(module ${preamble} (func (param $s (ref null $s)) (param $a (ref null $a)) (param $any anyref) ${code}))`);
const valid = (code: string): void => expect(inFunction(code)).toBeUndefined();
const invalid = (code: string, why: RegExp): void => expect(inFunction(code)).toMatch(why);

describe("structures and arrays", () => {
  test("fields are read and written by their types", () => {
    valid("(drop (struct.get $s 0 (local.get $s)))");
    valid("(drop (struct.get_s $s 1 (local.get $s)))");
    invalid("(drop (struct.get $s 1 (local.get $s)))", /^type mismatch: i8 is packed/);
    invalid("(drop (struct.get_u $s 0 (local.get $s)))", /^type mismatch: i32 is not packed/);
    invalid("(struct.set $s 0 (local.get $s) (i32.const 1))", /^immutable field/);
    valid("(struct.set $s 1 (local.get $s) (i32.const 1))");
    invalid("(drop (struct.get $s 7 (local.get $s)))", /^unknown field 7: type 0 has 2/);
    invalid("(drop (struct.get $t 0 (local.get $s)))", /^type mismatch: expected \(ref null 1\), found \(ref null 0\)/);
    invalid("(drop (struct.new_default $f))", /^type mismatch: type 5 is no structure type/);
  });

  test("a default value is there for all but non-null references", () => {
    valid("(drop (struct.new_default $t)) (drop (struct.new_default $t))");
    invalid("(drop (array.new_default $r (i32.const 1)))", /^type mismatch: \(ref func\) has no default value/);
  });

  test("arrays are made from segments that fit", () => {
    valid("(drop (array.new_data $a 0 (i32.const 0) (i32.const 0)))");
    invalid("(drop (array.new_data $r 0 (i32.const 0) (i32.const 0)))", /^array type is not numeric or vector/);
    invalid("(drop (array.new_data $a 1 (i32.const 0) (i32.const 0)))", /^unknown data segment 1/);
    invalid(
      "(drop (array.new_elem $r $e (i32.const 0) (i32.const 0)))",
      /^type mismatch: the array holds \(ref func\)/,
    );
    invalid("(array.set $c (array.new_default $c (i32.const 1)) (i32.const 0) (i32.const 1))", /^immutable array/);
    invalid(
      "(array.copy $a $c (local.get $a) (i32.const 0) (array.new_default $c (i32.const 1)) (i32.const 0) (i32.const 1))",
      /^array types do not match: i32 is copied to i16/,
    );
  });
});

describe("casts", () => {
  test("stay within a hierarchy", () => {
    valid("(drop (ref.cast (ref $t) (local.get $any)))");
    valid("(drop (ref.test (ref null $a) (local.get $s)))");
    invalid("(drop (ref.cast (ref $f) (local.get $any)))", /^type mismatch: expected funcref, found anyref/);
    invalid("(drop (ref.test externref (local.get $any)))", /^type mismatch: expected externref/);
  });

  test("br_on_cast splits a type: one part branches, the other goes on", () => {
    valid("(block $l (result (ref $t)) (br_on_cast $l (ref null $s) (ref $t) (local.get $s)) drop unreachable) drop");
    invalid(
      "(block $l (result (ref $s)) (br_on_cast $l (ref null $t) (ref $s) (ref.null $t)) drop unreachable) drop",
      /^type mismatch: \(ref 0\) is no subtype of \(ref null 1\)/,
    );
    // Without null left over, what goes on is never null.
    valid(`(block $l (result (ref null $t))
      (br_on_cast $l (ref null $s) (ref null $t) (local.get $s)) (block (param (ref $s)) drop) unreachable) drop`);
    valid(
      "(block $l (result (ref $s)) (br_on_cast_fail $l (ref null $s) (ref null $t) (local.get $s)) drop unreachable) drop",
    );
    invalid(
      "(block $l (result (ref $s)) (br_on_cast_fail $l (ref null $s) (ref $t) (local.get $s)) drop unreachable) drop",
      /^type mismatch: the label takes \[\(ref 0\)\]/,
    );
  });

  test("br_on_null and br_on_non_null tell null apart", () => {
    valid("(block $l (br_on_null $l (local.get $s)) (block (param (ref $s)) drop))");
    valid("(block $l (result (ref $s)) (br_on_non_null $l (local.get $s)) unreachable) drop");
    invalid("(block $l (br_on_non_null $l (local.get $s)))", /^type mismatch: the label takes \[\]/);
    // A branch to a loop carries its parameters, not its results: V8 accepts this one.
    invalid(
      "(loop $l (result (ref $s)) (br_on_non_null $l (local.get $s)) unreachable) drop",
      /^type mismatch: the label takes \[\]/,
    );
  });

  test("conversions keep null", () => {
    valid("(drop (extern.convert_any (local.get $s)))");
    valid("(block (result (ref extern)) (extern.convert_any (ref.i31 (i32.const 1)))) drop");
    invalid("(block (result (ref extern)) (extern.convert_any (local.get $any))) drop", /^type mismatch/);
    valid("(block (result (ref any)) unreachable any.convert_extern) drop");
    invalid("(drop (any.convert_extern (local.get $any)))", /^type mismatch: expected externref, found anyref/);
  });
});

describe("select", () => {
  test("without a type takes numbers of one type", () => {
    invalid("(drop (select (local.get $s) (local.get $s) (i32.const 1)))", /^type mismatch: select of references/);
    invalid("(drop (select (i32.const 1) (i64.const 1) (i32.const 1)))", /^type mismatch/);
    valid("(drop (i64.eqz (select (unreachable) (i64.const 1) (i32.const 1))))");
    valid("(drop (select (result anyref) (local.get $s) (local.get $a) (i32.const 1)))");
    invalid("(drop (select (result i32 i32) (i32.const 1) (i32.const 1) (i32.const 1)))", /^invalid result arity/);
  });
});

test("functions may be referred to where something outside bodies names them", () => {
  valid("(drop (ref.func 0))");
  expect(reason("(module (func (drop (ref.func 0))))")).toMatch(/^undeclared function reference/);
  expect(reason('(module (func (export "f") (drop (ref.func 0))))')).toBeUndefined();
  expect(reason("(module (global funcref (ref.func 0)) (func (drop (ref.func 0))))")).toBeUndefined();
  expect(reason("(module (func (drop (ref.func 1))))")).toMatch(/^unknown function 1/);
});

describe("declared subtypes", () => {
  const types = "(type $s (sub (struct))) (type $t (sub $s (struct (field i32))))";
  const declared = (above: string, below: string): string | undefined =>
    reason(`(module ${types} (type $a (sub ${above})) (type $b (sub $a ${below})))`);
  const valid = (above: string, below: string): void => expect(declared(above, below)).toBeUndefined();
  const invalid = (above: string, below: string): void =>
    expect(declared(above, below)).toMatch(/^sub type 3 does not match super type 2/);

  test("functions take more and return less", () => {
    valid("(func (param (ref $t)) (result (ref $s)))", "(func (param (ref $s)) (result (ref $t)))");
    invalid("(func (param (ref $s)))", "(func (param (ref $t)))");
    invalid("(func (result (ref $t)))", "(func (result (ref $s)))");
    invalid("(func (param i32))", "(func)");
    invalid("(func (result i32))", "(func)");
    invalid("(func)", "(struct)");
  });

  test("fields that are only read may be narrower, and those that are written are equal", () => {
    valid("(struct (field (ref $s)))", "(struct (field (ref $t)) (field i32))");
    valid("(struct (field (mut (ref $s))))", "(struct (field (mut (ref $s))))");
    valid("(array (ref $s))", "(array (ref $t))");
    invalid("(struct (field (ref $t)))", "(struct (field (ref $s)))");
    invalid("(struct (field (mut (ref $s))))", "(struct (field (mut (ref $t))))");
    invalid("(struct (field (mut i32)))", "(struct (field i32))");
    invalid("(struct (field i32) (field i32))", "(struct (field i32))");
    invalid("(array (mut (ref $s)))", "(array (mut (ref $t)))");
  });

  test("null is no reference that is not null", () => {
    valid("(struct (field (ref null $s)))", "(struct (field (ref $s)))");
    invalid("(struct (field (ref $s)))", "(struct (field (ref null $s)))");
    invalid("(func (result (ref $s)))", "(func (result (ref null $s)))");
  });
});
