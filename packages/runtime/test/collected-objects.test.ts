import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { lacksNode26, node26 } from "../../../test/node26.ts";
import { scenarios } from "./collected-objects.ts";

const script = fileURLToPath(new URL("collected-objects.ts", import.meta.url));

for (const engine of ["interpreter", "compiler"] as const)
  describe(`the collector frees, on the engine ${engine},`, () => {
    for (const [name, scenario] of Object.entries(scenarios))
      test(name, { timeout: 120_000 }, async () => {
        expect(await scenario(engine)).toBe(0);
      });
  });

// The development Node's WebAssembly has no structures: `npm run node26` brings one that has.
test.skipIf(lacksNode26)("all of them on the platform engine", { timeout: 120_000 }, async () => {
  const { stdout } = await promisify(execFile)(node26, [script], { timeout: 110_000 });
  const stayed = Object.values(JSON.parse(stdout) as Record<string, number>);
  expect(stayed).toEqual(Object.keys(scenarios).map(() => 0));
});
