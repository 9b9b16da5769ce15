import { decodeUtf8 } from "../abi/bytes.ts";
import { Status } from "../abi/constants.ts";
import { StatusError } from "../abi/errors.ts";
import { HeaderMap } from "../abi/header-map.ts";
import { decodePairs, type Pair } from "../abi/pairs.ts";
import { fieldsOf } from "../abi/protobuf.ts";
import type { Vm } from "../vm/vm.ts";
import { contextOf, type HostFunctions } from "./host-function.ts";
import { isSendableCall } from "./sendable-call.ts";

/**
 * The cluster of a gRPC service: Envoy takes a serialised `envoy.config.core.v3.GrpcService`, other hosts a plain name, which is
 * accepted too.
 * @throws StatusError ParseFailure
 */
export function clusterOf(service: Uint8Array): string {
  const fields = fieldsOf(service);
  // Field 1 is Envoy's own client, field 2 Google's; in both, field 1 says whom to call.
  for (const { number, bytes } of fields ?? []) {
    if ((number !== 1 && number !== 2) || bytes === undefined) continue;
    const target = fieldsOf(bytes)?.find((field) => field.number === 1)?.bytes;
    if (target !== undefined) return decodeUtf8(target);
  }
  const text = decodeUtf8(service);
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new StatusError(Status.ParseFailure);
}

/** gRPC calls and streams of the plugin's own. */
export function grpcFunctions(vm: Vm): HostFunctions {
  const { memory } = vm;

  const known = (service: number, length: number): string => {
    const cluster = clusterOf(memory.at(service, length));
    if (!vm.services.upstreams.has(cluster)) throw new StatusError(Status.ParseFailure);
    return cluster;
  };

  /** The service, the method and the metadata of a call. @throws StatusError BadArgument when they cannot be sent */
  const target = (
    name: number,
    nameLength: number,
    method: number,
    methodLength: number,
    metadata: number,
    metadataLength: number,
  ): readonly [service: string, method: string, metadata: HeaderMap] => {
    const parts = [memory.utf8(name, nameLength), memory.utf8(method, methodLength)] as const;
    const map = HeaderMap.from(decodePairs(memory.at(metadata, metadataLength)));
    const line: Pair[] = [
      [":method", "POST"],
      [":path", `/${parts.join("/")}`],
      [":authority", ""],
    ];
    const own = map.pairs.filter(([key]) => !key.startsWith(":"));
    if (!isSendableCall(new HeaderMap([...line, ...own]), new HeaderMap())) throw new StatusError(Status.BadArgument);
    return [...parts, map];
  };

  return {
    proxy_grpc_call(
      service: number,
      serviceLength: number,
      name: number,
      nameLength: number,
      method: number,
      methodLength: number,
      metadata: number,
      metadataLength: number,
      message: number,
      messageLength: number,
      timeout: number,
      out: number,
    ) {
      const cluster = known(service, serviceLength);
      memory.writeU32(out, 0);
      const id = contextOf(vm).root.grpcCall(
        cluster,
        ...target(name, nameLength, method, methodLength, metadata, metadataLength),
        memory.copy(message, messageLength),
        timeout >>> 0,
      );
      if (id === undefined) return Status.InternalFailure;
      memory.writeU32(out, id);
      return Status.Ok;
    },

    proxy_grpc_stream(
      service: number,
      serviceLength: number,
      name: number,
      nameLength: number,
      method: number,
      methodLength: number,
      metadata: number,
      metadataLength: number,
      out: number,
    ) {
      const cluster = known(service, serviceLength);
      memory.writeU32(out, 0);
      const id = contextOf(vm).root.grpcStream(
        cluster,
        ...target(name, nameLength, method, methodLength, metadata, metadataLength),
      );
      if (id === undefined) return Status.InternalFailure;
      memory.writeU32(out, id);
      return Status.Ok;
    },

    proxy_grpc_send(id: number, message: number, length: number, endStream: number) {
      return contextOf(vm).root.grpcSend(id, memory.copy(message, length), endStream !== 0);
    },

    proxy_grpc_cancel(id: number) {
      return contextOf(vm).root.grpcCancel(id);
    },

    proxy_grpc_close(id: number) {
      return contextOf(vm).root.grpcClose(id);
    },
  };
}
