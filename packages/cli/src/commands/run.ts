import { type Instance, Runtime, type RuntimeOptions } from "@wardian/runtime";
import { FolderCache } from "@wardian/runtime/node";
import { deterministicClock, HostDirectory, seededRandom, systemClock, systemRandom, WASI } from "@wardian/wasi";
import { type Command, InvalidArgumentError, Option } from "commander";
import { compile } from "../compile.ts";
import { checkImports, chooseEntry } from "../entry.ts";
import { EXIT, Failure } from "../failure.ts";
import {
  addBuiltinOptions,
  addFeatureOptions,
  type BuiltinOptions,
  compileOptions,
  type FeatureOptions,
  featureChanges,
} from "../features.ts";
import { type Input, readInput } from "../input.ts";
import { printStats } from "../stats.ts";
import { parseCount, parseDuration, parseFuel, parseSize } from "../units.ts";

interface RunOptions extends FeatureOptions, BuiltinOptions {
  readonly fuel?: bigint;
  readonly timeout?: number;
  readonly maxMemory?: number;
  readonly maxTableElements?: number;
  readonly maxCallDepth?: number;
  readonly dir?: readonly Mount[];
  readonly env?: Readonly<Record<string, string>>;
  readonly deterministic?: boolean;
  readonly invoke?: string;
  readonly engine: NonNullable<RuntimeOptions["engine"]>;
  readonly cache?: string;
  readonly stats?: boolean;
}

interface Mount {
  readonly host: string;
  readonly guest: string;
  readonly readonly: boolean;
}

/** `HOST`, `HOST::GUEST`, each with `:ro` or `:rw` after it or not. */
function collectMount(text: string, previous: readonly Mount[] = []): readonly Mount[] {
  const [, names, mode] = /^(.*?)(?:(?<!:):(\w+))?$/s.exec(text) as unknown as [string, string, string | undefined];
  const [host, guest = host, ...rest] = names.split("::");
  if (host === "" || guest === "" || rest.length > 0)
    throw new InvalidArgumentError("Expected HOST::GUEST or HOST::GUEST:ro.");
  // A misspelt mode must not become a part of a name, and the folder writable.
  if (mode !== undefined && mode !== "ro" && mode !== "rw")
    throw new InvalidArgumentError(`A folder is given as :ro or :rw, not as :${mode}.`);
  const readonly = mode === "ro";
  if (previous.some((mount) => mount.guest === guest))
    throw new InvalidArgumentError(`The guest would have two directories named ${guest}.`);
  return [...previous, { host, guest, readonly }];
}

function hostVariable(name: string): string | undefined {
  return Object.hasOwn(process.env, name) ? process.env[name] : undefined;
}

/** `NAME=VALUE`, or `NAME` for the value that the command itself sees. */
function collectEnv(text: string, previous: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  if (name === "") throw new InvalidArgumentError("Expected NAME=VALUE.");
  const value = at < 0 ? hostVariable(name) : text.slice(at + 1);
  return value === undefined ? previous : { ...previous, [name]: value };
}

export function addRunCommand(program: Command, setExitCode: (code: number) => void): void {
  const command = program
    .command("run")
    .summary("run a module under limits")
    .description(
      "Run a module under limits: a WASI command, or one exported function with --invoke.\n" +
        "The guest gets its arguments, the clock, random numbers and the three standard streams, and nothing else that is not given to it here.",
    )
    .argument("<module>", "a module in the binary or the text format; - reads standard input")
    .argument("[args...]", "arguments for the guest")
    .option("--fuel <n>", "stop the guest when it has executed about n instructions", parseFuel)
    .option("--timeout <duration>", "stop the guest after this long: 250ms, 2s, 1m", parseDuration)
    .option("--max-memory <size>", "most linear memory that the guest may have: 64MiB", parseSize)
    .option("--max-table-elements <n>", "most elements of tables that the guest may have", parseCount)
    .option("--max-call-depth <n>", "deepest nesting of the guest's calls", parseCount)
    .option(
      "--dir <host::guest[:ro]>",
      "let the guest use a folder, under a name of its own; may be repeated",
      collectMount,
    )
    .option("--env <name=value>", "set a variable of the guest's environment; may be repeated", collectEnv)
    .option(
      "--deterministic",
      "give the guest a clock and random numbers that are the same in every run, and NaNs that are the same on every machine",
    )
    .option("--invoke <export>", "call this function with the arguments and print its results")
    .addOption(
      new Option("--engine <name>", "which engine runs the guest")
        .choices(["auto", "platform", "compiler", "interpreter"])
        .default("auto"),
    )
    .option("--cache <dir>", "keep what the engine makes of the module in a folder, for the next time")
    .option("--stats", "print fuel, memory and time to standard error in the end")
    .addHelpText(
      "after",
      `
The exit code is the guest's; ${EXIT.trap} when it trapped or was stopped by a limit, ${EXIT.failure} when it could not be run.

Examples:
  $ wardian run --timeout 2s --max-memory 64MiB app.wasm -- --flag input.txt
  $ wardian run --dir ./data::/data:ro --env LANG=C app.wasm
  $ wardian run --invoke factorial factorial.wat -- 20`,
    )
    .passThroughOptions();
  addBuiltinOptions(addFeatureOptions(command));
  command.action(async (path: string, args: string[], options: RunOptions) => {
    setExitCode(await run(path, args[0] === "--" ? args.slice(1) : args, options));
  });
}

async function run(path: string, args: readonly string[], options: RunOptions): Promise<number> {
  const input = await readInput(path);
  const runtime = new Runtime({
    engine: options.engine,
    features: featureChanges(options),
    deterministic: options.deterministic,
    cache: options.cache === undefined ? undefined : new FolderCache(options.cache),
    limits: {
      fuel: options.fuel,
      timeout: options.timeout,
      memory: options.maxMemory,
      tableElements: options.maxTableElements,
      callDepth: options.maxCallDepth,
    },
  });
  const begin = performance.now();
  const module = await compile(runtime, input, compileOptions(options));
  const compiled = performance.now();
  const entry = chooseEntry(module, input, args, options.invoke);
  const wasi = makeWasi(input, args, options);
  let instance: Instance | undefined;
  try {
    checkImports(module, input, wasi);
    instance = await runtime.instantiate(module, wasi.importsFor(module.imports));
    return entry(instance, wasi);
  } finally {
    if (options.stats) {
      const limits = { fuel: options.fuel, memory: options.maxMemory };
      printStats(instance, limits, compiled - begin, performance.now() - compiled);
    }
    wasi.close();
  }
}

function makeWasi(input: Input, args: readonly string[], options: RunOptions): WASI {
  return new WASI({
    args: [input.fileName, ...args],
    env: options.env,
    preopens: Object.fromEntries(
      (options.dir ?? []).map(({ host, guest, readonly }) => [guest, openDirectory(host, readonly)]),
    ),
    // A module that was read from standard input has left nothing there.
    stdin: input.label === "standard input" ? undefined : "inherit",
    stdout: "inherit",
    stderr: "inherit",
    clock: options.deterministic ? deterministicClock() : systemClock(),
    random: options.deterministic ? seededRandom() : systemRandom(),
    // A guest that sleeps blocks this process, which has nothing else to do; not longer than it may run.
    limits: { blocking: options.timeout ?? Number.POSITIVE_INFINITY },
  });
}

function openDirectory(path: string, readonly: boolean): HostDirectory {
  try {
    return new HostDirectory(path, { readonly });
  } catch (error) {
    throw new Failure(`cannot give the guest the folder ${path}: ${(error as Error).message}`, {
      exitCode: EXIT.usage,
    });
  }
}
