import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { breakOff, failResponse } from "../node/fail.ts";
import { hasBody, isConnectionHeader, joined, type NodeRequest, type NodeResponse, rawPairs } from "../node/headers.ts";
import { isFinalStatus, nominatedBy, removeTrailerField, sendableHeaders, sendableTrailers } from "../node/sendable.ts";
import type { RequestTrace, UpstreamTrace } from "../telemetry/request-trace.ts";
import type { Refusal, Target } from "./admission.ts";
import type { Cluster } from "./cluster.ts";
import type { ListenerConfig, RouteConfig } from "./config.ts";
import type { StreamClock, StreamTimes } from "./stream-clock.ts";

/** What became of a request, for logs, metrics and the plugins' properties. */
export interface Exchanged {
  route: RouteConfig | undefined;
  endpoint: string | undefined;
  /** Why the gateway itself answered. */
  failure: string | undefined;
  readonly trace: RequestTrace | undefined;
  readonly clock: StreamClock;
  /** What the clock sees; set before anybody else has the exchange. */
  times: StreamTimes | undefined;
  /** Bytes of the response that have come from the server. */
  bytes: number;
  /** Stops what is under way at the server, without an answer to the client; undefined when nothing is. */
  abandon: (() => void) | undefined;
}

/** A request has a route, and from now on the route's times. */
export function setRoute(exchanged: Exchanged, route: RouteConfig | undefined): void {
  exchanged.route = route;
  const { times } = exchanged;
  if (route === undefined || times === undefined) return;
  times.routeTimeout = route.timeout;
  times.idleTimeout = route.idleTimeout ?? times.idleTimeout;
  exchanged.clock.timed(times);
}

/** What Envoy says when a cluster takes no more. */
export const OVERFLOW_TEXT = "upstream connect error or disconnect/reset before headers. reset reason: overflow";

/** Finds the first route that a request's authority and path match. */
export function findRoute(listener: ListenerConfig, request: NodeRequest): RouteConfig | undefined {
  const authority = ("authority" in request ? request.authority : request.headers.host) ?? request.headers.host;
  return routeTo(listener, { authority, path: request.url ?? "/" });
}

/** Finds the first route that an authority and a path match. */
export function routeTo({ routes }: ListenerConfig, { authority = "", path }: Target): RouteConfig | undefined {
  const host = authority.replace(/:\d+$/, "").toLowerCase();
  return routes.find(({ prefix, hosts }) => path.startsWith(prefix) && (hosts.length === 0 || hosts.includes(host)));
}

/** Answers a request that was not admitted. */
export function refuse(response: NodeResponse, { status, location }: Refusal): void {
  if (location !== undefined) response.setHeader("location", location);
  answer(response, status, "");
}

/** Answers for the gateway itself. A response that has begun is broken off. */
function answer(response: NodeResponse, status: number, text: string): void {
  const res = response as ServerResponse;
  if (res.headersSent) {
    breakOff(response);
    return;
  }
  res.writeHead(status, { "content-type": "text/plain", "content-length": Buffer.byteLength(text) });
  res.end(text);
}

/**
 * The headers of a request for its server, after the plugins. They have one `host`, whatever plugins have added.
 *
 * @param trace the headers of the gateway's own trace, in place of those of the client
 */
export function forwardedHeaders(
  request: NodeRequest,
  withBody: boolean,
  trace: Readonly<Record<string, string>> | undefined,
): string[] {
  const headers: string[] = trace === undefined ? [] : Object.entries(trace).flat();
  let host: string | undefined = "authority" in request ? request.authority : undefined;
  for (const [name, value] of rawPairs(request.rawHeaders)) {
    const lower = name.toLowerCase();
    if (lower === "host") host ||= value;
    else if (lower.startsWith(":") || lower === "te" || lower === "expect" || isConnectionHeader(lower)) continue;
    else if (trace !== undefined && (lower === "traceparent" || lower === "tracestate")) continue;
    else if (lower !== "content-length" || withBody) headers.push(name, value);
  }
  if (host !== undefined) headers.push("host", host);
  return headers;
}

