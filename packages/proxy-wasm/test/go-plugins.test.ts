import { createServer, type RequestListener, type Server } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { hasProgram, lacks } from "../../../test/needs.ts";
import { filterServer } from "../src/node/middleware.ts";
import { HttpUpstreams } from "../src/services/http-upstreams.ts";
import { filterConnections } from "../src/tcp/node.ts";
import { testHost, until } from "../src/testing/host.ts";
import { listen, send } from "../src/testing/http.ts";
import { goPlugin } from "../src/testing/plugins.ts";
import type { Plugin } from "../src/vm/plugin.ts";
import type { PluginHostOptions } from "../src/vm/plugin-host.ts";

/*
 * What plugins of Go's SDK ask of their host, each over real sockets: the behaviours of the SDK's examples, which stand in
 * guests/proxy-wasm/go in our own words.
 */
describe.skipIf(lacks("Go", hasProgram("go")))("plugins in Go", () => {
  let code: Uint8Array;
  beforeAll(() => {
    code = goPlugin();
  }, 300_000);

  const toStop: (() => unknown)[] = [];
  afterEach(async () => {
    for (const stop of toStop.splice(0).reverse()) await stop();
  });

  async function serve(handler: RequestListener): Promise<{ server: Server; port: number; origin: string }> {
    const server = createServer(handler);
    const port = await listen(server);
    toStop.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { server, port, origin: `http://127.0.0.1:${port}` };
  }

  /** A host, and a server with a plugin of this behaviour before it. */
  async function start(behaviour: string, handler: RequestListener, options: PluginHostOptions = {}) {
    const { host, lines } = testHost({ logLevel: "info", ...options });
    const plugin = await host.load({ name: "go", code, configuration: behaviour });
    const { server, port } = await serve(handler);
    filterServer(server, [plugin]);
    toStop.push(() => {
      expect(lines.filter((line) => line.startsWith("unexpected"))).toEqual([]);
      plugin.close();
    });
    return { host, lines, port, plugin };
  }

  const echo: RequestListener = (request, response) => {
    response.setHeader("x-headers", JSON.stringify(request.headers));
    request.pipe(response);
  };

  /** Waits until a line is logged. */
  const logged = (lines: readonly string[], pattern: RegExp, times = 1): Promise<void> =>
    until(() => lines.filter((line) => pattern.test(line)).length >= times);

  test("helloworld: a VM starts, ticks, and has a clock and randomness", async () => {
    const { lines } = await start("clock", echo);
    await logged(lines, /^tick \d+: /, 2);
    const ticks = lines.filter((line) => line.startsWith("tick"));
    const [first, second] = ticks.map((line) => /^tick (\d+): (\S+), (\d+)$/.exec(line) as RegExpExecArray);
    expect([first[1], second[1]]).toEqual(["1", "2"]);
    expect(Math.abs(Date.parse(first[2]) - Date.now())).toBeLessThan(3_600_000);
    expect(first[3]).not.toBe(second[3]);
  });

  test("vm_plugin_configuration: both configurations arrive", async () => {
    const { host, lines } = testHost({ logLevel: "info" });
    const vm = { id: "v", configuration: { name: "vm" } };
    const plugin = await host.load({ code, configuration: { name: "plugin" }, vm });
    expect(lines).toEqual([`vm: {"name":"vm"}`, `plugin: {"name":"plugin"}`]);
    plugin.close();
  });

  test("http_headers: headers are read, replaced, added and removed, and the end is told", async () => {
    const { lines, port } = await start("headers", echo);
    const answer = await send(port, { path: "/a", headers: { test: "x", secret: "s", other: "ü" } });
    const seen = JSON.parse(answer.headers["x-headers"] as string) as Record<string, string>;
    expect([seen.test, seen.multi, seen.secret]).toEqual(["best", "1, 2", undefined]);
    expect(answer.headers["x-proxy-wasm-go-sdk-example"]).toBe("http_headers");
    await logged(lines, /^finished$/);
    expect(lines).toContain("request header: :path: /a");
    expect(lines).toContain("response header: :status: 200");
    const hello = await send(port, { path: "/hello" });
    expect([hello.status, hello.headers.hello, hello.body]).toEqual([200, "world", "Hello, World!\n"]);
  });

  test("http_config: the plugin's configuration becomes a header", async () => {
    const { port } = await start("config:from the configuration", echo);
    expect((await send(port)).headers["custom-header"]).toBe("from the configuration");
  });

  test.each([
    ["append", "original[this is append]"],
    ["prepend", "[this is prepend]original"],
    ["replace", "[this is replace]"],
  ])("http_body: a body is changed by %s, in both directions", async (how, changed) => {
    const { lines, port } = await start("set-body", echo);
    for (const where of ["request", "response"]) {
      const headers = { "content-length": 8, "x-how": how, "x-where": where };
      expect((await send(port, { method: "POST", headers }, ["orig", "inal"])).body).toBe(changed);
    }
    expect(lines).toContain("request body: original");
    // Without a length it is not to be changed.
    const refused = await send(port, { method: "POST" }, ["original"]);
    expect([refused.status, refused.body]).toEqual([400, "content must be provided"]);
  });

  test("http_body: a plugin answers with what it was sent", async () => {
    const { port } = await start(
      "echo-body",
      (request, response) => void request.resume().on("end", () => response.end()),
    );
    const answer = await send(port, { method: "POST" }, ["frosty", " morning"]);
    expect([answer.status, answer.headers["x-length"], answer.body]).toEqual([200, "14", "frosty morning"]);
  });

  test("http_body_chunk: a growing body is read from where the last read ended, and refused in its middle", async () => {
    const { lines, port } = await start("body-chunks", echo);
    expect((await send(port, { method: "POST" }, ["one", "two", "three"])).body).toBe("onetwothree");
    const reads = lines.flatMap((line) => {
      const match = /^read (\d+) at (\d+)$/.exec(line);
      return match === null ? [] : [[Number(match[1]), Number(match[2])]];
    });
    let at = 0;
    for (const [length, from] of reads) {
      expect(from).toBe(at);
      at += length;
    }
    expect(at).toBe(11);
    const refused = await send(port, { method: "POST" }, ["some", "pattern", "more"]);
    expect([refused.status, refused.headers["powered-by"]]).toEqual([403, "proxy-wasm-go-sdk"]);
  });

  test("json_validation: the headers' verdict and the body's", async () => {
    const { port } = await start("json", echo);
    const headers = { "content-type": "application/json" };
    const good = `{"id":"x","token":"y"}`;
    expect((await send(port, { method: "POST", headers }, [good])).body).toBe(good);
    const bad = await send(port, { method: "POST", headers }, [`{"id":"x"}`]);
    expect([bad.status, bad.body]).toEqual([403, "invalid payload"]);
    const text = await send(port, { method: "POST" }, [good]);
    expect([text.status, text.body]).toEqual([403, "content-type must be provided"]);
  });

  test("http_auth_random: a request waits for what another server says", async () => {
    // The hash of "a" is even, that of "b" odd.
    const { origin } = await serve((request, response) => response.end(request.url === "/pass" ? "b" : "a"));
    const upstreams = new HttpUpstreams({ auth: origin });
    toStop.push(() => upstreams.close());
    const { lines, port } = await start("auth:auth", echo, { upstreams });
    const answers = [await send(port, { path: "/pass" }), await send(port, { path: "/deny" })];
    expect(lines).toContain("auth: status 200");
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    const denied = answers.find(({ status }) => status === 403);
    expect([denied?.headers["powered-by"], denied?.body]).toEqual(["proxy-wasm-go-sdk", "access forbidden"]);
  });

  test("dispatch_call_on_tick: two roots in one VM call a server, and count for themselves", async () => {
    const { origin } = await serve((request, response) => {
      response.statusCode = request.url === "/ok" ? 200 : 503;
      response.setHeader("trailer", "sum");
      response.write("body");
      response.addTrailers({ sum: "1" });
      response.end();
    });
    const upstreams = new HttpUpstreams({ web: origin });
    toStop.push(() => upstreams.close());
    const { host, lines } = testHost({ logLevel: "info", upstreams });
    const plugins: Plugin[] = [];
    for (const name of ["a", "b"])
      plugins.push(await host.load({ name, code, configuration: "call-on-tick:web", vm: { id: "one" } }));
    toStop.push(() => {
      for (const plugin of plugins) plugin.close();
    });
    expect(host.vms).toHaveLength(1);
    for (const root of [1, 2])
      for (const call of ["1: 200 sum=1", "2: 503 sum=1"])
        await logged(lines, new RegExp(`^root ${root}, call ${call}$`));
  });

  test("multiple_dispatches: ten calls at once from a response, which goes on when all are answered", async () => {
    const { origin } = await serve((_request, response) => response.end("x"));
    const upstreams = new HttpUpstreams({ web: origin });
    toStop.push(() => upstreams.close());
    const { port } = await start("many-calls:web", (_request, response) => response.end("the body"), { upstreams });
    const answer = await send(port);
    expect([answer.headers["total-dispatched"], answer.body]).toEqual(["10", "the body"]);
  });

  test("postpone_requests: the root's clock lets requests go on", async () => {
    const { port } = await start("postpone", echo);
    const answers = await Promise.all(["a", "b", "c"].map((body) => send(port, { method: "POST" }, [body])));
    expect(answers.map(({ body }) => body)).toEqual(["a", "b", "c"]);
  });

  test("http_routing: a plugin chooses the route by the authority", async () => {
    const { port } = await start("routing:canary.test", (request, response) => response.end(request.headers.host));
    expect((await send(port, { headers: { host: "primary.test", "x-canary": "1" } })).body).toBe("canary.test");
    expect((await send(port, { headers: { host: "primary.test" } })).body).toBe("primary.test");
  });

  test("properties: the route's metadata says which header is asked for, and gRPC gets its status", async () => {
    const auth = { filter_metadata: { "envoy.filters.http.wasm": { auth: "cookie" } } };
    const { port } = await start("properties", echo, { properties: { route_metadata: auth } });
    expect((await send(port, { headers: { cookie: "value" } })).status).toBe(200);
    const refused = await send(port);
    expect([refused.status, refused.body]).toEqual([401, "no authentication header"]);
    const grpc = await send(port, { method: "POST", headers: { "content-type": "application/grpc" } });
    expect([grpc.status, grpc.headers["grpc-status"], grpc.headers["grpc-message"]]).toEqual([
      200,
      "16",
      "no authentication header",
    ]);
  });

  test("network: connections and their bytes in both directions, with properties of the upstream", async () => {
    const { host, lines } = testHost({
      logLevel: "info",
      properties: {
        upstream: { address: "10.0.0.1:80" },
        upstream_host_metadata: { filter_metadata: { location: { region: "ap-1", zone: "a" } } },
      },
    });
    const plugin = await host.load({ code, configuration: "" });
    const server = createTcpServer((socket) => socket.pipe(socket));
    filterConnections(server, [plugin]);
    const socket = connect(await listen(server), "127.0.0.1");
    socket.write("ping");
    await new Promise((resolve) => socket.once("data", resolve));
    socket.end();
    await logged(lines, /^connection complete$/);
    expect(lines.find((line) => line.startsWith("new connection"))).toMatch(/from 127\.0\.0\.1:\d+$/);
    expect(lines).toContain("downstream: ping");
    expect(lines).toContain("upstream 10.0.0.1:80 [[region ap-1] [zone a]]: ping");
    expect(lines).toContain("downstream closed");
    await until(() => host.metrics.value("proxy_wasm_go.connection_counter") === 1n);
    server.close();
  });

  test("shared_data: VMs with one identifier count together by comparing and swapping", async () => {
    const { host, lines } = testHost({ logLevel: "info" });
    const vm = { id: "shared", configuration: "shared-data" };
    const ports: number[] = [];
    // Different limits make VMs of their own, which share their data by the identifier alone.
    for (const memory of [2 ** 26, 2 ** 27]) {
      const plugin = await host.load({ code, configuration: "shared-data", vm, limits: { memory } });
      const { server, port } = await serve(echo);
      filterServer(server, [plugin]);
      ports.push(port);
    }
    expect(host.vms).toHaveLength(2);
    for (const port of [...ports, ...ports]) await send(port);
    expect(lines.filter((line) => line.startsWith("shared counter"))).toEqual(
      [1, 2, 3, 4].map((count) => `shared counter: ${count}`),
    );
  });

  test("shared_queue: one VM puts into the other's queue", async () => {
    const { host, lines } = testHost({ logLevel: "info" });
    const receiver = await host.load({ code, configuration: "receive", vm: { id: "receiver" } });
    const sender = await host.load({ code, configuration: "send:receiver", vm: { id: "sender" } });
    toStop.push(() => {
      sender.close();
      receiver.close();
    });
    const { server, port } = await serve(echo);
    filterServer(server, [sender]);
    for (const path of ["/1", "/2"]) await send(port, { path });
    await logged(lines, /^received/, 2);
    expect(lines.filter((line) => line.startsWith("received"))).toEqual([
      "received on true: /1",
      "received on true: /2",
    ]);
  });

  test("metrics: a counter for each value of a header, with labels out of its name", async () => {
    const { host, port } = await start("metrics", echo);
    for (const value of ["foo", "foo", "bar"]) await send(port, { headers: { "my-custom-header": value } });
    const tags = [
      { name: "value", regex: "(_value=([a-zA-Z]+))" },
      { name: "reporter", regex: "(_reporter=(\\w+))" },
    ];
    const text = host.metrics.prometheus({ tags });
    expect(text).toContain('wasmcustom_custom_header_value_counts{value="foo",reporter="wasmgosdk"} 2\n');
    expect(text).toContain('wasmcustom_custom_header_value_counts{value="bar",reporter="wasmgosdk"} 1\n');
  });

  test("foreign_call_on_tick: the host compresses", async () => {
    const { lines } = await start("foreign-on-tick", echo);
    await logged(lines, /^compressed: true$/);
  });
});
