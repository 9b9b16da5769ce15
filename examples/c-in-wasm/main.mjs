// A C compiler and a linker, both WebAssembly guests, make a module of examples/factorial.c in memory; then that module runs too.
// Nothing of the host's file system is reached but the three files that this script reads.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Runtime } from "@wardian/runtime";
import { MemoryFileSystem, WASI } from "@wardian/wasi";
import { language } from "../../scripts/places.mjs";

const engine = process.argv[2] ?? "auto";
const runtime = new Runtime({ engine, limits: { fuel: 20_000_000_000n, memory: 1024 * 1024 * 1024 } });

const files = MemoryFileSystem.fromTar(gunzipSync(readFileSync(language("clang-fs.tar.gz"))));
files.writeFile("factorial.c", readFileSync(new URL("../factorial.c", import.meta.url)));

/** Runs one of the two tools on the files in memory. */
async function tool(name, args) {
  const module = await runtime.compile(readFileSync(language(`${name}.wasm`)));
  const wasi = new WASI({ args: [name, ...args], preopens: { "/": files }, stdout: "inherit", stderr: "inherit" });
  const instance = await runtime.instantiate(module, wasi.importsFor(module.imports));
  const exitCode = await wasi.start(instance);
  if (exitCode !== 0) throw new Error(`${name} ended with exit code ${exitCode}`);
  console.log(`${name}: ${instance.fuel.consumed} units of fuel on the ${instance.engine.name} engine`);
}

await tool("clang", [
  "-cc1",
  "-triple",
  "wasm32-unknown-wasi",
  "-O2",
  "-emit-obj",
  "-o",
  "/factorial.o",
  "/factorial.c",
]);
await tool("wasm-ld", ["--no-threads", "--no-entry", "--export=factorial", "-o", "/factorial.wasm", "/factorial.o"]);

const bytes = files.readFile("factorial.wasm");
const { exports } = await runtime.instantiate(await runtime.compile(bytes));
console.log(`factorial(20) = ${exports.factorial(20n)}, from a module of ${bytes.length} bytes`);
