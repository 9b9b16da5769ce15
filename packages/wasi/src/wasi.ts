import type { Dialect } from "./abi.ts";
import { type Clock, deterministicClock } from "./clock.ts";
import { DirectoryDescriptor } from "./descriptors/directory.ts";
import { ListenerDescriptor } from "./descriptors/socket.ts";
import { InputDescriptor, OutputDescriptor } from "./descriptors/stream.ts";
import { Errno, SUCCESS } from "./errno.ts";
import { ExitStatus, WASIError } from "./errors.ts";
import type { FileSystem } from "./filesystem/file-system.ts";
import { argsFunctions } from "./functions/args.ts";
import { clockFunctions } from "./functions/clock.ts";
import { environFunctions } from "./functions/environ.ts";
import type { Family } from "./functions/family.ts";
import { fdFunctions } from "./functions/fd.ts";
import { fdIoFunctions } from "./functions/fd-io.ts";
import { pathFunctions } from "./functions/path.ts";
import { pollFunctions } from "./functions/poll.ts";
import { procFunctions } from "./functions/proc.ts";
import { randomFunctions } from "./functions/random.ts";
import { schedFunctions } from "./functions/sched.ts";
import { sockFunctions } from "./functions/sock.ts";
import { Context } from "./guest/context.ts";
import type { CallOptions, GuestInstance } from "./guest/instance.ts";
import type { GuestMemoryObject } from "./guest/memory.ts";
import { completeLimits, readLimits, type WASILimits } from "./limits.ts";
import { type RandomSource, seededRandom } from "./random.ts";
import { type OptionNames, readOptions } from "./read-options.ts";
import { ALL_RIGHTS, DIRECTORY_RIGHTS } from "./rights.ts";
import type { Listener } from "./sockets.ts";
import { Input, type InputSource, toByteSource } from "./stdio/input.ts";
import { Output, type OutputSink, toByteSink } from "./stdio/output.ts";
import { encodeUtf8 } from "./utf8.ts";

/** What a guest is given. All of it is optional, and what is not given is not there. */
export interface WASIOptions {
  /** The command line, the program's name first; by default none. */
  args?: readonly string[];
  /** The environment; by default none. */
  env?: Readonly<Record<string, string>>;
  /** File systems by the names that the guest knows them by: `{ "/": new MemoryFileSystem() }`. They become the descriptors 3, 4, … in this order. */
  preopens?: Readonly<Record<string, FileSystem>>;
  /** Sockets that listen already; they become the descriptors after the preopened directories. */
  listeners?: readonly Listener[];
  /** Standard input; by default it is at its end. */
  stdin?: InputSource;
  /** Standard output; by default what is written is dropped. */
  stdout?: OutputSink;
  /** Standard error; by default what is written is dropped. */
  stderr?: OutputSink;
  /** Where time comes from; by default a clock that knows nothing of the real time. See `systemClock`. */
  clock?: Clock;
  /** Where random bytes come from; by default the same ones in every run. See `systemRandom`. */
  random?: RandomSource;
  /** What the guest can make its host hold and do. */
  limits?: WASILimits;
}

/** A function as guests import it. */
export type ImportedFunction = (...parameters: never[]) => number | Promise<number>;

/** What a module imports, as the platform's `WebAssembly.Module.imports` tells it. */
export interface ImportDescriptor {
  readonly module: string;
  readonly name: string;
  readonly kind: string;
}

const optionNames: OptionNames<WASIOptions> = {
  args: true,
  env: true,
  preopens: true,
  listeners: true,
  stdin: true,
  stdout: true,
  stderr: true,
  clock: true,
  random: true,
  limits: true,
};

const DIALECTS: readonly Dialect[] = ["wasi_snapshot_preview1", "wasi_unstable"];

/**
 * WASI preview 1 for one guest: what it is given, and the functions that it reaches it by.
 *
 * ```ts
 * const wasi = new WASI({ args: ["app"], preopens: { "/": new MemoryFileSystem() } });
 * const instance = await runtime.instantiate(module, wasi.imports);
 * const exitCode = await wasi.start(instance);
 * ```
 */
export class WASI {
  /**
   * The functions to instantiate the guest with, under both names of the interface: `wasi_snapshot_preview1` and the older `wasi_unstable`, which
   * differs in a few layouts. None of these objects has a prototype, so a guest finds nothing else there, whatever runtime reads them.
   */
  readonly imports: Readonly<Record<Dialect, Readonly<Record<string, ImportedFunction>>>>;
  private readonly context: Context;
  private instance: GuestInstance | undefined;

