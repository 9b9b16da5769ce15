import { WASIError } from "../errors.ts";
import type { Context } from "../guest/context.ts";
import type { Family } from "./family.ts";

/** The guest's randomness: the source that the host gave it. */
export function randomFunctions(context: Context): Family {
  return {
    /** Fills a buffer with random bytes. Errors: `fault`, `inval` for more bytes than one call may move: it is all or nothing. */
    random_get(buffer: number, length: number): void {
      const bytes = context.memory.slice(buffer, length);
      if (bytes.length > context.limits.transfer) throw new WASIError("inval", "more than one call may move");
      context.charge(bytes.length);
      context.inPieces(bytes, context.random);
    },
  };
}
