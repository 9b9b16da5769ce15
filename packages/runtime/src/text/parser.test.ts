import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textSamples } from "../../test/text-samples.ts";
import { decodeModule } from "../binary/decode.ts";
import { encodeModule } from "../binary/encode.ts";
import { namesOf } from "../binary/names.ts";
import { CompileError, MalformedError } from "../wasm/errors.ts";
import { allFeatures, defaultFeatures } from "../wasm/features.ts";
import type { Expression, WasmModule } from "../wasm/module.ts";
import { parseModule } from "./parser.ts";

const parse = (text: string): WasmModule => parseModule(text, allFeatures).module;

function code(text: string): number[] {
  const { bytes, start, end } = parse(text).bodies[0];
  return [...bytes.subarray(start, end)];
}

function failure(text: string): string {
  try {
    parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(CompileError);
    return (error as CompileError).message;
  }
  return "no error";
}

describe("errors name what was found, what was expected, and where", () => {
  test.each([
    ["(module\n  (func\n    (i32.foo)))", "unknown operator i32.foo, expected an instruction (at 3:6)"],
    ["(func (local.get $x))", "unknown local $x (at 1:18)"],
    ["(func (call $x))", "unknown function $x (at 1:13)"],
    ["(func (br $x))", "unknown label $x (at 1:11)"],
    ["(func block $a end $b)", "mismatching label $b (at 1:20)"],
    ["(func if $a else $b end)", "mismatching label $b (at 1:18)"],
    ["(func $a) (func $a)", "duplicate func $a (at 1:17)"],
    ["(func (param $a i32) (local $a i32))", "duplicate local $a (at 1:29)"],
    ["(type (struct (field $x i32) (field $x i32)))", "duplicate field $x (at 1:37)"],
    ["(func (i32.const 0x1_0000_0000))", "constant out of range: 0x1_0000_0000 is no i32 constant (at 1:18)"],
    ["(func (i32.load align=3))", "alignment must be a power of two, not 3 (at 1:17)"],
    ["(func (i32.load offset=x))", "unknown operator offset=x (at 1:17)"],
    ["(memory 0 (pagesize 3))", "invalid custom page size 3, expected a power of two (at 1:21)"],
    ['(func) (import "a" "b" (func))', "import after function (at 1:8)"],
    ["(type (func)) (func (type 0) (param i32))", "inline function type does not match type 0 (at 1:30)"],
    ["(func (type 3) (param i32))", "unknown type 3 (at 1:16)"],
    ["(start 0) (start 0)", "multiple start sections (at 1:11)"],
    ['(import "\\ff" "" (func))', "malformed UTF-8 encoding (at 1:9)"],
    ["(func (i32.const 1.5))", "unexpected token 1.5, expected an i32 constant (at 1:18)"],
    ["(func (f32.const 1x))", "unknown operator 1x, expected an f32 constant (at 1:18)"],
    ["(func (result i32) (param i32))", "unexpected token param, expected an instruction (at 1:21)"],
    ["(func (block $l (param $x i32)))", "unexpected token $x, expected ) (at 1:24)"],
    ["(func (v128.const i32x4 0 0 0))", "wrong number of lane literals (at 1:30)"],
    ["(func end)", "unexpected token end, expected an instruction (at 1:7)"],
    ["(func block)", "unexpected token ), expected end (at 1:12)"],
    ["(func (if (i32.const 0)))", "unexpected token ), expected (then (at 1:24)"],
    ["(func (try (do) (catch_all) (delegate 0)))", "unexpected token (, expected ) (at 1:29)"],
    [
      "(tag) (func (try (do) (catch 0) (delegate 0)))",
      "unexpected token delegate, expected (catch, (catch_all or ) (at 1:34)",
    ],
    ["(tag) (func try catch 0 delegate 0)", "unexpected token delegate, expected an instruction (at 1:25)"],
    ["(module", "unexpected token: end of text, expected a module field or the end of the module (at 1:8)"],
    ["(module) x", "unknown operator x, expected the end of the text (at 1:10)"],
    ["(func nop", "unexpected token: end of text, expected ) (at 1:10)"],
    ["(@custom)", "@custom annotation: missing section name (at 1:1)"],
    ['(func (@custom "x"))', "misplaced @custom annotation (at 1:7)"],
  ])("%s", (text, message) => expect(failure(text)).toBe(message));

  test("a long literal is cut short", () => {
    expect(failure(`(func (i32.const ${"9".repeat(100_000)}))`).length).toBeLessThan(200);
  });
});

