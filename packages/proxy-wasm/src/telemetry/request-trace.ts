import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { StreamObserver } from "../http/stream-observer.ts";
import type { NodeRequest } from "../node/headers.ts";
import { traceCallbacks } from "./callback-spans.ts";

/** How one side of a request ended. */
export interface TraceEnd {
  /** 0 when there was no answer. */
  readonly status: number;
  /** In a word, such as `upstream_reset`. */
  readonly failure?: string;
}

/** A request that goes on to a server, as a span of its own. */
export interface UpstreamTrace {
  /** The trace context for the server (https://www.w3.org/TR/trace-context/). */
  readonly headers: Readonly<Record<string, string>>;
  end(end: TraceEnd): void;
}

const propagator = new W3CTraceContextPropagator();

/** A request that a gateway answers, as a span; the attributes are those of OpenTelemetry's conventions for HTTP. */
export class RequestTrace {
  private readonly tracer: Tracer;
  private readonly span: Span;
  private readonly context: Context;
  private readonly method: string;

  constructor(tracer: Tracer, request: NodeRequest, listener: string) {
    this.tracer = tracer;
    this.method = request.method ?? "GET";
    const url = request.url ?? "/";
    const query = url.indexOf("?");
    const parent = propagator.extract(ROOT_CONTEXT, request.headers, defaultTextMapGetter);
    const attributes = {
      "http.request.method": this.method,
      "url.scheme": "encrypted" in request.socket ? "https" : "http",
      "url.path": query < 0 ? url : url.slice(0, query),
      "url.query": query < 0 ? undefined : url.slice(query + 1),
      "server.address": String(request.headers[":authority"] ?? request.headers.host ?? ""),
      "client.address": request.socket.remoteAddress,
      "user_agent.original": request.headers["user-agent"],
      "network.protocol.version": request.httpVersion.replace(/^2\.0$/, "2"),
      "wardian.listener": listener,
    };
    this.span = tracer.startSpan(this.method, { kind: SpanKind.SERVER, attributes }, parent);
    this.context = trace.setSpan(parent, this.span);
  }

  get traceId(): string {
    return this.span.spanContext().traceId;
  }

  /** What makes spans of callbacks; undefined when this trace is not recorded. */
  get observer(): StreamObserver | undefined {
    return this.span.isRecording() ? traceCallbacks(this.tracer, this.context) : undefined;
  }

  /** The request is sent on. */
  upstream(cluster: string, origin: string, path: string): UpstreamTrace {
    const { hostname, port, protocol } = new URL(origin);
    const attributes = {
      "http.request.method": this.method,
      "url.full": origin + path,
      "server.address": hostname,
      "server.port": Number(port || (protocol === "https:" ? 443 : 80)),
      "wardian.cluster": cluster,
    };
    const span = this.tracer.startSpan(this.method, { kind: SpanKind.CLIENT, attributes }, this.context);
    const headers: Record<string, string> = {};
    propagator.inject(trace.setSpan(this.context, span), headers, defaultTextMapSetter);
    return { headers, end: (how) => end(span, how, 400) };
  }

  /** @param route the route that was taken, if there was one */
  end(how: TraceEnd, route: { readonly name: string; readonly prefix: string } | undefined): void {
    if (route !== undefined) {
      this.span.updateName(`${this.method} ${route.prefix}`);
      this.span.setAttributes({ "http.route": route.prefix, "wardian.route": route.name });
    }
    end(this.span, how, 500);
  }
}

/** @param errors the least status that is an error on this side */
function end(span: Span, { status, failure }: TraceEnd, errors: number): void {
  if (status > 0) span.setAttribute("http.response.status_code", status);
  const error = failure ?? (status >= errors ? String(status) : undefined);
  if (error !== undefined) {
    span.setAttribute("error.type", error);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}
