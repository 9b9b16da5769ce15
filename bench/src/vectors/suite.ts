import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type EngineName, LinkError, Runtime } from "@wardian/runtime";
import { geometricMean, measure } from "../measure.ts";
import type { Suite, Table } from "../suite.ts";

/** Programs in `bench/vectors`, and how much each does: a few milliseconds of native code. */
const programs: readonly (readonly [string, number])[] = [
  ["mandelbrot", 512],
  ["cipher", 40_000],
  ["arrays", 200],
];
const engines: readonly EngineName[] = ["platform", "compiler", "interpreter"];

type Run = (n: number) => number;

/** @returns undefined where there is no clang that makes WebAssembly */
function compileC(name: string, folder: string): Uint8Array<ArrayBuffer> | undefined {
  const source = fileURLToPath(new URL(`../../vectors/${name}.c`, import.meta.url));
  const target = join(folder, `${name}.wasm`);
  const options = ["--target=wasm32", "-nostdlib", "-O3", "-msimd128", "-Wl,--no-entry"];
  const { status, stderr, error } = spawnSync("clang", [...options, "-o", target, source], { encoding: "utf8" });
  if (error !== undefined) return undefined;
  if (status !== 0) throw new Error(`clang could not compile ${source}:\n${stderr}`);
  return new Uint8Array(readFileSync(target));
}

function engineRun(bytes: Uint8Array, engine: EngineName): Run | undefined {
  const runtime = new Runtime({ engine });
  try {
    return runtime.instantiateSync(runtime.compileSync(bytes)).exports.run;
  } catch (error) {
    if (error instanceof LinkError) return undefined;
    throw error;
  }
}

async function row(name: string, n: number, bytes: Uint8Array<ArrayBuffer>): Promise<(string | number)[]> {
  const native = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.run as unknown as Run;
  const expected = native(n);
  const candidates = [{ name: "native", run: () => native(n) }];
  for (const engine of engines) {
    const run = engineRun(bytes, engine);
    if (run === undefined) continue;
    if (run(n) !== expected) throw new Error(`${engine}: ${name}(${n}) is not ${expected}`);
    candidates.push({ name: engine, run: () => run(n) });
  }
  const times = await measure(candidates, { rounds: 9, minTime: 20, clock: "cpu" });
  const base = times.get("native") as number;
  return [name, n, base, ...engines.map((engine) => (times.has(engine) ? (times.get(engine) as number) / base : "-"))];
}

/** Vector code that no instruction of the engines was chosen by. */
export const vectorSuite: Suite = {
  name: "vectors",
  description: "SIMD programs in C that no engine was tuned to, as ratios to the platform's own WebAssembly",
  async run(): Promise<Table[]> {
    const folder = mkdtempSync(join(tmpdir(), "wardian-vectors-"));
    const rows: (string | number)[][] = [];
    const notes = [`Node ${process.versions.node}; fuel is counted on all engines`];
    try {
      for (const [name, n] of programs) {
        const bytes = compileC(name, folder);
        if (bytes === undefined) notes.push(`${name} is left out: there is no clang here`);
        else rows.push(await row(name, n, bytes));
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const mean = (column: number): string | number => {
      const ratios = rows.map((cells) => cells[column]).filter((value) => typeof value === "number");
      return ratios.length === 0 ? "-" : geometricMean(ratios);
    };
    return [
      {
        title: "Vectors: milliseconds of native code, and the engines' time over it",
        columns: ["program", "n", "native ms", ...engines],
        rows: [...rows, ["geometric mean", "", "", ...engines.map((_, i) => mean(3 + i))]],
        notes,
      },
    ];
  },
};
