import type { ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { breakOff, failResponse } from "../node/fail.ts";
import { hasBody, type NodeRequest, type NodeResponse } from "../node/headers.ts";
import type { Upgrade } from "../node/upgrade.ts";
import type { Exchanged } from "./proxy.ts";
import type { TimedExchange, Timeout } from "./stream-clock.ts";

/** The texts that Envoy gives. */
const TEXTS: Readonly<Record<Timeout, string>> = {
  stream_idle_timeout: "stream timeout",
  request_overall_timeout: "request timeout",
  max_duration_timeout: "downstream duration timeout",
  response_timeout: "upstream request timeout",
};

/** What arrives on a stream of HTTP/2 is counted there: plugins may keep it for a while. */
const ARRIVED = Symbol("bytes of a request that have arrived");
const WHOLE = Symbol("all of a request has arrived");

type Counted = ServerHttp2Stream & { [ARRIVED]?: number; [WHOLE]?: boolean };

function countedPush(this: Counted, chunk: Uint8Array | null, encoding?: BufferEncoding): boolean {
  if (chunk === null) this[WHOLE] = true;
  else this[ARRIVED] = (this[ARRIVED] ?? 0) + chunk.length;
  return Duplex.prototype.push.call(this, chunk, encoding);
}

/** Bytes that have come on a connection, and that have left it. Those that wait for its client have not left it. */
function movedOn(socket: Socket | null): number {
  // A request whose connection has ended while others were answered has no socket any more.
  if (socket === null) return 0;
  const { _handle: handle } = socket as { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return socket.bytesRead + socket.bytesWritten - (handle?.writeQueueSize ?? 0);
}

/** What is told of each request that has run out of time. */
export type Counter = (timeout: Timeout) => void;

/** A request and its response, as a clock sees them. */
export class TimedRequest implements TimedExchange {
  private readonly request: NodeRequest;
  private readonly response: NodeResponse;
  private readonly exchanged: Exchanged;
  private readonly count: Counter;
  private readonly stream: Counted | undefined;

  constructor(request: NodeRequest, response: NodeResponse, exchanged: Exchanged, count: Counter) {
    this.request = request;
    this.response = response;
    this.exchanged = exchanged;
    this.count = count;
    this.stream = (request as { readonly stream?: Counted }).stream;
    if (this.stream === undefined) return;
    if (hasBody(request)) this.stream.push = countedPush;
    else this.stream[WHOLE] = true;
  }

  progress(): number {
    const { stream, exchanged } = this;
    if (stream === undefined) return movedOn(this.request.socket) + exchanged.bytes;
    return (stream[ARRIVED] ?? 0) + exchanged.bytes - stream.bufferSize;
  }

  complete(): boolean {
    return this.stream === undefined ? this.request.complete : this.stream[WHOLE] === true;
  }

  expire(timeout: Timeout, attempt: number): void {
    const { response, request, exchanged, stream } = this;
    if (attempt === 0) {
      exchanged.failure ??= timeout;
      this.count(timeout);
      exchanged.abandon?.();
      // What a client still sends of its request is of no use.
      const complete = this.complete();
      if (!complete && stream === undefined) (response as ServerResponse).shouldKeepAlive = false;
      failResponse(response, complete ? 504 : 408, timeout, TEXTS[timeout]);
    } else if (attempt === 1) {
      // A plugin holds up the answer, or the client does not read it.
      failResponse(response, 504, timeout, TEXTS[timeout]);
    } else if (attempt === 2) breakOff(response);
    else if (stream === undefined) (request.socket as Socket | null)?.destroy();
    else {
      // The client does not even take the frame that resets the stream: no stream of its connection goes on.
      stream.session?.destroy();
      stream.destroy();
    }
  }
}

/** A request that changes the protocol, and what both sides then say, as a clock sees them. */
export class TimedUpgrade implements TimedExchange {
  private readonly socket: Duplex;
  private readonly exchanged: Exchanged;
  private readonly count: Counter;
  /** Set before a clock looks. */
  upgrade: Upgrade | undefined = undefined;

  constructor(socket: Duplex, exchanged: Exchanged, count: Counter) {
    this.socket = socket;
    this.exchanged = exchanged;
    this.count = count;
  }

  progress(): number {
    return movedOn(this.socket as Socket);
  }

  complete(): boolean {
    return true;
  }

  expire(timeout: Timeout, attempt: number): void {
    const { socket, exchanged, upgrade } = this;
    if (attempt === 0) {
      exchanged.failure ??= timeout;
      this.count(timeout);
      exchanged.abandon?.();
      if (upgrade !== undefined && upgrade.status === 0) {
        upgrade.fail(504, timeout, TEXTS[timeout]);
        return;
      }
    }
    socket.destroy();
  }
}
