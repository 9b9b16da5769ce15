import { createRequire } from "node:module";
import { type InstantiateOptions, Runtime } from "@wardian/runtime";
import { findTool } from "../../../scripts/places.mjs";
import { type Kernel, loadKernels, stubs } from "../kernels/kernels.ts";
import { type Candidate, geometricMean, measure } from "../measure.ts";
import type { Table } from "../suite.ts";

type Run = (n: number) => number;

/** How guests are metered in turn: fuel alone, with a limit of depth, and with fuel that is exact after the platform's own traps. */
const variants: readonly (readonly [string, InstantiateOptions])[] = [
  ["fuel", { limits: { fuel: 1n << 60n } }],
  ["+ depth", { limits: { fuel: 1n << 60n, callDepth: 10_000 } }],
  ["+ exact", { limits: { fuel: 1n << 60n }, exactFuel: true }],
];

function native(bytes: Uint8Array, more: WebAssembly.Imports = {}): Run {
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  const imports = { wasi_snapshot_preview1: stubs, ...more } as WebAssembly.Imports;
  return new WebAssembly.Instance(module, imports).exports.run as unknown as Run;
}

/** The npm package that meters for blockchains: it calls a host function at each block. It fails on anything newer than WebAssembly 1.0. */
function wasmMetering(kernel: Kernel): Run | undefined {
  const path = findTool("wasm-metering/index.js");
  if (path === undefined) return undefined;
  const { meterWASM } = createRequire(path)(path) as { meterWASM(bytes: Buffer): Buffer };
  try {
    return native(new Uint8Array(meterWASM(Buffer.from(kernel.bytes))), {
      metering: {
        usegas: () => {},
      },
    });
  } catch {
    return undefined;
  }
}

/** Grows n from the small one until native code takes long enough to be timed. */
export function timedN(kernel: Kernel, run: Run): number {
  let n = kernel.smallN;
  for (;;) {
    const start = process.cpuUsage().user;
    run(n);
    if (process.cpuUsage().user - start > 25_000 || n * 1.25 > kernel.n) return n;
    n = Math.max(n + 1, Math.floor(n * 1.25));
  }
}

async function row(kernel: Kernel): Promise<(string | number)[]> {
  const raw = native(kernel.bytes);
  const n = timedN(kernel, raw);
  const candidates: Candidate[] = [{ name: "raw", run: () => raw(n) }];
  const runtime = new Runtime({ engine: "platform" });
  const module = runtime.compileSync(kernel.bytes);
  for (const [name, options] of variants) {
    const { exports } = runtime.instantiateSync(module, { wasi_snapshot_preview1: stubs }, options);
    if (exports.run(kernel.smallN) !== kernel.smallResult) throw new Error(`${kernel.name} gave a wrong result`);
    candidates.push({ name, run: () => exports.run(n) });
  }
  const times = await measure(candidates, { rounds: 9, minTime: 25, clock: "cpu" });
  const base = times.get("raw") as number;
  const other = wasmMetering(kernel);
  // At a small size, since it takes up to fifty times as long.
  const small = Math.max(kernel.smallN, Math.floor(n / 8));
  const otherTimes =
    other === undefined
      ? undefined
      : await measure(
          [
            { name: "raw", run: () => raw(small) },
            { name: "metered", run: () => other(small) },
          ],
          { rounds: 3, minTime: 5, clock: "cpu" },
        );
  return [
    kernel.name,
    n,
    base,
    ...variants.map(([name]) => (times.get(name) as number) / base),
    otherTimes === undefined ? "fails" : (otherTimes.get("metered") as number) / (otherTimes.get("raw") as number),
  ];
}

/** Metered code over raw native code, kernel by kernel. */
export async function kernelTable(): Promise<Table> {
  const rows: (string | number)[][] = [];
  for (const kernel of loadKernels()) rows.push(await row(kernel));
  const numbers = (column: number): number[] =>
    rows.map((cells) => cells[column]).filter((cell): cell is number => typeof cell === "number");
  const columns = [3, 4, 5, 6];
  return {
    title: "Metering on the platform engine: time over the same code without it",
    columns: ["kernel", "n", "raw ms", ...variants.map(([name]) => name), "wasm-metering"],
    rows: [
      ...rows,
      ["geometric mean", "", "", ...columns.map((column) => geometricMean(numbers(column)))],
      ["worst", "", "", ...columns.map((column) => Math.max(...numbers(column)))],
    ],
    notes: [
      `Node ${process.versions.node}, processor time; every column burns exactly the fuel that the interpreter burns`,
      "wasm-metering 0.2.1 from npm calls a host function at each block, and cannot stop a loop without one that traps",
    ],
  };
}
