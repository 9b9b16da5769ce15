import { mkdtempSync } from "node:fs";
import { connect as connectHttp2, type IncomingHttpHeaders } from "node:http2";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram, lacks } from "../../../../test/needs.ts";
import { certificate } from "../testing/certificate.ts";
import { guest } from "../testing/guest.ts";
import { until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import { Gateway } from "./gateway.ts";

/** What a client of either version of HTTP was told. */
interface Told {
  /** 0 for nothing. */
  readonly status: number;
  readonly body: string;
  readonly complete: boolean;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly trailers: Readonly<Record<string, unknown>>;
}

/** Milliseconds after which a client gives up. */
const PATIENCE = 20_000;

/** What the server answers to the request that is under way, and whether it then breaks the connection off. */
let answer: { readonly text: string; readonly close?: "end" | "reset" } = { text: "" };

const connections = new Set<Socket>();
const upstream: Server = createServer((socket: Socket) => {
  connections.add(socket);
  socket.on("error", () => {});
  socket.on("close", () => connections.delete(socket));
  socket.on("data", () => {
    socket.write(Buffer.from(answer.text, "latin1"));
    if (answer.close === "end") setTimeout(() => socket.end(), 20);
    if (answer.close === "reset") setTimeout(() => socket.resetAndDestroy(), 20);
  });
});

function fieldsOf(lines: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const [name, ...rest] = line.split(":");
    const value = rest.join(":").trim();
    const key = name.toLowerCase();
    fields[key] = key in fields ? `${fields[key]}, ${value}` : value;
  }
  return fields;
}

function overHttp1(port: number): Promise<Told> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () =>
      socket.write("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTE: trailers\r\n\r\n"),
    );
    let text = "";
    socket.on("error", () => {});
    // A response that never ends is told as one that is not complete.
    socket.setTimeout(PATIENCE, () => socket.destroy());
    socket.on("data", (data: Buffer) => {
      text += data.toString("latin1");
    });
    socket.on("close", () => {
      const [head = "", ...rest] = text.split("\r\n\r\n");
      const [line, ...lines] = head.split("\r\n");
      const headers = fieldsOf(lines);
      const status = Number(line.split(" ")[1] ?? 0);
      const after = rest.join("\r\n\r\n");
      if (headers["transfer-encoding"] !== "chunked") {
        const length = status === 204 || status === 304 ? 0 : Number(headers["content-length"]);
        resolve({ status, headers, body: after, complete: after.length === length, trailers: {} });
        return;
      }
      const [, body, last] = /^((?:[\da-f]+\r\n[\s\S]*?\r\n)*?)(?:0\r\n([\s\S]*))?$/.exec(`${after}`) ?? [
        "",
        "",
        undefined,
      ];
      const trailers = fieldsOf((last ?? "").split("\r\n").filter((one) => one !== ""));
      const chunks = body.replace(/[\da-f]+\r\n([\s\S]*?)\r\n/g, "$1");
      resolve({ status, headers, body: chunks, complete: last !== undefined, trailers });
    });
  });
}

function overHttp2(port: number): Promise<Told> {
  return new Promise((resolve) => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    session.on("error", () => {});
    const stream = session.request({ ":path": "/" });
    let headers: IncomingHttpHeaders & { ":status"?: number } = {};
    let trailers: IncomingHttpHeaders = {};
    let body = "";
    stream.on("response", (given) => {
      headers = given;
    });
    stream.on("trailers", (given) => {
      trailers = given;
    });
    stream.setEncoding("latin1").on("data", (chunk: string) => {
      body += chunk;
    });
    stream.on("error", () => {});
    stream.setTimeout(PATIENCE, () => stream.close(8));
    stream.on("close", () => {
      session.destroy();
      resolve({ status: headers[":status"] ?? 0, body, complete: stream.rstCode === 0, headers, trailers });
    });
  });
}

const ok = (...headers: string[]): string =>
  ["HTTP/1.1 200 OK", ...headers, "content-length: 2", "", "ok"].join("\r\n");
const chunked = (...trailers: string[]): string =>
  ["HTTP/1.1 200 OK", "transfer-encoding: chunked", "", "2", "ok", "0", ...trailers, "", ""].join("\r\n");

const good = { status: 200, body: "ok", complete: true };
const bad = { status: 502, complete: true };

