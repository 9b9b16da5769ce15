import { describe, expect, it } from "vitest";
import { Runtime } from "../src/api/runtime.ts";
import { encodeModule } from "../src/binary/encode.ts";
import { featuresUsed } from "../src/binary/features-used.ts";
import { parseModule } from "../src/text/parser.ts";
import { CompileError } from "../src/wasm/errors.ts";
import { allFeatures, type Feature, featureNames } from "../src/wasm/features.ts";

/** Modules that each use one feature, in every way in which a module can come to it. */
const uses: Readonly<Record<Feature, readonly string[]>> = {
  "mutable-globals": [
    '(global (export "g") (mut i32) (i32.const 0))',
    '(import "a" "b" (global (mut i32)))',
    '(global (mut i32) (i32.const 0)) (export "g" (global 0))',
  ],
  "sign-extension": ["(func (drop (i32.extend8_s (i32.const 0))))", "(func (drop (i64.extend32_s (i64.const 0))))"],
  "nontrapping-float-to-int": [
    "(func (drop (i32.trunc_sat_f32_s (f32.const 0))))",
    "(func (drop (i64.trunc_sat_f64_u (f64.const 0))))",
  ],
  "multi-value": [
    "(func (result i32 i32) unreachable)",
    "(type (func (result i32 i32)))",
    "(func i32.const 0 (block (param i32) drop))",
    "(func (block (result i32 i32) unreachable) drop drop)",
  ],
  "bulk-memory": [
    "(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))",
    "(memory 1) (func (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)))",
    '(memory 1) (data "x") (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0)))',
    '(data "x")',
    "(table 1 funcref) (func $f) (elem func $f)",
    "(table 1 funcref) (func (table.copy (i32.const 0) (i32.const 0) (i32.const 0)))",
  ],
  "reference-types": [
    "(func (drop (ref.null func)))",
    "(table 1 externref)",
    "(table 1 funcref) (table 1 funcref)",
    "(func (param externref))",
    "(global externref (ref.null extern))",
    "(table 1 funcref) (func (drop (table.size 0)))",
    "(func (drop (select (result i32) (i32.const 0) (i32.const 0) (i32.const 0))))",
    "(elem declare func 0) (func)",
  ],
  simd: [
    "(func (drop (v128.const i32x4 0 0 0 0)))",
    "(func (param v128))",
    "(func (local v128))",
    '(import "a" "b" (global v128))',
    "(memory 1) (func (drop (v128.load (i32.const 0))))",
  ],
  "relaxed-simd": ["(func unreachable i8x16.relaxed_swizzle drop)", "(func unreachable f32x4.relaxed_madd drop)"],
  "tail-call": ["(func return_call 0)", "(table 1 funcref) (func (return_call_indirect (i32.const 0)))"],
  "extended-const": [
    "(global i32 (i32.add (i32.const 0) (i32.const 0)))",
    '(memory 1) (data (i32.mul (i32.const 0) (i32.const 0)) "x")',
    "(table 1 funcref) (elem (i32.sub (i32.const 0) (i32.const 0)))",
  ],
  "function-references": [
    "(type $t (func)) (func (param (ref $t)))",
    "(type $t (func)) (func (local (ref null $t)))",
    "(type (func)) (func unreachable call_ref 0)",
    "(func (param (ref func)))",
    "(func (param externref) (drop (ref.as_non_null (local.get 0))))",
    "(func (block (br_on_null 0 (ref.null func)) drop))",
    "(table 1 (ref func) (ref.func 0)) (func)",
    "(table 1 funcref (ref.null func))",
  ],
  gc: [
    "(type (struct))",
    "(type (array i8))",
    "(func (param anyref))",
    "(func (param i31ref))",
    "(func (param nullexternref))",
    "(table 1 eqref)",
    "(rec (type (func)) (type (func)))",
    "(type (sub (func)))",
    "(func (drop (ref.i31 (i32.const 0))))",
    "(func (param funcref) (drop (ref.cast nullfuncref (local.get 0))))",
    "(func (param externref) (drop (any.convert_extern (local.get 0))))",
    "(global i32 (i32.const 0)) (global i32 (global.get 0))",
  ],
  exceptions: [
    "(func (try_table))",
    "(func (param exnref))",
    "(func (param nullexnref))",
    "(func unreachable throw_ref)",
  ],
  "legacy-exceptions": ["(func try catch_all end)", "(func try delegate 0)", "(func try catch_all rethrow 0 end)"],
  "multi-memory": [
    "(memory 1) (memory 1)",
    "(memory 1) (memory 1) (func (drop (i32.load 1 (i32.const 0))))",
    '(import "a" "b" (memory 1)) (memory 1)',
  ],
  memory64: ["(memory i64 1)", "(table i64 1 funcref)", '(import "a" "b" (memory i64 1))'],
  threads: [
    "(memory 1 1 shared)",
    "(memory 1) (func (drop (i32.atomic.load (i32.const 0))))",
    "(memory 1) (func (drop (memory.atomic.notify (i32.const 0) (i32.const 0))))",
    "(func atomic.fence)",
  ],
  "custom-page-sizes": ["(memory 1 (pagesize 1))", '(import "a" "b" (memory 1 (pagesize 1)))'],
  "wide-arithmetic": ["(func unreachable i64.add128 drop drop)", "(func unreachable i64.mul_wide_s drop drop)"],
};

const all = Object.fromEntries(featureNames.map((name) => [name, true])) as Record<Feature, boolean>;

function refusal(features: Partial<Record<Feature, boolean>>, source: string | Uint8Array): CompileError {
  try {
    new Runtime({ features: { ...all, ...features } }).compileSync(source);
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error(`${source} was accepted`);
}

for (const feature of featureNames)
  describe(`the feature ${feature}`, () => {
    for (const use of uses[feature])
      it(use, () => {
        const text = `(module ${use})`;
        const bytes = encodeModule(parseModule(text, allFeatures).module);
        // With all features the module compiles; without this one the error names it, and the place in text and bytes.
        const on = new Runtime({ features: all });
        expect(featuresUsed(bytes)).toContain(feature);
        expect(() => [on.compileSync(text), on.compileSync(bytes)]).not.toThrow();
        const name = new RegExp(`the feature "${feature}", which is switched off`);
        const inText = refusal({ [feature]: false }, text);
        expect(inText.message).toMatch(name);
        expect(inText.position).toBeDefined();
        const inBytes = refusal({ [feature]: false }, bytes);
        expect(inBytes.message).toMatch(name);
        expect(inBytes.offset).toBeDefined();
      });
  });

describe("tags", () => {
  it.each(["(tag)", '(import "a" "b" (tag))', "(tag) (func (throw 0))"])(
    "belong to both ways of handling exceptions: %s",
    (use) => {
      const text = `(module ${use})`;
      const bytes = encodeModule(parseModule(text, allFeatures).module);
      for (const source of [text, bytes]) {
        expect(new Runtime({ features: { exceptions: false } }).validate(source)).toBe(true);
        expect(new Runtime({ features: { "legacy-exceptions": false } }).validate(source)).toBe(true);
        expect(refusal({ exceptions: false, "legacy-exceptions": false }, source).message).toMatch(
          /"exceptions", which is switched off/,
        );
      }
    },
  );
});
