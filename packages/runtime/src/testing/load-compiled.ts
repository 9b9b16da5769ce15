import { proposals, supplyImports } from "../ahead.ts";
import { compileAhead } from "../engines/compiler/ahead.ts";
import type { CompiledModule } from "../engines/compiler/compiled-module.ts";
import type { Module } from "../store/module.ts";

/** The default export of what `compileAhead` writes for a module. */
export function loadCompiled(module: Module): CompiledModule {
  const { code } = compileAhead(module);
  const body = code.slice(code.indexOf("const compiled"), code.indexOf("export default"));
  return new Function("proposals", "supplyImports", `"use strict"; ${body}; return compiled;`)(
    proposals,
    supplyImports,
  ) as CompiledModule;
}
