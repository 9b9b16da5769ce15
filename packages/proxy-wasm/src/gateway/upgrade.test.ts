import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { guest } from "../testing/guest.ts";
import { until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import { Gateway } from "./gateway.ts";

const folder = mkdtempSync(join(tmpdir(), "wardian-upgrade-"));
const toStop: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0).reverse()) await stop();
});

/** Marks requests and answers, and where a header says so waits, or answers itself: at the request or at the server's answer. */
const marking = guest({
  callbacks: {
    proxy_on_request_headers: `(drop (call $proxy_add_header_map_value (i32.const 0) "x-request"$$ "1"$$))
      (i32.store (i32.const 20) (i32.const 0))
      (drop (call $proxy_get_header_map_value (i32.const 0) "x-deny"$$ (i32.const 16) (i32.const 20)))
      (if (i32.eqz (i32.load (i32.const 20))) (then
        (drop (call $proxy_get_header_map_value (i32.const 0) "x-wait"$$ (i32.const 16) (i32.const 20)))
        (if (i32.load (i32.const 20)) (then (return (i32.const 1))))))
      (if (i32.eq (i32.load (i32.const 20)) (i32.const 1)) (then
        (drop (call $proxy_send_local_response (i32.const 403) "denied"$$ "not here"$$ (i32.const 0) (i32.const 0) (i32.const -1)))))
      (i32.const 0)`,
    proxy_on_response_headers: `(drop (call $proxy_add_header_map_value (i32.const 2) "x-answer"$$ "1"$$))
      (i32.store (i32.const 20) (i32.const 0))
      (drop (call $proxy_get_header_map_value (i32.const 2) "x-server"$$ (i32.const 16) (i32.const 20)))
      (if (i32.load (i32.const 20)) (then
        (drop (call $proxy_send_local_response (i32.const 409) "denied"$$ "not this"$$ (i32.const 0) (i32.const 0) (i32.const -1)))))
      (i32.const 0)`,
  },
});
const file = join(folder, "marking.wat");
writeFileSync(file, marking);
const watchingFile = join(folder, "watching.wat");
writeFileSync(
  watchingFile,
  guest({ callbacks: { proxy_on_request_body: "(i32.const 0)", proxy_on_response_body: "(i32.const 0)" } }),
);

interface Backend {
  readonly server: Server;
  readonly url: string;
  /** Headers of requests to change the protocol. */
  readonly asked: Record<string, unknown>[];
  readonly open: Set<Socket>;
}

async function backend(handler: RequestListener = (_request, response) => response.end("ordinary")): Promise<Backend> {
  const server = createServer(handler);
  const sockets = new WebSocketServer({ noServer: true });
  const asked: Record<string, unknown>[] = [];
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  sockets.on("headers", (headers, request) => {
    if (request.url?.endsWith("/server")) headers.push("x-server: 1");
  });
  server.on("upgrade", (request, socket, head) => {
    asked.push({ url: request.url, ...request.headers });
    if (request.url === "/refused" || request.url === "/silent") socket.resume().on("end", () => socket.end());
    if (request.url === "/refused") {
      socket.end(
        "HTTP/1.1 401 Unauthorized\r\nconnection: close\r\nwww-authenticate: x\r\ncontent-length: 4\r\n\r\nwho?",
      );
    } else if (request.url === "/silent") socket.on("error", () => {});
    else if (request.headers.upgrade === "raw") {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: raw\r\n\r\nwelcome ");
      socket.write(head);
      socket.pipe(socket);
    } else
      sockets.handleUpgrade(request, socket, head, (client) => {
        client.on("message", (data, isBinary) => client.send(data, { binary: isBinary }));
        client.on("close", () => client.terminate());
      });
  });
  toStop.push(() => {
    for (const socket of open) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${await listen(server)}`, asked, open };
}

async function gateway(url: string, options: { threads?: number; timeout?: number; watchesBody?: boolean } = {}) {
  const log: Record<string, unknown>[] = [];
  const { threads = 0, timeout = 15_000, watchesBody = false } = options;
  const routes = [
    { name: "socket", prefix: "/ws", cluster: "up", rewrite: "", upgrades: ["WebSocket", "raw"], timeout },
    { name: "plain", cluster: "up" },
  ];
  const running = await Gateway.start(
    JSON.stringify({
      listeners: [{ name: "main", address: "127.0.0.1:0", routes, plugins: ["marking"] }],
      clusters: { up: { endpoints: [url] } },
      plugins: { marking: { code: watchesBody ? watchingFile : file, threads } },
    }),
    { accessLog: (line) => log.push(JSON.parse(line) as Record<string, unknown>), log: () => {} },
  );
  toStop.push(() => running.stop(0));
  return { running, port: running.port("main"), log };
}

interface Opened {
  readonly socket: WebSocket;
  /** Headers of the answer, whichever it was. */
  readonly headers: Record<string, unknown>;
  readonly status: number;
  readonly body: string;
}

function openWebSocket(url: string, headers: Record<string, string> = {}): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers, perMessageDeflate: true });
    let upgraded: Record<string, unknown> = {};
    socket.on("upgrade", (response) => (upgraded = response.headers));
    socket.on("open", () => resolve({ socket, headers: upgraded, status: 101, body: "" }));
    socket.on("unexpected-response", (_request, response) => {
      let body = "";
      response.setEncoding("latin1").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ socket, headers: response.headers, status: response.statusCode ?? 0, body }));
    });
    socket.on("error", reject);
  });
}

/** Sends bytes and gives back all that comes until the connection ends. */
async function raw(port: number, text: string, after?: (soFar: string, socket: Socket) => void): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(text, "latin1");
  let all = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    all += chunk;
    after?.(all, socket);
  });
  socket.on("error", () => {});
  await new Promise((resolve) => socket.on("close", resolve));
  return all;
}

for (const threads of [0, 1])
  test(`an upgrade request that states a length does not wait for a body (${threads} threads)`, async () => {
    const { url } = await backend();
    const { port } = await gateway(url, { threads, watchesBody: true });
    for (const length of [0, 5]) {
      const { socket, status } = await openWebSocket(`ws://127.0.0.1:${port}/ws/chat`, {
        "content-length": `${length}`,
      });
      expect(status).toBe(101);
      socket.terminate();
    }
  });

