import type { WASI } from "@wardian/wasi";

/** Runs a command to its end; returns its exit code. */
export type RunCommand = (bytes: Uint8Array, wasi: WASI) => Promise<number>;

/** What of the runtime is used here. */
interface RuntimeModule {
  Runtime?: new (options: {
    engine: string;
  }) => {
    compile(bytes: Uint8Array): Promise<unknown>;
    instantiate(module: unknown, imports: object, options?: object): Promise<Parameters<WASI["start"]>[0]>;
  };
}

/** The platform's own WebAssembly, as far as it is used here. */
interface PlatformHost {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object, imports: object) => Parameters<WASI["startSync"]>[0];
  };
}

/** The engines that tests run on: the platform's own WebAssembly with nothing in between, and those of the runtime, each called in both ways. */
export const ENGINES = ["platform-raw", "platform", "compiler", "interpreter"] as const;

export type EngineName = (typeof ENGINES)[number];

/**
 * @throws Error when the runtime does not have the engine
 */
export async function openEngine(name: EngineName): Promise<ReadonlyMap<string, RunCommand>> {
  if (name === "platform-raw") {
    const { Module, Instance } = (globalThis as unknown as PlatformHost).WebAssembly;
    const run: RunCommand = async (bytes, wasi) => wasi.startSync(new Instance(new Module(bytes), wasi.imports));
    return new Map([["sync", run]]);
  }
  const { Runtime } = (await import("@wardian/runtime")) as unknown as RuntimeModule;
  if (Runtime === undefined) throw new Error("the runtime has no engines yet");
  const runtime = new Runtime({ engine: name });
  const instantiate = async (bytes: Uint8Array, wasi: WASI): Promise<Parameters<WASI["start"]>[0]> =>
    runtime.instantiate(await runtime.compile(bytes), wasi.imports);
  return new Map<string, RunCommand>([
    ["sync", async (bytes, wasi) => wasi.startSync(await instantiate(bytes, wasi))],
    ["async", async (bytes, wasi) => wasi.start(await instantiate(bytes, wasi))],
  ]);
}
