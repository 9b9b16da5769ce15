import type { Instance, Module } from "@wardian/runtime";
import type { WASI } from "@wardian/wasi";
import { EXIT, Failure } from "./failure.ts";
import type { Input } from "./input.ts";
import { exampleCall, exportedFunctionType, formatResults, parseArguments, signature } from "./values.ts";

/** Runs a guest once it has been instantiated, and returns its exit code. */
export type Entry = (instance: Instance, wasi: WASI) => number;

function exportedFunctions(module: Module): string[] {
  return module.exports.filter(({ kind }) => kind === "function").map(({ name }) => name);
}

/** Imports shown where some are missing. */
const MISSING_SHOWN = 5;

/** @throws Failure when a module imports anything but functions of WASI preview 1 */
export function checkImports(module: Module, input: Input, wasi: WASI): void {
  const missing = module.imports.filter(
    (item) => item.kind !== "function" || !Object.hasOwn(wasi.imports, item.module),
  );
  if (missing.length === 0) return;
  const shown = missing.slice(0, MISSING_SHOWN).map(({ module: from, name, kind }) => `${kind} ${from}.${name}`);
  const more = missing.length > MISSING_SHOWN ? ` and ${missing.length - MISSING_SHOWN} more` : "";
  throw new Failure(`${input.label} imports what this command does not have: ${shown.join(", ")}${more}`, {
    hint: "guests get WASI preview 1 here; a program of your own gives them other imports with @wardian/runtime",
  });
}

/**
 * Chooses how a module is entered: its `_start`, or the function that the user asked for.
 *
 * @throws Failure, before anything runs, when there is no such way or the arguments do not fit
 */
export function chooseEntry(module: Module, input: Input, args: readonly string[], invoke: string | undefined): Entry {
  const hasMemory = module.exports.some(({ name, kind }) => name === "memory" && kind === "memory");
  const isCommand = exportedFunctions(module).includes("_start");
  if (invoke !== undefined) return invocation(module, input, args, invoke, hasMemory && !isCommand);
  if (isCommand && hasMemory) return (instance, wasi) => wasi.startSync(instance);
  if (isCommand) return invocation(module, input, [], "_start", false);
  // A start section has done its work by now.
  if (module.syntax.start !== undefined) return () => 0;
  throw new Failure(`${input.label} is not a command: it exports no function _start`, {
    hint: callHint(module, input),
  });
}

function invocation(module: Module, input: Input, args: readonly string[], name: string, isReactor: boolean): Entry {
  const type = exportedFunctionType(module.syntax, name);
  if (type === undefined)
    throw new Failure(`${input.label} exports no function ${name}`, {
      hint: callHint(module, input),
      exitCode: EXIT.usage,
    });
  const values = parseArguments(name, type, args, input.label);
  return (instance, wasi) => {
    if (isReactor) wasi.initializeSync(instance);
    const lines = formatResults(instance.exports[name](...values), type);
    if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`);
    return 0;
  };
}

/** Functions shown where one was to be chosen. */
const SHOWN = 8;

function callHint(module: Module, input: Input): string {
  const names = exportedFunctions(module);
  if (names.length === 0) return "it exports no functions at all";
  const typeOf = (name: string) => exportedFunctionType(module.syntax, name)!;
  if (names.length === 1) return `call its function with ${exampleCall(input.label, names[0], typeOf(names[0]))}`;
  const shown = names.slice(0, SHOWN).map((name) => `${name} ${signature(typeOf(name))}`);
  const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : "";
  return `choose one of its functions with --invoke: ${shown.join(", ")}${more}`;
}
