import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agreed } from "../../../test/agreed.ts";
import { Runtime } from "../../api/runtime.ts";
import { readImmediates, readOpcode } from "../../binary/instruction-reader.ts";
import { Reader } from "../../binary/reader.ts";
import type { Module } from "../../store/module.ts";
import { instructions } from "../../wasm/instructions.ts";
import { I64 } from "../../wasm/types.ts";
import { proposalTranslators } from "./proposals.ts";
import { Translation } from "./translate.ts";

/** Structures with fields of every storage type, read, written, made of values and of nothing. */
const structures = `(module
  (type $all (struct (field $i8 (mut i8)) (field $i16 (mut i16)) (field $i32 (mut i32)) (field $i64 (mut i64)) (field $f32 (mut f32))
    (field $f64 (mut f64)) (field $v (mut v128)) (field $r (mut anyref)) (field $last i64)))
  (global $g (mut (ref null $all)) (struct.new_default $all))
  (func $make (export "make") (param i32 i64 f32 f64) (result i64)
    (global.set $g (struct.new $all (local.get 0) (local.get 0) (local.get 0) (local.get 1) (local.get 2) (local.get 3)
      (i64x2.splat (local.get 1)) (ref.i31 (local.get 0)) (i64.add (local.get 1) (i64.const 1))))
    (call $sum))
  (func $sum (export "sum") (result i64) (local $s (ref null $all))
    (local.set $s (global.get $g))
    (i64.add
      (i64.add
        (i64.extend_i32_s (i32.add
          (i32.add (struct.get_s $all $i8 (local.get $s)) (i32.mul (struct.get_u $all $i8 (local.get $s)) (i32.const 3)))
          (i32.add (i32.add (struct.get_s $all $i16 (local.get $s)) (i32.mul (struct.get_u $all $i16 (local.get $s)) (i32.const 5)))
            (struct.get $all $i32 (local.get $s)))))
        (i64.xor (struct.get $all $i64 (local.get $s)) (i64.rotl (struct.get $all $last (local.get $s)) (i64.const 7))))
      (i64.add
        (i64.extend_i32_s (i32.reinterpret_f32 (struct.get $all $f32 (local.get $s))))
        (i64.add (i64.reinterpret_f64 (struct.get $all $f64 (local.get $s)))
          (i64x2.extract_lane 1 (struct.get $all $v (local.get $s)))))))
  (func (export "write") (param i32 i64 f32 f64) (result i64)
    (struct.set $all $i8 (global.get $g) (i32.add (local.get 0) (i32.const 1)))
    (struct.set $all $i16 (global.get $g) (i32.mul (local.get 0) (i32.const 77)))
    (struct.set $all $i32 (global.get $g) (i32.div_s (i32.const 1000) (local.get 0)))
    (struct.set $all $i64 (global.get $g) (i64.add (struct.get $all $i64 (global.get $g)) (local.get 1)))
    (struct.set $all $f32 (global.get $g) (f32.neg (local.get 2)))
    (struct.set $all $f64 (global.get $g) (f64.neg (local.get 3)))
    (struct.set $all $v (global.get $g) (i64x2.replace_lane 1 (struct.get $all $v (global.get $g)) (local.get 1)))
    (struct.set $all $r (global.get $g) (global.get $g))
    (call $sum))
  (func (export "kept bits") (param i64 i32) (result i64 i32) (local $s (ref $all))
    (local.set $s (struct.new_default $all))
    (struct.set $all $f64 (local.get $s) (f64.reinterpret_i64 (local.get 0)))
    (struct.set $all $f32 (local.get $s) (f32.reinterpret_i32 (local.get 1)))
    (i64.reinterpret_f64 (struct.get $all $f64 (local.get $s)))
    (i32.reinterpret_f32 (struct.get $all $f32 (local.get $s))))
  (func (export "order") (param i32) (result i32) (local $s (ref null $all))
    ;; The value is evaluated first, and traps before the structure does.
    (struct.set $all $i32 (local.get $s) (i32.div_s (i32.const 1) (local.get 0)))
    (i32.const 0))
  (func (export "value before") (param i32) (result i32) (local $s (ref $all)) (local $before i32)
    (local.set $s (struct.new_default $all))
    (struct.get $all $i32 (local.get $s))
    (struct.set $all $i32 (local.get $s) (local.get 0))
    (i32.mul (i32.const 100) (struct.get $all $i32 (local.get $s)))
    i32.add)
  (func (export "null") (result i64) (struct.get $all $i64 (ref.null $all))))`;

