import type { Module } from "../../module.ts";
import { decodeBase64, encodeBase64 } from "../../wasm/base64.ts";
import { F32, F64, type FunctionType, I32, I64, type ValueType } from "../../wasm/types.ts";
import type { Callable, State } from "./state.ts";
import { Translation, Unsupported } from "./translate.ts";

/** What translated functions expect of `State` changes now and then; code for another number is not used. */
const FORMAT = 2;
const MARK = "wardian compiled module";

/** A translated function: what makes it for an instance, and whether it may ask for a tail call. */
export type CompiledFunction = readonly [make: (state: never) => unknown, hasTailCalls: boolean];

/**
 * A module that was translated to JavaScript ahead of time: the default export of what {@link compileAhead} writes. `Runtime.compile`
 * takes it in place of bytes.
 */
export interface CompiledModule {
  readonly kind: typeof MARK;
  readonly format: number;
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

/** A function that was translated ahead of time. */
export function compiledFunction(
  module: Module,
  index: number,
): { readonly make: (state: State) => Callable; readonly hasTailCalls: boolean } | undefined {
  const functions = module.prepared.get(KEY) as CompiledModule["functions"] | undefined;
  const found = functions?.[index];
  return found === undefined
    ? undefined
    : { make: found[0] as unknown as (state: State) => Callable, hasTailCalls: found[1] };
}

/**
 * Translates a module to an ES module, for platforms where neither WebAssembly nor making code from text is allowed. What it exports is
 * a {@link CompiledModule}, and `instantiate`, which is all that most programs need.
 *
 * @returns the text of the module, and of its declarations for TypeScript
 */
export function compileAhead(module: Module): { readonly code: string; readonly types: string } {
  const { functions, importCounts } = module.syntax;
  const translated: string[] = [];
  for (let index = importCounts.func; index < functions.length; index++) {
    try {
      const translation = new Translation(module.valid, index, { depth: true });
      const text = translation.translate();
      translated.push(`${index}: [(S) => {\n${text}\n}, ${translation.hasTailCalls}],`);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
    }
  }
  const code = `// Made by wardian from a WebAssembly module. Do not edit.
import { Runtime } from "@wardian/runtime";

const compiled = {
kind: ${JSON.stringify(MARK)},
format: ${FORMAT},
wasm: ${JSON.stringify(encodeBase64(module.bytes))},
functions: {
${translated.join("\n")}
},
};
export default compiled;

export async function instantiate(imports, options) {
  const runtime = new Runtime({ engine: "compiler" });
  return runtime.instantiate(await runtime.compile(compiled), imports, options);
}
`;
  return { code, types: declarations(module) };
}

function typeScriptType(type: ValueType): string {
  return type === I32 || type === F32 || type === F64 ? "number" : type === I64 ? "bigint" : "unknown";
}

function functionType({ params, results }: FunctionType): string {
  const result =
    results.length === 0
      ? "void"
      : results.length === 1
        ? typeScriptType(results[0])
        : `[${results.map(typeScriptType).join(", ")}]`;
  return `(${params.map((type, i) => `p${i}: ${typeScriptType(type)}`).join(", ")}) => ${result}`;
}

function declarations(module: Module): string {
  const { syntax, valid } = module;
  const used = new Set<string>();
  const members = syntax.exports.map(({ name, kind, index }) => {
    let type: string;
    if (kind === "func") type = functionType(valid.types[syntax.functions[index]].composite as FunctionType);
    else {
      type = kind[0].toUpperCase() + kind.slice(1);
      used.add(type);
    }
    return `  readonly ${JSON.stringify(name)}: ${type};`;
  });
  return `// Made by wardian from a WebAssembly module. Do not edit.
import type { ${["CompiledModule", "ImportObject", "Instance", "InstantiateOptions", ...used].sort().join(", ")} } from "@wardian/runtime";

/** What the module exports. */
export interface Exports {
${members.join("\n")}
}

/** The module, for \`Runtime.compile\`. */
declare const compiled: CompiledModule;
export default compiled;

/** Makes an instance of the module. */
export declare function instantiate(
  imports?: ImportObject,
  options?: InstantiateOptions,
): Promise<Omit<Instance, "exports"> & { readonly exports: Exports }>;
`;
}
