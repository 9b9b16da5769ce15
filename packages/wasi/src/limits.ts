import { type OptionNames, readOptions } from "./read-options.ts";

/**
 * What a guest can make its host hold or do, each with a limit. Every field is optional; the defaults suit a program that means well and leave no one that does
 * not unbounded.
 */
export interface WASILimits {
  /** Descriptors open at once, standard streams and preopens included; by default 1024. Beyond it: `mfile`. */
  descriptors?: number;
  /**
   * Bytes written to stdout, and as many to stderr; by default 64 MiB, or without limit where the output goes straight to a descriptor of the host
   * (`"inherit"`). Beyond it: `dquot`.
   */
  output?: number;
  /** Bytes that one call reads or writes; by default 64 MiB. A longer one is done in part, as POSIX allows, and one for random bytes fails with `inval`: no call keeps its host for long. */
  transfer?: number;
  /** Bytes of a path, links' targets included; by default 4096. Beyond it: `nametoolong`. */
  path?: number;
  /** Directory entries remembered for `fd_readdir`, over all open directories; by default 65536. Beyond it: `nomem`. */
  directoryEntries?: number;
  /**
   * Milliseconds that calls which cannot be suspended block the host's thread while the guest sleeps or waits for input, in sum; by default 30000. Beyond it:
   * `timedout`. Suspendable calls do not block and are not limited here.
   */
  blocking?: number;
}

/** The limits that are used where none are given. */
export const DEFAULT_LIMITS: Readonly<Required<WASILimits>> = {
  descriptors: 1024,
  output: 64 * 1024 * 1024,
  transfer: 64 * 1024 * 1024,
  path: 4096,
  directoryEntries: 65_536,
  blocking: 30_000,
};

const names: OptionNames<WASILimits> = {
  descriptors: true,
  output: true,
  transfer: true,
  path: true,
  directoryEntries: true,
  blocking: true,
};

/** @throws TypeError for a limit that is not known */
export function readLimits(limits: WASILimits | undefined): WASILimits {
  return readOptions("limits of WASI", names, limits);
}

/**
 * Fills in defaults.
 *
 * @throws TypeError for a limit of another name, RangeError for one that is not a number from zero up
 */
export function completeLimits(given: WASILimits | undefined): Required<WASILimits> {
  const limits = readLimits(given);
  for (const [name, value] of Object.entries(limits)) {
    if (value !== undefined && !(value >= 0)) {
      throw new RangeError(`the limit ${name} must be a number from zero up, not ${value}`);
    }
  }
  const complete = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(limits) as (keyof WASILimits)[]) complete[name] = limits[name] ?? DEFAULT_LIMITS[name];
  return complete;
}
