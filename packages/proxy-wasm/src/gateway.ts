export { CodeError, type CodeSource, type FetchOptions, fetchCode } from "./gateway/code-source.ts";
export { type GatewayConfig, readGatewayConfig } from "./gateway/config.ts";
export { fromEnvoy } from "./gateway/envoy.ts";
export { Gateway, type GatewayOptions } from "./gateway/gateway.ts";
export { fromIstio, istioOrder } from "./gateway/istio.ts";
export type { PluginSpec } from "./gateway/plugin-spec.ts";
export { ConfigurationError, Reading } from "./gateway/reading.ts";
export { type RunOptions, runGateway } from "./gateway/run.ts";
export type { TracingConfig } from "./telemetry/exporter.ts";
