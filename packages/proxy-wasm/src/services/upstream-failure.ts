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

/** The calls of plugins hold as many bytes as they may: the call was not sent. */
export class CallOverflow extends Error {
  override readonly name: string = "CallOverflow";
}

/** Node's codes for connections that could not be made. */
const NOT_CONNECTED =
  /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|ENOTFOUND|EAI_\w+|EACCES|ENOENT|E[MN]FILE|ENOBUFS)$/;
/** Node's codes for failures of TLS: those of OpenSSL, and those of certificates. */
const TLS =
  /^(ERR_SSL_\w+|ERR_TLS_\w+|ERR_OSSL_\w+|EPROTO|CERT_\w+|CRL_\w+|INVALID_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+|HOSTNAME_MISMATCH)$/;
/**
 * Codes of answers that break HTTP's rules. undici asserts that a status has at least the value 100, and its parser's errors
 * have no code.
 */
const PROTOCOL =
  /^(HPE_\w+|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|ERR_ASSERTION|ERR_HTTP2_(?:SESSION_)?ERROR)$/;

interface Failure {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

/** The failure that caused another: of an address among several, and of the connection of a stream. */
function rootOf(error: unknown): Failure {
  // A host's own upstreams may reject with anything.
  const failure = (error ?? {}) as Failure;
  const { code, errors, cause } = failure;
  if (code === undefined && errors !== undefined && errors.length > 0) return rootOf(errors[0]);
  if (code === "ERR_HTTP2_STREAM_CANCEL" && cause !== undefined) return rootOf(cause);
  return failure;
}

/** The reason in Envoy's words. Addresses of servers are not for plugins, so only codes are named. */
function resetReason(error: unknown): string {
  if (error instanceof CallOverflow) return "overflow";
  const { name, message, code: given } = rootOf(error);
  const code = typeof given === "string" ? given : "";
  if (NOT_CONNECTED.test(code))
    return `remote connection failure, transport failure reason: delayed connect error: ${code}`;
  if (TLS.test(code)) return `remote connection failure, transport failure reason: TLS_error: ${code}`;
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "ETIMEDOUT") return "connection timeout";
  if (name === "HTTPParserError" || PROTOCOL.test(code)) return "protocol error";
  // Answers with the status 100 or 101, which were not asked for.
  if (code === "UND_ERR_SOCKET" && (message === "bad response" || message === "bad upgrade")) return "protocol error";
  if (code === "ERR_HTTP2_STREAM_ERROR") return "remote reset";
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
