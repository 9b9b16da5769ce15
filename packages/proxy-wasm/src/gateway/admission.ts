import { isAuthority } from "../http/framing.ts";
import { isConnectionHeader, type NodeRequest } from "../node/headers.ts";
import { nominatedBy } from "../node/sendable.ts";
import { normalisePath, type PathOptions } from "./paths.ts";

export interface AdmissionOptions extends PathOptions {
  /** How many proxies before the gateway are trusted, as Envoy's `xff_num_trusted_hops`. */
  readonly trustedHops: number;
}

/** An answer of the gateway itself to a request that no plugin and no server sees. */
export interface Refusal {
  readonly status: number;
  /** Why, for the log. */
  readonly failure: string;
  readonly location?: string;
}

const bad = (failure: string): Refusal => ({ status: 400, failure });

/**
 * Headers that only a proxy may set. Those of a client that is none are dropped. Servers behind CGI or WSGI read `_` in a
 * name as `-`. The last two are Envoy's, with which an edge proxy tells who the client is.
 */
const FORWARDED = /^(?:x[-_]forwarded[-_].*|forwarded|x[-_]envoy[-_](?:external[-_]address|internal))$/;
const isForwardedHeader = (name: string): boolean => FORWARDED.test(name);

/** Headers whose removal would change how long a message is, or how it is answered: a `Connection` header cannot nominate them. */
const isKept = (name: string): boolean => name === "content-length" || isConnectionHeader(name);

/** Where an admitted request goes. */
export interface Target {
  /** The normalised path with its query. */
  readonly path: string;
  readonly authority: string | undefined;
}

/**
 * Checks a request and normalises its target, as Envoy's HTTP connection manager does. The request is not changed.
 *
 * - TRACE, several `Host` headers, an HTTP/2 `host` that is not the `:authority`, and a host that is none are refused.
 * - A whole address as the target becomes a path and an authority (RFC 9112, section 3.2.2).
 * - The path is normalised (see {@link normalisePath}).
 */
export function examine(request: NodeRequest, options: AdmissionOptions): Target | Refusal {
  if (request.method === "TRACE") return { status: 405, failure: "method_not_allowed" };
  const { url = "/", rawHeaders } = request;
  const absolute = url.startsWith("/") ? null : /^https?:\/\/([^/?#]*)(.*)$/is.exec(url);
  let authority = absolute?.[1];
  let host: string | undefined;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name.length === 4 && name.toLowerCase() === "host") {
      if (host !== undefined) return bad("several_hosts");
      host = rawHeaders[i + 1];
    } else if (name === ":authority") authority ??= rawHeaders[i + 1];
  }
  // RFC 9113, section 8.3.1: such a request is malformed.
  if (request.httpVersionMajor >= 2 && authority !== undefined && host !== undefined && !sameText(authority, host))
    return bad("two_authorities");
  // RFC 9112, section 3.2: an empty host is sent where the target has none.
  if (authority !== undefined && !isAuthority(authority)) return bad("host_refused");
  if (host !== undefined && host !== "" && !isAuthority(host)) return bad("host_refused");
  if (url === "*" && request.method !== "OPTIONS") return bad("path_refused");
  const normalised = normalisePath(absolute === null ? url : absolute[2].replace(/^(?!\/)/, "/"), options);
  if (normalised.kind === "refused") return bad("path_refused");
  const { path } = normalised;
  if (normalised.kind === "redirect") return { status: 307, failure: "path_normalized", location: path };
  return { path, authority: authority ?? host };
}

const sameText = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/**
 * Prepares a request for its plugins: {@link examine} says whether it may go on and where. The request object is
 * changed in place.
 *
 * - Headers that the client's `Connection` nominates are removed (RFC 9110, section 7.6.1).
 * - `X-Forwarded-For` and `X-Forwarded-Proto` are set. A client that is no trusted proxy cannot set any `X-Forwarded-*`.
 *
 * @returns undefined when the request may go on
 */
export function admit(request: NodeRequest, options: AdmissionOptions): Refusal | undefined {
  const target = examine(request, options);
  if ("status" in target) return target;
  if (request.url !== target.path) request.url = target.path;
  setHeaders(request, target.authority, options.trustedHops > 0);
  return undefined;
}

function setHeaders(request: NodeRequest, authority: string | undefined, trusted: boolean): void {
  const { headers, rawHeaders: raw, socket } = request;
  const nominated = nominatedBy(headers.connection);
  let forwardedFor = "";
  let forwardedProto: string | undefined;
  let to = 0;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i].toLowerCase();
    const value = raw[i + 1];
    if (name === "host" || name === ":authority") continue;
    if ((nominated?.has(name) && !isKept(name)) || (isForwardedHeader(name) && !trusted)) {
      delete headers[name];
      continue;
    }
    if (name === "x-forwarded-for") forwardedFor += `${value}, `;
    else if (name === "x-forwarded-proto") forwardedProto ??= value;
    else {
      raw[to++] = raw[i];
      raw[to++] = value;
    }
  }
  raw.length = to;
  const set = (name: string, value: string): void => {
    raw.push(name, value);
    headers[name] = value;
  };
  if (authority !== undefined) {
    if (request.httpVersionMajor < 2) set("host", authority);
    else {
      raw.unshift(":authority", authority);
      headers[":authority"] = authority;
      delete headers.host;
    }
  }
  set("x-forwarded-for", forwardedFor + (socket.remoteAddress ?? ""));
  set("x-forwarded-proto", forwardedProto ?? ("encrypted" in socket ? "https" : "http"));
}