  /**
   * @throws TypeError for an option that is not known or makes no sense, RangeError for a limit that is not a number from zero up, WASIError when a file system cannot be opened
   */
  constructor(given?: WASIOptions) {
    const options = readOptions("WASI", optionNames, given);
    const givenLimits = readLimits(options.limits);
    const limits = completeLimits(givenLimits);
    const context = new Context(
      (options.args ?? []).map((argument) => cString("an argument", argument)),
      Object.entries(options.env ?? {}).map(([name, value]) => {
        if (name === "" || name.includes("=")) throw new TypeError(`not a name of a variable: ${JSON.stringify(name)}`);
        return cString(`the variable ${name}`, `${name}=${value}`);
      }),
      options.clock ?? deterministicClock(),
      options.random ?? seededRandom(),
      limits,
    );
    this.context = context;
    try {
      openDescriptors(context, options, givenLimits);
    } catch (error) {
      this.close();
      throw error;
    }
    this.imports = byDialect((dialect) => this.functions(dialect));
  }

  /**
   * The imports of a module that asks for functions that preview 1 does not have, such as extensions of other hosts: those fail with `nosys`.
   *
   * @param imports what the module imports: `WebAssembly.Module.imports(module)` and what corresponds to it
   */
  importsFor(
    imports: Iterable<ImportDescriptor>,
  ): Readonly<Record<Dialect, Readonly<Record<string, ImportedFunction>>>> {
    const wanted = [...imports].filter(({ kind }) => kind === "function");
    return byDialect((dialect) => {
      const functions = new Map(Object.entries(this.imports[dialect]));
      for (const { module, name } of wanted)
        if (module === dialect && !functions.has(name)) functions.set(name, () => Errno.nosys);
      return withoutPrototype(functions);
    });
  }

  /**
   * Runs a command: calls `_start` until it returns or the guest exits, then closes what is open. A trap or an error of the host is thrown. Where the instance has
   * asynchronous exports that work the event loop goes on meanwhile.
   *
   * @param options a signal that ends the guest; only an instance with `async.call` can be ended
   * @returns the exit code
   * @throws TypeError when the instance has no `_start` or no memory, cannot be ended by a signal, or this WASI has been used before
   */
  async start(instance: GuestInstance, options?: CallOptions): Promise<number> {
    const start = this.begin(instance, "_start", true, readOptions("wasi.start", { signal: true }, options));
    try {
      await start();
      return 0;
    } catch (error) {
      return this.exitCode(error);
    } finally {
      this.close();
    }
  }

  /** Like {@link start}, in a call that returns when the guest has ended; it cannot be suspended. */
  startSync(instance: GuestInstance): number {
    const start = this.begin(instance, "_start", false);
    try {
      start();
      return 0;
    } catch (error) {
      return this.exitCode(error);
    } finally {
      this.close();
    }
  }

  /**
   * Prepares a reactor: calls `_initialize` where there is one. The exports can be called afterwards; call {@link close} in the end.
   *
   * @throws TypeError when the instance has a `_start` or no memory, or this WASI has been used before; ExitStatus when the guest exits
   */
  async initialize(instance: GuestInstance): Promise<void> {
    await this.begin(instance, "_initialize", true)();
  }

  /** Like {@link initialize}, in a call that cannot be suspended. */
  initializeSync(instance: GuestInstance): void {
    this.begin(instance, "_initialize", false)();
  }

  /** Closes all that the guest has open and ends its sleeps. The guest's later calls find nothing open. */
  close(): void {
    this.context.waiting.close();
    this.context.descriptors.closeAll();
  }

  private begin(
    instance: GuestInstance,
    name: "_start" | "_initialize",
    preferAsync: boolean,
    options: CallOptions = {},
  ): () => unknown {
    if (this.instance !== undefined) throw new TypeError("a WASI serves one instance; make another");
    const { memory } = instance.exports;
    if (!isMemory(memory)) throw new TypeError("the instance exports no memory under the name memory");
    const face = preferAsync && instance.canSuspend !== false ? instance.async : undefined;
    const entry = (face ?? instance).exports[name];
    if (name === "_initialize" && instance.exports._start !== undefined) {
      throw new TypeError("the instance exports _start: it is a command, not a reactor");
    }
    if (typeof entry !== "function" && !(name === "_initialize" && entry === undefined)) {
      throw new TypeError(`the instance exports no function ${name}`);
    }
    if (options.signal !== undefined && face?.call === undefined) {
      throw new TypeError("this instance cannot be ended by a signal: it has no asynchronous calls");
    }
    this.instance = instance;
    this.context.memory.attach(memory);
    this.context.waiting.attach(instance);
    this.context.attachFuel(instance);
    if (options.signal !== undefined) return () => face!.call!(name, [], options);
    return () => (entry as (() => unknown) | undefined)?.();
  }

