import { type OptionNames, readOptions } from "@wardian/runtime/options";
import { HeaderMap } from "../abi/header-map.ts";
import type { PropertyValue } from "../abi/property.ts";
import { correctLength } from "../http/framing.ts";
import { HttpStream, type HttpStreamOptions, type HttpStreamSink, httpStreamNames } from "../http/http-stream.ts";
import { textReply } from "../http/local-reply.ts";
import type { ConnectionInfo } from "../http/stream-info.ts";
import type { StreamObserver } from "../http/stream-observer.ts";
import type { PluginChain } from "../node/middleware.ts";
import { finalStatus, type SendableHeaders, sendableHeaders } from "../node/sendable.ts";
import type { Plugin } from "../vm/plugin.ts";
import { Pump } from "./pump.ts";
import { FetchUrl } from "./url.ts";

export interface FetchFilterOptions<Rest extends unknown[]> extends HttpStreamOptions {
  /** What is known of a request's connection; by default nothing but a number. */
  readonly connection?: (request: Request, ...rest: Rest) => ConnectionInfo;
  /** More properties for the plugins of a request. */
  readonly properties?: (request: Request, ...rest: Rest) => { readonly [name: string]: PropertyValue };
  /** Who hears of the callbacks of a request's plugins: nobody, if nothing is said. */
  readonly observe?: (request: Request, ...rest: Rest) => StreamObserver | undefined;
}

const names: OptionNames<FetchFilterOptions<unknown[]>> = {
  ...httpStreamNames,
  connection: true,
  properties: true,
  observe: true,
};

/** A function from requests to responses, as Hono, Deno, Bun and Workers call it. */
export type FetchHandler<Rest extends unknown[]> = (request: Request, ...rest: Rest) => Response | Promise<Response>;

let lastConnection = 0n;

/** A response that has no body, whatever it says. */
const bodiless = (status: number): boolean => status === 101 || status === 204 || status === 205 || status === 304;

function mapOf(pseudo: readonly (readonly [string, string])[], headers: Headers, leaveOut: string): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of pseudo) map.add(name, value);
  headers.forEach((value, name) => {
    if (name !== leaveOut && name !== "set-cookie") map.add(name, value);
  });
  for (const cookie of headers.getSetCookie()) map.add("set-cookie", cookie);
  map.modified = false;
  return map;
}

function headersOf(map: HeaderMap): Headers {
  const headers = new Headers();
  for (const [name, value] of map) if (!name.startsWith(":")) headers.append(name, value);
  return headers;
}

/** @throws TypeError for headers that cannot be sent */
function fetchHeaders(fields: SendableHeaders | undefined): Headers {
  if (fields === undefined) throw new TypeError("the headers cannot be sent");
  const headers = new Headers();
  for (const [name, value] of fields) for (const one of [value].flat()) headers.append(name, one);
  return headers;
}

/** One side's body on its way out: a stream that asks for more when it is read. */
class Outgoing {
  readonly stream: ReadableStream<Uint8Array>;
  private controller!: ReadableStreamDefaultController<Uint8Array>;
  private over = false;

  constructor(wants: (on: boolean) => void, cancelled: () => void) {
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.controller = controller;
      },
      pull: () => wants(true),
      cancel: () => {
        this.over = true;
        cancelled();
      },
    });
    this.wants = wants;
  }

  private readonly wants: (on: boolean) => void;

  send(chunk: Uint8Array, endStream: boolean): void {
    if (this.over) return;
    if (chunk.length > 0) this.controller.enqueue(chunk);
    if (endStream) this.end();
    else if ((this.controller.desiredSize ?? 1) <= 0) this.wants(false);
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    this.controller.close();
  }

  fail(error: unknown): void {
    if (this.over) return;
    this.over = true;
    this.controller.error(error);
  }
}

class FetchExchange<Rest extends unknown[]> implements HttpStreamSink {
  readonly response: Promise<Response>;
  private readonly stream: HttpStream;
  private readonly request: Request;
  private readonly url: FetchUrl;
  private readonly call: (request: Request) => Response | Promise<Response>;
  private readonly incoming: Pump | undefined;
  private answering: Pump | undefined = undefined;
  private requestBody: Outgoing | undefined = undefined;
  private responseBody: Outgoing | undefined = undefined;
  private resolve!: (response: Response) => void;
  private reject!: (error: unknown) => void;

  constructor(
    plugins: readonly Plugin[],
    request: Request,
    handler: FetchHandler<Rest>,
    rest: Rest,
    options: FetchFilterOptions<Rest>,
  ) {
    this.request = request;
    this.call = (filtered) => handler(filtered, ...rest);
    this.response = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    const connection = options.connection?.(request, ...rest) ?? { id: ++lastConnection };
    const properties = options.properties?.(request, ...rest);
    const observer = options.observe?.(request, ...rest);
    this.stream = new HttpStream(plugins, this, { connection, protocol: "HTTP/1.1", properties, observer }, options);
    const { body } = request;
    if (body !== null)
      this.incoming = new Pump(
        body,
        (chunk) => this.stream.receiveRequestData(chunk, false),
        (error) => {
          if (error === undefined) this.stream.receiveRequestData(new Uint8Array(0), true);
          else this.stream.reset();
        },
      );
    request.signal.addEventListener("abort", () => this.stream.reset(), { once: true });
    this.url = new FetchUrl(request);
    const headers = mapOf(
      [
        [":authority", this.url.authority],
        [":path", this.url.path],
        [":method", request.method],
        [":scheme", this.url.scheme],
      ],
      request.headers,
      "host",
    );
    this.stream.receiveRequestHeaders(headers, body === null);
    this.incoming?.start();
  }

