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
  meter.charge(1_001);
  expect(() => meter.refuel(meter.unspent)).toThrow("all fuel consumed");
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
