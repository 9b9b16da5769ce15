import { type EngineName, Runtime } from "@wardian/runtime";
import { preparedBytes } from "@wardian/runtime/internal";
import { CapturedOutput, WASI } from "@wardian/wasi";
import { yosys } from "../load/suite.ts";
import { processorTime } from "../measure.ts";

/** What one process took from a module's bytes to its first output: milliseconds of processor time, and bytes. */
export interface Once {
  readonly compile: number;
  readonly instantiate: number;
  readonly run: number;
  /** Prepared code, and the bodies that it was made of. */
  readonly code: number;
  readonly bodies: number;
}

/** Asks Yosys for its version, once, in this process. */
export async function startOnce(engine: EngineName | "native"): Promise<Once> {
  const bytes = yosys() as Uint8Array<ArrayBuffer>;
  const start = processorTime();
  const runtime = new Runtime({ engine: engine === "native" ? "platform" : engine });
  const stdout = new CapturedOutput();
  const options = { args: ["yosys", "-V"], stdout };
  if (engine === "native") {
    const module = new WebAssembly.Module(bytes);
    const compiled = processorTime();
    const wasi = new WASI(options);
    const instance = new WebAssembly.Instance(module, wasi.imports as WebAssembly.Imports);
    const instantiated = processorTime();
    await wasi.start(instance as unknown as Parameters<WASI["start"]>[0]);
    check(stdout.text);
    return {
      compile: compiled - start,
      instantiate: instantiated - compiled,
      run: processorTime() - instantiated,
      code: 0,
      bodies: 0,
    };
  }
  const module = runtime.compileSync(bytes);
  const compiled = processorTime();
  const wasi = new WASI(options);
  const instance = runtime.instantiateSync(module, wasi.importsFor(module.imports));
  const instantiated = processorTime();
  await wasi.start(instance);
  check(stdout.text);
  return {
    compile: compiled - start,
    instantiate: instantiated - compiled,
    run: processorTime() - instantiated,
    ...preparedBytes(module),
  };
}

function check(output: string): void {
  if (!output.startsWith("Yosys ")) throw new Error(`yosys -V printed ${JSON.stringify(output)}`);
}