  requestHeaders(headers: HeaderMap, endStream: boolean): void {
    void this.handle(headers, endStream);
  }

  private async handle(headers: HeaderMap, endStream: boolean): Promise<void> {
    try {
      const request = this.filteredRequest(headers, endStream);
      if (request === undefined) {
        this.stream.localReply(textReply(503, "filter_invalid_request_headers", ""));
        return;
      }
      const response = await this.call(request);
      if (this.stream.answered) {
        await response.body?.cancel();
        return;
      }
      const { body, status } = response;
      const map = mapOf([[":status", String(status)]], response.headers, "");
      if (body !== null)
        this.answering = new Pump(
          body,
          (chunk) => this.stream.receiveResponseData(chunk, false),
          (error) => {
            if (error === undefined) this.stream.receiveResponseData(new Uint8Array(0), true);
            else this.fail(error);
          },
        );
      this.stream.receiveResponseHeaders(map, body === null);
      this.answering?.start();
    } catch (error) {
      this.fail(error);
    }
  }

  /** @returns undefined when plugins have made it a request that `fetch` does not have */
  private filteredRequest(headers: HeaderMap, endStream: boolean): Request | undefined {
    // A plugin may have ended a request before its body, without another change.
    if (!headers.modified && endStream && this.incoming === undefined) return this.request;
    if (endStream) correctLength(headers, 0);
    const url = this.url.filtered(headers);
    if (url === undefined) return undefined;
    const own = headersOf(headers);
    if (this.request.headers.has("host")) own.set("host", headers.get(":authority") ?? "");
    if (!endStream)
      this.requestBody = new Outgoing(
        (on) => this.incoming?.want("reader", on),
        () => this.incoming?.cancel(),
      );
    const init: RequestInit & { duplex?: "half" } = {
      method: headers.get(":method"),
      headers: own,
      body: this.requestBody?.stream,
      duplex: "half",
      signal: this.request.signal,
    };
    try {
      return new Request(url, init);
    } catch {
      return undefined;
    }
  }

  requestData(chunk: Uint8Array, endStream: boolean): void {
    this.requestBody?.send(chunk, endStream);
  }

  /** Requests and responses of `fetch` have no trailers. */
  requestTrailers(): void {
    this.requestBody?.end();
  }

  requestStopped(): void {
    this.incoming?.cancel();
    this.requestBody?.fail(new Error("the request was answered by a plugin"));
  }

  responseHeaders(headers: HeaderMap, endStream: boolean): void {
    const status = finalStatus(headers.get(":status"));
    const fields = sendableHeaders(headers.pairs);
    if (!endStream && !bodiless(status))
      this.responseBody = new Outgoing(
        (on) => this.answering?.want("reader", on),
        () => {
          this.answering?.cancel();
          this.finish();
        },
      );
    try {
      this.resolve(new Response(this.responseBody?.stream ?? null, { status, headers: fetchHeaders(fields) }));
    } catch {
      // A plugin made headers that cannot be sent.
      this.resolve(new Response(null, { status: 500 }));
      this.answering?.cancel();
      this.responseBody = undefined;
    }
    if (this.responseBody === undefined) this.finish();
  }

  responseData(chunk: Uint8Array, endStream: boolean): void {
    this.responseBody?.send(chunk, endStream);
    if (endStream) this.finish();
  }

  responseTrailers(): void {
    this.responseBody?.end();
    this.finish();
  }

  readRequest(on: boolean): void {
    this.incoming?.want("plugins", on);
  }

  readResponse(on: boolean): void {
    this.answering?.want("plugins", on);
  }

  reset(): void {
    this.fail(new Error("the stream was broken off"));
  }

  private fail(error: unknown): void {
    this.reject(error);
    this.answering?.cancel();
    this.responseBody?.fail(error);
    this.finish(error);
  }

  /** Ends the exchange. A handler that still reads the request's body is told, and nobody sends more of it. */
  private finish(error: unknown = new Error("the exchange is over")): void {
    this.incoming?.cancel();
    this.requestBody?.fail(error);
    this.stream.finish();
  }
}

/**
 * Puts plugins before a function from requests to responses.
 *
 * ```ts
 * const handler = filterFetch([plugin], (request) => new Response(`hello from ${request.url}`));
 * ```
 * @throws TypeError for an option that is not known
 */
export function filterFetch<Rest extends unknown[]>(
  plugins: PluginChain,
  handler: FetchHandler<Rest>,
  given?: FetchFilterOptions<Rest>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  const options = readOptions<FetchFilterOptions<Rest>>("filterFetch", names, given);
  return async (request, ...rest) => {
    const chain = typeof plugins === "function" ? plugins() : plugins;
    if (chain.length === 0) return handler(request, ...rest);
    // An abort that has happened is not told again.
    request.signal.throwIfAborted();
    return new FetchExchange(chain, request, handler, rest, options).response;
  };
}
