import { createServer, type RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { GatewayProcess } from "../testing/gateway-process.ts";
import { until } from "../testing/host.ts";
import { listen, send } from "../testing/http.ts";

const toStop: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0).reverse()) await stop();
});

async function upstream(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  toStop.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${await listen(server)}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Started {
  readonly gateway: GatewayProcess;
  readonly admin: number;
  /** Answers of the administrator's server: their bodies. */
  ask(path: string, method?: string): Promise<string>;
}

async function start(more: object): Promise<Started> {
  const url = await upstream((_request, response) => response.end("ok"));
  const gateway = new GatewayProcess();
  toStop.push(() => gateway.kill());
  const admin = await freePort();
  gateway.configure({
    listeners: [{ name: "main", address: "127.0.0.1:0", routes: [{ cluster: "up" }], plugins: ["p"] }],
    clusters: { up: { endpoints: [url] } },
    plugins: { p: { code: gateway.plugin("p", { callbacks: { proxy_on_request_headers: "(i32.const 0)" } }) } },
    admin: { address: `127.0.0.1:${admin}` },
    accessLog: false,
    ...more,
  });
  await gateway.start("--workers", "2");
  return { gateway, admin, ask: async (path, method = "GET") => (await send(admin, { path, method })).body };
}

type Row = { readonly worker: number; readonly stuck?: boolean };

describe("a process whose event loop stands still", () => {
  test("does not hold up what an administrator asks, is named, and takes a reload when it goes on", async () => {
    const { gateway, ask } = await start({ watchdog: 0 });
    const rows = async (): Promise<[number, boolean][]> =>
      (JSON.parse(await ask("/vms")) as Row[]).map(({ worker, stuck = false }) => [worker, stuck]);
    expect(await rows()).toEqual([
      [1, false],
      [2, false],
    ]);
    const [, second] = gateway.workers;
    process.kill(second, "SIGSTOP");
    expect(await rows()).toEqual([
      [1, false],
      [2, true],
    ]);
    const metrics = await ask("/metrics");
    expect(metrics).toContain('wardian_process_stuck{process="1"} 0\n');
    expect(metrics).toContain('wardian_process_stuck{process="2"} 1\n');
    expect(await ask("/reload", "POST")).toBe("reloaded\n");
    expect(await ask("/metrics")).toContain('wardian_reloads_total{result="ok"} 1\n');
    process.kill(second, "SIGCONT");
    await until(() => gateway.workers.includes(second));
    expect(await rows()).toEqual([
      [1, false],
      [2, false],
    ]);
    gateway.signal("SIGTERM");
    await gateway.ended();
    expect(gateway.exitCode).toBe(0);
  });

  test("is replaced, the first as well as another", async () => {
    const { gateway, ask } = await start({ watchdog: 400 });
    expect(await ask("/reload", "POST")).toBe("reloaded\n");
    for (let i = 0; i < 3; i++) await send(gateway.port("main"));
    const requests = async (): Promise<number> =>
      Number(/^wardian_requests_total\{.*\} (\d+)$/m.exec(await ask("/metrics"))?.[1]);
    expect(await requests()).toBe(3);
    // The oldest process is the one of the first place, then that of the second.
    for (let i = 0; i < 2; i++) {
      const [oldest] = gateway.workers;
      process.kill(oldest, "SIGSTOP");
      await until(() => gateway.workers.length === 2 && !gateway.workers.includes(oldest));
    }
    expect(gateway.output).toMatch(/process 1 has not answered for 400 ms and is ended/);
    expect(gateway.output).toMatch(/process 2 has not answered for 400 ms and is ended/);
    expect(await ask("/metrics")).toContain("wardian_process_watchdog_kills_total 2\n");
    // The processes that have counted these are gone.
    expect(await requests()).toBe(3);
    expect(await ask("/metrics")).toContain('wardian_reloads_total{result="ok"} 1\n');
    gateway.configure({ listeners: "none" });
    expect(await ask("/reload", "POST")).toContain("listeners");
    expect(await ask("/metrics")).toMatch(/wardian_reloads_total\{result="failed"\} [12]\n/);
    for (let i = 0; i < 4; i++) expect((await send(gateway.port("main"))).status).toBe(200);
  });
});
