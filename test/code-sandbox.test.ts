import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/* The example itself fails when a program was not held. JavaScript's interpreter is the small one; Python is run by `npm run conformance:programs`. */
it("the code sandbox holds hostile programs to every limit", { timeout: 300_000 }, () => {
  const output = execFileSync(process.execPath, ["examples/code-sandbox/main.mjs", "javascript"], {
    cwd: root,
    encoding: "utf8",
  });
  const lines = output.trim().split("\n");
  expect(lines.length).toBeGreaterThanOrEqual(9);
  expect(lines.filter((line) => line.includes("fuel-exhausted")).length).toBeGreaterThan(0);
});
