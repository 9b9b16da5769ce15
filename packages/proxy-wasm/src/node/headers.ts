import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { HeaderMap } from "../abi/header-map.ts";

/** A request or response as `node:http` or the compatibility API of `node:http2` has it. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** Headers that belong to a connection of HTTP/1 and not to a message: no plugin sees them, and HTTP/2 forbids them. */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);

export function isConnectionHeader(name: string): boolean {
  return CONNECTION_HEADERS.has(name);
}

/** Raw headers in pairs, as Node lists them. */
export function* rawPairs(raw: readonly string[]): Iterable<[string, string]> {
  for (let i = 0; i + 1 < raw.length; i += 2) yield [raw[i], raw[i + 1]];
}

/** The headers of a request as Envoy shows them: the pseudo-headers first, `host` as `:authority`. */
export function requestHeaders(request: NodeRequest, secure: boolean): HeaderMap {
  const map = new HeaderMap();
  const pairs = [...rawPairs(request.rawHeaders)];
  const first = (wanted: string): string | undefined => pairs.find(([name]) => name.toLowerCase() === wanted)?.[1];
  // A target may be a whole address, and then says what the authority is. Rules about paths must see a path.
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/is.exec(request.url ?? "");
  map.add(":authority", absolute?.[1] ?? first(":authority") ?? first("host") ?? "");
  map.add(":path", absolute === null ? (request.url ?? "/") : absolute[2].replace(/^(?!\/)/, "/"));
  map.add(":method", request.method ?? "GET");
  map.add(":scheme", secure ? "https" : "http");
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    if (lower.startsWith(":") || lower === "host" || (isConnectionHeader(lower) && lower !== "upgrade")) continue;
    map.add(lower, value);
  }
  // Whoever handles the request is to see the same path as the plugins.
  map.modified = absolute !== null;
  return map;
}

/** Names and values in one array, as Node takes them, without pseudo-headers. */
export function rawList(map: HeaderMap): string[] {
  const raw: string[] = [];
  for (const [name, value] of map) if (!name.startsWith(":")) raw.push(name, value);
  return raw;
}

/** What Node keeps one value of; of others the values are joined. */
const SINGLE: ReadonlySet<string> = new Set([
  "age",
  "authorization",
  "content-length",
  "content-type",
  "etag",
  "expires",
  "from",
  "host",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "referer",
  "retry-after",
  "server",
  "user-agent",
]);

/** The object of headers that Node gives to request handlers. */
export function headersObject(raw: readonly string[]): Record<string, string | string[]> {
  const object: Record<string, string | string[]> = {};
  for (const [name, value] of rawPairs(raw)) {
    const key = name.toLowerCase();
    const old = Object.hasOwn(object, key) ? object[key] : undefined;
    if (key === "set-cookie") object[key] = old === undefined ? [value] : [...(old as string[]), value];
    else if (old === undefined) define(object, key, value);
    else if (!SINGLE.has(key)) object[key] = `${old as string}${key === "cookie" ? "; " : ", "}${value}`;
  }
  return object;
}

/** A client may send a header named `__proto__`. */
function define(object: Record<string, string | string[]>, key: string, value: string): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
