import { Status } from "../abi/constants.ts";
import { HeaderMap } from "../abi/header-map.ts";
import { decodePairs } from "../abi/pairs.ts";
import type { Vm } from "../vm/vm.ts";
import { contextOf, type HostFunctions } from "./host-function.ts";
import { isSendableCall } from "./sendable-call.ts";

/** Requests of the plugin's own. */
export function httpCallFunctions(vm: Vm): HostFunctions {
  const { memory } = vm;
  return {
    proxy_http_call(
      upstream: number,
      upstreamLength: number,
      headers: number,
      headersLength: number,
      body: number,
      bodyLength: number,
      trailers: number,
      trailersLength: number,
      timeout: number,
      out: number,
    ) {
      const cluster = memory.utf8(upstream, upstreamLength);
      const map = HeaderMap.from(decodePairs(memory.at(headers, headersLength)));
      const content = memory.copy(body, bodyLength);
      const end = HeaderMap.from(decodePairs(memory.at(trailers, trailersLength)));
      if (timeout < 0 || !vm.services.upstreams.has(cluster) || !isSendableCall(map, end)) return Status.BadArgument;
      if (content.length > 0) map.replace("content-length", String(content.length));
      memory.writeU32(out, 0);
      const id = contextOf(vm).root.httpCall(cluster, map, content, end, timeout);
      if (id === undefined) return Status.InternalFailure;
      memory.writeU32(out, id);
      return Status.Ok;
    },
  };
}
