import { allFeatures } from "@wardian/runtime";
import { decodeModule, encodeModule, isNullable, isReference, type ValueType } from "@wardian/runtime/formats";
import type { Random } from "./random.ts";

const I64: ValueType = 0x7e;
const EXTERNREF: ValueType = 0x36f;

/** The name under which `wasm-opt` lets its modules import globals. */
const GLOBALS = "__fuzz_import";

type Callable = (...args: unknown[]) => unknown;

/** WebAssembly as something that runs modules: the platform's own, or an engine of this runtime. */
export interface Subject {
  readonly name: string;
  instantiate(bytes: Uint8Array, imports: Imports): SubjectInstance;
  /** A tag for exceptions that carry one i32. */
  readonly tag: unknown;
  /** What JavaScript throws is caught by guests under this tag; undefined where the platform has none. */
  readonly jsTag: unknown;
  exception(tag: unknown, payload: unknown[]): unknown;
  /** The class of what a guest's call threw: the same words for the same thing on every subject. */
  classify(error: unknown): string;
  /** The same more exactly, for subjects that tell more apart than the platform. */
  exactly?(error: unknown): string | undefined;
}

export interface SubjectInstance {
  readonly exports: Readonly<Record<string, unknown>>;
  /** Fuel consumed, for subjects that count it. */
  fuel(): bigint | undefined;
}

export type Imports = Record<string, Record<string, unknown>>;

/** Classes after which two runs need not agree: how deep calls go, and what the host gives out, is each engine's own affair. */
export const STOP: ReadonlySet<string> = new Set(["stack exhausted", "out of fuel", "out of memory"]);

export interface Trace {
  /** What could be seen, one event a line. */
  readonly lines: string[];
  /** The class that ended the run early, as `STOP` has it. */
  stopped: string | undefined;
  /** Fuel after each call, for subjects that count it. */
  readonly fuel: bigint[];
  /** How each call ended, as exactly as the subject says it. */
  readonly ends: string[];
}

/** A value as a trace shows it: what both sides can see of it, and no more. */
function show(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "object" && value !== null) return "object";
  return String(value);
}

/** How often each export is called: what earlier calls left behind leads later ones elsewhere. */
const ROUNDS = 3;

/** A guest that logs more than this would not come to an end. */
const MAX_LINES = 20_000;

/** Stops a run in the middle of guest code. */
class Stopped extends Error {}

class Run {
  readonly trace: Trace = { lines: [], stopped: undefined, fuel: [], ends: [] };
  private readonly subject: Subject;
  private exports: Readonly<Record<string, unknown>> = {};
  private instance: SubjectInstance | undefined;

  constructor(subject: Subject) {
    this.subject = subject;
  }

  private log(line: string): void {
    this.trace.lines.push(line);
    if (this.trace.lines.length >= MAX_LINES) this.trace.stopped ??= "out of fuel";
  }

