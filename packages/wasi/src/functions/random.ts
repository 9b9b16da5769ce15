import type { Context } from "../guest/context.ts";
import type { Family } from "./family.ts";

/** The guest's randomness: the source that the host gave it. */
export function randomFunctions(context: Context): Family {
  return {
    /** Fills a buffer with random bytes. Errors: `fault`. */
    random_get(buffer: number, length: number): void {
      context.random(context.memory.slice(buffer, length));
    },
  };
}