for (const threads of [0, 1])
  test(`a change of protocol whose answer states a length does not wait for a body (${threads} threads)`, async () => {
    const server = createServer();
    server.on("upgrade", (_request, socket) => {
      socket.on("error", () => {});
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: raw\r\ncontent-length: 5\r\n\r\nwelcome ",
      );
      socket.on("data", (data: Buffer) => socket.end(data));
    });
    toStop.push(() => server.close());
    const { port } = await gateway(`http://127.0.0.1:${await listen(server)}`, { threads, watchesBody: true });
    const text = await raw(port, "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: raw\r\n\r\nearly");
    expect(text).toMatch(/^HTTP\/1\.1 101 .*\r\n\r\nwelcome early$/s);
  });

for (const threads of [0, 1])
  test(`WebSocket passes a route, and plugins see its headers both ways (${threads} threads)`, async () => {
    const { url, asked, open } = await backend();
    const { running, port, log } = await gateway(url, { threads });
    const { socket, headers } = await openWebSocket(`ws://127.0.0.1:${port}/ws/chat?x=1`);
    expect(headers["x-answer"]).toBe("1");
    expect(asked).toMatchObject([{ url: "/chat?x=1", "x-request": "1", "x-forwarded-for": "127.0.0.1" }]);
    const echoed: Buffer[] = [];
    socket.on("message", (data: Buffer) => echoed.push(data));
    const sent = ["hello", "x".repeat(1_000_000), "bye"];
    for (const one of sent) socket.send(one);
    await until(() => echoed.length === sent.length);
    expect(echoed.map(String)).toEqual(sent);
    expect(running.vms[0].streams).toBe(1);
    const closed = new Promise((resolve) => socket.on("close", (code, reason) => resolve(`${code} ${reason}`)));
    socket.close(4001, "enough");
    expect(await closed).toBe("4001 enough");
    await until(() => log.length === 1 && open.size === 0 && running.vms[0].streams === 0);
    expect(log).toMatchObject([{ status: 101, route: "socket", upstream: url, path: "/ws/chat?x=1" }]);
    expect(running.prometheus()).toContain('wardian_requests_total{listener="main",code="1xx"} 1\n');
  });

test("either side's end ends the other, however it comes", async () => {
  const { url, open } = await backend();
  const { running, port } = await gateway(url, { timeout: 600_000 });
  const first = await openWebSocket(`ws://127.0.0.1:${port}/ws`);
  first.socket.on("error", () => {});
  expect(open.size).toBe(1);
  first.socket.terminate();
  await until(() => open.size === 0);
  const second = await openWebSocket(`ws://127.0.0.1:${port}/ws`);
  const closed = new Promise((resolve) => second.socket.on("close", resolve));
  for (const socket of open) socket.destroy();
  expect(await closed).toBe(1006);
  // A client that goes away before the server has answered, or before a plugin has let it ask.
  for (const wait of ["", "x-wait: 1\r\n"]) {
    const leaving = connect(port, "127.0.0.1");
    leaving.write(`GET /ws/silent HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: raw\r\n${wait}\r\nearly`);
    await until(() => running.vms[0].streams === 1 && open.size === (wait === "" ? 1 : 0));
    leaving.end();
    await until(() => running.vms[0].streams === 0 && open.size === 0);
  }
  await until(() => running.vms[0].streams === 0);
});

