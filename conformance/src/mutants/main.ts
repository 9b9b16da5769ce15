// npm run mutants [-- --only WORD] [--seconds N]: puts each fault of list.ts into a copy of the repository and runs the
// tests that are expected to find it. The official suites take no part. Ends with 1 unless each mutant is found.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mutated } from "./apply.ts";
import { type Mutant, mutants } from "./list.ts";
import { runTests } from "./run-tests.ts";

const { values } = parseArgs({
  options: { only: { type: "string", multiple: true, default: [""] }, seconds: { type: "string", default: "300" } },
});
const root = fileURLToPath(new URL("../../..", import.meta.url));
const seconds = Number(values.seconds);
const GENERATOR = "packages/runtime/src/engines/interpreter/generator/generate.mjs";
const GENERATED = ["loop", "vector-loop", "machine-opcodes"].map(
  (name) => `packages/runtime/src/engines/interpreter/generated/${name}.ts`,
);

const copy = mkdtempSync(join(tmpdir(), "wardian-mutants-"));
process.once("exit", () => {
  rmSync(copy, { recursive: true, force: true });
});
const leftOut = new Set([".git", "dist", "node_modules", "fuzz-failures"]);
cpSync(root, copy, {
  recursive: true,
  filter: (path) =>
    !relative(root, path)
      .split(sep)
      .some((part) => leftOut.has(part)),
});
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));

/** Lists of tests that have passed without a mutant. */
const sound = new Set<string>();

/** Runs the tests without a mutant. @returns whether they end within the time; @throws Error where a test fails */
async function endsWithoutMutant(tests: readonly string[]): Promise<boolean> {
  const outcome = await runTests(root, copy, tests, seconds);
  if (outcome.end === "failed") throw new Error(`fails without a mutant, too: ${outcome.by}`);
  if (outcome.end === "passed") sound.add(tests.join());
  return outcome.end === "passed";
}

type Verdict = readonly ["found" | "SURVIVED" | "inconclusive", string];

async function judge(mutant: Mutant): Promise<Verdict> {
  const { file, tests, generates } = mutant;
  if (!sound.has(tests.join()) && !(await endsWithoutMutant(tests)))
    return ["inconclusive", `the tests take more than ${seconds} s without the mutant`];
  const before = [file, ...(generates ? GENERATED : [])].map(
    (path) => [join(copy, path), readFileSync(join(copy, path), "utf8")] as const,
  );
  writeFileSync(join(copy, file), mutated(copy, mutant));
  if (generates) {
    const { status } = spawnSync(process.execPath, [join(copy, GENERATOR)], { cwd: copy, stdio: "inherit" });
    if (status !== 0) throw new Error(`"${mutant.name}": the interpreter's loops cannot be generated`);
  }
  const outcome = await runTests(root, copy, tests, seconds);
  for (const [path, text] of before) writeFileSync(path, text);
  if (outcome.end === "failed") return ["found", outcome.by];
  if (outcome.end === "passed") return ["SURVIVED", tests.join(" ")];
  // The machine may have become slower: the tests run once more without the mutant.
  return (await endsWithoutMutant(tests))
    ? ["found", `by hanging: ${tests.join(" ")}`]
    : ["inconclusive", `the tests take more than ${seconds} s with the mutant and without it`];
}

const chosen = mutants.filter(({ name, file }) => values.only.some((word) => `${name} ${file}`.includes(word)));
// A mutant that no longer applies is an error before the first run.
for (const mutant of chosen) mutated(copy, mutant);
let found = 0;
for (const mutant of chosen) {
  const [verdict, why] = await judge(mutant);
  if (verdict === "found") found++;
  console.log(`${verdict}  ${mutant.name} (${mutant.file})\n    ${why}`);
}
console.log(`${found} of ${chosen.length} mutants found`);
process.exitCode = found === chosen.length && found > 0 ? 0 : 1;
