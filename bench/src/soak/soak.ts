import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Gateway } from "@wardian/proxy-wasm/gateway";
import { certificate } from "../../../packages/proxy-wasm/src/testing/certificate.ts";
import { Http1Clients } from "./clients.ts";
import { Counts, ignore, Random, wait } from "./counts.ts";
import { Http2Clients } from "./http2-clients.ts";
import { PLUGINS } from "./plugins.ts";
import { listen, Upstreams } from "./upstreams.ts";
import { Workers, type WorkersReport } from "./workers.ts";

export interface SoakOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Clients of each listener that work at once. */
  readonly clients?: number;
}

export interface SoakReport {
  readonly requests: number;
  /** Requests that the gateway in this process has ended. Those of faulty sessions are among them. */
  readonly ended: number;
  /** Faults of servers and clients by name. */
  readonly faults: Readonly<Record<string, number>>;
  readonly injected: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly wrong: number;
  readonly reloads: number;
  /** Contexts of streams that are left. */
  readonly contexts: number;
  /** Requests that the gateway counts as under way. */
  readonly active: number;
  /** Descriptors at the end less those at the start. */
  readonly descriptors: number;
  /** Kinds of descriptors of which there are more at the end, with how many more. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Bytes of the heap and of buffers after a collection, where the process has `gc`. */
  readonly memory: { readonly start: number; readonly end: number };
  /** Exceptions and rejections that nobody has caught. */
  readonly uncaught: readonly string[];
  /** Undefined where processes cannot be observed, which takes Linux. */
  readonly workers: WorkersReport | undefined;
  /** Parts that were left out. */
  readonly skipped: readonly string[];
}

/** Whether a run has left nothing, and no answer was wrong. */
export const isClean = ({ contexts, active, descriptors, uncaught, wrong, workers }: SoakReport): boolean =>
  contexts === 0 &&
  active === 0 &&
  descriptors <= 0 &&
  uncaught.length === 0 &&
  wrong === 0 &&
  (workers === undefined ||
    (workers.contexts === 0 && workers.active === 0 && workers.descriptors <= 0 && workers.exitCode === 0));

const descriptors = (): number => (process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0);

