import { expect, test } from "vitest";
import { isClean, soak } from "./soak.ts";

test("ten seconds of random clients, servers and deaths of workers leave no context, request or descriptor", async () => {
  const report = await soak({ seconds: 10, seed: 7, clients: 4 });
  expect(report.requests).toBeGreaterThan(0);
  expect(report.injected).toBeGreaterThan(0);
  expect(report).toMatchObject({ contexts: 0, active: 0, wrong: 0, uncaught: [] });
  if (process.platform === "linux") expect(report.workers).toMatchObject({ contexts: 0, active: 0, exitCode: 0 });
  expect({ ...report, isClean: isClean(report) }).toMatchObject({ isClean: true });
}, 120_000);
