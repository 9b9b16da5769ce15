import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { closeTestHosts, testHost, until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import { GrpcFrames, grpcFrame } from "./grpc-frames.ts";
import { HttpUpstreams } from "./http-upstreams.ts";

const toStop: (() => unknown)[] = [];
afterEach(async () => {
  closeTestHosts();
  for (const stop of toStop.splice(0)) await stop();
});

test("a message that comes a byte at a time is not copied again with each byte", () => {
  const frame = grpcFrame(new Uint8Array(20_000).fill(7));
  let held = 0;
  const counter = { take: (bytes: number) => (held += bytes) < 100_000, release: (bytes: number) => (held -= bytes) };
  const frames = new GrpcFrames(1_000_000, counter);
  let copied = 0;
  const set = Uint8Array.prototype.set;
  const spy = vi.spyOn(Uint8Array.prototype, "set").mockImplementation(function (this: Uint8Array, from, at) {
    copied += (from as Uint8Array).length;
    set.call(this, from, at);
  });
  const messages: Uint8Array[] = [];
  try {
    for (let i = 0; i < frame.length; i++) messages.push(...frames.push(frame.subarray(i, i + 1)));
  } finally {
    spy.mockRestore();
  }
  expect(messages.map(({ length }) => length)).toEqual([20_000]);
  expect(copied).toBeLessThan(3 * frame.length);
  expect(held).toBe(0);
});

const answering = (answer: (stream: ServerHttp2Stream) => void): Http2Server => {
  const server = createHttp2Server();
  server.on("session", (session) => {
    session.on("error", () => {});
    toStop.push(() => session.destroy());
  });
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    answer(stream);
  });
  return server;
};

const raw = (answer: (socket: Socket) => void): Server =>
  createServer((socket) => {
    toStop.push(() => socket.destroy());
    socket.on("error", () => {});
    answer(socket);
  });

const OK = { ":status": 200, "content-type": "application/grpc" } as const;
const HUGE = Buffer.from([0, 255, 255, 255, 255]);

/** Servers of gRPC that fail, and what the plugin is told of a call and of a stream: any status but 0. */
const SERVERS: readonly (readonly [what: string, server: () => Server | Http2Server])[] = [
  ["hangs up", () => raw((socket) => socket.destroy())],
  ["is no HTTP/2", () => raw((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"))],
  ["sends garbage", () => raw((socket) => socket.end(Buffer.alloc(10_000, 0xa5)))],
  ["answers 503", () => answering((stream) => stream.respond({ ":status": 503 }, { endStream: true }))],
  ["sends no status", () => answering((stream) => stream.respond(OK, { endStream: true }))],
  [
    "sends a status that is none",
    () => answering((stream) => stream.respond({ ...OK, "grpc-status": "x" }, { endStream: true })),
  ],
  [
    "sends a status and no message",
    () => answering((stream) => stream.respond({ ...OK, "grpc-status": "7" }, { endStream: true })),
  ],
  ["resets the stream", () => answering((stream) => stream.close(2))],
  [
    "resets after its headers",
    () =>
      answering((stream) => {
        stream.respond(OK);
        stream.write("x", () => stream.close(2));
      }),
  ],
  ["goes away", () => answering((stream) => stream.session?.destroy())],
  [
    "announces 4 GiB",
    () =>
      answering((stream) => {
        stream.respond(OK);
        stream.write(HUGE);
      }),
  ],
  [
    "compresses",
    () =>
      answering((stream) => {
        stream.respond(OK);
        stream.write(Buffer.from([1, 0, 0, 0, 1, 7]));
      }),
  ],
  [
    "stops in a message",
    () =>
      answering((stream) => {
        stream.respond(OK);
        stream.end(Buffer.from([0, 0, 0, 0, 9, 7]));
      }),
  ],
  ["never answers", () => answering(() => {})],
  ["never speaks", () => raw(() => {})],
];

describe.each([
  ["in the host's thread", 0],
  ["in a thread of their own", 1],
])("plugins %s", (_where, threads) => {
  const CALLS = `
    (drop (call $proxy_grpc_call "svc"$$ "svc"$$ "Echo"$$ (i32.const 0) (i32.const 0) "hello"$$ (i32.const 300) (i32.const 16)))
    (i32.const 1)`;
  const CLOSE = `(call $log_number (i32.add (i32.const 1000) (local.get $status)))`;

  test.each(SERVERS)("a call of a server that %s is over with an error", async (_what, make) => {
    const server = make();
    const upstreams = new HttpUpstreams({ svc: `http://127.0.0.1:${await listen(server)}` });
    toStop.push(
      () => upstreams.close(),
      () => server.close(),
    );
    const { lines, host, load } = testHost({ upstreams }, threads);
    await load({
      callbacks: { proxy_on_configure: CALLS, proxy_on_grpc_receive: "unreachable", proxy_on_grpc_close: CLOSE },
    });
    await until(() => lines.some((line) => /^10\d\d$/.test(line)));
    expect(lines.filter((line) => /^10\d\d$/.test(line) && line !== "1000")).toHaveLength(1);
    expect(host.vms.every(({ state }) => state === "running")).toBe(true);
  });

  test("a server that sends without end, and a plugin that traps on it: the stream is ended", async () => {
    let closed = false;
    const server = answering((stream) => {
      stream.respond(OK);
      stream.on("close", () => (closed = true));
      const more = (): void => {
        while (!stream.destroyed && stream.write(grpcFrame(new Uint8Array(1000))));
      };
      stream.on("drain", more);
      more();
    });
    const upstreams = new HttpUpstreams({ svc: `http://127.0.0.1:${await listen(server)}` });
    toStop.push(
      () => upstreams.close(),
      () => server.close(),
    );
    const { host, load } = testHost({ upstreams }, threads);
    // The guest's allocator never frees: its memory is at its end soon.
    const read = `(drop (call $proxy_get_buffer_bytes (i32.const 5) (i32.const 0) (local.get $size) (i32.const 16) (i32.const 20)))`;
    await load(
      {
        callbacks: {
          proxy_on_configure: `(drop (call $proxy_grpc_stream "svc"$$ "svc"$$ "Echo"$$ (i32.const 0) (i32.const 0) (i32.const 16))) (i32.const 1)`,
          proxy_on_grpc_receive: `${read} (if (i32.eq (memory.size) (i32.const 64)) (then unreachable))`,
        },
      },
      { limits: { memory: 4 * 1024 * 1024 } },
    );
    await until(() => host.vms.some(({ state }) => state === "failed"));
    await until(() => closed);
  });

  test("a server that does not read ends a stream whose plugin sends without end", async () => {
    const server = answering((stream) => stream.respond(OK));
    const upstreams = new HttpUpstreams(
      { svc: `http://127.0.0.1:${await listen(server)}` },
      { maxResponseBytes: 100_000 },
    );
    toStop.push(
      () => upstreams.close(),
      () => server.close(),
    );
    const { lines, load } = testHost({ upstreams }, threads);
    await load({
      callbacks: {
        proxy_on_configure: `(local.set $n (i32.const 50))
          (drop (call $proxy_grpc_stream "svc"$$ "svc"$$ "Echo"$$ (i32.const 0) (i32.const 0) (i32.const 16)))
          (loop $more
            (drop (call $proxy_grpc_send (i32.load (i32.const 16)) (i32.const 0) (i32.const 10000) (i32.const 0)))
            (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (i32.const 1)`,
        proxy_on_grpc_close: CLOSE,
      },
    });
    await until(() => lines.includes("1008"));
  });
});
