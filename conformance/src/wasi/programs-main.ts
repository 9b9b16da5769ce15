import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ENGINES, type EngineName, openEngine } from "./engines.ts";
import { programs } from "./programs.ts";

const USAGE = `Usage: npm run conformance:programs -- [--engine NAME] [--filter TEXT]

Runs real programs on an engine: interpreters of other languages, a database, a compiler, and, where their
compilers are installed, programs in C and Rust and the tests of Go's own library.

  --engine NAME   ${ENGINES.join(", ")} (default: platform)
  --filter TEXT   only programs with this in their name
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      engine: { type: "string", default: "platform" },
      filter: { type: "string", default: "" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const name = values.engine as EngineName;
  if (!ENGINES.includes(name)) throw new Error(`there is no engine ${name}; there are ${ENGINES.join(", ")}`);
  let failed = 0;
  if (!values.filter) {
    // Each in a process of its own: what a program of thirty megabytes was made into need not be kept for the next.
    for (const program of programs) {
      const args = [...process.execArgv, fileURLToPath(import.meta.url), "--engine", name, "--filter", program.name];
      if (spawnSync(process.execPath, args, { stdio: "inherit" }).status !== 0) failed++;
    }
    return failed === 0 ? 0 : 1;
  }
  const run = openEngine(name).get("sync")!;
  for (const program of programs) {
    if (!program.name.includes(values.filter)) continue;
    const missing = program.missing();
    const refused = program.refused?.(name);
    if (missing !== undefined || refused !== undefined) {
      // Where everything is installed, nothing may be left out unseen.
      const failure = missing !== undefined && process.env.CI === "true";
      if (failure) failed++;
      process.stdout.write(`${failure ? "FAILED  " : "left out"}  ${program.name}: ${missing ?? refused}\n`);
      continue;
    }
    const start = performance.now();
    let result = "passed  ";
    let reason = "";
    try {
      await program.run(run);
    } catch (error) {
      failed++;
      result = "FAILED  ";
      reason = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    process.stdout.write(`${result}  ${program.name} (${seconds} s)${reason}\n`);
  }
  return failed === 0 ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  },
);
