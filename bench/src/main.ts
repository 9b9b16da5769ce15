import { parseArgs } from "node:util";
import { writeFigures } from "../../scripts/figures.mjs";
import { callSuite } from "./calls/suite.ts";
import { compilerSuite } from "./compiler/suite.ts";
import { gcSuite } from "./gc/suite.ts";
import { kernelSuite } from "./kernels/suite.ts";
import { loadSuite } from "./load/suite.ts";
import { meteringSuite } from "./metering/suite.ts";
import { sharingSuite } from "./proxy-wasm/sharing.ts";
import { proxyWasmSuite } from "./proxy-wasm/suite.ts";
import { startupSuite } from "./startup/suite.ts";
import { formatTable, Missing, type Suite, type Table } from "./suite.ts";
import { unitSuite } from "./units/suite.ts";
import { vectorSuite } from "./vectors/suite.ts";
import { wasiSuite } from "./wasi/suite.ts";

const suites: readonly Suite[] = [
  kernelSuite,
  vectorSuite,
  unitSuite,
  gcSuite,
  callSuite,
  startupSuite,
  compilerSuite,
  meteringSuite,
  loadSuite,
  wasiSuite,
  proxyWasmSuite,
  sharingSuite,
];

const usage = `usage: npm run bench -- [--json] [--write] [NAME…]

${suites.map((suite) => `  ${suite.name.padEnd(14)}${suite.description}`).join("\n")}

Without a name all run. With --write the documentation gets the figures that the benchmarks print.`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const unknown = positionals.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    console.error(`no benchmark is named "${unknown}"\n\n${usage}`);
    return 2;
  }
  const tables: Table[] = [];
  /** Whether a benchmark that was asked for by name could not run. */
  let lacking = false;
  for (const suite of suites) {
    if (positionals.length > 0 && !positionals.includes(suite.name)) continue;
    let measured: Table[];
    try {
      measured = await suite.run();
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      console.error(`${suite.name} is left out: ${error.message}\n`);
      if (positionals.length > 0) lacking = true;
      continue;
    }
    for (const table of measured) {
      tables.push(table);
      if (!values.json) console.log(`${formatTable(table)}\n`);
      if (values.write && table.figures !== undefined)
        console.error(`written: ${writeFigures(table.figures).join(", ")}\n`);
    }
  }
  if (values.json) console.log(JSON.stringify(tables, undefined, 2));
  return lacking ? 1 : 0;
}

process.exitCode = await main();
