import type { Engine, EngineInstance, Extern, InstanceOptions } from "../../store/engine.ts";
import type { Module } from "../../store/module.ts";
import { InterpreterInstance } from "./instance.ts";

/** The engine that runs everywhere: a register machine whose whole state is data. */
export const interpreter: Engine = {
  name: "interpreter",

  refuse(): undefined {
    return undefined;
  },

  async prepare(): Promise<void> {
    // Functions are translated when they are first called.
  },

  instantiate(module: Module, imports: readonly Extern[], options: InstanceOptions): EngineInstance {
    return new InterpreterInstance(module, imports, options);
  },
};
