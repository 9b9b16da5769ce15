import { type EngineName, LinkError, Runtime } from "@wardian/runtime";
import { type Candidate, geometricMean, measure, processorTime } from "../measure.ts";
import type { Suite, Table } from "../suite.ts";
import { type Kernel, loadKernels } from "./kernels.ts";

type Run = (n: number) => number;

const engines: readonly EngineName[] = ["platform", "compiler", "interpreter"];

/** Imports that let a kernel instantiate: `run` needs none of them. */
const stubs = new Proxy({}, { get: () => () => 0 });
const imports = { wasi_snapshot_preview1: stubs };

function nativeRun(kernel: Kernel): Run {
  const module = new WebAssembly.Module(kernel.bytes as Uint8Array<ArrayBuffer>);
  return new WebAssembly.Instance(module, imports as WebAssembly.Imports).exports.run as unknown as Run;
}

/** The kernel on one engine, or undefined where that engine cannot hold it here. @throws when its result is wrong */
function engineRun(kernel: Kernel, engine: EngineName): Run | undefined {
  const runtime = new Runtime({ engine });
  let run: Run;
  try {
    run = runtime.instantiateSync(runtime.compileSync(kernel.bytes), imports).exports.run;
  } catch (error) {
    if (error instanceof LinkError) return undefined;
    throw error;
  }
  const result = run(kernel.smallN);
  if (result !== kernel.smallResult)
    throw new Error(`${engine}: ${kernel.name}(${kernel.smallN}) gave ${result} instead of ${kernel.smallResult}`);
  return run;
}

/** Grows n from the small one until native code takes long enough to be timed. */
function pickN(kernel: Kernel, run: Run): number {
  let n = kernel.smallN;
  for (;;) {
    const start = processorTime();
    run(n);
    if (processorTime() - start > 8 || n * 1.25 > kernel.n) return n;
    // In small steps: the work of some kernels is exponential in n.
    n = Math.max(n + 1, Math.floor(n * 1.25));
  }
}

async function kernelRow(kernel: Kernel): Promise<(string | number)[]> {
  const native = nativeRun(kernel);
  const n = pickN(kernel, native);
  const candidates: Candidate[] = [{ name: "native", run: () => native(n) }];
  for (const engine of engines) {
    const run = engineRun(kernel, engine);
    if (run !== undefined) candidates.push({ name: engine, run: () => run(n) });
  }
  const times = await measure(candidates, { rounds: 5, minTime: 20, clock: "cpu" });
  const base = times.get("native") as number;
  return [
    kernel.name,
    n,
    base,
    ...engines.map((engine) => (times.has(engine) ? (times.get(engine) as number) / base : "-")),
  ];
}

/** The geometric mean of a column over the scalar kernels. */
function mean(rows: readonly (readonly (string | number)[])[], column: number): string | number {
  const ratios = rows
    .filter(([name]) => name !== "simd_saxpy")
    .map((row) => row[column])
    .filter((value): value is number => typeof value === "number");
  return ratios.length === 0 ? "-" : geometricMean(ratios);
}

/** Every kernel on every engine, over the platform's own WebAssembly in the same process. */
export const kernelSuite: Suite = {
  name: "kernels",
  description: "the C kernels on all engines, as ratios to the platform's own WebAssembly",
  async run(): Promise<Table[]> {
    const rows: (string | number)[][] = [];
    for (const kernel of loadKernels()) rows.push(await kernelRow(kernel));
    const means = engines.map((_, i) => mean(rows, 3 + i));
    return [
      {
        title: "Kernels: milliseconds of native code, and the engines' time over it",
        columns: ["kernel", "n", "native ms", ...engines],
        rows: [...rows, ["geometric mean, SIMD aside", "", "", ...means]],
        notes: [`Node ${process.versions.node}; fuel is counted on all engines`],
      },
    ];
  },
};