/** How many descriptors there are of each kind: `socket`, `pipe`, `anon_inode:[eventfd]`, and files by their path. */
function kindsOfDescriptors(): Map<string, number> {
  const kinds = new Map<string, number>();
  for (const descriptor of process.platform === "linux" ? readdirSync("/proc/self/fd") : []) {
    let kind: string;
    try {
      kind = readlinkSync(`/proc/self/fd/${descriptor}`).replace(/:\[\d+\]$/, "");
    } catch {
      // It was that of the folder.
      continue;
    }
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return kinds;
}

const memory = async (): Promise<number> => {
  const { gc } = globalThis as { gc?: () => void };
  for (let i = 0; i < 3; i++) {
    await wait(20);
    gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

/** The configuration of the gateways. The generation is in the plugins' configuration, so that a reload changes it. */
function configuration(upstreams: Upstreams, hasTls: boolean, generation: number): object {
  const routes = [
    { prefix: "/echo", cluster: "echo" },
    { cluster: "faulty", timeout: 1000 },
  ];
  const limits = { streamIdleTimeout: 2000, requestHeadersTimeout: 2000, idleTimeout: 5000, maxConnections: 500 };
  const listener = { address: "127.0.0.1:0", routes, ...limits };
  const reload = { failurePolicy: "reload", reloadBackoff: 10 };
  return {
    listeners: [
      { name: "main", plugins: ["pass", "hold", "trap", "answer", "call", "grpc"], ...listener },
      ...(hasTls
        ? [
            {
              name: "tls",
              tls: { cert: "cert.pem", key: "key.pem" },
              plugins: ["pass", "thread", "answer", "calling", "hold"],
              ...listener,
            },
          ]
        : []),
    ],
    clusters: upstreams.clusters,
    plugins: {
      pass: { code: "pass.wat", configuration: `${generation}` },
      hold: { code: "hold.wat" },
      trap: { code: "trap.wat", ...reload },
      answer: { code: "answer.wat" },
      call: { code: "call.wat" },
      grpc: { code: "grpc.wat" },
      thread: { code: "trap.wat", threads: 1, ...reload },
      calling: { code: "call.wat", threads: 1, vm: { id: "calling" } },
    },
    accessLog: false,
    shutdownTimeout: 2000,
  };
}

/** Makes a certificate. @returns false where openssl is not installed */
function hasCertificate(folder: string): boolean {
  try {
    certificate(folder);
    return true;
  } catch {
    return false;
  }
}

/**
 * Sends random requests over HTTP/1.1 and HTTP/2 to a gateway with faulty plugins in front of faulty servers, and to one
 * with two workers that are killed and stopped. Reloads the first one meanwhile, and ends both.
 */
export async function soak({ seconds, seed, clients = 6 }: SoakOptions): Promise<SoakReport> {
  const random = new Random(seed);
  const counts = new Counts();
  const uncaught: string[] = [];
  const skipped: string[] = [];
  const note = (error: unknown): void =>
    void uncaught.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
  const folder = mkdtempSync(join(tmpdir(), "wardian-soak-"));
  let workers: Workers | undefined;
  try {
    for (const [name, code] of Object.entries(PLUGINS)) writeFileSync(join(folder, `${name}.wat`), code);
    const hasTls = hasCertificate(folder);
    if (!hasTls) skipped.push("HTTP/2: openssl is not installed");
    // The platform opens a descriptor with its first socket, once, and keeps it.
    const first = createServer();
    await listen(first);
    await new Promise((resolve) => first.close(resolve));
    const before = { memory: await memory(), descriptors: descriptors(), kinds: kindsOfDescriptors() };

    const upstreams = await Upstreams.start();
    const text = (generation: number): string => JSON.stringify(configuration(upstreams, hasTls, generation));
    const gateway = await Gateway.start(text(0), { base: folder, log: ignore });
    if (process.platform === "linux") workers = await Workers.run(folder, configuration(upstreams, hasTls, 0));
    else skipped.push("workers: the system is not Linux");
    const portsOf = (name: string): number[] =>
      name === "tls" && !hasTls ? [] : [gateway.port(name), workers?.ports.get(name) ?? []].flat();
    const all = [
      ...portsOf("main").map((port) => new Http1Clients(port, random, counts)),
      ...portsOf("tls").map((port) => new Http2Clients(port, random, counts)),
    ];

    const until = performance.now() + seconds * 1000;
    let reloads = 0;
    const repeat = async (action: () => void | Promise<void>): Promise<void> => {
      while (performance.now() < until) await action();
    };
    await Promise.all([
      ...all.flatMap((one) => Array.from({ length: clients }, () => repeat(() => one.once()))),
      repeat(async () => {
        await wait(200 + random.next() * 800);
        await gateway.reload(text(++reloads));
      }),
      repeat(async () => {
        await wait(500 + random.next() * 3000);
        workers?.disturb(random.next() < 0.8 ? "SIGKILL" : "SIGSTOP", random.below(2));
      }),
    ]);
    for (const one of all) await one.close();

    const contexts = (): number => gateway.vms.reduce((sum, { streams }) => sum + streams, 0);
    for (let i = 0; i < 1000 && (contexts() > 0 || gateway.metrics.active > 0); i++) await wait(10);
    const left = { contexts: contexts(), active: gateway.metrics.active };
    const ended = [...gateway.prometheus().matchAll(/^wardian_requests_total\{.*\} (\d+)$/gm)];
    const workersReport = await workers?.stop();
    await gateway.stop(1000);
    await upstreams.stop();
    // Threads end, and connections close, in their own time, which is longer on a busy machine.
    for (let i = 0; i < 3000 && descriptors() > before.descriptors; i++) await wait(10);
    const kinds = [...kindsOfDescriptors()].map(
      ([kind, count]) => [kind, count - (before.kinds.get(kind) ?? 0)] as const,
    );
    const { requests, faults, answers, wrong } = counts;
    return {
      requests,
      ended: ended.reduce((sum, [, count]) => sum + Number(count), 0),
      faults,
      injected: Object.values(faults).reduce((sum, count) => sum + count, 0),
      answers,
      wrong,
      reloads,
      ...left,
      descriptors: descriptors() - before.descriptors,
      kinds: Object.fromEntries(kinds.filter(([, more]) => more > 0)),
      memory: { start: before.memory, end: await memory() },
      uncaught,
      workers: workersReport,
      skipped,
    };
  } finally {
    workers?.kill();
    process.off("uncaughtException", note);
    process.off("unhandledRejection", note);
    rmSync(folder, { recursive: true, force: true });
  }
}
