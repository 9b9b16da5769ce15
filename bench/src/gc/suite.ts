import { type EngineName, Runtime } from "@wardian/runtime";
import { WASI } from "@wardian/wasi";
import { stubs } from "../kernels/kernels.ts";
import { type Candidate, measure } from "../measure.ts";
import type { Suite, Table } from "../suite.ts";
import { bytesOfAUnit } from "./allocation.ts";
import { kernels, source } from "./kernels.ts";
import { compileKotlin } from "./kotlin.ts";

type Run = (...args: number[]) => unknown;
type Exports = Readonly<Record<string, Run>>;

const hasStructures = (): boolean =>
  WebAssembly.validate(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 3, 1, 0x5f, 0));

const named = (exports: Exports, side: string, name: string, args: readonly number[]): Candidate => ({
  name: side,
  run: () => exports[name](...args),
});

/** The exports of the program on every side: its `main` has run, but on the platform by itself, which has no host for it. */
async function kotlinExports(bytes: Uint8Array<ArrayBuffer>, side: string): Promise<Exports> {
  if (side === "native") {
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), { wasi_snapshot_preview1: stubs })
      .exports as unknown as Exports;
  }
  const runtime = new Runtime({ engine: side as EngineName });
  const wasi = new WASI();
  const instance = await runtime.instantiate(await runtime.compile(bytes), wasi.imports);
  await wasi.start(instance);
  return instance.exports as unknown as Exports;
}

/** Structures, arrays and casts on all engines, and how much of the heap fuel buys. */
export const gcSuite: Suite = {
  name: "gc",
  description: "structures, arrays and casts on all engines; bytes of heap for a unit of fuel",
  async run(): Promise<Table[]> {
    const engines: readonly EngineName[] = [
      "compiler",
      "interpreter",
      ...(hasStructures() ? (["platform"] as const) : []),
    ];
    const sides = [...engines, ...(hasStructures() ? ["native"] : [])];
    const options = { rounds: 8, minTime: 5, clock: "cpu" } as const;
    const { bytes } = new Runtime().compileSync(source);
    const exportsOf = new Map(
      sides.map((side) => {
        if (side === "native") {
          const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
          return [side, new WebAssembly.Instance(module).exports as unknown as Exports];
        }
        const runtime = new Runtime({ engine: side as EngineName });
        return [side, runtime.instantiateSync(runtime.compileSync(bytes)).exports as unknown as Exports];
      }),
    );
    const rows: (string | number)[][] = [];
    const time = async (title: string, candidates: readonly Candidate[]): Promise<void> => {
      const results = new Set(candidates.map(({ run }) => run()));
      if (results.size > 1) throw new Error(`${title}: ${[...results].join(" or ")}`);
      const times = await measure(candidates, options);
      rows.push([title, ...sides.map((side) => times.get(side) as number)]);
    };
    for (const [name, size, times] of kernels)
      await time(
        name,
        sides.map((side) => named(exportsOf.get(side)!, side, name, [size, times])),
      );
    const kotlin = compileKotlin();
    if (kotlin !== undefined) {
      const candidates: Candidate[] = [];
      for (const side of sides) candidates.push(named(await kotlinExports(kotlin, side), side, "run", [20]));
      await time("Kotlin: guests/kotlin/work.kt", candidates);
    }
    return [
      {
        title: "Garbage collection: milliseconds of processor time",
        columns: ["kernel", ...sides],
        rows,
        notes: [
          `Node ${process.versions.node}; fuel is counted on all engines but the platform's raw code; least of eight rounds`,
          ...(kotlin === undefined
            ? ["the program in Kotlin is left out: it takes Java and the package kotlin-compiler (npm run tools)"]
            : []),
        ],
      },
      {
        title: "Bytes of heap that a guest can hold for each unit of fuel",
        columns: ["what it makes", ...engines],
        rows: bytesOfAUnit(engines),
      },
    ];
  },
};
