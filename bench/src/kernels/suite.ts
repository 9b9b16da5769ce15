import { Worker } from "node:worker_threads";
import { type EngineName, LinkError, Runtime } from "@wardian/runtime";
import { type Candidate, geometricMean, measure, processorTime } from "../measure.ts";
import { cell, type Suite, type Table } from "../suite.ts";
import { type Kernel, loadKernels, stubs } from "./kernels.ts";

type Run = (n: number) => number;

const VECTORS = "simd_saxpy";
const engines: readonly EngineName[] = ["platform", "compiler", "interpreter"];

/** Imports that let a kernel instantiate: `run` needs none of them. */
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

type Row = (string | number)[];

/** Measures one kernel on all engines. @param detached whether a buffer is detached first, as WebAssembly whose memory grows and streams of bytes do */
export async function kernelRow(name: string, detached: boolean): Promise<Row> {
  if (detached) structuredClone(null, { transfer: [new ArrayBuffer(8)] });
  const kernel = loadKernels().find((kernel) => kernel.name === name) as Kernel;
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
    detached ? `${name}, a buffer detached` : name,
    n,
    base,
    ...engines.map((engine) => (times.has(engine) ? (times.get(engine) as number) / base : "-")),
  ];
}

/**
 * The same in a thread, which has a V8 of its own: what V8 has learnt from one kernel, and what another's growing memory has made it give up, must not
 * decide about the next.
 */
function rowInThread(name: string, detached: boolean): Promise<Row> {
  const program = `
    const { parentPort, workerData } = require("node:worker_threads");
    import(workerData.suite)
      .then(({ kernelRow }) => kernelRow(workerData.name, workerData.detached))
      .then((row) => parentPort.postMessage(row));`;
  const worker = new Worker(program, { eval: true, workerData: { suite: import.meta.url, name, detached } });
  return new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
}

/** The geometric mean of a column over the scalar kernels. */
function mean(rows: readonly (readonly (string | number)[])[], column: number): string | number {
  const ratios = rows
    .filter(([name]) => !String(name).startsWith(VECTORS))
    .map((row) => row[column])
    .filter((value): value is number => typeof value === "number");
  return ratios.length === 0 ? "-" : geometricMean(ratios);
}

/** The means, and the vector kernel, as the documentation names them: `kernels-node20-platform`. */
function figuresOf(rows: readonly Row[], means: Row): Record<string, string> {
  const node = `node${process.versions.node.split(".")[0]}`;
  const vectors = rows.find(([name]) => name === VECTORS) ?? [];
  const detached = rows.find(([name]) => name !== VECTORS && String(name).startsWith(VECTORS)) ?? [];
  return Object.fromEntries(
    engines.flatMap((engine, i) => [
      [`kernels-${node}-${engine}`, cell(means[i])],
      [`kernels-${node}-${engine}-vectors`, cell(vectors[3 + i] ?? "-")],
      [`kernels-${node}-${engine}-vectors-detached`, cell(detached[3 + i] ?? "-")],
    ]),
  );
}

/** Every kernel on every engine, over the platform's own WebAssembly in the same thread. */
export const kernelSuite: Suite = {
  name: "kernels",
  description: "the C kernels on all engines, as ratios to the platform's own WebAssembly",
  async run(): Promise<Table[]> {
    const rows: Row[] = [];
    for (const { name } of loadKernels()) rows.push(await rowInThread(name, false));
    rows.push(await rowInThread(VECTORS, true));
    const means = engines.map((_, i) => mean(rows, 3 + i));
    return [
      {
        title: "Kernels: milliseconds of native code, and the engines' time over it",
        columns: ["kernel", "n", "native ms", ...engines],
        rows: [...rows, ["geometric mean, SIMD aside", "", "", ...means]],
        notes: [`Node ${process.versions.node}; fuel is counted on all engines; each row in a thread of its own`],
        figures: figuresOf(rows, means),
      },
    ];
  },
};
