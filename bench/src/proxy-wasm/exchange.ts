import { HeaderMap, HttpStream, type HttpStreamSink, type Plugin, type StreamInfo } from "@wardian/proxy-wasm";

/** Where messages end that nobody receives. */
const nowhere: HttpStreamSink = {
  requestHeaders() {},
  requestData() {},
  requestTrailers() {},
  requestStopped() {},
  responseHeaders() {},
  responseData() {},
  responseTrailers() {},
  readRequest() {},
  readResponse() {},
  reset() {},
};

const info: StreamInfo = {
  protocol: "HTTP/1.1",
  connection: {
    id: 1n,
    sourceAddress: "127.0.0.1:40000",
    sourcePort: 40_000,
    destinationAddress: "127.0.0.1:80",
    destinationPort: 80,
  },
};

/** A request of a browser's kind. */
export const requestPairs: readonly (readonly [string, string])[] = [
  [":authority", "example.test"],
  [":method", "GET"],
  [":path", "/index.html?page=1"],
  [":scheme", "http"],
  ["user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"],
  ["accept", "text/html,application/xhtml+xml"],
  ["accept-language", "en"],
  ["accept-encoding", "gzip"],
];

export const responsePairs: readonly (readonly [string, string])[] = [
  [":status", "200"],
  ["content-type", "text/html"],
  ["content-length", "5"],
  ["date", "Mon, 05 Jan 2026 10:00:00 GMT"],
];

/** A form that is sent: a kilobyte of words. */
export const form: Uint8Array = new TextEncoder().encode(`text=${"some+words+of+a+form+".repeat(48)}`);

/** A whole stream of a GET, or of a POST with a body, and its answer through a plugin. @returns the status that left */
export function exchange(plugin: Plugin, body?: Uint8Array): string | undefined {
  let status: string | undefined;
  const sink = {
    ...nowhere,
    responseHeaders(headers: HeaderMap) {
      status = headers.get(":status");
    },
  };
  const stream = new HttpStream([plugin], sink, info);
  const pairs = requestPairs.slice();
  if (body !== undefined) {
    pairs[1] = [":method", "POST"];
    pairs.push(["content-type", "application/x-www-form-urlencoded"], ["content-length", String(body.length)]);
  }
  stream.receiveRequestHeaders(new HeaderMap(pairs), body === undefined);
  if (body !== undefined) stream.receiveRequestData(body, true);
  stream.receiveResponseHeaders(new HeaderMap(responsePairs.slice()), true);
  stream.finish();
  return status;
}
