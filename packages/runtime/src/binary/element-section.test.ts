import { expect, test } from "vitest";
import { decodeSections, moduleBytes, refusal, section, without } from "../../test/binary-module.ts";
import type { ElementSegment } from "../wasm/module.ts";
import { typeName } from "../wasm/types.ts";

const zero = [0x41, 0, 0x0b];
const segment = (...contents: number[]): ElementSegment => decodeSections(section(9, 1, ...contents)).elements[0];

test.each([
  [[0, ...zero, 2, 5, 6], "active", 0, "functions", "(ref func)"],
  [[1, 0, 2, 5, 6], "passive", 0, "functions", "(ref func)"],
  [[2, 3, ...zero, 0, 2, 5, 6], "active", 3, "functions", "(ref func)"],
  [[3, 0, 2, 5, 6], "declarative", 0, "functions", "(ref func)"],
  [[4, ...zero, 2, 0xd2, 5, 0x0b, 0xd0, 0x70, 0x0b], "active", 0, "expressions", "funcref"],
  [[5, 0x6f, 2, 0xd0, 0x6f, 0x0b, 0xd0, 0x6f, 0x0b], "passive", 0, "expressions", "externref"],
  [[6, 3, ...zero, 0x64, 7, 2, 0xd2, 5, 0x0b, 0xd2, 6, 0x0b], "active", 3, "expressions", "(ref 7)"],
  [[6, 0, ...zero, 0x64, 7, 2, 0xd2, 5, 0x0b, 0xd2, 6, 0x0b], "active", 0, "expressions", "(ref 7)"],
  [[7, 0x70, 2, 0xd2, 5, 0x0b, 0xd2, 6, 0x0b], "declarative", 0, "expressions", "funcref"],
])("%j", (contents, mode, table, kind, type) => {
  const result = segment(...contents);
  expect(result).toMatchObject({ mode, table, kind });
  expect(typeName(result.type)).toBe(type);
  expect(result.items).toHaveLength(2);
  expect(result.offset === undefined).toBe(mode !== "active");
});

test.each([
  [[8, 0], "malformed elements segment kind"],
  [[1, 1, 0], "malformed element kind"],
  [[5, 0x7f, 0], "malformed reference type"],
  [[0, 0x41, 0], "unexpected end"],
  [[0, ...zero, 3, 0], "length out of bounds"],
  [[5, 0x70, 1, 0xf3, 0, 0x0b], "illegal opcode 0xf3"],
])("%j: %s", (contents, message) => {
  expect(refusal(moduleBytes(section(9, 1, ...contents))).message).toContain(`${message} (in the element section`);
});

test("segments that are not active in the first table came with bulk memory", () => {
  const bytes = moduleBytes(section(9, 1, 1, 0, 0));
  expect(refusal(bytes, without("bulk-memory")).message).toContain('needs the feature "bulk-memory"');
});
