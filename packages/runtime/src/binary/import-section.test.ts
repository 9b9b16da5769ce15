import { expect, test } from "vitest";
import { decodeSections, moduleBytes, name, refusal, section, without } from "../../test/binary-module.ts";
import { EXTERNREF, FUNCREF, I32, I64 } from "../wasm/types.ts";

const item = (kind: number, ...description: number[]): number[] => [...name("m"), ...name("x"), kind, ...description];

test("imports of every kind come first in their index spaces", () => {
  const module = decodeSections(
    section(1, 1, 0x60, 0, 0),
    section(
      2,
      7,
      ...item(0, 0),
      ...item(1, 0x70, 0, 1),
      ...item(2, 1, 1, 2),
      ...item(3, 0x7e, 1),
      ...item(4, 0, 0),
      ...item(0, 0),
      ...item(1, 0x6f, 5, 1, 2),
    ),
    section(6, 1, 0x7f, 0, 0x41, 7, 0x0b),
  );
  expect(module.imports.map(({ kind, index }) => `${kind} ${index}`)).toEqual([
    "func 0",
    "table 0",
    "memory 0",
    "global 0",
    "tag 0",
    "func 1",
    "table 1",
  ]);
  expect(module.importCounts).toEqual({ func: 2, table: 2, memory: 1, global: 1, tag: 1 });
  expect(module.functions).toEqual([0, 0]);
  expect(module.tables.map(({ type }) => type)).toEqual([
    { element: FUNCREF, min: 1n, max: undefined, address: I32 },
    { element: EXTERNREF, min: 1n, max: 2n, address: I64 },
  ]);
  expect(module.memories).toEqual([{ min: 1n, max: 2n, address: I32, shared: false, pageSizeLog2: 16 }]);
  expect(module.globals[0]).toEqual({ type: { type: I64, mutable: true }, init: undefined });
  expect(module.globals).toHaveLength(2);
  expect(module.tags).toEqual([0]);
});

test.each([
  [item(5, 0), "malformed import kind"],
  [item(3, 0x7f, 2), "malformed mutability"],
  [item(4, 1, 0), "malformed tag attribute"],
  [item(1, 0x7f, 0, 0), "malformed reference type"],
  [item(1, 0x70, 2, 0), "malformed limits flags"],
  [item(2, 0x10, 0), "malformed limits flags"],
  [[1, 0xff, 0], "malformed UTF-8 encoding"],
  [[9, 0x61], "length out of bounds"],
])("%j: %s", (contents, message) => {
  expect(refusal(moduleBytes(section(2, 1, ...contents))).message).toContain(`${message} (in the import section`);
});

test.each([
  [[1, ...item(3, 0x7f, 1)], "mutable-globals"],
  [[2, ...item(2, 0, 1), ...item(2, 0, 1)], "multi-memory"],
  [[2, ...item(1, 0x70, 0, 1), ...item(1, 0x70, 0, 1)], "reference-types"],
  [[1, ...item(2, 4, 1)], "memory64"],
  [[1, ...item(2, 3, 1, 1)], "threads"],
  [[1, ...item(2, 8, 1, 0)], "custom-page-sizes"],
] as const)("%j needs %s", (contents, feature) => {
  const error = refusal(moduleBytes(section(2, ...contents)), without(feature));
  expect(error.message).toContain(`needs the feature "${feature}"`);
});

test("a tag needs exceptions of either kind", () => {
  const bytes = moduleBytes(section(2, 1, ...item(4, 0, 0)));
  expect(refusal(bytes, without("exceptions", "legacy-exceptions")).message).toContain('"exceptions"');
  expect(() => refusal(bytes, without("exceptions"))).toThrow("was accepted");
});

test("memories end at a hundred", () => {
  const many = Array.from({ length: 101 }, () => item(2, 0, 0)).flat();
  expect(refusal(moduleBytes(section(2, 101, ...many))).message).toContain("too many memories: the limit is 100");
});
