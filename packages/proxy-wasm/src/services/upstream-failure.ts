import { encodeUtf8 } from "../abi/bytes.ts";
import { HeaderMap } from "../abi/header-map.ts";
import { replyMessage } from "../http/local-reply.ts";
import type { HttpCallRequest, HttpCallResponse } from "./upstreams.ts";

/**
 * An answer that was broken off after its headers. A plugin is told of it without headers and body, as Envoy's
 * asynchronous client does. Every other failure of a call becomes a response with a status.
 */
export class BrokenAnswer extends Error {
  override readonly name: string = "BrokenAnswer";
}

/** Node's codes for connections that could not be made. */
const NOT_CONNECTED =
  /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|ENOTFOUND|EAI_\w+|EACCES|ENOENT)$/;
/** Node's codes for failures of TLS: those of OpenSSL, and those of certificates. */
const TLS = /^(ERR_SSL_\w+|ERR_TLS_\w+|EPROTO|CERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+|HOSTNAME_MISMATCH)$/;

function codeOf(error: unknown): string {
  // A host's own upstreams may reject with anything.
  const { code, errors } = (error ?? {}) as { readonly code?: unknown; readonly errors?: readonly unknown[] };
  // A host with several addresses fails once for each.
  if (code === undefined && errors !== undefined && errors.length > 0) return codeOf(errors[0]);
  return typeof code === "string" ? code : "";
}

/** The reason in Envoy's words. Addresses of servers are not for plugins, so only codes are named. */
function resetReason(error: unknown): string {
  const code = codeOf(error);
  if (NOT_CONNECTED.test(code))
    return `remote connection failure, transport failure reason: delayed connect error: ${code}`;
  if (TLS.test(code)) return `remote connection failure, transport failure reason: TLS_error: ${code}`;
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "ETIMEDOUT") return "connection timeout";
  if (code.startsWith("HPE_")) return "protocol error";
  if (code === "UND_ERR_INVALID_ARG" || code === "ERR_INVALID_ARG_VALUE") return "local reset";
  return "connection termination";
}

/** The text of Envoy's local reply for a call that failed before the server's headers came. */
export function failureText(error: unknown): string {
  return `upstream connect error or disconnect/reset before headers. reset reason: ${resetReason(error)}`;
}

function localAnswer(request: HttpCallRequest, status: number, text: string): HttpCallResponse {
  const reply = { status, details: "", headers: [], body: encodeUtf8(text), grpcStatus: -1 };
  return { ...replyMessage(reply, request.headers), trailers: new HeaderMap() };
}

/** Envoy's answer for a server that has sent no headers in time. */
export function timeoutAnswer(request: HttpCallRequest): HttpCallResponse {
  return localAnswer(request, 504, "upstream request timeout");
}

/**
 * What a plugin is told of its call: the server's answer, or Envoy's local reply where there is none.
 *
 * @param call starts the call; it may throw
 * @returns undefined for an answer that was broken off after its headers
 */
export async function answerOf(
  request: HttpCallRequest,
  call: () => Promise<HttpCallResponse>,
): Promise<HttpCallResponse | undefined> {
  try {
    return await call();
  } catch (error) {
    return error instanceof BrokenAnswer ? undefined : localAnswer(request, 503, failureText(error));
  }
}
