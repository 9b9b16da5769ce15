import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { createWebAssembly } from "@wardian/runtime/webassembly";
import { makeHarness, type Subtest } from "./harness.ts";

/** What a worker is told: the scripts of one test file, in the order in which they run, and which namespace they see. */
export interface FileJob {
  readonly title: string;
  readonly scripts: readonly string[];
  readonly engine: "interpreter" | "compiler" | "native";
}

/** What it answers: the subtests, and why the file ended early if it did. */
export interface FileOutcome {
  readonly subtests: readonly Subtest[];
  readonly failure: string | undefined;
}

/** Runs the file in the worker's own global scope, so that its errors and functions are those of the namespace. */
async function run({ title, scripts, engine }: FileJob): Promise<FileOutcome> {
  const harness = makeHarness(title);
  const scope: Record<string, unknown> = { ...harness.globals, self: globalThis };
  if (engine !== "native") scope.WebAssembly = createWebAssembly({ engine });
  for (const [name, value] of Object.entries(scope))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  let failure: string | undefined;
  try {
    for (const path of scripts) runInThisContext(readFileSync(path, "utf8"), { filename: path });
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  return { subtests: await harness.results(), failure };
}

parentPort?.postMessage(await run(workerData as FileJob));
