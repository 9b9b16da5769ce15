import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { suites } from "../../../scripts/places.mjs";
import { ENGINES, type EngineName, openEngine } from "./engines.ts";
import { FILE_SYSTEMS, type FileSystemName, runTest } from "./run.ts";
import { findTests } from "./suite.ts";

const USAGE = `Usage: npm run conformance:wasi -- [--engine NAME] [--json] [--filter TEXT] [SUITE]

Runs the official tests of WASI preview 1, each in a fresh folder, on every file system that it can have.
SUITE is a folder of folders of NAME.wasm with NAME.json; by default wasi/preview1 in ../shared/suites, or in WARDIAN_SUITES.

  --engine NAME   ${ENGINES.join(", ")} (default: all of them)
  --json          the result as JSON on stdout
  --filter TEXT   only tests with this in their name
`;

interface Failure {
  readonly engine: EngineName;
  readonly test: string;
  readonly fileSystem: FileSystemName | "none";
  readonly call: string;
  readonly reason: string;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      engine: { type: "string" },
      json: { type: "boolean", default: false },
      filter: { type: "string", default: "" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (values.engine !== undefined && !ENGINES.includes(values.engine as EngineName)) {
    throw new Error(`there is no engine ${values.engine}; there are ${ENGINES.join(", ")}`);
  }
  const engines = values.engine === undefined ? ENGINES : [values.engine as EngineName];
  const suite = resolve(positionals[0] ?? join(suites, "wasi/preview1"));
  const tests = findTests(suite).filter((test) => test.name.includes(values.filter ?? ""));
  if (tests.length === 0) throw new Error(`no test has ${values.filter} in its name`);

  let runs = 0;
  const failures: Failure[] = [];
  for (const engine of engines) {
    for (const [call, run] of openEngine(engine)) {
      for (const test of tests) {
        for (const fileSystem of test.root === undefined ? (["none"] as const) : FILE_SYSTEMS) {
          runs++;
          const reason = await runTest(test, fileSystem === "none" ? "memory" : fileSystem, run);
          if (reason !== undefined) failures.push({ engine, test: test.name, fileSystem, call, reason });
        }
      }
    }
  }

  const engine = engines.join(", ");
  const passed = runs - failures.length;
  if (values.json) {
    const result = { engine, suite, tests: tests.length, runs, passed, failed: failures.length, skipped: 0, failures };
    process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  } else {
    for (const { engine, test, fileSystem, call, reason } of failures) {
      process.stdout.write(`FAIL ${test} (engine: ${engine}, files: ${fileSystem}, call: ${call}): ${reason}\n`);
    }
    process.stdout.write(
      `${tests.length} tests in ${runs} runs on ${engine}: ${passed} passed, ${failures.length} failed\n`,
    );
  }
  return failures.length === 0 ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  },
);
