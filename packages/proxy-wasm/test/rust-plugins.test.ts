import { generateKeyPairSync } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import { createServer as createHttp2Server, type Http2Server } from "node:http2";
import { connect, createServer as createTcpServer, type Server } from "node:net";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { findRust } from "../../../guests/rust.mjs";
import { hasProgram, lacks } from "../../../test/needs.ts";
import { filterServer } from "../src/node/middleware.ts";
import { grpcFrame } from "../src/services/grpc-frames.ts";
import { HttpUpstreams } from "../src/services/http-upstreams.ts";
import { filterConnections } from "../src/tcp/node.ts";
import { testHost, until } from "../src/testing/host.ts";
import { listen, send } from "../src/testing/http.ts";
import { rustPlugin } from "../src/testing/plugins.ts";
import type { PluginHostOptions } from "../src/vm/plugin-host.ts";

const hasRust =
  hasProgram("wasm-ld") && findRust("wasm32-wasi") !== undefined && findRust("wasm32-unknown-unknown") !== undefined;

/** A service that says of a path's last byte what it is, refuses one path, and holds conversations. */
function decider(): Http2Server {
  const server = createHttp2Server();
  server.on("stream", (stream, headers) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    let trailers: Record<string, string> = { "grpc-status": "0" };
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    if (headers[":path"] === "/auth.Decider/Discuss") {
      stream.on("data", (chunk: Buffer) => stream.write(chunk));
      stream.on("end", () => stream.end());
      return;
    }
    const bytes: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => bytes.push(chunk));
    stream.on("end", () => {
      const path = Buffer.concat(bytes).subarray(5);
      if (path.toString() === "/refused" || headers["x-from"] !== "rust")
        trailers = { "grpc-status": "7", "grpc-message": "not%20today" };
      stream.end(trailers["grpc-status"] === "0" ? Buffer.from(grpcFrame(path.subarray(-1))) : undefined);
    });
  });
  return server;
}

/*
 * What plugins of Rust's SDK ask of their host, over real sockets: the behaviours of the SDK's examples, and every status that the
 * SDK can be given, since it panics at those that it does not expect. With WASI the SDK's allocator is `proxy_on_memory_allocate`,
 * without it `malloc`.
 */
