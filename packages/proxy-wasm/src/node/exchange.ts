import type { Socket } from "node:net";
import { type OptionNames, readOptions } from "@wardian/runtime/options";
import type { HeaderMap } from "../abi/header-map.ts";
import type { PropertyValue } from "../abi/property.ts";
import { HttpStream, type HttpStreamOptions, type HttpStreamSink, httpStreamNames } from "../http/http-stream.ts";
import type { StreamObserver } from "../http/stream-observer.ts";
import type { Plugin } from "../vm/plugin.ts";
import { connectionInfo } from "./connection.ts";
import { setStream } from "./fail.ts";
import { hasBody, type NodeRequest, type NodeResponse, requestHeaders } from "./headers.ts";
import { RequestSide, showHeaders, tellReaders } from "./request-side.ts";
import { ResponseSide } from "./response-side.ts";
import { watchSession } from "./session-watch.ts";

export interface NodeFilterOptions extends HttpStreamOptions {
  /** More properties for the plugins of a request: `route_name`, `metadata` and others. */
  readonly properties?: (request: NodeRequest) => { readonly [name: string]: PropertyValue };
  /** Who hears of the callbacks of a request's plugins: nobody, if nothing is said. */
  readonly observe?: (request: NodeRequest) => StreamObserver | undefined;
}

export const nodeFilterNames: OptionNames<NodeFilterOptions> = { ...httpStreamNames, properties: true, observe: true };

/** One request of a Node server and its response, on their way through plugins. */
class Exchange implements HttpStreamSink {
  readonly stream: HttpStream;
  private readonly request: NodeRequest;
  private readonly response: ResponseSide;
  private readonly handle: () => void;
  private readonly body: boolean;
  /** Where the body goes through the plugins: only where there is one, and somebody looks at it or holds it up. */
  private side: RequestSide | undefined = undefined;
  private handled = false;

  constructor(
    plugins: readonly Plugin[],
    request: NodeRequest,
    response: NodeResponse,
    handle: () => void,
    options: NodeFilterOptions,
  ) {
    this.request = request;
    this.handle = handle;
    this.body = hasBody(request);
    const connection = connectionInfo(request.socket);
    const http2 = request.httpVersionMajor >= 2;
    const protocol = http2 ? "HTTP/2" : `HTTP/${request.httpVersion}`;
    const properties = options.properties?.(request);
    const observer = options.observe?.(request);
    this.stream = new HttpStream(plugins, this, { connection, protocol, properties, observer }, options);
    this.response = new ResponseSide(response, request.method === "HEAD", http2, this.stream);
    setStream(response, this.stream);
    whenOver(request, response, this.stream);
    this.stream.receiveRequestHeaders(requestHeaders(request, connection.tls !== undefined), !this.body);
    if (!this.handled) this.hook();
  }

  private hook(): void {
    if (this.body) this.side ??= new RequestSide(this.request, this.stream);
  }

  requestHeaders(headers: HeaderMap, endStream: boolean): void {
    // Those that come after these plugins must stand behind them.
    if (this.stream.request.watchesBody) this.hook();
    // A plugin has ended the request with its headers, whatever still comes.
    const cut = endStream && this.body;
    if (cut) headers.remove("content-length");
    showHeaders(this.request, headers, !endStream);
    if (cut) this.side?.cut();
    this.handled = true;
    try {
      this.handle();
    } catch (error) {
      // As if the server had called the handler: an error that it throws is nobody's to catch.
      process.nextTick(() => {
        throw error;
      });
    }
  }

  requestData(chunk: Uint8Array, endStream: boolean): void {
    this.side?.data(chunk, endStream);
  }

  requestTrailers(trailers: HeaderMap): void {
    this.side?.trailers(trailers);
  }

  requestStopped(): void {
    if (!this.handled) this.hook();
    this.side?.drop();
    if (this.handled) tellReaders(this.request);
  }

  responseHeaders(headers: HeaderMap, endStream: boolean): void {
    this.response.sendHeaders(headers, endStream);
  }

  responseData(chunk: Uint8Array, endStream: boolean): void {
    this.response.sendData(chunk, endStream);
  }

  responseTrailers(trailers: HeaderMap): void {
    this.response.sendTrailers(trailers);
  }

  readRequest(on: boolean): void {
    this.side?.want(on);
  }

  readResponse(on: boolean): void {
    this.response.want(on);
  }

  reset(): void {
    this.response.destroy();
  }
}

/** Streams that a socket's end ends: one listener for all requests that wait on it, whose responses may not yet have been its own. */
const waiting = new WeakMap<Socket, HttpStream[]>();

/** Finishes a stream when the response has been sent or its connection is gone. */
function whenOver(request: NodeRequest, response: NodeResponse, stream: HttpStream): void {
  const streams = waiting.get(request.socket) ?? watch(request.socket);
  const session = "stream" in request ? request.stream?.session : undefined;
  if (session != null) watchSession(session);
  streams.push(stream);
  response.on("close", () => {
    const at = streams.indexOf(stream);
    if (at >= 0) streams.splice(at, 1);
    stream.finish();
  });
}

function watch(socket: Socket): HttpStream[] {
  const streams: HttpStream[] = [];
  waiting.set(socket, streams);
  socket.once("close", () => {
    for (const stream of streams.splice(0)) stream.finish();
  });
  return streams;
}

/**
 * Sends a request and its response through plugins.
 *
 * @param handle called when the plugins have let the request's headers pass; not called when they answer themselves
 * @throws TypeError for an option that is not known
 */
export function filterExchange(
  plugins: readonly Plugin[],
  request: NodeRequest,
  response: NodeResponse,
  handle: () => void,
  given?: NodeFilterOptions,
): HttpStream {
  const options = readOptions("filterExchange", nodeFilterNames, given);
  return new Exchange(plugins, request, response, handle, options).stream;
}
