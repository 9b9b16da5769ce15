import { statSync } from "node:fs";
import { parseArgs } from "node:util";

import { addScript, emptyReport, folderOf, formatTable, type Report } from "../spec/report.ts";
import { findCases, runCase } from "./suite.ts";

const usage = `usage: npm run conformance:wit -- [--json] FOLDER

Runs the cases of a WIT resolver. FOLDER is tests/ui of wit-parser in github.com/bytecodealliance/wasm-tools: what lies in it must
resolve to the facts in the .wit.json beside it, and what lies in its parse-fail must be refused at the line in the .result.

  --json  the result as JSON on stdout
`;

/** Shown on a terminal; all of them are in the JSON. */
const SHOWN_FAILURES = 50;

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function readOptions(): { readonly json: boolean; readonly folder: string } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    });
    if (values.help) {
      process.stdout.write(usage);
      process.exit(0);
    }
    const [folder] = positionals;
    if (folder === undefined || positionals.length > 1) fail(usage);
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) fail(`the suite's folder is missing: ${folder}`);
    return { json: values.json ?? false, folder };
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${usage}`);
  }
}

function main(): void {
  const { json, folder } = readOptions();
  const total = emptyReport("wit");
  const folders = new Map<string, Report>();
  try {
    for (const item of findCases(folder)) {
      const outcomes = runCase(item);
      addScript(total, item.name, outcomes);
      const key = folderOf(item.name);
      let report = folders.get(key);
      if (report === undefined) folders.set(key, (report = emptyReport("wit")));
      addScript(report, item.name, outcomes);
    }
  } catch (error) {
    fail((error as Error).message);
  }
  if (json) process.stdout.write(`${JSON.stringify({ ...total, table: formatTable(folders, total) }, null, 2)}\n`);
  else {
    for (const { file, line, kind, reason } of total.failures.slice(0, SHOWN_FAILURES))
      process.stdout.write(`${file}:${line}: ${kind}: ${reason}\n`);
    process.stdout.write(`${formatTable(folders, total)}\n`);
  }
  process.exitCode = total.failed === 0 ? 0 : 1;
}

main();
