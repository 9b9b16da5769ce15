import { createServer, type RequestListener, type Server } from "node:http";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { filterServer } from "../src/node/middleware.ts";
import type { GuestParts } from "../src/testing/guest.ts";
import { type TestHost, testHost, until } from "../src/testing/host.ts";
import { listen, send } from "../src/testing/http.ts";
import type { PluginOptions } from "../src/vm/plugin-host.ts";

/* The edges of the ABI, over real sockets, with plugins in the text format that are wrong or strict in one way each. */

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const echo: RequestListener = (request, response) => request.pipe(response);

async function start(
  parts: GuestParts,
  options: Partial<PluginOptions> = {},
): Promise<TestHost & { readonly port: number }> {
  const host = testHost();
  const plugin = await host.load(parts, options);
  server = createServer(echo);
  filterServer(server, [plugin]);
  return { ...host, port: await listen(server) };
}

test.each([
  "proxy_abi_version_0_2_0",
  "proxy_abi_version_0_2_1",
  "proxy_abi_version_0_x_x",
  "proxy_abi_version_0_2_100",
])("with the marker %s a missing header is NotFound, and its headers' end is told", async (abi) => {
  const { lines, port } = await start({
    abi,
    callbacks: {
      proxy_on_request_headers: `(call $log_number (local.get $end))
          (call $log_number (call $proxy_get_header_map_value (i32.const 0) "none"$$ (i32.const 16) (i32.const 20))) (i32.const 0)`,
    },
  });
  await send(port);
  await send(port, { method: "POST" }, ["body"]);
  expect(lines).toEqual(["1", "1", "0", "1"]);
});

test("with the marker of 0.1.0 callbacks take two parameters, and a paused request is continued by the older name", async () => {
  const { lines, port } = await start({
    abi: "proxy_abi_version_0_1_0",
    callbacks: {
      proxy_on_tick:
        "(drop (call $proxy_set_effective_context (global.get $stream))) (drop (call $proxy_continue_request))",
    },
    fields: `(global $stream (mut i32) (i32.const 0))
      (func (export "proxy_on_request_headers") (param $id i32) (param $count i32) (result i32)
        (global.set $stream (local.get $id))
        (call $log_number (call $proxy_get_header_map_value (i32.const 0) "none"$$ (i32.const 16) (i32.const 20)))
        (drop (call $proxy_set_tick_period_milliseconds (i32.const 10)))
        (i32.const 1))`,
  });
  expect((await send(port, { method: "POST" }, ["body"])).body).toBe("body");
  expect(lines).toEqual(["0"]);
});

/** Traps for a context that is made twice, used before it is made or after it is deleted, or logged twice: as Go's SDK does. */
const strict: GuestParts = {
  fields: `
    ;; A byte for each context: 0 unknown, 1 alive, 2 logged.
    (func $state (param $id i32) (result i32) (i32.load8_u (i32.add (i32.const 65536) (local.get $id))))
    (func $become (param $id i32) (param $from i32) (param $to i32)
      (if (i32.ne (call $state (local.get $id)) (local.get $from)) (then unreachable))
      (i32.store8 (i32.add (i32.const 65536) (local.get $id)) (local.get $to)))
    (func $alive (param $id i32) (if (i32.eqz (call $state (local.get $id))) (then unreachable)))`,
  callbacks: {
    proxy_on_context_create: `(call $become (local.get $id) (i32.const 0) (i32.const 1))
      (if (local.get $parent) (then (call $alive (local.get $parent))))`,
    proxy_on_request_headers: "(call $become (local.get $id) (i32.const 1) (i32.const 1)) (i32.const 0)",
    proxy_on_request_body: "(call $become (local.get $id) (i32.const 1) (i32.const 1)) (i32.const 0)",
    proxy_on_response_headers: "(call $become (local.get $id) (i32.const 1) (i32.const 1)) (i32.const 0)",
    proxy_on_response_body: "(call $become (local.get $id) (i32.const 1) (i32.const 1)) (i32.const 0)",
    proxy_on_log: "(call $become (local.get $id) (i32.const 1) (i32.const 2))",
    proxy_on_done: "(call $alive (local.get $id)) (i32.const 1)",
    proxy_on_delete:
      "(call $alive (local.get $id)) (call $become (local.get $id) (call $state (local.get $id)) (i32.const 0))",
  },
};

