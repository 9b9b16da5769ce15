import { decodeModule } from "./binary/decode.ts";
import { encodeModule } from "./binary/encode.ts";
import { adoptCompiled, bytesOfCompiled, isCompiledModule } from "./engines/compiler/compiled-module.ts";
import { compileShared } from "./engines/share.ts";
import { Module } from "./module.ts";
import { compileBytes, type OtherSource } from "./runtime-of.ts";
import { parseModule } from "./text/parser.ts";
import { validateModule } from "./validation/validate.ts";
import { CompileError } from "./wasm/errors.ts";
import type { FeatureSet } from "./wasm/features.ts";
import type { WasmModule } from "./wasm/module.ts";

/**
 * Compiles a module in the text format.
 * @throws CompileError that names line and column
 */
function compileText(text: string, features: FeatureSet): Module {
  const parsed = parseModule(text, features);
  const bytes = encodeModule(parsed.module);
  let module: WasmModule | undefined;
  try {
    module = decodeModule(bytes, features);
    return new Module(bytes, validateModule(module, features));
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

/** Compiles a module in the text format, one that was translated ahead of time, or one from another thread. */
export function compileOther(source: OtherSource, features: FeatureSet): Module {
  if (typeof source === "string") return compileText(source, features);
  if (!isCompiledModule(source)) return compileShared(source, features);
  const module = compileBytes(bytesOfCompiled(source), features);
  adoptCompiled(module, source);
  return module;
}