describe("code", () => {
  test("a folded instruction comes after its operands", () => {
    const expected = [0x41, 1, 0x41, 2, 0x6a, 0x1a, 0x0b];
    expect(code("(func (drop (i32.add (i32.const 1) (i32.const 2))))")).toEqual(expected);
    expect(code("(func i32.const 1 i32.const 2 i32.add drop)")).toEqual(expected);
    expect(code("(func (i32.const 1) (i32.const 2) i32.add (drop))")).toEqual(expected);
  });

  test("the label of a folded if does not stand in its condition", () => {
    expect(code("(func (block $l (if $l (br $l) (then (br $l)))))")).toEqual([
      0x02, 0x40, 0x0c, 0, 0x04, 0x40, 0x0c, 0, 0x0b, 0x0b, 0x0b,
    ]);
  });

  test("an inner label hides an outer one until its block ends", () => {
    expect(code("(func block $l block $l br $l end br $l end)")).toEqual([
      0x02, 0x40, 0x02, 0x40, 0x0c, 0, 0x0b, 0x0c, 0, 0x0b, 0x0b,
    ]);
  });

  test("a lone number before a lane is the lane's, two are memory and lane", () => {
    const head = "(memory 1) (memory 1) (func (param i32 v128) (v128.load8_lane";
    expect(code(`${head} 3 (local.get 0) (local.get 1)))`).slice(4, 9)).toEqual([0xfd, 0x54, 0, 0, 3]);
    expect(code(`${head} 1 3 (local.get 0) (local.get 1)))`).slice(4, 10)).toEqual([0xfd, 0x54, 0x40, 1, 0, 3]);
    expect(code(`${head} 1 offset=2 3 (local.get 0) (local.get 1)))`).slice(4, 10)).toEqual([
      0xfd, 0x54, 0x40, 1, 2, 3,
    ]);
  });

  test("types without a definition come behind all others, once", () => {
    const { types, functions } =
      parse(`(func (param i32)) (func (block (param i32) (result i32 i32) unreachable) drop drop)
      (func (param i32)) (type (func (result i64))) (func (result i64) (i64.const 0))`);
    expect(types.map(({ composite }) => composite.kind === "func" && composite.params.length)).toEqual([0, 1, 0, 1]);
    expect(functions).toEqual([1, 2, 1, 0]);
  });
});

test("identifiers become a name section", () => {
  const names = namesOf(
    parse(`(module $m (type $t (func)) (func $f (param $p i32) (local i32) (local $l i32) (block $b (loop) (block $c)))
      (func (@name "other name") (type $t)) (table $tab 0 funcref) (type $s (struct (field i32) (field $x i32))))`),
  );
  expect(names.module).toBe("m");
  expect([...names.functions]).toEqual([
    [0, "f"],
    [1, "other name"],
  ]);
  expect([...names.locals.get(0)!]).toEqual([
    [0, "p"],
    [2, "l"],
  ]);
  expect([...names.labels.get(0)!]).toEqual([
    [0, "b"],
    [2, "c"],
  ]);
  expect([...names.types]).toEqual([
    [0, "t"],
    [1, "s"],
  ]);
  expect([...names.fields.get(1)!]).toEqual([[1, "x"]]);
});

test("custom sections stand where their annotations say", () => {
  const { custom } =
    parse(`(module $named (@custom "last" "1") (@custom "x" (after func) "2") (@custom "y" (before first))
    (@custom "z" (before global) "3" "4") (@custom "w" (after last)))`);
  expect(custom.map(({ name, after }) => [name, after])).toEqual([
    ["y", 0],
    ["x", 3],
    ["z", 13],
    ["w", 11],
    ["name", 11],
    ["last", 11],
  ]);
});

