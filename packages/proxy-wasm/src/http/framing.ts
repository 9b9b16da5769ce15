import type { HeaderMap } from "../abi/header-map.ts";
import { isConnectionHeader } from "../node/headers.ts";
import { finalStatus, isToken, sendableHeaders } from "../node/sendable.ts";

/** Methods that a plugin must not make a request of: the first makes a tunnel, the others send credentials back. */
const REFUSED_METHODS: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/** A path with a query (RFC 9112, section 3.2.1). Bytes beyond ASCII pass, as servers take them. */
const PATH = /^\/[\x21\x22\x24-\x7e\x80-\xff]*$/;
/** A host with a port, without a user (RFC 9110, section 7.2). */
const AUTHORITY = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::(\d{0,5}))?$/i;
const MAX_PORT = 65535;
const SCHEME = /^https?$/;

/** The request line of a request before its plugins. */
export class RequestLine {
  private readonly method: string | undefined;
  private readonly path: string | undefined;
  private readonly authority: string | undefined;
  private readonly scheme: string | undefined;
  private readonly length: string | undefined;
  private readonly upgrades: boolean;

  constructor(headers: HeaderMap) {
    this.method = headers.get(":method");
    this.path = headers.get(":path");
    this.authority = headers.get(":authority");
    this.scheme = headers.get(":scheme");
    this.length = headers.get("content-length");
    this.upgrades = headers.has("upgrade");
  }

  get isHead(): boolean {
    return this.method === "HEAD";
  }

  /** Whether headers can be sent that plugins have changed. What they have left alone is as the client sent it. */
  allows(headers: HeaderMap): boolean {
    const method = headers.get(":method");
    const path = headers.get(":path");
    const authority = headers.get(":authority");
    const scheme = headers.get(":scheme");
    return (
      (method === this.method ||
        (method !== undefined && isToken(method) && !REFUSED_METHODS.has(method.toUpperCase()))) &&
      (path === this.path || (path !== undefined && PATH.test(path))) &&
      (authority === this.authority || (authority !== undefined && isAuthority(authority))) &&
      (scheme === this.scheme || scheme === undefined || SCHEME.test(scheme)) &&
      !repeatsPseudoHeaders(headers) &&
      sendableHeaders(headers.pairs) !== undefined
    );
  }

  /** Removes fields of the connection that a plugin has added: the host frames the message. */
  removeConnectionHeaders(headers: HeaderMap): void {
    const names = headers.pairs.map(([name]) => name).filter(isConnectionHeader);
    // Plugins see the field `upgrade` of a request that asks for another protocol.
    for (const name of names) if (name !== "upgrade" || !this.upgrades) headers.remove(name);
  }

  /** States the length of the client's body, which no plugin has changed. */
  restoreLength(headers: HeaderMap): void {
    if (headers.get("content-length") === this.length) return;
    if (this.length === undefined) headers.remove("content-length");
    else headers.replace("content-length", this.length);
  }
}

/** Whether a text is a host with a port that exists, without a user (RFC 9110, section 4.2.4). */
export function isAuthority(text: string): boolean {
  const match = AUTHORITY.exec(text);
  return match !== null && Number(match[1] ?? 0) <= MAX_PORT;
}

function repeatsPseudoHeaders(headers: HeaderMap): boolean {
  const seen = new Set<string>();
  for (const [name] of headers.pairs) {
    if (!name.startsWith(":")) continue;
    if (seen.has(name)) return true;
    seen.add(name);
  }
  return false;
}

/**
 * Whether headers of a response state one status that can be sent. Other pseudo-headers that a plugin adds are left out
 * when the response is sent, as by Envoy's HTTP/1 codec.
 *
 * @param switching whether 101 is a status that can be sent
 */
export function hasSendableStatus(headers: HeaderMap, switching: boolean): boolean {
  const [status, ...others] = headers.pairs.filter(([name]) => name === ":status");
  if (status === undefined || others.length > 0) return false;
  return finalStatus(status[1]) !== 0 || (switching && status[1] === "101");
}

/**
 * Corrects the length that headers state.
 *
 * @param length of the body; undefined when it is not known yet
 */
export function correctLength(headers: HeaderMap, length: number | undefined): void {
  const text = headers.get("content-length");
  if (text === undefined || text === String(length)) return;
  if (length === undefined) headers.remove("content-length");
  else headers.replace("content-length", String(length));
}

/**
 * Holds a body to the length that its headers state (RFC 9112, section 6.2). A byte more would be read as the beginning of
 * the next message, and after a byte less the receiver would wait for it.
 */
export class StatedLength {
  private left: number | undefined = undefined;

  /** Reads the length from headers. A length that is no number, and lengths that differ, are removed. */
  read(headers: HeaderMap): void {
    const texts = headers.pairs.filter(([name]) => name === "content-length").map(([, value]) => value);
    if (texts.length === 0) return;
    const [text] = texts;
    const isOne = /^\d{1,15}$/.test(text) && texts.every((other) => other === text);
    this.left = isOne ? Number(text) : undefined;
    if (!isOne) headers.remove("content-length");
    else if (texts.length > 1) headers.replace("content-length", text);
  }

  /** Counts bytes of the body. @returns false when they are more than was stated */
  take(bytes: number): boolean {
    if (this.left === undefined) return true;
    this.left -= bytes;
    return this.left >= 0;
  }

  /** Whether a body that ends here has the stated length. */
  get isMet(): boolean {
    return this.left === undefined || this.left === 0;
  }
}
