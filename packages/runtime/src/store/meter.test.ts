import { expect, test } from "vitest";
import { Meter } from "./meter.ts";

test("what is left can be set down, and what was granted before does not outlast it", () => {
  const meter = new Meter(5_000_000n, Number.POSITIVE_INFINITY);
  const outer = meter.enter();
  meter.charge(400_000);
  meter.leave(outer);
  meter.remaining = 1_000n;
  expect(meter.remaining).toBe(1_000n);
  expect(meter.consumed).toBe(400_000n);
  meter.enter();
  expect(() => meter.charge(1_001)).toThrow("all fuel consumed");
  expect(() => meter.refuel(meter.unspent)).toThrow("all fuel consumed");
  expect(() => meter.settle()).toThrow("all fuel consumed");
  expect(meter.consumed).toBe(401_001n);
});

test("what is left can be set up, and limits a meter that had no limit", () => {
  const meter = new Meter(undefined, Number.POSITIVE_INFINITY);
  meter.enter();
  meter.charge(7);
  meter.remaining = 10n;
  expect(meter.remaining).toBe(10n);
  meter.remaining = 3_000_000n;
  expect(meter.remaining).toBe(3_000_000n);
  expect(meter.consumed).toBe(7n);
});

test("a counter that is far below zero is filled up to a slice again", () => {
  const meter = new Meter(undefined, Number.POSITIVE_INFINITY);
  meter.enter();
  meter.charge(meter.unspent + 60_000_000);
  expect(meter.refuel(meter.unspent)).toBe(meter.slice);
  expect(meter.consumed).toBe(60_000_000n + BigInt(meter.slice));
  // More than a 32-bit counter holds, again and again.
  for (let i = 0; i < 4; i++) meter.charge(Number.MAX_SAFE_INTEGER);
  expect(meter.consumed).toBe(60_000_000n + BigInt(meter.slice) + 4n * BigInt(Number.MAX_SAFE_INTEGER));
  for (const wrong of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 1n])
    expect(() => meter.charge(wrong as number)).toThrow(TypeError);
});

test("the counter never holds more than the budget, and never less than nothing after a refill", () => {
  const meter = new Meter(10n, Number.POSITIVE_INFINITY);
  meter.slice = 5;
  meter.enter();
  meter.charge(8);
  expect(meter.refuel(meter.unspent)).toBe(2);
  meter.charge(2);
  expect(meter.unspent).toBe(0);
  expect(() => meter.charge(1)).toThrow("all fuel consumed");
  expect(() => meter.refuel(meter.unspent)).toThrow("all fuel consumed");
  expect(meter.consumed).toBe(11n);
});
