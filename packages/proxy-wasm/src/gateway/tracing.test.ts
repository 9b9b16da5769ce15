import { createServer, type IncomingHttpHeaders } from "node:http";
import { afterEach, expect, test } from "vitest";
import { guest } from "../testing/guest.ts";
import { until } from "../testing/host.ts";
import { listen, send } from "../testing/http.ts";
import { Gateway } from "./gateway.ts";

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A span as OTLP writes it in JSON. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number };
  readonly events: readonly { readonly name: string }[];
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;

const attributesOf = ({ attributes }: { readonly attributes: readonly Attribute[] }): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const toStop: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0).reverse()) await stop();
});

/** A collector, a server and a gateway between it and the test. */
async function start(callbacks: Record<string, string>, tracing: Record<string, unknown> = {}, plugin: object = {}) {
  const exports: Export[] = [];
  const paths: string[] = [];
  const collector = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      paths.push(`${request.url} ${request.headers.authorization}`);
      exports.push(JSON.parse(body) as Export);
      response.setHeader("content-type", "application/json");
      response.end("{}");
    });
  });
  const seen: IncomingHttpHeaders[] = [];
  const upstream = createServer((request, response) => {
    seen.push(request.headers);
    response.statusCode = request.url?.startsWith("/missing") ? 404 : 200;
    response.end("hello");
  });
  const endpoint = `http://127.0.0.1:${await listen(collector)}/v1/traces`;
  const origin = `http://127.0.0.1:${await listen(upstream)}`;
  const code = { local: { inline_string: guest({ callbacks }) } };
  const log: Record<string, unknown>[] = [];
  const gateway = await Gateway.start(
    JSON.stringify({
      listeners: [{ name: "main", address: "127.0.0.1:0", plugins: ["p"], routes: [{ name: "all", cluster: "up" }] }],
      clusters: { up: { endpoints: [origin] } },
      plugins: { p: { envoy: { name: "p", vm_config: { code } }, ...plugin } },
      tracing: { endpoint, serviceName: "edge", headers: { authorization: "secret" }, ...tracing },
    }),
    { accessLog: (line) => log.push(JSON.parse(line) as Record<string, unknown>), log: () => {} },
  );
  for (const server of [collector, upstream])
    toStop.push(() => {
      server.closeAllConnections();
      server.close();
    });
  toStop.push(() => gateway.stop(0));
  const spans = (): Span[] =>
    exports.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    );
  return { gateway, port: gateway.port("main"), exports, paths, seen, spans, log, origin };
}

const CLIENT_TRACE = "0af7651916cd43dd8448eb211c80319c";
const CLIENT_SPAN = "b7ad6b7169203331";

test("a request, its plugins' callbacks and its way to the server are spans of one trace, which the server continues", async () => {
  const { gateway, port, exports, paths, seen, spans, log, origin } = await start({
    proxy_on_request_headers: "(i32.const 0)",
    proxy_on_response_headers: "(i32.const 0)",
    proxy_on_log: "",
  });
  const headers = {
    host: "example.test",
    "user-agent": "a test",
    traceparent: `00-${CLIENT_TRACE}-${CLIENT_SPAN}-01`,
    tracestate: "vendor=1",
  };
  expect((await send(port, { path: "/missing?x=1", headers })).status).toBe(404);
  // What has not been sent is sent when the gateway stops.
  await gateway.stop(0);
  const all = spans();
  expect(new Set(all.map(({ traceId }) => traceId))).toEqual(new Set([CLIENT_TRACE]));
  const server = all.find(({ kind }) => kind === SERVER) as Span;
  const client = all.find(({ kind }) => kind === CLIENT) as Span;
  expect(server.parentSpanId).toBe(CLIENT_SPAN);
  expect(server.name).toBe("GET /");
  expect(attributesOf(server)).toMatchObject({
    "http.request.method": "GET",
    "http.route": "/",
    "http.response.status_code": 404,
    "url.path": "/missing",
    "url.query": "x=1",
    "url.scheme": "http",
    "server.address": "example.test",
    "client.address": "127.0.0.1",
    "user_agent.original": "a test",
    "network.protocol.version": "1.1",
    "wardian.listener": "main",
  });
  // An answer of 404 is the client's error, not this server's.
  expect([server.status.code ?? 0, client.status.code]).toEqual([0, ERROR]);
  expect(client.parentSpanId).toBe(server.spanId);
  expect(attributesOf(client)).toMatchObject({
    "url.full": `${origin}/missing?x=1`,
    "http.response.status_code": 404,
    "error.type": "404",
    "wardian.cluster": "up",
  });
  expect(seen[0].traceparent).toBe(`00-${CLIENT_TRACE}-${client.spanId}-01`);
  expect(seen[0].tracestate).toBe("vendor=1");
  const callbacks = all.filter(({ parentSpanId, kind }) => parentSpanId === server.spanId && kind !== CLIENT);
  expect(callbacks.map(({ name }) => name)).toEqual([
    "proxy_on_request_headers",
    "proxy_on_response_headers",
    "proxy_on_log",
  ]);
  expect(attributesOf(callbacks[0])).toEqual({ "wardian.plugin": "p" });
  expect(attributesOf(exports[0].resourceSpans[0].resource)).toMatchObject({ "service.name": "edge" });
  expect(paths[0]).toBe("/v1/traces secret");
  expect(log[0].trace).toBe(CLIENT_TRACE);
});

