import type { Tracer } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-base";

/** Where a gateway's traces go. */
export interface TracingConfig {
  /** The collector's address for traces over OTLP/HTTP, such as `http://127.0.0.1:4318/v1/traces`. */
  readonly endpoint: string;
  /** The name of this service in traces. */
  readonly serviceName: string;
  /** Which share of the traces that begin here is recorded, 0 to 1; what a client has decided holds. */
  readonly ratio: number;
  /** More headers for the collector, such as an authorization. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A tracer whose spans go to a collector. */
export interface ExportingTracer {
  readonly tracer: Tracer;
  /** Sends what has not been sent. That the collector is not there is no failure. */
  close(): Promise<void>;
}

/** Milliseconds that the last spans have to reach the collector, which may not be there. */
const CLOSE_TIME = 2_000;

export function exportingTracer(config: TracingConfig): ExportingTracer {
  const exporter = new OTLPTraceExporter({ url: config.endpoint, headers: config.headers, timeoutMillis: 10_000 });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": config.serviceName }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.ratio) }),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 1_000 })],
  });
  const close = async (): Promise<void> => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIME);
    });
    await Promise.race([provider.shutdown().catch(() => {}), late]);
    clearTimeout(timer);
  };
  return {
    tracer: provider.getTracer("@wardian/proxy-wasm"),
    close,
  };
}
