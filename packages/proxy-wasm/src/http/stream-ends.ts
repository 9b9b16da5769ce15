import type { HeaderMap } from "../abi/header-map.ts";
import { correctLength, hasSendableStatus, StatedLength } from "./framing.ts";
import type { HalfSink } from "./half.ts";
import type { HttpStream, HttpStreamSink } from "./http-stream.ts";
import { textReply } from "./local-reply.ts";

const NOTHING = new Uint8Array(0);

/**
 * Where a message has passed all plugins. Headers that state a length wait for the first of the body when a plugin may
 * change it: the length can then still be corrected, or left out. A body that has another length than headers that have
 * gone breaks the message off, before a byte that would be read as the beginning of the next message.
 */
abstract class MessageEnd implements HalfSink {
  protected readonly stream: HttpStream;
  protected readonly sink: HttpStreamSink;
  private readonly length = new StatedLength();
  private waiting: HeaderMap | undefined = undefined;

  constructor(stream: HttpStream, sink: HttpStreamSink) {
    this.stream = stream;
    this.sink = sink;
  }

  /** A plugin has let another number of bytes go on than it was shown. */
  protected abstract get changedLength(): boolean;
  protected abstract get watchesBody(): boolean;
  protected abstract sendHeaders(headers: HeaderMap, endStream: boolean): void;
  protected abstract sendData(chunk: Uint8Array, endStream: boolean): void;
  protected abstract sendTrailers(trailers: HeaderMap): void;
  /** The body has another length than its headers, which have gone. */
  protected abstract failLength(): void;
  abstract headers(headers: HeaderMap, endStream: boolean): void;
  abstract read(on: boolean): void;
  abstract tooLarge(): void;

  /** Sends headers now, or with the first of the body. */
  protected pass(headers: HeaderMap, endStream: boolean): void {
    if (!endStream && headers.has("content-length") && this.watchesBody) this.waiting = headers;
    else this.send(headers, endStream);
  }

  private send(headers: HeaderMap, endStream: boolean): void {
    if (!endStream) this.length.read(headers);
    this.sendHeaders(headers, endStream);
  }

  /** @param length of the whole body; undefined when more may come */
  private sendWaiting(length: number | undefined): void {
    const headers = this.waiting;
    if (headers === undefined) return;
    this.waiting = undefined;
    if (length !== undefined || this.changedLength) correctLength(headers, length);
    this.send(headers, false);
  }

  data(chunk: Uint8Array, endStream: boolean): void {
    this.sendWaiting(endStream ? chunk.length : undefined);
    if (!this.length.take(chunk.length) || (endStream && !this.length.isMet)) this.failLength();
    else this.sendData(chunk, endStream);
  }

  trailers(trailers: HeaderMap): void {
    this.sendWaiting(0);
    if (this.length.isMet) this.sendTrailers(trailers);
    else this.failLength();
  }
}

/** Where a request has passed all plugins. */
export class RequestEnd extends MessageEnd {
  protected get changedLength(): boolean {
    return this.stream.request.changedLength;
  }

  protected get watchesBody(): boolean {
    // No body of an upgrade request comes that its headers could wait for.
    return this.stream.info.upgrade !== true && this.stream.request.watchesBody;
  }

  headers(headers: HeaderMap, endStream: boolean): void {
    if (headers.modified) {
      const { requestLine } = this.stream;
      if (!requestLine.allows(headers)) {
        this.stream.localReply(textReply(503, "filter_invalid_request_headers", ""));
        return;
      }
      requestLine.removeConnectionHeaders(headers);
      if (endStream) correctLength(headers, 0);
      else if (!this.watchesBody) requestLine.restoreLength(headers);
    }
    this.pass(headers, endStream);
  }

  protected sendHeaders(headers: HeaderMap, endStream: boolean): void {
    this.sink.requestHeaders(headers, endStream);
  }

  protected sendData(chunk: Uint8Array, endStream: boolean): void {
    this.sink.requestData(chunk, endStream);
  }

  protected sendTrailers(trailers: HeaderMap): void {
    this.sink.requestTrailers(trailers);
  }

  protected failLength(): void {
    this.stream.failRequestBody();
  }

  read(on: boolean): void {
    this.sink.readRequest(on);
  }

  tooLarge(): void {
    this.stream.localReply(textReply(413, "request_payload_too_large", "Payload Too Large"));
  }
}

/** Where a response has passed all plugins. */
export class ResponseEnd extends MessageEnd {
  /** All of the response has been handed over. */
  complete = false;
  /** The response has no body, whatever its plugins have made (RFC 9110, section 6.4.1). */
  bodiless = false;

  protected get changedLength(): boolean {
    return this.stream.response.changedLength;
  }

  protected get watchesBody(): boolean {
    return !this.bodiless && !this.stream.switching && this.stream.response.watchesBody;
  }

  headers(headers: HeaderMap, endStream: boolean): void {
    if (!hasSendableStatus(headers, this.stream.switching)) {
      // Envoy answers 502 too when its filters leave no status, or a status that is no number.
      this.stream.localReply(textReply(502, "filter_invalid_response_status", "invalid :status"));
      return;
    }
    const status = headers.get(":status");
    const { isHead } = this.stream.requestLine;
    this.bodiless = isHead || status === "204" || status === "205" || status === "304";
    if (status === "204" || status === "205") correctLength(headers, undefined);
    else if (endStream && !this.bodiless) correctLength(headers, 0);
    this.stream.sentHeaders = headers;
    this.complete = endStream;
    this.pass(headers, endStream);
  }

  override data(chunk: Uint8Array, endStream: boolean): void {
    if (!this.bodiless) super.data(chunk, endStream);
    else if (endStream) this.sendData(NOTHING, true);
  }

  override trailers(trailers: HeaderMap): void {
    if (!this.bodiless) super.trailers(trailers);
    else this.sendData(NOTHING, true);
  }

  protected sendHeaders(headers: HeaderMap, endStream: boolean): void {
    this.sink.responseHeaders(headers, endStream);
  }

  protected sendData(chunk: Uint8Array, endStream: boolean): void {
    this.stream.sentBytes += BigInt(chunk.length);
    this.complete = endStream;
    this.sink.responseData(chunk, endStream);
  }

  protected sendTrailers(trailers: HeaderMap): void {
    this.complete = true;
    this.sink.responseTrailers(trailers);
  }

  protected failLength(): void {
    this.stream.reset();
  }

  read(on: boolean): void {
    this.sink.readResponse(on);
  }

  tooLarge(): void {
    this.stream.localReply(textReply(500, "response_payload_too_large", "Internal Server Error"));
  }
}
