import type { Socket } from "node:net";
import type { HeaderMap } from "../abi/header-map.ts";
import type { PropertyValue } from "../abi/property.ts";
import { HttpStream, type HttpStreamOptions, type HttpStreamSink } from "../http/http-stream.ts";
import type { StreamObserver } from "../http/stream-observer.ts";
import type { Plugin } from "../vm/plugin.ts";
import { connectionInfo } from "./connection.ts";
import { type NodeRequest, type NodeResponse, requestHeaders } from "./headers.ts";
import { hasBody, RequestSide } from "./request-side.ts";
import { ResponseSide } from "./response-side.ts";

export interface NodeFilterOptions extends HttpStreamOptions {
  /** More properties for the plugins of a request: `route_name`, `metadata` and others. */
  readonly properties?: (request: NodeRequest) => { readonly [name: string]: PropertyValue };
  /** Who hears of the callbacks of a request's plugins: nobody, if nothing is said. */
  readonly observe?: (request: NodeRequest) => StreamObserver | undefined;
}

/** One request of a Node server and its response, on their way through plugins. */
class Exchange implements HttpStreamSink {
  readonly stream: HttpStream;
  private readonly response: ResponseSide;
  private readonly requestSide: RequestSide;
  private readonly handle: () => void;
  private handled = false;

  constructor(
    plugins: readonly Plugin[],
    request: NodeRequest,
    response: NodeResponse,
    handle: () => void,
    options: NodeFilterOptions,
  ) {
    this.handle = handle;
    const { socket } = request;
    const connection = connectionInfo(socket);
    const protocol = request.httpVersionMajor >= 2 ? "HTTP/2" : `HTTP/${request.httpVersion}`;
    const properties = options.properties?.(request);
    const observer = options.observe?.(request);
    this.stream = new HttpStream(plugins, this, { connection, protocol, properties, observer }, options);
    const { stream } = this;
    const body = hasBody(request);
    const headers = requestHeaders(request, connection.tls !== undefined);
    this.response = new ResponseSide(response, request.method === "HEAD", {
      headers: (map, end) => stream.receiveResponseHeaders(map, end),
      data: (chunk, end) => stream.receiveResponseData(chunk, end),
      trailers: (map) => stream.receiveResponseTrailers(map),
    });
    this.requestSide = new RequestSide(request, {
      data: (chunk, end) => {
        // The end of a request without a body is no news to the plugins, but to its readers.
        if (body) stream.receiveRequestData(chunk, end);
        else if (end) this.requestSide.data(chunk, true);
      },
      trailers: (map) => stream.receiveRequestTrailers(map),
    });
    whenOver(request, response, () => stream.finish());
    stream.receiveRequestHeaders(headers, !body);
    if (this.handled && !stream.answered && !stream.request.watchesBody) this.requestSide.letGo();
  }

  requestHeaders(headers: HeaderMap, endStream: boolean): void {
    this.requestSide.apply(headers, endStream);
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
    this.requestSide.data(chunk, endStream);
  }

  requestTrailers(trailers: HeaderMap): void {
    this.requestSide.trailers(trailers);
  }

  requestStopped(): void {
    this.requestSide.drop(this.handled);
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
    this.requestSide.want(on);
  }

  readResponse(on: boolean): void {
    this.response.want(on);
  }

  reset(): void {
    this.response.destroy();
  }
}

/** What to do when a socket closes: one listener for all requests that wait on it. */
const waiting = new WeakMap<Socket, Set<() => void>>();

/** Calls back once, when the response has been sent or its connection is gone. */
function whenOver(request: NodeRequest, response: NodeResponse, done: () => void): void {
  const { socket } = request;
  let set = waiting.get(socket);
  if (set === undefined) {
    const all = (set = new Set());
    waiting.set(socket, all);
    socket.once("close", () => {
      for (const over of all) over();
      all.clear();
    });
  }
  const over = (): void => {
    set.delete(over);
    done();
  };
  set.add(over);
  response.once("close", over);
}

/**
 * Sends a request and its response through plugins.
 *
 * @param handle called when the plugins have let the request's headers pass; not called when they answer themselves
 */
export function filterExchange(
  plugins: readonly Plugin[],
  request: NodeRequest,
  response: NodeResponse,
  handle: () => void,
  options: NodeFilterOptions = {},
): HttpStream {
  return new Exchange(plugins, request, response, handle, options).stream;
}
