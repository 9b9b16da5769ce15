import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { hasProgram, lacks } from "../../../../test/needs.ts";
import { certificate } from "../testing/certificate.ts";
import { constantPairs } from "../testing/guest.ts";
import { closeTestHosts, testHost, until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import type { LocalPlugin } from "../vm/local-plugin.ts";
import { HttpUpstreams, type HttpUpstreamsOptions } from "./http-upstreams.ts";

const OK = "HTTP/1.1 200 OK\r\n";

/** Repeats an action until the socket is closed. */
function drip(socket: Socket, bytes: string): void {
  const timer = setInterval(() => socket.write(bytes), 20);
  socket.on("close", () => clearInterval(timer));
}

/** What servers do with a connection when something has been said on it. */
const ACTIONS: Readonly<Record<string, (socket: Socket) => void>> = {
  reset: (socket) => socket.resetAndDestroy(),
  closed: (socket) => socket.end(),
  garbage: (socket) => socket.end("220 smtp.test ESMTP\r\n"),
  "garbage-open": (socket) => socket.write("220 smtp.test ESMTP\r\n"),
  "bad-status": (socket) => socket.end("HTTP/1.1 abc OK\r\n\r\n"),
  "status-000": (socket) => socket.end("HTTP/1.1 000 No\r\ncontent-length: 0\r\n\r\n"),
  "status-1000": (socket) => socket.end("HTTP/1.1 1000 No\r\ncontent-length: 0\r\n\r\n"),
  switching: (socket) => socket.write("HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
  early: (socket) => socket.end("HTTP/1.1 103 Early\r\n\r\n"),
  "early-only": (socket) => drip(socket, "HTTP/1.1 103 Early\r\n\r\n"),
  "half-headers": (socket) => socket.end(`${OK}content-le`),
  "drip-headers": (socket) => drip(socket, "H"),
  "nul-header": (socket) => socket.end(`${OK}a: b\0c\r\ncontent-length: 0\r\n\r\n`),
  "long-headers": (socket) => socket.end(`${OK}${`a: ${"b".repeat(1000)}\r\n`.repeat(100)}\r\n`),
  "two-lengths": (socket) => socket.end(`${OK}content-length: 2\r\ncontent-length: 3\r\n\r\nno`),
  "length-and-chunks": (socket) =>
    socket.end(`${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n`),
  silent: () => {},
  "short-body": (socket) => socket.end(`${OK}content-length: 9\r\n\r\nhalf`),
  "reset-body": (socket) => {
    socket.write(`${OK}content-length: 9\r\n\r\nhalf`);
    setTimeout(() => socket.resetAndDestroy(), 20);
  },
  "short-chunks": (socket) => socket.end(`${OK}transfer-encoding: chunked\r\n\r\n9\r\nhalf`),
  "bad-chunks": (socket) => {
    socket.write(`${OK}transfer-encoding: chunked\r\n\r\n`);
    setTimeout(() => socket.write("zz\r\nno"), 20);
  },
  "slow-body": (socket) => socket.write(`${OK}content-length: 9\r\n\r\nhalf`),
  "drip-body": (socket) => {
    socket.write(`${OK}content-length: 999\r\n\r\n`);
    drip(socket, "x");
  },
  "long-body": (socket) => socket.end(`${OK}content-length: 3000\r\n\r\n${"x".repeat(3000)}`),
  "long-chunks": (socket) => {
    socket.write(`${OK}transfer-encoding: chunked\r\n\r\n`);
    drip(socket, `190\r\n${"x".repeat(0x190)}\r\n`);
  },
};

/** What a server of gRPC does, by the name of the method. */
const METHODS: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
  Reset: (stream) => stream.close(2),
  Refuse: (stream) => stream.close(7),
  Gone: (stream) => stream.session?.destroy(),
  Half: (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" });
    stream.write("x");
    setTimeout(() => stream.session?.destroy(), 20);
  },
  Unavailable: (stream) => {
    stream.respond({ ":status": 503 });
    stream.end("no");
  },
  Html: (stream) => {
    stream.respond({ ":status": 404 });
    stream.end("no");
  },
  NoMessage: (stream) => stream.respond({ ":status": 200, "grpc-status": "0" }, { endStream: true }),
};

const servers: Server[] = [];
const sockets = new Set<Socket>();
const addresses: Record<string, string> = {};
const folder = mkdtempSync(join(tmpdir(), "wardian-calls-"));

async function open(server: Server): Promise<string> {
  servers.push(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  return `127.0.0.1:${await listen(server)}`;
}

beforeAll(async () => {
  for (const [name, act] of Object.entries(ACTIONS))
    addresses[name] = `http://${await open(createServer((socket) => socket.once("data", () => act(socket))))}`;
  const closed = createServer();
  addresses.refused = `http://127.0.0.1:${await listen(closed)}`;
  closed.close();
  addresses.unknown = "http://no-such-host.invalid:80";
  addresses["no-tls"] = addresses.garbage.replace("http:", "https:");
  addresses["silent-tls"] = addresses.silent.replace("http:", "https:");
  if (hasProgram("openssl")) {
    const tls = createTlsServer(certificate(folder));
    tls.on("tlsClientError", () => {});
    addresses.untrusted = `https://${await open(tls)}`;
  }
  const grpc = createHttp2Server();
  grpc.on("sessionError", () => {});
  grpc.on("session", (session) => session.on("error", () => {}));
  grpc.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    METHODS[String(headers[":path"]).split("/")[2]](stream);
  });
  addresses.grpc = `http://${await open(grpc as unknown as Server)}`;
});

