import { type Kernel, loadKernels } from "../kernels/kernels.ts";
import { geometricMean, processorTime } from "../measure.ts";
import type { Suite, Table } from "../suite.ts";
import { inProcess } from "./in-process.ts";
import { loadPeers } from "./peers.ts";
import { startUpTable } from "./start-up.ts";
import { BY_HAND, native } from "./translators.ts";

/** Processes that each figure is the least of: where V8 enters a loop, and where it puts code, is chance. */
const PROCESSES = 3;

/** Grows n until native code takes some milliseconds. */
function pickN(kernel: Kernel): number {
  const run = native(kernel.bytes);
  for (let n = kernel.smallN; ; n = Math.max(n + 1, Math.floor(n * 1.25))) {
    // Once before, since the platform optimises meanwhile.
    run(n);
    const start = processorTime();
    run(n);
    if (processorTime() - start > 4 || n * 1.25 > kernel.n) return n;
  }
}

/** Milliseconds of processor time for `run(n)` of a translated kernel; undefined where the translator cannot do it, or gets it wrong. */
function timeOf(translator: string, kernel: Kernel, n: number): number | undefined {
  const module = new URL("translators.js", import.meta.url);
  const times = Array.from({ length: PROCESSES }, () => inProcess(module, "timeKernel", translator, kernel.name, n));
  return times.includes(undefined) ? undefined : Math.min(...(times as number[]));
}

/** The compiler beside the other translators from WebAssembly to JavaScript. */
export const compilerSuite: Suite = {
  name: "compiler",
  description: "the compiler beside polywasm and wasm2js, as ratios to the platform's own WebAssembly",
  async run(): Promise<Table[]> {
    const names = ["compiler", ...(await loadPeers()).map(({ name }) => name)];
    const rows: (string | number)[][] = [];
    let byHand = Number.NaN;
    for (const kernel of loadKernels()) {
      const n = pickN(kernel);
      const unit = timeOf("native", kernel, n) as number;
      const ratio = (name: string): number | string => (timeOf(name, kernel, n) ?? Number.NaN) / unit || "wrong";
      rows.push([kernel.name, unit, ...names.map(ratio)]);
      if (kernel.name === "simd_saxpy") byHand = ratio(BY_HAND) as number;
    }
    const known = (i: number): number[] =>
      rows.map((row) => row[2 + i]).filter((value): value is number => typeof value === "number");
    return [
      {
        title: "WebAssembly to JavaScript: milliseconds of native code, and the translators' time over it",
        columns: ["kernel", "native ms", ...names],
        rows: [
          ...rows,
          ["sum of what is right", "", ...names.map((_, i) => known(i).reduce((sum, value) => sum + value, 0))],
          ["geometric mean of it", "", ...names.map((_, i) => geometricMean(known(i)))],
        ],
        notes: [
          `Node ${process.versions.node}; the compiler checks bounds, traps and counts fuel, the others do none of it`,
          `simd_saxpy written in JavaScript by hand, without checks and fuel, takes ${byHand.toFixed(1)} times native code`,
          `processor time, least of twelve in each of ${PROCESSES} processes; peers are measured where WARDIAN_PEERS names a folder in which polywasm and binaryen are installed`,
        ],
      },
      await startUpTable(),
    ];
  },
};
