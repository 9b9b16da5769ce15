import type { HeaderMap } from "../abi/header-map.ts";

/** A request that a plugin sends on its own. */
export interface HttpCallRequest {
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
  readonly trailers: HeaderMap;
  /** Milliseconds; 0 for no limit. */
  readonly timeout: number;
}

export interface HttpCallResponse {
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
  readonly trailers: HeaderMap;
}

/** What happens to a gRPC stream, in order; `closed` comes once and last. */
export interface GrpcEvents {
  initialMetadata(metadata: HeaderMap): void;
  message(message: Uint8Array): void;
  trailingMetadata(metadata: HeaderMap): void;
  closed(status: number, message: string): void;
}

export interface GrpcStream {
  /** @param message undefined to end the sending side without one */
  send(message: Uint8Array | undefined, endStream: boolean): void;
  /** Ends it at once; no event comes after. */
  cancel(): void;
}

export interface GrpcRequest {
  readonly service: string;
  readonly method: string;
  readonly metadata: HeaderMap;
  /** Milliseconds; 0 for no limit. */
  readonly timeout: number;
}

/** The servers that plugins may call, by the name of their cluster. */
export interface Upstreams {
  /** Whether there is such a cluster. */
  has(cluster: string): boolean;
  /**
   * Sends a request. A timeout before the answer's headers is answered by a response with status 504, as Envoy does.
   * @throws (by rejecting) when there is no answer: the plugin gets Envoy's own response with status 503. A
   *   `BrokenAnswer` says that the answer was broken off after its headers: the plugin gets no headers, as in Envoy.
   */
  httpCall(cluster: string, request: HttpCallRequest, signal: AbortSignal): Promise<HttpCallResponse>;
  /** Opens a stream; it must call back only after it has returned. */
  grpcStream(cluster: string, request: GrpcRequest, events: GrpcEvents): GrpcStream;
}

/** No servers at all: the default, since nothing is ambient. */
export const noUpstreams: Upstreams = {
  has: () => false,
  httpCall: () => Promise.reject(new Error("there are no upstreams")),
  grpcStream: () => {
    throw new Error("there are no upstreams");
  },
};