afterEach(closeTestHosts);

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

const show = `(drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))`;
const showHeader = (name: string): string => `
  (if (i32.eqz (call $proxy_get_header_map_value (i32.const 6) "${name}"$$ (i32.const 16) (i32.const 20))) (then ${show}))`;

const request = { ":method": "GET", ":path": "/", ":authority": "x" };

/** Calls once, and logs the call's status, then the number of headers, some of them, the body and `over`. */
const caller = (cluster: string, fields: Readonly<Record<string, string>>, timeout = 300): Record<string, string> => ({
  proxy_on_configure: `(call $log_number (call $proxy_http_call "${cluster}"$$ ${constantPairs(fields)}
    (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const ${timeout}) (i32.const 16))) (i32.const 1)`,
  proxy_on_http_call_response: `(call $log_number (local.get $headers))
    ${[":status", "content-length", "grpc-status", "grpc-message"].map(showHeader).join("")}
    (if (local.get $body) (then
      (drop (call $proxy_get_buffer_bytes (i32.const 4) (i32.const 0) (local.get $body) (i32.const 16) (i32.const 20)))
      ${show}))
    (drop (call $proxy_log (i32.const 2) "over"$$))`,
});

/** Calls or opens a stream, and logs the call's status, then the status and the text with which it was closed, and `over`. */
const grpcCaller = (
  cluster: string,
  method: string,
  kind: "call" | "stream",
  metadata: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  proxy_on_configure: `(call $log_number (call $proxy_grpc_${kind} "${cluster}"$$ "svc"$$ "${method}"$$ ${constantPairs(metadata)}
    ${kind === "call" ? '"hello"$$ (i32.const 60000)' : ""} (i32.const 16))) (i32.const 1)`,
  proxy_on_grpc_close: `(call $log_number (local.get $status))
    (drop (call $proxy_get_status (i32.const 24) (i32.const 16) (i32.const 20))) ${show}
    (drop (call $proxy_log (i32.const 2) "over"$$))`,
});

const before = "upstream connect error or disconnect/reset before headers. reset reason: ";
const unreachable = `${before}remote connection failure, transport failure reason: `;
const answered = (status: number, text: string): string[] => ["3", String(status), String(text.length), text, "over"];
const refusal = (text: string): unknown[] => ["3", "503", expect.any(String), expect.stringContaining(text), "over"];
/** As Envoy's asynchronous client does: an answer that has begun and is not whole is none. */
const brokenOff = ["0", "over"];
const protocolError = answered(503, `${before}protocol error`);
const terminated = answered(503, `${before}connection termination`);
const timedOut = answered(504, "upstream request timeout");

