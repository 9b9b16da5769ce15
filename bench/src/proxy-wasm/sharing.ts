import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connectShared,
  HeaderMap,
  HttpStream,
  MemorySharedData,
  PluginHost,
  type SharedStore,
} from "@wardian/proxy-wasm";
import { measure } from "../measure.ts";
import type { Suite, Table } from "../suite.ts";

const code = `(module
  (import "env" "proxy_add_header_map_value" (func $add (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "x-hello") (data (i32.const 32) "world")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
    (call $add (i32.const 2) (i32.const 16) (i32.const 7) (i32.const 32) (i32.const 5))))`;

/** Requests that are under way at once, in the figures of streams. */
const AT_ONCE = 64;

/** What it costs a light plugin's request to be filtered in another thread. */
async function threadTable(): Promise<Table> {
  const host = new PluginHost({ log: () => {} });
  const plugins = {
    "in the host's thread": await host.load({ code }),
    "in a thread": await host.load({ code, threads: 1 }),
  };
  const candidates = Object.entries(plugins).map(([name, plugin]) => ({
    name,
    run: () => Promise.all(Array.from({ length: AT_ONCE }, () => exchange(plugin))),
  }));
  const times = await measure(candidates, { rounds: 7, minTime: 300 });
  host.close();
  return {
    title: "A header-adding plugin's whole stream",
    columns: ["plugin", "µs a stream"],
    rows: [...times].map(([name, milliseconds]) => [name, (milliseconds * 1000) / AT_ONCE]),
    notes: [`${AT_ONCE} at once; time that passes, both threads at work`],
  };
}

function exchange(plugin: Awaited<ReturnType<PluginHost["load"]>>): Promise<void> {
  return new Promise((resolve, reject) => {
    const nothing = (): void => {};
    const stream = new HttpStream(
      [plugin],
      {
        requestHeaders: () => stream.receiveResponseHeaders(HeaderMap.from([[":status", "200"]]), true),
        responseHeaders: (headers) => {
          stream.finish();
          if (headers.get("x-hello") === "world") resolve();
          else reject(new Error("the header is missing"));
        },
        requestData: nothing,
        requestTrailers: nothing,
        requestStopped: nothing,
        responseData: nothing,
        responseTrailers: nothing,
        readRequest: nothing,
        readResponse: nothing,
        reset: nothing,
      },
      { connection: { id: 1n }, protocol: "HTTP/1.1" },
    );
    const pairs = [":method GET", ":path /", ":authority host", ":scheme http"].map(
      (pair) => pair.split(" ") as [string, string],
    );
    stream.receiveRequestHeaders(HeaderMap.from(pairs), true);
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What a host function waits for shared data. */
async function dataTable(): Promise<Table> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "wardian-bench-"));
  const server = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""], {
    stdio: "ignore",
  });
  let missing = false;
  server.on("error", () => {
    missing = true;
  });
  const title = "Shared data, as a host function waits for it";
  const columns = ["where", "get, µs", "compare and swap, µs"];
  const value = new Uint8Array(100);
  let store: SharedStore | undefined;
  for (let i = 0; store === undefined && !missing && i < 100; i++) {
    try {
      store = await connectShared({ url: `redis://127.0.0.1:${port}`, timeout: 10_000 });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  if (store === undefined)
    return { title, columns, rows: [], notes: ["redis-server, or the package redis, is not there"] };
  const rows: (string | number)[][] = [];
  for (const [name, data] of [
    ["memory", new MemorySharedData()],
    ["Redis on loopback", store.data],
  ] as const) {
    data.set("vm", "key", value, 0);
    const times = await measure(
      [
        { name: "get", run: () => data.get("vm", "key") },
        { name: "swap", run: () => data.set("vm", "key", value, data.get("vm", "key")?.cas ?? 0) },
      ],
      { rounds: 7, minTime: 300 },
    );
    const get = (times.get("get") as number) * 1000;
    rows.push([name, get, (times.get("swap") as number) * 1000 - get]);
  }
  await store.close();
  server.kill();
  return {
    title,
    columns,
    rows,
    notes: ["the second row holds its thread up for a round trip through the bridge's thread"],
  };
}

export const sharingSuite: Suite = {
  name: "sharing",
  description: "what plugins in threads cost, and shared data in memory and in Redis",
  async run(): Promise<Table[]> {
    return [await threadTable(), await dataTable()];
  },
};
