import { decodeModule } from "../binary/decode.ts";
import { encodeModule } from "../binary/encode.ts";
import { adoptCompiled, bytesOfCompiled, isCompiledModule } from "../engines/compiler/compiled-module.ts";
import { compileShared, isSharedModule } from "../engines/share.ts";
import { Module } from "../store/module.ts";
import { supplies, supplyImports } from "../store/supplied.ts";
import { parseModule } from "../text/parser.ts";
import { validateModule } from "../validation/validate.ts";
import { CompileError } from "../wasm/errors.ts";
import type { FeatureSet } from "../wasm/features.ts";
import type { WasmModule } from "../wasm/module.ts";
import { type CompileOptions, compileBytes, type NonBinarySource } from "./base-runtime.ts";
import { checkText, refuseSource } from "./module-source.ts";

/**
 * Compiles a module in the text format.
 * @throws CompileError that names line and column
 */
function compileText(text: string, features: FeatureSet, options: CompileOptions): Module {
  checkText(text);
  const parsed = parseModule(text, features);
  const bytes = encodeModule(parsed.module);
  let module: WasmModule | undefined;
  try {
    module = decodeModule(bytes, features);
    return new Module(bytes, supplyImports(validateModule(module, features), options));
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const { reason, offset, functionIndex, section, entry } = error;
    // An offset in bytes that the caller never saw says nothing: the place in the text stands for it, where there is one.
    const instruction = module === undefined || offset === undefined ? undefined : parsed.positionOf(module, offset);
    const position = instruction ?? parsed.declarationOf(error);
    const Kind = error.constructor as typeof CompileError;
    throw new Kind(reason, { position, functionIndex, section, entry });
  }
}

/**
 * Compiles a module in the text format, one that was translated ahead of time, or one from another thread.
 * @param options those of a module in the text format: the others know what they were compiled with
 * @throws TypeError for anything else
 */
export function compileNonBinary(source: NonBinarySource, features: FeatureSet, options: CompileOptions): Module {
  if (typeof source === "string") return compileText(source, features, options);
  if (isSharedModule(source)) return compileShared(source, features);
  if (!isCompiledModule(source)) return refuseSource(source);
  const module = compileBytes(bytesOfCompiled(source), features, { validate: validateModule, supplies }, source);
  adoptCompiled(module, source);
  return module;
}