/** Arrays of every storage type: `name` and how an element is made of an i64 and becomes one again. */
const kinds: readonly (readonly [name: string, storage: string, make: string, get: string, back: string])[] = [
  ["i8 signed", "i8", "i32.wrap_i64", "array.get_s", "i64.extend_i32_s"],
  ["i8", "i8", "i32.wrap_i64", "array.get_u", "i64.extend_i32_s"],
  ["i16 signed", "i16", "i32.wrap_i64", "array.get_s", "i64.extend_i32_s"],
  ["i16", "i16", "i32.wrap_i64", "array.get_u", "i64.extend_i32_s"],
  ["i32", "i32", "i32.wrap_i64", "array.get", "i64.extend_i32_s"],
  ["i64", "i64", "", "array.get", ""],
  ["f32", "f32", "(f32.reinterpret_i32 (i32.wrap_i64", "array.get", "i64.extend_i32_s (i32.reinterpret_f32"],
  ["f64", "f64", "f64.reinterpret_i64", "array.get", "i64.reinterpret_f64"],
  ["v128", "v128", "i64x2.splat", "array.get", "i64x2.extract_lane 1"],
  ["i31ref", "i31ref", "(ref.i31 (i32.wrap_i64", "array.get", "i64.extend_i32_s (i31.get_s"],
  [
    "externref",
    "externref",
    "(extern.convert_any (ref.i31 (i32.wrap_i64",
    "array.get",
    "i64.extend_i32_s (i31.get_u (ref.cast i31ref (any.convert_extern",
  ],
];

function wrap(start: string, inner: string): string {
  const text = start === "" ? inner : `${start.startsWith("(") ? "" : "("}${start} ${inner})`;
  return text + ")".repeat(Math.max(0, text.split("(").length - text.split(")").length));
}

const arraysOf = (storage: string, make: string, get: string, back: string): string => {
  const element = (value: string): string => wrap(make, value);
  const number = (array: string, index: string): string => wrap(back, `(${get} $a ${array} ${index})`);
  const nine = "(drop (call $make (i64.const -7) (i32.const 9)))";
  return `(module (type $a (array (mut ${storage})))
    (global $g (mut (ref null $a)) (ref.null $a))
    (func $hash (param $a (ref null $a)) (result i64) (local $i i32) (local $sum i64)
      (block $done (loop $next
        (br_if $done (i32.ge_u (local.get $i) (array.len (local.get $a))))
        (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31)) ${number("(local.get $a)", "(local.get $i)")}))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
      (local.get $sum))
    (func $make (export "new") (param i64 i32) (result i64)
      (global.set $g (array.new $a ${element("(local.get 0)")} (local.get 1)))
      (call $hash (global.get $g)))
    (func (export "fixed") (param i64) (result i64)
      (global.set $g (array.new_fixed $a 3 ${element("(local.get 0)")} ${element("(i64.const 5)")} ${element("(i64.mul (local.get 0) (i64.const 3))")}))
      (call $hash (global.get $g)))
    (func (export "get") (param i32) (result i64) ${nine} ${number("(global.get $g)", "(local.get 0)")})
    (func (export "set") (param i64 i32) (result i64) ${nine}
      (array.set $a (global.get $g) (local.get 1) ${element("(local.get 0)")})
      (call $hash (global.get $g)))
    (func (export "fill") (param i64 i32 i32) (result i64) ${nine}
      (array.fill $a (global.get $g) (local.get 1) ${element("(local.get 0)")} (local.get 2))
      (call $hash (global.get $g)))
    (func (export "copy") (param i32 i32 i32) (result i64) ${nine}
      (array.set $a (global.get $g) (i32.const 3) ${element("(i64.const 11)")})
      (array.copy $a $a (global.get $g) (local.get 0) (global.get $g) (local.get 1) (local.get 2))
      (call $hash (global.get $g)))
    (func (export "copy from") (param i64 i32 i32) (result i64) ${nine}
      (array.copy $a $a (global.get $g) (local.get 1) (array.new $a ${element("(local.get 0)")} (i32.const 4)) (i32.const 1) (local.get 2))
      (call $hash (global.get $g)))
    (func (export "null") (param i32) (result i64) (local $null (ref null $a))
      (block $4 (block $3 (block $2 (block $1 (block $0 (br_table $0 $1 $2 $3 $4 (local.get 0)))
        (return ${number("(local.get $null)", "(i32.const 0)")}))
        (array.set $a (local.get $null) (i32.const 0) ${element("(i64.const 3)")}) (return (i64.const 0)))
        (return (call $hash (local.get $null))))
        (array.fill $a (local.get $null) (i32.const 0) ${element("(i64.const 3)")} (i32.const 0)) (return (i64.const 0)))
      ${nine}
      (array.copy $a $a (global.get $g) (i32.const 0) (local.get $null) (i32.const 0) (i32.const 0)) (i64.const 0)))`;
};

