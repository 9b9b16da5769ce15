import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Runtime } from "@wardian/runtime";
import { decodeModule } from "@wardian/runtime/formats";
import { findTool } from "../../../scripts/places.mjs";
import { measure } from "../measure.ts";
import { Missing, type Suite, type Table } from "../suite.ts";

/** The module that is loaded: Yosys, 31 MB, from the package that has it as one WASI program. */
function yosys(): Uint8Array {
  const folder = findTool("@yowasp/yosys/gen");
  if (folder === undefined) throw new Missing("the package @yowasp/yosys is not installed: npm run tools");
  const file = readdirSync(folder).find((name) => name.endsWith(".wasm"));
  if (file === undefined) throw new Error(`there is no module in ${folder}`);
  return new Uint8Array(readFileSync(join(folder, file)));
}

/** What a function of `retained.ts` answers in a process of its own. */
function inNewProcess(call: string, ...flags: string[]): number {
  const program = `
    import * as inside from ${JSON.stringify(new URL("retained.js", import.meta.url).href)};
    console.log(inside.${call});`;
  return Number(
    execFileSync(process.execPath, [...flags, "--input-type=module", "--eval", program], { encoding: "utf8" }),
  );
}

export { yosys };

/** Decoding and validation of a large module, beside the platform's own. */
export const loadSuite: Suite = {
  name: "load",
  description:
    "decoding and validating a 31 MB module, beside the platform's WebAssembly.validate, and what it holds in memory",
  async run(): Promise<Table[]> {
    const bytes = yosys();
    const runtime = new Runtime({ engine: "interpreter" });
    const cold = Math.min(...Array.from({ length: 10 }, () => inNewProcess("timeFirstLoad()")));
    const times = await measure(
      [
        { name: "native", run: () => WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>) },
        { name: "decode", run: () => decodeModule(bytes, runtime.features) },
        { name: "whole", run: () => runtime.compileSync(bytes) },
      ],
      { rounds: 5, minTime: 1, clock: "cpu" },
    );
    const native = times.get("native") as number;
    const row = (name: string, time: number): (string | number)[] => [name, time, time / native];
    const retained = inNewProcess("loadForMeasure(gc)", "--expose-gc");
    return [
      {
        title: `Loading a module of ${(bytes.length / 1e6).toFixed(1)} MB: milliseconds of processor time, and over WebAssembly.validate`,
        columns: ["what", "ms", "ratio"],
        rows: [
          row("WebAssembly.validate", native),
          row("decode", times.get("decode") as number),
          row("decode and validate, first time in a process", cold),
          row("decode and validate, warm", times.get("whole") as number),
        ],
      },
      {
        title: "Memory of the decoded module",
        columns: ["what", "MB", "ratio"],
        rows: [
          ["the module's bytes", bytes.length / 1e6, 1],
          ["decoded and validated, its bytes included", retained / 1e6, retained / bytes.length],
        ],
      },
    ];
  },
};
