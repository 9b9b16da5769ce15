import { decodeUtf8 } from "../abi/bytes.ts";
import { Status } from "../abi/constants.ts";
import { StatusError } from "../abi/errors.ts";
import { fieldsOf } from "../abi/protobuf.ts";
import type { Context } from "../vm/context.ts";

/** Envoy's foreign functions that act on the stream of their caller. */
export const streamForeignFunctions: Readonly<Record<string, (args: Uint8Array, context: Context) => void>> = {
  /** The request was changed in a way that routing may depend on, other than by its headers. */
  clear_route_cache(_args, context) {
    context.clearRouteCache();
  },

  /** `SetEnvoyFilterStateArguments`: field 1 is the name, field 2 the value. It is read as the property `filter_state.<name>`. */
  set_envoy_filter_state(args, context) {
    const fields = fieldsOf(args);
    const path = fields?.find(({ number }) => number === 1)?.bytes;
    const value = fields?.find(({ number }) => number === 2)?.bytes ?? new Uint8Array(0);
    if (path === undefined || path.length === 0) throw new StatusError(Status.BadArgument);
    const status = context.setProperty(`filter_state\0${decodeUtf8(path)}`, value.slice());
    if (status !== Status.Ok) throw new StatusError(status);
  },

  /** `DeclarePropertyArguments`: a type for a property that is to be set. Values are bytes here whatever was declared. */
  declare_property(args) {
    if (fieldsOf(args) === undefined) throw new StatusError(Status.BadArgument);
  },
};
