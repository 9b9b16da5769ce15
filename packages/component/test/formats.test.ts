import { CompileError } from "@wardian/runtime/internal";
import { describe, expect, it } from "vitest";
import { decodeComponent } from "../src/binary/decode.ts";
import { encodeComponent } from "../src/binary/encode.ts";
import { ComponentFeatureError } from "../src/errors.ts";
import { allComponentFeatures, type ComponentFeature } from "../src/model/features.ts";
import { parseComponent } from "../src/text/parser.ts";
import { printComponent } from "../src/text/printer.ts";
import type { ValidComponent } from "../src/types/valid.ts";
import { validateComponent } from "../src/validation/validate.ts";

const all = { componentFeatures: allComponentFeatures };

const coreTypes = `
(component $C
  (core type $sub (sub (func (param i32))))
  (core rec (type $a (struct (field (ref null $b)))) (type $b (array (mut i32))))
  (core type $M (module
    (alias outer $C $sub (type $s))
    (type $f (func (result i32)))
    (import "a" "b" (func (type $f)))
    (import "a" "m" (memory 1 2))
    (import "a" "t" (table 1 funcref))
    (import "a" "g" (global (mut i64)))
    (export "x" (func (param f64) (result f64)))))
  (import "m" (core module (type $M)))
  (import "r" (type $R (sub resource)))
  (import "i" (instance $i
    (export "t" (type $t (sub resource)))
    (export "f" (func async (param "a" (borrow $t)) (result (option (own $t)))))))
  (alias export $i "t" (type $t))
  (import "g" (func (param "own" (own $t)) (param "other" (own $R)))))`;

const imports = `
(component
  (type $flags (flags "a" "b"))
  (import "flags" (type $flags' (eq $flags)))
  (import "f" (func $f (param "p" (list (tuple u8 string))) (param "q" $flags') (result (result (option char) (error (stream u8))))))
  (type (component
    (import "a" (func (param "m" (map string (list f32 4)))))
    (export "b" (instance (export "c" (type (sub resource)))))
    (export "v" (func (result (future))))))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0)))
  (core instance $libc (instantiate $libc))
  (core func (canon lower (func $f) string-encoding=utf16
    (memory (core memory $libc "memory")) (realloc (core func $libc "realloc")))))`;

const lifted = `
(component
  (core module $m
    (func (export "dtor") (param i32))
    (func (export "f") (param i32) (result i32) (local.get 0)))
  (core instance $m (instantiate $m))
  (type $R (resource (rep i32) (dtor (core func $m "dtor"))))
  (export $R' "r" (type $R))
  (core func $new (canon resource.new $R))
  (core func $drop (canon resource.drop $R))
  (canon task.cancel (core func))
  (canon context.get i32 1 (core func))
  (canon waitable-set.new (core func $w))
  (core instance (export "new" (func $new)) (export "again" (func $m "f")))
  (func $f (export "f") (param "x" u32) (result (own $R')) (canon lift (core func $m "f")))
  (component $inner
    (import "f" (func (param "x" u32)))
    (export "g" (func 0)))
  (func $g (param "x" u32) (canon lift (core func $m "dtor")))
  (instance $x (instantiate $inner (with "f" (func $g))))
  (instance (export "g" (func $x "g")))
  (export "store" (external-id "a b") (instance $x))
  (@custom "extra" "\\00\\01 text"))`;

const texts = { "core types": coreTypes, imports, "lifted functions": lifted };

function compile(text: string): ValidComponent {
  const { component, positionAt } = parseComponent(text);
  return validateComponent(component, { ...all, positionAt });
}

