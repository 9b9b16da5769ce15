import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import type { Dispatcher } from "undici";
import { afterEach, describe, expect, test } from "vitest";
import { ByteCollector } from "../abi/byte-collector.ts";
import { HeaderMap } from "../abi/header-map.ts";
import { closeTestHosts, testHost, until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import { CallAccount, CallMemory } from "./call-memory.ts";
import { grpcFrame } from "./grpc-frames.ts";
import { exchangeHttp } from "./http-exchange.ts";
import { HttpUpstreams, type HttpUpstreamsOptions } from "./http-upstreams.ts";
import type { GrpcEvents, HttpCallRequest } from "./upstreams.ts";

const toStop: (() => unknown)[] = [];
afterEach(async () => {
  closeTestHosts();
  for (const stop of toStop.splice(0)) await stop();
});

async function open(server: Server | Http2Server): Promise<string> {
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => {});
    toStop.push(() => socket.destroy());
  });
  toStop.push(() => server.close());
  return `http://127.0.0.1:${await listen(server as Server)}`;
}

function upstreamsOf(address: string, options: HttpUpstreamsOptions): HttpUpstreams {
  const upstreams = new HttpUpstreams({ svc: address }, options);
  toStop.push(() => upstreams.close());
  return upstreams;
}

const requestOf = (owner: string): HttpCallRequest => ({
  headers: new HeaderMap([
    [":method", "GET"],
    [":path", "/"],
    [":authority", "x"],
  ]),
  body: new Uint8Array(0),
  trailers: new HeaderMap(),
  timeout: 0,
  owner,
});

test("bytes are counted by plugin and in all, and not after the end of their call", () => {
  const memory = new CallMemory({ plugin: 100, total: 150 });
  const refused: string[] = [];
  const account = (owner: string): CallAccount => new CallAccount(memory, owner, (bound) => refused.push(bound));
  const [one, other, third] = [account("a"), account("a"), account("b")];
  expect([one.take(60), other.take(40), other.take(1), third.take(50), third.take(1)]).toEqual([
    true,
    true,
    false,
    true,
    false,
  ]);
  expect(refused).toEqual(["plugin", "total"]);
  one.release(10);
  one.close();
  one.close();
  one.release(10);
  expect(one.take(1)).toBe(false);
  expect(memory.bytes).toBe(90);
  other.close();
  third.close();
  expect(memory.bytes).toBe(0);
});

test("a body in many chunks takes no more memory than in one, and its last bytes can stay", () => {
  let held = 0;
  const collector = new ByteCollector({
    take: (bytes) => (held += bytes) <= 4096,
    release: (bytes) => (held -= bytes),
  });
  for (let i = 0; i < 3000; i++) expect(collector.append(Uint8Array.of(i))).toBe(true);
  expect(held).toBe(4096);
  expect(collector.append(new Uint8Array(2000))).toBe(false);
  held -= 4096;
  collector.remove(2998);
  expect([...collector.bytes()]).toEqual([2998 & 255, 2999 & 255]);
});

