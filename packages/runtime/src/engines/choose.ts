import type { Engine, EngineName, InstanceOptions } from "../store/engine.ts";
import type { Module } from "../store/module.ts";
import { LinkError } from "../store/trap.ts";

export interface EngineChoice {
  readonly engine: Engine;
  /** Why this one, for people. */
  readonly reason: string;
}

/**
 * Picks the engine that is to run modules: one engine for all of them.
 *
 * @param engines those that there are, in the order in which `"auto"` tries them
 * @param wanted an engine's name, or `"auto"` for the first that can hold the modules under the options. Where the options have a budget whose
 *   instances run on an engine already, `"auto"` is that engine
 * @throws LinkError when the named engine cannot hold one of them, or no engine can hold all
 */
export function chooseEngine(
  engines: readonly Engine[],
  wanted: EngineName | "auto",
  modules: readonly Module[],
  options: InstanceOptions,
): EngineChoice {
  const bound = options.budget?.engine;
  const name = wanted === "auto" ? (bound ?? wanted) : wanted;
  if (wanted !== "auto") options.budget?.requireEngine(wanted);
  const refusals: string[] = [];
  for (const engine of engines) {
    if (name !== "auto" && name !== engine.name) continue;
    let refusal: string | undefined;
    for (const module of modules) refusal ??= engine.refuse(module, options);
    if (refusal === undefined) {
      const held = modules.length === 1 ? "the module" : "the modules";
      const chosen =
        name === "auto"
          ? `the fastest that can hold ${held} here`
          : wanted === "auto"
            ? "the engine of the budget's other instances"
            : "asked for by name";
      return { engine, reason: [chosen, ...refusals].join("; ") };
    }
    refusals.push(`${engine.name}: ${refusal}`);
  }
  const problem = refusals.join("; ") || `there is no engine named "${name}"`;
  const remedy = bound === undefined ? "" : "; bindBudget chooses an engine that can hold all modules of a budget";
  throw new LinkError(
    `no engine can hold ${modules.length === 1 ? "this module" : "these modules"}: ${problem}${remedy}`,
  );
}
