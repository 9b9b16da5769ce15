import { Runtime } from "@wardian/runtime";
import { geometricMean, measure } from "../measure.ts";
import type { Suite, Table } from "../suite.ts";
import { type Kernel, loadKernels } from "./kernels.ts";

/** Imports that let a kernel instantiate: `run` needs none of them. */
const stubs = new Proxy({}, { get: () => () => 0 });

function nativeRun(kernel: Kernel): (n: number) => number {
  const module = new WebAssembly.Module(kernel.bytes);
  return new WebAssembly.Instance(module, { wasi_snapshot_preview1: stubs }).exports.run;
}

function engineRun(kernel: Kernel, engine: "interpreter"): (n: number) => number {
  const runtime = new Runtime({ engine });
  const imports = { wasi_snapshot_preview1: stubs };
  return runtime.instantiateSync(runtime.compileSync(kernel.bytes), imports).exports.run;
}

/** Grows n from the small one until native code takes long enough to be timed. */
function pickN(kernel: Kernel, run: (n: number) => number): number {
  let n = kernel.smallN;
  for (;;) {
    const start = performance.now();
    run(n);
    if (performance.now() - start > 8 || n * 2 > kernel.n) return n;
    n *= 2;
  }
}

/** Every kernel on the interpreter, over the platform's own WebAssembly in the same process. */
export const kernelSuite: Suite = {
  name: "kernels",
  description: "the C kernels on the interpreter, as ratios to the platform's own WebAssembly",
  async run(): Promise<Table[]> {
    const rows: (string | number)[][] = [];
    for (const kernel of loadKernels()) {
      const native = nativeRun(kernel);
      const interpreted = engineRun(kernel, "interpreter");
      const check = interpreted(kernel.smallN);
      if (check !== kernel.smallResult) throw new Error(`${kernel.name}(${kernel.smallN}) gave ${check}`);
      const n = pickN(kernel, native);
      const times = await measure(
        [
          { name: "native", run: () => native(n) },
          { name: "interpreter", run: () => interpreted(n) },
        ],
        { rounds: 3, minTime: 20 },
      );
      const base = times.get("native") as number;
      const slow = times.get("interpreter") as number;
      rows.push([kernel.name, n, base, slow, slow / base]);
    }
    const scalar = rows.filter(([name]) => name !== "simd_saxpy").map((row) => row[4] as number);
    rows.push(["geometric mean, SIMD aside", "", "", "", geometricMean(scalar)]);
    return [
      {
        title: "Kernels: milliseconds, and the interpreter over native",
        columns: ["kernel", "n", "native", "interpreter", "ratio"],
        rows,
        notes: [`Node ${process.versions.node}, fuel counted`],
      },
    ];
  },
};
