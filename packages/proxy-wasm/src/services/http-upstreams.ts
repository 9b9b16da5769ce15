import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { type OptionNames, readOptions } from "@wardian/runtime/options";
import { Agent, type Dispatcher, errors } from "undici";
import { concatBytes } from "../abi/bytes.ts";
import { HeaderMap } from "../abi/header-map.ts";
import { grpcOfHttp } from "../http/local-reply.ts";
import { GrpcFrames, grpcFrame } from "./grpc-frames.ts";
import { BrokenAnswer, failureText, timeoutAnswer } from "./upstream-failure.ts";
import type { GrpcEvents, GrpcRequest, GrpcStream, HttpCallRequest, HttpCallResponse, Upstreams } from "./upstreams.ts";

export interface HttpUpstreamsOptions {
  /**
   * Bytes that an answer's body and a gRPC message may have, and that may wait for a gRPC server to read them. A call with
   * more has failed. By default 16 MiB.
   */
  readonly maxResponseBytes?: number;
}

const names: OptionNames<HttpUpstreamsOptions> = { maxResponseBytes: true };

const MAX_RESPONSE = 16 * 1024 * 1024;

/** What belongs to a connection, or is made anew for the next one. */
const HOP_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "host",
  "te",
]);

const text = (part: string | Buffer): string => (typeof part === "string" ? part : part.toString("latin1"));

/** Headers as undici gives them: names and values one after the other, as bytes. */
function fromRaw(raw: readonly (string | Buffer)[]): HeaderMap {
  const map = new HeaderMap();
  for (let i = 0; i + 1 < raw.length; i += 2) map.add(text(raw[i]), text(raw[i + 1]));
  return map;
}

/**
 * The servers that plugins call, by cluster: `{ auth: "http://10.0.0.7:9000" }`. HTTP calls go over HTTP/1.1, gRPC over HTTP/2
 * (with TLS for `https:`).
 */
export class HttpUpstreams implements Upstreams {
  private readonly origins: ReadonlyMap<string, string>;
  private readonly agent: Agent;
  private readonly sessions = new Map<string, ClientHttp2Session>();
  private readonly maxResponse: number;

  /** @throws TypeError for what is no URL of a server, and for an option that is not known */
  constructor(clusters: Readonly<Record<string, string>>, given?: HttpUpstreamsOptions) {
    const options = readOptions("HttpUpstreams", names, given);
    this.origins = new Map(
      Object.entries(clusters).map(([name, url]) => {
        const { origin, protocol } = new URL(url);
        if (protocol !== "http:" && protocol !== "https:")
          throw new TypeError(`the cluster ${name} must have an address with http: or https:, not ${url}`);
        return [name, origin];
      }),
    );
    this.maxResponse = options.maxResponseBytes ?? MAX_RESPONSE;
    this.agent = new Agent({ maxResponseSize: this.maxResponse });
  }

  has(cluster: string): boolean {
    return this.origins.has(cluster);
  }

  httpCall(cluster: string, request: HttpCallRequest, signal: AbortSignal): Promise<HttpCallResponse> {
    const { headers } = request;
    const raw: string[] = ["host", headers.get(":authority") ?? ""];
    for (const [name, value] of headers)
      if (!name.startsWith(":") && !HOP_HEADERS.has(name) && name !== "content-length") raw.push(name, value);
    return new Promise((resolve, reject) => {
      let answer: HeaderMap | undefined;
      const chunks: Uint8Array[] = [];
      let abort: (reason: Error) => void = () => {};
      const stop = (): void => abort(new Error("the call was given up"));
      const timer =
        request.timeout === 0
          ? undefined
          : setTimeout(() => {
              if (answer === undefined) resolve(timeoutAnswer(request));
              else reject(new BrokenAnswer("the answer did not come to its end in time"));
              stop();
            }, request.timeout);
      const settle = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
      };
      signal.addEventListener("abort", stop, { once: true });
      const handler: Dispatcher.DispatchHandler = {
        onConnect: (give) => {
          abort = give;
          if (signal.aborted) stop();
        },
        onHeaders: (status, rawHeaders) => {
          if (status < 200) return true;
          answer = new HeaderMap([[":status", String(status)], ...fromRaw(rawHeaders).pairs]);
          return true;
        },
        onData: (chunk) => {
          chunks.push(new Uint8Array(chunk));
          return true;
        },
        onComplete: (trailers) => {
          settle();
          resolve({
            headers: answer ?? new HeaderMap(),
            body: chunks.length === 0 ? new Uint8Array(0) : concatBytes(chunks),
            trailers: fromRaw(trailers ?? []),
          });
        },
        onError: (error) => {
          settle();
          if (answer !== undefined) reject(new BrokenAnswer(error.message));
          else if (error instanceof errors.HeadersTimeoutError) resolve(timeoutAnswer(request));
          else reject(error);
        },
      };
      try {
        this.agent.dispatch(
          {
            origin: this.origins.get(cluster) as string,
            path: headers.get(":path") ?? "/",
            method: (headers.get(":method") ?? "GET") as Dispatcher.HttpMethod,
            headers: raw,
            body: request.body.length === 0 ? null : Buffer.from(request.body),
          },
          handler,
        );
      } catch (error) {
        settle();
        reject(error);
      }
    });
  }

  grpcStream(cluster: string, request: GrpcRequest, events: GrpcEvents): GrpcStream {
    const origin = this.origins.get(cluster);
    if (origin === undefined) throw new TypeError(`there is no cluster ${cluster}`);
    const headers = new Map([
      [":method", "POST"],
      [":path", `/${request.service}/${request.method}`],
      ["content-type", "application/grpc"],
      ["te", "trailers"],
    ]);
    for (const [name, value] of request.metadata) if (!name.startsWith(":")) headers.set(name, value);
    if (request.timeout > 0) headers.set("grpc-timeout", `${request.timeout}m`);
    return openGrpc(
      this.session(origin).request(Object.fromEntries(headers)),
      request.timeout,
      this.maxResponse,
      events,
    );
  }

  private session(origin: string): ClientHttp2Session {
    let session = this.sessions.get(origin);
    if (session === undefined || session.closed || session.destroyed) {
      // What a server pushes is nobody's.
      session = connect(origin, { settings: { enablePush: false } });
      const made = session;
      const forget = (): void => {
        if (this.sessions.get(origin) === made) this.sessions.delete(origin);
      };
      // Each stream tells of its own failure.
      session.on("error", forget);
      session.on("close", forget);
      session.on("goaway", forget);
      session.unref();
      this.sessions.set(origin, session);
    }
    return session;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    for (const session of this.sessions.values()) session.destroy();
    this.sessions.clear();
    await this.agent.destroy();
  }
}