test("plugins may answer in the server's place, before it is asked and after", async () => {
  const { url, asked, open } = await backend();
  const { running, port, log } = await gateway(url);
  const before = await openWebSocket(`ws://127.0.0.1:${port}/ws`, { "x-deny": "1" });
  expect([before.status, before.body, before.headers["x-answer"]]).toEqual([403, "not here", "1"]);
  expect(asked).toEqual([]);
  const after = await openWebSocket(`ws://127.0.0.1:${port}/ws/server`);
  expect([after.status, after.body]).toEqual([409, "not this"]);
  await until(() => open.size === 0 && log.length === 2 && running.vms[0].streams === 0);
  expect(log.map(({ status }) => status)).toEqual([403, 409]);
});

test("what the server answers instead is sent on, and so is that it is not there", async () => {
  const { url, server, open } = await backend();
  const { running, port, log } = await gateway(url, { timeout: 200 });
  const refused = await openWebSocket(`ws://127.0.0.1:${port}/ws/refused`);
  expect([refused.status, refused.body]).toEqual([401, "who?"]);
  expect(refused.headers).toMatchObject({ "www-authenticate": "x", "x-answer": "1" });
  const silent = await openWebSocket(`ws://127.0.0.1:${port}/ws/silent`);
  expect([silent.status, silent.body]).toEqual([504, "upstream request timeout"]);
  await until(() => open.size === 0);
  await new Promise((resolve) => server.close(resolve));
  expect((await openWebSocket(`ws://127.0.0.1:${port}/ws`)).status).toBe(503);
  await until(() => log.length === 3 && running.vms[0].streams === 0);
  expect(log.map(({ failure }) => failure)).toEqual([undefined, "response_timeout", "upstream_connection_failure"]);
});

describe.each([
  ["without a plugin that sees bodies", false],
  ["with a plugin that sees bodies", true],
])("an answer that does not change the protocol, %s", (_how, watchesBody) => {
  const head = "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: raw\r\n\r\n";
  const asked = async (answer: string, request = head): Promise<string> => {
    const server = createServer();
    server.on("upgrade", (_request, socket) => socket.on("error", () => {}).end(answer));
    toStop.push(() => server.close());
    const { running, port } = await gateway(`http://127.0.0.1:${await listen(server)}`, { watchesBody });
    const text = await raw(port, request);
    await until(() => running.vms[0].streams === 0);
    return text;
  };
  const chunked = "HTTP/1.1 403 No\r\ntransfer-encoding: chunked\r\n\r\n3\r\nno!\r\n";

  test("has chunks where its length is not known", async () => {
    const whole = await asked(`${chunked}0\r\n\r\n`);
    expect(whole).toMatch(/^HTTP\/1\.1 403 .*\r\ntransfer-encoding: chunked\r\n.*\r\n3\r\nno!\r\n0\r\n\r\n$/s);
    expect(await asked(`${chunked}0\r\n\r\n`, head.replace("1.1", "1.0"))).toMatch(/\r\n\r\nno!$/);
  });

  test("does not look complete when it is cut short", async () => {
    for (const answer of [chunked, "HTTP/1.1 403 No\r\ncontent-length: 9\r\n\r\nno!"]) {
      const text = await asked(answer);
      expect(text).not.toContain("\r\n0\r\n\r\n");
      if (text.includes(" 403 ")) expect(text).toMatch(/content-length: 9|transfer-encoding: chunked/);
      else expect(text).toMatch(/^HTTP\/1\.1 502 /);
    }
  });

  test("resets the connection of a client of HTTP/1.0 when it is cut short", async () => {
    const server = createServer();
    server.on("upgrade", (_request, socket) => {
      socket.on("error", () => {}).write(chunked);
      setTimeout(() => socket.destroy(), 50);
    });
    toStop.push(() => server.close());
    const { port } = await gateway(`http://127.0.0.1:${await listen(server)}`, { watchesBody });
    const socket = connect(port, "127.0.0.1", () => socket.write(head.replace("1.1", "1.0")));
    const error = new Promise<Error>((resolve) => socket.on("error", resolve));
    socket.resume();
    expect(await error).toMatchObject({ code: "ECONNRESET" });
  });

  test("loses the fields that its connection nominates", async () => {
    const text = await asked(
      "HTTP/1.1 403 No\r\nconnection: close, x-secret\r\nx-secret: 1\r\nx-a: 1\r\ncontent-length: 2\r\n\r\nno",
    );
    expect(text).toMatch(/\r\nx-a: 1\r\n/);
    expect(text).not.toContain("x-secret");
  });

  test("has no body with the status 205, and none of another status than HTTP has", async () => {
    expect(await asked("HTTP/1.1 205 Reset\r\ncontent-length: 2\r\n\r\nno")).toMatch(/^HTTP\/1\.1 205 .*\r\n\r\n$/s);
    expect(await asked("HTTP/1.1 677 Odd\r\ncontent-length: 2\r\n\r\nno")).toMatch(
      /^HTTP\/1\.1 502 .*invalid :status$/s,
    );
  });
});

