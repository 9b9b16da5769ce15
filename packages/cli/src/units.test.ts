import { describe, expect, test } from "vitest";
import {
  formatCount,
  formatDuration,
  formatSize,
  parseCount,
  parseDuration,
  parseFuel,
  parseSize,
  plural,
} from "./units.ts";

test.each([
  ["250ms", 250],
  ["2s", 2000],
  ["2", 2000],
  ["0.5s", 500],
  ["1m", 60_000],
  ["1h", 3_600_000],
])("%s is %i ms", (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

test.each([
  ["1024", 1024],
  ["64MiB", 67_108_864],
  ["64 mib", 67_108_864],
  ["10MB", 10_000_000],
  ["512K", 524_288],
  ["1.5GiB", 1_610_612_736],
  ["1_000B", 1000],
])("%s is %i bytes", (text, bytes) => expect(parseSize(text)).toBe(bytes));

test("fuel and counts", () => {
  expect(parseFuel("50_000_000")).toBe(50_000_000n);
  expect(parseFuel("123456789012345678901")).toBe(123456789012345678901n);
  expect(parseCount("1_000")).toBe(1000);
});

describe("nonsense", () => {
  test.each(["", "s", "-1s", "1d", "1e3", "two", "5constructor", "1valueOf"])("duration %j", (text) =>
    expect(() => parseDuration(text)).toThrow(),
  );
  test.each(["", "MiB", "-1", "1PB", "1constructor", "1tostring"])("size %j", (text) =>
    expect(() => parseSize(text)).toThrow(),
  );
  test.each(["", "1.5", "-1", "_1", "1n"])("fuel %j", (text) => expect(() => parseFuel(text)).toThrow());
  test("a count beyond numbers", () => expect(() => parseCount("9007199254740993")).toThrow());
});

test("what is printed", () => {
  expect([0, 1023, 1024, 1536, 67_108_864, 3 * 1024 ** 4].map(formatSize)).toEqual([
    "0 B",
    "1023 B",
    "1 KiB",
    "1.5 KiB",
    "64 MiB",
    "3072 GiB",
  ]);
  expect([0.84, 12.3, 250, 2500].map(formatDuration)).toEqual(["0.8 ms", "12 ms", "250 ms", "2.50 s"]);
  expect([1, 1234, 1234567n].map(formatCount)).toEqual(["1", "1,234", "1,234,567"]);
  expect([plural(0, "import"), plural(1, "import"), plural(2, "memory", "memories")]).toEqual([
    "0 imports",
    "1 import",
    "2 memories",
  ]);
});
