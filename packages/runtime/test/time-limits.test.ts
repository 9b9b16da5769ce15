import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { lacksNode26, node26 } from "../../../test/node26.ts";
import { allScenarios } from "./time-limits.ts";

const script = fileURLToPath(new URL("time-limits.ts", import.meta.url));

for (const [name, scenario] of Object.entries(allScenarios)) test(name, scenario, 60_000);

// Asynchronous calls on the platform engine need a newer Node: `npm run node26` brings it.
test.skipIf(lacksNode26)(
  "all of them on a newer Node",
  async () => {
    const { stdout } = await promisify(execFile)(node26, [script], { timeout: 110_000 });
    expect((JSON.parse(stdout) as { failures: unknown }).failures).toEqual([]);
  },
  120_000,
);
