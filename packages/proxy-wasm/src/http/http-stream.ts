import { bytesOf, encodeUtf8 } from "../abi/bytes.ts";
import type { Status } from "../abi/constants.ts";
import { PluginError } from "../abi/errors.ts";
import type { HeaderMap } from "../abi/header-map.ts";
import { descend, type PropertyValue } from "../abi/property.ts";
import type { LocalResponse } from "../vm/context.ts";
import type { Plugin } from "../vm/plugin.ts";
import { StoredProperties } from "../vm/stored-properties.ts";
import { Half, REQUEST_NAMES, RESPONSE_NAMES } from "./half.ts";
import { HttpContext } from "./http-context.ts";
import { replyMessage } from "./local-reply.ts";
import { connectionProperty, type StreamInfo } from "./stream-info.ts";

/** Where a stream's messages go when the plugins have let them pass. Called in HTTP's order: headers, data, trailers. */
export interface HttpStreamSink {
  requestHeaders(headers: HeaderMap, endStream: boolean): void;
  requestData(chunk: Uint8Array, endStream: boolean): void;
  requestTrailers(trailers: HeaderMap): void;
  /** The request will not go on: it was answered, or broken off, by the plugins. */
  requestStopped(): void;
  responseHeaders(headers: HeaderMap, endStream: boolean): void;
  responseData(chunk: Uint8Array, endStream: boolean): void;
  responseTrailers(trailers: HeaderMap): void;
  /** The client is to stop sending its body, or to go on. */
  readRequest(on: boolean): void;
  /** The server is to stop sending its body, or to go on. */
  readResponse(on: boolean): void;
  /** Breaks the stream off. */
  reset(): void;
}

export interface HttpStreamOptions {
  /** Bytes of a body that a plugin may hold back: beyond it the client gets 413, or 500 for a response. By default 1 MiB, as in Envoy. */
  readonly bufferLimit?: number;
  /** Leave headers readable and writable after they have gone on; changes then have no effect. Envoy does not. Default false. */
  readonly lenientMaps?: boolean;
}

const DEFAULT_BUFFER_LIMIT = 1024 * 1024;

function reply(status: number, details: string, body: string): LocalResponse {
  return { status, details, headers: [], body: encodeUtf8(body), grpcStatus: -1 };
}

/**
 * One request and its response on their way through plugins, whatever server and client stand at the ends: the request passes them in
 * order, the response in the opposite one.
 */
export class HttpStream {
  readonly request: Half;
  readonly response: Half;
  readonly options: HttpStreamOptions;
  /** A plugin has changed what routing may depend on. */
  routeCacheCleared = false;
  /** Why the proxy answered by itself, for access logs; undefined when it did not. */
  responseDetails: string | undefined = undefined;

  private readonly contexts: HttpContext[] = [];
  private readonly sink: HttpStreamSink;
  private readonly info: StreamInfo;
  private readonly plugins: readonly Plugin[];
  private readonly started = new Date();
  private finishedAt: Date | undefined = undefined;
  private readonly stored = new StoredProperties();
  private replied = false;
  private headersSent = false;
  private sentBytes = 0n;
  private finished = false;

  constructor(plugins: readonly Plugin[], sink: HttpStreamSink, info: StreamInfo, options: HttpStreamOptions = {}) {
    this.plugins = plugins;
    this.sink = sink;
    this.info = info;
    this.options = options;
    const limit = options.bufferLimit ?? DEFAULT_BUFFER_LIMIT;
    this.request = new Half(
      REQUEST_NAMES,
      [],
      {
        headers: (headers, end) => sink.requestHeaders(headers, end),
        data: (chunk, end) => sink.requestData(chunk, end),
        trailers: (trailers) => sink.requestTrailers(trailers),
        read: (on) => sink.readRequest(on),
        tooLarge: () => this.replyWith(reply(413, "request_payload_too_large", "Payload Too Large")),
      },
      limit,
    );
    this.response = new Half(
      RESPONSE_NAMES,
      [],
      {
        headers: (headers, end) => this.sendHeaders(headers, end),
        data: (chunk, end) => this.sendData(chunk, end),
        trailers: (trailers) => sink.responseTrailers(trailers),
        read: (on) => sink.readResponse(on),
        tooLarge: () => this.replyWith(reply(500, "response_payload_too_large", "Internal Server Error")),
      },
      limit,
    );
  }