/** Elements from segments. */
const segments = `(module
  (type $bytes (array (mut i8)))
  (type $longs (array (mut i64)))
  (type $doubles (array (mut f64)))
  (type $funcs (array (mut funcref)))
  (type $f (func (result i32)))
  (data $d "\\01\\02\\03\\04\\05\\06\\07\\08\\09\\0a\\0b\\0c\\0d\\0e\\0f\\10\\11\\12\\13\\14")
  (elem $e funcref (ref.func $one) (ref.null func) (ref.func $two))
  (elem declare func $one)
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func (export "bytes") (param i32 i32) (result i32)
    (array.get_u $bytes (array.new_data $bytes $d (local.get 0) (local.get 1)) (i32.const 1)))
  (func (export "long") (param i32) (result i64)
    (array.get $longs (array.new_data $longs $d (local.get 0) (i32.const 2)) (i32.const 1)))
  (func (export "double") (param i32) (result f64) (local $a (ref $doubles))
    (local.set $a (array.new_default $doubles (i32.const 3)))
    (array.init_data $doubles $d (local.get $a) (local.get 0) (i32.const 3) (i32.const 2))
    (f64.add (array.get $doubles (local.get $a) (i32.const 0)) (array.get $doubles (local.get $a) (i32.const 1))))
  (func (export "element") (param i32 i32) (result i32)
    (call_ref $f (ref.cast (ref $f) (array.get $funcs (array.new_elem $funcs $e (local.get 0) (local.get 1)) (i32.const 0)))))
  (func (export "init") (param i32 i32) (result i32) (local $a (ref $funcs))
    (local.set $a (array.new_default $funcs (i32.const 4)))
    (array.init_elem $funcs $e (local.get $a) (local.get 0) (i32.const 1) (local.get 1))
    (call_ref $f (ref.cast (ref null $f) (array.get $funcs (local.get $a) (i32.const 2)))))
  (func (export "drop") (result i32) (data.drop $d) (elem.drop $e)
    (array.len (array.new_data $bytes $d (i32.const 0) (i32.const 0)))))`;

