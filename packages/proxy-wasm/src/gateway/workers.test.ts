import { createServer, type RequestListener } from "node:http";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { hasProgram, lacks } from "../../../../test/needs.ts";
import { certificate } from "../testing/certificate.ts";
import { GatewayProcess } from "../testing/gateway-process.ts";
import { until } from "../testing/host.ts";
import { listen, send } from "../testing/http.ts";

/* Everything that a listener does, with connections that the primary process hands to its workers. */

const toStop: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0).reverse()) await stop();
});

interface Running {
  readonly gateway: GatewayProcess;
  readonly port: number;
  readonly admin: number;
  /** Writes the configuration again, with another value of the header `x-tag`, and waits until it is in use. */
  reload(tag: string): Promise<void>;
  end(): Promise<void>;
}

const echo: RequestListener = (incoming, response) => void incoming.pipe(response);

async function run(listener: object, handler: RequestListener = echo): Promise<Running> {
  const server = createServer(handler);
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (client) => client.on("message", (data) => client.send(String(data))));
  toStop.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  const gateway = new GatewayProcess();
  toStop.push(() => gateway.kill());
  if ("tls" in listener) certificate(gateway.folder);
  const probe = createServer();
  const admin = await listen(probe);
  await new Promise((resolve) => probe.close(resolve));
  const configure = (tag: string): void => {
    const callbacks = {
      proxy_on_response_headers: `(drop (call $proxy_add_header_map_value (i32.const 2) "x-tag"$$ "${tag}"$$)) (i32.const 0)`,
    };
    const routes = [{ prefix: "/ws", cluster: "up", upgrades: ["websocket"] }, { cluster: "up" }];
    gateway.configure({
      listeners: [{ name: "main", address: "127.0.0.1:0", routes, plugins: ["tag"], ...listener }],
      clusters: { up: { endpoints: [url] } },
      plugins: { tag: { code: gateway.plugin(`tag-${tag}`, { callbacks }) } },
      admin: { address: `127.0.0.1:${admin}` },
      accessLog: false,
      shutdownTimeout: 5000,
      watchdog: 0,
    });
  };
  configure("0");
  await gateway.start("--workers", "2");
  const reloads = (): number => gateway.output.split("wardian gateway: reloaded").length - 1;
  return {
    gateway,
    admin,
    port: gateway.port("main"),
    reload: async (tag) => {
      const before = reloads();
      configure(tag);
      await until(() => reloads() > before);
    },
    end: async () => {
      gateway.signal("SIGTERM");
      await gateway.ended();
    },
  };
}

const TLS = { tls: { cert: "cert.pem", key: "key.pem" } };

interface Told {
  readonly status: number;
  readonly body: string;
  readonly tag: string | undefined;
}

const session = (port: number): ClientHttp2Session => {
  const one = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  toStop.push(() => one.destroy());
  return one.on("error", () => {});
};

/** Sends a request on a session. @throws the error of the stream */
async function ask(on: ClientHttp2Session, body: string): Promise<Told> {
  const stream = on.request({ ":method": "POST", ":path": "/" });
  let told = { status: 0, tag: "" };
  stream.on("response", (headers) => {
    told = { status: Number(headers[":status"]), tag: String(headers["x-tag"]) };
  });
  stream.end(body);
  let text = "";
  for await (const chunk of stream.setEncoding("latin1")) text += chunk as string;
  return { ...told, body: text };
}

/** A request of HTTP/1.1 over TLS on a connection of its own. */
const askOverTls = (port: number, body: string): Promise<Told> =>
  new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", method: "POST", agent: false, rejectUnauthorized: false } as const;
    const outgoing = request(options, (response) => {
      let text = "";
      response.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
      response.on("error", reject).on("end", () => {
        resolve({ status: response.statusCode ?? 0, body: text, tag: String(response.headers["x-tag"]) });
      });
    });
    outgoing.on("error", reject).end(body);
  });

