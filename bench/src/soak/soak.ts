import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer as createHttpServer, request } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Gateway } from "@wardian/proxy-wasm/gateway";

export interface SoakOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Clients that work at once. */
  readonly clients?: number;
}

export interface SoakReport {
  readonly requests: number;
  readonly faults: Readonly<Record<string, number>>;
  /** By status; `none` where a client got no status. */
  readonly answers: Readonly<Record<string, number>>;
  readonly reloads: number;
  /** Contexts of streams that are left. */
  readonly contexts: number;
  /** Requests that the gateway believes to be under way. */
  readonly active: number;
  /** Descriptors at the end less those at the start. */
  readonly descriptors: number;
  /** Bytes of the heap and of buffers after a collection, where the process has `gc`. */
  readonly memory: { readonly start: number; readonly end: number };
  /** Exceptions and rejections that nobody has caught. */
  readonly uncaught: readonly string[];
}

/** Whether a run has left nothing. */
export const isClean = ({ contexts, active, descriptors, uncaught }: SoakReport): boolean =>
  contexts === 0 && active === 0 && descriptors <= 0 && uncaught.length === 0;

/** A generator of numbers from 0 to 1 that a seed determines (mulberry32). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const ignore = (): void => {};

const plugin = (callbacks: string, imports = ""): string => `(module ${imports}
  (memory (export "memory") 2) (data (i32.const 16) "denied")
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 65536)) ${callbacks})`;

const RESULT = "(param i32 i32 i32) (result i32)";

/** Plugins: one that passes all, one that holds bodies back, one that traps now and then, one that answers now and then. */
const PLUGINS: Readonly<Record<string, string>> = {
  pass: plugin(`(func (export "proxy_on_request_headers") ${RESULT} (i32.const 0))
    (func (export "proxy_on_response_body") ${RESULT} (i32.const 0))`),
  hold: plugin(`(func (export "proxy_on_request_body") ${RESULT} (i32.eqz (local.get 2)))
    (func (export "proxy_on_response_body") ${RESULT} (i32.eqz (local.get 2)))`),
  trap: plugin(`(global $n (mut i32) (i32.const 0))
    (func (export "proxy_on_response_headers") ${RESULT}
      (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (if (i32.eq (global.get $n) (i32.const 50)) (then unreachable)) (i32.const 0))`),
  answer: plugin(
    `(global $n (mut i32) (i32.const 0))
    (func (export "proxy_on_request_headers") ${RESULT}
      (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (if (result i32) (i32.eqz (i32.rem_u (global.get $n) (i32.const 7)))
        (then (drop (call $send (i32.const 403) (i32.const 16) (i32.const 6) (i32.const 16) (i32.const 6)
          (i32.const 0) (i32.const 0) (i32.const -1))) (i32.const 1))
        (else (i32.const 0))))`,
    `(import "env" "proxy_send_local_response"
      (func $send (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))`,
  ),
};

/** What a server sends, by the name of the fault; a chunk after each pause. */
const RESPONSES: Readonly<Record<string, readonly string[]>> = {
  truncated: ["HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"],
  garbage: ["\x00\xff\x16\x03 what is no HTTP\r\n\r\n"],
  headless: ["HTTP/1.1 200 OK\r\ncontent-le"],
  empty: [],
  "broken chunks": ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n"],
  "odd headers": [
    "HTTP/1.1 200 OK\r\nx-a: 1\r\nx-a: 2\r\netag: a\r\netag: b\r\nte: gzip\r\ncontent-length: 2\r\n\r\nok",
  ],
  trailers: ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nte: x\r\nx-sum: 1\r\n\r\n"],
  informational: ["HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"],
  "not modified": ["HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n"],
  "status 999": ["HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n"],
  slow: ["HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n", "a", "b", "c"],
};

/** A server whose path says how it answers. */
function faultyServer(sockets: Set<Socket>): Server {
  return createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", ignore);
    socket.once("data", (head: Buffer) => {
      const name = decodeURIComponent(/^\S+ \/([^ ?]*)/.exec(head.toString("latin1"))?.[1] ?? "");
      void (async () => {
        for (const chunk of RESPONSES[name] ?? []) {
          socket.write(chunk, "latin1");
          await wait(5);
        }
        if (name === "reset") socket.resetAndDestroy();
        else socket.end();
      })();
    });
  });
}

/** What a client writes on a connection of its own, and whether it reads. */
const CLIENTS: Readonly<Record<string, readonly [text: string, reads: boolean]>> = {
  "malformed client": ["GET / HTTP/9\r\nbad name: x\r\n\r\n", true],
  "unfinished body": ["POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf", true],
  "broken chunks of a client": ["POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", true],
  upgrade: ["GET /echo HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n", true],
  "pipelined, not read": ["GET /slow HTTP/1.1\r\nhost: x\r\n\r\n".repeat(20), false],
};

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

const descriptors = (): number => (process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0);

