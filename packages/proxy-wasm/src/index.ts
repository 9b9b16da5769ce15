export type { AbiVersion, LogLevel } from "./abi/constants.ts";
export { Status } from "./abi/constants.ts";
export { PluginError, type PluginErrorCode, StatusError } from "./abi/errors.ts";
export { HeaderMap } from "./abi/header-map.ts";
export type { PropertyValue } from "./abi/property.ts";
export { type FetchFilterOptions, type FetchHandler, filterFetch } from "./fetch/handler.ts";
export { HttpStream, type HttpStreamOptions, type HttpStreamSink } from "./http/http-stream.ts";
export type { CertificateInfo, ConnectionInfo, StreamInfo } from "./http/stream-info.ts";
export type { ObservedCallback, StreamObserver } from "./http/stream-observer.ts";
export { filterExchange, type NodeFilterOptions } from "./node/exchange.ts";
export type { NodeRequest, NodeResponse } from "./node/headers.ts";
export {
  type FastifyLike,
  fastifyPlugins,
  filterServer,
  type Middleware,
  middleware,
  type NodeServer,
  type PluginChain,
} from "./node/middleware.ts";
export { builtinForeignFunctions, type ForeignCaller, type ForeignFunction } from "./services/foreign.ts";
export { HttpUpstreams, type HttpUpstreamsOptions } from "./services/http-upstreams.ts";
export { consoleLog, formatLog, type LogRecord, type LogSink } from "./services/log.ts";
export { Metrics, type PrometheusOptions, type StatsTag } from "./services/metrics.ts";
export { MemorySharedData, type SharedData, type SharedValue } from "./services/shared-data.ts";
export { type Dequeued, MemorySharedQueues, type QueueReady, type SharedQueues } from "./services/shared-queue.ts";
export { BrokenAnswer } from "./services/upstream-failure.ts";
export type {
  GrpcEvents,
  GrpcRequest,
  GrpcStream,
  HttpCallRequest,
  HttpCallResponse,
  Upstreams,
} from "./services/upstreams.ts";
export { connectShared, type SharedStore } from "./shared/bridge.ts";
export type { RedisOptions } from "./shared/store.ts";
export { FilteredSocket, filterConnections } from "./tcp/node.ts";
export type { TcpStreamOptions } from "./tcp/tcp-stream.ts";
export type { FailurePolicy, Plugin } from "./vm/plugin.ts";
export {
  type PluginConfiguration,
  PluginHost,
  type PluginHostOptions,
  type PluginOptions,
  type VmStatus,
} from "./vm/plugin-host.ts";
export type { PluginLimits } from "./vm/vm.ts";
