import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { Status } from "../abi/constants.ts";
import { StatusError } from "../abi/errors.ts";

/** An answer on its way: which call it is for, and what it came to; a number for an error is the status of a {@link StatusError}. */
type Answer = readonly [call: number, value: unknown, error: string | number | undefined];

/** Where answers arrive, or are sent: each side has a port, and both have the signal. */
export interface CallerEnd {
  readonly port: MessagePort;
  /** Counts answers; the caller waits for a change of it. */
  readonly signal: Int32Array;
}

export type AnswerEnd = CallerEnd;

/** Makes the two ends of a channel for answers. One of the ports is to be posted to the other thread. */
export function answerChannel(): { readonly caller: CallerEnd; readonly answerer: AnswerEnd } {
  const { port1, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  // Answers are fetched when they are waited for, and a port is no reason for a process to stay.
  port1.unref();
  port2.unref();
  return { caller: { port: port1, signal }, answerer: { port: port2, signal } };
}

/** The time was up before an answer came. */
export class SyncTimeout extends Error {
  override readonly name: string = "SyncTimeout";
}

/**
 * Calls into another thread that wait for their answers with `Atomics.wait`: the way from host functions, which must answer at once, to what
 * only another thread can know. The asked thread must never wait for this one.
 */
export class SyncCaller {
  private readonly port: MessagePort;
  private readonly signal: Int32Array;
  private readonly post: (call: number, request: unknown) => void;
  private last = 0;

  /** @param post hands a request to the other thread, which answers at its end of the channel */
  constructor({ port, signal }: CallerEnd, post: (call: number, request: unknown) => void) {
    this.port = port;
    this.signal = signal;
    this.post = post;
  }

  /**
   * @param timeout milliseconds; by default for ever
   * @throws StatusError as it was thrown there; Error with the message of what else went wrong there; SyncTimeout
   */
  call(request: unknown, timeout: number = Number.POSITIVE_INFINITY): unknown {
    const call = ++this.last;
    const until = performance.now() + timeout;
    this.post(call, request);
    for (;;) {
      // The count is read first: an answer that comes after the look at the port changes it, and is not slept through.
      const seen = Atomics.load(this.signal, 0);
      const received = receiveMessageOnPort(this.port) as { message: Answer } | undefined;
      if (received === undefined) {
        if (Atomics.wait(this.signal, 0, seen, Math.max(0, until - performance.now())) === "timed-out")
          throw new SyncTimeout(`there was no answer within ${timeout} ms`);
        continue;
      }
      const [answered, value, error] = received.message;
      // What comes late for a call that has been given up is nobody's.
      if (answered !== call) continue;
      if (typeof error === "number") throw new StatusError(error as Status);
      if (error !== undefined) throw new Error(error);
      return value;
    }
  }
}

/** Answers a call that the other end waits for. */
export function answerSync({ port, signal }: AnswerEnd, call: number, answer: () => unknown): void {
  const send = (value: unknown, error?: unknown): void => {
    port.postMessage([call, value, error === undefined ? undefined : errorOf(error)] satisfies Answer);
    Atomics.add(signal, 0, 1);
    Atomics.notify(signal, 0);
  };
  try {
    const value = answer();
    if (value instanceof Promise) value.then(send, (error: unknown) => send(undefined, error ?? "failed"));
    else send(value);
  } catch (error) {
    send(undefined, error ?? "failed");
  }
}

function errorOf(error: unknown): string | number {
  if (error instanceof StatusError) return error.status;
  return error instanceof Error ? error.message : String(error);
}