test("answers of all calls of a plugin are bounded together, and leave memory to other plugins", async () => {
  const address = await open(
    createServer((socket) =>
      socket.on("data", () => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 40000\r\n\r\n${"x".repeat(40_000)}`)),
    ),
  );
  const bounds: string[] = [];
  const upstreams = upstreamsOf(address, {
    maxPluginBytes: 200_000,
    maxTotalBytes: 300_000,
    onOverflow: (_cluster, bound) => bounds.push(bound),
  });
  const { signal } = new AbortController();
  const callMany = async (owner: string) => {
    const calls = Array.from({ length: 10 }, () => upstreams.httpCall("svc", requestOf(owner), signal));
    return (await Promise.allSettled(calls)).flatMap((call) => (call.status === "fulfilled" ? [call.value] : []));
  };
  const one = await callMany("one");
  expect(one.length).toBeGreaterThan(0);
  expect(one.length).toBeLessThan(6);
  expect(new Set(bounds)).toEqual(new Set(["plugin"]));
  expect(upstreams.bytesHeld).toBeLessThanOrEqual(200_000);
  expect((await callMany("two")).length).toBeGreaterThan(0);
  expect(new Set(bounds)).toEqual(new Set(["plugin", "total"]));
  expect(upstreams.bytesHeld).toBeLessThanOrEqual(300_000);
  // A plugin that has been told of its answers can call again.
  for (const { release } of one) release?.();
  expect((await callMany("one")).length).toBeGreaterThan(0);
});

test("a request whose call has ended is not sent when its connection is there at last", async () => {
  const handlers: Dispatcher.DispatchHandler[] = [];
  const dispatcher = { dispatch: (_options: unknown, handler: Dispatcher.DispatchHandler) => handlers.push(handler) };
  const memory = new CallMemory({ plugin: 1000, total: 1000 });
  const abort = new AbortController();
  const call = (timeout: number): Promise<unknown> =>
    exchangeHttp(
      dispatcher as unknown as Dispatcher,
      "http://x",
      { ...requestOf("a"), timeout },
      abort.signal,
      new CallAccount(memory, "a", () => {}),
    );
  const late = await call(5);
  expect((late as { headers: HeaderMap }).headers.get(":status")).toBe("504");
  const givenUp = call(0);
  abort.abort();
  await expect(givenUp).rejects.toThrow("given up");
  const aborted: number[] = [];
  for (const [i, handler] of handlers.entries()) handler.onConnect?.(() => aborted.push(i));
  expect(aborted).toEqual([0, 1]);
  expect(memory.bytes).toBe(0);
});

const CALL_SIZES = [3, 7, 3, 5, 1, 10, 1].map((size) => `\\x0${size.toString(16)}\\x00\\x00\\x00`).join("");
const CALL = `(drop (call $proxy_http_call "svc"$$ "${CALL_SIZES}:method\\x00GET\\x00:path\\x00/\\x00:authority\\x00x\\x00"$$
  (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 16)))`;
const STREAM = `(drop (call $proxy_grpc_stream "svc"$$ "svc"$$ "Echo"$$ (i32.const 0) (i32.const 0) (i32.const 16)))`;
const SPIN = `(local.set $n (i32.const 3000000))
  (loop $more (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))`;

const grpcServer = (answer: (stream: ServerHttp2Stream) => void): Http2Server => {
  const server = createHttp2Server();
  server.on("session", (session) => {
    session.on("error", () => {});
    toStop.push(() => session.destroy());
  });
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
    answer(stream);
  });
  return server;
};

describe("a plugin in a thread of its own", () => {
  test("holds the answers that it has not been told of, and no answer after it has ended", async () => {
    const address = await open(
      createServer((socket) =>
        socket.on("data", () => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 50000\r\n\r\n${"x".repeat(50_000)}`)),
      ),
    );
    const upstreams = upstreamsOf(address, { maxPluginBytes: 200_000 });
    const { lines, load } = testHost({ upstreams }, 1);
    // The first callback takes the thread's time, so that the answers wait. A call without an answer has no headers.
    const plugin = await load({
      callbacks: {
        proxy_on_configure: `${CALL.repeat(12)} ${SPIN} (i32.const 1)`,
        proxy_on_http_call_response: `(call $log_number (local.get $headers)) ${SPIN}`,
      },
    });
    await until(() => lines.length === 12);
    expect(lines).toContain("0");
    expect(lines).toContain("2");
    await until(() => upstreams.bytesHeld === 0);
    plugin.close();
  });

  test("does not make the host keep what a server of gRPC sends faster than the plugin takes it", async () => {
    let sent = 0;
    const address = await open(
      grpcServer((stream) => {
        const frame = grpcFrame(new Uint8Array(60_000));
        const more = (): void => {
          while (sent < 200_000_000 && !stream.destroyed) {
            sent += frame.length;
            if (!stream.write(frame)) return;
          }
        };
        stream.on("drain", more);
        more();
      }),
    );
    const upstreams = upstreamsOf(address, {});
    const { lines, load } = testHost({ upstreams }, 1);
    await load({
      callbacks: {
        proxy_on_configure: `${STREAM} (i32.const 1)`,
        proxy_on_grpc_receive: `${SPIN} (drop (call $proxy_log (i32.const 2) "got"$$))`,
      },
    });
    let most = 0;
    await until(() => {
      most = Math.max(most, upstreams.bytesHeld);
      return lines.length > 60;
    });
    expect(most).toBeLessThan(3 * 1024 * 1024);
    // What has been sent and not been taken is in the buffers of the connection.
    expect(sent).toBeLessThan(100_000_000);
  });

  test("is refused messages of its own beyond its bound, and can send again when they have gone", async () => {
    const streams: ServerHttp2Stream[] = [];
    const address = await open(grpcServer((stream) => streams.push(stream)));
    const upstreams = upstreamsOf(address, {});
    const { lines, load } = testHost({ upstreams }, 1);
    const send = `(call $log_number (call $proxy_grpc_send (global.get $stream) (i32.const 0) (i32.const 8000000) (i32.const 0)))`;
    await load({
      pages: 128,
      fields: "(global $stream (mut i32) (i32.const 0))",
      callbacks: {
        // Nine streams have eight million bytes each.
        proxy_on_configure: `${`${STREAM} (global.set $stream (i32.load (i32.const 16))) ${send}`.repeat(9)}
          (drop (call $proxy_set_tick_period_milliseconds (i32.const 5))) (i32.const 1)`,
        proxy_on_tick: send,
      },
    });
    await until(() => lines.length >= 9);
    expect(lines.slice(0, 9)).toEqual(["0", "0", "0", "0", "0", "0", "0", "0", "10"]);
    await until(() => streams.length === 9);
    const before = lines.length;
    for (const stream of streams) stream.resume();
    await until(() => lines.slice(before).includes("0"));
  });
});

test("a stream of gRPC that waits for messages to be taken tells of its trailers after them", async () => {
  const server = createHttp2Server();
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "x-a": "1" }));
    for (let i = 0; i < 3; i++) stream.write(grpcFrame(new Uint8Array(900_000)));
    stream.end();
  });
  const upstreams = upstreamsOf(await open(server), {});
  const log: string[] = [];
  const waiting: (() => void)[] = [];
  await new Promise<void>((over) => {
    const events: GrpcEvents = {
      initialMetadata: () => log.push("initial"),
      message: () => {
        log.push("message");
        return new Promise((resolve) => waiting.push(resolve));
      },
      trailingMetadata: (map) => log.push(`trailing ${map.get("x-a")}`),
      closed: (status) => {
        log.push(`closed ${status}`);
        over();
      },
    };
    const request = { service: "a", method: "b", metadata: new HeaderMap(), timeout: 0, owner: "" };
    upstreams.grpcStream("svc", request, events).send(new Uint8Array(1), true);
    const timer = setInterval(() => waiting.shift()?.(), 20);
    toStop.push(() => clearInterval(timer));
  });
  expect(log).toEqual(["initial", "message", "message", "message", "trailing 1", "closed 0"]);
  // The last message may be taken later.
  await until(() => upstreams.bytesHeld === 0);
});
