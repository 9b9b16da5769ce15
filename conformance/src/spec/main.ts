import { readFileSync, statSync } from "node:fs";
import { parseArgs } from "node:util";

import { suites } from "../../../scripts/places.mjs";
import { compareEngines } from "./agreement.ts";
import { formatKnown, judge, type KnownFailures, readKnown } from "./known.ts";
import { addScript, emptyReport, folderOf, formatKnownFailures, formatTable, type Report } from "./report.ts";
import { runScript, type ScriptEngine } from "./runner.ts";
import { findScripts, type ScriptFile } from "./suites.ts";
import { startThread } from "./threads.ts";

const usage = `usage: npm run conformance -- [--engine NAME] [--json] [--suite DIR] PATH…

Runs scripts of the WebAssembly specification's test suite, every command of them.
PATH is a .wast file or a folder, such as spec/core, in the suite's folder or anywhere.

  --engine NAME  interpreter, compiler, platform, auto, or bare: the platform's WebAssembly by itself (default: interpreter)
  --known FILE   commands that may fail, since they fail on the platform's WebAssembly by itself as well: each that does not pass must be
                 in this list and fail there, and each in the list must not pass
  --agree        instead, run each script on all engines and compare the fuel that each instance has consumed after each command, and what
                 its memories hold in the end; scripts that an engine cannot hold in full, or that --known lists, are left out there
  --list-known   print such a list, of whatever fails on both
  --suite DIR    folder of the suite (default: WARDIAN_SUITES, or shared/suites beside the project)
  --json         the result as JSON on stdout
`;

/** Shown on a terminal; all of them are in the JSON. */
const SHOWN_FAILURES = 50;

const engines: readonly string[] = ["interpreter", "compiler", "platform", "auto", "bare"];

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

interface Options {
  readonly engine: ScriptEngine;
  readonly json: boolean;
  readonly agree: boolean;
  /** Undefined when the platform by itself is not asked. */
  readonly known: KnownFailures | "any" | undefined;
  readonly scripts: readonly ScriptFile[];
}

function readOptions(): Options {
  let parsed: {
    values: {
      engine?: string;
      known?: string;
      agree?: boolean;
      "list-known"?: boolean;
      json?: boolean;
      suite?: string;
      help?: boolean;
    };
    positionals: string[];
  };
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        engine: { type: "string" },
        known: { type: "string" },
        agree: { type: "boolean" },
        "list-known": { type: "boolean" },
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
  const { engine = "interpreter", suite = suites, json = false } = values;
  if (!engines.includes(engine)) fail(`unknown engine "${engine}"; expected one of ${engines.join(", ")}`);
  if (positionals.length === 0) fail(usage);
  if (!statSync(suite, { throwIfNoEntry: false })?.isDirectory())
    fail(
      `the suite's folder is missing: ${suite}\nGive it with --suite DIR; the suite is in github.com/WebAssembly/spec.`,
    );
  try {
    const scripts = positionals.flatMap((path) => findScripts(path, suite));
    const known = values["list-known"] ? "any" : values.known === undefined ? undefined : readKnown(values.known);
    return { agree: values.agree ?? false, known, engine: engine as ScriptEngine, json, scripts };
  } catch (error) {
    return fail((error as Error).message);
  }
}

function main(): void {
  const { engine, json, agree, known, scripts } = readOptions();
  const total = emptyReport(agree ? "all engines" : engine);
  const folders = new Map<string, Report>();
  const showProgress = process.stderr.isTTY;
  for (const { path, name } of scripts) {
    if (showProgress) process.stderr.write(`\r\x1b[K${total.files + 1}/${scripts.length} ${name}`);
    const text = readFileSync(path, "utf8");
    const listed = known === "any" ? undefined : (known?.get(name) ?? []);
    let outcomes = agree
      ? compareEngines(text, name, listed?.length !== 0)
      : runScript(text, name, engine, startThread);
    if (
      !agree &&
      known !== undefined &&
      (listed === undefined || listed.length > 0 || outcomes.some(({ result }) => result !== "passed"))
    )
      outcomes = judge(outcomes, runScript(text, name, "bare"), listed);
    addScript(total, name, outcomes);
    const folder = folderOf(name);
    let report = folders.get(folder);
    if (report === undefined) folders.set(folder, (report = emptyReport(engine)));
    addScript(report, name, outcomes);
  }
  if (showProgress) process.stderr.write("\r\x1b[K");
  if (known === "any") {
    process.stdout.write(formatKnown(total.knownFailures));
  } else if (json) {
    process.stdout.write(`${JSON.stringify({ ...total, table: formatTable(folders, total) }, null, 2)}\n`);
  } else {
    for (const { file, line, kind, reason } of total.failures.slice(0, SHOWN_FAILURES))
      process.stdout.write(`${file}:${line}: ${kind}: ${reason}\n`);
    if (total.failures.length > SHOWN_FAILURES)
      process.stdout.write(`… and ${total.failures.length - SHOWN_FAILURES} more failures (--json lists them all)\n`);
    process.stdout.write(`${formatTable(folders, total)}\n`);
    if (total.known > 0) process.stdout.write(`\n${formatKnownFailures(total)}\n`);
  }
  process.exitCode = total.failed === 0 ? 0 : 1;
}

main();
