import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import { HeaderMap } from "../abi/header-map.ts";
import type { Pair } from "../abi/pairs.ts";
import type { HttpStream } from "../http/http-stream.ts";
import { breakOff } from "./fail.ts";
import { isConnectionHeader, type NodeResponse } from "./headers.ts";
import {
  type Callback,
  type Encoding,
  type MaybeCallback,
  putLayer,
  type Trailers,
  type WritableChunk,
} from "./response-layer.ts";
import { finalStatus, removeTrailerField, sendableHeaders, sendableTrailers } from "./sendable.ts";

/** What a handler's answer is delivered to. */
export type ResponseReceiver = Pick<
  HttpStream,
  "receiveResponseHeaders" | "receiveResponseData" | "receiveResponseTrailers"
>;

const NOTHING = new Uint8Array(0);

/**
 * Stands between a handler and a response object: what the handler writes goes to the plugins first, and what they let through is
 * written with the object's own methods.
 */
export class ResponseSide {
  private readonly response: ServerResponse;
  private readonly receiver: ResponseReceiver;
  private readonly isHead: boolean;
  private readonly http2: boolean;
  private readonly ownWriteHead: (status: number) => unknown;
  private readonly ownWrite: (chunk: Uint8Array) => boolean;
  private readonly ownEnd: (chunk?: Uint8Array) => unknown;
  private readonly ownFlushHeaders: (() => void) | undefined;
  private readonly ownAddTrailers: (trailers: OutgoingHttpHeaders) => void;
  private begun = false;
  private headCalled = false;
  private ended = false;
  private flushed = false;
  private sent = false;
  private failed = false;
  private pausedByPlugin = false;
  private full = false;
  private handlersHeaders: HeaderMap | undefined = undefined;
  private endTrailers: HeaderMap | undefined = undefined;

  constructor(response: NodeResponse, isHead: boolean, http2: boolean, receiver: ResponseReceiver) {
    // Both kinds have the methods that are used here.
    const res = response as ServerResponse;
    this.response = res;
    this.receiver = receiver;
    this.isHead = isHead;
    this.http2 = http2;
    this.ownWriteHead = res.writeHead as (status: number) => unknown;
    this.ownWrite = res.write as (chunk: Uint8Array) => boolean;
    this.ownEnd = res.end as (chunk?: Uint8Array) => unknown;
    this.ownFlushHeaders = res.flushHeaders;
    this.ownAddTrailers = res.addTrailers as (trailers: OutgoingHttpHeaders) => void;
    putLayer(res, this);
  }

  get headersSent(): boolean {
    return this.begun || this.headCalled || this.sent;
  }

  get writableEnded(): boolean {
    return this.ended;
  }

  drained(): void {
    this.full = false;
  }

  flushHeaders(): void {
    this.flushed = true;
    this.begin(false);
    if (this.sent) this.ownFlushHeaders?.call(this.response);
  }

  addTrailers(trailers: Trailers): void {
    const pairs = Array.isArray(trailers) ? trailers : Object.entries(trailers as OutgoingHttpHeaders);
    this.endTrailers ??= new HeaderMap();
    for (const [name, value] of pairs)
      for (const one of Array.isArray(value) ? value : [value]) this.endTrailers.add(String(name), String(one));
  }

  writeHead(status: number, rest: unknown[]): void {
    const res = this.response;
    if (this.begun || this.headCalled) {
      const error: Error & { code?: string } = new Error("Cannot write headers after they are sent to the client");
      error.code = "ERR_HTTP_HEADERS_SENT";
      throw error;
    }
    res.statusCode = status;
    if (typeof rest[0] === "string") res.statusMessage = rest[0];
    const headers = (typeof rest[0] === "string" ? rest[1] : rest[0]) as unknown;
    if (Array.isArray(headers)) {
      const pairs: [string, string][] = [];
      if (Array.isArray(headers[0])) pairs.push(...(headers as [string, string][]));
      else for (let i = 0; i + 1 < headers.length; i += 2) pairs.push([String(headers[i]), String(headers[i + 1])]);
      for (const [name] of pairs) res.removeHeader(name);
      for (const [name, value] of pairs) {
        const old = res.getHeader(name);
        res.setHeader(name, old === undefined ? value : [old, value].flat().map(String));
      }
    } else if (typeof headers === "object" && headers !== null)
      for (const [name, value] of Object.entries(headers))
        if (value !== undefined) res.setHeader(name, value as string);
    this.headCalled = true;
  }

