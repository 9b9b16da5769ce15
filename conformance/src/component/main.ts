import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import type { EngineName } from "@wardian/runtime";
import { suites } from "../../../scripts/places.mjs";
import { addScript, emptyReport, folderOf, formatTable, type Report } from "../spec/report.ts";
import { findScripts, type ScriptFile } from "../spec/suites.ts";
import { EngineExecution } from "./execution.ts";
import { runComponentScript } from "./runner.ts";

const usage = `usage: npm run conformance:component -- [--engine NAME] [--json] [--suite DIR] PATH…

Runs scripts of the Component Model's test suite. Without an engine, commands that need an instance are skipped.
PATH is a .wast file or a folder, such as validation, in the suite's folder or anywhere.

  --engine NAME  interpreter, compiler or platform
  --suite DIR    folder of the suite (default: component-model in WARDIAN_SUITES, or in shared/suites beside the project)
  --json         the result as JSON on stdout
`;

/** Shown on a terminal; all of them are in the JSON. */
const SHOWN_FAILURES = 50;

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

interface Options {
  readonly json: boolean;
  readonly engine: EngineName | undefined;
  readonly scripts: readonly ScriptFile[];
}

function readOptions(): Options {
  let parsed: { values: { engine?: string; json?: boolean; suite?: string; help?: boolean }; positionals: string[] };
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        engine: { type: "string" },
        json: { type: "boolean" },
        suite: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${usage}`);
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(usage);
    process.exit(0);
  }
  const suite = values.suite ?? join(suites, "component-model");
  const { engine } = values;
  if (engine !== undefined && !isEngine(engine)) fail(`unknown engine "${engine}"\n\n${usage}`);
  if (positionals.length === 0) fail(usage);
  if (!statSync(suite, { throwIfNoEntry: false })?.isDirectory())
    fail(
      `the suite's folder is missing: ${suite}\nGive it with --suite DIR; the suite is in github.com/WebAssembly/component-model.`,
    );
  try {
    return {
      json: values.json ?? false,
      engine: engine as EngineName | undefined,
      scripts: positionals.flatMap((path) => findScripts(path, suite)),
    };
  } catch (error) {
    return fail((error as Error).message);
  }
}

function isEngine(name: string): name is EngineName {
  return name === "interpreter" || name === "compiler" || name === "platform";
}

function main(): void {
  const { json, engine, scripts } = readOptions();
  const total = emptyReport(engine ?? "none");
  const folders = new Map<string, Report>();
  for (const { path, name } of scripts) {
    const outcomes = runComponentScript(readFileSync(path, "utf8"), engine && new EngineExecution(engine));
    addScript(total, name, outcomes);
    const folder = folderOf(name);
    let report = folders.get(folder);
    if (report === undefined) folders.set(folder, (report = emptyReport(engine ?? "none")));
    addScript(report, name, outcomes);
  }
  if (json) process.stdout.write(`${JSON.stringify(total, undefined, 2)}\n`);
  else {
    process.stdout.write(`${formatTable(folders, total)}\n`);
    for (const { file, line, kind, reason } of total.failures.slice(0, SHOWN_FAILURES))
      process.stdout.write(`${file}:${line}: ${kind}: ${reason}\n`);
  }
  if (total.failed > 0) process.exitCode = 1;
}

main();