  /** The request begins: contexts are made, and the plugins are shown the headers. */
  receiveRequestHeaders(headers: HeaderMap, endStream: boolean): void {
    this.request.headers = headers;
    for (const plugin of this.plugins) {
      try {
        const root = plugin.rootForStream();
        if (root !== undefined) this.contexts.push(new HttpContext(this, plugin, root));
      } catch (error) {
        if (!(error instanceof PluginError)) throw error;
        this.contexts.length = 0;
        this.refuse();
        return;
      }
    }
    for (const context of this.contexts) {
      this.request.stages.push(context.request);
      this.response.stages.unshift(context.response);
    }
    for (const context of this.contexts) {
      context.open();
      if (this.replied) return;
    }
    this.request.headers = undefined;
    this.request.receiveHeaders(headers, endStream);
  }

  receiveRequestData(chunk: Uint8Array, endStream: boolean): void {
    this.request.receiveData(chunk, endStream);
  }

  receiveRequestTrailers(trailers: HeaderMap): void {
    this.request.receiveTrailers(trailers);
  }

  /** The server answers. After a reply of the proxy's own its answer is dropped. */
  receiveResponseHeaders(headers: HeaderMap, endStream: boolean): void {
    if (!this.replied) this.response.receiveHeaders(headers, endStream);
  }

  receiveResponseData(chunk: Uint8Array, endStream: boolean): void {
    if (!this.replied) this.response.receiveData(chunk, endStream);
  }

  receiveResponseTrailers(trailers: HeaderMap): void {
    if (!this.replied) this.response.receiveTrailers(trailers);
  }

  /** Whether a plugin may still answer in the server's place. */
  get canRespond(): boolean {
    return !this.replied && !this.announced && !this.headersSent && !this.finished;
  }

  private announced = false;

  /** A plugin has answered in the call that runs: a second answer is too late. */
  announceReply(): void {
    this.announced = true;
  }

  /** Whether the proxy has answered by itself. */
  get answered(): boolean {
    return this.replied;
  }

  /**
   * Answers in the server's place. An answer to a request that no server has answered yet passes the plugins as the server's would; one that
   * replaces the server's answer does not.
   */
  localReply(response: LocalResponse): void {
    if (this.replied || this.finished) return;
    if (this.headersSent) {
      this.reset();
      return;
    }
    this.replied = true;
    this.responseDetails = response.details;
    const requestDone = this.request.done;
    const requestHeaders = this.request.headers;
    this.request.close();
    if (!requestDone) this.sink.requestStopped();
    const { headers, body } = replyMessage(response, requestHeaders);
    if (this.response.begun) {
      this.response.close();
      this.sendHeaders(headers, body.length === 0);
      if (body.length > 0) this.sendData(body, true);
      return;
    }
    this.response.receiveHeaders(headers, body.length === 0);
    if (body.length > 0) this.response.receiveData(body, true);
  }

  /** Answers for the host itself, also in place of a plugin's answer that has not been sent. */
  private replyWith(response: LocalResponse): void {
    if (this.finished) return;
    if (this.headersSent) this.reset();
    else if (this.replied) {
      this.response.close();
      const { headers, body } = replyMessage(response, this.request.headers);
      this.sendHeaders(headers, body.length === 0);
      if (body.length > 0) this.sendData(body, true);
    } else this.localReply(response);
  }

  /** A plugin has failed, and its policy is to let nothing pass. */
  refuse(): void {
    this.replyWith(reply(503, "wasm_fail_stream", ""));
  }

  /** A plugin has failed, and its policy is to go on without it. */
  passOver(context: HttpContext): void {
    this.request.bypass(context.request);
    this.response.bypass(context.response);
  }

  /** Breaks the stream off. */
  reset(): void {
    if (this.finished) return;
    this.request.close();
    this.response.close();
    this.sink.reset();
    this.finish();
  }

