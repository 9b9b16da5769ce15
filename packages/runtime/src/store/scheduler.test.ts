import { expect, test } from "vitest";
import { nextTurn, type Sliced } from "./scheduler.ts";

test("guests run in proportion to their weights, and the event loop goes on", async () => {
  const guests: (Sliced & { slices: number })[] = [1, 1, 2, 4].map((weight) => ({ weight, virtualTime: 0, slices: 0 }));
  let stopped = false;
  let ticks = 0;
  const timer = setInterval(() => {
    ticks++;
  }, 1);
  const runs = guests.map(async (guest) => {
    while (!stopped) {
      guest.slices++;
      await nextTurn(guest, 1000);
      if (guests[0].slices === 500) stopped = true;
    }
  });
  await Promise.all(runs);
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(0);
  const [one, other, two, four] = guests.map(({ slices }) => slices / 500);
  expect(one).toBe(1);
  expect(other).toBeCloseTo(1, 1);
  expect(two).toBeCloseTo(2, 1);
  expect(four).toBeCloseTo(4, 1);
});

test("a guest that leaves while others wait stops nobody, and a newcomer does not catch up", async () => {
  const old: Sliced = { weight: 1, virtualTime: 0 };
  for (let i = 0; i < 50; i++) await nextTurn(old, 1_000_000);
  const order: string[] = [];
  const young: Sliced = { weight: 1, virtualTime: 0 };
  await Promise.all([
    nextTurn(old, 10).then(() => order.push("old")),
    nextTurn(young, 1000).then(() => order.push("young")),
  ]);
  expect(order).toEqual(["old", "young"]);
});
