// npm run mutants [-- --only WORD] [--seconds N]: puts each fault of list.ts into a copy of the repository and runs the
// tests that are expected to notice it. The official suites take no part. Ends with 1 where a mutant survives.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mutated } from "./apply.ts";
import { mutants } from "./list.ts";

const { values } = parseArgs({
  options: { only: { type: "string" }, seconds: { type: "string", default: "900" } },
});
const root = fileURLToPath(new URL("../../..", import.meta.url));
const GENERATOR = "packages/runtime/src/engines/interpreter/generate.mjs";
const GENERATED = ["loop", "vector-loop", "opcodes"].map(
  (name) => `packages/runtime/src/engines/interpreter/${name}.ts`,
);

const copy = mkdtempSync(join(tmpdir(), "wardian-mutants-"));
const leftOut = new Set([".git", "node_modules", "fuzz-failures"]);
cpSync(root, copy, {
  recursive: true,
  filter: (path) =>
    !relative(root, path)
      .split(sep)
      .some((part) => leftOut.has(part)),
});
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));

/** @returns whether the tests pass; a run that takes too long counts as one that fails */
function passes(test: string): boolean {
  const { status } = spawnSync(
    process.execPath,
    [join(root, "node_modules/vitest/vitest.mjs"), "run", "--bail", "1", test],
    {
      cwd: copy,
      stdio: "ignore",
      timeout: Number(values.seconds) * 1000,
      // Nothing is found there.
      env: { ...process.env, WARDIAN_SUITES: join(copy, "no-suites"), WARDIAN_SHARED: join(copy, "no-shared") },
    },
  );
  return status === 0;
}

function put(file: string, text: string): void {
  writeFileSync(join(copy, file), text);
}

const chosen = mutants.filter(({ name, file }) => `${name} ${file}`.includes(values.only ?? ""));
const survivors: string[] = [];
/** Tests that pass without a mutant. */
const sound = new Set<string>();
try {
  for (const mutant of chosen) {
    const { name, file, tests, generates } = mutant;
    const files = [file, ...(generates ? GENERATED : [])];
    const before = files.map((path) => readFileSync(join(copy, path), "utf8"));
    put(file, mutated(copy, mutant));
    if (generates) spawnSync(process.execPath, [join(copy, GENERATOR)], { cwd: copy, stdio: "ignore" });
    const found = tests.find((test) => !passes(test));
    files.forEach((path, i) => {
      put(path, before[i]);
    });
    if (found === undefined) survivors.push(name);
    else if (!sound.has(found) && !passes(found)) throw new Error(`${found} fails without a mutant, too`);
    else sound.add(found);
    console.log(
      `${found === undefined ? "SURVIVED" : "found"}  ${name} (${file})${found === undefined ? "" : `: ${found}`}`,
    );
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${chosen.length - survivors.length} of ${chosen.length} mutants found`);
process.exitCode = survivors.length === 0 ? 0 : 1;
