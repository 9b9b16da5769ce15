import type { aggregateConstant } from "../../store/gc-constant.ts";
import type { Module } from "../../store/module.ts";
import type { supplyImports } from "../../store/supplied.ts";
import { decodeBase64 } from "../../wasm/base64.ts";
import type { FunctionCode } from "./code.ts";
import type { proposalFunctions } from "./proposals.ts";

/** What translated functions expect of `State` changes now and then; code for another number is not used. */
export const FORMAT = 7;
export const MARK = "wardian compiled module";

/** A translated function: what makes it for an instance of the parts with these names, with commas between them, and whether it may ask for a tail call. */
export type CompiledFunction = readonly [names: string, make: (...parts: never[]) => unknown, hasTailCalls: boolean];

/** What executes and calls the instructions of garbage collection, threads and wide arithmetic. */
export interface Proposals {
  /** Executes constant instructions. */
  readonly constants: typeof aggregateConstant;
  /** Makes what translated code calls. */
  readonly functions: typeof proposalFunctions;
}

/** Parts of the runtime that few modules need: a module that was translated ahead of time imports those that it needs. */
export interface CompiledParts {
  readonly proposals?: Proposals;
  /** Finds the imports that options supply. */
  readonly supplyImports?: typeof supplyImports;
}

/**
 * A module that was translated to JavaScript ahead of time: the default export of what {@link compileAhead} writes. `Runtime.compile`
 * takes it in place of bytes.
 */
export interface CompiledModule {
  readonly kind: typeof MARK;
  readonly format: number;
  /** What it needs of `@wardian/runtime/ahead` beside `instantiateCompiled`. `Runtime.compile` has all of it. */
  readonly parts?: CompiledParts;
  /** What it was compiled with. */
  readonly builtins?: readonly string[];
  readonly importedStringConstants?: string;
  /** The module itself, in base64. */
  readonly wasm: string;
  /** By function index. Functions that are missing run on the interpreter. */
  readonly functions: Readonly<Record<number, CompiledFunction>>;
}

export function isCompiledModule(value: unknown): value is CompiledModule {
  return typeof value === "object" && value !== null && (value as Partial<CompiledModule>).kind === MARK;
}

/** @throws TypeError when the module's bytes are damaged */
export function bytesOfCompiled({ wasm }: CompiledModule): Uint8Array {
  return decodeBase64(wasm);
}

const KEY = "compiled ahead";

/** Says that a module's functions need not be translated any more. */
export function adoptCompiled(module: Module, { format, functions }: CompiledModule): void {
  if (format === FORMAT) module.prepared.set(KEY, functions);
}

/** Whether functions of the module were translated ahead of time. */
export function isCompiledAhead(module: Module): boolean {
  return module.prepared.has(KEY);
}

/** A function that was translated ahead of time; undefined for one that has no translation. */
export function compiledFunction(module: Module, index: number): FunctionCode | undefined {
  const functions = module.prepared.get(KEY) as CompiledModule["functions"] | undefined;
  const found = functions?.[index];
  if (found === undefined) return undefined;
  const [names, make, hasTailCalls] = found;
  return { names: names.split(","), make: make as FunctionCode["make"], hasTailCalls, uses: 0 };
}
