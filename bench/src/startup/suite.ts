import { execFileSync } from "node:child_process";
import type { Suite, Table } from "../suite.ts";
import type { Once } from "./once.ts";

const sides = ["native", "platform", "compiler", "interpreter"] as const;
const ROUNDS = 3;

/** The best of several new processes, by processor time to the first output. */
function best(side: (typeof sides)[number]): Once {
  const program = `
    import { startOnce } from ${JSON.stringify(new URL("once.js", import.meta.url).href)};
    console.log(JSON.stringify(await startOnce(${JSON.stringify(side)})));`;
  const runs = Array.from({ length: ROUNDS }, (): Once => {
    const output = execFileSync(process.execPath, ["--no-warnings", "--input-type=module", "--eval", program], {
      encoding: "utf8",
      maxBuffer: 1 << 24,
    });
    return JSON.parse(output) as Once;
  });
  return runs.reduce((least, run) => (total(run) < total(least) ? run : least));
}

const total = ({ compile, instantiate, run }: Once): number => compile + instantiate + run;

/** From the bytes of a large program to its first output, in a process that has done nothing else; and what its prepared code takes. */
export const startupSuite: Suite = {
  name: "startup",
  description:
    "from the bytes of a 31 MB program to its first output, in new processes, and the memory of prepared code",
  async run(): Promise<Table[]> {
    const results = sides.map((side) => [side, best(side)] as const);
    const { code, bodies } = results[results.length - 1][1];
    return [
      {
        title: "yosys -V (31 MB) in a new process: milliseconds of processor time",
        columns: ["engine", "compile", "instantiate", "run", "all"],
        rows: results.map(([side, once]) => [side, once.compile, once.instantiate, once.run, total(once)]),
        notes: [`Node ${process.versions.node}; threads of the platform's compilers are counted`],
      },
      {
        title: "Code that the interpreter prepared for it",
        columns: ["what", "kB", "ratio"],
        rows: [
          ["bodies of the functions that ran", bodies / 1000, 1],
          ["their prepared code", code / 1000, code / bodies],
        ],
      },
    ];
  },
};
