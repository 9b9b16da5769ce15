import type { Engine, EngineInstance, Extern, InstanceOptions } from "../../store/engine.ts";
import type { Module } from "../../store/module.ts";
import { codeGenerator } from "./code.ts";
import { isCompiledAhead } from "./compiled-module.ts";
import { CompilerInstance } from "./instance.ts";

/** The engine that translates functions to JavaScript when they are first called. */
export const compiler: Engine = {
  name: "compiler",

  refuse(module: Module): string | undefined {
    return codeGenerator() === undefined && !isCompiledAhead(module)
      ? "this platform does not let JavaScript be made from text"
      : undefined;
  },

  async prepare(): Promise<void> {
    // Functions are translated when they are first called.
  },

  instantiate(module: Module, imports: readonly Extern[], options: InstanceOptions): EngineInstance {
    return new CompilerInstance(module, imports, options);
  },
};
