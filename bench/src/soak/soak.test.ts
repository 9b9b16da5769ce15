import { expect, test } from "vitest";
import { isClean, soak } from "./soak.ts";

test("two seconds of random clients and servers leave no context, no request and no descriptor", async () => {
  const report = await soak({ seconds: 2, seed: 7, clients: 8 });
  expect(report.requests).toBeGreaterThan(0);
  expect(report).toMatchObject({ contexts: 0, active: 0, uncaught: [] });
  expect(isClean(report)).toBe(true);
}, 60_000);