/** How many connections each worker has taken, by what the plugin's VM in it was called. */
async function calls({ admin }: Running): Promise<number[]> {
  const rows = JSON.parse((await send(admin, { path: "/vms" })).body) as { worker: number; calls: number }[];
  return rows.sort((a, b) => a.worker - b.worker).map((row) => row.calls);
}

describe.skipIf(lacks("openssl", hasProgram("openssl")))("two workers with TLS", () => {
  test("answer HTTP/1.1 and HTTP/2, and share the connections", async () => {
    const running = await run(TLS);
    const before = await calls(running);
    const asked = Array.from({ length: 20 }, (_, i) => askOverTls(running.port, `one ${i}`));
    const sessions = Array.from({ length: 4 }, () => session(running.port));
    const streams = sessions.flatMap((one, i) => Array.from({ length: 20 }, (_, j) => ask(one, `two ${i} ${j}`)));
    expect((await Promise.all(asked)).map(({ body }) => body)).toEqual(asked.map((_, i) => `one ${i}`));
    const bodies = (await Promise.all(streams)).map(({ status, body, tag }) => `${status} ${body} ${tag}`);
    expect(bodies).toEqual(streams.map((_, i) => `200 two ${Math.floor(i / 20)} ${i % 20} 0`));
    const after = await calls(running);
    expect(after.length).toBe(2);
    for (const [i, count] of after.entries()) expect(count).toBeGreaterThan(before[i]);
    for (const one of sessions) one.close();
    await running.end();
    expect(running.gateway.exitCode).toBe(0);
  });

  test("lose no request of HTTP/1.1 or HTTP/2 over reloads under load", async () => {
    const running = await run(TLS);
    let stopped = false;
    const seen: string[] = [];
    const traffic = async (one: (body: string) => Promise<Told>): Promise<void> => {
      while (!stopped) {
        try {
          const { status, body, tag } = await one("ping");
          seen.push(`${status} ${body} ${tag}`);
        } catch (error) {
          seen.push(String(error));
        }
      }
    };
    const long = [session(running.port), session(running.port)];
    const all = [
      traffic((body) => askOverTls(running.port, body)),
      ...long.flatMap((on) => [traffic((body) => ask(on, body)), traffic((body) => ask(on, body))]),
    ];
    for (const tag of ["1", "2", "3", "4"]) await running.reload(tag);
    await until(() => seen.at(-1) === "200 ping 4");
    stopped = true;
    await Promise.all(all);
    expect(seen.filter((line) => !/^200 ping [0-4]$/.test(line))).toEqual([]);
    // The sessions stayed open, and their requests took the new plugins.
    expect(long.map(({ closed }) => closed)).toEqual([false, false]);
    for (const one of long) one.close();
    await running.end();
    expect(running.gateway.exitCode).toBe(0);
  });

  test("let the streams of sessions end, and take no more of them, when the gateway ends", async () => {
    const finish: (() => void)[] = [];
    const running = await run(TLS, (_incoming, response) => {
      response.write("begun ");
      finish.push(() => response.end("and ended"));
    });
    const sessions = Array.from({ length: 4 }, () => session(running.port));
    const answers = sessions.map((one) => ask(one, ""));
    await until(() => finish.length === 4);
    const away = Promise.all(sessions.map((one) => new Promise((resolve) => one.once("goaway", resolve))));
    running.gateway.signal("SIGTERM");
    await away;
    expect(running.gateway.exitCode).toBeUndefined();
    await expect(askOverTls(running.port, "late")).rejects.toThrow();
    for (const end of finish) end();
    for (const { body } of await Promise.all(answers)) expect(body).toBe("begun and ended");
    await running.gateway.ended();
    expect(running.gateway.exitCode).toBe(0);
  });

  test("pass WebSocket messages over TLS in each worker", async () => {
    const running = await run(TLS);
    const said = await Promise.all(
      Array.from({ length: 6 }, (_, i) => say(`wss://127.0.0.1:${running.port}/ws`, `${i}`)),
    );
    expect(said.map(({ text }) => text)).toEqual(["0", "1", "2", "3", "4", "5"]);
    for (const { client } of said) client.close();
    await running.end();
    expect(running.gateway.exitCode).toBe(0);
  });
});

