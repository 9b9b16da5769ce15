import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { findLanguage, root } from "../scripts/places.mjs";
import { lacks } from "./needs.ts";
import { lacksNode26, node26 } from "./node26.ts";

/** Runs the same programs in new sandboxes and in warm ones, and prints what came of them. */
const COMPARE = `
  import { keepWarm, runJavaScript } from "./examples/code-sandbox/sandbox.mjs";
  const engine = process.argv[1];
  const limits = { engine, fuel: 50_000_000n };
  const programs = [
    { code: "print(6 * 7, new Date(), Math.random())" },
    { code: 'import { readText } from "./files.js"; print(readText("/a"))', files: { a: "given" } },
    { code: 'import { writeText } from "./files.js"; writeText("/b", "made"); throw new Error("on purpose")' },
    { code: "for (;;) {}" },
  ];
  const all = async () => {
    const results = [];
    for (const { code, files } of programs) {
      const { usage, ...result } = await runJavaScript(code, { ...limits, files });
      results.push({ ...result, files: Object.keys(result.files), fuel: String(usage.fuel), memory: usage.memory });
    }
    return results;
  };
  const cold = await all();
  const kept = await keepWarm("javascript", programs.length, limits);
  const warm = await all();
  await keepWarm("javascript", 0, limits);
  console.log(JSON.stringify({ kept, cold, warm }));
`;

async function compare(node: string, engine: string): Promise<{ kept: number; cold: unknown[]; warm: unknown[] }> {
  const args = ["--input-type=module", "--eval", COMPARE, engine];
  const { stdout } = await promisify(execFile)(node, args, { cwd: root, timeout: 200_000 });
  return JSON.parse(stdout);
}

const lacksLanguages = lacks("QuickJS (npm run languages)", findLanguage("") !== undefined);

describe.skipIf(lacksLanguages)("the code sandbox", () => {
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

  it("a sandbox that was kept warm does what a new one does, to the unit of fuel", { timeout: 240_000 }, async () => {
    const { kept, cold, warm } = await compare(process.execPath, "interpreter");
    expect(kept).toBe(4);
    expect(cold).toMatchObject([
      { exitCode: 0 },
      { stdout: "given\n" },
      { files: ["b"] },
      { stopped: "fuel-exhausted" },
    ]);
    expect(warm).toEqual(cold);
  });

  // Without the newer Node there is no platform that can suspend its WebAssembly: `npm run node26` brings it.
  it.skipIf(lacksNode26)("so does one on the platform's WebAssembly", { timeout: 240_000 }, async () => {
    const { kept, cold, warm } = await compare(node26, "platform");
    expect(kept).toBe(4);
    expect(warm).toEqual(cold);
  });
});
