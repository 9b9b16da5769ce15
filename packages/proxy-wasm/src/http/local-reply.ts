import { byteString, encodeUtf8 } from "../abi/bytes.ts";
import { HeaderMap } from "../abi/header-map.ts";
import type { LocalResponse } from "../vm/context.ts";

/** What gRPC makes of an HTTP status (gRPC's own table). */
const GRPC_OF_HTTP: Readonly<Record<number, number>> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
};

const NOTHING = new Uint8Array(0);

/** In place of an answer with a status that cannot be sent. */
const UNSENDABLE = { status: 500, headers: [], body: NOTHING } as const;

/** A reply with a text. @param details why, for access logs */
export function textReply(status: number, details: string, body: string): LocalResponse {
  return { status, details, headers: [], body: encodeUtf8(body), grpcStatus: -1 };
}

/** gRPC's status for a server that answers with another HTTP status than 200. */
export function grpcOfHttp(status: number): number {
  return GRPC_OF_HTTP[status] ?? 2;
}

/** A reply of the proxy's own as a message. A client that speaks gRPC gets its status in a header, as Envoy does it. */
export function replyMessage(
  given: LocalResponse,
  request: HeaderMap | undefined,
): { readonly headers: HeaderMap; readonly body: Uint8Array } {
  // A status that is no final one would end no exchange of HTTP/1.1, and Node's HTTP/2 cannot send it.
  const response = given.status >= 200 && given.status <= 599 ? given : { ...given, ...UNSENDABLE };
  const headers = new HeaderMap();
  const isGrpc = /^application\/grpc(?![^+;])/.test(request?.get("content-type") ?? "");
  if (isGrpc) {
    headers.add(":status", "200");
    headers.add("content-type", "application/grpc");
    const status = response.grpcStatus >= 0 ? response.grpcStatus : grpcOfHttp(response.status);
    headers.add("grpc-status", String(status));
    if (response.body.length > 0) headers.add("grpc-message", percentEncode(response.body));
  } else {
    headers.add(":status", String(response.status));
  }
  for (const [name, value] of response.headers) if (!name.startsWith(":")) headers.add(name, value);
  // RFC 9110, section 8.6: a 204 has no length. That of a 304 would be the length of another response.
  headers.remove("content-length");
  if (isGrpc || response.status === 204 || response.status === 304) return { headers, body: NOTHING };
  const { body } = response;
  const isHead = request?.get(":method") === "HEAD";
  if (body.length > 0 && response.status !== 205) {
    headers.add("content-length", String(body.length));
    if (!headers.has("content-type")) headers.add("content-type", "text/plain");
    return { headers, body: isHead ? NOTHING : body };
  }
  if (!isHead) headers.add("content-length", "0");
  return { headers, body: NOTHING };
}

/** As gRPC writes messages in headers: printable ASCII as it is, the rest in percent form. */
function percentEncode(bytes: Uint8Array): string {
  return byteString(bytes).replace(
    /[^\x20-\x24\x26-\x7e]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