describe.each([
  ["in the host's thread", 0],
  ["in a thread of its own", 1],
])("a plugin %s", (_where, threads) => {
  /** What a plugin logs until its call is over. Then nothing of the call is left, but for a connection that can be used again. */
  async function logOf(
    callbacks: Record<string, string>,
    options: HttpUpstreamsOptions = {},
    reusable = false,
  ): Promise<string[]> {
    const upstreams = new HttpUpstreams(addresses, { connectTimeout: 200, ...options });
    const made = testHost({ upstreams }, threads);
    const plugin = await made.load({ callbacks });
    await until(() => made.lines.includes("over"));
    await until(() => upstreams.bytesHeld === 0 && (reusable || sockets.size === 0));
    if (threads === 0) {
      const { slot, settings } = plugin as LocalPlugin;
      expect(slot.running(settings.rootKey)?.pendingCalls).toBe(0);
    }
    await upstreams.close();
    await until(() => sockets.size === 0);
    expect(made.host.vms.every(({ state }) => state === "running")).toBe(true);
    expect(made.lines[0]).toBe("0");
    return made.lines.slice(1);
  }

  test.each<[string, unknown[]]>([
    ["refused", answered(503, `${unreachable}delayed connect error: ECONNREFUSED`)],
    ["unknown", refusal(unreachable)],
    ["no-tls", refusal(`${unreachable}TLS_error: `)],
    ["silent-tls", timedOut],
    ["reset", terminated],
    ["closed", terminated],
    ["garbage", protocolError],
    ["garbage-open", protocolError],
    ["bad-status", protocolError],
    ["status-000", protocolError],
    ["status-1000", protocolError],
    ["switching", protocolError],
    ["early", terminated],
    ["early-only", timedOut],
    ["half-headers", terminated],
    ["drip-headers", protocolError],
    ["nul-header", protocolError],
    ["long-headers", protocolError],
    ["two-lengths", protocolError],
    ["length-and-chunks", protocolError],
    ["silent", timedOut],
    ["short-body", brokenOff],
    ["reset-body", brokenOff],
    ["short-chunks", brokenOff],
    ["bad-chunks", brokenOff],
    ["slow-body", brokenOff],
    ["drip-body", brokenOff],
    ["long-body", brokenOff],
    ["long-chunks", brokenOff],
  ])("is told once of a call of the server %s", async (cluster, told) => {
    expect(await logOf(caller(cluster, request), { maxResponseBytes: 1000, connectTimeout: 1500 })).toEqual(told);
  });

  test.skipIf(lacks("openssl", hasProgram("openssl")))("is told of a certificate that nobody has signed", async () => {
    expect(await logOf(caller("untrusted", request))).toEqual(refusal(`${unreachable}TLS_error: `));
  });

  test("is told of a connection that is not made in time, without a timeout of its own", async () => {
    const told = await logOf(caller("silent-tls", request, 0), { connectTimeout: 50 });
    expect(told).toEqual(answered(503, `${before}connection timeout`));
  });

  test("gets no body for HEAD, and gRPC's status for gRPC", async () => {
    const text = `${unreachable}delayed connect error: ECONNREFUSED`;
    const length = String(text.length);
    expect(await logOf(caller("refused", { ...request, ":method": "HEAD" }))).toEqual(["3", "503", length, "over"]);
    const grpc = { ...request, "content-type": "application/grpc" };
    expect(await logOf(caller("refused", grpc))).toEqual(["4", "200", "14", text, "over"]);
  });

  test("gets 503 for a call for which there is no memory", async () => {
    const bounds: string[] = [];
    const onOverflow = (cluster: string, bound: string): void => void bounds.push(`${cluster} ${bound}`);
    const overflow = answered(503, `${before}overflow`);
    expect(await logOf(caller("silent", request), { maxPluginBytes: 10, onOverflow })).toEqual(overflow);
    expect(await logOf(caller("silent", request), { maxTotalBytes: 10, onOverflow })).toEqual(overflow);
    expect(bounds).toEqual(["silent plugin", "silent total"]);
  });

  describe.each(["call", "stream"] as const)("with a gRPC %s", (kind) => {
    test.each<[cluster: string, method: string, status: string, message: unknown]>([
      ["refused", "A", "14", `${unreachable}delayed connect error: ECONNREFUSED`],
      ["unknown", "A", "14", expect.stringContaining(unreachable)],
      ["no-tls", "A", "14", expect.stringContaining(`${unreachable}TLS_error: `)],
      ["silent-tls", "A", "14", `${before}connection timeout`],
      ["reset", "A", "14", `${before}connection termination`],
      ["closed", "A", "14", `${before}connection termination`],
      ["garbage", "A", "14", `${before}protocol error`],
      ["garbage-open", "A", "14", `${before}protocol error`],
      ["short-body", "A", "14", `${before}protocol error`],
      ["grpc", "Reset", "14", `${before}remote reset`],
      ["grpc", "Refuse", "14", `${before}remote reset`],
      ["grpc", "Gone", "14", expect.stringContaining(before)],
      ["grpc", "Half", "14", "upstream reset: connection termination"],
      ["grpc", "Unavailable", "14", "HTTP status 503"],
      ["grpc", "Html", "12", "HTTP status 404"],
    ])("is told once of %s %s", async (cluster, method, status, message) => {
      const lines = await logOf(grpcCaller(cluster, method, kind), {}, cluster === "grpc");
      expect(lines).toEqual([status, message, "over"]);
    });
  });

  test("a gRPC call that succeeds without a message has failed", async () => {
    expect((await logOf(grpcCaller("grpc", "NoMessage", "call"), {}, true))[0]).toBe("13");
    expect((await logOf(grpcCaller("grpc", "NoMessage", "stream"), {}, true))[0]).toBe("0");
  });
});

