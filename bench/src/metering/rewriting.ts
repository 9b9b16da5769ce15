import { execFileSync } from "node:child_process";
import { Runtime } from "@wardian/runtime";
import { rewriteForMeasure } from "@wardian/runtime/internal";
import { yosys } from "../load/suite.ts";
import { measure } from "../measure.ts";
import type { Table } from "../suite.ts";

/**
 * Milliseconds of processor time, on all threads, that something takes with the large module when it is done for the first time in a
 * process. For the platform's compiler there is no second time: a second module of the same bytes is the first.
 *
 * @param prepare and `work` are statements; `bytes` is the module
 */
function coldTime(prepare: string, work: string, flags: readonly string[] = []): number {
  const program = `
    import { yosys } from ${JSON.stringify(new URL("../load/suite.js", import.meta.url).href)};
    const bytes = yosys();
    ${prepare}
    const before = process.cpuUsage();
    ${work}
    const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1000);`;
  const args = [...flags, "--input-type=module", "--eval", program];
  const times = [1, 2, 3].map(() => Number(execFileSync(process.execPath, args, { encoding: "utf8" })));
  return Math.min(...times);
}

function coldRewriting(): number {
  const [runtime, internal] = ["@wardian/runtime", "@wardian/runtime/internal"].map((name) =>
    import.meta.resolve(name),
  );
  return coldTime(
    `const { Runtime } = await import(${JSON.stringify(runtime)});
    const { rewriteForMeasure } = await import(${JSON.stringify(internal)});
    const module = new Runtime({ engine: "interpreter" }).compileSync(bytes);`,
    "rewriteForMeasure(module);",
  );
}

/** What rewriting takes beside the platform's own compilation. */
export async function rewritingTable(): Promise<Table> {
  const bytes = yosys();
  const module = new Runtime({ engine: "interpreter" }).compileSync(bytes);
  const times = await measure([{ name: "rewrite", run: () => rewriteForMeasure(module) }], {
    rounds: 4,
    minTime: 1,
    clock: "cpu",
  });
  const rewrite = times.get("rewrite") as number;
  const megabytes = bytes.length / 1e6;
  const cold = coldRewriting();
  const rows: (string | number)[][] = [
    ["plan and rewrite, warm", rewrite, rewrite / megabytes, 1, ""],
    ["plan and rewrite, for the first time in a process", cold, cold / megabytes, "", 1],
  ];
  for (const [name, flags] of [
    ["the platform, functions when first called", []],
    ["the platform, all of them at once", ["--no-wasm-lazy-compilation"]],
  ] as const) {
    const time = coldTime("", "new WebAssembly.Module(bytes);", flags);
    rows.push([name, time, time / megabytes, rewrite / time, cold / time]);
  }
  return {
    title: `Rewriting a module of ${megabytes.toFixed(0)} MB`,
    columns: ["", "ms", "ms per MB", "warm over it", "cold over it"],
    rows,
    notes: [
      `the rewritten module is ${(rewriteForMeasure(module).length / bytes.length).toFixed(2)} times as large; Node ${process.versions.node}`,
    ],
  };
}
