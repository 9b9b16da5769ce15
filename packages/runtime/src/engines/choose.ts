import type { Engine, EngineName, InstanceOptions } from "../store/engine.ts";
import type { Module } from "../store/module.ts";
import { LinkError } from "../store/trap.ts";

export interface EngineChoice {
  readonly engine: Engine;
  /** Why this one, for people. */
  readonly reason: string;
}

/**
 * Picks the engine that is to run a module.
 *
 * @param engines those that there are, in the order in which `"auto"` tries them
 * @param wanted an engine's name, or `"auto"` for the first that can hold the module under the options
 * @throws LinkError when the named engine cannot hold it, or none can
 */
export function chooseEngine(
  engines: readonly Engine[],
  wanted: EngineName | "auto",
  module: Module,
  options: InstanceOptions,
): EngineChoice {
  const refusals: string[] = [];
  for (const engine of engines) {
    if (wanted !== "auto" && wanted !== engine.name) continue;
    const refusal = engine.refuse(module, options);
    if (refusal === undefined) {
      const chosen = wanted === "auto" ? "the fastest that can hold the module here" : "asked for by name";
      return { engine, reason: [chosen, ...refusals].join("; ") };
    }
    refusals.push(`${engine.name}: ${refusal}`);
  }
  throw new LinkError(
    `no engine can hold this module: ${refusals.join("; ") || `there is no engine named "${wanted}"`}`,
  );
}