/** gRPC's codes for what goes wrong on the way. */
const GRPC = { unknown: 2, deadlineExceeded: 4, resourceExhausted: 8, unavailable: 14 } as const;

function metadataOf(raw: Record<string, string | string[] | undefined>): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(raw))
    if (value !== undefined) for (const one of [value].flat()) map.add(name, String(one));
  return map;
}

function openGrpc(stream: ClientHttp2Stream, timeout: number, maxMessage: number, events: GrpcEvents): GrpcStream {
  let over = false;
  let status: { code: number; message: string } | undefined;
  const frames = new GrpcFrames(maxMessage);
  const close = (code: number, message: string): void => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    events.closed(code, message);
    stream.close();
  };
  const timer = timeout > 0 ? setTimeout(() => close(GRPC.deadlineExceeded, "deadline exceeded"), timeout) : undefined;
  const note = (map: HeaderMap): void => {
    const code = map.get("grpc-status");
    if (code !== undefined && /^\d{1,3}$/.test(code))
      status = { code: Number(code), message: percentDecode(map.get("grpc-message") ?? "") };
  };
  let answered = false;
  stream.on("response", (raw) => {
    answered = true;
    const map = metadataOf(raw as Record<string, string>);
    note(map);
    // An answer of trailers alone has its status among its headers.
    if (status === undefined && map.get(":status") !== "200")
      status = { code: grpcOfHttp(Number(map.get(":status"))), message: `HTTP status ${map.get(":status")}` };
    if (!over) events.initialMetadata(map);
  });
  stream.on("data", (chunk: Buffer) => {
    if (over) return;
    try {
      for (const message of frames.push(new Uint8Array(chunk))) if (!over) events.message(message);
    } catch (error) {
      close(GRPC.resourceExhausted, (error as Error).message);
    }
  });
  stream.on("trailers", (raw) => {
    const map = metadataOf(raw as Record<string, string>);
    note(map);
    if (!over) events.trailingMetadata(map);
  });
  const broken = (error?: Error): void =>
    close(GRPC.unavailable, answered ? "upstream reset: connection termination" : failureText(error ?? {}));
  stream.on("error", (error: Error) => broken(error));
  stream.on("end", () => {
    if (status !== undefined) close(status.code, status.message);
    // The stream of a connection that failed ends too. Its error or its close follows and has the reason.
    else if (answered && !stream.aborted && stream.rstCode === 0) close(GRPC.unknown, "the server sent no status");
  });
  stream.on("close", () => {
    if (status !== undefined) close(status.code, status.message);
    else broken();
  });
  return {
    send: (message, endStream) => {
      if (over || stream.writableEnded) return;
      // A server that does not read is no reason to keep messages without end.
      if (message !== undefined && stream.writableLength + message.length > maxMessage) {
        const text = `more than ${maxMessage} bytes wait for the server`;
        queueMicrotask(() => close(GRPC.resourceExhausted, text));
        return;
      }
      if (message !== undefined) stream.write(grpcFrame(message));
      if (endStream) stream.end();
    },
    cancel: () => {
      over = true;
      clearTimeout(timer);
      stream.close(8);
    },
  };
}

function percentDecode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
