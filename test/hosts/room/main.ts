import { type Module, Runtime, Trap } from "@wardian/runtime";
import { runScript } from "../../../conformance/src/spec/runner.ts";
import type { KernelReport, Report, SuiteReport, Work } from "./work.ts";

/*
 * What runs inside a foreign host. It is bundled with the runtime into one file that asks nothing of the host but ECMAScript; the host hands in
 * the work as JSON and gets the report as JSON.
 */

/** The kernels were built against a C library that imports from WASI, and call nothing of it. */
function importsOf(module: Module): Record<string, Record<string, () => number>> {
  const imports: Record<string, Record<string, () => number>> = {};
  for (const { module: from, name } of module.imports) imports[from] = { ...imports[from], [name]: () => 0 };
  return imports;
}

function runKernels({ engine, kernels }: Work): KernelReport[] {
  return kernels.map(({ name, bytes, n }) => {
    const runtime = new Runtime({ engine });
    const module = runtime.compileSync(new Uint8Array(bytes));
    const instance = runtime.instantiateSync(module, importsOf(module));
    const result = instance.exports.run(n) as number;
    return { name, result, fuel: String(instance.fuel.consumed) };
  });
}

function runSuite({ engine, scripts }: Work): SuiteReport {
  const failures: string[] = [];
  let passed = 0;
  for (const { name, text } of scripts)
    for (const outcome of runScript(text, name, engine)) {
      if (outcome.result === "passed") passed++;
      else failures.push(`${name}:${outcome.line} ${outcome.kind} ${outcome.result}: ${outcome.reason}`);
    }
  return { passed, failures };
}

const guest = `(module
  (import "host" "later" (func $later (param i64) (result i64)))
  (func (export "ask") (param i64) (result i64) (i64.add (call $later (local.get 0)) (i64.const 1)))
  (func $deep (export "deep") (result i32) (i32.add (call $deep) (i32.const 1)))
  (func (export "divide") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func (export "spin") (loop (br 0))))`;

/** How a call ends: what it gives, or the code and the innermost function of its trap. */
function ending(run: () => unknown): string {
  try {
    return `gave ${String(run())}`;
  } catch (error) {
    return error instanceof Trap ? `${error.code} in ${error.frames[0]?.functionIndex}` : String(error);
  }
}

async function runLimits(work: Work): Promise<Pick<Report, "engine" | "reason" | "endings">> {
  const runtime = new Runtime({ engine: work.engine });
  const imports = { host: { later: async (value: bigint) => value * 2n } };
  const instance = await runtime.instantiate(await runtime.compile(guest), imports, {
    limits: { fuel: 50_000_000n },
    async: true,
  });
  const { exports } = instance;
  return {
    engine: instance.engine.name,
    reason: instance.engine.reason,
    endings: [
      `gave ${String(await instance.async.exports.ask(20n))}`,
      ending(() => exports.divide(0)),
      ending(() => exports.divide(1)),
      ending(() => exports.deep()),
      ending(() => exports.spin()),
    ],
  };
}

const wanted = [
  "TextDecoder",
  "Atomics",
  "SharedArrayBuffer",
  "WeakRef",
  "FinalizationRegistry",
  "performance",
  "WebAssembly",
  "structuredClone",
  "BigInt",
];

async function run(json: string): Promise<string> {
  const work = JSON.parse(json) as Work;
  const report: Report = {
    ...(await runLimits(work)),
    kernels: runKernels(work),
    suite: runSuite(work),
    lacks: wanted.filter((name) => !(name in globalThis)),
  };
  return JSON.stringify(report);
}

(globalThis as { wardianRoom?: typeof run }).wardianRoom = run;
