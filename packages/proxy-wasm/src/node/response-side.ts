import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import { HeaderMap } from "../abi/header-map.ts";
import { isConnectionHeader, type NodeResponse } from "./headers.ts";

/** What a handler's answer is delivered to. */
export interface ResponseReceiver {
  headers(headers: HeaderMap, endStream: boolean): void;
  data(chunk: Uint8Array, endStream: boolean): void;
  trailers(trailers: HeaderMap): void;
}

type Callback = (error?: Error | null) => void;
/** What handlers pass where a callback may stand. */
type MaybeCallback = Callback | null | undefined;
type Encoding = BufferEncoding | null | undefined;
type WritableChunk = string | Uint8Array | null | undefined;

const NOTHING = new Uint8Array(0);

/**
 * Stands between a handler and a response object: what the handler writes goes to the plugins first, and what they let through is
 * written with the object's own methods.
 */
export class ResponseSide {
  private readonly response: ServerResponse;
  private readonly receiver: ResponseReceiver;
  private readonly isHead: boolean;
  private readonly own: {
    writeHead: (status: number) => unknown;
    write: (chunk: Uint8Array) => boolean;
    end: (chunk?: Uint8Array) => unknown;
    flushHeaders: (() => void) | undefined;
    addTrailers: (trailers: OutgoingHttpHeaders) => void;
  };
  private begun = false;
  private headCalled = false;
  private ended = false;
  private flushed = false;
  private sent = false;
  private pausedByPlugin = false;
  private full = false;
  private endTrailers: HeaderMap | undefined = undefined;

  constructor(response: NodeResponse, isHead: boolean, receiver: ResponseReceiver) {
    // Both kinds have the methods that are used here.
    const res = response as ServerResponse;
    this.response = res;
    this.receiver = receiver;
    this.isHead = isHead;
    this.own = {
      writeHead: res.writeHead.bind(res) as (status: number) => unknown,
      write: res.write.bind(res) as (chunk: Uint8Array) => boolean,
      end: res.end.bind(res) as (chunk?: Uint8Array) => unknown,
      flushHeaders: res.flushHeaders?.bind(res),
      addTrailers: res.addTrailers.bind(res) as (trailers: OutgoingHttpHeaders) => void,
    };
    res.on("drain", () => {
      this.full = false;
    });
    this.hook();
  }

  private hook(): void {
    const res = this.response;
    const set = (name: string, value: unknown): void => {
      Object.defineProperty(res, name, { value, configurable: true, enumerable: false, writable: true });
    };
    const get = (name: string, getter: () => unknown): void => {
      Object.defineProperty(res, name, { get: getter, configurable: true, enumerable: false });
    };
    set("writeHead", (status: number, ...rest: unknown[]) => {
      this.writeHead(status, rest);
      return res;
    });
    set("write", (chunk: WritableChunk, encoding?: Encoding | Callback, callback?: MaybeCallback) =>
      this.write(chunk, encoding, callback),
    );
    set("end", (chunk?: WritableChunk | Callback, encoding?: Encoding | Callback, callback?: MaybeCallback) => {
      this.end(chunk, encoding, callback);
      return res;
    });
    set("flushHeaders", () => {
      this.flushed = true;
      this.begin(false);
      if (this.sent) this.own.flushHeaders?.();
    });
    set("addTrailers", (trailers: OutgoingHttpHeaders | readonly (readonly [string, string])[]) => {
      const pairs = Array.isArray(trailers) ? trailers : Object.entries(trailers as OutgoingHttpHeaders);
      this.endTrailers ??= new HeaderMap();
      for (const [name, value] of pairs) this.endTrailers.add(String(name), String(value));
    });
    get("headersSent", () => this.begun || this.headCalled || this.sent);
    get("writableEnded", () => this.ended);
  }

