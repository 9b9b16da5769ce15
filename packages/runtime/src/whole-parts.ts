import type { RuntimeParts } from "./runtime-of.ts";
import type { Engine } from "./store/engine.ts";
import { supplies } from "./store/supplied.ts";
import { validateModule } from "./validation/validate.ts";
import { useSuggestions } from "./wasm/options.ts";

/** The parts of a runtime that lacks no feature. */
export function wholeParts(engines: readonly Engine[]): RuntimeParts {
  useSuggestions();
  return { engines, lacks: [], validate: validateModule, supplies };
}