  /** The handler's headers are complete. */
  private begin(endStream: boolean): void {
    if (this.begun) return;
    this.begun = true;
    const { response } = this;
    const pairs: Pair[] = [[":status", String(response.statusCode)]];
    const headers = response.getHeaders();
    for (const name in headers) {
      const value = headers[name];
      if (value === undefined || name.startsWith(":") || isConnectionHeader(name)) continue;
      if (Array.isArray(value)) for (const one of value) pairs.push([name, String(one)]);
      else pairs.push([name, String(value)]);
    }
    this.handlersHeaders = new HeaderMap(pairs);
    this.receiver.receiveResponseHeaders(this.handlersHeaders, endStream);
  }

  private get bodiless(): boolean {
    const { statusCode } = this.response;
    return this.isHead || statusCode === 204 || statusCode === 304;
  }

  write(chunk: WritableChunk, encoding?: Encoding | Callback, callback?: MaybeCallback): boolean {
    if (typeof encoding === "function") [encoding, callback] = [undefined, encoding];
    if (this.ended) {
      const error: Error & { code?: string } = new Error("write after end");
      error.code = "ERR_STREAM_WRITE_AFTER_END";
      process.nextTick(() => {
        callback?.(error);
        if (this.response.listenerCount("error") > 0) this.response.emit("error", error);
      });
      return false;
    }
    const bytes = bytesOfChunk(chunk, encoding);
    this.begin(false);
    if (!this.bodiless) this.receiver.receiveResponseData(bytes, false);
    if (typeof callback === "function") process.nextTick(callback, null);
    return !(this.pausedByPlugin || this.full);
  }

  end(chunk?: WritableChunk | Callback, encoding?: Encoding | Callback, callback?: MaybeCallback): void {
    if (typeof chunk === "function") [chunk, callback] = [undefined, chunk];
    if (typeof encoding === "function") [encoding, callback] = [undefined, encoding];
    const res = this.response;
    if (typeof callback === "function") {
      if (res.writableFinished) process.nextTick(callback, null);
      else res.once("finish", callback);
    }
    if (this.ended) return;
    this.ended = true;
    const bytes = bytesOfChunk(chunk, encoding);
    const trailers = this.endTrailers;
    if (!this.begun) {
      const { bodiless } = this;
      // What Node does for a body that is there at once: plugins see its length, as they would behind a proxy.
      if (
        !bodiless &&
        trailers === undefined &&
        !res.hasHeader("content-length") &&
        !res.hasHeader("trailer") &&
        !res.hasHeader("transfer-encoding")
      )
        res.setHeader("content-length", bytes.length);
      const empty = bodiless || bytes.length === 0;
      this.begin(empty && trailers === undefined);
      if (!empty) this.receiver.receiveResponseData(bytes, trailers === undefined);
    } else this.receiver.receiveResponseData(this.bodiless ? NOTHING : bytes, trailers === undefined);
    if (trailers !== undefined) this.receiver.receiveResponseTrailers(trailers);
  }

  /** The plugins want more, or no more for now. */
  want(on: boolean): void {
    const resumed = on && this.pausedByPlugin;
    this.pausedByPlugin = !on;
    if (resumed && !this.full) process.nextTick(() => this.response.emit("drain"));
  }

