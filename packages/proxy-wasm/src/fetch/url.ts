import type { HeaderMap } from "../abi/header-map.ts";

/** The path and the query of a serialized URL, without its fragment. */
const TARGET = /^[^:]+:\/\/[^/?#]*([^#]*)/;
/** Characters of a path or a query that some URL parsers replace by their percent form. */
const ENCODED = /[^!$%&()*+,\-./\w:;=?@[\]~]/g;
/** What a URL parser must not see: bytes beyond ASCII, which it takes for characters, and `\`, which it takes for `/`. */
const MISREAD = /[\\\x80-\xff]/g;

const percentForm = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

/**
 * The URL of a request of `fetch` as pseudo-headers, and what plugins have made of them as a URL again. A URL parser
 * rewrites what it reads: it resolves dot segments and numeric hosts, for example. A handler must not get another path
 * or host than the one that the plugins have let pass, so a rewritten URL is refused.
 */
export class FetchUrl {
  readonly authority: string;
  readonly path: string;
  readonly scheme: string;
  private readonly host: string;

  constructor(request: Request) {
    const { host, href, protocol } = new URL(request.url);
    this.host = host;
    this.authority = request.headers.get("host") ?? host;
    this.path = TARGET.exec(href)?.[1] ?? "/";
    this.scheme = protocol.slice(0, -1);
  }

  /** @returns undefined when no URL has the authority, the path and the scheme of the headers */
  filtered(headers: HeaderMap): string | undefined {
    const authority = headers.get(":authority") ?? "";
    const path = (headers.get(":path") ?? "/").replace(MISREAD, percentForm);
    const scheme = headers.get(":scheme") ?? "http";
    // A host that the plugins have left alone is that of the client's URL, whatever its field `host` says.
    const host = authority === this.authority ? this.host : authority.toLowerCase();
    const text = `${scheme}://${host}${path}`;
    if (!URL.canParse(text)) return undefined;
    const url = new URL(text);
    const target = TARGET.exec(url.href)?.[1] ?? "";
    const samePath = target.replace(ENCODED, percentForm) === path.replace(ENCODED, percentForm);
    const sameHost = url.host === host || `${url.host}:${scheme === "https" ? 443 : 80}` === host;
    return samePath && sameHost ? url.href : undefined;
  }
}
