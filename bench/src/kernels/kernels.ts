import { readFileSync } from "node:fs";

/** A benchmark kernel: `run(n)` of its module gives `result`. */
export interface Kernel {
  readonly name: string;
  readonly exercises: string;
  readonly bytes: Uint8Array;
  readonly smallN: number;
  readonly smallResult: number;
  readonly n: number;
  readonly result: number;
}

interface KernelList {
  readonly kernels: readonly (Omit<Kernel, "bytes"> & { readonly file: string })[];
}

/** The kernels stand beside the repository; another place can be named with WARDIAN_SHARED. */
export const kernelFolder: URL = new URL(
  "kernels/",
  process.env.WARDIAN_SHARED === undefined
    ? new URL("../../../../shared/", import.meta.url)
    : new URL(`file://${process.env.WARDIAN_SHARED}/`),
);

/** All kernels. @throws when the folder is missing */
export function loadKernels(): Kernel[] {
  const list = JSON.parse(readFileSync(new URL("kernels.json", kernelFolder), "utf8")) as KernelList;
  return list.kernels.map((kernel) => ({
    ...kernel,
    bytes: new Uint8Array(readFileSync(new URL(kernel.file, kernelFolder))),
  }));
}
