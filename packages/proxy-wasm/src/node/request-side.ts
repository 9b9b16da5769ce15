import { HeaderMap } from "../abi/header-map.ts";
import type { HttpStream } from "../http/http-stream.ts";
import { headersObject, isConnectionHeader, type NodeRequest, rawList, rawPairs } from "./headers.ts";

/** What a request's body is delivered to. */
export type RequestReceiver = Pick<HttpStream, "receiveRequestData" | "receiveRequestTrailers">;

type Push = (chunk: Uint8Array | null) => boolean;

/** The sides that stand between a request's parser and its readers, the one that the parser gives to first. */
const SIDES = Symbol("plugins' sides of a request");

/** What is used of a request object beneath its types. */
interface Hooked {
  push: Push;
  _read(size: number): void;
  [SIDES]?: RequestSide[];
}

const NOTHING = new Uint8Array(0);

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, enumerable: true, writable: true });
}

/* The same two functions for all requests: with functions of its own each object would have a shape of its own, and be slow to use. */

function push(this: Hooked, chunk: Uint8Array | null): boolean {
  return (this[SIDES] as RequestSide[])[0].arrived(chunk);
}

function read(this: Hooked): void {
  (this[SIDES] as RequestSide[]).at(-1)?.readerReads();
}

/**
 * Stands between a server's parser and a request object: what the parser pushes goes to the plugins first, and what they let
 * through is what the request's readers see. Backpressure works both ways: from a reader that is slow, and from a plugin that waits.
 * Where several stand there, each is the reader of the one before it.
 */
export class RequestSide {
  private readonly request: NodeRequest;
  private readonly receiver: RequestReceiver;
  private inner: RequestSide | undefined = undefined;
  private readonly outer: RequestSide | undefined;
  /** The request's own. */
  private readonly ownPush: Push;
  private readonly ownRead: (size: number) => void;
  /** The plugins want more. */
  private wanted = true;
  /** The request's readers want more. */
  private readerWants = true;
  /** Who gives was told to stop. */
  private stopped = false;
  private dropping = false;

  /** Goes behind those that stand there. */
  constructor(request: NodeRequest, receiver: RequestReceiver) {
    this.request = request;
    this.receiver = receiver;
    const hooked = request as unknown as Hooked;
    const outer = hooked[SIDES]?.at(-1);
    this.outer = outer;
    if (outer !== undefined) {
      this.ownPush = outer.ownPush;
      this.ownRead = outer.ownRead;
      outer.inner = this;
      hooked[SIDES]?.push(this);
      return;
    }
    this.ownPush = hooked.push;
    this.ownRead = hooked._read;
    hooked[SIDES] = [this];
    hooked.push = push;
    hooked._read = read;
    // HTTP/2's compatibility layer listens to its stream only when it is first read.
    if (request.httpVersionMajor >= 2) this.more();
  }

  /** Something comes from the parser, or from the side before this one. @returns whether more may come */
  arrived(chunk: Uint8Array | null): boolean {
    if (this.dropping) return true;
    if (chunk !== null) this.receiver.receiveRequestData(chunk, false);
    // Node's HTTP/2 ends the body of a stream that is reset like a whole one. Plugins must not take it for that.
    else if (this.request.httpVersionMajor < 2 || !this.request.aborted) {
      const raw = this.request.rawTrailers;
      if (raw.length > 0) this.receiver.receiveRequestTrailers(HeaderMap.from(rawPairs(raw)));
      else this.receiver.receiveRequestData(NOTHING, true);
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

  readerReads(): void {
    this.readerWants = true;
    this.goOn();
  }

  private goOn(): void {
    if (!this.stopped || !(this.dropping || (this.wanted && this.readerWants))) return;
    this.stopped = false;
    this.more();
  }

  private more(): void {
    if (this.outer !== undefined) this.outer.readerReads();
    else this.ownRead.call(this.request, 0);
  }

  /** What still comes is dropped. */
  drop(): void {
    this.dropping = true;
    this.goOn();
  }

  private pass(chunk: Uint8Array | null): boolean {
    if (this.inner !== undefined) return this.inner.arrived(chunk);
    return this.ownPush.call(this.request, chunk);
  }

  data(chunk: Uint8Array, endStream: boolean): void {
    if (chunk.length > 0 && !this.pass(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) as Uint8Array))
      this.readerWants = false;
    if (endStream) this.pass(null);
  }

  /** The request ends here, whatever its client still sends. */
  cut(): void {
    // Node breaks a connection off whose request has been read to an end that is none.
    if (this.request.httpVersionMajor < 2) (this.request as { complete: boolean }).complete = true;
    this.pass(null);
  }

  trailers(trailers: HeaderMap): void {
    const raw = rawList(trailers);
    define(this.request, "rawTrailers", raw);
    define(this.request, "trailers", headersObject(raw));
    this.pass(null);
  }
}

/** Tells a request's readers, if they have not had all of it, that there is no more. */
export function tellReaders(request: NodeRequest): void {
  process.nextTick(() => {
    if (request.readableEnded) return;
    request.emit("aborted");
    if (request.listenerCount("error") > 0) {
      const error: Error & { code?: string } = new Error("the request was answered by a plugin");
      error.code = "ECONNRESET";
      request.emit("error", error);
    }
  });
}

/** Makes a request object show the headers that plugins have left. @param hasBody whether a body follows them */
export function showHeaders(request: NodeRequest, headers: HeaderMap, hasBody: boolean): void {
  if (!headers.modified) return;
  const authority = headers.get(":authority") ?? "";
  (request as { method: string }).method = headers.get(":method") ?? "GET";
  request.url = headers.get(":path") ?? "/";
  const raw: string[] = [];
  if (request.httpVersionMajor >= 2) {
    for (const [name, value] of headers.pairs) if (name.startsWith(":")) raw.push(name, value);
    raw.push(...rawList(headers));
    define(request, "authority", authority);
    define(request, "rawHeaders", raw);
    define(request, "headers", headersObject(raw));
    return;
  }
  raw.push("host", authority);
  let chunked = false;
  const old = request.rawHeaders;
  for (let i = 0; i + 1 < old.length; i += 2) {
    const name = old[i].toLowerCase();
    if (!isConnectionHeader(name) || name === "upgrade" || (name === "transfer-encoding" && !hasBody)) continue;
    raw.push(name, old[i + 1]);
    chunked ||= name === "transfer-encoding";
  }
  // A body whose length is no longer known comes in chunks, as far as readers can tell.
  if (hasBody && !chunked && !headers.has("content-length")) raw.push("transfer-encoding", "chunked");
  raw.push(...rawList(headers));
  // Of HTTP/1's requests these have setters.
  (request as { rawHeaders: string[] }).rawHeaders = raw;
  (request as { headers: object }).headers = headersObject(raw);
}
