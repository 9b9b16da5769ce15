// Runs CPython, a program that knows nothing of Wardian, under limits: first it computes something, then it never ends and is stopped.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Runtime, Trap } from "@wardian/runtime";
import { MemoryFileSystem, WASI } from "@wardian/wasi";
import { language } from "../../scripts/places.mjs";

const engine = process.argv[2] ?? "auto";

const runtime = new Runtime({ engine });
const python = await runtime.compile(readFileSync(language("python-3.11.3.wasm")));
const library = MemoryFileSystem.fromTar(gunzipSync(readFileSync(language("python-3.11.3.tar.gz"))));

/** Runs a Python program in a fresh interpreter that sees nothing but its library, and cannot outrun its fuel. */
async function run(program, fuel) {
  const wasi = new WASI({
    args: ["python", "-c", program],
    preopens: { "/": library.clone() },
    stdout: "inherit",
    stderr: "inherit",
  });
  const limits = { fuel, memory: 256 * 1024 * 1024, callDepth: 10_000 };
  const instance = await runtime.instantiate(python, wasi.imports, { limits });
  try {
    const exitCode = await wasi.start(instance);
    return `exit code ${exitCode}`;
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    return `stopped: ${error.message}`;
  } finally {
    console.log(`  [${instance.engine.name}, ${instance.fuel.consumed} units of fuel]`);
  }
}

console.log("Python computes 30 factorial:");
console.log(`  ${await run("import math; print(' ', math.factorial(30))", 5_000_000_000n)}`);
console.log("Python loops for ever:");
console.log(`  ${await run("while True: pass", 2_000_000_000n)}`);
