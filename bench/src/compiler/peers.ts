import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

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
const stubs = new Proxy({}, { get: () => () => 0 });

async function load(name: string): Promise<unknown> {
  const require = createRequire(`${folder}/peers.js`);
  try {
    return await import(pathToFileURL(require.resolve(name)).href);
  } catch {
    return undefined;
  }
}

interface Polywasm {
  readonly WebAssembly: typeof WebAssembly;
}

interface Binaryen {
  readBinary(bytes: Uint8Array): { emitAsmjs(): string };
}

async function polywasm(): Promise<Peer | undefined> {
  const found = (await load("polywasm")) as Polywasm | undefined;
  if (found === undefined) return undefined;
  const { WebAssembly: theirs } = found;
  return {
    name: "polywasm",
    run: (bytes) => {
      const module = new theirs.Module(bytes as Uint8Array<ArrayBuffer>);
      return new theirs.Instance(module, { wasi_snapshot_preview1: stubs }).exports.run as unknown as Run;
    },
  };
}

async function wasm2js(): Promise<Peer | undefined> {
  const found = (await load("binaryen")) as { default?: Binaryen } & Binaryen;
  const binaryen = found?.default ?? found;
  if (binaryen === undefined) return undefined;
  return {
    name: "wasm2js",
    // It says so at length on standard error.
    lacks: /simd|bulk/,
    run: (bytes) => {
      const text = binaryen.readBinary(bytes).emitAsmjs();
      // An ES module: imports at the top, exports at the end.
      const body = text
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
