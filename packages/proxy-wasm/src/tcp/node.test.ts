import { connect, createServer, type Server, type Socket } from "node:net";
import { expect, test } from "vitest";
import { testHost, until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import { filterConnections } from "./node.ts";

async function exchange(port: number, chunks: readonly string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.on("close", resolve));
  for (const chunk of chunks) {
    socket.write(chunk, "latin1");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  socket.end();
  await closed;
  return text;
}

function echoServer(): Server {
  // The server keeps its side open until the client has ended.
  return createServer({ allowHalfOpen: true }, (socket: Socket) => socket.pipe(socket));
}

test("bytes pass plugins in both directions, and the connection's life is told", async () => {
  const { host, lines, load } = testHost();
  const plugin = await load({
    callbacks: {
      proxy_on_new_connection: `(drop (call $proxy_log (i32.const 2) "new"$$)) (i32.const 0)`,
      proxy_on_downstream_data: `(if (local.get $size) (then (drop (call $proxy_set_buffer_bytes (i32.const 2) (i32.const 0) (i32.const 0) "<"$$)))) (i32.const 0)`,
      proxy_on_upstream_data: `(if (local.get $size) (then (drop (call $proxy_set_buffer_bytes (i32.const 3) (local.get $size) (i32.const 0) ">"$$)))) (i32.const 0)`,
      proxy_on_downstream_connection_close: `(drop (call $proxy_log (i32.const 2) "closed"$$))`,
      proxy_on_done: `(drop (call $proxy_log (i32.const 2) "done"$$)) (i32.const 1)`,
      proxy_on_log: `(drop (call $proxy_log (i32.const 2) "log"$$))`,
      proxy_on_delete: `(drop (call $proxy_log (i32.const 2) "delete"$$))`,
    },
  });
  const server = echoServer();
  filterConnections(server, [plugin]);
  const port = await listen(server);
  expect(await exchange(port, ["hello"])).toBe("<hello>");
  await until(() => lines.includes("delete"));
  expect(lines).toEqual(["new", "closed", "done", "log", "delete"]);
  expect(host.vms[0].streams).toBe(0);
  server.close();
});

test("a plugin holds data back until there is enough, or closes the connection", async () => {
  const { load } = testHost();
  const hold = await load({
    callbacks: {
      proxy_on_downstream_data: `(i32.and (i32.lt_u (local.get $size) (i32.const 6)) (i32.eqz (local.get $end)))`,
    },
  });
  const server = echoServer();
  filterConnections(server, [hold]);
  expect(await exchange(await listen(server), ["abc", "def"])).toBe("abcdef");
  server.close();
  const close = await load({
    callbacks: { proxy_on_downstream_data: `(drop (call $proxy_close_stream (i32.const 2))) (i32.const 1)` },
  });
  const closing = echoServer();
  filterConnections(closing, [close]);
  expect(await exchange(await listen(closing), ["abc"])).toBe("");
  closing.close();
});

test("a trap closes the connection, or is passed over", async () => {
  const { host, load } = testHost();
  const trap = { callbacks: { proxy_on_downstream_data: "unreachable" } };
  const server = echoServer();
  filterConnections(server, [await load(trap)]);
  expect(await exchange(await listen(server), ["abc"])).toBe("");
  server.close();
  const open = echoServer();
  filterConnections(open, [await load(trap, { vm: { id: "2" }, failurePolicy: "open" })]);
  expect(await exchange(await listen(open), ["abc"])).toBe("abc");
  open.close();
  await until(() => host.vms.every(({ streams }) => streams === 0));
});
