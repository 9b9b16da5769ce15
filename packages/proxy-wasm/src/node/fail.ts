import type { ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import { encodeUtf8 } from "../abi/bytes.ts";
import type { HttpStream } from "../http/http-stream.ts";
import type { NodeResponse } from "./headers.ts";

/** The plugins' stream of a response. */
const STREAM = Symbol("the plugins' stream of a response");

type Filtered = NodeResponse & { [STREAM]?: HttpStream };

/** Remembers the stream of the plugins that are next to the handler. */
export function setStream(response: NodeResponse, stream: HttpStream): void {
  (response as Filtered)[STREAM] = stream;
}

const INTERNAL_ERROR = 2;

/**
 * Breaks a response off so that the client sees that it is not complete: by closing the connection of HTTP/1, or by
 * resetting the stream of HTTP/2 with an error (RFC 9113, section 8.1).
 */
export function breakOff(response: NodeResponse): void {
  const { stream } = response as { readonly stream?: ServerHttp2Stream };
  if (stream !== undefined) {
    if (!stream.destroyed) stream.close(INTERNAL_ERROR);
    return;
  }
  const res = response as ServerResponse;
  if (res.headersSent && !res.chunkedEncoding && !res.hasHeader("content-length") && res.socket !== null)
    resetConnection(res.socket);
  response.destroy();
}

/**
 * Resets a connection on which the end of a response is the end of the connection, as for HTTP/1.0 (RFC 9112, section
 * 6.3): an ordinary end would make the response look complete. A connection of TLS ends without TLS's own end.
 */
export function resetConnection(socket: Duplex): void {
  const { encrypted, resetAndDestroy } = socket as Duplex & { encrypted?: boolean; resetAndDestroy?: () => void };
  // Node never closes the descriptor of a socket that is reset after it has been ended.
  if (encrypted !== true && resetAndDestroy !== undefined && !socket.writableEnded) resetAndDestroy.call(socket);
  socket.destroy();
}

/**
 * Ends an exchange whose handler cannot go on: with an answer of the gateway when the client has been sent nothing yet,
 * also while plugins hold the headers back; otherwise by breaking the response off.
 *
 * @param details why, for the plugins' log
 * @param text the body of the answer
 */
export function failResponse(response: NodeResponse, status: number, details: string, text = ""): void {
  const stream = (response as Filtered)[STREAM];
  if (stream !== undefined) {
    stream.localReply({ status, details, headers: [], body: encodeUtf8(text), grpcStatus: -1 });
    return;
  }
  if (response.headersSent) {
    breakOff(response);
    return;
  }
  const res = response as ServerResponse;
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.writeHead(status, { "content-type": "text/plain", "content-length": Buffer.byteLength(text) });
  res.end(text);
}
