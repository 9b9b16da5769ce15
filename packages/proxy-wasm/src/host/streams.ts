import { Status, StreamType } from "../abi/constants.ts";
import { decodePairs } from "../abi/pairs.ts";
import type { Vm } from "../vm/vm.ts";
import { contextOf, type HostFunctions } from "./host-function.ts";

/** What moves or ends a stream. All of it happens after the guest has returned. */
export function streamFunctions(vm: Vm): HostFunctions {
  const { memory } = vm;

  const goOn = (type: number): Status => {
    if (type < 0 || type > StreamType.Upstream) return Status.BadArgument;
    // Envoy cannot stop reading from an upstream connection, so there is nothing to go on with.
    if (type === StreamType.Upstream) return Status.Unimplemented;
    const context = contextOf(vm);
    if (!vm.canDefer) return Status.InternalFailure;
    vm.defer(() => context.continueStream(type));
    return Status.Ok;
  };

  return {
    proxy_continue_stream: goOn,
    proxy_continue_request: () => goOn(StreamType.Request),
    proxy_continue_response: () => goOn(StreamType.Response),

    proxy_close_stream(type: number) {
      if (type < 0 || type > StreamType.Upstream) return Status.BadArgument;
      const context = contextOf(vm);
      if (!vm.canDefer) return Status.InternalFailure;
      vm.defer(() => context.closeStream(type));
      return Status.Ok;
    },

    proxy_clear_route_cache() {
      contextOf(vm).clearRouteCache();
      return Status.Ok;
    },

    proxy_send_local_response(
      status: number,
      details: number,
      detailsLength: number,
      body: number,
      bodyLength: number,
      headers: number,
      headersLength: number,
      grpcStatus: number,
    ) {
      const response = {
        status: status >>> 0,
        details: memory.utf8(details, detailsLength).replace(/\s/g, "_"),
        body: memory.copy(body, bodyLength),
        headers: decodePairs(memory.at(headers, headersLength)),
        grpcStatus: grpcStatus >= 0 && grpcStatus <= 16 ? grpcStatus : -1,
      };
      // Envoy answers Ok in every state of the stream.
      if (!contextOf(vm).sendLocalResponse(response))
        vm.log("warn", "proxy_send_local_response: there is nothing to answer, or it has been answered");
      return Status.Ok;
    },
  };
}
