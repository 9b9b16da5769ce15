import { mkdtempSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { hasProgram, lacks } from "../../../../test/needs.ts";
import { certificate } from "../testing/certificate.ts";
import { guest } from "../testing/guest.ts";
import { until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import { readGatewayConfig } from "./config.ts";
import { clientOf } from "./connections.ts";
import { Gateway } from "./gateway.ts";

const folder = mkdtempSync(join(tmpdir(), "wardian-limits-"));
writeFileSync(
  join(folder, "pausing.wat"),
  guest({ callbacks: { proxy_on_request_headers: "(i32.const 1)", proxy_on_response_headers: "(i32.const 1)" } }),
);

const toStop: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0).reverse()) await stop();
});

/** A server that is one function from a connection and the path that was asked for. */
async function upstream(behave: (socket: Socket, path: string) => void): Promise<string> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
    socket.setEncoding("latin1").on("data", (text: string) => {
      const path = /^[A-Z]+ (\S+) /.exec(text)?.[1];
      if (path !== undefined) behave(socket, path);
    });
  });
  const port = await listen(server);
  toStop.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${port}`;
}

interface Running {
  readonly gateway: Gateway;
  readonly port: number;
  readonly failures: (string | undefined)[];
  count(line: string): number;
  idle(): Promise<void>;
}

interface Settings {
  readonly listener?: object;
  readonly route?: object;
  readonly cluster?: object;
  readonly plugins?: object;
}

async function start(url: string, { listener, route, cluster, plugins }: Settings): Promise<Running> {
  const failures: (string | undefined)[] = [];
  const config = {
    listeners: [
      {
        name: "main",
        address: "127.0.0.1:0",
        routes: [{ cluster: "up", timeout: 0, ...route }],
        plugins: Object.keys(plugins ?? {}),
        ...listener,
      },
    ],
    clusters: { up: { endpoints: [url], ...cluster } },
    plugins,
  };
  const gateway = await Gateway.start(JSON.stringify(config), {
    base: folder,
    accessLog: (line) => failures.push((JSON.parse(line) as { failure?: string }).failure),
  });
  toStop.push(() => gateway.stop(0));
  return {
    gateway,
    failures,
    port: gateway.port("main"),
    count: (line) => {
      const text = gateway.prometheus().split("\n");
      return Number(text.find((one) => one.startsWith(`${line} `))?.slice(line.length + 1) ?? 0);
    },
    idle: () => until(() => gateway.metrics.active === 0),
  };
}

/** Sends text as it is. @returns what came back until the connection closed */
function exchange(port: number, text: string, seen?: (socket: Socket) => void): Promise<string> {
  return new Promise((resolve) => {
    let got = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text, "latin1"));
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      got += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(got));
    seen?.(socket);
  });
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`;
const timeouts = (timeout: string): string => `wardian_timeouts_total{listener="main",timeout="${timeout}"}`;
const limits = (limit: string): string => `wardian_connection_limits_total{listener="main",limit="${limit}"}`;
const overflow = (limit: string): string => `wardian_upstream_overflow_total{cluster="up",limit="${limit}"}`;
const HEAD = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";

/** Says something again and again while a connection is open. */
function drip(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 20);
  socket.on("close", () => clearInterval(timer));
}

function behave(socket: Socket, path: string): void {
  if (path === "/102") drip(socket, "HTTP/1.1 102 Processing\r\n\r\n");
  else if (path === "/drip") {
    socket.write(HEAD);
    drip(socket, "x");
  } else if (path === "/stall") socket.write(`${HEAD}abc`);
  else if (path === "/upgrade") socket.write("HTTP/1.1 101 OK\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nhello");
  else if (path === "/large") {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n");
    const chunk = "x".repeat(65_536);
    const more = (): void => {
      while (!socket.destroyed) if (!socket.write(chunk)) return void socket.once("drain", more);
    };
    more();
  } else if (path === "/ok") socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
}

