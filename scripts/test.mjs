// The whole test of the repository, in the order in which a failure is cheapest to find. Ends with `N passed, N failed`.
// Where the official suites, a newer Node or a tool is missing, the steps that need it are left out, and named. In CI that is
// a failure.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findTool, node26, root, suites } from "./places.mjs";

const isCI = process.env.CI === "true";
const scratch = mkdtempSync(join(tmpdir(), "wardian-test-"));
const failures = [];
const leftOut = [];
let passed = 0;
let failed = 0;

function count(name, good, bad) {
  passed += good;
  failed += bad;
  if (bad > 0) failures.push(`${name}: ${bad} failed`);
}

/** Runs a command with its output shown. @returns its standard output when `capture`, and its exit code */
function run(command, args, capture = false) {
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", capture ? "pipe" : "inherit", "inherit"],
    maxBuffer: 1 << 28,
  });
  return { code: result.status ?? 1, output: result.stdout ?? "" };
}

/** A step that is right or wrong as a whole. */
function step(name, command, args) {
  console.log(`\n== ${name}`);
  const { code } = run(command, args);
  count(name, code === 0 ? 1 : 0, code === 0 ? 0 : 1);
  return code === 0;
}

/** Whether something that a step needs is there. Where it is not, the step is left out, or failed in CI. */
function has(name, what, isThere) {
  if (isThere) return true;
  if (isCI) count(`${name}: ${what}`, 0, 1);
  else leftOut.push(`${name}: ${what}`);
  return false;
}

function unitTests() {
  console.log("\n== unit tests");
  const report = join(scratch, "vitest.json");
  const { code } = run("npx", [
    "vitest",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]);
  const result = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : undefined;
  if (result === undefined) return count("unit tests", 0, 1);
  // A file that cannot be loaded has no tests that could fail.
  const broken = result.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  ).length;
  const bad = result.numFailedTests + broken;
  count("unit tests", result.numPassedTests, bad === 0 && code !== 0 ? 1 : bad);
}

/** A conformance run: `script` of package.json with `--json`. */
function conformance(name, script, args) {
  console.log(`\n== ${name}`);
  const { output } = run("npm", ["run", "--silent", script, "--", "--json", ...args], true);
  try {
    const result = JSON.parse(output);
    const known = result.known > 0 ? `, ${result.known} known to fail` : "";
    console.log(
      `${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped${known} of ${result.engine}`,
    );
    for (const failure of result.failures.slice(0, 20)) console.log(`  ${JSON.stringify(failure)}`);
    count(name, result.passed, result.failed + result.skipped);
    // What the documentation says of an engine is what its run printed.
    const documentation = readFileSync(join(root, "docs/conformance.md"), "utf8");
    if (result.table !== undefined && !args.includes("--agree") && !documentation.includes(result.table))
      count(`docs/conformance.md has another table than\n${result.table}`, 0, 1);
  } catch {
    console.log("the runner did not end with a report");
    count(name, 0, 1);
  }
}

const built = step("build", "npx", ["tsc", "-b"]);
if (has("format and lint", "Biome is missing (npm run tools)", findTool("@biomejs/biome") !== undefined))
  step("format and lint", "npm", ["run", "--silent", "check"]);
step("types of tests", "npx", ["tsc", "-p", "tsconfig.test.json"]);
if (built) {
  unitTests();
  if (
    has("conformance", `there are no suites at ${suites} (CONTRIBUTING.md says where to get them)`, existsSync(suites))
  ) {
    for (const line of readFileSync(join(root, "conformance/runs.txt"), "utf8").split("\n")) {
      const [script, ...args] = line.replace(/#.*/, "").trim().split(/\s+/);
      if (script === "") continue;
      const name = `${script} ${args.join(" ")}`;
      const isHere =
        !script.endsWith(":node26") || has(name, "Node 26 is missing (npm run node26)", existsSync(node26));
      if (isHere) conformance(name, script, args);
    }
  }
}
// Modules made by wasm-opt from fixed seeds, the same on every run: verdicts, results, traps, memory and fuel on all engines.
if (built) {
  const all = ["interpreter", "compiler", "platform"].flatMap((engine) => ["--engine", engine]);
  const fuzzer = [
    join(root, "conformance/dist/fuzz/main.js"),
    "--seed",
    "1",
    "--mutants",
    "20",
    "--seconds",
    "3600",
    ...all,
  ];
  step("modules made at random", process.execPath, [...fuzzer, "--modules", "20"]);
  const onNode26 = "modules made at random, on Node 26";
  if (has(onNode26, "it is missing (npm run node26)", existsSync(node26)))
    step(onNode26, node26, [...fuzzer, "--modules", "20"]);
}
// Interpreters of other languages, a database and compilers take minutes on an interpreter, and so do Go's own tests on any engine: CI has them.
if (built && isCI) {
  const programs = (engine, ...args) =>
    step(`real programs on ${engine}: ${args[1] ?? "all"}`, "npm", [
      "run",
      "--silent",
      "conformance:programs",
      "--",
      "--engine",
      engine,
      ...args,
    ]);
  programs("platform");
  for (const program of [
    "CPython",
    "SQLite",
    "Ruby",
    "PHP",
    "QuickJS",
    "clang",
    "Kotlin",
    "a C program",
    "a Rust program",
  ])
    programs("interpreter", "--filter", program);
}
// The Core Rule Set's own tests take more than a minute: CI has them too.
if (built && isCI) step("the Core Rule Set on Coraza", "node", ["guests/coraza-waf/crs-tests.mjs", "--verbose"]);
rmSync(scratch, { recursive: true, force: true });

if (leftOut.length > 0) console.log(`\nLeft out, beside the tests that say so above:\n  ${leftOut.join("\n  ")}`);
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
