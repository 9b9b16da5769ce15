import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { closeTestHosts, testHost, until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import { filterConnections } from "./node.ts";

const servers: Server[] = [];
afterEach(() => {
  closeTestHosts();
  for (const server of servers.splice(0)) server.close();
});

const ENDS = ["end", "reset"] as const;
const passing = Object.fromEntries(
  [
    "proxy_on_new_connection",
    "proxy_on_downstream_data",
    "proxy_on_upstream_data",
    "proxy_on_downstream_connection_close",
    "proxy_on_upstream_connection_close",
    "proxy_on_log",
    "proxy_on_delete",
  ].map((name) => [name, /close|log|delete/.test(name) ? "" : "(i32.const 0)"]),
);
/** One of memory.grow until there is none, then a store behind its end. */
const MEMORY_ENDS =
  "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (i32.store (i32.const -8) (i32.const 1))";

describe.each([
  ["in the host's thread", 0],
  ["in a thread of their own", 1],
])("plugins %s", (_where, threads) => {
  /** An echo server behind a plugin, and the connections that it has. */
  async function serve(callbacks: Record<string, string>, failurePolicy: "closed" | "open" | "reload") {
    const made = testHost({}, threads);
    const plugin = await made.load(
      { callbacks, pages: 20 },
      { failurePolicy, reloadBackoff: 1, limits: { memory: 1 << 22 } },
    );
    const open = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => open.delete(socket));
      socket.pipe(socket);
    });
    servers.push(server);
    filterConnections(server, [plugin]);
    return { host: made.host, port: await listen(server), open };
  }

  const isOver = (host: { readonly vms: readonly { readonly streams: number }[] }, open: Set<Socket>) =>
    until(() => open.size === 0 && host.vms.every(({ streams }) => streams === 0));

  function connection(port: number, how: (typeof ENDS)[number]): Promise<string> {
    return new Promise((resolve) => {
      let text = "";
      const socket = connect(port, "127.0.0.1", () => socket.write("hello"));
      socket.setEncoding("latin1").on("error", () => {});
      socket.on("data", (chunk: string) => {
        text += chunk;
        if (text.length < 5) return;
        if (how === "end") socket.end();
        else socket.resetAndDestroy();
      });
      socket.on("close", () => resolve(text));
    });
  }

  for (const failurePolicy of ["closed", "open", "reload"] as const)
    test.each(Object.keys(passing))(
      `a trap in %s with the policy ${failurePolicy} leaves no connection`,
      async (name) => {
        const { host, port, open } = await serve({ ...passing, [name]: "unreachable" }, failurePolicy);
        for (const how of ENDS) {
          const text = await connection(port, how);
          // With the policy `open` the plugin is passed over. Callbacks at the end of a connection come after its data.
          if (failurePolicy === "open") expect(text).toBe("hello");
          await isOver(host, open);
        }
      },
    );

  test("a plugin that uses up its memory is ended like one that traps", async () => {
    const { host, port, open } = await serve(
      { ...passing, proxy_on_downstream_data: `${MEMORY_ENDS} (i32.const 0)` },
      "reload",
    );
    for (let i = 0; i < 3; i++) expect(await connection(port, "end")).toBe("");
    await isOver(host, open);
  });

  test("a plugin that holds all data leaves nothing when either side leaves", async () => {
    const { host, port, open } = await serve({ ...passing, proxy_on_downstream_data: "(i32.const 1)" }, "closed");
    const clients = Array.from({ length: 10 }, () => connect(port, "127.0.0.1"));
    for (const client of clients) client.on("error", () => {}).write("x".repeat(10_000));
    await until(() => open.size === clients.length);
    clients.slice(0, 5).forEach((client) => void client.resetAndDestroy());
    await until(() => open.size === 5);
    for (const socket of open) socket.destroy();
    await isOver(host, open);
  });

  test("a plugin that makes each byte a megabyte is held up by a client that does not read", async () => {
    const large = `(drop (call $proxy_set_buffer_bytes (i32.const 3) (i32.const 0) (i32.const 0x7fffffff) (i32.const 8192) (i32.const 1000000)))`;
    const { host, port, open } = await serve(
      { ...passing, proxy_on_upstream_data: `(if (local.get $size) (then ${large})) (i32.const 0)` },
      "closed",
    );
    const socket = connect(port, "127.0.0.1").pause();
    socket.on("error", () => {});
    let sent = 0;
    const started = process.memoryUsage().arrayBuffers;
    const timer = setInterval(() => {
      if (socket.write("x")) sent++;
    }, 1);
    await until(() => sent > 200);
    clearInterval(timer);
    expect(process.memoryUsage().arrayBuffers - started).toBeLessThan(64 << 20);
    socket.resetAndDestroy();
    await isOver(host, open);
  });
});