test("callbacks in a worker thread are spans of the same trace", async () => {
  const callbacks = { proxy_on_request_headers: "(i32.const 0)", proxy_on_log: "" };
  const { gateway, port, spans, log } = await start(callbacks, {}, { threads: 1 });
  expect((await send(port)).body).toBe("hello");
  await until(() => log.length === 1 && gateway.vms.every(({ streams }) => streams === 0));
  await gateway.stop(0);
  const server = spans().find(({ kind }) => kind === SERVER) as Span;
  const client = spans().find(({ kind }) => kind === CLIENT) as Span;
  const inner = spans().filter(
    ({ parentSpanId, spanId }) => parentSpanId === server.spanId && spanId !== client.spanId,
  );
  expect(inner.map(({ name }) => name)).toEqual(["proxy_on_request_headers", "proxy_on_log"]);
  for (const { startTimeUnixNano, endTimeUnixNano } of inner)
    expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano)).toBe(true);
  expect(BigInt(inner[0].startTimeUnixNano) >= BigInt(server.startTimeUnixNano)).toBe(true);
});

test("a trap is an error of its callback's span and of the request's", async () => {
  const { gateway, port, spans } = await start({ proxy_on_request_headers: "(unreachable)" });
  expect((await send(port)).status).toBe(503);
  await gateway.stop(0);
  const server = spans().find(({ kind }) => kind === SERVER) as Span;
  const callback = spans().find(({ name }) => name === "proxy_on_request_headers") as Span;
  expect([server.status.code, attributesOf(server)["error.type"]]).toEqual([ERROR, "503"]);
  expect([callback.status.code, callback.events[0].name]).toEqual([ERROR, "exception"]);
  expect(server.parentSpanId).toBeUndefined();
});

test("what a client does not want recorded, or the ratio leaves out, is not exported, but the context goes on", async () => {
  const { gateway, port, seen, spans } = await start({ proxy_on_request_headers: "(i32.const 0)" }, { ratio: 0 });
  await send(port, { headers: { traceparent: `00-${CLIENT_TRACE}-${CLIENT_SPAN}-00` } });
  await send(port);
  await send(port, { headers: { traceparent: `00-${CLIENT_TRACE}-${CLIENT_SPAN}-01` } });
  await gateway.stop(0);
  expect(seen[0].traceparent).toMatch(new RegExp(`^00-${CLIENT_TRACE}-[0-9a-f]{16}-00$`));
  expect(seen[1].traceparent).toMatch(/-00$/);
  expect(new Set(spans().map(({ traceId }) => traceId))).toEqual(new Set([CLIENT_TRACE]));
  expect(spans().filter(({ kind }) => kind === SERVER)).toHaveLength(1);
});

test("a collector that is not there disturbs nobody", async () => {
  const gone = createServer();
  const endpoint = `http://127.0.0.1:${await listen(gone)}/v1/traces`;
  gone.close();
  const { gateway, port, log } = await start({}, { endpoint });
  expect((await send(port)).body).toBe("hello");
  await until(() => log.length === 1);
  await gateway.stop(0);
});

test("a configuration of traces that cannot be used is told with its place", async () => {
  await expect(start({}, { endpoint: "nowhere" })).rejects.toThrow("tracing.endpoint: expected the address");
  await expect(start({}, { ratio: 2 })).rejects.toThrow("tracing.ratio: expected a number from 0 to 1");
});