  run({ bytes, parameters, globals }: Guest, random: Random): Trace {
    try {
      this.instance = this.subject.instantiate(bytes, { ...this.imports(), [GLOBALS]: globals });
      this.exports = this.instance.exports;
    } catch (error) {
      // The platform reports some missing or wrong imports by a TypeError, and this runtime all of them by a LinkError.
      if (error instanceof Error && /^(TypeError|LinkError)$/.test(error.name))
        this.log("instantiate refuses the imports");
      else this.caught("instantiate", error);
      return this.trace;
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, types] of parameters) {
        const args = types.map((type) => argumentFor(type, random));
        if (this.trace.stopped === undefined) this.call(name, this.exports[name] as Callable, args);
      }
    }
    if (this.trace.stopped === undefined) this.observe();
    return this.trace;
  }

  private call(what: string, callee: Callable, args: unknown[]): void {
    const shown = `${what}(${args.map(show).join(", ")})`;
    let end = "returned";
    try {
      this.log(`${shown} = ${show(callee(...args))}`);
    } catch (error) {
      this.caught(shown, error);
      end = this.subject.exactly?.(error) ?? "thrown";
    }
    if (this.trace.stopped !== undefined) return;
    this.trace.ends.push(`${what} ${end}`);
    const fuel = this.instance?.fuel();
    if (fuel !== undefined) this.trace.fuel.push(fuel);
    // What a trap came after has been done, and what would have come after it has not.
    this.log(`  leaves ${this.digest()}`);
  }

  /** Memories and numbers in globals. */
  private digest(): string {
    const parts: unknown[] = [];
    for (const value of Object.values(this.exports)) {
      if (typeof value === "function") continue;
      const { buffer, length } = value as { buffer?: ArrayBuffer; length?: number };
      if (buffer !== undefined) parts.push(checksum(buffer));
      else if (length !== undefined) parts.push(length);
      else parts.push(readGlobal(value as { value: unknown }));
    }
    return parts.join(" ");
  }

  private caught(what: string, error: unknown): void {
    if (error instanceof Stopped) return;
    const kind = this.subject.classify(error);
    if (STOP.has(kind)) this.trace.stopped = kind;
    else this.log(`${what} throws ${kind}`);
  }

  /** What is left of the instance when all calls are done. */
  private observe(): void {
    for (const [name, value] of Object.entries(this.exports)) {
      const { buffer, length } = value as { buffer?: ArrayBuffer; length?: number };
      if (buffer !== undefined) this.log(`${name}: ${buffer.byteLength} bytes, sum ${checksum(buffer)}`);
      else if (typeof value === "function") continue;
      else if (length !== undefined) this.log(`${name}: ${length} elements`);
      else this.observeGlobal(name, value as { value: unknown });
    }
  }

  private observeGlobal(name: string, global: { value: unknown }): void {
    try {
      this.log(`${name}: ${show(global.value)}`);
    } catch (error) {
      this.log(`${name}: ${this.subject.classify(error)}`);
    }
  }

  /** The module that `wasm-opt` lets its modules import. */
  private imports(): Imports {
    const { subject } = this;
    const exported = (index: number): unknown => Object.values(this.exports)[index >>> 0];
    const plainCall = (callee: unknown): void => {
      if (typeof callee !== "function") throw new TypeError("no function");
      callee(...new Array(callee.length).fill(0));
    };
    const catching = (callee: unknown): number => {
      try {
        plainCall(callee);
        return 0;
      } catch (error) {
        // Where engines may differ, a guest must not see it.
        const kind = error instanceof Stopped ? "" : subject.classify(error);
        if (STOP.has(kind)) this.trace.stopped = kind;
        if (this.trace.stopped !== undefined) throw new Stopped();
        return 1;
      }
    };
    const tables = (): { get(i: number): unknown; set(i: number, value: unknown): void } =>
      this.exports.table as ReturnType<typeof tables>;
    const support: Record<string, unknown> = {
      throw: (which: number) => {
        throw which === 0 ? new Error("thrown by the host") : subject.exception(subject.tag, [which]);
      },
      "table-get": (index: number) => tables().get(index >>> 0),
      "table-set": (index: number, value: unknown) => tables().set(index >>> 0, value),
      "call-export": (index: number) => plainCall(exported(index)),
      "call-export-catch": (index: number) => catching(exported(index)),
      "call-ref": plainCall,
      "call-ref-catch": catching,
      sleep: (_: number, id: number) => id,
      wasmtag: subject.tag,
      jstag: subject.jsTag,
    };
    for (const type of ["i32", "i64", "f32", "f64", "v128", "anyref", "funcref", "externref", "exnref"])
      support[`log-${type}`] = (...values: unknown[]): void => {
        this.log(`log-${type} ${values.map(show).join(" ")}`);
        if (this.trace.stopped !== undefined) throw new Stopped();
      };
    return { "fuzzing-support": support };
  }
}

/** A global's number; those with vectors cannot be read. */
function readGlobal(global: { value: unknown }): string {
  try {
    return show(global.value);
  } catch {
    return "unreadable";
  }
}

const numbers = [0, 1, -1, 2, 255, 65535, 0x7fffffff, -0x80000000, 1.5, -0.5, 1e10, 0xffffffff];

