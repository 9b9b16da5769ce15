import { describe, expect, test } from "vitest";
import { decodeSections, moduleBytes, refusal, section, without } from "../../test/binary-module.ts";
import { I8, I32, I64, type SubType, typeName } from "../wasm/types.ts";

const types = (...contents: number[]): readonly SubType[] => decodeSections(section(1, ...contents)).types;

test("function types", () => {
  expect(types(2, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7e, 1, 0x7f)).toEqual([
    { final: true, supertypes: [], composite: { kind: "func", params: [], results: [] }, groupStart: 0, groupSize: 1 },
    {
      final: true,
      supertypes: [],
      composite: { kind: "func", params: [I32, I64], results: [I32] },
      groupStart: 1,
      groupSize: 1,
    },
  ]);
});

test("references of every form", () => {
  const [{ composite }] = types(1, 0x60, 7, 0x70, 0x6f, 0x63, 5, 0x64, 5, 0x64, 0x70, 0x71, 0x69, 0);
  expect(composite.kind === "func" && composite.params.map(typeName)).toEqual([
    "funcref",
    "externref",
    "(ref null 5)",
    "(ref 5)",
    "(ref func)",
    "nullref",
    "exnref",
  ]);
});

test("recursion groups, sub types, structs and arrays", () => {
  const list = types(2, 0x5e, 0x78, 1, 0x4e, 2, 0x50, 0, 0x5f, 2, 0x7f, 0, 0x64, 2, 1, 0x4f, 1, 1, 0x5f, 0);
  expect(list).toEqual([
    {
      final: true,
      supertypes: [],
      composite: { kind: "array", field: { storage: I8, mutable: true } },
      groupStart: 0,
      groupSize: 1,
    },
    expect.objectContaining({ final: false, supertypes: [], groupStart: 1, groupSize: 2 }),
    expect.objectContaining({ final: true, supertypes: [1], groupStart: 1, groupSize: 2 }),
  ]);
  expect(list[1].composite).toMatchObject({
    kind: "struct",
    fields: [{ storage: I32, mutable: false }, { mutable: true }],
  });
});

describe("malformed", () => {
  test.each([
    [[1, 0x40], "malformed definition type"],
    [[1, 0x60, 1, 0x76, 0], "malformed value type"],
    [[1, 0x5e, 0x7f, 2], "malformed mutability"],
    [[1, 0x5e, 0x41, 0], "malformed value type"],
    [[1, 0x60, 1, 0x63, 0x41, 0], "malformed heap type"],
    [[1, 0x60, 1, 0x63, 0x80, 0x80, 0x80, 0x80, 0x01, 0], "unknown type"],
    [[1, 0x4e, 2, 0x60, 0, 0], "unexpected end"],
    [[1, 0x60, 0xff, 0xff, 0xff, 0x7f], "too many parameters: 268435455, the limit is 1000"],
  ])("%j: %s", (contents, message) => {
    expect(refusal(moduleBytes(section(1, ...contents))).message).toContain(message);
  });
});

test.each([
  [[1, 0x60, 0, 2, 0x7f, 0x7f], "multi-value"],
  [[1, 0x60, 1, 0x7b, 0], "simd"],
  [[1, 0x60, 1, 0x6f, 0], "reference-types"],
  [[1, 0x60, 1, 0x64, 0x70, 0], "function-references"],
  [[1, 0x60, 1, 0x63, 0, 0], "function-references"],
  [[1, 0x60, 1, 0x69, 0], "exceptions"],
  [[1, 0x60, 1, 0x6e, 0], "gc"],
  [[1, 0x5f, 0], "gc"],
  [[1, 0x5e, 0x7f, 0], "gc"],
  [[1, 0x50, 0, 0x60, 0, 0], "gc"],
  [[1, 0x4e, 1, 0x60, 0, 0], "gc"],
] as const)("%j needs %s", (contents, feature) => {
  const error = refusal(moduleBytes(section(1, ...contents)), without(feature));
  expect(error.message).toContain(`needs the feature "${feature}", which is switched off`);
});

test("limits", () => {
  const many = new Array(1001).fill(0x7f);
  expect(refusal(moduleBytes(section(1, 1, 0x60, 0, 0xe9, 7, ...many))).message).toContain("too many results: 1001");
  expect(refusal(moduleBytes(section(1, 1, 0x5f, 0x91, 0x4e))).message).toContain("too many fields of a struct: 10001");
  expect(refusal(moduleBytes(section(1, 0xc1, 0x84, 0x3d))).message).toContain("too many recursion groups: 1000001");
  expect(refusal(moduleBytes(section(1, 2, 0x60, 0, 0, 0x4e, 0xc0, 0x84, 0x3d))).message).toContain(
    "too many types: 1000001",
  );
});
