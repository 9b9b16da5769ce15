import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { lacksNode26, node26 } from "../../../test/node26.ts";
import { scenarios } from "./waiting.ts";

// Timers take their time on a busy machine.
const timeout = 60_000;

describe.each(["interpreter", "compiler"] as const)("a guest that waits on the %s", (engine) => {
  for (const [name, scenario] of Object.entries(scenarios(engine))) it(name, scenario, timeout);
});

// Without the newer Node there is no platform that can suspend its WebAssembly: `npm run node26` brings it.
it.skipIf(lacksNode26)("a guest that waits on the platform engine does all of this", { timeout }, async () => {
  const script = fileURLToPath(new URL("waiting.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(node26, [script], { timeout });
  expect(JSON.parse(stdout)).toEqual([]);
});
