import { connect, createServer, type Server, type Socket } from "node:net";
import type { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test } from "vitest";
import { closeTestHosts, testHost, until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import type { PluginThread } from "../threads/plugin-thread.ts";
import { filterConnections } from "./node.ts";

afterEach(closeTestHosts);

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

describe.each([
  ["in the host's thread", 0],
  ["in a thread of their own", 1],
])("plugins %s", (_where, threads) => {
  test("bytes pass plugins in both directions, and the connection's life is told", async () => {
    const { host, lines, load } = testHost({}, threads);
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

  test("a plugin that has failed refuses connections, and the server hears of none", async () => {
    const { host, load } = testHost({}, threads);
    const plugin = await load({ callbacks: { proxy_on_new_connection: "unreachable" } });
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.on("error", () => {});
      socket.end("secret");
    });
    filterConnections(server, [plugin]);
    const port = await listen(server);
    await exchange(port, ["hello"]);
    await until(() => plugin.failure !== undefined);
    const before = connections;
    for (let i = 0; i < 3; i++) expect(await exchange(port, ["hello"])).toBe("");
    // A thread that has a failed plugin is asked first.
    expect(connections - before).toBe(threads === 0 ? 0 : 3);
    await until(() => host.vms.every(({ streams }) => streams === 0));
    server.close();
  });

  test("a plugin holds data back until there is enough, or closes the connection", async () => {
    const { load } = testHost({}, threads);
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
    const { host, load } = testHost({}, threads);
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

  test("a server that speaks first and a client that ends at once lose nothing, half-open or not", async () => {
    const { host, load } = testHost({}, threads);
    const plugin = await load({
      callbacks: {
        proxy_on_downstream_data: "(i32.const 0)",
        proxy_on_upstream_data: "(i32.const 0)",
      },
    });
    for (const allowHalfOpen of [false, true]) {
      const server = createServer({ allowHalfOpen }, (socket) => {
        socket.write("hello, ");
        socket.pipe(socket);
      });
      filterConnections(server, [plugin]);
      const port = await listen(server);
      const text = await new Promise<string>((resolve) => {
        let all = "";
        const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => socket.end("x".repeat(300_000)));
        socket.setEncoding("latin1").on("data", (chunk: string) => (all += chunk));
        socket.on("end", () => resolve(all));
      });
      expect(text === `hello, ${"x".repeat(300_000)}`).toBe(true);
      await until(() => host.vms[0].streams === 0);
      server.close();
    }
  });

  test("a client or a server that does not read holds up the other", async () => {
    const { host, load } = testHost({}, threads);
    const plugin = await load({
      callbacks: { proxy_on_downstream_data: "(i32.const 0)", proxy_on_upstream_data: "(i32.const 0)" },
    });
    const total = 64 * 1024 * 1024;
    const chunk = Buffer.alloc(64 * 1024, "x");
    const progress = { written: 0 };
    const flood = (socket: Socket): void => {
      while (progress.written < total) {
        progress.written += chunk.length;
        if (!socket.write(chunk)) {
          socket.once("drain", () => flood(socket));
          return;
        }
      }
      socket.end();
    };
    const settled = async (): Promise<number> => {
      for (let last = -1; ; ) {
        const { written } = progress;
        if (written === last && written > 0) return written;
        last = written;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    const drained = async (socket: Socket): Promise<number> => {
      let read = 0;
      for await (const part of socket) read += (part as Buffer).length;
      return read;
    };
    // The kernel's buffers of both ends are the largest part of what may be on its way.
    const onTheWay = 24 * 1024 * 1024;

    const sending = createServer((socket) => flood(socket));
    filterConnections(sending, [plugin]);
    const reader = connect(await listen(sending), "127.0.0.1").pause();
    expect(await settled()).toBeLessThan(onTheWay);
    expect(await drained(reader)).toBe(total);
    sending.close();

    progress.written = 0;
    let accepted: Socket | undefined;
    const taking = createServer((socket) => {
      accepted = socket.pause();
    });
    filterConnections(taking, [plugin]);
    const writer = connect(await listen(taking), "127.0.0.1");
    flood(writer);
    expect(await settled()).toBeLessThan(onTheWay);
    await until(() => accepted !== undefined);
    expect(await drained(accepted as Socket)).toBe(total);
    await until(() => host.vms[0].streams === 0);
    taking.close();
  });

  test("a connection waits until its plugin lets it begin, and what was stored is read by the others", async () => {
    const { lines, load } = testHost({}, threads);
    const fields = "(global $waiting (mut i32) (i32.const 0))";
    const waits = await load({
      fields,
      callbacks: {
        proxy_on_vm_start: "(drop (call $proxy_set_tick_period_milliseconds (i32.const 20))) (i32.const 1)",
        proxy_on_new_connection: `(global.set $waiting (local.get $id))
          (drop (call $proxy_set_property "mark"$$ "set"$$)) (i32.const 1)`,
        proxy_on_tick: `(if (global.get $waiting) (then
          (drop (call $proxy_log (i32.const 2) "begins"$$))
          (drop (call $proxy_set_effective_context (global.get $waiting)))
          (drop (call $proxy_continue_stream (i32.const 2)))
          (global.set $waiting (i32.const 0))))`,
      },
    });
    const reads = await load(
      {
        callbacks: {
          proxy_on_new_connection: `(drop (call $proxy_get_property "mark"$$ (i32.const 16) (i32.const 20)))
            (drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20)))) (i32.const 0)`,
        },
      },
      { vm: { id: "other" }, threads: 0 },
    );
    const server = echoServer();
    filterConnections(server, [waits, reads]);
    expect(await exchange(await listen(server), ["abc"])).toBe("abc");
    expect(lines).toEqual(["begins", "set"]);
    server.close();
  });
});

test("plugins here and in threads stand in one chain, in its order", async () => {
  const { load } = testHost();
  const around = (name: string, threads: number) =>
    load(
      {
        callbacks: {
          proxy_on_downstream_data: `(if (local.get $size) (then (drop (call $proxy_set_buffer_bytes (i32.const 2) (i32.const 0x7fffffff) (i32.const 0) "${name}"$$)))) (i32.const 0)`,
          proxy_on_upstream_data: `(if (local.get $size) (then (drop (call $proxy_set_buffer_bytes (i32.const 3) (i32.const 0x7fffffff) (i32.const 0) "${name}"$$)))) (i32.const 0)`,
        },
      },
      { threads, vm: { id: name } },
    );
  const server = echoServer();
  filterConnections(server, [await around("a", 0), await around("b", 1), await around("c", 0), await around("d", 2)]);
  expect(await exchange(await listen(server), ["-"])).toBe("-abcddcba");
  server.close();
});

test("a thread that dies closes its connections, or is passed over", async () => {
  for (const failurePolicy of ["closed", "open"] as const) {
    const { host, load } = testHost();
    const plugin = await load(
      { callbacks: { proxy_on_downstream_data: "(i32.const 0)" } },
      { threads: 1, failurePolicy },
    );
    const server = echoServer();
    filterConnections(server, [plugin]);
    const socket = connect(await listen(server), "127.0.0.1").setEncoding("latin1");
    let text = "";
    socket.on("data", (chunk: string) => (text += chunk));
    socket.write("one");
    await until(() => text === "one");
    // Nobody's business but a test's that kills one.
    const { pool } = host as unknown as { pool: { threads: readonly PluginThread[] } };
    await (pool.threads[0] as unknown as { worker: Worker }).worker.terminate();
    if (failurePolicy === "open") {
      socket.write("two");
      await until(() => text === "onetwo");
      socket.end();
    }
    await new Promise((resolve) => socket.on("close", resolve));
    server.close();
  }
});