test("bytes that come with the request and with the answer are not lost, and a half-open side may still speak", async () => {
  const { url } = await backend();
  const { running, port } = await gateway(url);
  const head = "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: raw\r\n\r\n";
  const text = await raw(port, `${head}early `, (soFar, socket) => {
    if (soFar.endsWith("early ")) socket.end("late");
  });
  expect(text).toMatch(
    /^HTTP\/1\.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: raw\r\nx-answer: 1\r\n\r\n/,
  );
  expect(text).toMatch(/\r\n\r\nwelcome early late$/);
  await until(() => running.vms[0].streams === 0);
});

test("a request whose route does not let it change the protocol is answered as if it had not asked", async () => {
  const bodies: string[] = [];
  const { url } = await backend((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += String(chunk)));
    request.on("end", () => {
      bodies.push(`${request.method} ${request.url} ${body} ${request.headers.upgrade}`);
      response.end("ordinary");
    });
  });
  const { running, port, log } = await gateway(url);
  const upgrade = "connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n";
  const requests = [
    `GET /one HTTP/1.1\r\nhost: x\r\n${upgrade}\r\n`,
    `POST /ws HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n${upgrade}\r\nbody`,
    `POST /two HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n${upgrade}\r\n4\r\nmore\r\n0\r\n\r\n`,
    "GET /three HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
  ];
  // Node 26 by itself answers nothing that has come together with such a request.
  const atOnce = Number.parseInt(process.versions.node, 10) < 24;
  let sent = 1;
  const text = await raw(port, atOnce ? requests.join("") : requests[0], (soFar, socket) => {
    if (atOnce || (soFar.match(/ordinary/g)?.length ?? 0) < sent) return;
    if (sent < requests.length) socket.write(requests[sent++]);
  });
  expect(text.match(/HTTP\/1\.1 200 OK\r\n/g)).toHaveLength(4);
  expect(text.match(/ordinary/g)).toHaveLength(4);
  expect(bodies).toEqual([
    "GET /one  undefined",
    "POST / body undefined",
    "POST /two more undefined",
    "GET /three  undefined",
  ]);
  await until(() => log.length === 4 && running.vms[0].streams === 0);
  // However often a connection asks, nothing piles up on it.
  const warnings: string[] = [];
  const warned = (warning: Error): void => void warnings.push(warning.message);
  process.on("warning", warned);
  let answers = 0;
  await raw(port, `GET / HTTP/1.1\r\nhost: x\r\n${upgrade}\r\n`, (soFar, socket) => {
    const now = soFar.match(/ordinary/g)?.length ?? 0;
    if (now === answers) return;
    answers = now;
    if (answers < 20) socket.write(`GET / HTTP/1.1\r\nhost: x\r\n${upgrade}\r\n`);
    else socket.end();
  });
  process.off("warning", warned);
  expect([answers, warnings]).toEqual([20, []]);
});

test("a reload gives and takes the permission to change the protocol", async () => {
  const { url } = await backend();
  const { running, port } = await gateway(url);
  const config = (upgrades: string[]): string =>
    JSON.stringify({
      listeners: [{ name: "main", address: "127.0.0.1:0", routes: [{ cluster: "up", upgrades }] }],
      clusters: { up: { endpoints: [url] } },
    });
  const before = await openWebSocket(`ws://127.0.0.1:${port}/ws`);
  await running.reload(config([]));
  expect((await openWebSocket(`ws://127.0.0.1:${port}/`)).status).toBe(200);
  await running.reload(config(["websocket"]));
  const after = await openWebSocket(`ws://127.0.0.1:${port}/`);
  for (const { socket } of [before, after]) {
    const echoed = new Promise((resolve) => socket.on("message", resolve));
    socket.send("still there");
    expect(String(await echoed)).toBe("still there");
    socket.close();
  }
  expect(after.headers["x-answer"]).toBeUndefined();
});