  /** The stream has ended, well or not: plugins log it and forget it. May be called more than once. */
  finish(): void {
    if (this.finished) return;
    this.finished = true;
    this.finishedAt = new Date();
    this.request.close();
    this.response.close();
    for (const context of this.contexts) context.close();
  }

  private sendHeaders(headers: HeaderMap, endStream: boolean): void {
    this.headersSent = true;
    this.sentHeaders = headers;
    this.sink.responseHeaders(headers, endStream);
  }

  private sentHeaders: HeaderMap | undefined = undefined;

  private sendData(chunk: Uint8Array, endStream: boolean): void {
    this.sentBytes += BigInt(chunk.length);
    this.sink.responseData(chunk, endStream);
  }

  setProperty(key: string, value: Uint8Array): Status {
    return this.stored.set(key, value);
  }

  /** What the stream knows of itself: what plugins have stored, then Envoy's attributes, then what the host was given. */
  property(key: string, path: readonly string[]): PropertyValue {
    const stored = this.stored.get(key);
    if (stored !== undefined) return stored;
    switch (path[0]) {
      case "request":
        return this.requestProperty(path);
      case "response":
        return this.responseProperty(path);
      case "source":
      case "destination":
      case "connection":
      case "connection_id":
        return connectionProperty(this.info.connection, path);
    }
    return this.info.properties === undefined ? undefined : descend(this.info.properties, path);
  }

  private requestProperty(path: readonly string[]): PropertyValue {
    const { headers } = this.request;
    if (headers === undefined) return undefined;
    const header = (name: string): PropertyValue => {
      const value = headers.get(name);
      return value === undefined ? undefined : bytesOf(value);
    };
    const query = (headers.get(":path") ?? "").indexOf("?");
    switch (path[1]) {
      case "path":
        return header(":path");
      case "url_path":
        return query < 0 ? header(":path") : bytesOf((headers.get(":path") as string).slice(0, query));
      case "query":
        return query < 0 ? "" : bytesOf((headers.get(":path") as string).slice(query + 1).replace(/#.*/s, ""));
      case "host":
        return header(":authority");
      case "scheme":
        return header(":scheme");
      case "method":
        return header(":method");
      case "referer":
        return header("referer");
      case "useragent":
        return header("user-agent");
      case "id":
        return header("x-request-id");
      case "protocol":
        return this.info.protocol;
      case "headers":
        return descend(headers, path, 2);
      case "headers_bytes":
        return BigInt(headers.byteSize);
      case "size":
        return BigInt(this.request.bytes);
      case "total_size":
        return BigInt(this.request.bytes + headers.byteSize + (this.request.trailers?.byteSize ?? 0));
      case "time":
        return this.started;
      case "duration":
        return this.finishedAt === undefined
          ? undefined
          : BigInt(this.finishedAt.getTime() - this.started.getTime()) * 1_000_000n;
    }
    return undefined;
  }

  private responseProperty(path: readonly string[]): PropertyValue {
    const headers = this.sentHeaders ?? this.response.headers;
    const { trailers } = this.response;
    switch (path[1]) {
      case "code": {
        const status = headers?.get(":status");
        return status === undefined ? undefined : BigInt(Number.parseInt(status, 10) || 0);
      }
      case "code_details":
        return this.responseDetails ?? (headers === undefined ? undefined : "via_upstream");
      case "flags":
        return 0n;
      case "grpc_status": {
        const status = trailers?.get("grpc-status") ?? headers?.get("grpc-status");
        return status === undefined || !/^\d+$/.test(status) ? undefined : BigInt(status);
      }
      case "headers":
        return headers === undefined ? undefined : descend(headers, path, 2);
      case "trailers":
        return trailers === undefined ? undefined : descend(trailers, path, 2);
      case "headers_bytes":
        return BigInt(headers?.byteSize ?? 0);
      case "size":
        return this.sentBytes;
      case "total_size":
        return this.sentBytes + BigInt((headers?.byteSize ?? 0) + (trailers?.byteSize ?? 0));
    }
    return undefined;
  }
}
