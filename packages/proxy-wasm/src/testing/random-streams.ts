import { decodeUtf8, encodeUtf8 } from "../abi/bytes.ts";
import { HeaderMap } from "../abi/header-map.ts";
import type { HttpStreamSink } from "../http/http-stream.ts";
import { HttpStream } from "../http/http-stream.ts";
import type { Context } from "../vm/context.ts";
import type { Plugin } from "../vm/plugin.ts";
import type { GuestParts } from "./guest.ts";

/** A sequence of numbers from a seed, each from 0 to below a bound. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

/** One call of a callback: what the plugin does, and what it returns. */
export interface Step {
  readonly code: string;
  readonly action: number;
}

/** A plugin whose callbacks do one step after the other, and continue after the last. */
export function stepwise(callbacks: Readonly<Record<string, readonly Step[]>>): GuestParts {
  const bodies = Object.entries(callbacks).map(([name, steps]) => {
    const counter = `$at_${name}`;
    const cases = steps.map(
      ({ code, action }, i) =>
        `(if (i32.eq (global.get ${counter}) (i32.const ${i + 1})) (then ${code} (return (i32.const ${action}))))`,
    );
    const count = `(global.set ${counter} (i32.add (global.get ${counter}) (i32.const 1)))`;
    return [name, `${count} ${cases.join(" ")} (i32.const 0)`] as const;
  });
  return {
    callbacks: Object.fromEntries(bodies),
    fields: Object.keys(callbacks)
      .map((name) => `(global $at_${name} (mut i32) (i32.const 0))`)
      .join(" "),
  };
}

/** A sink that writes down what reaches it. */
export function recordingSink(events: string[]): HttpStreamSink {
  const pairs = (map: HeaderMap): string => map.pairs.map((pair) => pair.join("=")).join(" ");
  return {
    requestHeaders: (headers, end) => events.push(`request headers ${pairs(headers)}${end ? " end" : ""}`),
    requestData: (chunk, end) => events.push(`request data ${decodeUtf8(chunk)}${end ? " end" : ""}`),
    requestTrailers: (trailers) => events.push(`request trailers ${pairs(trailers)}`),
    requestStopped: () => events.push("request stopped"),
    responseHeaders: (headers, end) => events.push(`response headers ${pairs(headers)}${end ? " end" : ""}`),
    responseData: (chunk, end) => events.push(`response data ${decodeUtf8(chunk)}${end ? " end" : ""}`),
    responseTrailers: (trailers) => events.push(`response trailers ${pairs(trailers)}`),
    readRequest: (on) => events.push(`read request ${on}`),
    readResponse: (on) => events.push(`read response ${on}`),
    reset: () => events.push("reset"),
  };
}

/** What comes in on one side, in order. */
export interface Message {
  readonly headers: readonly (readonly [string, string])[];
  readonly chunks: readonly string[];
  readonly trailers?: readonly (readonly [string, string])[];
}

/** The events of a message as functions that deliver them. */
export function deliveries(stream: HttpStream, side: "Request" | "Response", message: Message): (() => void)[] {
  const { headers, chunks, trailers } = message;
  const last = trailers === undefined ? chunks.length : -1;
  const list = [() => stream[`receive${side}Headers`](HeaderMap.from(headers), last === 0)];
  chunks.forEach((chunk, i) => {
    list.push(() => stream[`receive${side}Data`](encodeUtf8(chunk), i + 1 === last));
  });
  if (trailers !== undefined) list.push(() => stream[`receive${side}Trailers`](HeaderMap.from(trailers)));
  return list;
}

/** A stream through plugins that run in this thread, with its events. */
export function recordedStream(plugins: readonly Plugin[]): { stream: HttpStream; events: string[] } {
  const events: string[] = [];
  const info = { connection: { id: 1n }, protocol: "HTTP/1.1" };
  return { stream: new HttpStream(plugins, recordingSink(events), info, { bufferLimit: 64 }), events };
}

/** The contexts of a stream's plugins, to resume them as a timer of theirs would. */
export function contextsOf(stream: HttpStream): readonly Context[] {
  return (stream as unknown as { readonly contexts: readonly Context[] }).contexts;
}