/** Casts between all that there is: what `at` gives for each number is cast to every type. */
const casts = `(module
  (type $top (sub (struct (field i32))))
  (type $middle (sub $top (struct (field i32) (field i32))))
  (type $bottom (sub final $middle (struct (field i32) (field i32) (field i64))))
  (type $other (sub $top (struct (field i32) (field f64))))
  (type $array (array i32))
  (type $f (sub (func (result i32))))
  (type $g (sub final $f (func (result i32))))
  (elem declare func $fn $gn)
  (func $fn (type $f) (i32.const 1))
  (func $gn (type $g) (i32.const 2))
  (func $at (param i32) (result anyref)
    (block $7 (block $6 (block $5 (block $4 (block $3 (block $2 (block $1 (block $0
      (br_table $0 $1 $2 $3 $4 $5 $6 $7 (local.get 0)))
      (return (ref.null none)))
      (return (ref.i31 (i32.const -5))))
      (return (struct.new $top (i32.const 10))))
      (return (struct.new $middle (i32.const 20) (i32.const 21))))
      (return (struct.new $bottom (i32.const 30) (i32.const 31) (i64.const 32))))
      (return (struct.new $other (i32.const 40) (f64.const 41))))
      (return (array.new_fixed $array 1 (i32.const 50))))
    (any.convert_extern (extern.convert_any (struct.new $middle (i32.const 60) (i32.const 61)))))
  (func (export "test") (param i32) (result i32) (local $x anyref) (local $t (ref null $top))
    (local.set $x (call $at (local.get 0)))
    (if (ref.test (ref null $top) (local.get $x)) (then (local.set $t (ref.cast (ref null $top) (local.get $x)))))
    (i32.or (i32.or (i32.or
      (ref.test (ref $top) (local.get $x))
      (i32.shl (ref.test (ref null $top) (local.get $x)) (i32.const 1)))
      (i32.or (i32.shl (ref.test (ref $bottom) (local.get $t)) (i32.const 2))
      (i32.shl (ref.test (ref null $bottom) (local.get $t)) (i32.const 3))))
      (i32.or (i32.or
      (i32.shl (ref.test (ref $middle) (local.get $t)) (i32.const 4))
      (i32.shl (ref.test (ref null $middle) (local.get $x)) (i32.const 5)))
      (i32.or (i32.or (i32.shl (ref.test i31ref (local.get $x)) (i32.const 6))
      (i32.shl (ref.test (ref eq) (local.get $x)) (i32.const 7)))
      (i32.or (i32.or (i32.shl (ref.test structref (local.get $x)) (i32.const 8)) (i32.shl (ref.test arrayref (local.get $t)) (i32.const 9)))
      (i32.or (i32.shl (ref.test nullref (local.get $x)) (i32.const 10)) (i32.shl (ref.test (ref $array) (local.get $x)) (i32.const 11))))))))
  (func (export "cast top") (param i32) (result i32) (struct.get $top 0 (ref.cast (ref $top) (call $at (local.get 0)))))
  (func (export "cast null top") (param i32) (result i32) (struct.get $top 0 (ref.cast (ref null $top) (call $at (local.get 0)))))
  (func (export "cast middle") (param i32) (result i32) (struct.get $middle 1 (ref.cast (ref $middle) (call $at (local.get 0)))))
  (func (export "cast bottom") (param i32) (result i64)
    (struct.get $bottom 2 (ref.cast (ref $bottom) (ref.cast (ref null $top) (call $at (local.get 0))))))
  (func (export "cast array") (param i32) (result i32) (array.get $array (ref.cast (ref $array) (call $at (local.get 0))) (i32.const 0)))
  (func (export "cast i31") (param i32) (result i32)
    (i32.add (i31.get_s (ref.cast i31ref (call $at (local.get 0)))) (i31.get_u (ref.cast (ref i31) (call $at (local.get 0))))))
  (func (export "up") (param i32) (result i32)
    (struct.get $top 0 (ref.cast (ref $top) (ref.cast (ref null $middle) (call $at (local.get 0))))))
  (func (export "branch") (param i32) (result i32) (local $x anyref)
    (local.set $x (call $at (local.get 0)))
    (block $middle (result (ref $middle))
      (block $null (result anyref)
        (block $i31 (result (ref i31))
          (br_on_cast $middle anyref (ref $middle) (local.get $x))
          (br_on_cast_fail $null anyref (ref i31)))
        (return (i31.get_s)))
      (return (i32.add (ref.test (ref $top)) (i32.const 1000))))
    (struct.get $middle 1))
  (func (export "carried") (param i32) (result i32) (local $i i32)
    ;; The branch carries more than the reference, to a loop as well.
    (block $done (result i32 (ref null $top))
      (i32.const 7) (ref.null $bottom)
      (loop $next (param i32 (ref null $top)) (result i32 (ref null $top))
        drop
        (i32.const 3) i32.add
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_on_cast $done anyref (ref null $top) (call $at (i32.add (local.get 0) (local.get $i))))
        drop (ref.null $top)
        (br_if $next (i32.lt_u (local.get $i) (i32.const 9)))))
    drop)
  (func (export "function") (param i32) (result i32) (local $f funcref)
    (if (local.get 0) (then (local.set $f (ref.func $gn))) (else (local.set $f (ref.func $fn))))
    (i32.add (i32.mul (i32.const 10) (ref.test (ref $g) (local.get $f))) (call_ref $f (ref.cast (ref null $f) (local.get $f)))))
  (func (export "cast function") (param i32) (result i32)
    (call_ref $g (ref.cast (ref $g) (select (result (ref $f)) (ref.func $gn) (ref.func $fn) (local.get 0)))))
  (func (export "tail") (param i32) (result i32)
    (return_call_ref $f (select (result (ref null $f)) (ref.func $gn) (ref.null $f) (local.get 0))))
  (func (export "equal") (param i32 i32) (result i32)
    (ref.eq (ref.cast eqref (call $at (local.get 0))) (ref.cast eqref (call $at (local.get 1)))))
  (func (export "null branches") (param i32) (result i32)
    (block $null
      (block $some (result (ref any))
        (br_on_non_null $some (call $at (local.get 0)))
        (return (i32.const 1)))
      (return (i32.add (ref.test (ref $top) (br_on_null $null (ref.cast anyref))) (i32.const 2))))
    (i32.const 3))
  (func (export "as non null") (param i32) (result i32) (ref.is_null (ref.as_non_null (call $at (local.get 0))))))`;