  private exitCode(error: unknown): number {
    if (error instanceof ExitStatus && error === this.context.exit) return error.code;
    throw error;
  }

  private functions(dialect: Dialect): Record<string, ImportedFunction> {
    const context = this.context;
    const functions = new Map<string, ImportedFunction>();
    const families: Family[] = [
      argsFunctions(context),
      environFunctions(context),
      clockFunctions(context),
      fdFunctions(context, dialect),
      fdIoFunctions(context, dialect),
      pathFunctions(context, dialect),
      pollFunctions(context, dialect),
      procFunctions(context),
      randomFunctions(context),
      schedFunctions(context),
    ];
    // Before preview 1 nothing could be accepted; the rest of the family is the same.
    const { sock_accept, ...older } = sockFunctions(context);
    families.push(dialect === "wasi_unstable" ? older : { sock_accept, ...older });
    for (const family of families) {
      for (const [name, operation] of Object.entries(family)) functions.set(name, guarded(context, operation));
    }
    return withoutPrototype(functions);
  }
}

/** A record in which names are found that were put there, and no others: the guest chooses the names. */
function withoutPrototype(functions: Iterable<[string, ImportedFunction]>): Record<string, ImportedFunction> {
  const record: Record<string, ImportedFunction> = Object.create(null);
  for (const [name, fn] of functions) record[name] = fn;
  return record;
}

function byDialect<T>(make: (dialect: Dialect) => T): Record<Dialect, T> {
  const imports: Record<Dialect, T> = Object.create(null);
  for (const dialect of DIALECTS) imports[dialect] = make(dialect);
  return imports;
}

/** The function as the guest calls it: what it throws becomes an error number, unless it ends the guest or is none of the guest's business. */
function guarded(context: Context, operation: Family[string]): ImportedFunction {
  const fail = (error: unknown): number => {
    if (error instanceof WASIError) return error.number;
    throw error;
  };
  // Parameters by name, as many as the longest function has: gathering them into an array would cost more than many functions do.
  const call = operation as (...parameters: unknown[]) => void | Promise<void>;
  return ((
    a: unknown,
    b: unknown,
    c: unknown,
    d: unknown,
    e: unknown,
    f: unknown,
    g: unknown,
    h: unknown,
    i: unknown,
  ) => {
    // A guest may catch the exception that ends it; its next call throws it again.
    if (context.exit !== undefined) throw context.exit;
    if (!context.memory.attached) {
      throw new TypeError("the guest calls WASI before wasi.start or wasi.initialize was called with its instance");
    }
    context.memory.refresh();
    try {
      const result = call(a, b, c, d, e, f, g, h, i);
      return result === undefined ? SUCCESS : result.then(() => SUCCESS, fail);
    } catch (error) {
      return fail(error);
    }
  }) as ImportedFunction;
}

function openDescriptors(context: Context, options: WASIOptions, given: WASILimits): void {
  const { descriptors, waiting, limits } = context;
  const source = toByteSource(options.stdin);
  descriptors.add(new InputDescriptor(new Input(source, waiting), source.tty, () => source.close()));
  for (const [number, sink] of [
    [1, options.stdout],
    [2, options.stderr],
  ] as const) {
    const bytes = toByteSink(sink, number);
    const most = given.output === undefined && bytes.direct ? Infinity : limits.output;
    descriptors.add(new OutputDescriptor(new Output(bytes, waiting, most), bytes.tty));
  }
  for (const [name, system] of Object.entries(options.preopens ?? {})) {
    if (name.includes("\0")) throw new TypeError(`not a name of a directory: ${JSON.stringify(name)}`);
    descriptors.reserve();
    descriptors.add(
      new DirectoryDescriptor(system.root(), system, context.entries, DIRECTORY_RIGHTS, ALL_RIGHTS, 0, name),
    );
  }
  for (const listener of options.listeners ?? []) descriptors.add(new ListenerDescriptor(listener, waiting));
}

function cString(what: string, text: string): Uint8Array {
  if (typeof text !== "string") throw new TypeError(`${what} must be a text, not ${typeof text}`);
  if (text.includes("\0")) throw new TypeError(`${what} holds a NUL: ${JSON.stringify(text)}`);
  return encodeUtf8(`${text}\0`);
}

function isMemory(value: unknown): value is GuestMemoryObject {
  const buffer = (value as GuestMemoryObject | undefined)?.buffer;
  return typeof buffer === "object" && buffer !== null && typeof buffer.byteLength === "number";
}