/** What is asked of a server: the path, rewritten as its route says. */
export function upstreamPath({ url = "/" }: NodeRequest, { rewrite, prefix }: RouteConfig): string {
  const path = rewrite === undefined ? url : rewrite + url.slice(prefix.length);
  return path.startsWith("/") ? path : `/${path}`;
}

/** Sends a request on to the cluster of its route, and the answer back; both bodies stream. */
export async function proxyRequest(
  request: NodeRequest,
  response: NodeResponse,
  route: RouteConfig | undefined,
  clusters: ReadonlyMap<string, Cluster>,
  exchanged: Exchanged,
): Promise<void> {
  setRoute(exchanged, route);
  const cluster = route === undefined ? undefined : clusters.get(route.cluster);
  if (route === undefined || cluster === undefined) {
    exchanged.failure = "route_not_found";
    answer(response, 404, "");
    return;
  }
  // An `AbortSignal` costs as much as the rest of this function, and its end an error with a stack for each request that went well.
  const abort = new EventEmitter();
  let closed = false;
  const abandon = (): void => {
    closed = true;
    abort.emit("abort");
  };
  exchanged.abandon = abandon;
  response.once("close", abandon);
  // Node's HTTP/2 ends the body of a stream that is reset like a whole one, before the response is closed. A request of HTTP/1 is aborted also when its
  // server fails, since the client of the server destroys it.
  if (request.httpVersionMajor >= 2) request.once("aborted", abandon);
  const { breaker } = cluster;
  let entered = false;
  const stopWaiting = breaker.enter(() => {
    entered = true;
    abort.emit("entered");
  });
  if (stopWaiting === false) {
    exchanged.failure = "upstream_overflow";
    answer(response, 503, OVERFLOW_TEXT);
    return;
  }
  if (!entered) {
    await new Promise<void>((resolve) => {
      abort.once("entered", resolve);
      abort.once("abort", resolve);
    });
    stopWaiting();
  }
  if (closed) {
    if (entered) breaker.leave();
    return;
  }
  const endpoint = cluster.choose();
  exchanged.endpoint = endpoint.origin;
  const path = upstreamPath(request, route);
  const trace = exchanged.trace?.upstream(cluster.name, endpoint.origin, path);
  const body = hasBody(request) ? (request as Readable) : null;
  let upstream: Dispatcher.ResponseData;
  try {
    upstream = await endpoint.pool.request({
      path,
      method: (request.method ?? "GET") as Dispatcher.HttpMethod,
      headers: forwardedHeaders(request, body !== null, trace?.headers),
      body,
      signal: abort,
      responseHeaders: "raw",
    });
    endpoint.succeeded();
  } catch (error) {
    breaker.leave();
    if (closed) {
      trace?.end({ status: 0, failure: exchanged.failure ?? "cancelled" });
      return;
    }
    const unreachable = isConnectFailure(error);
    if (unreachable) endpoint.failed();
    exchanged.failure = unreachable ? "upstream_connection_failure" : "upstream_reset";
    trace?.end({ status: 0, failure: exchanged.failure });
    answer(response, unreachable ? 503 : 502, "");
    return;
  }
  upstream.body.once("close", () => breaker.leave());
  if (closed) {
    upstream.body.on("error", () => {}).destroy();
    trace?.end({ status: upstream.statusCode, failure: exchanged.failure ?? "cancelled" });
    return;
  }
  sendBack(upstream, response as ServerResponse, request.httpVersionMajor >= 2, exchanged, trace);
}

export function isConnectFailure(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? "";
  return /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/.test(code);
}

