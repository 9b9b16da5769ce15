import { createServer, type RequestListener } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { COUNT } from "../testing/counting.ts";
import { GatewayProcess } from "../testing/gateway-process.ts";
import { until } from "../testing/host.ts";
import { listen, send } from "../testing/http.ts";
import { lacksRedis, TestRedis } from "../testing/redis.ts";

const toStop: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0).reverse()) await stop();
});

function newGateway(): GatewayProcess {
  const gateway = new GatewayProcess();
  toStop.push(() => gateway.kill());
  return gateway;
}

async function upstream(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  toStop.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${await listen(server)}`;
}

/** A port that nobody has now, for what is told to one that is not ours. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const main = (plugins: string[]): unknown => ({
  name: "main",
  address: "127.0.0.1:0",
  routes: [{ cluster: "up" }],
  plugins,
});

const adding = (value: string): Record<string, string> => ({
  proxy_on_response_headers: `(drop (call $proxy_add_header_map_value (i32.const 2) "x-plugin"$$ "${value}"$$)) (i32.const 0)`,
});

/** Sends requests one after the other on several connections until it is told to stop. @returns how to, and what came */
function stream(port: number): { stop(): Promise<string[]> } {
  let stopped = false;
  const seen: string[] = [];
  const one = async (): Promise<void> => {
    while (!stopped) {
      try {
        const { status, body, headers } = await send(port, { method: "POST" }, ["ping"]);
        seen.push(`${status} ${body} ${String(headers["x-plugin"])}`);
      } catch (error) {
        seen.push((error as Error).message);
      }
    }
  };
  const all = [one(), one(), one()];
  return {
    async stop(): Promise<string[]> {
      stopped = true;
      await Promise.all(all);
      return seen;
    },
  };
}

for (const workers of [0, 2])
  test(`reloads by signal and by a change of the file drop no request (--workers ${workers})`, async () => {
    const url = await upstream((request, response) => void request.pipe(response));
    const gateway = newGateway();
    const config = (value: string): unknown => ({
      listeners: [main(["tag"])],
      clusters: { up: { endpoints: [url] } },
      plugins: { tag: { code: gateway.plugin(`tag-${value}`, { callbacks: adding(value) }) } },
      accessLog: false,
    });
    gateway.configure(config("0"));
    await gateway.start("--workers", String(workers));
    const traffic = stream(gateway.port("main"));
    const reloads = (): number => gateway.output.split("wardian gateway: reloaded").length - 1;
    for (let i = 1; i <= 8; i++) {
      gateway.configure(config(String(i % 3)));
      // The change itself reloads it after a while, the signal at once.
      const before = reloads();
      if (i % 2 === 0) gateway.signal("SIGHUP");
      await until(() => reloads() > before);
    }
    gateway.configure({ nothing: "useful" });
    await until(() => gateway.output.includes("not reloaded: nothing: there is no such setting"));
    const seen = await traffic.stop();
    expect(seen.length).toBeGreaterThan(20);
    expect([...new Set(seen)].filter((line) => !/^200 ping [012]$/.test(line))).toEqual([]);
    expect(new Set(seen).size).toBe(3);
    gateway.signal("SIGTERM");
    await gateway.ended();
    expect(gateway.exitCode).toBe(0);
  });

for (const workers of [0, 2])
  test(`a gateway that is told to end lets requests end first (--workers ${workers})`, async () => {
    const finish: (() => void)[] = [];
    const url = await upstream((_request, response) => {
      response.write("begun ");
      finish.push(() => response.end("and ended"));
    });
    const gateway = newGateway();
    gateway.configure({ listeners: [main([])], clusters: { up: { endpoints: [url] } } });
    await gateway.start("--workers", String(workers));
    const answers = [1, 2, 3].map(() => send(gateway.port("main")));
    await until(() => finish.length === 3);
    gateway.signal("SIGTERM");
    await until(() => gateway.output.includes("stopping"));
    await sleep(50);
    expect(gateway.exitCode).toBeUndefined();
    for (const end of finish) end();
    for (const answer of await Promise.all(answers)) expect(answer.body).toBe("begun and ended");
    await gateway.ended();
    expect(gateway.exitCode).toBe(0);
    // What was asked is in the log, to the last.
    expect(gateway.output.split('"status":200').length - 1).toBe(3);
  });

test("processes share what plugins share, count as one, have singletons once, and are replaced when they die", async () => {
  const url = await upstream((_request, response) => response.end("ok"));
  const gateway = newGateway();
  const admin = await freePort();
  const count = gateway.plugin("count", {
    fields: COUNT,
    callbacks: {
      proxy_on_configure: `(drop (call $proxy_define_metric (i32.const 0) "counted"$$ (i32.const 64))) (i32.const 1)`,
      proxy_on_request_headers: `
        (call $count "requests"$$)
        (drop (call $proxy_increment_metric (i32.load (i32.const 64)) (i64.const 1)))
        (i32.const 0)`,
      proxy_on_response_headers: `
        (drop (call $proxy_get_shared_data "requests"$$ (i32.const 16) (i32.const 20) (i32.const 24)))
        (call $log_number (i32.load (i32.load (i32.const 16))))
        (i32.const 0)`,
    },
  });
  // The singleton makes the key, before anybody counts.
  const once = gateway.plugin("once", {
    callbacks: {
      proxy_on_configure: `
        (drop (call $proxy_set_shared_data "requests"$$ "\\x00\\x00\\x00\\x00"$$ (i32.const 0)))
        (drop (call $proxy_log (i32.const 2) "the singleton starts"$$)) (i32.const 1)`,
    },
  });
  gateway.configure({
    listeners: [main(["count"])],
    clusters: { up: { endpoints: [url] } },
    plugins: { count: { code: count, vm: { id: "shared" } }, once: { code: once, vm: { id: "shared" } } },
    services: [{ plugin: "once" }],
    admin: { address: `127.0.0.1:${admin}` },
    accessLog: false,
  });
  await gateway.start("--workers", "2");
  const port = gateway.port("main");
  const burst = async (requests: number): Promise<void> => {
    const answers = await Promise.all(Array.from({ length: requests }, () => send(port)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  };
  await burst(40);
  expect(gateway.output.split("the singleton starts").length - 1).toBe(1);
  const vms = JSON.parse((await send(admin, { path: "/vms" })).body) as Record<string, unknown>[];
  expect(vms.map(({ worker, plugins }) => [worker, plugins])).toEqual([
    [1, ["count"]],
    [1, ["once"]],
    [2, ["count"]],
  ]);
  // Both processes have done their part, and together it is all.
  expect(vms.filter(({ plugins }) => String(plugins) === "count").every(({ calls }) => Number(calls) > 10)).toBe(true);
  const metrics = (await send(admin, { path: "/metrics" })).body;
  expect(metrics).toContain("wasmcustom_counted 40\n");
  expect(metrics).toContain('wardian_requests_total{listener="main",code="2xx"} 40\n');
  expect(metrics).toContain("wardian_processes 2\n");
  await until(() => gateway.output.includes(": 40\n"));

  const [, second] = gateway.workers;
  process.kill(second, "SIGKILL");
  await until(() => gateway.output.includes("process 2 has ended (SIGKILL)"));
  await burst(10);
  await until(() => gateway.workers.length === 2);
  await until(() => gateway.output.includes(": 50\n"));
  expect(gateway.output.split("the singleton starts").length - 1).toBe(1);
  expect((await send(admin, { path: "/metrics" })).body).toContain("wardian_process_deaths_total 1\n");
});

test("a configuration that the processes cannot use is told, and nothing is left", async () => {
  const gateway = newGateway();
  gateway.configure({
    listeners: [main(["p"])],
    clusters: { up: { endpoints: ["http://127.0.0.1:1"] } },
    plugins: { p: { code: gateway.plugin("p", { callbacks: { proxy_on_configure: "(i32.const 0)" } }) } },
  });
  await expect(gateway.start("--workers", "2")).rejects.toThrow("refused its configuration");
  expect(gateway.exitCode).toBe(1);
});

test.skipIf(lacksRedis())(
  "two gateways share data and queues over Redis, and what a killed one leaves is done by the other",
  async () => {
    const redis = await TestRedis.start();
    toStop.push(() => redis.stop());
    const url = await upstream((_request, response) => response.end("ok"));
    // Requests put what they ask for into a queue; the workers take it out, count it and say so.
    const producer = {
      fields: COUNT,
      callbacks: {
        proxy_on_configure: `(drop (call $proxy_register_shared_queue "jobs"$$ (i32.const 64))) (i32.const 1)`,
        proxy_on_request_headers: `
          (drop (call $proxy_get_header_map_value (i32.const 0) ":path"$$ (i32.const 16) (i32.const 20)))
          (drop (call $proxy_enqueue_shared_queue (i32.load (i32.const 64)) (i32.load (i32.const 16)) (i32.load (i32.const 20))))
          (call $count "put"$$)
          (i32.const 0)`,
      },
    };
    const consumer = {
      fields: COUNT,
      callbacks: {
        proxy_on_configure: `(drop (call $proxy_register_shared_queue "jobs"$$ (i32.const 64))) (i32.const 1)`,
        proxy_on_queue_ready: `
          (if (i32.eqz (call $proxy_dequeue_shared_queue (local.get $queue) (i32.const 16) (i32.const 20))) (then
            (drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))
            (call $count "taken"$$)))`,
      },
    };
    const start = async (): Promise<GatewayProcess> => {
      const gateway = newGateway();
      gateway.configure({
        listeners: [main(["producer"])],
        clusters: { up: { endpoints: [url] } },
        plugins: {
          // The producer registers the queue too, and is then not the last to do so.
          producer: { code: gateway.plugin("producer", producer), vm: { id: "fleet" }, threads: 1 },
          consumer: { code: gateway.plugin("consumer", consumer), vm: { id: "fleet" } },
        },
        services: [{ plugin: "consumer" }],
        shared: { redis: { url: redis.url, prefix: "fleet", timeout: 10_000 } },
        accessLog: false,
      });
      await gateway.start();
      return gateway;
    };
    const [one, other] = [await start(), await start()];
    const total = 120;
    const accepted = new Set<string>();
    const ask = async (gateway: GatewayProcess, i: number): Promise<void> => {
      const { status } = await send(gateway.port("main"), { path: `/job-${i}` });
      if (status === 200) accepted.add(`/job-${i}`);
    };
    // The first of all makes the keys.
    await ask(one, 0);
    for (let i = 1; i < total; i++) {
      if (i === total / 2) one.signal("SIGKILL");
      await ask(i % 2 === 0 && i < total / 2 ? one : other, i);
    }
    await one.ended();
    expect(accepted.size).toBe(total);
    const taken = (): string[] =>
      [...`${one.output}${other.output}`.matchAll(/: (\/job-\d+)$/gm)].map(([, job]) => job);
    // One that the killed gateway had taken, and could not speak of any more, is lost: a queue gives each entry once.
    await until(() => taken().length >= total - 1);
    await sleep(100);
    const all = taken();
    expect(new Set(all).size).toBe(all.length);
    expect(all.every((job) => accepted.has(job))).toBe(true);
    expect(one.output).toMatch(/: \/job-\d+$/m);
    expect(other.output).toMatch(/: \/job-\d+$/m);
  },
);

test("connections that come while all processes die at once are accepted, and their requests answered", async () => {
  const url = await upstream((_request, response) => response.end("ok"));
  const gateway = newGateway();
  gateway.configure({ listeners: [main([])], clusters: { up: { endpoints: [url] } }, accessLog: false });
  await gateway.start("--workers", "2");
  const port = gateway.port("main");
  for (let round = 1; round <= 3; round++) {
    const before = gateway.workers;
    expect(before.length).toBe(2);
    for (const pid of before) process.kill(pid, "SIGKILL");
    // Each has a connection of its own. None had been begun by a process that died.
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(port)));
    expect(answers.map(({ status, body }) => `${status} ${body}`)).toEqual(answers.map(() => "200 ok"));
    await until(() => gateway.workers.length === 2 && gateway.workers.every((pid) => !before.includes(pid)));
    await until(() => gateway.output.split("has ended (SIGKILL)").length - 1 === 2 * round);
  }
});
