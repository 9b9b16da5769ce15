import type { Instance, InstantiateOptions } from "@wardian/runtime";
import { engineImplementation } from "./implementation.ts";
import { type Outcome, runScriptOn } from "./runner.ts";

const engines = ["interpreter", "compiler", "platform"] as const;
type Engine = (typeof engines)[number];

/** Not so deep that an engine's own stack could end first: a function of the suite has a thousand locals. */
const OPTIONS: InstantiateOptions = { exactFuel: true, deterministic: true, limits: { callDepth: 50 } };

/** What a script did on one engine. */
interface Trace {
  readonly outcomes: readonly Outcome[];
  /** After each command the fuel of those instances that have consumed some since the last, as text. */
  readonly fuel: readonly string[];
  /** After each command what it has given: the results of calls and the values of globals, as bits. */
  readonly values: readonly string[];
  /** What the exported memories of each instance hold in the end, as text. */
  readonly memories: readonly string[];
}

function traceOf(engine: Engine, text: string, name: string, options: InstantiateOptions): Trace {
  const instances: Instance[] = [];
  const consumed: bigint[] = [];
  const fuel: string[] = [];
  const values: string[] = [];
  let given: string[] = [];
  const noted = <T extends readonly unknown[] | undefined>(results: T): T => {
    if (results !== undefined) given.push(results.map(bitsOf).join(" "));
    return results;
  };
  const make = (): ReturnType<typeof engineImplementation> => {
    const made = engineImplementation(engine, name, options, (instance) => instances.push(instance));
    return {
      ...made,
      invoke: (exported, args) => noted(made.invoke(exported, args)),
      readGlobal: (extern) => noted(made.readGlobal(extern)),
    };
  };
  const outcomes = runScriptOn(make, text, (outcome) => {
    // What the scripts import from is made before the first command, as far as the engine can hold it.
    if (outcome === undefined) instances.length = 0;
    else {
      fuel.push(changesOf(instances, consumed));
      values.push(given.join("; "));
    }
    given = [];
  });
  return { outcomes, fuel, values, memories: instances.map(({ exports }) => memoriesOf(exports)) };
}

/** Numbers and vectors as text; a reference is each engine's own object. */
function bitsOf(value: unknown): string {
  if (value instanceof Uint8Array) return [...value].join(".");
  return typeof value === "number" || typeof value === "bigint" ? String(value) : typeof value;
}

function changesOf(instances: readonly Instance[], consumed: bigint[]): string {
  const changes: string[] = [];
  instances.forEach(({ fuel }, i) => {
    if (fuel.consumed !== consumed[i]) changes.push(`instance ${i}: ${fuel.consumed}`);
    consumed[i] = fuel.consumed;
  });
  return changes.join(", ");
}

function memoriesOf(exports: Instance["exports"]): string {
  return Object.entries(exports)
    .filter(([, extern]) => extern?.buffer instanceof ArrayBuffer)
    .map(([name, { buffer }]) => `${name}: ${buffer.byteLength} bytes, sum ${checksum(buffer)}`)
    .join(", ");
}

/** Bytes of a memory that are looked at: scripts write near its start. */
const CHECKED_BYTES = 1 << 20;

function checksum(buffer: ArrayBuffer): number {
  const words = new Int32Array(buffer, 0, Math.min(buffer.byteLength, CHECKED_BYTES) >>> 2);
  let sum = 0;
  for (let i = 0; i < words.length; i++) sum = (Math.imul(sum, 31) + words[i]) | 0;
  return sum;
}

/**
 * Runs a script on all engines and compares the fuel, the results and the memories of its instances with those on the interpreter, to the bit. What a command
 * should do is the suite's own matter.
 *
 * @param lacking whether the platform engine is known to fail at some command of the script: what the command consumes is missing then
 * @returns for each command whether the engines agree, and for the whole script, as a command more, whether its memories do
 */
export function compareEngines(
  text: string,
  name: string,
  lacking: boolean,
  options: InstantiateOptions = OPTIONS,
): Outcome[] {
  const expected = traceOf("interpreter", text, name, options);
  const others = engines
    .slice(1)
    .filter((engine) => !(lacking && engine === "platform"))
    .map((engine) => ({ engine, trace: traceOf(engine, text, name, options) }))
    .filter(({ trace }) => isHeld(trace));
  const judged = (kind: string, line: number, of: (trace: Trace) => string): Outcome => {
    const ours = of(expected);
    for (const { engine, trace } of others) {
      const theirs = of(trace);
      if (ours === theirs) continue;
      const reason = `interpreter: ${ours || "nothing"} | ${engine}: ${theirs || "nothing"}`;
      return { kind, line, result: "failed", reason };
    }
    return { kind, line, result: "passed" };
  };
  return [
    ...expected.outcomes.map(({ kind, line }, i) =>
      judged(kind, line, ({ fuel, values }) => [fuel[i], values[i]].filter((part) => part !== "").join(" gives ")),
    ),
    judged("memories", 0, ({ memories }) => memories.join("; ")),
  ];
}

/** Whether the engine could hold every module of the script: else what follows has no instances to go on with. */
function isHeld({ outcomes }: Trace): boolean {
  return outcomes.every(
    ({ kind, result }) => result !== "skipped" && !(kind.startsWith("module") && result === "failed"),
  );
}
