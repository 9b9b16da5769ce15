import { ClockId } from "../abi.ts";
import type { Clock } from "../clock.ts";
import { WASIError } from "../errors.ts";
import type { Context } from "../guest/context.ts";
import type { Family } from "./family.ts";

/** The time of a clock by its number. A guest's processor time is the time since its start: nobody else runs meanwhile. Throws `inval`. */
export function readClock(clock: Clock, id: number): bigint {
  switch (id) {
    case ClockId.realtime:
      return clock.realtime();
    case ClockId.monotonic:
    case ClockId.processCpu:
    case ClockId.threadCpu:
      return clock.monotonic();
    default:
      throw new WASIError("inval", `there is no clock ${id}`);
  }
}

/** The guest's clocks: those that the host gave it. */
export function clockFunctions(context: Context): Family {
  return {
    /** Writes the smallest step of a clock, in nanoseconds. Errors: `inval` for an unknown clock, `fault`. */
    clock_res_get(id: number, resolution: number): void {
      if (id < 0 || id > ClockId.threadCpu) throw new WASIError("inval", `there is no clock ${id}`);
      context.memory.writeU64(resolution, context.clock.resolution);
    },

    /** Writes the time of a clock, in nanoseconds. The precision asked for is not needed. Errors: `inval` for an unknown clock, `fault`. */
    clock_time_get(id: number, _precision: bigint, time: number): void {
      context.memory.writeU64(time, readClock(context.clock, id));
    },
  };
}
