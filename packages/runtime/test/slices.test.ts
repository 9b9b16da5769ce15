import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { lacksNode26, node26 } from "../../../test/node26.ts";
import { type Outcome, runGuestsBesideServer } from "./guests-beside-a-server.ts";

const script = fileURLToPath(new URL("guests-beside-a-server.ts", import.meta.url));

function check(outcome: Outcome): void {
  expect(outcome.answered).toBeGreaterThanOrEqual(50);
  expect(outcome.codes).toEqual({ aborted: 100 });
  const all = Object.values(outcome.shares).flat();
  const mean = all.reduce((sum, share) => sum + share, 0) / all.length;
  // What each consumed for its weight; a slice more or less is a part of it.
  for (const share of all) {
    expect(share).toBeGreaterThan(mean * 0.7);
    expect(share).toBeLessThan(mean * 1.3);
  }
}

test("a hundred guests that never end leave an HTTP server its turn, and share by weight", async () => {
  const outcome = await runGuestsBesideServer(50);
  check(outcome);
}, 300_000);

// Without the newer Node there is no platform that can suspend its WebAssembly: `npm run node26` brings it.
test.skipIf(lacksNode26)(
  "the same on the platform engine",
  async () => {
    const { stdout } = await promisify(execFile)(node26, [script], { timeout: 250_000 });
    const outcome = JSON.parse(stdout) as Outcome;
    expect(outcome.engine).toBe("platform");
    check(outcome);
  },
  300_000,
);
