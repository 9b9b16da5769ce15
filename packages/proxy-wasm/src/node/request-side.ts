import type { Http2ServerRequest } from "node:http2";
import { HeaderMap } from "../abi/header-map.ts";
import { headersObject, isConnectionHeader, type NodeRequest, rawList, rawPairs } from "./headers.ts";

/** What a request's body is delivered to. */
export interface RequestReceiver {
  data(chunk: Uint8Array, endStream: boolean): void;
  trailers(trailers: HeaderMap): void;
}

type Push = (chunk: Uint8Array | null, encoding?: BufferEncoding) => boolean;

interface Hooked {
  push: Push;
  _read(size: number): void;
  readonly stream?: { readonly endAfterHeaders?: boolean };
}

const NOTHING = new Uint8Array(0);

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, enumerable: true, writable: true });
}

/** Whether a request comes with a body. */
export function hasBody(request: NodeRequest): boolean {
  if (request.httpVersionMajor >= 2) return (request as unknown as Hooked).stream?.endAfterHeaders !== true;
  const { headers } = request;
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/**
 * Stands between a server's parser and a request object: what the parser pushes goes to the plugins first, and what they let
 * through is what the request's readers see. Backpressure works both ways: from a reader that is slow, and from a plugin that waits.
 */
export class RequestSide {
  private readonly request: NodeRequest;
  private readonly hooked: Hooked;
  private readonly receiver: RequestReceiver;
  private readonly push: Push;
  private readonly read: (size: number) => void;
  /** The plugins want more. */
  private wanted = true;
  /** The request's readers want more. */
  private readerWants = true;
  /** The parser was told to stop. */
  private stopped = false;
  private dropping = false;

  constructor(request: NodeRequest, receiver: RequestReceiver) {
    this.request = request;
    this.hooked = request as unknown as Hooked;
    this.receiver = receiver;
    this.push = this.hooked.push.bind(request) as Push;
    this.read = this.hooked._read.bind(request);
    define(request, "push", (chunk: Uint8Array | null) => this.arrived(chunk));
    define(request, "_read", () => {
      this.readerWants = true;
      this.goOn();
    });
    // HTTP/2's compatibility layer listens to its stream only when it is first read.
    if (request.httpVersionMajor >= 2) this.read(0);
  }

  private arrived(chunk: Uint8Array | null): boolean {
    if (this.dropping) return true;
    if (chunk !== null) this.receiver.data(chunk, false);
    else {
      const raw = this.request.rawTrailers;
      if (raw.length > 0) this.receiver.trailers(HeaderMap.from(rawPairs(raw)));
      else this.receiver.data(NOTHING, true);
      return false;
    }
    const more = this.dropping || (this.wanted && this.readerWants);
    if (!more) this.stopped = true;
    return more;
  }

  /** The plugins want more, or no more for now. */
  want(on: boolean): void {
    this.wanted = on;
    this.goOn();
  }

  private goOn(): void {
    if (!this.stopped || !(this.dropping || (this.wanted && this.readerWants))) return;
    this.stopped = false;
    this.read(0);
  }

  /** Nobody looks at the body: the request is as it was before. */
  letGo(): void {
    Reflect.deleteProperty(this.request, "push");
    Reflect.deleteProperty(this.request, "_read");
    this.wanted = true;
    this.goOn();
  }

  /** What still comes is dropped; readers are told that there is no more if they had begun. */
  drop(tellReaders: boolean): void {
    if (this.dropping) return;
    this.dropping = true;
    this.goOn();
    if (!tellReaders) return;
    const { request } = this;
    process.nextTick(() => {
      request.emit("aborted");
      if (request.listenerCount("error") > 0) {
        const error: Error & { code?: string } = new Error("the request was answered by a plugin");
        error.code = "ECONNRESET";
        request.emit("error", error);
      }
    });
  }

  /** Makes the request object show the headers that the plugins have left. */
  apply(headers: HeaderMap, endStream: boolean): void {
    if (!headers.modified) return;
    const { request } = this;
    const authority = headers.get(":authority") ?? "";
    (request as { method: string }).method = headers.get(":method") ?? "GET";
    request.url = headers.get(":path") ?? "/";
    const raw: string[] = [];
    if (request.httpVersionMajor >= 2) {
      for (const [name, value] of headers) if (name.startsWith(":")) raw.push(name, value);
      define(request, "authority", authority);
    } else {
      raw.push("host", authority);
      for (const [name, value] of rawPairs(request.rawHeaders)) {
        const lower = name.toLowerCase();
        if (isConnectionHeader(lower) && lower !== "upgrade") raw.push(lower, value);
      }
      // A body whose length is no longer known comes in chunks, as far as readers can tell.
      if (!endStream && !headers.has("content-length") && request.headers["transfer-encoding"] === undefined)
        raw.push("transfer-encoding", "chunked");
    }
    raw.push(...rawList(headers));
    define(request, "rawHeaders", raw);
    define(request, "headers", headersObject(raw));
  }

  data(chunk: Uint8Array, endStream: boolean): void {
    if (chunk.length > 0) {
      const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      if (!this.push(buffer as Uint8Array)) this.readerWants = false;
    }
    if (endStream) this.push(null);
  }

  trailers(trailers: HeaderMap): void {
    const raw = rawList(trailers);
    define(this.request as IncomingLike, "rawTrailers", raw);
    define(this.request as IncomingLike, "trailers", headersObject(raw));
    this.push(null);
  }
}

type IncomingLike = NodeRequest | Http2ServerRequest;
