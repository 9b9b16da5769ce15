import { Runtime, type EngineName as RuntimeEngine } from "@wardian/runtime";
import type { GuestInstance, ImportDescriptor, WASI } from "@wardian/wasi";

/** Runs a command to its end; returns its exit code. */
export type RunCommand = (bytes: Uint8Array, wasi: WASI) => Promise<number>;

/** The platform's own WebAssembly, as far as it is used here. */
declare const WebAssembly: {
  readonly Module: {
    new (bytes: Uint8Array): object;
    imports(module: object): ImportDescriptor[];
  };
  readonly Instance: new (module: object, imports: object) => GuestInstance;
};

/** What tests run on: the platform's own WebAssembly with nothing in between, and the engines of the runtime. */
export const ENGINES: readonly ("platform-raw" | RuntimeEngine)[] = [
  "platform-raw",
  "platform",
  "compiler",
  "interpreter",
];

export type EngineName = (typeof ENGINES)[number];

/** The ways in which an engine can be called, by name. */
export function openEngine(name: EngineName): ReadonlyMap<string, RunCommand> {
  if (name === "platform-raw") {
    const run: RunCommand = async (bytes, wasi) => {
      const module = new WebAssembly.Module(bytes);
      return wasi.startSync(new WebAssembly.Instance(module, wasi.importsFor(WebAssembly.Module.imports(module))));
    };
    return new Map([["sync", run]]);
  }
  const runtime = new Runtime({ engine: name });
  const instantiate = async (bytes: Uint8Array, wasi: WASI): Promise<GuestInstance> => {
    const module = await runtime.compile(bytes);
    return runtime.instantiate(module, wasi.importsFor(module.imports));
  };
  return new Map<string, RunCommand>([
    ["sync", async (bytes, wasi) => wasi.startSync(await instantiate(bytes, wasi))],
    ["async", async (bytes, wasi) => wasi.start(await instantiate(bytes, wasi))],
  ]);
}
