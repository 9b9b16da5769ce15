import type { ClientHttp2Stream } from "node:http2";
import { HeaderMap } from "../abi/header-map.ts";
import { grpcOfHttp } from "../http/local-reply.ts";
import { sendableHeaders } from "../node/sendable.ts";
import type { CallAccount } from "./call-memory.ts";
import { GrpcFrames, grpcFrame } from "./grpc-frames.ts";
import { failureText } from "./upstream-failure.ts";
import { type GrpcEvents, type GrpcRequest, type GrpcStream, MESSAGE_BYTES } from "./upstreams.ts";

/** gRPC's codes for what goes wrong on the way. */
const GRPC = { unknown: 2, deadlineExceeded: 4, resourceExhausted: 8, unavailable: 14 } as const;
/** HTTP/2's error code for a stream that the client needs no more. */
const CANCEL = 8;

/** No timer of the platform is longer. */
const MAX_TIMER = 0x7fff_ffff;
/** gRPC over HTTP/2 allows 8 digits for a timeout. */
const MAX_TIMEOUT_DIGITS = 99_999_999;

/** A server is not read from while the plugin has not taken more bytes than these. */
const MAX_UNREAD = 1024 * 1024;

/** Headers of a request as Node's HTTP/2 takes them. @throws TypeError for metadata that cannot be sent */
export function grpcHeaders({ service, method, metadata, timeout }: GrpcRequest): Record<string, string | string[]> {
  const own = sendableHeaders(metadata);
  if (own === undefined) throw new TypeError("metadata that cannot be sent");
  own.delete("content-length");
  own.delete("host");
  const headers = new Map<string, string | string[]>([
    [":method", "POST"],
    [":path", `/${service}/${method}`],
    ["content-type", "application/grpc"],
    ...own,
    ["te", "trailers"],
  ]);
  if (timeout > 0)
    headers.set("grpc-timeout", timeout > MAX_TIMEOUT_DIGITS ? `${Math.ceil(timeout / 1000)}S` : `${timeout}m`);
  return Object.fromEntries(headers);
}

function metadataOf(raw: Record<string, string | string[] | undefined>): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(raw))
    if (value !== undefined) for (const one of [value].flat()) map.add(name, String(one));
  return map;
}

/**
 * A gRPC call over a stream of HTTP/2.
 *
 * @param timeout milliseconds; 0 for no limit
 * @param maxMessage bytes of one message, and of the messages that wait for the server to read them
 * @param account counts the bytes that the stream holds
 */
export function openGrpc(
  stream: ClientHttp2Stream,
  timeout: number,
  maxMessage: number,
  account: CallAccount,
  events: GrpcEvents,
): GrpcStream {
  let over = false;
  /** Bytes of messages that the plugin has not taken, and that the server has not taken. */
  let unread = 0;
  let unsent = 0;
  let status: { code: number; message: string } | undefined;
  let trailers: HeaderMap | undefined;
  const frames = new GrpcFrames(maxMessage, account);

  const settle = (): void => {
    if (over && unread === 0) account.close();
  };
  const end = (): void => {
    over = true;
    clearTimeout(timer);
    stream.close(status === undefined ? CANCEL : 0);
    // A stream that waits for its connection is not closed before there is one.
    if (stream.pending) stream.destroy();
    settle();
  };
  const close = (code: number, message: string): void => {
    if (over) return;
    over = true;
    if (trailers !== undefined) events.trailingMetadata(trailers);
    events.closed(code, message);
    end();
  };
  const timer =
    timeout > 0
      ? setTimeout(() => close(GRPC.deadlineExceeded, "deadline exceeded"), Math.min(timeout, MAX_TIMER))
      : undefined;

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

  const deliver = (message: Uint8Array): void => {
    const size = message.length + MESSAGE_BYTES;
    if (!account.take(size)) throw new Error("the calls of plugins hold as many bytes as they may");
    const taken = events.message(message);
    if (taken === undefined) {
      account.release(size);
      return;
    }
    unread += size;
    if (unread > MAX_UNREAD) stream.pause();
    void taken.then(() => {
      unread -= size;
      account.release(size);
      if (over) settle();
      else if (unread <= MAX_UNREAD) stream.resume();
    });
  };
  stream.on("data", (chunk: Buffer) => {
    if (over) return;
    try {
      for (const message of frames.push(chunk)) if (!over) deliver(message);
    } catch (error) {
      close(GRPC.resourceExhausted, (error as Error).message);
    }
  });
  stream.on("trailers", (raw) => {
    // The plugin is told of them after the messages, which may wait to be read.
    trailers = metadataOf(raw as Record<string, string>);
    note(trailers);
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

  const write = (message: Uint8Array): Promise<void> | undefined => {
    const size = message.length + MESSAGE_BYTES;
    // A server that does not read is no reason to keep messages without end.
    if (unsent + size > maxMessage + MESSAGE_BYTES || !account.take(size)) {
      queueMicrotask(() => close(GRPC.resourceExhausted, `more than ${maxMessage} bytes wait for the server`));
      return undefined;
    }
    unsent += size;
    return new Promise((resolve) => {
      stream.write(grpcFrame(message), () => {
        unsent -= size;
        account.release(size);
        resolve();
      });
    });
  };
  return {
    send: (message, endStream) => {
      if (over || stream.writableEnded) return undefined;
      const sent = message === undefined ? undefined : write(message);
      if (endStream) stream.end();
      return sent;
    },
    cancel: end,
  };
}

function percentDecode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