const memory = async (): Promise<number> => {
  const { gc } = globalThis as { gc?: () => void };
  for (let i = 0; i < 3; i++) {
    await wait(20);
    gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

/** Sends random requests to a gateway with faulty plugins before faulty servers, reloads it meanwhile, and ends it. */
export async function soak({ seconds, seed, clients = 16 }: SoakOptions): Promise<SoakReport> {
  const next = random(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)];
  const uncaught: string[] = [];
  const note = (error: unknown): void =>
    void uncaught.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
  const folder = mkdtempSync(join(tmpdir(), "wardian-soak-"));
  const before = { memory: 0, descriptors: 0 };
  const counts = {
    requests: 0,
    reloads: 0,
    faults: {} as Record<string, number>,
    answers: {} as Record<string, number>,
  };
  const count = (of: Record<string, number>, name: string): void => void (of[name] = (of[name] ?? 0) + 1);
  try {
    // The platform opens a descriptor with its first socket, once, and keeps it.
    const first = createServer();
    await listen(first);
    await new Promise((resolve) => first.close(resolve));
    before.memory = await memory();
    before.descriptors = descriptors();
    for (const [name, text] of Object.entries(PLUGINS)) writeFileSync(join(folder, `${name}.wat`), text);
    const sockets = new Set<Socket>();
    const faulty = faultyServer(sockets);
    const echo = createHttpServer((incoming, response) => void incoming.on("error", ignore).pipe(response));
    const [faultyPort, echoPort] = [await listen(faulty), await listen(echo)];
    const configuration = (generation: number): string =>
      JSON.stringify({
        listeners: [
          {
            name: "main",
            address: "127.0.0.1:0",
            plugins: ["pass", "hold", "trap", "answer", "thread"],
            routes: [
              { prefix: "/echo", cluster: "echo" },
              { cluster: "faulty", timeout: 1000 },
            ],
          },
        ],
        clusters: {
          echo: { endpoints: [`http://127.0.0.1:${echoPort}`] },
          faulty: { endpoints: [`http://127.0.0.1:${faultyPort}`] },
        },
        plugins: {
          pass: { code: "pass.wat", configuration: `${generation}` },
          hold: { code: "hold.wat" },
          trap: { code: "trap.wat", failurePolicy: "reload", reloadBackoff: 10 },
          answer: { code: "answer.wat" },
          thread: { code: "trap.wat", threads: 1, failurePolicy: "reload", reloadBackoff: 10 },
        },
        accessLog: false,
      });
    const gateway = await Gateway.start(configuration(0), { base: folder, log: ignore });
    const port = gateway.port("main");
    const agent = new Agent({ keepAlive: true });
    const until = performance.now() + seconds * 1000;

    const ask = (path: string, body: number, abortAfter: number | undefined): Promise<void> =>
      new Promise((resolve) => {
        const sent = request({
          port,
          host: "127.0.0.1",
          agent,
          path,
          method: body > 0 ? "POST" : "GET",
          timeout: 5000,
        });
        let status = "none";
        sent.on("response", (response) => {
          status = String(response.statusCode);
          response.on("error", ignore).resume();
        });
        sent.on("error", ignore).on("timeout", () => sent.destroy());
        sent.on("close", () => {
          count(counts.answers, status);
          resolve();
        });
        if (abortAfter !== undefined) setTimeout(() => sent.destroy(), abortAfter);
        sent.end(body > 0 ? Buffer.alloc(body, "x") : undefined);
      });
    const rawClient = async (text: string, reads: boolean): Promise<void> => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", ignore);
      if (reads) socket.resume();
      else socket.pause();
      socket.write(text);
      await wait(5 + next() * 30);
      socket.destroy();
    };
    const client = async (): Promise<void> => {
      while (performance.now() < until) {
        counts.requests++;
        const kind = next();
        if (kind < 0.4) await ask("/echo", Math.floor(next() * 100_000), undefined);
        else if (kind < 0.5) {
          count(counts.faults, "aborted client");
          await ask("/echo", 50_000, next() * 5);
        } else if (kind < 0.85) {
          const fault = pick([...Object.keys(RESPONSES), "reset"]);
          count(counts.faults, fault);
          await ask(`/${encodeURIComponent(fault)}`, 0, undefined);
        } else {
          const fault = pick(Object.keys(CLIENTS));
          count(counts.faults, fault);
          await rawClient(...CLIENTS[fault]);
        }
      }
    };
    const reloader = async (): Promise<void> => {
      while (performance.now() < until) {
        await wait(200 + next() * 800);
        await gateway.reload(configuration(++counts.reloads));
      }
    };
    await Promise.all([...Array.from({ length: clients }, client), reloader()]);
    agent.destroy();
    const contexts = (): number => gateway.vms.reduce((sum, { streams }) => sum + streams, 0);
    for (let i = 0; i < 500 && (contexts() > 0 || gateway.metrics.active > 0); i++) await wait(10);
    const left = { contexts: contexts(), active: gateway.metrics.active };
    await gateway.stop(1000);
    for (const socket of sockets) socket.destroy();
    echo.closeAllConnections();
    await Promise.all([faulty, echo].map((server) => new Promise((resolve) => server.close(resolve))));
    // Threads end, and connections close, in their own time.
    for (let i = 0; i < 500 && descriptors() > before.descriptors; i++) await wait(10);
    return {
      ...counts,
      ...left,
      descriptors: descriptors() - before.descriptors,
      memory: { start: before.memory, end: await memory() },
      uncaught,
    };
  } finally {
    process.off("uncaughtException", note);
    process.off("unhandledRejection", note);
    rmSync(folder, { recursive: true, force: true });
  }
}