test("contexts are made once, logged once and deleted once, whatever clients do", async () => {
  const { host, lines, port } = await start(strict);
  for (let round = 0; round < 5; round++) {
    const answers = Array.from({ length: 10 }, (_, i) => send(port, { method: "POST" }, [`body ${i}`]));
    // Clients that go away in their headers, in their body, and at once.
    for (const text of ["POST / HT", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf", ""]) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.end(text, () => socket.destroy());
    }
    expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(
      Array.from({ length: 10 }, (_, i) => `body ${i}`),
    );
  }
  await until(() => host.vms[0].streams === 0);
  expect([host.vms[0].failures, lines]).toEqual([[], []]);
});

test("an endless loop in a callback is stopped, and a plugin that grows is told no at its cap", async () => {
  const loop = await start(
    { callbacks: { proxy_on_request_body: "(loop $l (br $l)) (i32.const 0)" } },
    {
      limits: { fuelPerCallback: 100_000n },
    },
  );
  expect((await send(loop.port, { method: "POST" }, ["x"])).status).toBe(503);
  await until(() => loop.host.vms[0].failures.length === 1);
  expect(loop.host.vms[0].failures[0].message).toMatch(/^proxy_on_request_body trapped: all fuel consumed/);
  server?.close();
  const hog = await start(
    {
      callbacks: {
        proxy_on_request_headers: `(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
          (call $log_number (memory.size)) (i32.const 0)`,
      },
    },
    { limits: { memory: 1024 * 1024 } },
  );
  expect((await send(hog.port, { method: "POST" }, ["still here"])).body).toBe("still here");
  expect(hog.lines).toEqual(["16"]);
});

test("a part of a body cannot be replaced, and neither can a body be changed that is not there", async () => {
  const set = (start: number, size: number): string =>
    `(call $log_number (call $proxy_set_buffer_bytes (i32.const 0) (i32.const ${start}) (i32.const ${size}) "!"$$))`;
  const { lines, port } = await start({
    callbacks: {
      proxy_on_request_headers: `${set(0, 0)} (drop (call $proxy_remove_header_map_value (i32.const 0) "content-length"$$)) (i32.const 0)`,
      proxy_on_request_body: `(if (result i32) (local.get $end)
        (then ${set(1, 2)} ${set(0, 3)} ${set(9, 5)} ${set(0, 0)} (i32.const 0)) (else (i32.const 1)))`,
    },
  });
  const answer = await send(port, { method: "POST", headers: { "content-length": 4 } }, ["body"]);
  expect([lines, answer.body]).toEqual([["1", "2", "2", "0", "0"], "!body!"]);
});

test("a plugin's bad pointers are its own affair", async () => {
  const far = "(i32.const 0x7ffffff0) (i32.const 64)";
  const { host, lines, port } = await start({
    callbacks: {
      proxy_on_request_headers: `
        (call $log_number (call $proxy_add_header_map_value (i32.const 0) ${far} ${far}))
        (call $log_number (call $proxy_set_header_map_pairs (i32.const 0) ${far}))
        (call $log_number (call $proxy_send_local_response (i32.const 200) ${far} ${far} ${far} (i32.const -1)))
        (call $log_number (call $proxy_get_header_map_pairs (i32.const 0) (i32.const -4) (i32.const -8)))
        (call $log_number (call $proxy_http_call ${far} ${far} ${far} ${far} (i32.const 1) (i32.const 16)))
        (i32.const 0)`,
    },
  });
  expect((await send(port, { method: "POST" }, ["body"])).body).toBe("body");
  expect(lines).toEqual(["6", "6", "6", "6", "6"]);
  expect(host.vms[0].state).toBe("running");
});
