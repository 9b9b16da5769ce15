import { expect, test } from "vitest";
import { decodeSections, moduleBytes, refusal, section, without } from "../../test/binary-module.ts";
import { allFeatures } from "../wasm/features.ts";
import type { DataSegment } from "../wasm/module.ts";
import { decodeModule } from "./decode.ts";
import { encodeModule } from "./encode.ts";

const zero = [0x41, 0, 0x0b];

test("segments of every kind", () => {
  const { data, dataCount } = decodeSections(
    section(12, 3),
    section(11, 3, 0, ...zero, 2, 8, 9, 1, 1, 7, 2, 4, ...zero, 0),
  );
  expect(dataCount).toBe(3);
  expect(data.map(({ mode, memory, bytes }) => [mode, memory, [...bytes]])).toEqual([
    ["active", 0, [8, 9]],
    ["passive", 0, [7]],
    ["active", 4, []],
  ]);
  expect(data.map(({ offset }) => offset === undefined)).toEqual([false, true, false]);
});

test.each([
  [[1, 3, 0], "malformed data segment kind"],
  [[1, 1, 5, 0], "unexpected end of section or function"],
  [[2, 1, 0], "unexpected end"],
  [[1, 0, 0x41, 0], "unexpected end"],
])("%j: %s", (contents, message) => {
  expect(refusal(moduleBytes(section(11, ...contents))).message).toContain(`${message} (in the data section`);
});

test("what came with bulk memory", () => {
  const off = without("bulk-memory");
  expect(refusal(moduleBytes(section(11, 1, 1, 0)), off).message).toContain('needs the feature "bulk-memory"');
  expect(refusal(moduleBytes(section(12, 0)), off).message).toContain(
    'a data count section needs the feature "bulk-memory"',
  );
});

test("a hundred thousand segments load and one more does not", () => {
  const empty: DataSegment = { mode: "passive", memory: 0, offset: undefined, bytes: new Uint8Array() };
  const module = { ...decodeSections(), data: new Array<DataSegment>(100_000).fill(empty) };
  expect(decodeModule(encodeModule(module), allFeatures).data).toHaveLength(100_000);
  expect(refusal(moduleBytes(section(11, 0xa1, 0x8d, 0x06))).message).toContain("too many data segments: 100001");
  expect(refusal(moduleBytes(section(12, 0xa1, 0x8d, 0x06))).message).toContain("too many data segments: 100001");
});
