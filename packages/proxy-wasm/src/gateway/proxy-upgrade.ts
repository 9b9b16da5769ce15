import type { EventEmitter } from "node:events";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { rawPairs } from "../node/headers.ts";
import type { NodeServer } from "../node/middleware.ts";
import type { Upgrade } from "../node/upgrade.ts";
import type { Cluster } from "./cluster.ts";
import type { RouteConfig } from "./config.ts";
import { type Exchanged, forwardedHeaders, isConnectFailure, OVERFLOW_TEXT, setRoute, upstreamPath } from "./proxy.ts";

/** The protocol that a request wants to change to and its route lets it; undefined when it is to be answered as any other. */
export function upgradeProtocol(request: IncomingMessage, route: RouteConfig | undefined): string | undefined {
  const wanted = String(request.headers.upgrade ?? "").toLowerCase();
  return route?.upgrades.includes(wanted) ? wanted : undefined;
}

/** Does something when all that was asked before on a connection has been answered: a client need not wait for that. */
export function whenAnswered(socket: Duplex, then: () => void): void {
  // Node has no other name for it.
  const { _httpMessage: message } = socket as { _httpMessage?: EventEmitter | null };
  if (message == null) {
    then();
    return;
  }
  // Node listens no longer, and a client that breaks off is no failure of the gateway.
  socket.on("error", ignore);
  message.once("close", () => {
    socket.off("error", ignore);
    whenAnswered(socket, then);
  });
}

export function ignore(): void {}

/**
 * Takes a request that will not change the protocol as if it had not asked to: RFC 9110, section 7.8, leaves that to the server. Node has
 * taken it out of HTTP already, so it goes in again as it came, without the question.
 */
export function withoutUpgrade(server: NodeServer, request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (const [name, value] of rawPairs(request.rawHeaders)) {
    const lower = name.toLowerCase();
    if (lower === "upgrade" || lower === "http2-settings") continue;
    if (lower === "connection") {
      const rest = value.split(",").filter((one) => !/^\s*(upgrade|http2-settings)\s*$/i.test(one));
      if (rest.length > 0) lines.push(`${name}:${rest.join(",")}`);
    } else lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  const secure = "encrypted" in socket;
  (server as { emit(event: string, socket: Duplex): boolean }).emit(secure ? "secureConnection" : "connection", socket);
}

/** What a client may say before it has been answered. */
const MAX_EARLY = 64 * 1024;

/**
 * Listens to a client until its request has been answered: what it says meanwhile is kept, and when it ends it is gone, as a client of
 * HTTP is.
 */
export class EarlyBytes {
  private readonly socket: Duplex;
  private readonly chunks: Uint8Array[];
  private size: number;
  private readonly keep = (chunk: Uint8Array): void => {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size >= MAX_EARLY) this.socket.pause();
  };
  private readonly gone = (): void => void this.socket.destroy();

  constructor(socket: Duplex, head: Uint8Array) {
    this.socket = socket;
    this.chunks = [head];
    this.size = head.length;
    socket.on("data", this.keep);
    socket.on("end", this.gone);
  }

  /** Lets others listen. @returns what has been kept */
  take(): Uint8Array {
    this.socket.off("data", this.keep);
    this.socket.off("end", this.gone);
    this.socket.pause();
    return Buffer.concat(this.chunks) as Uint8Array;
  }
}

function answer(upgrade: Upgrade, status: number, text = ""): void {
  const body = Buffer.from(text);
  upgrade.answered(status, ["content-type", "text/plain", "content-length", String(body.length)], body.length === 0);
  if (body.length > 0) upgrade.answeredData(body as Uint8Array, true);
}

/** Sends a request to change the protocol on to the cluster of its route; what both sides then say passes as it is. */
export function proxyUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  early: EarlyBytes,
  upgrade: Upgrade,
  route: RouteConfig | undefined,
  clusters: ReadonlyMap<string, Cluster>,
  exchanged: Exchanged,
): void {
  setRoute(exchanged, route);
  const protocol = upgradeProtocol(request, route);
  const cluster = route === undefined ? undefined : clusters.get(route.cluster);
  if (route === undefined || cluster === undefined) {
    exchanged.failure = "route_not_found";
    answer(upgrade, 404);
    return;
  }
  if (protocol === undefined) {
    // A plugin has sent it where this protocol is not spoken.
    exchanged.failure = "upgrade_failed";
    answer(upgrade, 403);
    return;
  }
  const { breaker } = cluster;
  let entered = false;
  const stopWaiting = breaker.enter(() => {
    entered = true;
    sendUpgrade(request, socket, early, upgrade, route, protocol, cluster, exchanged);
  });
  if (stopWaiting === false) {
    exchanged.failure = "upstream_overflow";
    answer(upgrade, 503, OVERFLOW_TEXT);
    return;
  }
  socket.once("close", () => {
    stopWaiting();
    if (entered) breaker.leave();
  });
}

