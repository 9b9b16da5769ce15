import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textSamples } from "../../test/text-samples.ts";
import { decodeModule } from "../binary/decode.ts";
import { encodeModule } from "../binary/encode.ts";
import { encodeNames, noNames } from "../binary/names.ts";
import { validateModule } from "../validation/validate.ts";
import { CompileError } from "../wasm/errors.ts";
import { allFeatures } from "../wasm/features.ts";
import type { CustomSection, WasmModule } from "../wasm/module.ts";
import { parseModule } from "./parser.ts";
import { printModule } from "./printer.ts";

const assemble = (text: string): Uint8Array => encodeModule(parseModule(text, allFeatures).module);
const decode = (bytes: Uint8Array): WasmModule => decodeModule(bytes, allFeatures);

describe.each(["folded", "flat"] as const)("in %s style", (style) => {
  test.each(textSamples.map((text, i) => [i, text]))("sample %i comes back to its bytes", (_, text) => {
    const bytes = assemble(text as string);
    expect(assemble(printModule(decode(bytes), { style }))).toEqual(bytes);
  });

  /** A module with names and other custom sections in this order behind its code. */
  function withSections(names: Uint8Array, order: readonly string[]): Uint8Array {
    const module = decode(assemble("(func) (func (param i32 i32))"));
    const custom = order.map(
      (name): CustomSection => ({ name, bytes: name === "name" ? names : new Uint8Array(3), after: 10 }),
    );
    return encodeModule({ ...module, custom });
  }

  const some = encodeNames({ ...noNames(), functions: new Map([[1, "f"]]) });
  const duplicates = encodeNames({
    ...noNames(),
    module: "",
    functions: new Map([
      [0, "same"],
      [1, "same"],
    ]),
    locals: new Map([
      [
        1,
        new Map([
          [0, ""],
          [1, "$ )"],
        ]),
      ],
    ]),
  });
  const beyond = encodeNames({ ...noNames(), functions: new Map([[9, "nothing"]]), types: new Map([[0, "t"]]) });
  const broken = Uint8Array.of(1, 5, 1);

  test.each([
    ["alone", some, ["name"]],
    ["before others", some, ["name", "producers", "target_features"]],
    ["behind others", some, ["linking", "name"]],
    ["between others", some, ["linking", "name", "producers"]],
    ["twice", some, ["name", "name"]],
    ["of things that share them or have none", duplicates, ["name"]],
    ["of things that there are not", beyond, ["name"]],
    ["that are no names", broken, ["name", "producers"]],
  ])("names %s come back to their bytes", (_, names, order) => {
    const bytes = withSections(names, order);
    expect(assemble(printModule(decode(bytes), { style }))).toEqual(bytes);
  });

  test("a count of data segments that no code needs comes back", () => {
    const bytes = encodeModule({ ...decode(assemble('(memory 1) (data "x")')), dataCount: 1 });
    expect(assemble(printModule(decode(bytes), { style }))).toEqual(bytes);
  });

  test("code as deep as a function can hold is printed", () => {
    const depth = 20_000;
    const bytes = assemble(`(func ${"(block (drop (i32.eqz ".repeat(depth)}(i32.const 0)${"))) ".repeat(depth)})`);
    expect(assemble(printModule(decode(bytes), { style }))).toEqual(bytes);
  });
});

test("the two styles", () => {
  const module = decode(
    assemble(`(func $f (param $n i32) (result i32)
      (block $out (result i32)
        (br_if $out (i32.const 1) (i32.eqz (local.get $n)))
        (i32.add (call $f (i32.sub (local.get $n) (i32.const 1))) (i32.const 2))))`),
  );
  expect(printModule(module, { style: "folded" })).toBe(`(module
  (type (;0;) (func (param i32) (result i32)))
  (func $f (;0;) (type 0) (param $n i32) (result i32)
    (block $out (result i32)
      (br_if $out (i32.const 1) (i32.eqz (local.get $n)))
      (i32.add (call $f (i32.sub (local.get $n) (i32.const 1))) (i32.const 2)))))
`);
  expect(printModule(module, { style: "flat" })).toBe(`(module
  (type (;0;) (func (param i32) (result i32)))
  (func $f (;0;) (type 0) (param $n i32) (result i32)
    block $out (result i32)
      i32.const 1
      local.get $n
      i32.eqz
      br_if $out
      local.get $n
      i32.const 1
      i32.sub
      call $f
      i32.const 2
      i32.add
    end))
`);
});

test("whatever is valid after bytes were changed is printed as a text that is read back", () => {
  const modules = textSamples.map(assemble);
  const change = fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.constantFrom(...modules), fc.array(change, { minLength: 1, maxLength: 3 }), (original, changes) => {
      const bytes = Uint8Array.from(original);
      for (const { at, byte } of changes) bytes[8 + Math.floor(at * (bytes.length - 8))] = byte;
      let module: WasmModule;
      try {
        // Where custom sections stand is told by known ones, and these may be there without contents.
        module = { ...decode(bytes), custom: [] };
        validateModule(module, allFeatures);
      } catch (error) {
        expect(error).toBeInstanceOf(CompileError);
        return;
      }
      for (const style of ["folded", "flat"] as const) {
        const text = printModule(module, { style });
        expect(printModule(decode(assemble(text)), { style })).toBe(text);
      }
    }),
    { numRuns: 500 },
  );
});

test("a branch past a block with the same label is printed by depth", () => {
  const text = printModule(decode(assemble("(func block $l block $l br 1 br 0 end end)")), { style: "flat" });
  expect(text).toContain("br 1\n");
  expect(text).toContain("br $l\n");
});

test("code that does not follow the grammar is an error at its offset", () => {
  const module = decode(assemble("(func nop nop)"));
  const body = { ...module.bodies[0], bytes: Uint8Array.of(0x05, 0x0b), start: 0, end: 2 };
  expect(() => printModule({ ...module, bodies: [body] }, { style: "flat" })).toThrow(
    "unexpected else (at offset 0x0)",
  );
});
