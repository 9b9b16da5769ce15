import { Runtime } from "@wardian/runtime";
import { type Kernel, loadKernels } from "../kernels/kernels.ts";
import { type Candidate, geometricMean, measure, processorTime } from "../measure.ts";
import type { Suite, Table } from "../suite.ts";
import { saxpyByHand } from "./by-hand.ts";
import { loadPeers, type Peer, type Run } from "./peers.ts";
import { startUpTable } from "./start-up.ts";

const BY_HAND = "by hand";
const stubs = new Proxy({}, { get: () => () => 0 });
const imports = { wasi_snapshot_preview1: stubs };

function native(bytes: Uint8Array): Run {
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  return new WebAssembly.Instance(module, imports as WebAssembly.Imports).exports.run as unknown as Run;
}

function compiled(bytes: Uint8Array): Run {
  const runtime = new Runtime({ engine: "compiler" });
  return runtime.instantiateSync(runtime.compileSync(bytes), imports).exports.run;
}

/** The peer's function, or undefined where it cannot translate the kernel or gets it wrong. */
function attempt(kernel: Kernel, peer: Peer): Run | undefined {
  if (peer.lacks?.test(kernel.exercises)) return undefined;
  try {
    const run = peer.run(kernel.bytes);
    return run(kernel.smallN) === kernel.smallResult ? run : undefined;
  } catch {
    return undefined;
  }
}

/** Grows n until native code takes some milliseconds. */
function pickN(kernel: Kernel, run: Run): number {
  for (let n = kernel.smallN; ; n = Math.max(n + 1, Math.floor(n * 1.25))) {
    // Once before, since the platform optimises meanwhile.
    run(n);
    const start = processorTime();
    run(n);
    if (processorTime() - start > 4 || n * 1.25 > kernel.n) return n;
  }
}

/** The compiler beside the other translators from WebAssembly to JavaScript. */
export const compilerSuite: Suite = {
  name: "compiler",
  description: "the compiler beside polywasm and wasm2js, as ratios to the platform's own WebAssembly",
  async run(): Promise<Table[]> {
    const peers = await loadPeers();
    const names = ["compiler", ...peers.map(({ name }) => name)];
    const rows: (string | number)[][] = [];
    let byHand = Number.NaN;
    for (const kernel of loadKernels()) {
      const base = native(kernel.bytes);
      const n = pickN(kernel, base);
      const candidates: Candidate[] = [{ name: "native", run: () => base(n) }];
      for (const peer of [{ name: "compiler", run: compiled }, ...peers]) {
        const run = attempt(kernel, peer);
        if (run !== undefined) candidates.push({ name: peer.name, run: () => run(n) });
      }
      if (kernel.name === "simd_saxpy") {
        if (saxpyByHand(kernel.smallN) !== kernel.smallResult) throw new Error("simd_saxpy by hand is wrong");
        candidates.push({ name: BY_HAND, run: () => saxpyByHand(n) });
      }
      const times = await measure(candidates, { rounds: 12, minTime: 10, clock: "cpu" });
      const unit = times.get("native") as number;
      byHand = times.has(BY_HAND) ? (times.get(BY_HAND) as number) / unit : byHand;
      rows.push([
        kernel.name,
        unit,
        ...names.map((name) => (times.has(name) ? (times.get(name) as number) / unit : "wrong")),
      ]);
    }
    const means = names.map((_, i) => {
      const known = rows.map((row) => row[2 + i]).filter((value): value is number => typeof value === "number");
      return known.length === 0 ? "-" : geometricMean(known);
    });
    return [
      {
        title: "WebAssembly to JavaScript: milliseconds of native code, and the translators' time over it",
        columns: ["kernel", "native ms", ...names],
        rows: [...rows, ["geometric mean of what is right", "", ...means]],
        notes: [
          `Node ${process.versions.node}; the compiler checks bounds, traps and counts fuel, the others do none of it`,
          `simd_saxpy written in JavaScript by hand, without checks and fuel, takes ${byHand.toFixed(1)} times native code`,
          "processor time, least of twelve; peers are measured where WARDIAN_PEERS names a folder in which polywasm and binaryen are installed",
        ],
      },
      await startUpTable(),
    ];
  },
};