/** Every atomic instruction but those that wait, on a memory that is shared and one that is not. */
const atomics = (memory: string): string => {
  const functions = instructions
    .filter(({ opcode, name }) => opcode >>> 12 === 0xfe && !name.includes("wait") && !name.includes("fence"))
    .map(({ name, params, results }) => {
      const [, ...operands] = params!;
      const gives = results!.length === 0 ? "" : results![0] === I64 ? "i64" : "i32";
      const type = operands.map((code) => (code === I64 ? "i64" : "i32"));
      const call = `(${name} offset=8 (local.get 0) ${type.map((_, i) => `(local.get ${i + 1})`).join(" ")})`;
      const value = gives === "" ? `${call} (i64.const 0)` : gives === "i64" ? call : `(i64.extend_i32_s ${call})`;
      return `(func (export "${name}") (param i32 ${type.join(" ")}) (result i64 i64)
        (i64.store (i32.const 8) (i64.const 0x8182838485868788)) (i64.store (i32.const 16) (i64.const -2)) (atomic.fence)
        ${value} (i64.add (i64.load (i32.const 8)) (i64.mul (i64.load (i32.const 16)) (i64.const 3))))`;
    });
  return `(module ${memory} ${functions.join("\n")})`;
};

const wide = `(module
  (func (export "add") (param i64 i64 i64 i64) (result i64 i64) (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "sub") (param i64 i64 i64 i64) (result i64 i64) (i64.sub128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "signed") (param i64 i64) (result i64 i64) (i64.mul_wide_s (local.get 0) (local.get 1)))
  (func (export "unsigned") (param i64 i64) (result i64 i64) (i64.mul_wide_u (local.get 0) (local.get 1))))`;

const everything = [
  structures,
  ...kinds.map(([, ...kind]) => arraysOf(...kind)),
  segments,
  casts,
  atomics("(memory 1 1 shared)"),
  wide,
];

const compile = (source: string): Module =>
  new Runtime({ features: { threads: true, "wide-arithmetic": true } }).compileSync(source);

