// Runs generated code in this very process: Python or JavaScript, in an interpreter that is itself a WebAssembly guest, so that neither the code nor a bug of the
// interpreter gets past the limits. Each run is a sandbox of its own, used once; `keepWarm` starts some ahead of their programs.
import { Trap } from "@wardian/runtime";
import { CapturedOutput, OverlayFileSystem, WASI } from "@wardian/wasi";
import { prepare } from "./languages.mjs";

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

/** The functions by which an interpreter finds its program; each begins with a directory, flags, and the path's address and length. */
const LOOKS = ["path_filestat_get", "path_open"];

/** An interpreter, its files and its streams: for one program, and then no more. */
class Sandbox {
  #prepared;
  #instance;
  #wasi;
  #inputs;
  #work;
  #stdin;
  #stdout = new CapturedOutput();
  #stderr = new CapturedOutput();
  #stop = new AbortController();
  #exit;
  #looked = withResolvers();
  #program = withResolvers();
  #hasProgram = false;

  constructor(prepared, limits) {
    this.#prepared = prepared;
    // Three layers: the library, which all share; the files of this run; and what the program changes, which alone is limited and handed back.
    const unlimited = { maxBytes: Number.POSITIVE_INFINITY, maxFiles: Number.POSITIVE_INFINITY };
    this.#inputs = new OverlayFileSystem(prepared.library, unlimited);
    this.#work = new OverlayFileSystem(this.#inputs, { maxBytes: limits.fileBytes, maxFiles: limits.fileCount });
    this.#wasi = new WASI({
      args: prepared.args,
      preopens: { "/": this.#work },
      stdin: () => {
        const all = this.#stdin;
        this.#stdin = undefined;
        return all;
      },
      stdout: this.#stdout,
      stderr: this.#stderr,
      limits: { output: limits.output },
    });
  }

  /** @param {boolean} async whether it must be possible to suspend it */
  static async make(name, engine, limits, async) {
    const prepared = await prepare(name, engine);
    const sandbox = new Sandbox(prepared, limits);
    const { fuel, timeout, memory, callDepth } = limits;
    const options = { limits: { fuel, timeout, memory, callDepth }, async };
    sandbox.#instance = await prepared.runtime.instantiate(prepared.module, sandbox.#imports(), options);
    return sandbox;
  }

  /** Whether it can be started ahead of its program: the guest must be able to wait for a promise. */
  get canWait() {
    return this.#instance.canSuspend;
  }

  /** Starts the interpreter and lets it run up to the moment at which it looks for its program: there it waits, and knows nothing yet of what it will run. */
  async warm() {
    this.#start();
    await Promise.race([this.#looked.promise, this.#exit]);
  }

  /** Runs a program; see {@link run}. */
  async run(code, { files = {}, stdin, signal } = {}) {
    const start = performance.now();
    // Written below the layer in which the guest works; it has not looked at any of these names.
    for (const [path, content] of Object.entries(files)) this.#inputs.writeFile(path, content);
    this.#inputs.writeFile(this.#prepared.program, code);
    this.#stdin = stdin;
    this.#hasProgram = true;
    this.#program.resolve();
    const stop = () => this.end(signal.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop);
    let exitCode;
    let stopped;
    try {
      exitCode = await this.#start();
    } catch (error) {
      if (!(error instanceof Trap)) throw error;
      stopped = error.code;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
    const { written, removed } = this.#work.changes();
    return {
      exitCode,
      stopped,
      stdout: this.#stdout.text,
      stderr: this.#stderr.text,
      files: written,
      removed,
      usage: {
        engine: this.#instance.engine.name,
        fuel: this.#instance.fuel.consumed,
        memory: this.#instance.exports.memory.buffer.byteLength,
        milliseconds: performance.now() - start,
        files: this.#work.usage,
      },
    };
  }

  /** Ends it, whatever it does. */
  end(reason) {
    this.#stop.abort(reason);
  }

  #start() {
    this.#exit ??= this.#wasi.start(this.#instance, this.canWait ? { signal: this.#stop.signal } : {});
    // Whoever waits for it is told; one that nobody waits for has failed in nobody's run.
    this.#exit.catch(() => {});
    return this.#exit;
  }

  /** The imports of the interpreter, the first look at its program held up until there is one. */
  #imports() {
    const imports = this.#wasi.importsFor(this.#prepared.module.imports);
    const functions = imports.wasi_snapshot_preview1;
    for (const name of LOOKS) {
      const look = functions[name];
      functions[name] = (...parameters) => {
        if (this.#hasProgram || !this.#isProgram(parameters[2], parameters[3])) return look(...parameters);
        this.#looked.resolve();
        return this.#program.promise.then(() => look(...parameters));
      };
    }
    return imports;
  }

  #isProgram(address, length) {
    const bytes = new Uint8Array(this.#instance.exports.memory.buffer, address >>> 0, length >>> 0);
    return Buffer.from(bytes).toString() === this.#prepared.program;
  }
}

/** Sandboxes that wait for a program, by language, engine and limits. */
const warm = new Map();

function shelf(name, engine, limits) {
  const key = [name, engine, ...Object.values(limits)].join(" ");
  if (!warm.has(key)) warm.set(key, { most: 0, sandboxes: [], filling: undefined });
  return warm.get(key);
}

function split({ files, stdin, signal, engine = "auto", ...asked }) {
  return { given: { files, stdin, signal }, engine, limits: { ...DEFAULTS, ...asked } };
}

/**
 * Keeps that many sandboxes started ahead of their programs, for runs with exactly these limits. What a run takes is replaced in the background.
 *
 * @param {"python" | "javascript"} name
 * @param {number} count how many; 0 ends those that are kept
 * @param {object} options any of DEFAULTS, and `engine`
 * @returns how many there are now: none where the engine cannot suspend a guest, as on the platform's WebAssembly without JavaScript Promise Integration
 */
export async function keepWarm(name, count, options = {}) {
  const { engine, limits } = split(options);
  const kept = shelf(name, engine, limits);
  kept.most = count;
  for (const sandbox of kept.sandboxes.splice(count)) sandbox.end();
  await refill(kept, name, engine, limits);
  return kept.sandboxes.length;
}

function refill(kept, name, engine, limits) {
  const fill = async () => {
    while (kept.sandboxes.length < kept.most) {
      const sandbox = await Sandbox.make(name, engine, limits, false);
      if (!sandbox.canWait) return;
      await sandbox.warm();
      if (kept.sandboxes.length < kept.most) kept.sandboxes.push(sandbox);
      else sandbox.end();
    }
  };
  kept.filling ??= fill().finally(() => {
    kept.filling = undefined;
  });
  return kept.filling;
}

/**
 * Runs a program in a sandbox of its own: one that is kept warm, where there is one, or a new one. Both do the same and use the same fuel.
 *
 * @param {"python" | "javascript"} name
 * @param {string} code the program
 * @param {object} options any of DEFAULTS; `files`, an object of what the program finds in its folder, by path; `stdin`, a text or bytes; `engine`, by default "auto";
 *   `signal`, which ends the run
 * @returns what the program printed (`stdout`, `stderr`), its `exitCode` or why it was `stopped`, the `files` that it wrote and the names that it `removed`, and what it used
 */
async function run(name, code, options = {}) {
  const { given, engine, limits } = split(options);
  const kept = shelf(name, engine, limits);
  const sandbox = kept.sandboxes.shift() ?? (await Sandbox.make(name, engine, limits, given.signal !== undefined));
  try {
    return await sandbox.run(code, given);
  } finally {
    // After the run, so that its successor does not compete with it. What goes wrong there goes wrong, and is told, in the next run.
    if (kept.most > 0) refill(kept, name, engine, limits).catch(() => {});
  }
}

/** Runs a Python program; see {@link run}. */
export const runPython = (code, options) => run("python", code, options);

/** Runs a JavaScript program; see {@link run}. */
export const runJavaScript = (code, options) => run("javascript", code, options);

function withResolvers() {
  let resolve;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
