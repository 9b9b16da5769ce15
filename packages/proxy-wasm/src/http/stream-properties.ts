import { bytesOf } from "../abi/bytes.ts";
import type { HeaderMap } from "../abi/header-map.ts";
import { descend, type PropertyValue } from "../abi/property.ts";
import { connectionProperty, type StreamInfo } from "./stream-info.ts";

/** As much of one direction as properties tell of. */
export interface MessageFacts {
  readonly headers: HeaderMap | undefined;
  readonly trailers: HeaderMap | undefined;
  /** Bytes of body that have come in. */
  readonly bytes: number;
}

/** What a stream knows of itself. */
export interface StreamFacts {
  readonly info: StreamInfo;
  readonly request: MessageFacts;
  readonly response: MessageFacts;
  readonly started: Date;
  readonly finishedAt: Date | undefined;
  /** What the client has been sent, if anything. */
  readonly sentHeaders: HeaderMap | undefined;
  /** Bytes of body that the client has been sent. */
  readonly sentBytes: bigint;
  /** Why the proxy answered by itself; undefined when it did not. */
  readonly responseDetails: string | undefined;
}

/** Envoy's attributes of a stream by their paths, then what the host was given. */
export function streamProperty(facts: StreamFacts, path: readonly string[]): PropertyValue {
  switch (path[0]) {
    case "request":
      return requestProperty(facts, path);
    case "response":
      return responseProperty(facts, path);
    case "source":
    case "destination":
    case "connection":
    case "connection_id":
      return connectionProperty(facts.info.connection, path);
    case "xds":
      // Envoy's newer names of what used to stand at the top.
      path = path.slice(1);
  }
  return facts.info.properties === undefined ? undefined : descend(facts.info.properties, path);
}

function requestProperty(facts: StreamFacts, path: readonly string[]): PropertyValue {
  const { headers } = facts.request;
  if (headers === undefined) return undefined;
  const header = (name: string): PropertyValue => {
    const value = headers.get(name);
    return value === undefined ? undefined : bytesOf(value);
  };
  const query = (headers.get(":path") ?? "").indexOf("?");
  switch (path[1]) {
    case "path":
      return header(":path");
    case "url_path":
      return query < 0 ? header(":path") : bytesOf((headers.get(":path") as string).slice(0, query));
    case "query":
      return query < 0 ? "" : bytesOf((headers.get(":path") as string).slice(query + 1).replace(/#.*/s, ""));
    case "host":
      return header(":authority");
    case "scheme":
      return header(":scheme");
    case "method":
      return header(":method");
    case "referer":
      return header("referer");
    case "useragent":
      return header("user-agent");
    case "id":
      return header("x-request-id");
    case "protocol":
      return facts.info.protocol;
    case "headers":
      return descend(headers, path, 2);
    case "headers_bytes":
      return BigInt(headers.byteSize);
    case "size":
      return BigInt(facts.request.bytes);
    case "total_size":
      return BigInt(facts.request.bytes + headers.byteSize + (facts.request.trailers?.byteSize ?? 0));
    case "time":
      return facts.started;
    case "duration":
      return facts.finishedAt === undefined
        ? undefined
        : BigInt(facts.finishedAt.getTime() - facts.started.getTime()) * 1_000_000n;
  }
  return undefined;
}

function responseProperty(facts: StreamFacts, path: readonly string[]): PropertyValue {
  const headers = facts.sentHeaders ?? facts.response.headers;
  const { trailers } = facts.response;
  switch (path[1]) {
    case "code": {
      const status = headers?.get(":status");
      return status === undefined ? undefined : BigInt(Number.parseInt(status, 10) || 0);
    }
    case "code_details":
      return facts.responseDetails ?? (headers === undefined ? undefined : "via_upstream");
    case "flags":
      return 0n;
    case "grpc_status": {
      const status = trailers?.get("grpc-status") ?? headers?.get("grpc-status");
      return status === undefined || !/^\d+$/.test(status) ? undefined : BigInt(status);
    }
    case "headers":
      return headers === undefined ? undefined : descend(headers, path, 2);
    case "trailers":
      return trailers === undefined ? undefined : descend(trailers, path, 2);
    case "headers_bytes":
      return BigInt(headers?.byteSize ?? 0);
    case "size":
      return facts.sentBytes;
    case "total_size":
      return facts.sentBytes + BigInt((headers?.byteSize ?? 0) + (trailers?.byteSize ?? 0));
  }
  return undefined;
}
