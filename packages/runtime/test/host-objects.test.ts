import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { lacksNode26, node26 } from "../../../test/node26.ts";
import { Runtime } from "../src/index.ts";
import { scenarios } from "./host-objects.ts";

const script = fileURLToPath(new URL("host-objects.ts", import.meta.url));

for (const engine of ["interpreter", "compiler"] as const)
  describe(`on the engine ${engine}`, () => {
    for (const [name, scenario] of Object.entries(scenarios)) test(name, () => scenario(new Runtime({ engine })));
  });

// The development Node's WebAssembly has no structures: `npm run node26` brings one that has.
test.skipIf(lacksNode26)("all of them on the platform engine", async () => {
  const { stdout } = await promisify(execFile)(node26, [script], { timeout: 110_000 });
  expect(JSON.parse(stdout)).toEqual([]);
});
