import { expect, test } from "vitest";
import { FUNCREF, I32, I64 } from "../../src/wasm/types.ts";
import { decodeSections, moduleBytes, name, refusal, section, without } from "../binary-module.ts";

test("functions and tags are type indices", () => {
  expect(decodeSections(section(13, 2, 0, 0, 0, 7)).tags).toEqual([0, 7]);
  const module = decodeSections(section(3, 2, 5, 6), section(10, 2, 2, 0, 0x0b, 2, 0, 0x0b));
  expect(module.functions).toEqual([5, 6]);
});

test("tables, with an initial value and without", () => {
  const [plain, filled] = decodeSections(section(4, 2, 0x70, 1, 2, 3, 0x40, 0, 0x70, 0, 4, 0xd0, 0x70, 0x0b)).tables;
  expect(plain).toEqual({ type: { element: FUNCREF, min: 2n, max: 3n, address: I32 }, init: undefined });
  expect(filled.type.min).toBe(4n);
  expect(filled.init!.end - filled.init!.start).toBe(3);
});

test("memories with every flag", () => {
  const module = decodeSections(section(5, 3, 0, 1, 7, 1, 0x80, 0x80, 0x80, 0x80, 0x10, 8, 9, 0));
  expect(module.memories).toEqual([
    { min: 1n, max: undefined, address: I32, shared: false, pageSizeLog2: 16 },
    { min: 1n, max: 2n ** 32n, address: I64, shared: true, pageSizeLog2: 16 },
    { min: 9n, max: undefined, address: I32, shared: false, pageSizeLog2: 0 },
  ]);
});

test("globals with their initial values", () => {
  const [global] = decodeSections(section(6, 1, 0x7f, 1, 0x41, 0xc0, 0, 0x0b)).globals;
  expect(global.type).toEqual({ type: I32, mutable: true });
  expect([...global.init!.bytes.subarray(global.init!.start, global.init!.end)]).toEqual([0x41, 0xc0, 0, 0x0b]);
});

test("the end of an initial value is that of its outermost block", () => {
  const [global] = decodeSections(section(6, 1, 0x7f, 0, 0x02, 0x40, 0x0b, 0x41, 0, 0x0b)).globals;
  expect(global.init!.end - global.init!.start).toBe(6);
});

test("exports of every kind", () => {
  const list = [0, 1, 2, 3, 4].flatMap((kind) => [...name(`e${kind}`), kind, 9]);
  expect(decodeSections(section(7, 5, ...list)).exports).toEqual([
    { name: "e0", kind: "func", index: 9 },
    { name: "e1", kind: "table", index: 9 },
    { name: "e2", kind: "memory", index: 9 },
    { name: "e3", kind: "global", index: 9 },
    { name: "e4", kind: "tag", index: 9 },
  ]);
});

test.each([
  [section(4, 1, 0x40, 1, 0x70, 0, 1), "zero byte expected (in the table section"],
  [section(4, 1, 0x7f, 0, 1), "malformed reference type (in the table section"],
  [section(5, 1, 0x20, 1), "malformed limits flags (in the memory section"],
  [section(5, 1, 8, 1, 65), "invalid custom page size (in the memory section"],
  [section(6, 1, 0x7f, 0, 0x41, 0), "unexpected end (in the global section"],
  [section(6, 1, 0x7f, 0, 0xff, 0x0b), "illegal opcode 0xff (in the global section"],
  [section(7, 1, ...name("x"), 5, 0), "malformed export kind (in the export section"],
  [section(13, 1, 1, 0), "malformed tag attribute (in the tag section"],
  [section(13, 2, 0, 0), "unexpected end (in the tag section"],
])("%j: %s", (contents, message) => {
  expect(refusal(moduleBytes(contents)).message).toContain(message);
});

test.each([
  [[section(4, 2, 0x70, 0, 0, 0x70, 0, 0)], "reference-types"],
  [[section(4, 1, 0x40, 0, 0x70, 0, 0, 0xd0, 0x70, 0x0b)], "function-references"],
  [[section(4, 1, 0x70, 4, 0)], "memory64"],
  [[section(5, 2, 0, 0, 0, 0)], "multi-memory"],
  [[section(6, 1, 0x7f, 1, 0x41, 0, 0x0b), section(7, 1, ...name("g"), 3, 0)], "mutable-globals"],
] as const)("%j needs %s", (sections, feature) => {
  expect(refusal(moduleBytes(...sections), without(feature)).message).toContain(`needs the feature "${feature}"`);
});

test.each([
  [3, [0xc1, 0x84, 0x3d], "too many functions: 1000001, the limit is 1000000"],
  [4, [0xa1, 0x8d, 0x06], "too many tables: 100001, the limit is 100000"],
  [5, [101], "too many memories: 101, the limit is 100"],
  [6, [0xc1, 0x84, 0x3d], "too many globals: 1000001"],
  [7, [0xc1, 0x84, 0x3d], "too many exports: 1000001"],
  [13, [0xc1, 0x84, 0x3d], "too many tags: 1000001"],
])("section %i ends at its limit", (id, contents, message) => {
  expect(refusal(moduleBytes(section(id, ...contents))).message).toContain(message);
});
