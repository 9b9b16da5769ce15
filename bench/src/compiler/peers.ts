import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { findTool } from "../../../scripts/places.mjs";
import { stubs } from "../kernels/kernels.ts";

export type Run = (n: number) => number;

/** Another translator from WebAssembly to JavaScript. */
export interface Peer {
  readonly name: string;
  /** What it does not know, as kernels say what they exercise. */
  readonly lacks?: RegExp;
  /** The export `run` of a module. */
  readonly run: (bytes: Uint8Array) => Run;
}

/** Where the peers' packages are installed: they are no dependency of the project. */
const folder = process.env.WARDIAN_PEERS ?? process.cwd();

function find(name: string): string | undefined {
  try {
    return createRequire(`${folder}/peers.js`).resolve(name);
  } catch {
    return undefined;
  }
}

/** The module of Binaryen. */
const binaryenPath = (): string | undefined => find("binaryen") ?? findTool("binaryen/index.js");

interface Polywasm {
  readonly WebAssembly: typeof WebAssembly;
}

async function polywasm(): Promise<Peer | undefined> {
  const path = find("polywasm");
  if (path === undefined) return undefined;
  const { WebAssembly: theirs } = (await import(pathToFileURL(path).href)) as Polywasm;
  return {
    name: "polywasm",
    run: (bytes) => {
      const module = new theirs.Module(bytes as Uint8Array<ArrayBuffer>);
      return new theirs.Instance(module, { wasi_snapshot_preview1: stubs }).exports.run as unknown as Run;
    },
  };
}

/**
 * Binaryen runs in a process of its own: it is WebAssembly whose memory grows, and once a buffer has been detached V8 checks at each access of every view in the process
 * whether its buffer is there.
 */
function emitAsmjs(bytes: Uint8Array, path: string): string {
  const program = `
    import { readFileSync } from "node:fs";
    const found = await import(${JSON.stringify(pathToFileURL(path).href)});
    process.stdout.write((found.default ?? found).readBinary(new Uint8Array(readFileSync(0))).emitAsmjs());`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
    input: bytes,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
    maxBuffer: 2 ** 28,
  });
}

async function wasm2js(): Promise<Peer | undefined> {
  const path = binaryenPath();
  if (path === undefined) return undefined;
  return {
    name: "wasm2js",
    // It says so at length on standard error.
    lacks: /simd|bulk/,
    run: (bytes) => {
      // An ES module: imports at the top, exports at the end.
      const body = emitAsmjs(bytes, path)
        .replace(/^import \* as (\w+) from .*$/gm, "const $1 = imports;")
        .replace(/^import .*$/gm, "")
        .replace(/^export var (\w+) = (.*)$/gm, "result.$1 = $2");
      const make = new Function("imports", `const result = {}; ${body}; return result;`);
      return (make(stubs) as { run: Run }).run;
    },
  };
}

const loaders: Readonly<Record<string, () => Promise<Peer | undefined>>> = { polywasm, wasm2js };

/** One peer, or undefined where it is not installed. */
export async function loadPeer(name: string): Promise<Peer | undefined> {
  return loaders[name]();
}

/** The peers that are installed. */
export async function loadPeers(): Promise<Peer[]> {
  return (await Promise.all(Object.keys(loaders).map(loadPeer))).filter((peer): peer is Peer => peer !== undefined);
}
