import { Errno, type ErrnoName } from "../../errno.ts";
import { WASIError } from "../../errors.ts";

/** Node's codes whose names are not those of preview 1 with an E before them. */
const OTHER_NAMES: ReadonlyMap<string, ErrnoName> = new Map([
  ["EWOULDBLOCK", "again"],
  ["EOPNOTSUPP", "notsup"],
  ["ERR_INVALID_ARG_VALUE", "inval"],
  ["ERR_INVALID_ARG_TYPE", "inval"],
  ["ERR_OUT_OF_RANGE", "inval"],
  ["ERR_DIR_CLOSED", "badf"],
  ["UNKNOWN", "io"],
]);

/** Calls the host's file system; what the host's system refuses becomes a `WASIError`, a mistake of ours stays what it is. */
export function onHost<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw hostError(error);
  }
}

/** What to throw for what the host's file system threw. */
export function hostError(error: unknown): unknown {
  if (error instanceof WASIError) return error;
  const { code } = error as { code?: unknown };
  if (typeof code !== "string") return error;
  const name = OTHER_NAMES.get(code) ?? (code.startsWith("E") ? code.slice(1).toLowerCase() : "");
  return Object.hasOwn(Errno, name) ? new WASIError(name as ErrnoName, (error as Error).message) : error;
}
