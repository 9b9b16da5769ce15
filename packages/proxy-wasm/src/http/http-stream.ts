import { type OptionNames, readOptions } from "@wardian/runtime/options";
import type { Status } from "../abi/constants.ts";
import { PluginError } from "../abi/errors.ts";
import { HeaderMap } from "../abi/header-map.ts";
import type { PropertyValue } from "../abi/property.ts";
import type { PluginThread } from "../threads/plugin-thread.ts";
import type { LocalResponse } from "../vm/context.ts";
import { Plugin } from "../vm/plugin.ts";
import { StoredProperties } from "../vm/stored-properties.ts";
import { RequestLine } from "./framing.ts";
import { Half } from "./half.ts";
import type { ContextStream } from "./http-context.ts";
import { replyMessage, textReply } from "./local-reply.ts";
import type { StreamContext } from "./stream-context.ts";
import { RequestEnd, ResponseEnd } from "./stream-ends.ts";
import type { StreamInfo } from "./stream-info.ts";
import { type StreamFacts, streamProperty } from "./stream-properties.ts";

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

export const httpStreamNames: OptionNames<HttpStreamOptions> = { bufferLimit: true, lenientMaps: true };

/**
 * One request and its response on their way through plugins, whatever server and client stand at the ends: the request passes them in
 * order, the response in the opposite one.
 */
export class HttpStream implements ContextStream, StreamFacts {
  readonly request: Half;
  readonly response: Half;
  readonly options: HttpStreamOptions;
  /** A plugin has changed what routing may depend on. */
  routeCacheCleared = false;
  /** Why the proxy answered by itself, for access logs; undefined when it did not. */
  responseDetails: string | undefined = undefined;

  readonly info: StreamInfo;
  readonly started: Date = new Date();
  finishedAt: Date | undefined = undefined;
  /** The request line as it came, before any plugin. */
  requestLine: RequestLine = new RequestLine(new HeaderMap());
  /** The server changes the protocol: no body of its response comes that headers could wait for. */
  switching = false;
  sentHeaders: HeaderMap | undefined = undefined;
  sentBytes = 0n;

  private readonly contexts: StreamContext[] = [];
  private readonly sink: HttpStreamSink;
  private readonly responseEnd: ResponseEnd;
  private readonly plugins: readonly Plugin[];
  private readonly stored = new StoredProperties();
  private replied = false;
  private finished = false;

  /** @throws TypeError for an option that is not known */
  constructor(plugins: readonly Plugin[], sink: HttpStreamSink, info: StreamInfo, given?: HttpStreamOptions) {
    const options = readOptions("HttpStream", httpStreamNames, given);
    this.plugins = plugins;
    this.sink = sink;
    this.info = info;
    this.options = options;
    this.request = new Half(new RequestEnd(this, sink));
    this.responseEnd = new ResponseEnd(this, sink);
    this.response = new Half(this.responseEnd);
  }

  /** The request begins: contexts are made, and the plugins are shown the headers. */
  receiveRequestHeaders(headers: HeaderMap, endStream: boolean): void {
    this.requestLine = new RequestLine(headers);
    this.request.headers = headers;
    for (const plugin of this.plugins) {
      try {
        if (!(plugin instanceof Plugin)) throw new TypeError("a plugin must come from PluginHost.load");
        const context = plugin.openHttp(this, this.thread);
        if (context !== undefined) this.contexts.push(context);
      } catch (error) {
        if (!(error instanceof PluginError)) throw error;
        this.contexts.length = 0;
        this.refuse();
        return;
      }
    }
    for (const context of this.contexts) {
      this.request.add(context.request);
      this.response.addFirst(context.response);
    }
    for (const context of this.contexts) {
      context.open();
      if (this.replied) return;
    }
    this.request.headers = undefined;
    this.request.receiveHeaders(headers, endStream);
  }

  /** The thread in which plugins of the stream run. Plugins meet in one thread, where they may share a VM. */
  private get thread(): PluginThread | undefined {
    return this.contexts.find(({ thread }) => thread !== undefined)?.thread;
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

  /** Whether the response has no body, whatever its headers state. Known once its headers have passed the plugins. */
  get isBodiless(): boolean {
    return this.responseEnd.bodiless;
  }

  /** Whether the server's response is not wanted: the proxy has answered by itself, or the stream is over. */
  get answered(): boolean {
    return this.replied || this.finished;
  }

  /**
   * Answers in the server's place, as Envoy's filter manager does:
   *
   * - A local reply to a request without a response passes the plugins as a server's response would.
   * - A local reply replaces a response whose headers have not been sent. It passes no plugin.
   * - Once the headers have been sent, a local reply breaks the stream off.
   * - Once the whole response has been sent, a local reply has no effect.
   */
  localReply(response: LocalResponse): void {
    if (this.finished || this.responseEnd.complete) return;
    this.responseDetails = response.details;
    if (this.sentHeaders !== undefined) {
      this.reset();
      return;
    }
    // The plugins may make a reply that passes them one that cannot be sent. Another reply replaces it then.
    const requestDone = this.request.done || this.replied;
    this.replied = true;
    const requestHeaders = this.request.headers;
    this.request.close();
    if (!requestDone) this.sink.requestStopped();
    const { headers, body } = replyMessage(response, requestHeaders);
    if (this.response.begun) {
      this.response.close();
      this.responseEnd.headers(headers, body.length === 0);
      if (body.length > 0) this.responseEnd.data(body, true);
      return;
    }
    this.response.receiveHeaders(headers, body.length === 0);
    if (body.length > 0) this.response.receiveData(body, true);
  }

  /** Plugins have made the request's body another length than its headers state, which have gone. */
  failRequestBody(): void {
    if (this.responseEnd.complete) this.reset();
    else this.localReply(textReply(500, "filter_changed_body_length", "Internal Server Error"));
  }

  /** A plugin has failed, and its policy is to let nothing pass. */
  refuse(): void {
    this.localReply(textReply(503, "wasm_fail_stream", ""));
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

  /** What plugins have stored. */
  get storedProperties(): Iterable<readonly [key: string, value: Uint8Array]> {
    return this.stored;
  }

  /** @param by the context in another thread that has it already */
  setProperty(key: string, value: Uint8Array, by?: StreamContext): Status {
    const status = this.stored.set(key, value);
    for (const context of this.contexts) if (context !== by) context.storeProperty(key, value);
    return status;
  }

  /** What the stream knows of itself: what plugins have stored, then Envoy's attributes, then what the host was given. */
  property(key: string, path: readonly string[]): PropertyValue {
    return this.stored.get(key) ?? streamProperty(this, path);
  }
}
