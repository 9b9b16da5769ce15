import type { Context } from "../guest/context.ts";
import { writeSizes, writeStrings } from "./args.ts";
import type { Family } from "./family.ts";

/** The guest's environment: what the host gave it, never the host's own. */
export function environFunctions(context: Context): Family {
  return {
    /** Writes the variables as `KEY=VALUE`, each with a closing NUL, and a pointer to each. Errors: `fault`. */
    environ_get(pointers: number, buffer: number): void {
      writeStrings(context, context.env, pointers, buffer);
    },

    /** Writes the number of variables and their bytes in all. Errors: `fault`. */
    environ_sizes_get(count: number, size: number): void {
      writeSizes(context, context.env, count, size);
    },
  };
}
