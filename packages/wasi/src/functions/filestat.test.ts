import { expect, test } from "vitest";
import { newTimes } from "./filestat.ts";

const [ATIM, ATIM_NOW, MTIM, MTIM_NOW] = [1, 2, 4, 8];

test("times of a guest are unsigned, and only those that its flags name are set", () => {
  // A guest's i64 reaches the function as a signed number.
  expect(newTimes(-1n, -(1n << 63n), ATIM | MTIM)).toEqual({ atim: (1n << 64n) - 1n, mtim: 1n << 63n });
  expect(newTimes(5n, 7n, ATIM)).toEqual({ atim: 5n, mtim: undefined });
  expect(newTimes(5n, 7n, MTIM)).toEqual({ atim: undefined, mtim: 7n });
  expect(newTimes(5n, 7n, ATIM_NOW | MTIM)).toEqual({ atim: "now", mtim: 7n });
  expect(newTimes(5n, 7n, MTIM_NOW)).toEqual({ atim: undefined, mtim: "now" });
});

test("a time that is both given and now, and an unknown flag, are refused", () => {
  for (const flags of [ATIM | ATIM_NOW, MTIM | MTIM_NOW, 16, -1])
    expect(() => newTimes(0n, 0n, flags)).toThrow(expect.objectContaining({ errno: "inval" }));
});