describe.skipIf(lacks("openssl", hasProgram("openssl")))("a server's response", () => {
  const folder = mkdtempSync(join(tmpdir(), "wardian-responses-"));
  let gateway: Gateway;

  beforeAll(async () => {
    certificate(folder);
    const port = await listen(upstream);
    const tls = { cert: "cert.pem", key: "key.pem" };
    const routes = [{ prefix: "/", cluster: "up" }];
    const listener = { address: "127.0.0.1:0", routes };
    const inline = (callbacks: Record<string, string>): unknown => ({
      envoy: {
        allow_on_headers_stop_iteration: true,
        vm_config: { code: { local: { inline_string: guest({ callbacks }) } } },
      },
    });
    gateway = await Gateway.start(
      JSON.stringify({
        listeners: ["", "changing", "holding"].flatMap((plugin) => [
          { ...listener, name: `h1 ${plugin}`, plugins: plugin === "" ? [] : [plugin] },
          { ...listener, name: `h2 ${plugin}`, tls, plugins: plugin === "" ? [] : [plugin] },
        ]),
        clusters: { up: { endpoints: [`http://127.0.0.1:${port}`] } },
        plugins: {
          changing: inline({
            proxy_on_response_headers:
              '(drop (call $proxy_add_header_map_value (i32.const 2) "x-plugin"$$ "1"$$)) (i32.const 0)',
          }),
          // Holds the headers back until the body has come as a whole.
          holding: inline({
            proxy_on_response_headers: "(i32.eqz (local.get 2))",
            proxy_on_response_body: "(i32.eqz (local.get 2))",
          }),
        },
        accessLog: false,
      }),
      { base: folder, log: () => {} },
    );
  });

  afterAll(async () => {
    await gateway.stop(0);
    upstream.close();
  });

  /** Asks over both versions, without plugins and with two of them. */
  async function ask(text: string, close?: "end" | "reset"): Promise<[how: string, told: Told][]> {
    answer = { text, close };
    const told: [string, Told][] = [];
    for (const plugin of ["", "changing", "holding"])
      for (const [version, over] of [["h1", overHttp1] as const, ["h2", overHttp2] as const]) {
        told.push([`${version} ${plugin}`, await over(gateway.port(`${version} ${plugin}`))]);
        if (close !== undefined) await until(() => connections.size === 0);
      }
    return told;
  }

  const single = ["content-type", "date", "etag", "location", "x-content-type-options", "age", "retry-after"];
  test.each<[string, string, Partial<Told>]>([
    ...["600 Odd", "999 Odd", "099 Odd", "000 Odd"].map((status): [string, string, Partial<Told>] => [
      `the status ${status}`,
      ok().replace("200 OK", status),
      bad,
    ]),
    ...single.map((name): [string, string, Partial<Told>] => [
      `${name} twice`,
      ok(`${name}: a`, `${name}: b`),
      { ...good, headers: expect.objectContaining({ [name]: "a" }) },
    ]),
    ["a list twice", ok("vary: a", "vary: b"), { ...good, headers: expect.objectContaining({ vary: "a, b" }) }],
    ["te", ok("te: gzip"), good],
    ["a control character in a value", ok("x-a: a\x01b"), bad],
    ["names of Object.prototype", ok("__proto__: a", "constructor: b"), good],
    ["two lengths", ok("content-length: 5"), bad],
    ["trailers", chunked("x-t: 1"), { ...good, trailers: expect.objectContaining({ "x-t": "1" }) }],
    [
      "a doubled etag in the trailers",
      chunked("etag: a", "etag: b"),
      { ...good, trailers: expect.objectContaining({ etag: "a" }) },
    ],
    ["te in the trailers", chunked("te: gzip", "x-t: 1"), good],
    ["transfer-encoding in the trailers", chunked("transfer-encoding: chunked", "x-t: 1"), good],
    ["connection in the trailers", chunked("connection: close", "x-t: 1"), good],
    ["content-length in the trailers", chunked("content-length: 5"), good],
    ["a line that is folded", ok("x-a: 1", " 2"), bad],
    ["a name with a colon before it", ok(":status: 204"), bad],
    ["trailers that are announced and do not come", ok("trailer: x-t"), good],
    [
      "trailers that are announced and come",
      chunked("x-t: 1").replace("\r\n\r\n", "\r\ntrailer: x-t\r\n\r\n"),
      {
        ...good,
        headers: expect.objectContaining({ trailer: "x-t" }),
        trailers: expect.objectContaining({ "x-t": "1" }),
      },
    ],
    ["204 with trailers", "HTTP/1.1 204 No\r\ntrailer: x-t\r\n\r\n", { status: 204, body: "", complete: true }],
    ["an empty name", ok(": 1"), bad],
    ["a name with a space", ok("x a: 1"), bad],
    ["a list of equal lengths", ok().replace("length: 2", "length: 2, 2"), bad],
    ["a length without end", ok().replace("length: 2", `length: ${"9".repeat(30)}`), bad],
    ["100 cookies", ok(...Array.from({ length: 100 }, (_, i) => `set-cookie: ${i}=1`)), good],
    ["headers of 100 kB", ok(`x-a: ${"a".repeat(100_000)}`), bad],
    ["a reason with bytes beyond ASCII", ok().replace("OK", "\xff\xfe"), good],
    ["a length that its connection nominates", ok("connection: x-a, content-length, content-type"), good],
    ["a transfer coding beside a length", chunked().replace("\r\n\r\n", "\r\ncontent-length: 9\r\n\r\n"), bad],
    ["two chunked transfer codings", chunked().replace(": chunked", ": chunked, chunked"), good],
    ["100 informational responses", "HTTP/1.1 103 Early\r\nlink: a\r\nte: x\r\n\r\n".repeat(100) + ok(), good],
    [
      "a change of protocol that was not asked for",
      "HTTP/1.1 101 Go\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
      bad,
    ],
    ["a 205 with a body", ok().replace("200 OK", "205 Reset"), { status: 205, body: "", complete: true }],
    ["cookies in the trailers", chunked("set-cookie: a", "set-cookie: b", "x-t: 1"), good],
    ["names of Object.prototype in the trailers", chunked("__proto__: a", "constructor: b", "x-t: 1"), good],
    ["no HTTP at all", "hello\r\n\r\n", bad],
    ["a version that does not exist", ok().replace("1.1", "3.7"), bad],
    ["204 with a length", "HTTP/1.1 204 No\r\ncontent-length: 2\r\n\r\n", { status: 204, body: "", complete: true }],
    ["304 with a length", "HTTP/1.1 304 No\r\ncontent-length: 2\r\n\r\n", { status: 304, body: "", complete: true }],
  ])("with %s reaches the client alike over both versions", async (_, text, expected) => {
    // A server that says that it closes the connection does.
    const close = text.includes("connection: close") ? "end" : undefined;
    for (const [how, told] of await ask(text, close)) expect([how, told]).toMatchObject([how, expected]);
  });

  test("loses the fields of its own connection", async () => {
    const own = ["connection: keep-alive, x-secret", "x-secret: 1", "keep-alive: timeout=5", "proxy-connection: x"];
    for (const [how, told] of await ask(ok(...own, "upgrade: h2c", "x-kept: 1"))) {
      expect([how, told]).toMatchObject([how, { ...good, headers: { "x-kept": "1" } }]);
      expect(Object.keys(told.headers)).not.toContain("x-secret");
      expect(Object.keys(told.headers)).not.toContain("upgrade");
    }
  });

  test.each(["end", "reset"] as const)("that is cut short by %s does not look complete", async (close) => {
    for (const text of [chunked().replace(/0\r\n[\s\S]*$/, ""), ok().replace("length: 2", "length: 9")])
      for (const [how, told] of await ask(text, close)) {
        // Where a plugin held the headers back, the client has been sent nothing yet.
        if (how.includes("holding")) expect([how, told]).toMatchObject([how, bad]);
        else expect([how, told]).toMatchObject([how, { status: 200, complete: false }]);
      }
  });

  test.each(["end", "reset"] as const)("that is cut short by %s resets a connection of HTTP/1.0", async (close) => {
    answer = { text: chunked().replace(/0\r\n[\s\S]*$/, ""), close };
    for (const plugin of ["", "changing"]) {
      const socket = connect(gateway.port(`h1 ${plugin}`), "127.0.0.1", () =>
        socket.write("GET / HTTP/1.0\r\nHost: test\r\n\r\n"),
      );
      const error = new Promise<Error>((resolve) => socket.on("error", resolve));
      socket.resume();
      expect(await error).toMatchObject({ code: "ECONNRESET" });
    }
  });

  test("after all of this the gateway still answers", async () => {
    for (const [how, told] of await ask(ok())) expect([how, told]).toMatchObject([how, good]);
    expect(gateway.vms.map(({ streams }) => streams)).toEqual([0, 0]);
  });
});
