import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { lacksNode26, node26 } from "../../../test/node26.ts";
import { scenarios } from "./one-answer.ts";

const script = fileURLToPath(new URL("one-answer.ts", import.meta.url));

for (const [name, scenario] of Object.entries(scenarios)) test(name, async () => scenario(), 120_000);

// A platform with structures, wide addresses and suspension: `npm run node26` brings it.
test.skipIf(lacksNode26)(
  "all of them on a newer platform",
  async () => {
    const { stdout } = await promisify(execFile)(node26, [script], { timeout: 280_000 });
    expect(JSON.parse(stdout)).toEqual([]);
  },
  300_000,
);
