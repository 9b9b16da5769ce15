import fc from "fast-check";
import { expect, test } from "vitest";
import { moduleBytes, name, section } from "../../test/binary-module.ts";
import { allFeatures } from "../wasm/features.ts";
import { decodeModule } from "./decode.ts";
import { decodeNames, encodeNames, type NameSection, namesOf } from "./names.ts";

const text = fc.string({ unit: "binary" });
const map = fc.array(fc.tuple(fc.nat(0xffffffff), text)).map((entries) => new Map(entries));
const indirect = fc.array(fc.tuple(fc.nat(0xffffffff), map), { maxLength: 4 }).map((entries) => new Map(entries));
const allNames: fc.Arbitrary<NameSection> = fc.record({
  module: fc.option(text, { nil: undefined }),
  functions: map,
  locals: indirect,
  labels: indirect,
  types: map,
  tables: map,
  memories: map,
  globals: map,
  elements: map,
  data: map,
  fields: indirect,
  tags: map,
});

test("names come back", () => {
  fc.assert(
    fc.property(allNames, (names) => {
      const bytes = encodeNames(names);
      expect(decodeNames(bytes)).toEqual(names);
      expect(encodeNames(decodeNames(bytes))).toEqual(bytes);
    }),
  );
});

test("nothing named, nothing written", () => {
  expect(encodeNames(decodeNames(new Uint8Array()))).toHaveLength(0);
});

const functions = [1, 4, 1, 0, ...name("f")];

test("subsections that are not known are passed over", () => {
  expect(decodeNames(Uint8Array.from([99, 3, 1, 2, 3, ...functions])).functions).toEqual(new Map([[0, "f"]]));
});

test.each([
  [[1], "unexpected end"],
  [[1, 9, 0], "length out of bounds"],
  [[1, 2, 0, 0], "section size mismatch"],
  [[0, 2, 1, 0xff], "malformed UTF-8 encoding"],
  [[1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f], "unexpected end"],
])("%j is malformed: %s", (bytes, message) => {
  expect(() => decodeNames(Uint8Array.from(bytes))).toThrow(message);
});

test("a module keeps the names before a fault, and loads", () => {
  const bytes = moduleBytes(section(0, ...name("name"), ...functions, 2, 1, 0xff));
  const names = namesOf(decodeModule(bytes, allFeatures));
  expect(names.functions).toEqual(new Map([[0, "f"]]));
  expect(names.locals.size).toBe(0);
});

test("a module without a name section has no names", () => {
  expect(namesOf(decodeModule(moduleBytes(), allFeatures)).module).toBeUndefined();
});
