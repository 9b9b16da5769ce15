import type { HeaderMap } from "../abi/header-map.ts";

/** A request that a plugin sends on its own. */
export interface HttpCallRequest {
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
  readonly trailers: HeaderMap;
  /** Milliseconds; 0 for no limit. */
  readonly timeout: number;
  /** Identifies the plugin, for bounds of what the calls of one plugin hold. */
  readonly owner: string;
}

export interface HttpCallResponse {
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
  readonly trailers: HeaderMap;
  /** Called once when the plugin has been told of the response, or will not be told. */
  readonly release?: () => void;
}

/** What a message takes beside its bytes. */
export const MESSAGE_BYTES = 64;

/** What happens to a gRPC stream, in order; `closed` comes once and last. */
export interface GrpcEvents {
  initialMetadata(metadata: HeaderMap): void;
  /** @returns a promise that resolves when the plugin has taken the message; undefined when it has taken it already */
  message(message: Uint8Array): Promise<void> | undefined;
  trailingMetadata(metadata: HeaderMap): void;
  closed(status: number, message: string): void;
}

export interface GrpcStream {
  /**
   * @param message undefined to end the sending side without one
   * @returns a promise that resolves when the message is held no more, for those that hold messages
   */
  send(message: Uint8Array | undefined, endStream: boolean): Promise<void> | undefined;
  /** Ends it at once; no event comes after. */
  cancel(): void;
}

export interface GrpcRequest {
  readonly service: string;
  readonly method: string;
  readonly metadata: HeaderMap;
  /** Milliseconds; 0 for no limit. */
  readonly timeout: number;
  /** As in {@link HttpCallRequest}. */
  readonly owner: string;
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
