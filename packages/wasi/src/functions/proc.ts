import { ExitStatus, WASIError } from "../errors.ts";
import type { Context } from "../guest/context.ts";
import type { Family } from "./family.ts";

/** Signals by number, each with what it does to a program that does not handle it; programs of preview 1 cannot. */
const SIGNALS: readonly ("nothing" | "end" | "stop")[] = [
  "nothing", // none
  "end", // hup
  "end", // int
  "end", // quit
  "end", // ill
  "end", // trap
  "end", // abrt
  "end", // bus
  "end", // fpe
  "end", // kill
  "end", // usr1
  "end", // segv
  "end", // usr2
  "end", // pipe
  "end", // alrm
  "end", // term
  "nothing", // chld
  "nothing", // cont
  "stop", // stop
  "stop", // tstp
  "stop", // ttin
  "stop", // ttou
  "nothing", // urg
  "end", // xcpu
  "end", // xfsz
  "end", // vtalrm
  "end", // prof
  "nothing", // winch
  "end", // poll
  "end", // pwr
  "end", // sys
];

/** The end of the guest. */
export function procFunctions(context: Context): Family {
  const exit = (code: number): never => {
    context.exit = new ExitStatus(code);
    throw context.exit;
  };
  return {
    /** Ends the guest with an exit code, by an exception through its frames. Does not return. */
    proc_exit(code: number): void {
      exit(code >>> 0);
    },

    /**
     * Raises a signal: one that POSIX ignores by default does nothing, one that ends a program ends the guest with code 128 and the signal's number, as shells have it.
     * Errors: `inval` for an unknown signal, `notsup` for one that stops a program until another continues it.
     */
    proc_raise(signal: number): void {
      switch (SIGNALS[signal]) {
        case undefined:
          throw new WASIError("inval", `there is no signal ${signal}`);
        case "end":
          exit(128 + signal);
          break;
        case "stop":
          throw new WASIError("notsup", "nobody could continue a stopped guest");
      }
    },
  };
}