/** Sends a request to change the protocol to a server: its cluster takes it. */
function sendUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  early: EarlyBytes,
  upgrade: Upgrade,
  route: RouteConfig,
  protocol: string,
  cluster: Cluster,
  exchanged: Exchanged,
): void {
  const endpoint = cluster.choose();
  exchanged.endpoint = endpoint.origin;
  const path = upstreamPath(request, route);
  const trace = exchanged.trace?.upstream(cluster.name, endpoint.origin, path);
  const headers = forwardedHeaders(request, false, trace?.headers);
  headers.push("connection", "upgrade", "upgrade", protocol);
  const url = new URL(endpoint.origin);
  let outgoing: ClientRequest;
  const fail = (status: number, failure: string, text?: string): void => {
    if (over) return;
    over = true;
    exchanged.failure = failure;
    trace?.end({ status: 0, failure });
    answer(upgrade, status, text);
  };
  let over = false;
  try {
    outgoing = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
      path,
      method: request.method,
      headers,
      agent: false,
    });
  } catch {
    // A plugin has made a header that cannot be sent.
    fail(502, "upstream_protocol_error");
    return;
  }
  const cancel = (): void => {
    if (over) return;
    over = true;
    trace?.end({ status: 0, failure: exchanged.failure ?? "cancelled" });
    outgoing.destroy();
  };
  socket.once("close", cancel);
  exchanged.abandon = cancel;
  outgoing.on("error", (error) => {
    const unreachable = isConnectFailure(error);
    if (unreachable) endpoint.failed();
    fail(unreachable ? 503 : 502, unreachable ? "upstream_connection_failure" : "upstream_reset");
  });
  outgoing.on("upgrade", (response, upstream, first) => {
    upstream.on("error", ignore);
    if (over) {
      upstream.destroy();
      return;
    }
    over = true;
    endpoint.succeeded();
    // What passes now is no response: only the idle timeout ends it.
    if (exchanged.times !== undefined) exchanged.times.routeTimeout = 0;
    let ended = false;
    const end = (failure: string | undefined): void => {
      if (ended) return;
      ended = true;
      trace?.end({ status: response.statusCode ?? 0, failure });
      upstream.destroy();
      if (!upstream.readableEnded) socket.destroy();
    };
    // Before it has begun, plugins may still answer otherwise.
    socket.once("close", () => end(undefined));
    upstream.once("close", () => {
      if (upstream.readableEnded) (socket as Socket).destroySoon();
      else if (!socket.destroyed) exchanged.failure ??= "upstream_reset";
      end(exchanged.failure);
    });
    upgrade.switched(response.rawHeaders, protocolOf(response, protocol), () => {
      upstream.allowHalfOpen = true;
      if (first.length > 0) upstream.unshift(first);
      upstream.write(early.take());
      socket.pipe(upstream).pipe(socket);
    });
  });
  outgoing.on("response", (response) => {
    if (over) {
      response.destroy();
      return;
    }
    over = true;
    endpoint.succeeded();
    answerWith(response, upgrade, socket, (failed) => {
      if (failed) exchanged.failure ??= "upstream_reset";
      trace?.end({ status: response.statusCode ?? 0, failure: failed ? "upstream_reset" : undefined });
    });
  });
  outgoing.end();
}

/** A server that changes the protocol says to which: one of those that it was asked for. */
const protocolOf = (response: IncomingMessage, asked: string): string => String(response.headers.upgrade ?? asked);

/** Sends on what a server answers that does not change the protocol. */
function answerWith(
  response: IncomingMessage,
  upgrade: Upgrade,
  socket: Duplex,
  ended: (failed: boolean) => void,
): void {
  const bodiless = [204, 304].includes(response.statusCode ?? 0);
  upgrade.onRead = (on) => {
    if (on) response.resume();
    else response.pause();
  };
  socket.on("drain", () => response.resume());
  socket.once("close", () => response.destroy());
  upgrade.answered(response.statusCode ?? 502, response.rawHeaders, bodiless);
  response.on("data", (chunk: Uint8Array) => {
    upgrade.answeredData(chunk, false);
    if (socket.writableNeedDrain) response.pause();
  });
  response.on("end", () => {
    ended(false);
    if (!bodiless) upgrade.answeredData(new Uint8Array(0), true);
  });
  response.on("error", () => {
    ended(true);
    upgrade.fail(502, "upstream_reset", "");
  });
}
