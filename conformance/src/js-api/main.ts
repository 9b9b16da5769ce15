import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { FileJob, FileOutcome } from "./file-worker.ts";
import { findTests, type TestFile } from "./suite.ts";

const usage = `usage: npm run conformance:js-api -- [--engine NAME] [--only PART]… [--json] FOLDER

Runs the tests of WebAssembly's JavaScript API against the namespace of @wardian/runtime/webassembly.
FOLDER is test/js-api of github.com/WebAssembly/spec, which is not part of this repository.

  --engine NAME  interpreter, compiler, or native: the platform's own namespace (default: compiler)
  --only PART    only files whose names contain PART; may be given several times
  --json         the result as JSON on stdout
`;

const engines = ["interpreter", "compiler", "native"] as const;

/** Milliseconds that one file may take. */
const TIMEOUT = 120_000;

interface Failure {
  readonly file: string;
  readonly test: string;
  readonly reason: string;
}

interface Report {
  readonly engine: string;
  files: number;
  tests: number;
  passed: number;
  failed: number;
  readonly failures: Failure[];
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function runFile({ name, scripts }: TestFile, engine: FileJob["engine"]): Promise<FileOutcome> {
  return new Promise((done) => {
    const job: FileJob = { title: name, scripts, engine };
    const worker = new Worker(new URL("./file-worker.js", import.meta.url), { workerData: job });
    const end = (outcome: FileOutcome): void => {
      clearTimeout(timer);
      done(outcome);
      void worker.terminate();
    };
    const timer = setTimeout(() => end({ subtests: [], failure: `not done after ${TIMEOUT / 1000} s` }), TIMEOUT);
    worker.once("message", end);
    worker.once("error", (error) => end({ subtests: [], failure: String(error) }));
    worker.once("exit", (code) => end({ subtests: [], failure: `the worker ended with code ${code}` }));
  });
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      engine: { type: "string", default: "compiler" },
      only: { type: "string", multiple: true },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const engine = engines.find((name) => name === values.engine);
  if (engine === undefined) fail(`unknown engine "${values.engine}"; expected one of ${engines.join(", ")}`);
  if (positionals.length !== 1) fail(usage);
  const report: Report = { engine, files: 0, tests: 0, passed: 0, failed: 0, failures: [] };
  for (const file of findTests(resolve(positionals[0]), values.only)) {
    const { subtests, failure } = await runFile(file, engine);
    report.files++;
    const add = (test: string, reason: string | undefined): void => {
      report.tests++;
      if (reason === undefined) report.passed++;
      else {
        report.failed++;
        report.failures.push({ file: file.name, test, reason });
      }
    };
    for (const { name, failure: reason } of subtests) add(name, reason);
    // A file that ends early counts as one more test, which failed: what it would have gone on to test is not known.
    if (failure !== undefined) add("the file itself", failure);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else {
    for (const { file, test, reason } of report.failures)
      process.stdout.write(`${file}: ${test}: ${reason.split("\n", 1)[0]}\n`);
    process.stdout.write(
      `${report.engine}: ${report.passed} of ${report.tests} tests in ${report.files} files passed\n`,
    );
  }
  process.exitCode = report.failed === 0 ? 0 : 1;
}

await main().catch((error: Error) => fail(error.message));
