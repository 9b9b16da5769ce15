import type { Engine } from "../store/engine.ts";
import { supplies } from "../store/supplied.ts";
import { validateModule } from "../validation/validate.ts";
import { useSuggestions } from "../wasm/options.ts";
import type { RuntimeParts } from "./base-runtime.ts";

/** The parts of a runtime that lacks no feature. */
export function fullParts(engines: readonly Engine[]): RuntimeParts {
  useSuggestions();
  return { engines, lacks: [], validate: validateModule, supplies };
}
