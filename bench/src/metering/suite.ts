import { available, type Suite, type Table } from "../suite.ts";
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
    const sizes = new Map<string, number>();
    return available(
      async () => {
        const kernels = await kernelTable();
        for (const [name, n] of kernels.rows) sizes.set(String(name), Number(n));
        return kernels;
      },
      () => wasmtimeTable(sizes),
      callTable,
      rewritingTable,
      densityTable,
      latencyTable,
    );
  },
};