function refusal(text: string): CompileError {
  try {
    compile(text);
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error("the component is valid");
}

describe.each(Object.entries(texts))("a component with %s", (_name, text) => {
  it("is valid from text and from bytes, whose bytes stay what they are", () => {
    const fromText = compile(text);
    const bytes = encodeComponent(fromText.component);
    const decoded = decodeComponent(bytes, all);
    expect([...validateComponent(decoded, all).type.exports.keys()]).toEqual([...fromText.type.exports.keys()]);
    expect(encodeComponent(decoded)).toEqual(bytes);
  });

  it("is printed so that the same definitions are read", () => {
    const bytes = encodeComponent(compile(text).component);
    const printed = printComponent(decodeComponent(bytes, all));
    expect(encodeComponent(parseComponent(printed).component), printed).toEqual(bytes);
  });

  it("is refused with a place, or is another component, when its bytes change", () => {
    const bytes = encodeComponent(compile(text).component);
    let seed = bytes.length;
    const random = (count: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * count);
    };
    let refused = 0;
    for (let i = 0; i < 1500; i++) {
      const changed = bytes.slice(0, random(10) === 0 ? 8 + random(bytes.length - 8) : bytes.length);
      for (let n = random(3); n >= 0; n--) {
        const at = Math.min(8 + random(bytes.length - 8), changed.length - 1);
        changed[at] = [random(256), 0, 0x7f, 0x80, 0xff, changed[at] ^ (1 << random(8))][random(6)];
      }
      try {
        validateComponent(decodeComponent(changed, all), all);
      } catch (error) {
        if (!(error instanceof CompileError)) throw error;
        expect(error.offset, error.message).toBeDefined();
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(500);
  });
});

describe("hostile components", () => {
  it.each<[string, string]>([
    ["components in components", `${"(component ".repeat(5000)}${")".repeat(5000)}`],
    ["instance types in instance types", `(component (type ${'(instance (export "a" '.repeat(5000)}`],
    ["value types in value types", `(component (type ${"(list ".repeat(5000)}u8${")".repeat(5000)}))`],
    [
      "value types in value types through indices",
      `(component (type (list u8)) ${Array.from({ length: 5000 }, (_, i) => `(type (list ${i}))`).join(" ")})`,
    ],
    [
      "instance types in instance types through indices",
      `(component (type (instance)) ${Array.from({ length: 5000 }, (_, i) => `(type (instance (alias outer 1 ${i} (type)) (export "a" (instance (type 0)))))`).join(" ")})`,
    ],
    [
      "value types that grow exponentially",
      `(component (type (tuple string string)) ${Array.from({ length: 60 }, (_, i) => `(type (list ${2 * i})) (type (tuple ${2 * i + 1} ${2 * i + 1}))`).join(" ")})`,
    ],
    [
      "instance types that grow exponentially",
      `(component (type (instance)) ${Array.from({ length: 60 }, (_, i) => `(type (instance (alias outer 1 ${i} (type)) (export "a" (instance (type 0))) (export "b" (instance (type 0)))))`).join(" ")})`,
    ],
    [
      "instances that grow exponentially",
      `(component (instance) ${Array.from({ length: 60 }, (_, i) => `(instance (export "a" (instance ${i})) (export "b" (instance ${i})))`).join(" ")})`,
    ],
    [
      "values that grow exponentially",
      `(component (type (tuple u8 u8)) ${Array.from({ length: 60 }, (_, i) => `(type (tuple ${i} ${i}))`).join(" ")})`,
    ],
  ])("%s are refused within a bound", (_what, text) => {
    expect(refusal(text).message).toMatch(/too deep|size|too large/);
  });

  it("of many aliases are valid in time that grows with them", () => {
    const count = 20_000;
    const text = `(component (import "r" (type (sub resource))) ${"(alias outer 0 0 (type))".repeat(count)})`;
    expect(compile(text).definitions.length).toBe(count + 1);
  });

  it("that instantiate a component with many exports many times are stopped", () => {
    const exports = Array.from({ length: 3000 }, (_, i) => `(export "t${i}" (type (sub resource)))`).join(" ");
    const instances = "(instance (instantiate 0))".repeat(10_000);
    expect(refusal(`(component (import "c" (component ${exports})) ${instances})`).message).toMatch(/types too large/);
  });
});

describe("errors", () => {
  it("of text have a line and column", () => {
    expect(refusal('(component\n  (import "a" (func))\n  (import "A" (func)))')).toMatchObject({
      position: { line: 3, column: 3 },
    });
    expect(refusal("(component\n  (core module\n    (func (result i32) (f32.const 1))))")).toMatchObject({
      position: { line: 3 },
    });
    expect(refusal("(component (func $f))").position).toEqual({ line: 1, column: 20 });
  });

  it("of bytes have the offset in the outermost component, in core modules too", () => {
    const { component } = parseComponent("(component (component (core module (func (result i32)))))");
    const bytes = encodeComponent(component);
    const decode = (): unknown => validateComponent(decodeComponent(bytes));
    expect(decode).toThrow(/type mismatch/);
    try {
      decode();
    } catch (error) {
      const { offset } = error as CompileError;
      // The core module begins behind the two preambles.
      expect(offset).toBeGreaterThan(20);
      expect(offset).toBeLessThan(bytes.length);
    }
  });

  it.each<[ComponentFeature, string]>([
    ["async", "(type (func async))"],
    ["async", "(canon task.cancel (core func))"],
    ["map", "(type (map string u8))"],
    ["implements", '(import "a" (implements "a:b/c") (instance))'],
    ["fixed-length-lists", "(type (list u8 4))"],
    ["error-context", "(type error-context)"],
    ["threads", "(canon thread.index (core func))"],
    ["memory64", "(canon context.get i64 0 (core func))"],
    ["values", '(import "v" (value u8))'],
  ])("name the feature %s that is off", (feature, definition) => {
    const { component } = parseComponent(`(component ${definition})`);
    const componentFeatures = new Set([...allComponentFeatures].filter((name) => name !== feature));
    const refusals = [
      () => validateComponent(component, { componentFeatures }),
      () =>
        validateComponent(decodeComponent(encodeComponent(component), { componentFeatures }), { componentFeatures }),
    ];
    for (const refuse of refusals) {
      expect(refuse).toThrow(ComponentFeatureError);
      expect(refuse).toThrow(`"${feature}"`);
    }
  });
});
