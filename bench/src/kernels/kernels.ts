import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { kernels as folder } from "../../../scripts/places.mjs";
import { Missing } from "../suite.ts";

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

/** Whether there are kernels: they are not part of the repository. */
export const hasKernels: boolean = existsSync(folder);

const stub = (): number => 0;

/** Has a function of every name, of its own: lets a module instantiate whose `run` needs none of its imports. */
export const stubs: Record<string, () => number> = new Proxy(
  {},
  {
    get: () => stub,
    getOwnPropertyDescriptor: () => ({ value: stub, configurable: true, enumerable: true, writable: true }),
  },
);

/** The path of a kernel's module. */
export const kernelPath = (name: string): string => join(folder, `${name}.wasm`);

/** All kernels. @throws {Missing} where their folder is missing */
export function loadKernels(): Kernel[] {
  if (!hasKernels) throw new Missing(`there are no kernels at ${folder}; WARDIAN_SHARED names another place`);
  const list = JSON.parse(readFileSync(join(folder, "kernels.json"), "utf8")) as KernelList;
  return list.kernels.map((kernel) => ({
    ...kernel,
    bytes: new Uint8Array(readFileSync(join(folder, kernel.file))),
  }));
}
