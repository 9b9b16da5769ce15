import { mkdtempSync, writeFileSync } from "node:fs";
import { Agent, createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { guest } from "../testing/guest.ts";
import { until } from "../testing/host.ts";
import { listen, send } from "../testing/http.ts";
import { Gateway } from "./gateway.ts";

const folder = mkdtempSync(join(tmpdir(), "wardian-gateway-"));
const toStop: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0)) await stop();
});

async function untilTrue(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

function plugin(name: string, callbacks: Record<string, string>): string {
  const file = join(folder, `${name}.wat`);
  writeFileSync(file, guest({ callbacks }));
  return file;
}

const tag = (value: string): Record<string, string> => ({
  proxy_on_response_headers: `(drop (call $proxy_add_header_map_value (i32.const 2) "x-plugin"$$ "${value}"$$)) (i32.const 0)`,
});

async function upstream(handler: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(handler);
  const port = await listen(server);
  toStop.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${port}` };
}

async function gateway(config: unknown): Promise<{ gateway: Gateway; port: number; log: Record<string, unknown>[] }> {
  const log: Record<string, unknown>[] = [];
  const started = await Gateway.start(JSON.stringify(config), {
    accessLog: (line) => log.push(JSON.parse(line) as Record<string, unknown>),
    log: () => {},
  });
  toStop.push(() => started.stop(0));
  return { gateway: started, port: started.port("main"), log };
}

const listener = (routes: unknown[], plugins: string[] = []): unknown => ({
  name: "main",
  address: "127.0.0.1:0",
  routes,
  plugins,
});

test("requests go to their route's cluster, through plugins, and bodies and trailers stream", async () => {
  const { url } = await upstream((request, response) => {
    response.setHeader("set-cookie", ["a=1", "b=2"]);
    response.setHeader("trailer", "sum");
    response.setHeader("x-path", request.url ?? "");
    response.setHeader("x-for", String(request.headers["x-forwarded-for"]));
    response.setHeader("x-host", String(request.headers.host));
    request.pipe(response, { end: false });
    request.on("end", () => {
      response.addTrailers({ sum: "1" });
      response.end();
    });
  });
  const {
    gateway: running,
    port,
    log,
  } = await gateway({
    listeners: [
      listener(
        [
          { name: "api", prefix: "/api/", cluster: "up", rewrite: "/v1/" },
          { name: "host", hosts: ["special.test"], cluster: "up", rewrite: "/special" },
        ],
        ["tag"],
      ),
    ],
    clusters: { up: { endpoints: [url] } },
    plugins: { tag: { code: plugin("tag", tag("1")), limits: { fuelPerCallback: 1_000_000, timeout: 1_000 } } },
    admin: { address: "127.0.0.1:0" },
  });
  const answer = await send(port, { method: "POST", path: "/api/x?y", headers: { host: "me" } }, ["one", "two"]);
  expect([answer.status, answer.body, answer.headers["x-plugin"], answer.headers["x-path"]]).toEqual([
    200,
    "onetwo",
    "1",
    "/v1/x?y",
  ]);
  expect([answer.headers["x-for"], answer.headers["x-host"], answer.trailers.sum]).toEqual(["127.0.0.1", "me", "1"]);
  expect(answer.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
  expect((await send(port, { path: "/", headers: { host: "special.test:80" } })).headers["x-path"]).toBe("/special");
  expect((await send(port, { path: "/none" })).status).toBe(404);
  await until(() => log.length === 3);
  expect(log[0]).toMatchObject({ method: "POST", path: "/api/x?y", status: 200, route: "api", upstream: url });
  const admin = running.adminPort ?? 0;
  const metrics = await send(admin, { path: "/metrics" });
  expect(metrics.body).toContain('wardian_requests_total{listener="main",code="2xx"} 2\n');
  expect((await send(admin, { path: "/" })).body).toMatch(
    /<td>tag<td class="n">1<td><span class="running">running<\/span><td class="n">0<td class="n">\d+<td class="n">\d/,
  );
  expect(JSON.parse((await send(admin, { path: "/vms" })).body)).toHaveLength(1);
});

test("a server that is not there is answered for, and another one of its cluster is asked", async () => {
  const { url } = await upstream((_request, response) => response.end("alive"));
  const gone = await upstream(() => {});
  gone.server.close();
  const { port } = await gateway({
    listeners: [
      listener([
        { prefix: "/gone", cluster: "gone" },
        { prefix: "/", cluster: "both" },
      ]),
    ],
    clusters: { gone: { endpoints: [gone.url] }, both: { endpoints: [gone.url, url] } },
    accessLog: false,
  });
  expect((await send(port, { path: "/gone" })).status).toBe(503);
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await send(port)).status);
  expect(statuses).toEqual([503, 200, 200, 200]);
});

test("a server that is late gets 504, one that breaks off breaks the response off", async () => {
  const { url } = await upstream((request, response) => {
    if (request.url === "/late") return;
    if (request.url === "/reset") request.socket.destroy();
    else {
      response.write("part");
      setTimeout(() => request.socket.destroy(), 20);
    }
  });
  const { gateway: running, port } = await gateway({
    listeners: [listener([{ cluster: "up", timeout: 50 }], ["tag"])],
    clusters: { up: { endpoints: [url] } },
    plugins: { tag: { code: plugin("tag", tag("1")) } },
    accessLog: false,
  });
  const late = await send(port, { path: "/late" });
  expect([late.status, late.headers["x-plugin"]]).toEqual([504, "1"]);
  expect((await send(port, { path: "/reset" })).status).toBe(502);
  await expect(send(port, { path: "/half" })).rejects.toThrow();
  await until(() => running.vms[0].streams === 0);
});

test("a reload holds for new requests, those under way end with what they began with, and a bad one changes nothing", async () => {
  let finish: () => void = () => {};
  const { url } = await upstream((request, response) => {
    if (request.url === "/slow") finish = () => response.end("slow");
    else response.end("quick");
  });
  const config = (value: string, prefix = "/"): unknown => ({
    listeners: [listener([{ prefix, cluster: "up" }], ["tag"])],
    clusters: { up: { endpoints: [url] } },
    plugins: { tag: { code: plugin(`tag-${value}`, tag(value)) } },
    accessLog: false,
  });
  const { gateway: running, port } = await gateway(config("one"));
  const slow = send(port, { path: "/slow" });
  await until(() => running.metrics.active === 1 && running.vms[0].streams === 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await running.reload(JSON.stringify(config("two")));
  expect(running.port("main")).toBe(port);
  expect((await send(port)).headers["x-plugin"]).toBe("two");
  finish();
  const answer = await slow;
  expect([answer.headers["x-plugin"], answer.body]).toEqual(["one", "slow"]);
  await expect(running.reload("listeners: 3")).rejects.toThrow("listeners: expected a list, not 3");
  const missing = { ...(config("three") as object), plugins: { tag: { code: join(folder, "missing.wat") } } };
  await expect(running.reload(JSON.stringify(missing))).rejects.toThrow("cannot read");
  expect((await send(port)).headers["x-plugin"]).toBe("two");
});

test("a gateway that stops lets requests end", async () => {
  let finish: () => void = () => {};
  const { url } = await upstream((_request, response) => {
    finish = () => response.end("done");
  });
  const { gateway: running, port } = await gateway({
    listeners: [listener([{ cluster: "up" }])],
    clusters: { up: { endpoints: [url] } },
    accessLog: false,
  });
  const answer = send(port);
  await until(() => running.metrics.active === 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const stopped = running.stop(10_000);
  finish();
  expect((await answer).body).toBe("done");
  await stopped;
  await expect(send(port)).rejects.toThrow();
});

test("what is wrong with a configuration is told with its place", async () => {
  const start = (text: string): Promise<Gateway> => Gateway.start(text);
  await expect(start("")).rejects.toThrow("expected an object");
  await expect(start("listeners: [")).rejects.toThrow();
  await expect(start("listeners: [{address: nowhere}]")).rejects.toThrow("listeners[0]");
  await expect(start('listeners: [{address: ":80", routes: [{cluster: x}]}]')).rejects.toThrow(
    'listeners[0].routes[0].cluster: expected one of the clusters (none), not "x"',
  );
  await expect(start("listners: []")).rejects.toThrow("listners: there is no such setting");
});

test("a plugin decides where a request goes by rewriting its authority, and asks other clusters itself", async () => {
  const canary = await upstream((_request, response) => response.end("canary"));
  const primary = await upstream((_request, response) => response.end("primary"));
  const pairs =
    "\\x03\\x00\\x00\\x00\\x07\\x00\\x00\\x00\\x03\\x00\\x00\\x00\\x05\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x0a\\x00\\x00\\x00\\x01\\x00\\x00\\x00:method\\x00GET\\x00:path\\x00/\\x00:authority\\x00x\\x00";
  const code = join(folder, "routing.wat");
  writeFileSync(
    code,
    guest({
      fields: "(global $stream (mut i32) (i32.const 0))",
      callbacks: {
        proxy_on_request_headers: `
          (global.set $stream (local.get $id))
          (drop (call $proxy_http_call "canary"$$ "${pairs}"$$ (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 16)))
          (i32.const 1)`,
        // Where the canary answers with six bytes, requests go there.
        proxy_on_http_call_response: `
          (drop (call $proxy_set_effective_context (global.get $stream)))
          (if (i32.eq (local.get $body) (i32.const 6)) (then
            (drop (call $proxy_replace_header_map_value (i32.const 0) ":authority"$$ "canary"$$))))
          (drop (call $proxy_continue_stream (i32.const 0)))`,
      },
    }),
  );
  const { port } = await gateway({
    listeners: [listener([{ hosts: ["canary"], cluster: "canary" }, { cluster: "primary" }], ["routing"])],
    clusters: { canary: { endpoints: [canary.url] }, primary: { endpoints: [primary.url] } },
    plugins: { routing: { code } },
    accessLog: false,
  });
  expect((await send(port)).body).toBe("canary");
  canary.server.closeAllConnections();
  canary.server.close();
  expect((await send(port)).body).toBe("primary");
});

test("an administrator sees which plugins and machines there are, and how they have failed", async () => {
  const { url } = await upstream((_request, response) => response.end("alive"));
  const bad = join(folder, "bad.wat");
  writeFileSync(
    bad,
    guest({
      callbacks: { proxy_on_request_headers: "(call $inner) (i32.const 0)" },
      fields: "(func $inner (unreachable))",
    }),
  );
  const { gateway: running, port } = await gateway({
    listeners: [listener([{ cluster: "up" }], ["<bad>"])],
    clusters: { up: { endpoints: [url] } },
    plugins: { "<bad>": { code: bad, limits: { memory: 1048576 } } },
    admin: { address: "127.0.0.1:0" },
  });
  expect((await send(port)).status).toBe(503);
  await until(() => running.vms[0].failures.length === 1);
  const [{ failures, memoryLimit }] = running.vms;
  expect(memoryLimit).toBe(1048576);
  expect(failures[0].message).toMatch(/^proxy_on_request_headers trapped: /);
  expect(failures[0].frames[0]).toMatch(/^inner at 0x/);
  const { body } = await send(running.adminPort ?? 0, { path: "/" });
  expect(body).toContain("<td>&#60;bad&#62;<td");
  expect(body).toContain('<span class="failed">failed</span>');
  expect(body).toContain("<summary>proxy_on_request_headers trapped: ");
  expect(body).toContain("of at most");
  expect(body).not.toContain("<bad>");
});

test("a server whose health check fails gets no requests until it is well again", async () => {
  const states = [true, true];
  const asked = [0, 0];
  const urls = [];
  for (const i of [0, 1]) {
    const { url } = await upstream((request, response) => {
      if (request.url === "/health") response.statusCode = states[i] ? 200 : 500;
      else asked[i]++;
      response.end(String(i));
    });
    urls.push(url);
  }
  const { port, gateway: running } = await gateway({
    listeners: [listener([{ cluster: "up" }])],
    clusters: { up: { endpoints: urls, health: { path: "/health", interval: 10 } } },
    accessLog: false,
  });
  const bodies = async (): Promise<Set<string>> => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(port)));
    return new Set(answers.map(({ body }) => body));
  };
  expect(await bodies()).toEqual(new Set(["0", "1"]));
  states[0] = false;
  await untilTrue(async () => (await bodies()).size === 1);
  expect(await bodies()).toEqual(new Set(["1"]));
  // When none is well, they are asked all the same: what is known may be old.
  states[1] = false;
  await untilTrue(async () => (await bodies()).size === 2);
  states[0] = true;
  await untilTrue(async () => (await bodies()).size === 1);
  expect(await bodies()).toEqual(new Set(["0"]));
  expect(running.metrics.active).toBe(0);
});

test("a listener that a reload takes away lets its requests end, and its connections go", async () => {
  const finish: (() => void)[] = [];
  const { url } = await upstream((_request, response) => {
    finish.push(() => response.end("ended"));
  });
  const config = (name: string, http2: boolean): unknown => ({
    listeners: [{ ...(listener([{ cluster: "up" }]) as object), name, http2 }],
    clusters: { up: { endpoints: [url] } },
    accessLog: false,
  });
  const { gateway: running, port } = await gateway(config("main", true));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  toStop.push(() => agent.destroy());
  const answer = send(port, { agent });
  await until(() => finish.length === 1);
  // The same request again, on the same connection, when the listener is no more.
  const late = send(port, { agent });
  await running.reload(JSON.stringify(config("other", false)));
  finish[0]();
  expect((await answer).body).toBe("ended");
  expect(
    await late.then(
      ({ status }) => status,
      () => 503,
    ),
  ).toBe(503);
  await expect(send(port)).rejects.toThrow();
  const again = send(running.port("other"));
  await until(() => finish.length === 2);
  finish[1]();
  expect((await again).body).toBe("ended");
});

test("a service runs without requests, and one that has failed gets a new VM if its policy says so", async () => {
  const lines: string[] = [];
  const code = plugin("service", {
    proxy_on_vm_start: `(drop (call $proxy_log (i32.const 2) "service starts"$$)) (i32.const 1)`,
    proxy_on_configure: "(drop (call $proxy_set_tick_period_milliseconds (i32.const 20))) (i32.const 1)",
    proxy_on_tick: "unreachable",
  });
  const started = await Gateway.start(
    JSON.stringify({
      listeners: [listener([{ cluster: "up" }])],
      clusters: { up: { endpoints: ["http://127.0.0.1:1"] } },
      plugins: { service: { code, failurePolicy: "reload", reloadBackoff: 1 } },
      services: [{ plugin: "service", singleton: false }],
    }),
    { log: ({ message }) => lines.push(message) },
  );
  toStop.push(() => started.stop(0));
  await until(() => lines.filter((line) => line === "service starts").length === 3);
});
