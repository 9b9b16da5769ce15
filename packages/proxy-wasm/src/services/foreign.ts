import { deflateSync, inflateSync } from "node:zlib";
import { Status } from "../abi/constants.ts";
import { StatusError } from "../abi/errors.ts";
import { signText, verifySignature } from "./signatures.ts";

/** What a foreign function is told of its caller. */
export interface ForeignCaller {
  readonly plugin: string;
  readonly rootId: string;
  readonly vmId: string;
  readonly contextId: number;
}

/**
 * A function of the host that plugins call by name. What it returns is handed to the guest; a promise's result is delivered later,
 * through `proxy_on_foreign_function` with the number given as `functionId`. Throw a `StatusError` to answer with a status.
 */
export type ForeignFunction = (
  args: Uint8Array,
  caller: ForeignCaller,
) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** The most that `uncompress` makes of its input. */
const MAX_UNCOMPRESSED = 16 * 1024 * 1024;

/** Envoy's functions that need nothing but their argument: zlib's format both ways, and signatures. */
export const builtinForeignFunctions: Readonly<Record<string, ForeignFunction>> = {
  compress: (args) => new Uint8Array(deflateSync(args)),
  uncompress: (args) => {
    try {
      return new Uint8Array(inflateSync(args, { maxOutputLength: MAX_UNCOMPRESSED }));
    } catch {
      throw new StatusError(Status.SerializationFailure);
    }
  },
  verify_signature: verifySignature,
  sign: signText,
};
