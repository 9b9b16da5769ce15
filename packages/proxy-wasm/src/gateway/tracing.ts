import type { Tracer } from "@opentelemetry/api";
import type { NodeRequest } from "../node/headers.ts";
import type { ExportingTracer, TracingConfig } from "../telemetry/exporter.ts";
import type { RequestTrace } from "../telemetry/request-trace.ts";
import { ConfigurationError } from "./reading.ts";

/** Makes a gateway's traces. */
export interface Tracing {
  begin(request: NodeRequest, listener: string): RequestTrace;
  close(): Promise<void>;
}

/**
 * Loads OpenTelemetry, which only gateways that trace need to have installed.
 *
 * @param tracer a tracer of the program's own; without one spans go where the configuration says
 * @returns undefined when nothing is traced
 * @throws ConfigurationError when OpenTelemetry is not installed
 */
export async function openTracing(
  config: TracingConfig | undefined,
  tracer: Tracer | undefined,
): Promise<Tracing | undefined> {
  if (config === undefined && tracer === undefined) return undefined;
  try {
    const { RequestTrace } = await import("../telemetry/request-trace.ts");
    let exporting: ExportingTracer | undefined;
    if (tracer === undefined) {
      const { exportingTracer } = await import("../telemetry/exporter.ts");
      exporting = exportingTracer(config as TracingConfig);
    }
    const used = tracer ?? (exporting as ExportingTracer).tracer;
    return {
      begin: (request, listener) => new RequestTrace(used, request, listener),
      close: () => exporting?.close() ?? Promise.resolve(),
    };
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new ConfigurationError(
      "tracing: install @opentelemetry/api, core, resources, sdk-trace-base and exporter-trace-otlp-http of the same " +
        `release to trace (${(error as Error).message})`,
    );
  }
}