function sendBack(
  upstream: Dispatcher.ResponseData,
  response: ServerResponse,
  http2: boolean,
  exchanged: Exchanged,
  trace: UpstreamTrace | undefined,
): void {
  const { statusCode: status, body } = upstream;
  const raw = upstream.headers as unknown as string[];
  const values = isFinalStatus(status)
    ? sendableHeaders(rawPairs(raw), nominatedBy(joined(raw, "connection")))
    : undefined;
  if (values === undefined) {
    body.on("error", () => {}).destroy();
    exchanged.failure = "upstream_protocol_error";
    trace?.end({ status, failure: exchanged.failure });
    answer(response, 502, "");
    return;
  }
  // RFC 9110, sections 8.6 and 15.3.6: a 204 has no length, and a 205 has no content.
  if (status === 204 || status === 205) values.delete("content-length");
  response.statusCode = status;
  for (const [name, value] of values) response.setHeader(name, value);
  if (!http2) removeTrailerField(response, status);
  if (status === 204 || status === 205 || status === 304) {
    // There is no body, whatever length the headers have; the client of the server takes that length for a missing body.
    body.on("error", () => {}).resume();
    response.once("close", () => body.destroy());
    response.end();
    trace?.end({ status, failure: undefined });
    return;
  }
  streamBack(upstream, response, http2, exchanged, (failed) => {
    if (failed) exchanged.failure ??= "upstream_reset";
    trace?.end({ status, failure: failed ? exchanged.failure : undefined });
  });
}

/**
 * Sends a body on with its trailers. Node's `pipeline` would do it, with an `AbortController` whose end makes an error with a stack.
 *
 * @param ended called once, when the response has been sent or will not be
 */
function streamBack(
  { body, trailers }: Dispatcher.ResponseData,
  response: ServerResponse,
  http2: boolean,
  exchanged: Exchanged,
  ended: (failed: boolean) => void,
): void {
  const hasLength = response.hasHeader("content-length");
  const withoutTrailers = !http2 && hasLength;
  let over = false;
  let whole = false;
  const end = (failed: boolean): void => {
    if (over) return;
    over = true;
    ended(failed);
    if (!failed) return;
    body.destroy();
    failResponse(response, 502, "upstream_reset");
  };
  exchanged.abandon = () => {
    if (over) return;
    over = true;
    ended(true);
    body.destroy();
  };
  /** An error of the response fails this exchange and nothing else. */
  const guarded = <T extends unknown[]>(step: (...args: T) => void): ((...args: T) => void) => {
    return (...args) => {
      try {
        step(...args);
      } catch {
        end(true);
      }
    };
  };
  const finish = guarded(() => {
    const fields = withoutTrailers ? undefined : sendableTrailers(fieldsOf(trailers));
    if (fields !== undefined && fields.size > 0) response.addTrailers(Object.fromEntries(fields));
    response.end();
  });
  body.on("error", (error: Error) => {
    // The parser refuses a length in the trailers. They come after the whole body.
    const complete = !hasLength && error.message.includes("(Content-Length can't be present with Transfer-Encoding)");
    if (!complete || body.readableLength > 0) end(true);
    else if (!over) {
      whole = true;
      finish();
    }
  });
  body.on("close", () => {
    if (!body.readableEnded && !whole) end(true);
  });
  response.on("error", () => end(true));
  response.on("close", () => {
    // HTTP/2's compatibility layer does not know of it.
    const { writableFinished } = response as { writableFinished?: boolean };
    // A plugin may have answered otherwise: the client has all of that, and nobody wants the rest of this.
    end(writableFinished === undefined ? !(body.readableEnded || whole) : !writableFinished);
    if (!body.readableEnded) body.destroy();
  });
  response.on("drain", () => body.resume());
  body.on(
    "data",
    guarded((chunk: Uint8Array) => {
      exchanged.bytes += chunk.length;
      if (!response.write(chunk)) body.pause();
    }),
  );
  body.on("end", finish);
}

function* fieldsOf(trailers: Dispatcher.ResponseData["trailers"]): Iterable<[string, string]> {
  for (const [name, value] of Object.entries(trailers as Record<string, string | string[]>))
    for (const one of [value].flat()) yield [name, one];
}
