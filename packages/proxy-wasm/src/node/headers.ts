import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { HeaderMap } from "../abi/header-map.ts";
import type { Pair } from "../abi/pairs.ts";

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

/** All values of a header as one list, by its lower-case name; undefined for none. */
export function joined(raw: readonly string[], wanted: string): string | undefined {
  let found: string | undefined;
  for (const [name, value] of rawPairs(raw))
    if (name.length === wanted.length && name.toLowerCase() === wanted)
      found = found === undefined ? value : `${found}, ${value}`;
  return found;
}

/** Whether a request comes with a body. */
export function hasBody(request: NodeRequest): boolean {
  if (request.httpVersionMajor >= 2)
    return (request as { readonly stream?: { readonly endAfterHeaders?: boolean } }).stream?.endAfterHeaders !== true;
  const { rawHeaders } = request;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name.length === 14 && name.toLowerCase() === "content-length" && Number(rawHeaders[i + 1]) > 0) return true;
    if (name.length === 17 && name.toLowerCase() === "transfer-encoding") return true;
  }
  return false;
}

/** The headers of a request as Envoy shows them: the pseudo-headers first, `host` as `:authority`. */
export function requestHeaders(request: NodeRequest, secure: boolean): HeaderMap {
  const { rawHeaders, url = "/" } = request;
  // A target may be a whole address, and then says what the authority is. Rules about paths must see a path.
  const absolute = url.startsWith("/") ? null : /^https?:\/\/([^/?#]*)(.*)$/is.exec(url);
  let authority = absolute?.[1];
  let host: string | undefined;
  const rest: Pair[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i].toLowerCase();
    const value = rawHeaders[i + 1];
    if (name === "host") host ??= value;
    else if (name.startsWith(":")) {
      if (name === ":authority") authority ??= value;
    } else if (!isConnectionHeader(name) || name === "upgrade") rest.push([name, value]);
  }
  const map = new HeaderMap([
    [":authority", authority ?? host ?? ""],
    [":path", absolute === null ? url : absolute[2].replace(/^(?!\/)/, "/")],
    [":method", request.method ?? "GET"],
    [":scheme", secure ? "https" : "http"],
    ...rest,
  ]);
  // Whoever handles the request is to see the same path as the plugins.
  map.modified = absolute !== null;
  return map;
}

/** Names and values in one array, as Node takes them, without pseudo-headers. */
export function rawList(map: HeaderMap): string[] {
  const raw: string[] = [];
  for (const [name, value] of map.pairs) if (!name.startsWith(":")) raw.push(name, value);
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
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i].toLowerCase();
    const value = raw[i + 1];
    const old = Object.hasOwn(object, name) ? object[name] : undefined;
    if (name === "set-cookie") object[name] = old === undefined ? [value] : [...(old as string[]), value];
    else if (old === undefined) add(object, name, value);
    else if (!SINGLE.has(name)) object[name] = `${old as string}${name === "cookie" ? "; " : ", "}${value}`;
  }
  return object;
}

/** A client may send a header named `__proto__`. */
function add(object: Record<string, string | string[]>, name: string, value: string): void {
  if (name !== "__proto__") object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