function argumentFor(type: ValueType, random: Random): unknown {
  if (type === I64) return BigInt(Math.trunc(random.pick(numbers))) * BigInt(random.pick([1, 1 << 30, 0x1_0000_0001]));
  if (!isReference(type)) return random.pick(numbers);
  if (type === EXTERNREF && random.chance(50)) return "a string of the host";
  return random.chance(50) ? null : random.pick(numbers);
}

const CHECKED_BYTES = 4 * 1024 * 1024;

function checksum(buffer: ArrayBuffer): number {
  const words = new Int32Array(buffer, 0, Math.min(buffer.byteLength, CHECKED_BYTES) >>> 2);
  let sum = 0;
  for (let i = 0; i < words.length; i++) sum = (Math.imul(sum, 31) + words[i]) | 0;
  return sum;
}

function importedValue(type: ValueType): unknown {
  if (type === I64) return 1n;
  if (!isReference(type)) return 1;
  return isNullable(type) ? null : 1;
}

/** A module to run: its bytes, with everything that it holds exported, and the parameters of its exported functions. */
export interface Guest {
  readonly bytes: Uint8Array;
  /** Values for the globals that `wasm-opt` lets its modules import. */
  readonly globals: Record<string, unknown>;
  readonly parameters: ReadonlyMap<string, readonly ValueType[]>;
}

export function makeGuest(bytes: Uint8Array): Guest {
  const module = decodeModule(bytes, allFeatures);
  const exports = [...module.exports];
  const names = new Set(exports.map(({ name }) => name));
  // A guest that was made before, and written to a file, has them already.
  const add = (kind: "memory" | "global" | "table", count: number): void => {
    for (let index = 0; index < count; index++)
      if (!names.has(`${kind} ${index}`)) exports.push({ name: `${kind} ${index}`, kind, index });
  };
  add("memory", module.memories.length);
  add("global", module.globals.length);
  add("table", module.tables.length);
  const parameters = new Map<string, readonly ValueType[]>();
  for (const { name, kind, index } of exports) {
    const type = kind === "func" ? module.types[module.functions[index]].composite : undefined;
    if (type?.kind === "func") parameters.set(name, type.params);
  }
  const globals: Record<string, unknown> = {};
  for (const { module: from, name, kind, index } of module.imports)
    if (from === GLOBALS && kind === "global") globals[name] = importedValue(module.globals[index].type.type);
  return { bytes: encodeModule({ ...module, exports }), parameters, globals };
}

/**
 * Instantiates the module, calls all that it exports, and tells what there was to see.
 * @param random in the same state for every subject
 */
export function trace(subject: Subject, guest: Guest, random: Random): Trace {
  return new Run(subject).run(guest, random);
}

/** The first line in which two traces differ; undefined when they agree as far as both go. */
export function firstDifference(a: Trace, b: Trace): string | undefined {
  const length = Math.max(a.lines.length, b.lines.length);
  for (let i = 0; i < length; i++) {
    if (a.lines[i] === b.lines[i]) continue;
    // The run that stopped has nothing more to say.
    if (a.lines[i] === undefined && a.stopped !== undefined) return undefined;
    if (b.lines[i] === undefined && b.stopped !== undefined) return undefined;
    return `line ${i + 1}: ${a.lines[i] ?? "nothing"} | ${b.lines[i] ?? "nothing"}`;
  }
  return undefined;
}

/** The first call after which two engines of this runtime do not agree on how it ended and the fuel it took. */
export function firstUnlike(a: Trace, b: Trace): string | undefined {
  const length = Math.min(a.ends.length, b.ends.length);
  for (let i = 0; i < length; i++) {
    if (a.ends[i] !== b.ends[i]) return `call ${i + 1}: ${a.ends[i]} | ${b.ends[i]}`;
    if (a.fuel[i] !== b.fuel[i]) return `fuel after call ${i + 1}, which ${a.ends[i]}: ${a.fuel[i]} | ${b.fuel[i]}`;
  }
  return undefined;
}
