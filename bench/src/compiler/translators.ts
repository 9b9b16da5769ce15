import { Runtime } from "@wardian/runtime";
import { loadKernels, stubs } from "../kernels/kernels.ts";
import { measure } from "../measure.ts";
import { saxpyByHand } from "./by-hand.ts";
import { loadPeer, type Peer, type Run } from "./peers.ts";

export const BY_HAND = "by hand";
const imports = { wasi_snapshot_preview1: stubs };

export function native(bytes: Uint8Array): Run {
  const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  return new WebAssembly.Instance(module, imports as WebAssembly.Imports).exports.run as unknown as Run;
}

function compiled(bytes: Uint8Array): Run {
  const runtime = new Runtime({ engine: "compiler" });
  return runtime.instantiateSync(runtime.compileSync(bytes), imports).exports.run;
}

const own: readonly Peer[] = [
  { name: "native", run: native },
  { name: "compiler", run: compiled },
  { name: BY_HAND, run: () => saxpyByHand },
];

/**
 * Milliseconds of processor time for `run(n)` of a kernel, for a process that does nothing else: code of one translator is not the same beside that of others. One
 * whose memory grows may detach a buffer, for which V8 looks at each access from then on.
 *
 * @returns undefined where the translator cannot do it, or gets it wrong
 */
export async function timeKernel(translator: string, name: string, n: number): Promise<number | undefined> {
  const kernel = loadKernels().find((kernel) => kernel.name === name);
  const peer = own.find((one) => one.name === translator) ?? (await loadPeer(translator));
  if (kernel === undefined || peer === undefined || peer.lacks?.test(kernel.exercises)) return undefined;
  let run: Run;
  try {
    run = peer.run(kernel.bytes);
    if (run(kernel.smallN) !== kernel.smallResult) return undefined;
  } catch {
    return undefined;
  }
  const times = await measure([{ name, run: () => run(n) }], { rounds: 12, minTime: 10, clock: "cpu" });
  return times.get(name);
}
