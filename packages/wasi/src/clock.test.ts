import { expect, test } from "vitest";
import { deterministicClock, systemClock } from "./clock.ts";

test("a deterministic clock begins at a fixed moment and moves by its step", () => {
  const clock = deterministicClock();
  expect([clock.realtime(), clock.realtime(), clock.monotonic()]).toEqual([
    946_684_800_001_000_000n,
    946_684_800_002_000_000n,
    3_000_000n,
  ]);
  clock.advance?.(1_000_000_000n);
  expect(clock.monotonic()).toBe(1_004_000_000n);
  const other = deterministicClock({ start: 5n, step: 2n });
  expect([other.resolution, other.realtime(), other.monotonic()]).toEqual([2n, 7n, 4n]);
});

test("the system's clock tells the host's time, as coarsely as asked", () => {
  const clock = systemClock({ resolution: 1_000_000_000n });
  expect(clock.realtime() % 1_000_000_000n).toBe(0n);
  expect(clock.monotonic() % 1_000_000_000n).toBe(0n);
  const fine = systemClock();
  const before = BigInt(Date.now()) * 1_000_000n;
  const time = fine.realtime();
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(BigInt(Date.now()) * 1_000_000n);
  expect(fine.monotonic()).toBeLessThanOrEqual(fine.monotonic());
  expect(fine.advance).toBeUndefined();
});

test("clocks that could not run are refused", () => {
  expect(() => deterministicClock({ step: 0n })).toThrow(RangeError);
  expect(() => deterministicClock({ start: -1n })).toThrow(RangeError);
  expect(() => systemClock({ resolution: 0n })).toThrow(RangeError);
});
