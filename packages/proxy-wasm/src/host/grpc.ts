import { decodeUtf8 } from "../abi/bytes.ts";
import { Status } from "../abi/constants.ts";
import { StatusError } from "../abi/errors.ts";
import { HeaderMap } from "../abi/header-map.ts";
import { decodePairs } from "../abi/pairs.ts";
import { fieldsOf } from "../abi/protobuf.ts";
import type { Vm } from "../vm/vm.ts";
import { contextOf, type HostFunctions } from "./host-function.ts";

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
        memory.utf8(name, nameLength),
        memory.utf8(method, methodLength),
        HeaderMap.from(decodePairs(memory.at(metadata, metadataLength))),
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
        memory.utf8(name, nameLength),
        memory.utf8(method, methodLength),
        HeaderMap.from(decodePairs(memory.at(metadata, metadataLength))),
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
