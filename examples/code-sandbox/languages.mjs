// The interpreters that programs run in: real ones, compiled to WebAssembly by others. What is expensive about them is done once for each engine.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Runtime } from "@wardian/runtime";
import { MemoryFileSystem } from "@wardian/wasi";
import { language } from "../../scripts/places.mjs";

/** What each language needs: its interpreter, its library, and how it is told what to run. */
const LANGUAGES = {
  python: {
    wasm: "python-3.11.3.wasm",
    library: "python-3.11.3.tar.gz",
    program: "main.py",
    // Nothing but the library: no environment, no site packages, no byte code written beside the sources.
    args: ["python", "-I", "-B", "/main.py"],
  },
  javascript: {
    wasm: "wasmedge_quickjs.wasm",
    library: undefined,
    program: "main.js",
    // What a program imports as "./files.js".
    files: { "files.js": readFileSync(new URL("files.js", import.meta.url)) },
    args: ["qjs", "/main.js"],
  },
};

const prepared = new Map();

/**
 * Compiles an interpreter and unpacks its library, once for each engine.
 *
 * @param {"python" | "javascript"} name
 * @param {string} engine as `Runtime` takes it
 */
export function prepare(name, engine) {
  const key = `${name} ${engine}`;
  if (!prepared.has(key)) prepared.set(key, load(LANGUAGES[name], engine));
  return prepared.get(key);
}

async function load({ wasm, library, files, program, args }, engine) {
  const runtime = new Runtime({ engine });
  return {
    program,
    args,
    runtime,
    module: await runtime.compile(readFileSync(language(wasm))),
    library:
      library === undefined
        ? MemoryFileSystem.from(files)
        : MemoryFileSystem.fromTar(gunzipSync(readFileSync(language(library)))),
  };
}
