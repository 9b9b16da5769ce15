import { createServer } from "node:http";
import { connect, createServer as createHttp2Server } from "node:http2";
import express from "express";
import Fastify from "fastify";
import { expect, test } from "vitest";
import { testHost, until } from "../testing/host.ts";
import { listen, send } from "../testing/http.ts";
import { fastifyPlugins, filterServer, middleware } from "./middleware.ts";

const parts = {
  callbacks: {
    proxy_on_request_headers: `
      (drop (call $proxy_replace_header_map_value (i32.const 0) ":path"$$ "/real?x=1"$$))
      (drop (call $proxy_remove_header_map_value (i32.const 0) "content-length"$$)) (i32.const 0)`,
    proxy_on_request_body: `(if (result i32) (local.get $end)
      (then (drop (call $proxy_set_buffer_bytes (i32.const 0) (i32.const 0) (local.get $size) "{\\"a\\":2}"$$)) (i32.const 0))
      (else (i32.const 1)))`,
    proxy_on_response_headers: `(drop (call $proxy_add_header_map_value (i32.const 2) "x-plugin"$$ "1"$$)) (i32.const 0)`,
  },
};
const json = { method: "POST", path: "/fake", headers: { "content-type": "application/json", "content-length": 7 } };

test("Express sees what the plugins have left, its body parser too", async () => {
  const { host, load } = testHost();
  const app = express();
  app.use(middleware([await load(parts)]));
  app.post("/real", express.json(), (request, response) => {
    response.json([request.query, request.body]);
  });
  const server = createServer(app);
  const answer = await send(await listen(server), json, ['{"a":1}']);
  expect([answer.status, answer.body, answer.headers["x-plugin"]]).toEqual([200, '[{"x":"1"},{"a":2}]', "1"]);
  await until(() => host.vms[0].streams === 0);
  server.close();
});

test("Fastify routes by what the plugins have left", async () => {
  const { host, load } = testHost();
  const app = Fastify();
  await app.register(fastifyPlugins, { plugins: [await load(parts)] });
  app.post("/real", (request) => Promise.resolve([request.query, request.body]));
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as { port: number };
  const answer = await send(port, json, ['{"a":1}']);
  expect([answer.status, answer.body, answer.headers["x-plugin"]]).toEqual([200, '[{"x":"1"},{"a":2}]', "1"]);
  await until(() => host.vms[0].streams === 0);
  await app.close();
});

test("a server of HTTP/2 runs behind plugins", async () => {
  const { host, load } = testHost();
  const server = createHttp2Server((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      response.setHeader("set-cookie", ["a=1", "b=2"]);
      response.end(`${request.url} ${request.authority} ${body}`);
    });
  });
  filterServer(server, [await load(parts)]);
  const port = await listen(server);
  const session = connect(`http://127.0.0.1:${port}`);
  for (let i = 0; i < 3; i++) {
    const stream = session.request({ ":method": "POST", ":path": "/fake", ":authority": "me" });
    stream.write("some ");
    stream.end("body");
    const headers = await new Promise<Record<string, unknown>>((resolve) => stream.on("response", resolve));
    let body = "";
    for await (const chunk of stream.setEncoding("utf8")) body += chunk as string;
    expect([headers[":status"], headers["x-plugin"], headers["set-cookie"], body]).toEqual([
      200,
      "1",
      ["a=1", "b=2"],
      '/real?x=1 me {"a":2}',
    ]);
  }
  await until(() => host.vms[0].streams === 0);
  session.close();
  server.close();
});
