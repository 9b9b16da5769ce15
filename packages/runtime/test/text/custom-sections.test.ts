import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeModule } from "../../src/binary/decode.ts";
import { encodeModule } from "../../src/binary/encode.ts";
import { decodeNames } from "../../src/binary/names.ts";
import { decodeProducers } from "../../src/binary/producers.ts";
import { parseModule } from "../../src/text/parser.ts";
import { printModule } from "../../src/text/printer.ts";
import { allFeatures } from "../../src/wasm/features.ts";
import { type CustomSection, SECTION_ORDER } from "../../src/wasm/module.ts";

const assemble = (text: string): Uint8Array => encodeModule(parseModule(text, allFeatures).module);
const printed = (bytes: Uint8Array, style: "folded" | "flat"): string =>
  printModule(decodeModule(bytes, allFeatures), { style });

/** A module with every section, so that a custom one can stand behind each. */
const everySection = assemble(`(module $m
  (type $t (func (param i32))) (import "a" "b" (func $i (type $t))) (func $f (type $t) (local $x i64)
    (@metadata.code.branch_hint "\\01") (if (local.get 0) (then (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)))))
  (table $tab 1 funcref) (memory $mem 1) (tag $tag (param i32)) (global $g i32 (i32.const 1)) (export "e" (func $f)) (start $s)
  (func $s) (elem $el (i32.const 0) func $f) (data $d "x"))`);

const rank = ({ after }: CustomSection): number => SECTION_ORDER.indexOf(after);

/** Names as the format allows them: any text that has a UTF-8 form. */
const name = fc
  .string({ unit: "grapheme", maxLength: 12 })
  .filter((text) => text !== "name" && !text.startsWith("metadata.code"));

const custom = fc.record({
  name: fc.oneof(name, fc.constantFrom("producers", "target_features", "linking", "a b", '"', "$", "(@x", "\n")),
  bytes: fc.uint8Array({ maxLength: 40 }),
  after: fc.constantFrom(0, ...SECTION_ORDER),
});

test("custom sections of any name and content, anywhere, come back to their bytes", () => {
  const module = decodeModule(everySection, allFeatures);
  fc.assert(
    fc.property(
      fc.array(custom, { maxLength: 6 }),
      fc.constantFrom("folded" as const, "flat" as const),
      (more, style) => {
        const sections = [...module.custom, ...more].sort((a, b) => rank(a) - rank(b));
        const bytes = encodeModule({ ...module, custom: sections });
        const decoded = decodeModule(bytes, allFeatures);
        expect(decoded.custom.map(({ name }) => name)).toEqual(sections.map(({ name }) => name));
        expect(encodeModule(decoded)).toEqual(bytes);
        expect(assemble(printed(bytes, style))).toEqual(bytes);
      },
    ),
    { numRuns: 300 },
  );
});

test("custom annotations, names, hints and producers stand in the bytes, and in what is printed of them", () => {
  const producers = "\\01\\0cprocessed-by\\01\\05clang\\0218";
  const text = `(module $m
    (@custom "first" (before first) "\\00\\ff")
    (@custom "producers" (after code) "${producers}")
    (@custom "last" "l") (type (func))
    (func (@name "a name \\22of its own\\22") (param $p i32)
      (@metadata.code.branch_hint "\\00") (br_if 0 (local.get $p))))`;
  const bytes = assemble(text);
  const module = decodeModule(bytes, allFeatures);
  expect(module.custom.map(({ name, after }) => [name, after])).toEqual([
    ["first", 0],
    ["metadata.code.branch_hint", 3],
    ["producers", 10],
    ["name", 10],
    ["last", 10],
  ]);
  const named = (wanted: string): Uint8Array => module.custom.find(({ name }) => name === wanted)?.bytes as Uint8Array;
  expect(decodeProducers(named("producers"))).toEqual([{ field: "processed-by", name: "clang", version: "18" }]);
  expect(decodeNames(named("name")).functions.get(0)).toBe('a name "of its own"');
  for (const style of ["folded", "flat"] as const) {
    expect(printed(bytes, style)).toContain('(@custom "metadata.code.branch_hint" (after func)');
    expect(assemble(printed(bytes, style))).toEqual(bytes);
  }
});