test("branch hints become their section, offsets counted from the declarations of locals", () => {
  const { custom } = parse(
    '(func) (func (local i32) (@metadata.code.branch_hint "\\01") (if (i32.const 0) (then)) (@metadata.code.branch_hint "\\00") (br_if 0 (i32.const 0)))',
  );
  expect([...custom[0].bytes]).toEqual([1, 1, 2, 5, 1, 1, 10, 1, 0]);
});

test("a place in the code leads back to its place in the text", () => {
  const parsed = parseModule(
    "(module\n (table 1 funcref (ref.null func))\n (global i32\n  (i32.const 7))\n (func\n  (drop\n   (i32.const 1))\n  nop))",
    allFeatures,
  );
  const encoded = decodeModule(encodeModule(parsed.module), allFeatures);
  const places = ({ start, end }: Expression): string[] =>
    Array.from({ length: end - start }, (_, i) => {
      const position = parsed.positionOf(encoded, start + i);
      return `${position?.line}:${position?.column}`;
    });
  expect(places(encoded.bodies[0])).toEqual(["7:5", "7:5", "6:4", "8:3", "8:6"]);
  expect(places(encoded.globals[0].init!)).toEqual(["4:4", "4:4", "4:16"]);
  expect(places(encoded.tables[0].init!)).toEqual(["2:20", "2:20", "2:34"]);
  expect(parsed.positionOf(encoded, 8)).toBeUndefined();
});

test("sizes have 32 bits without memory64", () => {
  const narrow = new Set([...defaultFeatures].filter((feature) => feature !== "memory64"));
  expect(() => parseModule("(memory 0x1_0000_0000)", narrow)).toThrow("i32 constant out of range");
  expect(parseModule("(memory 0x1_0000_0000)", defaultFeatures).module.memories[0].min).toBe(1n << 32n);
});

describe("texts nest as deep as they like", () => {
  const depth = 100_000;
  test.each([
    ["operands", "(i32.eqz ", "(i32.const 0)", ")"],
    ["blocks", "(block ", "", ")"],
    ["conditions", "(if ", "(i32.const 0)", " (then))"],
    ["plain blocks", "loop ", "", " end"],
    ["ifs", "(if (i32.const 0) (then ", "", "))"],
    ["tries", "(try (do ", "", "))"],
    ["labels", "(block $l (br $l) ", "", ")"],
  ])("%s", (_, open, middle, close) => {
    const text = `(func ${open.repeat(depth)}${middle}${close.repeat(depth)})`;
    expect(decodeModule(encodeModule(parse(text)), allFeatures).bodies).toHaveLength(1);
  });

  test.each(["(", "(func ", "(@x (", "(;", "(func (block ", "(module (type (sub "])(
    "%j without end is an error",
    (open) => {
      expect(() => parse(open.repeat(depth))).toThrow(MalformedError);
    },
  );
});

test("texts that are cut, spliced or changed give a module or an error, never anything else", () => {
  const words = [
    "(",
    ")",
    "$x",
    "i32",
    "func",
    "(@name",
    '"',
    "0x",
    "block",
    "end",
    "(;",
    "-1",
    "nan",
    "offset=9",
    "$",
  ];
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(12),
    word: fc.constantFrom(...words),
  });
  fc.assert(
    fc.property(fc.constantFrom(...textSamples), fc.array(edit, { minLength: 1, maxLength: 4 }), (sample, edits) => {
      let text = sample;
      for (const { at, length, word } of edits) {
        const place = Math.floor(at * text.length);
        text = text.slice(0, place) + word + text.slice(place + length);
      }
      let module: WasmModule;
      try {
        module = parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(CompileError);
        expect((error as CompileError).position).toBeDefined();
        return;
      }
      encodeModule(module);
    }),
    { numRuns: 500 },
  );
});