describe("further proposals on the compiler", () => {
  it("are translated, every instruction of them but those that wait", () => {
    const missing = new Set(
      instructions
        .filter(({ feature }) => ["gc", "function-references", "threads", "wide-arithmetic"].includes(feature ?? ""))
        .map(({ name }) => name),
    );
    for (const { valid } of everything.map(compile)) {
      const { bodies, importCounts } = valid.module;
      bodies.forEach((body, i) => {
        // An instruction without a translation throws.
        new Translation(valid, importCounts.func + i, {
          depth: true,
          alone: false,
          parts: proposalTranslators,
        }).translate();
        const reader = new Reader(body.bytes, body.start, body.end);
        while (reader.pos < reader.end) {
          const instruction = readOpcode(reader);
          readImmediates(reader, instruction);
          missing.delete(instruction.name);
        }
      });
    }
    expect([...missing]).toEqual(["memory.atomic.wait32", "memory.atomic.wait64"]);
  });

  it("read and write fields of every storage type", () => {
    for (const args of [
      [-3, -5n, 1.5, -2.5],
      [200, 0x123456789abcdefn, Number.NaN, Number.NaN],
      [70_000, -1n << 63n, -0, Number.POSITIVE_INFINITY],
    ]) {
      agreed(structures, "make", args);
      agreed(structures, "write", args);
    }
    agreed(structures, "sum", []);
    const signalling = agreed(structures, "kept bits", [0x7ff0_0000_0000_0001n, 0x7f80_0001]).value;
    expect(signalling).toEqual([0x7ff0_0000_0000_0001n, 0x7f80_0001]);
    agreed(structures, "kept bits", [-1n, -1]);
    expect(agreed(structures, "value before", [4]).value).toBe(400);
  });

  it("trap as on the interpreter where there is no structure", () => {
    expect(agreed(structures, "null", []).value).toMatchObject({ trap: "null-reference" });
    expect(agreed(structures, "order", [0]).value).toMatchObject({ trap: "integer-divide-by-zero" });
    expect(agreed(structures, "order", [1]).value).toMatchObject({ trap: "null-reference" });
    agreed(structures, "write", [0, 1n, 0, 0]);
  });

  it.each(kinds)("have arrays of %s", (_, ...kind) => {
    const source = arraysOf(...kind);
    for (const value of [-1n, 0x8081_8283_8485_8687n, 0x7ff0_0000_0000_0001n, 0x7f80_0001n]) {
      agreed(source, "new", [value, 7]);
      agreed(source, "fixed", [value]);
      agreed(source, "set", [value, 8]);
      agreed(source, "fill", [value, 2, 5]);
      agreed(source, "copy from", [value, 6, 3]);
    }
    agreed(source, "new", [5n, 0]);
    agreed(source, "new", [5n, 100]);
    agreed(source, "copy", [1, 3, 4]);
    agreed(source, "copy", [5, 2, 4]);
    expect(agreed(source, "new", [0n, -1]).value).toMatchObject({ trap: "allocation-size-too-large" });
    const outside = { trap: "out-of-bounds-array" };
    for (const index of [0, 8, 9, 10, -1, 0x7fffffff, -0x80000000, 0x40000000]) {
      const isInside = index >= 0 && index < 9;
      const results = [agreed(source, "get", [index]), agreed(source, "set", [5n, index])];
      for (const { value } of results)
        expect(value).toEqual(isInside ? expect.any(BigInt) : expect.objectContaining(outside));
      for (const [name, ...args] of [
        ["fill", 5n, index, 1],
        ["fill", 5n, 9, index],
        ["copy", index, 0, 1],
        ["copy", 0, index, 1],
        ["copy", 0, 0, index],
        ["copy from", 5n, index, 0],
        ["copy from", 5n, 0, index],
      ] as const)
        agreed(source, name, args);
    }
    for (let which = 0; which < 5; which++)
      expect(agreed(source, "null", [which]).value).toMatchObject({ trap: "null-reference" });
    // What is paid for a length is looked at where the interpreter looks.
    for (let fuel = 120n; fuel < 200n; fuel += 9n) {
      agreed(source, "fill", [1n, 0, 9], { fuel });
      agreed(source, "new", [1n, 50], { fuel });
    }
  });

  it("take elements from segments", () => {
    for (const [at, length] of [
      [0, 2],
      [18, 2],
      [19, 2],
      [0, 20],
      [0, 21],
      [-1, 1],
      [0, -1],
    ]) {
      agreed(segments, "bytes", [at, length]);
      agreed(segments, "element", [at, length]);
      agreed(segments, "init", [at, length]);
    }
    expect(agreed(segments, "element", [2, 1]).value).toBe(2);
    expect(agreed(segments, "init", [1, 2]).value).toBe(2);
    for (const at of [0, 1, 2, 3, 4, 5, -1]) {
      agreed(segments, "long", [at]);
      agreed(segments, "double", [at]);
    }
    expect(agreed(segments, "long", [1]).value).toBe(0x11100f0e0d0c0b0an);
    agreed(segments, "drop", []);
  });

  it("cast, and branch on casts, between all types", () => {
    const casting = compile(casts).exports.map(({ name }) => name);
    for (const name of casting) {
      for (let which = 0; which < 9; which++) {
        if (name === "equal") for (let other = 0; other < 8; other++) agreed(casts, name, [which, other]);
        else agreed(casts, name, [which]);
      }
    }
    expect(agreed(casts, "cast bottom", [4]).value).toBe(32n);
    expect(agreed(casts, "cast top", [0]).value).toMatchObject({ trap: "cast-failure" });
    expect(agreed(casts, "cast null top", [0]).value).toMatchObject({ trap: "null-reference" });
    expect(agreed(casts, "function", [1]).value).toBe(12);
  });

  it.each(["(memory 1 1 shared)", "(memory 1)", "(memory i64 1)"])("have atomics on %s", (memory) => {
    const source = atomics(memory).replaceAll(
      memory.includes("i64") ? /param i32|i32.const (?=8|16)/g : /$^/g,
      (text) => text.replace("i32", "i64"),
    );
    const isWide = memory.includes("i64");
    for (const { name } of compile(source).exports) {
      const { params } = instructions.find((instruction) => instruction.name === name)!;
      const operands = params!.slice(1);
      for (const value of isWide ? [5] : [5, 0x85868788 | 0]) {
        const args = operands.map((type) => (type === I64 ? 0x8182_8384_8586_8788n + BigInt(value - 5) : value));
        for (const address of [0, 2, 8, 65_528, -8]) {
          // The stores of the function itself go to 8 and 16.
          agreed(source, name, [isWide ? BigInt(address) : address, ...args]);
        }
      }
    }
  });

  it("have wide arithmetic", () => {
    const run = (name: string, args: readonly bigint[]): [bigint, bigint] => {
      const [low, high] = agreed(wide, name, args).value as [bigint, bigint];
      return [BigInt.asUintN(64, low), high];
    };
    const word = fc.oneof(
      fc.bigInt({ min: -1n << 63n, max: (1n << 63n) - 1n }),
      fc.constantFrom(0n, 1n, -1n, -1n << 63n),
    );
    fc.assert(
      fc.property(word, word, word, word, (a, b, c, d) => {
        const join = (low: bigint, high: bigint): bigint => (high << 64n) | BigInt.asUintN(64, low);
        const split = (x: bigint): [bigint, bigint] => [BigInt.asUintN(64, x), BigInt.asIntN(64, x >> 64n)];
        expect(run("add", [a, b, c, d])).toEqual(split(join(a, b) + join(c, d)));
        expect(run("sub", [a, b, c, d])).toEqual(split(join(a, b) - join(c, d)));
        expect(run("signed", [a, b])).toEqual(split(a * b));
        expect(run("unsigned", [a, b])).toEqual(split(BigInt.asUintN(64, a) * BigInt.asUintN(64, b)));
      }),
    );
  });
});
