import { type OptionNames, readOptions as read, useSuggestions } from "./options.ts";

export type { OptionNames };

/** As {@link read}, and an unknown option's message names the nearest option. */
export function readOptions<T extends object>(what: string, names: OptionNames<T>, options: T | undefined): T {
  useSuggestions();
  return read(what, names, options);
}
