import type { Reading } from "./reading.ts";

/** Bounds of time for the requests of a listener, in milliseconds; 0 for none. */
export interface StreamLimits {
  /** How long a request may go without a byte in either direction, as Envoy's `stream_idle_timeout`. */
  readonly idle: number;
  /** How long a client may take to send a request, as Envoy's `request_timeout`. */
  readonly request: number;
  /** How long a request and its response may take, as Envoy's `max_stream_duration`. */
  readonly duration: number;
}

/** Bounds for the connections of a listener; 0 for none. */
export interface ConnectionLimits {
  /** Milliseconds that a connection may stay without a request, as Envoy's `idle_timeout`. */
  readonly idle: number;
  /** Milliseconds that the headers of a request may take, as Envoy's `request_headers_timeout`. */
  readonly headers: number;
  /** Streams that a client of HTTP/2 may have open on a connection. */
  readonly concurrentStreams: number;
  /** Connections of all clients. */
  readonly connections: number;
  /** Connections of one client's address. */
  readonly connectionsPerClient: number;
}

/** What a cluster takes at once, as Envoy's circuit breakers. */
export interface CircuitBreakerLimits {
  /** Requests that have a connection to a server, or open one. */
  readonly connections: number;
  /** Requests that wait for a connection. */
  readonly pendingRequests: number;
  /** Requests that have been sent and not been answered wholly. */
  readonly requests: number;
}

/** The settings of a listener, in the spelling of this configuration and in Envoy's. */
const LISTENER = [
  ["streamIdleTimeout", "stream_idle_timeout"],
  ["requestTimeout", "request_timeout"],
  ["maxStreamDuration", "max_stream_duration"],
  ["idleTimeout", "idle_timeout"],
  ["requestHeadersTimeout", "request_headers_timeout"],
  ["maxConcurrentStreams", "max_concurrent_streams"],
  ["maxConnections", "max_connections"],
  ["maxConnectionsPerClient", "max_connections_per_client"],
] as const;

export const LISTENER_LIMITS: readonly string[] = LISTENER.flat();

/**
 * Streams of one HTTP/2 connection. Envoy allows 2,147,483,647 unless it is told otherwise, and advises 100 for edges:
 * browsers are content with that, and what one connection can make the gateway hold stays small.
 */
const CONCURRENT_STREAMS = 100;
const MAX_CONCURRENT_STREAMS = 2 ** 31 - 1;

/** Reads the limits of a listener. */
export function readListenerLimits(reading: Reading): { streams: StreamLimits; connections: ConnectionLimits } {
  const [idle, request, duration, sessionIdle, headers, streams, connections, perClient] = LISTENER.map((names) =>
    reading.either(...names),
  );
  const concurrentStreams = streams.wholeNumber(CONCURRENT_STREAMS);
  if (concurrentStreams < 1 || concurrentStreams > MAX_CONCURRENT_STREAMS)
    streams.fail(`a whole number from 1 to ${MAX_CONCURRENT_STREAMS}`);
  return {
    streams: {
      idle: idle.milliseconds(300_000),
      request: request.milliseconds(0),
      duration: duration.milliseconds(0),
    },
    connections: {
      idle: sessionIdle.milliseconds(3_600_000),
      headers: headers.milliseconds(60_000),
      concurrentStreams,
      connections: connections.wholeNumber(0),
      connectionsPerClient: perClient.wholeNumber(0),
    },
  };
}

const CIRCUIT_BREAKERS = [
  ["maxConnections", "max_connections"],
  ["maxPendingRequests", "max_pending_requests"],
  ["maxRequests", "max_requests"],
] as const;

/** Envoy's default for each of its circuit breakers. */
const CIRCUIT_BREAKER = 1024;

/** Reads the circuit breakers of a cluster. Envoy writes them as a list of thresholds by priority. */
export function readCircuitBreakers(reading: Reading): CircuitBreakerLimits {
  const thresholds = reading.at("thresholds");
  if (thresholds.present) reading.only("thresholds");
  const own = thresholds.list().find((one) => one.at("priority").oneOf(["DEFAULT", "HIGH"], "DEFAULT") === "DEFAULT");
  const from = thresholds.present ? (own ?? reading.at("none")) : reading;
  from.only(...CIRCUIT_BREAKERS.flat(), ...(thresholds.present ? ["priority"] : []));
  const [connections, pendingRequests, requests] = CIRCUIT_BREAKERS.map((names) => from.either(...names));
  const atLeastOne = (one: Reading): number => one.wholeNumber(CIRCUIT_BREAKER) || one.fail("a number of at least 1");
  return {
    connections: atLeastOne(connections),
    pendingRequests: pendingRequests.wholeNumber(CIRCUIT_BREAKER),
    requests: requests.wholeNumber(CIRCUIT_BREAKER),
  };
}
