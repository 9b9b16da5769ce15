import type { Context } from "../guest/context.ts";
import type { Family } from "./family.ts";

/** Giving way to others. */
export function schedFunctions(context: Context): Family {
  return {
    /** Lets the host's event loop have a turn where the call may be suspended; elsewhere there is nobody to give way to. No errors. */
    sched_yield(): void | Promise<void> {
      if (context.waiting.suspendable) return context.waiting.turn();
    },
  };
}