describe
  .skipIf(lacks("Rust with cargo and libraries for WebAssembly, and wasm-ld", hasRust))
  .each(["wasm32-wasi", "wasm32-unknown-unknown"] as const)("plugins in Rust for %s", (target) => {
  let code: Uint8Array;
  beforeAll(() => {
    code = rustPlugin(target);
  }, 300_000);

  const toStop: (() => unknown)[] = [];
  afterEach(async () => {
    for (const stop of toStop.splice(0).reverse()) await stop();
  });

  async function serve(server: Server): Promise<string> {
    const port = await listen(server);
    toStop.push(() => server.close());
    return `http://127.0.0.1:${port}`;
  }

  async function start(configuration: string, handler: RequestListener, options: PluginHostOptions = {}) {
    const { host, lines, records } = testHost({ logLevel: "info", ...options });
    toStop.push(() => host.close());
    const plugin = await host.load({ name: "rust", code, configuration });
    const server = createServer(handler);
    filterServer(server, [plugin]);
    const port = Number(new URL(await serve(server)).port);
    toStop.push(() => server.closeAllConnections());
    return { host, lines, records, port };
  }

  const echo: RequestListener = (request, response) => {
    response.setHeader("x-headers", JSON.stringify(request.headers));
    request.pipe(response);
  };

  test("hello_world: a VM starts, and ticks with the time of day", async () => {
    const { lines } = await start("clock", echo);
    expect(lines[0]).toBe("vm started with 0 bytes");
    await until(() => lines.length > 2);
    const [, count, time] = /^tick (\d+): (\d+)$/.exec(lines[2]) as RegExpExecArray;
    expect(count).toBe("2");
    expect(Math.abs(Number(time) - Date.now())).toBeLessThan(3_600_000);
  });

  test("a configuration that the plugin refuses is an error", async () => {
    await expect(start("refused", echo)).rejects.toThrow("refused its configuration");
  });

  test("http_headers: headers are read, set, removed and added, and one path is answered", async () => {
    const { lines, port } = await start("headers", echo);
    const answer = await send(port, { path: "/a", headers: { "x-replaced": "old", "x-removed": "1", "x-added": "0" } });
    const seen = JSON.parse(answer.headers["x-headers"] as string) as Record<string, string>;
    expect([seen["x-replaced"], seen["x-removed"], seen["x-added"]]).toEqual(["new", undefined, "0, 1"]);
    await until(() => lines.some((line) => line.endsWith("completed: /a")));
    expect(lines.some((line) => /^#\d+ -> :path: \/a$/.test(line))).toBe(true);
    expect(lines.some((line) => /^#\d+ <- :status: 200$/.test(line))).toBe(true);
    const hello = await send(port, { path: "/hello" });
    expect([hello.status, hello.headers.hello, hello.headers["powered-by"], hello.body]).toEqual([
      200,
      "World",
      "proxy-wasm",
      "Hello, World!\n",
    ]);
  });

  test("http_config: the plugin's configuration becomes a header", async () => {
    const { port } = await start("config:from the configuration", echo);
    expect((await send(port)).headers["custom-header"]).toBe("from the configuration");
  });

  test("http_body: a body is held until it is whole, and replaced", async () => {
    const { port } = await start("body", echo);
    expect((await send(port, { method: "POST" }, ["a sec", "ret text"])).body).toBe(
      "Original message body (13 bytes) redacted.\n",
    );
    expect((await send(port, { method: "POST" }, ["open"])).body).toBe("open");
  });

  test("http_auth: a request waits for another server's word", async () => {
    const auth = createServer((request, response) => response.end(request.url === "/good" ? "yes" : "no"));
    const upstreams = new HttpUpstreams({ auth: await serve(auth) });
    toStop.push(() => upstreams.close());
    const { lines, port } = await start("auth:auth", echo, { upstreams });
    expect((await send(port, { path: "/good", method: "POST" }, ["body"])).body).toBe("body");
    const refused = await send(port, { path: "/bad" });
    expect([refused.status, refused.headers["powered-by"], refused.body]).toEqual([
      403,
      "proxy-wasm",
      "Access forbidden.\n",
    ]);
    expect(lines.filter((line) => line.endsWith(`status Some("200")`))).toHaveLength(2);
    const unknown = await start("auth:nobody", echo, { upstreams });
    expect((await send(unknown.port)).body).toBe("BadArgument");
  });

  test("grpc_auth: a request waits for a gRPC service's answer, or its refusal", async () => {
    const upstreams = new HttpUpstreams({ auth: await serve(decider()) });
    toStop.push(() => upstreams.close());
    const { port } = await start("grpc:auth", echo, { upstreams });
    expect((await send(port, { path: "/2" })).status).toBe(200);
    const odd = await send(port, { path: "/1" });
    expect([odd.status, odd.body]).toEqual([403, "Access forbidden.\n"]);
    expect((await send(port, { path: "/refused" })).body).toBe("7 not today");
  });

  test("a stream of gRPC: messages go both ways before the request goes on", async () => {
    const upstreams = new HttpUpstreams({ auth: await serve(decider()) });
    toStop.push(() => upstreams.close());
    const { lines, port } = await start("grpc-stream:auth", echo, { upstreams });
    const answer = await send(port);
    expect(JSON.parse(answer.headers["x-headers"] as string)["x-answer"]).toBe("two");
    expect(lines).toContain("closed with 0");
  });

  test("envoy_filter_metadata: metadata names the header that is asked for", async () => {
    const metadata = { filter_metadata: { "envoy.filters.http.wasm": { auth: "x-token" } } };
    const { port } = await start("metadata", echo, { properties: { metadata } });
    expect((await send(port, { headers: { "x-token": "1" } })).status).toBe(200);
    const refused = await send(port, { headers: { authorization: "1" } });
    expect([refused.status, refused.headers["www-authenticate"], refused.body]).toEqual([
      401,
      "x-token",
      "Unauthorized",
    ]);
    const without = await start("metadata", echo);
    expect((await send(without.port, { headers: { authorization: "1" } })).status).toBe(200);
  });

  test("envoy_tcp_routing: a connection's cluster is stored for Envoy, and its bytes are changed", async () => {
    const { host, lines } = testHost({ logLevel: "info" });
    toStop.push(() => host.close());
    const plugin = await host.load({ code, configuration: "tcp" });
    const server = createTcpServer((socket) => socket.pipe(socket));
    filterConnections(server, [plugin]);
    const socket = connect(Number(new URL(await serve(server)).port), "127.0.0.1");
    socket.end("ping");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toBe("PING");
    await until(() => lines.includes("connection complete"));
    expect(lines).toEqual(expect.arrayContaining([`Ok(None), Some("local")`, "closed by 2", "connection complete"]));
  });

  test("signatures: one plugin signs what another lets pass by its signature alone", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    for (const threads of [0, 1]) {
      const { host } = testHost();
      toStop.push(() => host.close());
      const load = (configuration: string) =>
        host.load({ name: configuration.slice(0, 4), code, configuration, threads });
      const [signs, verifies] = [await load(`sign:${privateKey}`), await load(`verify:${publicKey}`)];
      const ports = [];
      for (const chain of [[signs, verifies], [verifies]]) {
        const server = createServer(echo);
        filterServer(server, chain);
        ports.push(Number(new URL(await serve(server)).port));
        toStop.push(() => server.closeAllConnections());
      }
      const signed = await send(ports[0], { path: "/signed" });
      expect(signed.status).toBe(200);
      const headers = { "x-signature": JSON.parse(signed.headers["x-headers"] as string)["x-signature"] as string };
      expect((await send(ports[1], { path: "/signed", headers })).status).toBe(200);
      const other = await send(ports[1], { path: "/other", headers });
      expect([other.status, other.body]).toEqual([403, "Failed to verify digest."]);
    }
  });

  test("a panic is logged with its place, and answered with 503", async () => {
    const { host, records, port } = await start("panic", echo);
    expect((await send(port)).status).toBe(503);
    const panic = records.find(({ message }) => message.includes("on purpose"));
    expect([panic?.level, panic?.message]).toEqual(["critical", expect.stringContaining("src/http.rs")]);
    expect(host.vms[0].streams).toBe(0);
  });

  test("each status that the host answers is one that the SDK expects there", async () => {
    const { host, lines } = await start("statuses", echo);
    expect(lines.slice(1)).toEqual([
      "property: Ok(None)",
      "shared data: Ok((None, None))",
      "first of shared data: Ok(())",
      `value: Some("a")`,
      "stale: Err(CasMismatch)",
      "fresh: Ok(())",
      "empty: None",
      "queue of another: Ok(None)",
      "dequeue of none: Err(NotFound)",
      "enqueue to none: Err(NotFound)",
      "dequeue of nothing: Ok(None)",
      "call of none: Err(BadArgument)",
      "call without headers: Err(BadArgument)",
      "grpc call of none: Err(ParseFailure)",
      "grpc stream to none: Err(ParseFailure)",
      "message to none: Err(NotFound)",
      "cancel of none: Err(NotFound)",
      "close of none: Err(NotFound)",
      "foreign: Err(NotFound)",
      "context: Err(BadArgument)",
      "buffer: Ok(None)",
      "map: Ok([])",
      "increment: Ok(())",
      "decrement of a counter: Err(BadArgument)",
      "counter: Ok(2)",
      "record: Ok(())",
      "histogram: Err(BadArgument)",
      "record of none: Err(NotFound)",
      "done",
    ]);
    expect(host.metrics.value("rust_counter")).toBe(2n);
  });
});
