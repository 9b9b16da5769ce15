import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { HeaderMap } from "../abi/header-map.ts";
import { HttpStream, type HttpStreamSink } from "../http/http-stream.ts";
import type { Plugin } from "../vm/plugin.ts";
import { connectionInfo } from "./connection.ts";
import type { NodeFilterOptions } from "./exchange.ts";
import { isConnectionHeader, requestHeaders } from "./headers.ts";
import { showHeaders } from "./request-side.ts";

/** A line of a header must not end the header. */
const unsafe = (text: string): boolean => /[\r\n\0]/.test(text);

/**
 * A request to change the protocol, such as to WebSocket, on its way through plugins: they see its headers, may change them, and may
 * answer in the server's place. What is said in the other protocol is none of HTTP, and none of theirs.
 */
class Upgrade implements HttpStreamSink {
  private readonly request: IncomingMessage;
  private readonly socket: Duplex;
  private readonly handle: () => void;

  constructor(
    plugins: readonly Plugin[],
    request: IncomingMessage,
    socket: Duplex,
    handle: () => void,
    options: NodeFilterOptions,
  ) {
    this.request = request;
    this.socket = socket;
    this.handle = handle;
    const connection = connectionInfo(request.socket);
    const info = {
      connection,
      protocol: `HTTP/${request.httpVersion}`,
      properties: options.properties?.(request),
      observer: options.observe?.(request),
    };
    const stream = new HttpStream(plugins, this, info, options);
    socket.once("close", () => stream.finish());
    // A client that breaks off while a plugin waits is no failure of the server.
    socket.on("error", () => stream.finish());
    stream.receiveRequestHeaders(requestHeaders(request, connection.tls !== undefined), false);
  }

  requestHeaders(headers: HeaderMap): void {
    showHeaders(this.request, headers, false);
    this.handle();
  }

  responseHeaders(headers: HeaderMap, endStream: boolean): void {
    const status = Number(headers.get(":status"));
    const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`, "connection: close"];
    for (const [name, value] of headers)
      if (!name.startsWith(":") && !isConnectionHeader(name)) lines.push(`${name}: ${value}`);
    const safe = status >= 200 && status <= 999 && !lines.some(unsafe);
    const head = safe ? lines.join("\r\n") : "HTTP/1.1 500 Internal Server Error\r\nconnection: close";
    this.socket.write(`${head}\r\n\r\n`, "latin1");
    if (endStream || !safe) this.socket.end();
  }

  responseData(chunk: Uint8Array, endStream: boolean): void {
    if (this.socket.writableEnded) return;
    if (chunk.length > 0) this.socket.write(chunk);
    if (endStream) this.socket.end();
  }

  responseTrailers(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.destroy();
  }

  requestData(): void {}
  requestTrailers(): void {}
  requestStopped(): void {}
  readRequest(): void {}
  readResponse(): void {}
}

/** Sends a request to change the protocol through plugins. @param handle called when they have let it pass */
export function filterUpgrade(
  plugins: readonly Plugin[],
  request: IncomingMessage,
  socket: Duplex,
  handle: () => void,
  options: NodeFilterOptions,
): void {
  new Upgrade(plugins, request, socket, handle, options);
}