  private writeHead(status: number, rest: unknown[]): void {
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
    const map = new HeaderMap();
    map.add(":status", String(this.response.statusCode));
    for (const [name, value] of Object.entries(this.response.getHeaders())) {
      if (value === undefined || name.startsWith(":") || isConnectionHeader(name)) continue;
      for (const one of [value].flat()) map.add(name, String(one));
    }
    map.modified = false;
    this.receiver.headers(map, endStream);
  }

  private get bodiless(): boolean {
    const { statusCode } = this.response;
    return this.isHead || statusCode === 204 || statusCode === 304;
  }

  private write(chunk: WritableChunk, encoding?: Encoding | Callback, callback?: MaybeCallback): boolean {
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
    if (!this.bodiless) this.receiver.data(bytes, false);
    if (typeof callback === "function") process.nextTick(callback, null);
    return !(this.pausedByPlugin || this.full);
  }

  private end(chunk?: WritableChunk | Callback, encoding?: Encoding | Callback, callback?: MaybeCallback): void {
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
        !res.hasHeader("transfer-encoding")
      )
        res.setHeader("content-length", bytes.length);
      const empty = bodiless || bytes.length === 0;
      this.begin(empty && trailers === undefined);
      if (!empty) this.receiver.data(bytes, trailers === undefined);
    } else this.receiver.data(this.bodiless ? NOTHING : bytes, trailers === undefined);
    if (trailers !== undefined) this.receiver.trailers(trailers);
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
    for (const name of res.getHeaderNames()) if (!isConnectionHeader(name)) res.removeHeader(name);
    const status = Number(headers.get(":status"));
    try {
      if (res.req.httpVersionMajor < 2 && status !== res.statusCode)
        (res as { statusMessage: string | undefined }).statusMessage = undefined;
      // Lists are the one form in which both versions of HTTP take several values of a name.
      const values = new Map<string, string[]>();
      for (const [name, value] of headers) {
        if (name.startsWith(":") || isConnectionHeader(name)) continue;
        const list = values.get(name);
        if (list === undefined) values.set(name, [value]);
        else list.push(value);
      }
      for (const [name, list] of values) res.setHeader(name, list.length === 1 ? list[0] : list);
      this.own.writeHead(status);
    } catch {
      this.sendInvalid();
      return;
    }
    if (endStream) this.own.end();
    else if (this.flushed) this.own.flushHeaders?.();
  }

  private failed = false;

  private sendInvalid(): void {
    const res = this.response;
    this.failed = true;
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    (res as { statusMessage: string | undefined }).statusMessage = undefined;
    this.own.writeHead(500);
    this.own.end();
  }

  sendData(chunk: Uint8Array, endStream: boolean): void {
    if (this.failed) return;
    if (endStream) {
      // In HTTP/2's compatibility layer `end` with a chunk calls `write`, which is ours here.
      if (chunk.length > 0 && this.response.req.httpVersionMajor >= 2) this.own.write(chunk);
      else if (chunk.length > 0) {
        this.own.end(chunk);
        return;
      }
      this.own.end();
    } else if (chunk.length > 0 && !this.own.write(chunk)) this.full = true;
  }

  sendTrailers(trailers: HeaderMap): void {
    if (this.failed) return;
    const object: OutgoingHttpHeaders = {};
    for (const [name, value] of trailers) if (!name.startsWith(":")) object[name] = value;
    try {
      this.own.addTrailers(object);
    } catch {
      // Trailers that a plugin made wrong are left out: the body is already there.
    }
    this.own.end();
  }

  /** Breaks the response off. */
  destroy(): void {
    const { stream } = this.response as unknown as Http2ServerResponse;
    if (this.response.req.httpVersionMajor >= 2 && stream !== undefined) stream.close(2);
    else this.response.destroy();
  }
}

function bytesOfChunk(chunk: WritableChunk, encoding: Encoding): Uint8Array {
  if (chunk === null || chunk === undefined) return NOTHING;
  if (typeof chunk === "string") return Buffer.from(chunk, encoding ?? "utf8") as Uint8Array;
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError(`a response's chunk must be a string or bytes, not ${typeof chunk}`);
}
