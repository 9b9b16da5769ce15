/**
 * How options objects are read, for this repository's packages. It may change in any release.
 *
 * @module
 */
import { type OptionNames, readOptions as read, useSuggestions } from "./wasm/options.ts";

export { suggestion } from "./wasm/options.ts";
export type { OptionNames };

/** As {@link read}, and an unknown option's message names the nearest option. */
export function readOptions<T extends object>(what: string, names: OptionNames<T>, options: T | undefined): T {
  useSuggestions();
  return read(what, names, options);
}