describe("times", () => {
  test("the route's timeout is for the whole response, whatever comes before or in it", async () => {
    const { port, failures, count, idle } = await start(await upstream(behave), { route: { timeout: 300 } });
    expect(await exchange(port, get("/never"))).toMatch(/^HTTP\/1\.1 504 [\s\S]*upstream request timeout$/);
    expect(await exchange(port, get("/102"))).toMatch(/HTTP\/1\.1 504 [\s\S]*upstream request timeout$/);
    expect(await exchange(port, get("/drip"))).toMatch(/^HTTP\/1\.1 200 [\s\S]*x$/);
    expect(await exchange(port, get("/stall"))).toMatch(/^HTTP\/1\.1 200 [\s\S]*abc$/);
    await idle();
    expect(failures).toEqual(Array(4).fill("response_timeout"));
    expect(count(timeouts("response_timeout"))).toBe(4);
    expect(await exchange(port, get("/ok"))).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("a request without a byte in either direction ends; one with bytes goes on", async () => {
    const { port, failures, count, idle } = await start(await upstream(behave), {
      listener: { stream_idle_timeout: "0.4s" },
      route: { upgrades: ["x"] },
    });
    expect(await exchange(port, get("/never"))).toMatch(/^HTTP\/1\.1 504 [\s\S]*stream timeout$/);
    expect(await exchange(port, get("/stall"))).toMatch(/^HTTP\/1\.1 200 [\s\S]*abc$/);
    const half = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf";
    expect(await exchange(port, half)).toMatch(/^HTTP\/1\.1 408 [\s\S]*connection: close[\s\S]*stream timeout$/i);
    const upgrade = "GET /upgrade HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
    expect(await exchange(port, upgrade)).toMatch(/^HTTP\/1\.1 101 [\s\S]*hello$/);
    await idle();
    expect(failures).toEqual(Array(4).fill("stream_idle_timeout"));
    expect(count(timeouts("stream_idle_timeout"))).toBe(4);
    // A response of a byte now and then goes on for longer than that.
    let dripping: Socket | undefined;
    let bytes = 0;
    void exchange(port, get("/drip"), (socket) => {
      dripping = socket;
      socket.on("data", () => bytes++);
    });
    await until(() => bytes > 40);
    expect(dripping?.destroyed).toBe(false);
    dripping?.destroy();
    await idle();
  });

  test("a request must be there in time, and all of it must be over in time", async () => {
    const one = await start(await upstream(behave), { listener: { requestTimeout: 300 } });
    const send = exchange(one.port, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 999\r\n\r\n", (s) => drip(s, "x"));
    expect(await send).toMatch(/^HTTP\/1\.1 408 [\s\S]*request timeout$/);
    await one.idle();
    expect(one.count(timeouts("request_overall_timeout"))).toBe(1);
    const other = await start(await upstream(behave), { listener: { maxStreamDuration: 300 } });
    expect(await exchange(other.port, get("/drip"))).toMatch(/^HTTP\/1\.1 200 /);
    await other.idle();
    expect(other.failures).toEqual(["max_duration_timeout"]);
    const headers = await start(await upstream(behave), { listener: { requestHeadersTimeout: 300 } });
    expect(await exchange(headers.port, "GET / HTTP/1.1\r\nhost")).toMatch(/^HTTP\/1\.1 408 /);
    expect(headers.count(timeouts("request_headers_timeout"))).toBe(1);
  });

  test.each([0, 1])("a plugin that pauses and never goes on holds nothing for ever (%i threads)", async (threads) => {
    const { port, failures, idle, gateway } = await start(await upstream(behave), {
      listener: { streamIdleTimeout: 300 },
      plugins: { pausing: { code: "pausing.wat", threads } },
    });
    // The gateway's own answer passes the plugin too, which holds it: it goes out past the plugin.
    expect(await exchange(port, get("/"))).toMatch(/^HTTP\/1\.1 504 [\s\S]*stream timeout$/);
    await idle();
    expect(failures).toEqual(["stream_idle_timeout"]);
    await until(() => gateway.vms.every(({ streams }) => streams === 0));
  });

  test("a client that stays and never reads is ended", async () => {
    const { port, failures, idle } = await start(await upstream(behave), { listener: { streamIdleTimeout: 400 } });
    const socket = connect(port, "127.0.0.1", () => socket.write(get("/large")));
    socket.on("error", () => {});
    socket.pause();
    toStop.push(() => socket.destroy());
    await until(() => failures.length === 1);
    expect(failures).toEqual(["stream_idle_timeout"]);
    await idle();
  });

  test("a connection without a request ends after its time", async () => {
    const { port, count } = await start(await upstream(behave), { listener: { idle_timeout: "0.3s" } });
    expect(await exchange(port, get("/ok").replace("connection: close\r\n", ""))).toMatch(/^HTTP\/1\.1 200 [\s\S]*ok$/);
    expect(await exchange(port, "")).toBe("");
    expect(count(limits("idle_timeout"))).toBe(2);
  });
});

describe.skipIf(lacks("openssl", hasProgram("openssl")))("times and numbers over HTTP/2", () => {
  async function startSecure(listener: object, route?: object): Promise<Running> {
    certificate(folder, "limits");
    const tls = { cert: "cert.pem", key: "key.pem" };
    return start(await upstream(behave), { listener: { tls, ...listener }, route });
  }

  function session(port: number): ReturnType<typeof connectHttp2> {
    const client = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    client.on("error", () => {});
    toStop.push(() => client.destroy());
    return client;
  }

  interface Told {
    readonly status: number;
    readonly code: number;
  }

  function ask(client: ReturnType<typeof connectHttp2>, path: string, body?: string): Promise<Told> {
    return new Promise((resolve) => {
      const stream = client.request({ ":path": path, ":method": body === undefined ? "GET" : "POST" });
      let status = 0;
      stream.on("response", (headers) => {
        status = Number(headers[":status"]);
      });
      stream.on("error", () => {});
      stream.on("close", () => resolve({ status, code: stream.rstCode }));
      stream.resume();
      if (body === undefined) stream.end();
      else stream.write(body);
    });
  }

  test("the same times hold", async () => {
    const { port, failures, idle } = await startSecure({ streamIdleTimeout: 400 }, { timeout: 1_000 });
    const client = session(port);
    expect(await ask(client, "/never")).toEqual({ status: 504, code: 0 });
    expect(await ask(client, "/stall")).toEqual({ status: 200, code: 2 });
    expect((await ask(client, "/", "half")).status).toBe(408);
    expect(await ask(client, "/102")).toMatchObject({ status: 504 });
    expect(await ask(client, "/drip")).toEqual({ status: 200, code: 2 });
    await idle();
    expect([...failures].sort()).toEqual([
      "response_timeout",
      ...["stream_idle_timeout", "stream_idle_timeout", "stream_idle_timeout", "stream_idle_timeout"],
    ]);
    // The session has not suffered.
    expect(await ask(client, "/ok")).toEqual({ status: 200, code: 0 });
  });

  test("a client that never reads a stream, or its connection, is ended", async () => {
    const { port, failures, idle, gateway } = await startSecure({ streamIdleTimeout: 400 });
    const client = session(port);
    const stream = client.request({ ":path": "/large" });
    stream.on("error", () => {});
    stream.pause();
    await until(() => failures.length === 1);
    // A client with a large window that does not read its socket at all.
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols: ["h2"] });
    toStop.push(() => socket.destroy());
    socket.on("error", () => {});
    const large = connectHttp2(`https://127.0.0.1:${port}`, {
      createConnection: () => socket,
      settings: { initialWindowSize: 2 ** 31 - 1 },
    });
    large.on("error", () => {});
    large.on("connect", () => {
      large.setLocalWindowSize(2 ** 31 - 1);
      const streams = [1, 2, 3].map(() => large.request({ ":path": "/large" }));
      for (const one of streams) one.on("error", () => {});
      streams[0].once("data", () => {
        (socket as unknown as { _handle: { readStop(): void } })._handle.readStop();
      });
    });
    await until(() => failures.length === 4);
    await idle();
    expect(new Set(failures)).toEqual(new Set(["stream_idle_timeout"]));
    expect(gateway.metrics.active).toBe(0);
  });

  test("streams of a session are bounded, and it ends when it has none", async () => {
    const { port, count, idle } = await startSecure({ max_concurrent_streams: 3, idleTimeout: 300 });
    const client = session(port);
    await until(() => client.remoteSettings?.maxConcurrentStreams === 3);
    const streams = [1, 2, 3, 4, 5].map(() => client.request({ ":path": "/never" }));
    for (const one of streams) one.on("error", () => {});
    await until(() => count(limits("max_concurrent_streams")) === 1);
    for (const one of streams) one.close(8);
    await idle();
    await until(() => client.destroyed);
    expect(count(limits("idle_timeout"))).toBe(1);
  });
});

describe("numbers", () => {
  test("requests beyond a cluster's connections wait, and beyond its pending requests are refused", async () => {
    const waiting: Socket[] = [];
    const url = await upstream((socket) => waiting.push(socket));
    const { port, failures, count, idle } = await start(url, {
      cluster: { circuit_breakers: { thresholds: [{ max_connections: 1, max_pending_requests: 2 }] } },
    });
    const asked = [exchange(port, get("/1"))];
    await until(() => waiting.length === 1);
    for (let i = 2; i <= 3; i++) asked.push(exchange(port, get(`/${i}`)));
    await until(() => count(overflow("max_connections")) === 2);
    expect(await exchange(port, get("/4"))).toMatch(/^HTTP\/1\.1 503 [\s\S]*reset reason: overflow$/);
    expect(count(overflow("max_pending_requests"))).toBe(1);
    await until(() => failures.length === 1);
    expect(failures).toEqual(["upstream_overflow"]);
    // One that waits and leaves makes room for another.
    let leaving: Socket | undefined;
    for (let i = 0; i < 3; i++) {
      waiting.shift()?.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      expect(await asked[i]).toMatch(/^HTTP\/1\.1 200 [\s\S]*ok$/);
      if (i < 2) await until(() => waiting.length === 1);
    }
    await idle();
    asked.push(exchange(port, get("/5")));
    await until(() => waiting.length === 1);
    void exchange(port, get("/6"), (socket) => {
      leaving = socket;
    });
    await until(() => count(overflow("max_connections")) === 4);
    leaving?.destroy();
    await until(() => failures.length === 5);
    waiting.shift()?.destroy();
    await idle();
    expect(waiting).toEqual([]);
  });

  test("requests beyond a cluster's requests are refused at once", async () => {
    const waiting: Socket[] = [];
    const url = await upstream((socket) => waiting.push(socket));
    const { port, count, idle } = await start(url, { cluster: { circuitBreakers: { maxRequests: 1 } } });
    const first = exchange(port, get("/1"));
    await until(() => waiting.length === 1);
    expect(await exchange(port, get("/2"))).toMatch(/^HTTP\/1\.1 503 /);
    expect(count(overflow("max_requests"))).toBe(1);
    waiting[0].destroy();
    expect(await first).toMatch(/^HTTP\/1\.1 502 /);
    await idle();
  });

  test("connections are bounded, by client and in all", async () => {
    for (const [name, limit] of [
      ["maxConnections", "max_connections"],
      ["maxConnectionsPerClient", "max_connections_per_client"],
    ]) {
      const { port, count } = await start(await upstream(behave), { listener: { [name]: 2 } });
      const open: Socket[] = [];
      const kept = [1, 2].map(() =>
        exchange(port, "GET /ok HTTP/1.1\r\nhost: x\r\n\r\n", (socket) => open.push(socket)),
      );
      await Promise.all(open.map((socket) => new Promise((resolve) => socket.once("data", resolve))));
      expect(await exchange(port, get("/ok"))).toBe("");
      expect(count(limits(limit))).toBe(1);
      open[0].destroy();
      await kept[0];
      let again = "";
      while (again === "") again = await exchange(port, get("/ok"));
      expect(again).toMatch(/^HTTP\/1\.1 200 /);
      open[1].destroy();
    }
  });

  test("a client of IPv6 is the first half of its address", () => {
    expect(clientOf("::ffff:10.0.0.1")).toBe("10.0.0.1");
    expect(clientOf("10.0.0.1")).toBe("10.0.0.1");
    expect(clientOf("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2");
    expect(clientOf("2001:db8:1:2::9")).toBe("2001:db8:1:2");
    expect(clientOf("fe80::1%eth0")).toBe("fe80:0:0:0");
    expect(clientOf("::1")).toBe("0:0:0:0");
  });

  test("settings are checked, and have Envoy's defaults", () => {
    const read = (listener: object, route = {}, cluster = {}): ReturnType<typeof readGatewayConfig> =>
      readGatewayConfig(
        JSON.stringify({
          listeners: [{ address: ":0", routes: [{ cluster: "up", ...route }], ...listener }],
          clusters: { up: { endpoints: ["http://127.0.0.1:1"], ...cluster } },
        }),
      );
    const { listeners, clusters } = read({});
    expect(listeners[0].streams).toEqual({ idle: 300_000, request: 0, duration: 0 });
    expect(listeners[0].connections).toMatchObject({ idle: 3_600_000, concurrentStreams: 100, connections: 0 });
    expect(listeners[0].routes[0].timeout).toBe(15_000);
    expect(clusters[0].circuitBreakers).toEqual({ connections: 1024, pendingRequests: 1024, requests: 1024 });
    expect(read({}, { timeout: "2.5s", idle_timeout: "10ms" }).listeners[0].routes[0]).toMatchObject({
      timeout: 2500,
      idleTimeout: 10,
    });
    expect(() => read({ streamIdleTimeout: "5 minutes" })).toThrow("streamIdleTimeout: expected milliseconds");
    expect(() => read({ max_concurrent_streams: 0 })).toThrow("max_concurrent_streams: expected a whole number from 1");
    expect(() => read({}, {}, { circuitBreakers: { maxConnections: 0 } })).toThrow("at least 1");
    expect(() => read({}, {}, { circuitBreakers: { connections: 1 } })).toThrow("there is no such setting");
    expect(() => read({}, { timeout: -1 })).toThrow("timeout: expected milliseconds");
  });
});
