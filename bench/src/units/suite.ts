import { readFileSync } from "node:fs";
import { CompileError, type EngineName, type Module, Runtime, Trap } from "@wardian/runtime";
import { processorTime } from "../measure.ts";
import type { Suite, Table } from "../suite.ts";
import { unitPrograms } from "./programs.ts";

const ENGINES: readonly EngineName[] = ["compiler", "interpreter", "platform"];
/** Rows above this many nanoseconds are shown, and the largest of each engine in any case. */
const OUTLIER = 20;
const LARGEST = 12;

/** Milliseconds of processor time of this thread where Linux tells: V8's compilers run in others. */
function threadTime(): number {
  try {
    return Number(readFileSync("/proc/thread-self/schedstat", "utf8").split(" ")[0]) / 1e6;
  } catch {
    return processorTime();
  }
}

const imports = { host: { f: () => {} } };

/** Nanoseconds of processor time that a unit takes at worst in a guest that never ends; undefined where the engine refuses the module. */
function nanosecondsOfAUnit(
  runtime: Runtime,
  module: Module,
): { readonly first: number; readonly later: number } | undefined {
  let first = 0;
  let later = Number.POSITIVE_INFINITY;
  let fuel = 20_000;
  for (let round = 0, long = 0; round < 8 && long < 3; round++) {
    let instance: ReturnType<Runtime["instantiateSync"]>;
    try {
      instance = runtime.instantiateSync(module, imports, { limits: { fuel: BigInt(fuel) } });
    } catch (error) {
      if (error instanceof CompileError || error instanceof Error) return undefined;
      throw error;
    }
    const start = threadTime();
    try {
      instance.exports.run();
    } catch (error) {
      if (!(error instanceof Trap && error.code === "fuel-exhausted")) throw error;
    }
    const time = threadTime() - start;
    const each = (time * 1e6) / Number(instance.fuel.consumed);
    if (round === 0) first = each;
    // The system tells a thread's time by ticks of some milliseconds, so short rounds tell nothing.
    else if (time > 15 || later === Number.POSITIVE_INFINITY) later = long === 0 ? each : Math.min(later, each);
    if (time > 500) return { first, later: Math.min(each, later) };
    if (time > 15) long++;
    else fuel = Math.min(fuel * 5, 1_000_000);
  }
  return { first, later };
}

/** What one unit of fuel takes, by instruction: fuel and deadlines hold only as well as the most expensive unit. */
export const unitSuite: Suite = {
  name: "units",
  description: "processor time that one unit of fuel buys, by instruction, with the operands that take longest",
  async run(): Promise<Table[]> {
    const wanted = process.env.UNITS;
    const programs = unitPrograms().filter(({ name }) => wanted === undefined || name.includes(wanted));
    const rows: (string | number)[][] = [];
    for (const { name, source } of programs) {
      const row: (string | number)[] = [name];
      const features = { "wide-arithmetic": true };
      const { bytes } = new Runtime({ features }).compileSync(source);
      for (const engine of ENGINES) {
        const runtime = new Runtime({ engine, features });
        const units = nanosecondsOfAUnit(runtime, runtime.compileSync(bytes));
        row.push(units?.later ?? "refused", units?.first ?? "");
      }
      rows.push(row);
      if (process.env.UNITS_LOG) console.error(row.join("\t"));
    }
    const shown = new Set<(string | number)[]>();
    for (let column = 1; column < 2 * ENGINES.length; column += 2) {
      const sorted = rows.filter((row) => typeof row[column] === "number");
      sorted.sort((a, b) => (b[column] as number) - (a[column] as number));
      sorted.forEach((row, i) => {
        if (i < LARGEST || (row[column] as number) > OUTLIER) shown.add(row);
      });
    }
    return [
      {
        title: "Nanoseconds of processor time for one unit of fuel",
        columns: ["program", ...ENGINES.flatMap((engine) => [engine, "first"])],
        rows: rows.filter((row) => shown.has(row)),
        notes: [
          `Node ${process.versions.node}; ${rows.length} programs, of which those above ${OUTLIER} ns on some engine and the ${LARGEST} slowest of each are shown`,
          '"first" is the first run of 20,000 units, with what the engine makes of the function then',
        ],
      },
    ];
  },
};
