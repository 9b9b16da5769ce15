/**
 * What a module translated ahead of time needs (`wardian compile app.wasm -o app.mjs`): the store, the meter, and what translated code calls. There
 * is neither translator nor validator nor interpreter in it, and it makes no code from text. Parts that few modules need are exports of their own: a translated
 * module imports those that it needs.
 *
 * @module
 */

import { Instance } from "./api/instance.ts";
import { type InstantiateOptions, resolveOptions } from "./api/instantiate-options.ts";
import { decodeModule } from "./binary/decode.ts";
import { compilerAlone } from "./engines/compiler/alone.ts";
import {
  adoptCompiled,
  bytesOfCompiled,
  type CompiledModule,
  type CompiledParts,
  compiledFunction,
  FORMAT,
  type Proposals,
} from "./engines/compiler/compiled-module.ts";
import { proposalFunctions } from "./engines/compiler/proposals.ts";
import { aggregateConstant } from "./store/gc-constant.ts";
import type { ImportObject } from "./store/import-object.ts";
import { resolveImports } from "./store/link.ts";
import { Module } from "./store/module.ts";
import { LinkError } from "./store/trap.ts";
import { allFeatures } from "./wasm/features.ts";
import { defineTypes } from "./wasm/type-registry.ts";

export * from "./api/shared-exports.ts";

const engine = compilerAlone({
  unfit: (_, { deterministic }) =>
    deterministic
      ? "code that was translated ahead of time makes whatever NaNs the platform makes, which the option deterministic forbids"
      : undefined,
  translatedFor: (module) => (index) => compiledFunction(module, index),
  proposalsOf: (module) => parts.get(module)?.proposals,
});

const modules = new WeakMap<CompiledModule, Module>();
const parts = new WeakMap<Module, CompiledParts>();

/** For modules that use garbage collection, threads or wide arithmetic. */
export const proposals: Proposals = { constants: aggregateConstant, functions: proposalFunctions };

/** For modules that were compiled with `builtins` or `importedStringConstants`. */
export { supplyImports } from "./store/supplied.ts";

/** The module was valid when it was translated, and is as trustworthy as the code that stands beside it: it is not validated again. */
function moduleOf(compiled: CompiledModule): Module {
  let module = modules.get(compiled);
  if (module === undefined) {
    if (compiled.format !== FORMAT)
      throw new LinkError(
        `the module was translated for another version of @wardian/runtime (format ${compiled.format}, here ${FORMAT}); run "wardian compile" again`,
      );
    const bytes = bytesOfCompiled(compiled);
    const syntax = decodeModule(bytes, allFeatures);
    const valid = { module: syntax, types: defineTypes(syntax.types), features: allFeatures };
    module = new Module(bytes, compiled.parts?.supplyImports?.(valid, compiled) ?? valid);
    if (compiled.parts !== undefined) parts.set(module, compiled.parts);
    adoptCompiled(module, compiled);
    modules.set(compiled, module);
  }
  return module;
}

/**
 * Makes an instance of a module that was translated ahead of time, with no more than its own code. Its functions cannot be called through
 * `instance.async`; for that, give the module to `compile` of a `Runtime` with an engine that can suspend.
 *
 * @throws LinkError when an import is missing or of another type, or the module was translated for another version of this package; Trap
 *   when a segment does not fit or the start function traps
 */
export async function instantiateCompiled(
  compiled: CompiledModule,
  imports?: ImportObject,
  options?: InstantiateOptions,
): Promise<Instance> {
  const module = moduleOf(compiled);
  const resolved = resolveOptions(undefined, options, undefined);
  const refusal = engine.refuse(module, resolved);
  if (refusal !== undefined) throw new LinkError(refusal);
  return new Instance(
    engine.instantiate(module, resolveImports(module.valid, imports), resolved),
    "translated ahead of time",
  );
}
