import { expect, test } from "vitest";
import { findLoops, LIMIT, measureLoop } from "../../../../../scripts/loop-bytecode.mjs";

test.each(Object.values(findLoops()))("$name is small enough to be optimised", (loop) => {
  const length = measureLoop(loop);
  expect(length).toBeGreaterThan(30_000);
  expect(length).toBeLessThan(LIMIT);
});
