import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import type { Table } from "../suite.ts";
import { corazaConfiguration, corazaFile } from "./coraza.ts";
import type { Report } from "./report.ts";
import { headerPlugin } from "./streams.ts";

const ROUNDS = 5;
/** Seconds of one round of one proxy. */
const DURATION = 2;
/** Coraza takes milliseconds for a request: with many at once its latency would be the length of the queue. */
const CONNECTIONS = 10;

const file = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
}

const answer = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a process ended with ${code}`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message as T);
    });
  });

async function start(name: string, ...args: string[]): Promise<Running> {
  const child = fork(file(name), args, { execArgv: ["--expose-gc", "--no-warnings"] });
  return { child, port: await answer<number>(child) };
}

/** Gateways with no plugin, a light one, and Coraza, before one server. */
function configuration(upstream: string, folder: string, plugin: "none" | "light" | "coraza"): string {
  const code = join(folder, "light.wat");
  writeFileSync(code, headerPlugin);
  const plugins = {
    none: {},
    light: { light: { code, limits: { timeout: 50 } } },
    coraza: { coraza: { code: corazaFile, configuration: corazaConfiguration, limits: { timeout: 1000 } } },
  }[plugin];
  const routes = [{ cluster: "web" }];
  return JSON.stringify({
    listeners: [{ name: "main", address: "127.0.0.1:0", plugins: Object.keys(plugins), routes }],
    clusters: { web: { endpoints: [upstream] } },
    plugins,
    accessLog: false,
  });
}

interface Figures {
  /** Milliseconds of the proxy's processor for a request. */
  processor: number;
  /** Requests a second. */
  throughput: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

async function load(running: Running): Promise<Figures> {
  const before = await ask(running);
  const result = await autocannon({
    url: `http://127.0.0.1:${running.port}/`,
    connections: CONNECTIONS,
    duration: DURATION,
    headers: { accept: "*/*", "user-agent": "bench" },
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx + result.errors} requests failed`);
  const after = await ask(running);
  return {
    processor: (after.processor - before.processor) / result.requests.total,
    throughput: result.requests.total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}

type Start = (name: string, ...args: string[]) => Promise<Running>;

/** Gives what starts processes, which end with it. */
async function withProcesses<T>(use: (start: Start, folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "wardian-bench-gateway-"));
  const all: Running[] = [];
  try {
    return await use(async (name, ...args) => {
      const running = await start(name, ...args);
      all.push(running);
      return running;
    }, folder);
  } finally {
    for (const { child } of all) child.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Throughput and latency of the gateway beside a plain proxy, in turns. */
export function gatewayTable(): Promise<Table> {
  return withProcesses(async (start, folder) => {
    const { port } = await start("upstream-process");
    const origin = `http://127.0.0.1:${port}`;
    const gateway = (plugin: "none" | "light" | "coraza"): Promise<Running> =>
      start("gateway-process", configuration(origin, folder, plugin));
    const proxies: readonly (readonly [string, Running])[] = [
      ["plain undici proxy", await start("plain-proxy", origin)],
      ["gateway, no plugin", await gateway("none")],
      ["gateway, a light plugin", await gateway("light")],
      ["gateway, Coraza", await gateway("coraza")],
    ];
    const best = new Map<string, Figures>();
    for (const [, running] of proxies) await load(running);
    for (let round = 0; round < ROUNDS; round++)
      for (const [name, running] of proxies) {
        const now = await load(running);
        const known = best.get(name) ?? now;
        best.set(name, {
          processor: Math.min(known.processor, now.processor),
          throughput: Math.max(known.throughput, now.throughput),
          p50: Math.min(known.p50, now.p50),
          p99: Math.min(known.p99, now.p99),
        });
      }
    const plain = (best.get(proxies[0][0]) as Figures).processor;
    return {
      title: `A gateway beside a plain proxy: GET of 1 KB, ${CONNECTIONS} connections`,
      columns: ["proxy", "processor µs", "over plain", "requests/s", "p50 ms", "p99 ms"],
      rows: [...best].map(([name, { processor, throughput, p50, p99 }]) => [
        name,
        processor * 1000,
        processor / plain,
        throughput,
        p50,
        p99,
      ]),
      notes: [
        `autocannon, the best of ${ROUNDS} rounds of ${DURATION} s, in turns; processor time is the proxy's own for a request`,
        "the target is at most 1.3 without a plugin, and 2 with a light one",
      ],
    };
  });
}

async function ask({ child }: Running): Promise<Report> {
  const told = answer<Report>(child);
  child.send("report");
  return told;
}

const mebibytes = (bytes: number): number => bytes / 2 ** 20;

/** Whether ten thousand requests leave a gateway's memory as it was. */
export function memoryTable(): Promise<Table> {
  return withProcesses(async (start, folder) => {
    const { port } = await start("upstream-process");
    const rows: (string | number)[][] = [];
    for (const plugin of ["light", "coraza"] as const) {
      const running = await start("gateway-process", configuration(`http://127.0.0.1:${port}`, folder, plugin));
      const url = `http://127.0.0.1:${running.port}/`;
      const send = (amount: number): Promise<unknown> =>
        autocannon({ url, connections: CONNECTIONS, amount, headers: { accept: "*/*", "user-agent": "bench" } });
      await send(2_000);
      const before = await ask(running);
      await send(10_000);
      const after = await ask(running);
      rows.push([
        plugin,
        mebibytes(before.heap),
        mebibytes(after.heap),
        mebibytes(before.resident),
        mebibytes(after.resident),
        String(after.streams),
      ]);
    }
    return {
      title: "A gateway's memory before and after ten thousand more requests, in MiB, after a collection",
      columns: ["plugin", "heap before", "after", "resident before", "after", "contexts left"],
      rows,
    };
  });
}
