import { type Context, context, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import type { StreamObserver } from "../http/stream-observer.ts";

/**
 * Makes a span of each callback of a stream's plugins: `filterServer(server, plugins, { observe: () => traceCallbacks(tracer) })`.
 *
 * @param parent what the spans belong to; by default what is active now, such as the request's span
 */
export function traceCallbacks(tracer: Tracer, parent: Context = context.active()): StreamObserver {
  return {
    callback({ plugin, callback, started, ended, failure }) {
      const attributes = { "wardian.plugin": plugin };
      const span = tracer.startSpan(callback, { startTime: started, attributes }, parent);
      if (failure !== undefined) {
        span.recordException({ name: "PluginError", message: failure }, ended);
        span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
      }
      span.end(ended);
    },
  };
}
