import { createServer } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { afterEach, describe, expect, test } from "vitest";
import { filterServer } from "../node/middleware.ts";
import { HttpUpstreams } from "../services/http-upstreams.ts";
import { closeTestHosts, testHost, until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import { PROTOCOLS, type Service, serveOver } from "../testing/protocols.ts";

const services: Service[] = [];
afterEach(() => {
  closeTestHosts();
  for (const service of services.splice(0)) service.close();
});

const answer = `(call $proxy_send_local_response (i32.const 403) "late"$$ "blocked"$$ (i32.const 0) (i32.const 0) (i32.const -1))`;
/** Logs what the host function answers. */
const logged = `(call $log_number ${answer})`;
const atEnd = `(if (local.get $end) (then ${logged}))`;
const GET_A =
  "\\x03\\x00\\x00\\x00\\x07\\x00\\x00\\x00\\x03\\x00\\x00\\x00\\x05\\x00\\x00\\x00\\x02\\x00\\x00\\x00\\x0a\\x00\\x00\\x00\\x04\\x00\\x00\\x00:method\\x00GET\\x00:path\\x00/a\\x00:authority\\x00auth\\x00";

const broken = { end: "broken", body: expect.not.stringContaining("secret2") };
const blocked = { status: 403, body: "blocked", end: "complete" };
const server = { status: 200, body: "secret1secret2", end: "complete" };

/** Where a plugin answers, and what the client is told. */
const places: readonly (readonly [place: string, callbacks: Record<string, string>, told: object])[] = [
  ["in the body, then pauses", { proxy_on_response_body: `${logged} (i32.const 1)` }, broken],
  ["in the body, then goes on", { proxy_on_response_body: `${logged} (i32.const 0)` }, broken],
  ["at the end of a body that it let pass", { proxy_on_response_body: `${atEnd} (i32.const 0)` }, { end: "broken" }],
  ["at the end of a body that it held", { proxy_on_response_body: `${atEnd} (i32.const 1)` }, broken],
  [
    "at the end of a body whose headers it held too",
    {
      proxy_on_response_headers: "(i32.const 1)",
      proxy_on_response_body: `${atEnd} (i32.const 1)`,
    },
    blocked,
  ],
  ["in the headers, and goes on", { proxy_on_response_headers: `${logged} (i32.const 0)` }, blocked],
  ["twice in one call", { proxy_on_response_headers: `${logged} ${logged} (i32.const 0)` }, blocked],
  [
    "to the request and to its own answer",
    {
      proxy_on_request_headers: `(drop (call $proxy_send_local_response (i32.const 500) "first"$$ "first"$$ (i32.const 0) (i32.const 0) (i32.const -1))) (i32.const 1)`,
      proxy_on_response_headers: `${logged} (i32.const 1)`,
    },
    blocked,
  ],
  [
    "to the request and to its own answer's body",
    {
      proxy_on_request_headers: `(drop (call $proxy_send_local_response (i32.const 500) "first"$$ "first"$$ (i32.const 0) (i32.const 0) (i32.const -1))) (i32.const 1)`,
      proxy_on_response_body: `${logged} (i32.const 1)`,
    },
    { end: "broken" },
  ],
  ["in the log", { proxy_on_log: logged }, server],
  ["when all is done", { proxy_on_done: `${logged} (i32.const 1)` }, server],
];

describe.each([
  ["in the host's thread", 0],
  ["in a thread of its own", 1],
])("a plugin %s that answers", (_where, threads) => {
  describe.each(PROTOCOLS)("over %s", (protocol) => {
    test.each(places)("%s", async (_place, callbacks, told) => {
      const made = testHost({}, threads);
      const plugin = await made.load({ callbacks }, { allowOnHeadersStopIteration: true });
      const service = await serveOver(protocol, [plugin], { chunks: ["secret1", "secret2"] });
      services.push(service);
      expect(await service.ask()).toMatchObject(told);
      await until(() => made.host.vms.every(({ streams }) => streams === 0));
      // The host function answers Ok in each state of a stream, as Envoy's does.
      expect(made.lines).toContain("0");
      expect(made.lines).not.toContain("2");
    });

    test("after its own call's answer, when the response has begun", async () => {
      const auth = createServer((_request, response) => response.end("no"));
      const upstreams = new HttpUpstreams({ auth: `http://127.0.0.1:${await listen(auth)}` });
      const made = testHost({ upstreams }, threads);
      const plugin = await made.load({
        fields: "(global $stream (mut i32) (i32.const 0))",
        callbacks: {
          proxy_on_response_body: `(if (i32.eqz (global.get $stream)) (then
            (global.set $stream (local.get $id))
            (drop (call $proxy_http_call "auth"$$ "${GET_A}"$$ (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 5000) (i32.const 16)))))
            (i32.const 1)`,
          proxy_on_http_call_response: `(drop (call $proxy_set_effective_context (global.get $stream))) ${logged}`,
        },
      });
      const service = await serveOver(protocol, [plugin], { chunks: ["secret1", "secret2"] });
      services.push(service);
      expect(await service.ask()).toMatchObject({ end: "broken" });
      expect(made.lines).toContain("0");
      await upstreams.close();
      auth.close();
    });
  });
});

test("an answer in the response's trailers resets the stream", async () => {
  const made = testHost();
  const server = createHttp2Server((_request, response) => {
    response.addTrailers({ "x-t": "1" });
    response.end("secret");
  });
  filterServer(server, [await made.load({ callbacks: { proxy_on_response_trailers: `${logged} (i32.const 0)` } })]);
  const session = connectHttp2(`http://127.0.0.1:${await listen(server)}`);
  const stream = session.request({ ":path": "/" });
  let trailers = false;
  stream.on("trailers", () => {
    trailers = true;
  });
  stream.on("error", () => {});
  stream.resume();
  await new Promise((resolve) => stream.on("close", resolve));
  expect([stream.rstCode, trailers]).toEqual([2, false]);
  session.destroy();
  server.close();
});
