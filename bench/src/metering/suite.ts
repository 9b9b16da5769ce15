import { kernelFolder } from "../kernels/kernels.ts";
import type { Suite, Table } from "../suite.ts";
import { callTable } from "./calls.ts";
import { densityTable } from "./density.ts";
import { kernelTable } from "./kernels.ts";
import { latencyTable } from "./latency.ts";
import { rewritingTable } from "./rewriting.ts";
import { wasmtimeTable } from "./wasmtime.ts";

/** What limits cost on the platform engine. */
export const meteringSuite: Suite = {
  name: "metering",
  description: "what limits cost on the platform engine: code, calls, rewriting, instances, and a server's latency",
  async run(): Promise<Table[]> {
    const kernels = await kernelTable();
    const sizes = new Map(kernels.rows.map(([name, n]) => [String(name), Number(n)]));
    const wasmtime = wasmtimeTable(sizes, kernelFolder);
    return [
      kernels,
      ...(wasmtime === undefined ? [] : [wasmtime]),
      await callTable(),
      await rewritingTable(),
      densityTable(),
      await latencyTable(),
    ];
  },
};