  /** Sends headers. Those that cannot be sent, since a plugin made them wrong, become an error of the server. */
  sendHeaders(headers: HeaderMap, endStream: boolean): void {
    const res = this.response;
    this.sent = true;
    const status = finalStatus(headers.get(":status"));
    // The handler's own headers are on the response already, if plugins have left them alone.
    const changed = headers.modified || headers !== this.handlersHeaders;
    try {
      if (changed && !this.setHeaders(headers)) {
        this.sendInvalid();
        return;
      }
      if (!this.http2) removeTrailerField(res, status);
      if (!this.http2 && status !== res.statusCode)
        (res as { statusMessage: string | undefined }).statusMessage = undefined;
      this.ownWriteHead.call(res, status);
    } catch {
      this.sendInvalid();
      return;
    }
    if (endStream) this.endOwn();
    else if (this.flushed) this.ownFlushHeaders?.call(res);
  }

  /**
   * Makes the response's headers what plugins have left, touching only what has changed.
   * @returns false when they cannot be sent
   */
  private setHeaders(headers: HeaderMap): boolean {
    const res = this.response;
    const values = sendableHeaders(headers.pairs);
    if (values === undefined) return false;
    for (const name of res.getHeaderNames()) if (!values.has(name) && !isConnectionHeader(name)) res.removeHeader(name);
    for (const [name, value] of values) if (!sameValue(res.getHeader(name), value)) res.setHeader(name, value);
    return true;
  }

  /**
   * Calls the server's own `end`. In HTTP/2's compatibility layer it calls `writeHead`, which is ours here, where the stream was closed before its
   * headers could be sent: nothing can be sent then.
   */
  private endOwn(chunk?: Uint8Array): void {
    const { stream } = this.response as unknown as { readonly stream?: ServerHttp2Stream };
    if (this.http2 && (stream === undefined || ((stream.destroyed || stream.closed) && !stream.headersSent))) return;
    if (chunk === undefined) this.ownEnd.call(this.response);
    else this.ownEnd.call(this.response, chunk);
  }

  private sendInvalid(): void {
    const res = this.response;
    this.failed = true;
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    (res as { statusMessage: string | undefined }).statusMessage = undefined;
    this.ownWriteHead.call(res, 500);
    this.endOwn();
  }

  sendData(chunk: Uint8Array, endStream: boolean): void {
    if (this.failed) return;
    const res = this.response;
    if (endStream) {
      // In HTTP/2's compatibility layer `end` with a chunk calls `write`, which is ours here.
      if (chunk.length > 0 && this.http2) this.ownWrite.call(res, chunk);
      else if (chunk.length > 0) {
        this.endOwn(chunk);
        return;
      }
      this.endOwn();
    } else if (chunk.length > 0 && !this.ownWrite.call(res, chunk)) this.full = true;
  }

  sendTrailers(trailers: HeaderMap): void {
    if (this.failed) return;
    const fields = sendableTrailers(trailers.pairs);
    if (fields.size > 0) this.ownAddTrailers.call(this.response, Object.fromEntries(fields));
    this.endOwn();
  }

  /** Breaks the response off. */
  destroy(): void {
    breakOff(this.response as NodeResponse);
  }
}

function bytesOfChunk(chunk: WritableChunk, encoding: Encoding): Uint8Array {
  if (chunk === null || chunk === undefined) return NOTHING;
  if (typeof chunk === "string") return Buffer.from(chunk, encoding ?? "utf8") as Uint8Array;
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError(`a response's chunk must be a string or bytes, not ${typeof chunk}`);
}

function sameValue(now: string | number | readonly string[] | undefined, wanted: string | string[]): boolean {
  if (typeof now === "string" || typeof now === "number") return String(now) === wanted;
  return (
    Array.isArray(now) &&
    Array.isArray(wanted) &&
    now.length === wanted.length &&
    wanted.every((value, i) => value === now[i])
  );
}
