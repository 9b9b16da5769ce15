import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { readOptions } from "@wardian/runtime/options";
import { encodeUtf8 } from "../abi/bytes.ts";
import { HeaderMap } from "../abi/header-map.ts";
import { HttpStream, type HttpStreamSink } from "../http/http-stream.ts";
import type { Plugin } from "../vm/plugin.ts";
import { connectionInfo } from "./connection.ts";
import { type NodeFilterOptions, nodeFilterNames } from "./exchange.ts";
import { resetConnection } from "./fail.ts";
import { isConnectionHeader, joined, rawPairs, requestHeaders } from "./headers.ts";
import { showHeaders } from "./request-side.ts";
import { finalStatus, nominatedBy, sendableHeaders, sendableTrailers, VALUE } from "./sendable.ts";

const SWITCHING = 101;

/**
 * A request to change the protocol, such as to WebSocket, on its way through plugins: they see its headers, may change them, and may
 * answer in the server's place. What is said in the other protocol is none of HTTP, and none of theirs.
 */
export class Upgrade implements HttpStreamSink {
  /** The status that the client has been sent; 0 for none. */
  status = 0;
  /** Told when the plugins want less, or more, of an answer's body. */
  onRead: ((on: boolean) => void) | undefined = undefined;
  private readonly request: IncomingMessage;
  private readonly socket: Duplex;
  private readonly handle: (upgrade: Upgrade) => void;
  private readonly stream: HttpStream;
  private protocol = "";
  private begin: (() => void) | undefined = undefined;
  /** Without a length, chunks show a client where an answer ends. */
  private chunked = false;
  /** The end of the connection is the end of the answer. */
  private endsWithConnection = false;

  constructor(
    plugins: readonly Plugin[],
    request: IncomingMessage,
    socket: Duplex,
    handle: (upgrade: Upgrade) => void,
    options: NodeFilterOptions,
  ) {
    this.request = request;
    this.socket = socket;
    this.handle = handle;
    const connection = connectionInfo(request.socket);
    const info = {
      connection,
      protocol: `HTTP/${request.httpVersion}`,
      upgrade: true,
      properties: options.properties?.(request),
      observer: options.observe?.(request),
    };
    this.stream = new HttpStream(plugins, this, info, options);
    socket.once("close", () => this.stream.finish());
    // A client that breaks off while a plugin waits is no failure of the server.
    socket.on("error", () => this.stream.finish());
    this.stream.receiveRequestHeaders(requestHeaders(request, connection.tls !== undefined), false);
  }

  /** The server changes the protocol: its headers pass the plugins. @param begin called when the client has been told */
  switched(rawHeaders: readonly string[], protocol: string, begin: () => void): void {
    this.protocol = protocol;
    this.begin = begin;
    this.stream.switching = true;
    this.stream.receiveResponseHeaders(answerHeaders(SWITCHING, rawHeaders), false);
  }

  /** The server does not change the protocol: its answer passes the plugins. */
  answered(status: number, rawHeaders: readonly string[], endStream: boolean): void {
    this.stream.receiveResponseHeaders(answerHeaders(status, rawHeaders), endStream);
  }

  answeredData(chunk: Uint8Array, endStream: boolean): void {
    this.stream.receiveResponseData(chunk, endStream);
  }

  /** Answers for the host itself, also while plugins hold the request or an answer back. */
  fail(status: number, details: string, text: string): void {
    this.stream.localReply({ status, details, headers: [], body: encodeUtf8(text), grpcStatus: -1 });
  }

  requestHeaders(headers: HeaderMap): void {
    if (headers.get(":method") !== this.request.method) {
      this.fail(503, "filter_invalid_request_headers", "");
      return;
    }
    // There is no body whose length could be unknown.
    showHeaders(this.request, headers, false);
    this.handle(this);
  }

  responseHeaders(headers: HeaderMap, endStream: boolean): void {
    const { begin } = this;
    const switching = headers.get(":status") === String(SWITCHING) && begin !== undefined;
    const status = switching ? SWITCHING : finalStatus(headers.get(":status"));
    // A plugin has made another status of the server's 101: no body follows.
    const refused = begin !== undefined && !switching && !this.stream.answered;
    if (refused) headers.remove("content-length");
    const fields = sendableHeaders(headers.pairs);
    const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`];
    if (switching) lines.push("connection: upgrade", `upgrade: ${this.protocol}`);
    else lines.push("connection: close");
    for (const [name, value] of fields ?? []) for (const one of [value].flat()) lines.push(`${name}: ${one}`);
    const unbounded =
      !switching && !endStream && !refused && !this.stream.isBodiless && fields?.has("content-length") === false;
    this.chunked = unbounded && this.request.httpVersion === "1.1";
    this.endsWithConnection = unbounded && !this.chunked;
    if (this.chunked) lines.push("transfer-encoding: chunked");
    const safe = fields !== undefined && (!switching || VALUE.test(this.protocol));
    this.status = safe ? status : 500;
    const head = safe ? lines.join("\r\n") : "HTTP/1.1 500 Internal Server Error\r\nconnection: close";
    this.socket.write(`${head}\r\n\r\n`, "latin1");
    if (safe && switching) begin();
    else if (endStream || refused || !safe) this.socket.end();
  }

  responseData(chunk: Uint8Array, endStream: boolean): void {
    if (this.socket.writableEnded) return;
    if (chunk.length > 0) {
      if (this.chunked) this.socket.write(`${chunk.length.toString(16)}\r\n`);
      this.socket.write(chunk);
      if (this.chunked) this.socket.write("\r\n");
    }
    if (endStream) this.endBody(undefined);
  }

  responseTrailers(trailers: HeaderMap): void {
    if (!this.socket.writableEnded) this.endBody(trailers);
  }

  private endBody(trailers: HeaderMap | undefined): void {
    if (this.chunked) {
      const lines = ["0"];
      for (const [name, value] of sendableTrailers(trailers?.pairs ?? []))
        for (const one of [value].flat()) lines.push(`${name}: ${one}`);
      this.socket.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
    }
    this.socket.end();
  }

  reset(): void {
    if (this.endsWithConnection) resetConnection(this.socket);
    else this.socket.destroy();
  }

  readResponse(on: boolean): void {
    this.onRead?.(on);
  }

  requestData(): void {}
  requestTrailers(): void {}
  requestStopped(): void {}
  readRequest(): void {}
}

function answerHeaders(status: number, rawHeaders: readonly string[]): HeaderMap {
  const map = new HeaderMap([[":status", String(status)]]);
  const nominated = nominatedBy(joined(rawHeaders, "connection"));
  for (const [name, value] of rawPairs(rawHeaders)) {
    const lower = name.toLowerCase();
    if (!isConnectionHeader(lower) && nominated?.has(lower) !== true) map.add(name, value);
  }
  return map;
}

/**
 * Sends a request to change the protocol through plugins.
 *
 * @param handle called when they have let it pass
 * @throws TypeError for an option that is not known
 */
export function filterUpgrade(
  plugins: readonly Plugin[],
  request: IncomingMessage,
  socket: Duplex,
  handle: (upgrade: Upgrade) => void,
  given?: NodeFilterOptions,
): Upgrade {
  return new Upgrade(plugins, request, socket, handle, readOptions("filterUpgrade", nodeFilterNames, given));
}
