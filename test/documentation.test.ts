import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/*
 * Runs the code blocks of the documentation as a reader would. `ts` blocks are modules of their own; `sh` blocks run from the
 * repository's root with the `wardian` command on the path. A `text` block that follows is what must be printed.
 * A block marked `no-run: reason` is left out, for the reason beside it.
 */
const root = fileURLToPath(new URL("..", import.meta.url));
const pages = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(root, "packages")).map((name) => `packages/${name}/README.md`),
];

interface Block {
  readonly language: string;
  readonly code: string;
  readonly line: number;
  readonly output: string | undefined;
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), "utf8");
  const fences = [...text.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)];
  return fences.flatMap((fence, i) => {
    const [, language, marks, code] = fence;
    if (marks.includes("no-run:") || (language !== "ts" && language !== "sh")) return [];
    const next = fences[i + 1];
    const gap = next === undefined ? "x" : text.slice(fence.index + fence[0].length, next.index);
    const output = next?.[1] === "text" && gap.trim() === "" ? next[3] : undefined;
    return [{ language, code, line: text.slice(0, fence.index).split("\n").length, output }];
  });
}

let folder = "";
beforeAll(() => {
  // Inside the repository, so that the packages resolve as they do for a user who installed them.
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  folder = mkdtempSync(join(root, "node_modules/.cache/documentation-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runBlock(block: Block, name: string): string {
  let command: [string, string[]];
  if (block.language === "ts") {
    const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    const file = join(folder, `${name}.mjs`);
    writeFileSync(file, ts.transpileModule(block.code, { compilerOptions }).outputText);
    command = [process.execPath, [file]];
  } else command = ["bash", ["-e", "-c", block.code]];
  const result = spawnSync(...command, {
    cwd: root,
    encoding: "utf8",
    timeout: 120_000,
    env: { ...process.env, NO_COLOR: "1", PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}` },
  });
  expect(result.status, `${result.stdout}\n${result.stderr}`).toBe(0);
  return result.stdout;
}

for (const page of pages) {
  const blocks = blocksOf(page);
  if (blocks.length === 0) continue;
  describe(page, () => {
    for (const block of blocks)
      it(`the ${block.language} block at line ${block.line} runs`, { timeout: 150_000 }, () => {
        const output = runBlock(block, `${page.replace(/\W/g, "-")}-${block.line}`);
        if (block.output !== undefined) expect(output.trim()).toBe(block.output.trim());
      });
  });
}
