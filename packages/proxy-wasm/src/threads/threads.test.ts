import { createServer, type RequestListener, type Server } from "node:http";
import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { filterServer } from "../node/middleware.ts";
import { HttpUpstreams } from "../services/http-upstreams.ts";
import { closeTestHosts, type TestHost, testHost, until } from "../testing/host.ts";
import { listen, send } from "../testing/http.ts";
import type { Plugin } from "../vm/plugin.ts";
import type { PluginThread } from "./plugin-thread.ts";

const servers: Server[] = [];
afterEach(() => {
  closeTestHosts();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(plugins: readonly Plugin[], handler: RequestListener): Promise<number> {
  const server = createServer(handler);
  servers.push(server);
  filterServer(server, plugins);
  return listen(server);
}

const echo: RequestListener = (request, response) => void request.on("error", () => {}).pipe(response);
const streams = ({ host }: TestHost): number => host.vms.reduce((sum, vm) => sum + vm.streams, 0);
/** The threads of a host's pool, which is nobody's business but a test's that kills one. */
const threadsOf = ({ host }: TestHost): readonly PluginThread[] =>
  (host as unknown as { pool: { threads: readonly PluginThread[] } }).pool.threads;

/** A scan that goes on until the host's clock says that it is enough: a body is held until then. */
const SCAN = `
  (if (i32.eqz (local.get $end)) (then (return (i32.const 1))))
  (loop $scan (br_if $scan (i32.eqz (call $released))))
  (i32.const 0)`;

test("while a plugin scans a body, other requests, other plugins and timers go on", async () => {
  let released = 0;
  const made = testHost({
    foreignFunctions: { released: () => Uint8Array.of(released) },
  });
  // The scan ends when the main thread says so, which it could not if it were blocked.
  const fields = `(func $released (result i32)
    (drop (call $proxy_call_foreign_function "released"$$ (i32.const 0) (i32.const 0) (i32.const 16) (i32.const 20)))
    (i32.load8_u (i32.load (i32.const 16))))`;
  const scan = await made.load({ fields, callbacks: { proxy_on_request_body: SCAN } }, { threads: 1 });
  const light = await made.load({
    callbacks: {
      proxy_on_response_headers: `(drop (call $proxy_add_header_map_value (i32.const 2) "x-light"$$ "1"$$)) (i32.const 0)`,
    },
  });
  const scanned = await serve([scan, light], echo);
  const other = await serve([light], echo);
  const order: string[] = [];
  const answer = send(scanned, { method: "POST" }, ["body"]).then((got) => {
    order.push("scanned");
    return got;
  });
  await until(() => threadsOf(made)[0].load === 1);
  for (let i = 0; i < 20; i++) {
    expect((await send(other)).headers["x-light"]).toBe("1");
    await turn();
    order.push("other");
  }
  released = 1;
  const { body, headers } = await answer;
  expect([body, headers["x-light"]]).toEqual(["body", "1"]);
  expect(order).toEqual([...new Array<string>(20).fill("other"), "scanned"]);
  await until(() => streams(made) === 0);
});

test("each thread has a VM of its own, a request stays in one, and its plugins meet there", async () => {
  const made = testHost();
  // Counts the requests of its VM, and tells the number in a header.
  const count = {
    fields: "(global $count (mut i32) (i32.const 48))",
    callbacks: {
      proxy_on_request_headers: `(global.set $count (i32.add (global.get $count) (i32.const 1))) (i32.const 0)`,
      proxy_on_response_headers: `(i32.store8 (i32.const 16) (global.get $count))
        (drop (call $proxy_add_header_map_value (i32.const 2) "x-count"$$ (i32.const 16) (i32.const 1))) (i32.const 0)`,
    },
  };
  const first = await made.load(count, { name: "first", threads: 2 });
  const second = await made.load(count, { name: "second", threads: 2 });
  const release: (() => void)[] = [];
  const port = await serve([first, second], (_request, response) => void release.push(() => response.end()));
  const answers = [send(port), send(port)];
  await until(() => release.length === 2);
  expect(made.host.vms.map(({ thread, streams, plugins }) => [thread, streams, plugins])).toEqual([
    [1, 2, ["first", "second"]],
    [2, 2, ["first", "second"]],
  ]);
  for (const end of release) end();
  // Both plugins of a request counted in one VM, and the two requests in two.
  for (const { headers } of await Promise.all(answers)) expect(headers["x-count"]).toBe("2, 2");
  first.close();
  second.close();
  await until(() => made.host.vms.length === 0);
});

test("shared data, metrics, properties and foreign functions are the host's, whichever thread asks", async () => {
  const made = testHost({
    properties: { node: { id: "edge-7" } },
    foreignFunctions: {
      double: (args) => Uint8Array.of(args[0] * 2),
      later: async () => new TextEncoder().encode("afterwards"),
    },
  });
  const log = `(drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))`;
  const plugin = await made.load(
    {
      callbacks: {
        proxy_on_vm_start: `(drop (call $proxy_set_shared_data "n"$$ "\\x30"$$ (i32.const 0))) (i32.const 1)`,
        proxy_on_configure: `(drop (call $proxy_define_metric (i32.const 0) "requests"$$ (i32.const 48))) (i32.const 1)`,
        proxy_on_request_headers: `
          (loop $again
            (drop (call $proxy_get_shared_data "n"$$ (i32.const 16) (i32.const 20) (i32.const 24)))
            (i32.store8 (i32.const 28) (i32.add (i32.load8_u (i32.load (i32.const 16))) (i32.const 1)))
            (br_if $again (i32.eq (i32.const 8)
              (call $proxy_set_shared_data "n"$$ (i32.const 28) (i32.const 1) (i32.load (i32.const 24))))))
          (drop (call $proxy_increment_metric (i32.load (i32.const 48)) (i64.const 1)))
          (drop (call $proxy_get_metric (i32.load (i32.const 48)) (i32.const 56)))
          (if (i32.eq (i32.load (i32.const 56)) (i32.const 5)) (then
            (drop (call $proxy_get_property "node\\x00id"$$ (i32.const 16) (i32.const 20))) ${log}
            (drop (call $proxy_get_property "connection\\x00mtls"$$ (i32.const 16) (i32.const 20)))
            (call $log_number (i32.load (i32.const 20)))
            (drop (call $proxy_call_foreign_function "double"$$ "!"$$ (i32.const 16) (i32.const 20))) ${log}
            (drop (call $proxy_call_foreign_function "later"$$ "!"$$ (i32.const 16) (i32.const 20)))))
          (i32.const 0)`,
        proxy_on_foreign_function: `
          (drop (call $proxy_get_buffer_bytes (i32.const 8) (i32.const 0) (i32.const 100) (i32.const 16) (i32.const 20))) ${log}`,
      },
    },
    { threads: 2 },
  );
  const port = await serve([plugin], echo);
  await Promise.all(Array.from({ length: 5 }, () => send(port)));
  expect(made.host.metrics.value("requests")).toBe(5n);
  await until(() => made.lines.includes("afterwards"));
  expect(made.lines).toEqual(["edge-7", "1", "B", "afterwards"]);
});

test("a plugin in a thread calls servers, has a clock, and is told of queues", async () => {
  const upstream = createServer((request, response) => void request.pipe(response));
  servers.push(upstream);
  const upstreams = new HttpUpstreams({ auth: `http://127.0.0.1:${await listen(upstream)}` });
  const made = testHost({ upstreams });
  const pairs =
    "\\x03\\x00\\x00\\x00\\x07\\x00\\x00\\x00\\x04\\x00\\x00\\x00\\x05\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x0a\\x00\\x00\\x00\\x01\\x00\\x00\\x00:method\\x00POST\\x00:path\\x00/\\x00:authority\\x00x\\x00";
  const plugin = await made.load(
    {
      fields: "(global $stream (mut i32) (i32.const 0))",
      callbacks: {
        proxy_on_configure: `
          (drop (call $proxy_register_shared_queue "jobs"$$ (i32.const 64)))
          (drop (call $proxy_set_tick_period_milliseconds (i32.const 5))) (i32.const 1)`,
        proxy_on_tick: `
          (drop (call $proxy_set_tick_period_milliseconds (i32.const 0)))
          (drop (call $proxy_enqueue_shared_queue (i32.load (i32.const 64)) "from a tick"$$))`,
        proxy_on_queue_ready: `
          (drop (call $proxy_dequeue_shared_queue (local.get $queue) (i32.const 16) (i32.const 20)))
          (drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))`,
        proxy_on_request_headers: `
          (global.set $stream (local.get $id))
          (call $log_number (call $proxy_http_call "nobody"$$ "${pairs}"$$ (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 16)))
          (drop (call $proxy_http_call "auth"$$ "${pairs}"$$ "question"$$ (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 16)))
          (i32.const 1)`,
        // While the request waits, what it is to be can still be changed from the root.
        proxy_on_http_call_response: `
          (drop (call $proxy_get_buffer_bytes (i32.const 4) (i32.const 0) (local.get $body) (i32.const 16) (i32.const 20)))
          (drop (call $proxy_set_effective_context (global.get $stream)))
          (drop (call $proxy_add_header_map_value (i32.const 0) "x-answer"$$ (i32.load (i32.const 16)) (i32.load (i32.const 20))))
          (drop (call $proxy_continue_stream (i32.const 0)))`,
      },
    },
    { threads: 1 },
  );
  const port = await serve([plugin], (request, response) => response.end(request.headers["x-answer"]));
  expect((await send(port)).body).toBe("question");
  await until(() => made.lines.includes("from a tick"));
  expect([...made.lines].sort()).toEqual(["2", "from a tick"]);
  await upstreams.close();
});

/** Ends a thread as a crash would. */
async function crash(thread: PluginThread): Promise<void> {
  await (thread as unknown as { worker: Worker }).worker.terminate();
}

test("a thread that dies harms its own requests alone, and is replaced", async () => {
  const made = testHost();
  const closed = await made.load(
    { callbacks: { proxy_on_request_headers: "(i32.const 1)" } },
    { threads: 2, vm: { id: "closed" } },
  );
  const open = await made.load(
    { callbacks: { proxy_on_request_headers: "(i32.const 0)", proxy_on_response_headers: "(i32.const 0)" } },
    { threads: 1, failurePolicy: "open", vm: { id: "open" } },
  );
  const held = await serve([closed], echo);
  let answered: (() => void) | undefined;
  const passing = await serve([open], (_request, response) => {
    answered = () => response.end("passed over");
  });
  const first = send(held);
  await until(() => streams(made) === 1);
  const second = send(held);
  await until(() => streams(made) === 2);
  const through = send(passing);
  await until(() => answered !== undefined);
  expect(threadsOf(made).map(({ load }) => load)).toEqual([2, 1]);
  await crash(threadsOf(made)[0]);
  expect((await first).status).toBe(503);
  answered?.();
  expect((await through).body).toBe("passed over");
  // The other thread has not noticed, and the dead one's place is filled.
  await until(() => made.host.vms.length === 3);
  expect(streams(made)).toBe(1);
  expect(made.lines.filter((line) => line.startsWith("thread 1: the plugin's thread ended"))).toHaveLength(1);
  const third = send(held);
  await until(() => streams(made) === 2);
  expect(threadsOf(made).map(({ load }) => load)).toEqual([1, 1]);
  await crash(threadsOf(made)[1]);
  expect((await second).status).toBe(503);
  await crash(threadsOf(made)[0]);
  expect((await third).status).toBe(503);
});

test("a plugin that cannot start, or a number that makes no sense, is told when it is loaded", async () => {
  const made = testHost();
  const refusing = made.load({ callbacks: { proxy_on_configure: "(i32.const 0)" } }, { threads: 2 });
  await expect(refusing).rejects.toMatchObject({ code: "configuration-refused" });
  await expect(made.load({ callbacks: { proxy_on_vm_start: "unreachable" } }, { threads: 1 })).rejects.toMatchObject({
    code: "failed",
  });
  await expect(made.load({ callbacks: {} }, { threads: -1 })).rejects.toThrow("threads must be an integer from 0 to");
  expect(made.host.vms).toEqual([]);
});

test("a fast sender waits for a plugin that is slow to take what it sends", async () => {
  let released = 0;
  const made = testHost({ foreignFunctions: { released: () => Uint8Array.of(released) } });
  const fields = `(func $released (result i32)
    (drop (call $proxy_call_foreign_function "released"$$ (i32.const 0) (i32.const 0) (i32.const 16) (i32.const 20)))
    (i32.load8_u (i32.load (i32.const 16))))`;
  const body = "(loop $wait (br_if $wait (i32.eqz (call $released)))) (i32.const 0)";
  const plugin = await made.load({ fields, callbacks: { proxy_on_request_body: body } }, { threads: 1 });
  let received = 0;
  const port = await serve([plugin], (request, response) => {
    request.on("data", (chunk: Buffer) => (received += chunk.length));
    request.on("end", () => response.end(String(received)));
  });
  const socket = connect(port, "127.0.0.1");
  const total = 64 * 1024 * 1024;
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${total}\r\n\r\n`);
  const chunk = Buffer.alloc(1024 * 1024);
  for (let i = 0; i < 64; i++) socket.write(chunk);
  await until(() => streams(made) === 1);
  let before = -1;
  // Until nothing moves any more: what is under way is bounded, far below what is sent.
  while (socket.bytesWritten !== before || before < 10_000) {
    before = socket.bytesWritten;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(socket.writableLength).toBeGreaterThan(total / 4);
  released = 1;
  let answer = "";
  for await (const part of socket.setEncoding("latin1")) answer += part as string;
  expect(answer.endsWith(String(total))).toBe(true);
});
