import { featuresUsed } from "../../binary/features-used.ts";
import type { Module } from "../../store/module.ts";
import { encodeBase64 } from "../../wasm/base64.ts";
import type { Feature } from "../../wasm/features.ts";
import { F32, F64, type FunctionType, I32, I64, type ValueType } from "../../wasm/types.ts";
import { type CompiledParts, FORMAT, MARK } from "./compiled-module.ts";
import { proposalTranslators } from "./proposals.ts";
import { Translation, Unsupported } from "./translate.ts";

const ON_SMALL_RUNTIME = `export function instantiate(imports, options) {
  return instantiateCompiled(compiled, imports, options);
}
`;

const ON_WHOLE_RUNTIME = `export async function instantiate(imports, options) {
  const runtime = new Runtime({ engine: "compiler" });
  return runtime.instantiate(await runtime.compile(compiled), imports, options);
}
`;

/**
 * Translates a module to an ES module, for platforms where neither WebAssembly nor making code from text is allowed. What it exports is
 * a {@link CompiledModule}, and `instantiate`, which is all that most programs need.
 *
 * @returns the text of the module, and of its declarations for TypeScript
 */
export function compileAhead(module: Module): { readonly code: string; readonly types: string } {
  const { functions, importCounts } = module.syntax;
  const translated: string[] = [];
  let isWhole = true;
  for (let index = importCounts.func; index < functions.length; index++) {
    try {
      const translation = new Translation(module.valid, index, {
        depth: true,
        alone: true,
        ahead: true,
        parts: proposalTranslators,
      });
      const text = translation.translate();
      const names = [...translation.names];
      translated.push(
        `${index}: ["${names.join()}", (${names.join(", ")}) => {\n${text}\n}, ${translation.hasTailCalls}],`,
      );
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      isWhole = false;
    }
  }
  const parts = isWhole ? partsOf(module) : [];
  const code = `// Made by wardian from a WebAssembly module. Do not edit.
${isWhole ? `import { ${["instantiateCompiled", ...parts].join(", ")} } from "@wardian/runtime/ahead";` : '// Some of its functions need the interpreter.\nimport { Runtime } from "@wardian/runtime";'}

const compiled = {
kind: ${JSON.stringify(MARK)},
format: ${FORMAT},
${parts.length === 0 ? "" : `parts: { ${parts.join(", ")} },\n`}${suppliedBy(module)}wasm: ${JSON.stringify(encodeBase64(module.bytes))},
functions: {
${translated.join("\n")}
},
};
export default compiled;

${isWhole ? ON_SMALL_RUNTIME : ON_WHOLE_RUNTIME}`;
  return { code, types: declarations(module) };
}

const proposals: readonly Feature[] = ["gc", "threads", "wide-arithmetic"];

/** The names of the {@link CompiledParts} that a module needs. */
function partsOf({ bytes, valid }: Module): (keyof CompiledParts)[] {
  const names: (keyof CompiledParts)[] = [];
  if (featuresUsed(bytes).some((feature) => proposals.includes(feature))) names.push("proposals");
  if (valid.supplied !== undefined) names.push("supplyImports");
  return names;
}

/** The options that decide which imports the module's host need not give. */
function suppliedBy(module: Module): string {
  const { builtins, importedStringConstants } = module.valid.supplied ?? {};
  const line = (name: string, value: unknown): string =>
    value === undefined ? "" : `${name}: ${JSON.stringify(value)},\n`;
  return line("builtins", builtins) + line("importedStringConstants", importedStringConstants);
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
