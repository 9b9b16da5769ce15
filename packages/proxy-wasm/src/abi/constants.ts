/** The numbers of the proxy-wasm ABI, by the names that the specification and the SDKs use. */

/** What every host function answers. */
export const Status = {
  Ok: 0,
  NotFound: 1,
  BadArgument: 2,
  SerializationFailure: 3,
  ParseFailure: 4,
  BadExpression: 5,
  InvalidMemoryAccess: 6,
  Empty: 7,
  CasMismatch: 8,
  ResultMismatch: 9,
  InternalFailure: 10,
  BrokenConnection: 11,
  Unimplemented: 12,
} as const;
export type Status = (typeof Status)[keyof typeof Status];

export const BufferType = {
  HttpRequestBody: 0,
  HttpResponseBody: 1,
  DownstreamData: 2,
  UpstreamData: 3,
  HttpCallResponseBody: 4,
  GrpcReceiveBuffer: 5,
  VmConfiguration: 6,
  PluginConfiguration: 7,
  CallData: 8,
} as const;

export const MapType = {
  HttpRequestHeaders: 0,
  HttpRequestTrailers: 1,
  HttpResponseHeaders: 2,
  HttpResponseTrailers: 3,
  GrpcReceiveInitialMetadata: 4,
  GrpcReceiveTrailingMetadata: 5,
  HttpCallResponseHeaders: 6,
  HttpCallResponseTrailers: 7,
} as const;

export const StreamType = { Request: 0, Response: 1, Downstream: 2, Upstream: 3 } as const;

export const MetricType = { Counter: 0, Gauge: 1, Histogram: 2 } as const;

/** Levels by their numbers. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "critical"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Which side closed a connection. */
export const CloseType = { Unknown: 0, Local: 1, Remote: 2 } as const;

/** What a header callback may answer, as Envoy numbers it; plugins of the specification use the first two. */
export const HeadersAction = {
  Continue: 0,
  StopIteration: 1,
  ContinueAndEndStream: 2,
  StopAllIterationAndBuffer: 3,
  StopAllIterationAndWatermark: 4,
} as const;

/** What a body callback may answer. */
export const DataAction = {
  Continue: 0,
  StopIterationAndBuffer: 1,
  StopIterationAndWatermark: 2,
  StopIterationNoBuffer: 3,
} as const;

/** The versions of the ABI that a module can ask for, by the export that marks it. */
export const ABI_MARKERS: ReadonlyMap<string, AbiVersion> = new Map([
  ["proxy_abi_version_0_1_0", "0.1.0"],
  ["proxy_abi_version_0_2_0", "0.2.0"],
  ["proxy_abi_version_0_2_1", "0.2.1"],
  // The specification's next version, which adds nothing yet, and Higress's, whose additions are answered as unknown.
  ["proxy_abi_version_0_x_x", "0.2.1"],
  ["proxy_abi_version_0_2_100", "0.2.1"],
]);
export type AbiVersion = "0.1.0" | "0.2.0" | "0.2.1";

/** What Envoy answers for a function that a capability restriction withholds: of `env`, and of WASI (`notcapable`). */
export const BLOCKED_PROXY_CALL: Status = Status.InternalFailure;
export const BLOCKED_WASI_CALL = 76;

/** A serialised map with more is taken for an empty one. */
/** What a map of headers or trailers, and a list of pairs, may hold. */
export const MAX_PAIRS = 1024;
export const MAX_PAIRS_BYTES: number = 1024 * 1024;
