import type { HeaderMap } from "../abi/header-map.ts";
import { isToken, sendableHeaders } from "../node/sendable.ts";

/** Methods that a plugin must not make a request of: the first makes a tunnel, the second sends credentials back. */
const REFUSED_METHODS: ReadonlySet<string> = new Set(["CONNECT", "TRACE"]);

/** A path with a query (RFC 9112, section 3.2.1). Bytes beyond ASCII pass, as servers take them. */
const PATH = /^\/[\x21-\x7e\x80-\xff]*$/;
/** A host with a port, without a user (RFC 9110, section 7.2). */
const AUTHORITY = /^[\w.~!$&'()*+,;=:%[\]-]*$/;
const SCHEME = /^https?$/;

/** The request line of a request before its plugins. */
export class RequestLine {
  private readonly method: string | undefined;
  private readonly path: string | undefined;
  private readonly authority: string | undefined;
  private readonly scheme: string | undefined;

  constructor(headers: HeaderMap) {
    this.method = headers.get(":method");
    this.path = headers.get(":path");
    this.authority = headers.get(":authority");
    this.scheme = headers.get(":scheme");
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
      (method === this.method || (method !== undefined && isToken(method) && !REFUSED_METHODS.has(method))) &&
      (path === this.path || (path !== undefined && PATH.test(path))) &&
      (authority === this.authority || (authority !== undefined && AUTHORITY.test(authority))) &&
      (scheme === this.scheme || scheme === undefined || SCHEME.test(scheme)) &&
      sendableHeaders(headers.pairs) !== undefined
    );
  }
}

/**
 * Holds a body to the length that its headers state (RFC 9112, section 6.2). A byte more would be read as the beginning of
 * the next message, and after a byte less the receiver would wait for it.
 */
export class StatedLength {
  private left: number | undefined = undefined;

  /** Reads the length from headers. A length that is no number is removed. */
  read(headers: HeaderMap): void {
    const text = headers.get("content-length");
    if (text === undefined) return;
    const length = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
    if (length === undefined) headers.remove("content-length");
    this.left = length;
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
