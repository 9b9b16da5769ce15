import { mkdtempSync, writeFileSync } from "node:fs";
import { Agent, createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, test } from "vitest";
import { guest } from "../testing/guest.ts";
import { until } from "../testing/host.ts";
import { listen, send } from "../testing/http.ts";
import { Gateway } from "./gateway.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** As many requests as that take their time on a busy machine. */
const TIMEOUT = 600_000;

const toStop: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0)) await stop();
});

/** Bytes that are in use when everything that can be freed has been. */
async function inUse(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("ten thousand requests through a gateway leave nothing behind of plugins in its thread and in another", {
  timeout: TIMEOUT,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "wardian-memory-"));
  const code = join(folder, "plugin.wat");
  writeFileSync(
    code,
    guest({
      callbacks: {
        proxy_on_request_headers: "(i32.const 0)",
        // Held until its end.
        proxy_on_request_body: "(i32.eqz (local.get $end))",
        proxy_on_response_headers: "(i32.const 0)",
      },
    }),
  );
  const upstream = createServer((request, response) => void request.pipe(response));
  const url = `http://127.0.0.1:${await listen(upstream)}`;
  const gateway = await Gateway.start(
    JSON.stringify({
      listeners: [{ name: "main", address: "127.0.0.1:0", routes: [{ cluster: "up" }], plugins: ["here", "there"] }],
      clusters: { up: { endpoints: [url] } },
      plugins: { here: { code }, there: { code, threads: 1 } },
      accessLog: false,
    }),
    { log: () => {} },
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  toStop.push(
    () => agent.destroy(),
    () => gateway.stop(0),
    () => upstream.closeAllConnections(),
    () => upstream.close(),
  );
  const port = gateway.port("main");
  const idle = (): Promise<void> =>
    until(() => gateway.metrics.active === 0 && gateway.vms.every(({ streams }) => streams === 0));
  const ask = async (count: number): Promise<void> => {
    let left = count;
    const one = async (): Promise<void> => {
      while (left-- > 0) {
        const { status, body } = await send(port, { method: "POST", agent }, ["some body"]);
        if (status !== 200 || body !== "some body") throw new Error(`${status} ${body}`);
      }
    };
    await Promise.all(Array.from({ length: 20 }, one));
    await idle();
  };
  // What is made once, the optimised code of the platform included, is there after the first ones.
  await ask(5_000);
  const memory = gateway.vms.map((vm) => vm.memory);
  const before = await inUse();
  await ask(10_000);
  const after = await inUse();
  expect(gateway.vms.map((vm) => vm.memory)).toEqual(memory);
  // Less than a hundred bytes a request would be less than a context.
  expect(after - before).toBeLessThan(10_000 * 100);
});
