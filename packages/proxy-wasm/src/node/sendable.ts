import type { ServerResponse } from "node:http";
import { isConnectionHeader } from "./headers.ts";

/** Values of headers by their names: lists are the one form in which both versions of HTTP take several values. */
export type SendableHeaders = Map<string, string | string[]>;

/** RFC 9110, section 5.6.2, in lower case */
const TOKEN = /^[!#$%&'*+.^_`|~\da-z-]+$/;

/** Whether a text can be a method. */
export const isToken = (text: string): boolean => TOKEN.test(text.toLowerCase());

/** A value of a header (RFC 9110, section 5.5). Characters above 0xff have no byte. */
export const VALUE: RegExp = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Fields of which Node's HTTP/2 sends one value only. A second one would end the process or the session. */
const SINGLE_VALUE: ReadonlySet<string> = new Set([
  "access-control-allow-credentials",
  "access-control-max-age",
  "access-control-request-method",
  "age",
  "alt-svc",
  "authorization",
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-md5",
  "content-range",
  "content-type",
  "date",
  "dnt",
  "etag",
  "expires",
  "from",
  "host",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "range",
  "referer",
  "retry-after",
  "tk",
  "upgrade-insecure-requests",
  "user-agent",
  "x-content-type-options",
]);

/** Fields that say how a message is framed or where it goes: trailers must not have them (RFC 9110, section 6.5.1). */
const NO_TRAILERS: ReadonlySet<string> = new Set([
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "host",
  "trailer",
]);

/** Whether a status can be sent as the final one of a response over both versions of HTTP. */
export const isFinalStatus = (status: number): boolean => Number.isInteger(status) && status >= 200 && status <= 599;

/** @returns the final status that a response's pseudo-header states, or 0 for another text */
export function finalStatus(text: string | undefined): number {
  return text !== undefined && /^[2-5]\d\d$/.test(text) ? Number(text) : 0;
}

function addField(fields: SendableHeaders, name: string, value: string): boolean {
  if (!TOKEN.test(name) || !VALUE.test(value)) return false;
  const text = value.trim();
  const known = fields.get(name);
  if (known === undefined) fields.set(name, text);
  // Two lengths would be two opinions on where the message ends.
  else if (SINGLE_VALUE.has(name)) return name !== "content-length" || known === text;
  else if (typeof known === "string") fields.set(name, [known, text]);
  else known.push(text);
  return true;
}

/**
 * Makes headers of a response what both versions of HTTP can send: without pseudo-headers, without fields of the
 * connection, and with the first value of each single-valued field.
 *
 * @param nominated lower-case names that the sender's `Connection` header nominates; they are left out
 * @returns undefined when a name or a value cannot be sent, or when there are several lengths
 */
export function sendableHeaders(
  pairs: Iterable<readonly [name: string, value: string]>,
  nominated?: ReadonlySet<string>,
): SendableHeaders | undefined {
  const fields: SendableHeaders = new Map();
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    if (lower.startsWith(":") || lower === "te" || isConnectionHeader(lower) || nominated?.has(lower)) continue;
    if (!addField(fields, lower, value)) return undefined;
  }
  return fields;
}

/** Makes trailers what both versions of HTTP can send. Fields that cannot be sent are left out: the body is already there. */
export function sendableTrailers(pairs: Iterable<readonly [name: string, value: string]>): SendableHeaders {
  const fields: SendableHeaders = new Map();
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    if (lower !== "te" && !isConnectionHeader(lower) && !NO_TRAILERS.has(lower)) addField(fields, lower, value);
  }
  return fields;
}

/** The lower-case names that a `Connection` header of a message nominates; undefined for none. */
export function nominatedBy(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || /^(keep-alive|close|upgrade)$/i.test(connection)) return undefined;
  return new Set(
    connection
      .toLowerCase()
      .split(",")
      .map((name) => name.trim()),
  );
}

/**
 * Removes the field `trailer` from a response of HTTP/1 that has no chunks, and so no trailers. Node throws an error
 * instead of sending it.
 */
export function removeTrailerField(response: ServerResponse, status: number): void {
  if (!response.hasHeader("trailer")) return;
  const { req, useChunkedEncodingByDefault } = response;
  const bodiless = req.method === "HEAD" || status === 204 || status === 304;
  if (!useChunkedEncodingByDefault || bodiless || response.hasHeader("content-length"))
    response.removeHeader("trailer");
}
