import { mkdtempSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { guest } from "../testing/guest.ts";
import { until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import { Gateway } from "./gateway.ts";

const folder = mkdtempSync(join(tmpdir(), "wardian-fire-"));
const toStop: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0)) await stop();
});

/** A server that is one function from a connection, and what has arrived on it so far, to whatever it does. */
async function upstream(behave: (socket: Socket, received: string) => void): Promise<string> {
  const server: Server = createServer((socket) => {
    let received = "";
    socket.on("error", () => {});
    socket.setEncoding("latin1").on("data", (text: string) => {
      received += text;
      behave(socket, received);
    });
  });
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => open.add(socket));
  const port = await listen(server);
  toStop.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${port}`;
}

/** A plugin that has a callback for everything, lets bodies through, and adds a header to responses. */
const watching = guest({
  callbacks: {
    proxy_on_request_headers: "(i32.const 0)",
    proxy_on_request_body: "(i32.const 0)",
    proxy_on_request_trailers: "(i32.const 0)",
    proxy_on_response_headers: `(drop (call $proxy_add_header_map_value (i32.const 2) "x-plugin"$$ "1"$$)) (i32.const 0)`,
    proxy_on_response_body: "(i32.const 0)",
    proxy_on_response_trailers: "(i32.const 0)",
    proxy_on_log: "",
  },
});
writeFileSync(join(folder, "watching.wat"), watching);

/** Sends text as it is. @returns all that came back until the connection closed */
const exchange = (port: number, ...parts: string[]): Promise<string> => exchangeSeen(() => {}, port, ...parts);

/** As {@link exchange}. @param seen gets what has come back so far, whenever more does */
async function exchangeSeen(seen: (text: string) => void, port: number, ...parts: string[]): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => seen((text += chunk)));
  const closed = new Promise<void>((resolve) => {
    socket.on("error", () => resolve());
    socket.on("end", () => resolve());
    socket.on("close", () => resolve());
  });
  for (const part of parts) {
    socket.write(part, "latin1");
    await turn();
  }
  await closed;
  socket.destroy();
  return text;
}

const get = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
const post = (length: number, body: string): string =>
  `POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n${body}`;
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

describe.each([
  ["in the gateway's thread", 0],
  ["in a thread of its own", 1],
])("with a plugin %s", (_where, threads) => {
  async function gateway(
    url: string,
    more: object = {},
  ): Promise<{ port: number; idle(): Promise<void>; running: Gateway }> {
    const config = {
      listeners: [
        { name: "main", address: "127.0.0.1:0", routes: [{ cluster: "up", timeout: 60_000 }], plugins: ["watching"] },
      ],
      clusters: { up: { endpoints: [url] } },
      plugins: { watching: { code: join(folder, "watching.wat"), threads } },
      accessLog: false,
      ...more,
    };
    const running = await Gateway.start(JSON.stringify(config), { log: () => {} });
    toStop.push(() => running.stop(0));
    return {
      port: running.port("main"),
      running,
      idle: () => until(() => running.metrics.active === 0 && running.vms.every(({ streams }) => streams === 0)),
    };
  }

  /** What a server does with a connection; `partSeen` is when its client has the first part of the body. */
  type Behaviour = (socket: Socket, received: string, partSeen: Promise<void>) => void;

  const PHASES: readonly (readonly [name: string, behave: Behaviour, answer: RegExp])[] = [
    ["before it has read the request's body", (socket) => socket.resetAndDestroy(), /^HTTP\/1\.1 502 |^$/],
    [
      "after the request",
      (socket, received) => {
        if (received.endsWith("end")) socket.resetAndDestroy();
      },
      /^HTTP\/1\.1 502 /,
    ],
    [
      "in its headers",
      (socket, received) => {
        if (received.endsWith("end")) socket.end("HTTP/1.1 200 OK\r\ncontent-le");
      },
      /^HTTP\/1\.1 502 /,
    ],
    [
      "with what is no HTTP",
      (socket, received) => {
        if (received.endsWith("end")) socket.end("SSH-2.0-OpenSSH_9.2\r\n");
      },
      /^HTTP\/1\.1 502 /,
    ],
    [
      "in a body whose length it has told",
      (socket, received, partSeen) => {
        if (!received.endsWith("end")) return;
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart");
        void partSeen.then(() => socket.destroy());
      },
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*x-plugin: 1\r\n[\s\S]*part$/,
    ],
    [
      "in a chunk",
      (socket, received, partSeen) => {
        if (!received.endsWith("end")) return;
        socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npart\r\nff\r\nxx");
        void partSeen.then(() => socket.resetAndDestroy());
      },
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*part(?![\s\S]*\r\n0\r\n)/,
    ],
    [
      "in its trailers",
      (socket, received, partSeen) => {
        if (!received.endsWith("end")) return;
        socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npart\r\n0\r\nx-trai");
        void partSeen.then(() => socket.resetAndDestroy());
      },
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*part(?![\s\S]*\r\n0\r\n)/,
    ],
  ];

  test("a server that breaks off, in whichever phase, breaks its own request alone", async () => {
    let phase: (socket: Socket, received: string) => void = () => {};
    let sawPart = (): void => {};
    const url = await upstream((socket, received) => {
      if (received.startsWith("GET")) socket.end(OK);
      else phase(socket, received);
    });
    const { port, idle } = await gateway(url);
    for (const [name, behave, expected] of PHASES) {
      const partSeen = new Promise<void>((resolve) => (sawPart = resolve));
      phase = (socket, received) => behave(socket, received, partSeen);
      const watch = (text: string): void => {
        if (text.includes("part")) sawPart();
      };
      const [broken, other] = await Promise.all([
        exchangeSeen(watch, port, post(8, "body "), "end"),
        exchange(port, get),
      ]);
      expect(broken, name).toMatch(expected);
      expect(other, name).toMatch(/^HTTP\/1\.1 200 [\s\S]*ok$/);
      await idle();
    }
  });

  test("a client that goes away breaks its upload off at the server, and leaves nothing", async () => {
    let closed = 0;
    const seen = new Set<Socket>();
    const url = await upstream((socket) => {
      if (seen.has(socket)) return;
      seen.add(socket);
      socket.on("close", () => closed++);
    });
    const { port, idle } = await gateway(url);
    for (let i = 1; i <= 5; i++) {
      const socket = connect(port, "127.0.0.1");
      socket.write(post(1_000_000, "the beginning"));
      await until(() => seen.size === i);
      socket.destroy();
      await until(() => closed === i);
      await idle();
    }
  });

  test("a client that pipelines requests, does not read and leaves, leaves no connection to the server", async () => {
    const open = new Set<Socket>();
    let asked = 0;
    const url = await upstream((socket, received) => {
      if (!open.has(socket)) {
        open.add(socket);
        socket.on("close", () => open.delete(socket));
      }
      if (!received.endsWith("\r\n\r\n") && !received.endsWith("end")) return;
      asked++;
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n${"x".repeat(1_000_000)}`);
    });
    const { port, idle } = await gateway(url);
    const requests = [get.replace("close", "keep-alive"), post(3, "end").replace("close", "keep-alive")];
    for (const request of requests) {
      asked = 0;
      const socket = connect(port, "127.0.0.1").pause();
      socket.on("error", () => {}).write(request.repeat(3));
      await until(() => asked === 3);
      await new Promise((resolve) => setTimeout(resolve, 100));
      socket.destroy();
      await until(() => open.size === 0);
      await idle();
    }
  });

  test("a client that closes its side has gone, as for Envoy, and what it asked for is broken off", async () => {
    const url = await upstream((socket, received) => {
      if (received.includes("/next")) socket.end(OK);
    });
    const { port, idle } = await gateway(url);
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.resume().end(get);
    await new Promise((resolve) => socket.on("end", resolve));
    await idle();
    expect(await exchange(port, get.replace("/ ", "/next "))).toMatch(/^HTTP\/1\.1 200 /);
    await idle();
  });

  test("a client that does not read holds up its server and nobody else", async () => {
    let sent = 0;
    let slow: Socket | undefined;
    const chunk = "x".repeat(65_536);
    const url = await upstream((socket, received) => {
      if (!received.includes("/slow")) {
        socket.end(OK);
        return;
      }
      slow = socket;
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${chunk.length * 4000}\r\n\r\n`);
      const more = (): void => {
        while (sent < 4000 && !socket.destroyed) {
          sent++;
          if (!socket.write(chunk)) {
            socket.once("drain", more);
            return;
          }
        }
      };
      more();
    });
    const { port, idle } = await gateway(url);
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.pause();
    socket.write(get.replace("/ ", "/slow "));
    await until(() => slow !== undefined);
    // Until nothing moves any more.
    for (let before = -1; before !== sent; ) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(sent).toBeLessThan(2000);
    expect(await exchange(port, get)).toMatch(/^HTTP\/1\.1 200 [\s\S]*ok$/);
    socket.destroy();
    await idle();
    await until(() => slow?.destroyed === true);
  });

  test("floods of headers and broken framing are refused, and reach no plugin and no server", async () => {
    let reached = 0;
    const url = await upstream((socket) => {
      reached++;
      socket.end(OK);
    });
    const { port, idle, running } = await gateway(url);
    const head = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    const refused: readonly (readonly [what: string, text: string, status: number])[] = [
      ["one endless header", `${head}x: ${"a".repeat(100_000)}\r\n\r\n`, 431],
      ["headers without end", `${head}${"x-flood: aaaaaaaa\r\n".repeat(10_000)}\r\n`, 431],
      ["two lengths", `${head}content-length: 1\r\ncontent-length: 2\r\n\r\nab`, 400],
      ["a length and chunks", `${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
      ["a coding that nobody knows", `${head}transfer-encoding: chunked, wasm\r\n\r\n0\r\n\r\n`, 400],
      ["a name with a space", `${head}bad name: x\r\n\r\n`, 400],
      ["what is no HTTP", "hello\r\n\r\n", 400],
    ];
    for (const [what, text, status] of refused) {
      expect(await exchange(port, text), what).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      await idle();
    }
    expect(reached).toBe(0);
    expect(running.vms[0].calls).toBeLessThan(10);
    // Framing that breaks later ends what has begun.
    for (const text of [
      `${head}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n`,
      `${head}transfer-encoding: chunked\r\n\r\n5\r\nhelloXX5\r\n`,
    ]) {
      expect(await exchange(port, text)).not.toMatch(/^HTTP\/1\.1 200 /);
      await idle();
    }
    expect(await exchange(port, get)).toMatch(/^HTTP\/1\.1 200 /);
    await idle();
  });

  test("chunks with extensions, trailers, and bodies of a byte at a time arrive as they are meant", async () => {
    let whole = "";
    const url = await upstream((socket, received) => {
      // A body that has ended before it is sent on has a length, and needs no chunks.
      if (!/\r\n0\r\n(.+\r\n)*\r\n$|\r\n\r\nhello!$/.test(received)) return;
      whole = received;
      socket.end(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n2\r\nok\r\n0\r\nx-sum: 7\r\n\r\n",
      );
    });
    const { port, idle } = await gateway(url);
    const head =
      "POST / HTTP/1.1\r\nhost: x\r\nte: trailers\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    const answer = await exchange(port, head, "5;name=value\r\nhe", ..."llo\r\n1\r\n!\r\n", "0\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*x-plugin: 1\r\n[\s\S]*ok\r\n0\r\nx-sum: 7\r\n\r\n$/);
    expect(
      whole
        .slice(whole.indexOf("\r\n\r\n"))
        .replace(/\r\n[0-9a-f]+\r\n/g, "")
        .replace(/\r\n/g, ""),
    ).toContain("hello!");
    await idle();
  });
});