/** Headers that would split a request, or that no request can have. */
const UNSENDABLE: readonly (readonly [what: string, fields: Readonly<Record<string, string>>])[] = [
  ["a line break in a value", { ...request, "x-a": "a\r\nevil: 1" }],
  ["a line feed in a value", { ...request, "x-a": "a\nevil: 1" }],
  ["a carriage return in a value", { ...request, "x-a": "a\revil" }],
  ["a NUL in a value", { ...request, "x-a": "a\0" }],
  ["a line break in a name", { ...request, "x\r\nevil": "1" }],
  ["a NUL in a name", { ...request, "x\0": "1" }],
  ["a space in a name", { ...request, "x a": "1" }],
  ["a colon in a name", { ...request, "x:": "1" }],
  ["no name", { ...request, "": "1" }],
  ["a line break in the path", { ...request, ":path": "/ HTTP/1.1\r\nevil: 1\r\n\r\n" }],
  ["a space in the path", { ...request, ":path": "/ HTTP/1.1" }],
  ["a NUL in the path", { ...request, ":path": "/\0" }],
  ["an empty path", { ...request, ":path": "" }],
  ["a line break in the method", { ...request, ":method": "GET / HTTP/1.1\r\nevil: 1\r\n\r\nGET" }],
  ["a space in the method", { ...request, ":method": "GET /" }],
  ["an empty method", { ...request, ":method": "" }],
  ["a tunnel", { ...request, ":method": "CONNECT" }],
  ["a line break in the authority", { ...request, ":authority": "x\r\nevil: 1" }],
  ["a space in the authority", { ...request, ":authority": "x y" }],
  ["a NUL in the authority", { ...request, ":authority": "x\0" }],
  ["no authority", { ":method": "GET", ":path": "/" }],
];

describe("calls that cannot be sent", () => {
  /** The status of a call that is made while the plugin is configured. */
  async function statusOf(callbacks: Record<string, string>): Promise<string> {
    const upstreams = {
      has: () => true,
      httpCall: () => Promise.reject(new Error("sent")),
      grpcStream: () => {
        throw new Error("sent");
      },
    };
    const { lines, load } = testHost({ upstreams });
    await load({ callbacks });
    return lines[0];
  }

  test.each(UNSENDABLE)("%s is a bad argument", async (_what, fields) => {
    expect(await statusOf(caller("any", fields))).toBe("2");
  });

  test("authorities that are no names of hosts are sent, as in Envoy", async () => {
    expect(await statusOf(caller("any", { ...request, ":authority": "outbound|80||a.b.svc" }))).toBe("0");
  });

  test.each(["call", "stream"] as const)(
    "a gRPC %s with a wrong name or wrong metadata is a bad argument",
    async (kind) => {
      for (const method of ["A\\x0d\\x0aevil: 1", "A B", "A\\x00"])
        expect(await statusOf(grpcCaller("any", method, kind))).toBe("2");
      for (const [name, value] of Object.entries({ "x-a": "a\r\nb", "x-b": "\0", "x c": "1" }))
        expect(await statusOf(grpcCaller("any", "A", kind, { [name]: value }))).toBe("2");
      expect(await statusOf(grpcCaller("any", "A", kind, { ":path": "/\r\n", te: "x", connection: "y" }))).toBe("10");
    },
  );
});

test("a host's own upstreams may fail in any way", async () => {
  const throwing = (): never => {
    throw new Error("no");
  };
  for (const threads of [0, 1])
    for (const fail of [() => Promise.reject(new Error("no")), () => Promise.reject(undefined), throwing]) {
      const made = testHost({ upstreams: { has: () => true, httpCall: fail, grpcStream: throwing } }, threads);
      await made.load({ callbacks: caller("any", request) });
      await until(() => made.lines.includes("over"));
      expect(made.lines.slice(0, 3)).toEqual(["0", "3", "503"]);
    }
});
