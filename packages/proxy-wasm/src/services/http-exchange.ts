import { type Dispatcher, errors } from "undici";
import { ByteCollector } from "../abi/byte-collector.ts";
import { HeaderMap } from "../abi/header-map.ts";
import { sendableHeaders } from "../node/sendable.ts";
import type { CallAccount } from "./call-memory.ts";
import { BrokenAnswer, CallOverflow, timeoutAnswer } from "./upstream-failure.ts";
import type { HttpCallRequest, HttpCallResponse } from "./upstreams.ts";

/** Names that the connection's client writes itself, or refuses. */
const OWN_HEADERS: readonly string[] = ["host", "content-length", "expect"];

const text = (part: string | Buffer): string => (typeof part === "string" ? part : part.toString("latin1"));

/** Headers as undici gives them: names and values one after the other, as bytes. */
function fromRaw(raw: readonly (string | Buffer)[]): HeaderMap {
  const map = new HeaderMap();
  for (let i = 0; i + 1 < raw.length; i += 2) map.add(text(raw[i]), text(raw[i + 1]));
  return map;
}

/** Headers as undici takes them. @throws TypeError for headers that cannot be sent */
function toRaw(headers: HeaderMap): string[] {
  const sendable = sendableHeaders(headers);
  if (sendable === undefined) throw new TypeError("headers that cannot be sent");
  for (const name of OWN_HEADERS) sendable.delete(name);
  const raw = ["host", headers.get(":authority") ?? ""];
  for (const [name, values] of sendable) for (const value of [values].flat()) raw.push(name, value);
  return raw;
}

/** One request and its answer over HTTP/1.1. */
class Exchange implements Dispatcher.DispatchHandler {
  private readonly request: HttpCallRequest;
  private readonly account: CallAccount;
  private readonly resolve: (response: HttpCallResponse) => void;
  private readonly reject: (error: unknown) => void;
  private readonly body: ByteCollector;
  private answer: HeaderMap | undefined = undefined;
  private abort: ((reason: Error) => void) | undefined = undefined;
  private over = false;
  private readonly timer: ReturnType<typeof setTimeout> | undefined;
  private readonly signal: AbortSignal;

  constructor(
    request: HttpCallRequest,
    signal: AbortSignal,
    account: CallAccount,
    resolve: (response: HttpCallResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.request = request;
    this.signal = signal;
    this.account = account;
    this.resolve = resolve;
    this.reject = reject;
    this.body = new ByteCollector(account);
    this.timer = request.timeout === 0 ? undefined : setTimeout(this.timedOut, request.timeout);
    signal.addEventListener("abort", this.givenUp, { once: true });
  }

  private readonly timedOut = (): void =>
    this.stop(this.answer === undefined ? undefined : new BrokenAnswer("the answer did not end in time"));

  private readonly givenUp = (): void => this.stop(new Error("the call was given up"));

  /** Ends the exchange early. @param error undefined for a server that sent no headers in time */
  private stop(error: Error | undefined): void {
    if (error === undefined) this.settle(() => this.resolve(timeoutAnswer(this.request)));
    else this.fail(error);
    this.abort?.(error ?? new Error("the server did not answer in time"));
  }

  fail(error: unknown): void {
    this.settle(() => this.reject(error));
  }

  private settle(tell: () => void, keep = false): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    this.signal.removeEventListener("abort", this.givenUp);
    if (!keep) this.account.close();
    tell();
  }

  onConnect(abort: (reason?: Error) => void): void {
    // The request is not sent for a call that ended while the connection was being made.
    if (this.over) abort(new Error("the call is over"));
    else this.abort = abort;
  }

  onHeaders(status: number, rawHeaders: Buffer[]): boolean {
    if (status < 200 || this.over) return true;
    this.answer = new HeaderMap([[":status", String(status)], ...fromRaw(rawHeaders).pairs]);
    if (!this.account.take(this.answer.byteSize)) this.stop(new BrokenAnswer("answers hold as many bytes as they may"));
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (!this.over && !this.body.append(chunk)) this.stop(new BrokenAnswer("answers hold as many bytes as they may"));
    return true;
  }

  onComplete(trailers: string[] | Buffer[] | null): void {
    const { answer, account } = this;
    this.settle(
      () =>
        this.resolve({
          headers: answer ?? new HeaderMap(),
          body: this.body.bytes().slice(),
          trailers: fromRaw(trailers ?? []),
          release: () => account.close(),
        }),
      true,
    );
  }

  onError(error: Error): void {
    if (this.answer !== undefined) this.fail(new BrokenAnswer(error.message));
    else if (error instanceof errors.HeadersTimeoutError) this.stop(undefined);
    else this.fail(error);
  }
}

/**
 * Sends a request over HTTP/1.1 and waits for the whole answer.
 *
 * @param account counts the bytes of the request and the answer
 * @throws (by rejecting) as `Upstreams.httpCall` says
 */
export function exchangeHttp(
  dispatcher: Dispatcher,
  origin: string,
  request: HttpCallRequest,
  signal: AbortSignal,
  account: CallAccount,
): Promise<HttpCallResponse> {
  return new Promise((resolve, reject) => {
    const exchange = new Exchange(request, signal, account, resolve, reject);
    try {
      const { headers, body } = request;
      if (!account.take(body.length + headers.byteSize)) throw new CallOverflow();
      dispatcher.dispatch(
        {
          origin,
          path: headers.get(":path") ?? "/",
          method: (headers.get(":method") ?? "GET") as Dispatcher.HttpMethod,
          headers: toRaw(headers),
          body: body.length === 0 ? null : Buffer.from(body.buffer, body.byteOffset, body.length),
        },
        exchange,
      );
    } catch (error) {
      exchange.fail(error);
    }
  });
}
