import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { lacksNode26, node26 } from "../../../test/node26.ts";
import { scenarios } from "./suspended-calls.ts";

const script = fileURLToPath(new URL("suspended-calls.ts", import.meta.url));

for (const [name, scenario] of Object.entries(scenarios)) test(name, scenario, 60_000);

// Without the newer Node there is no platform that can suspend its WebAssembly: `npm run node26` brings it.
test.skipIf(lacksNode26)(
  "all of them on the platform engine",
  async () => {
    const { stdout } = await promisify(execFile)(node26, [script], { timeout: 110_000 });
    expect(JSON.parse(stdout)).toEqual({ engine: "platform", failures: [] });
  },
  120_000,
);