/** Opens a WebSocket, says something, and waits for the echo. */
async function say(url: string, text: string): Promise<{ client: WebSocket; text: string }> {
  const client = new WebSocket(url, { rejectUnauthorized: false });
  toStop.push(() => client.terminate());
  client.on("error", () => {});
  client.on("open", () => client.send(text));
  const heard = await new Promise<string>((resolve, reject) => {
    client.on("message", (data) => resolve(String(data)));
    client.on("close", () => reject(new Error("the connection was closed")));
  });
  return { client, text: heard };
}

describe("two workers without TLS", () => {
  test("keep WebSockets over a reload, and close them when the time to end is over", async () => {
    const running = await run({});
    const url = `ws://127.0.0.1:${running.port}/ws`;
    const open = await Promise.all(Array.from({ length: 6 }, (_, i) => say(url, `first ${i}`)));
    await running.reload("1");
    for (const [i, { client }] of open.entries()) {
      const heard = new Promise((resolve) => client.once("message", (data) => resolve(String(data))));
      client.send(`second ${i}`);
      expect(await heard).toBe(`second ${i}`);
    }
    const closed = Promise.all(open.map(({ client }) => new Promise((resolve) => client.once("close", resolve))));
    await running.end();
    await closed;
    expect(running.gateway.exitCode).toBe(0);
  }, 30_000);

  test("refuse the preface of HTTP/2, which needs TLS, and go on", async () => {
    const running = await run({});
    const answers = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const one = connectHttp2(`http://127.0.0.1:${running.port}`).on("error", () => {});
        const stream = one.request({ ":path": "/" });
        const refused = await new Promise((resolve) =>
          stream.on("error", resolve).on("response", () => resolve("answered")),
        );
        one.destroy();
        return refused instanceof Error;
      }),
    );
    expect(answers).toEqual([true, true, true, true]);
    expect((await send(running.port, { method: "POST" }, ["still"])).body).toBe("still");
    await running.end();
    expect(running.gateway.exitCode).toBe(0);
  });

  test("have no more waiting connections of one client than it may have", async () => {
    const running = await run({ maxConnectionsPerClient: 5 });
    const { gateway, port, admin } = running;
    const stopped = gateway.workers;
    for (const pid of stopped) process.kill(pid, "SIGSTOP");
    const sockets: Socket[] = [];
    let closed = 0;
    const open = async (from: string): Promise<Socket> => {
      const socket = connect({ port, host: "127.0.0.1", localAddress: from });
      sockets.push(socket);
      toStop.push(() => socket.destroy());
      socket.on("error", () => {}).on("close", () => closed++);
      await new Promise((resolve) => socket.once("connect", resolve));
      socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
      return socket;
    };
    for (let i = 0; i < 8; i++) await open("127.0.0.1");
    await until(() => closed === 3);
    // Another client is not affected.
    const other = await open("127.0.0.2");
    await sleep(50);
    expect(closed).toBe(3);
    const answered = Promise.all(
      [...sockets.filter(({ destroyed }) => !destroyed)].map(
        (socket) =>
          new Promise<string>((resolve) => {
            let text = "";
            socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
            socket.on("close", () => resolve(text.slice(9, 12)));
          }),
      ),
    );
    for (const pid of stopped) process.kill(pid, "SIGCONT");
    expect(await answered).toEqual(["200", "200", "200", "200", "200", "200"]);
    expect(other.destroyed).toBe(true);
    const limit = 'wardian_connection_limits_total{listener="main",limit="max_connections_per_client"} 3\n';
    expect((await send(admin, { path: "/metrics" })).body).toContain(limit);
    // Those that were answered no longer count.
    const later = await Promise.all(Array.from({ length: 4 }, () => send(port, { method: "POST" }, ["later"])));
    expect(later.map(({ body }) => body)).toEqual(["later", "later", "later", "later"]);
  });
});
