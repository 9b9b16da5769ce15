import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type OutgoingHttpHeaders, type RequestListener } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram, lacks } from "../../../../test/needs.ts";
import { certificate } from "../testing/certificate.ts";
import { guest } from "../testing/guest.ts";
import { listen, send } from "../testing/http.ts";
import { Gateway } from "./gateway.ts";

/** The server answers with what it was asked. */
const echo: RequestListener = (request, response) => {
  request.resume();
  response.end(
    JSON.stringify({ url: request.url, host: request.headers.host, headers: request.headers, raw: request.rawHeaders }),
  );
};

interface Echo {
  readonly url: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: readonly string[];
}

/** Sends one request as it is written, and reads to the end. */
function raw(
  port: number,
  lines: readonly string[],
): Promise<{ status: number; head: string; echo: Echo | undefined }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${lines.join("\r\n")}\r\n\r\n`));
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    socket.on("error", reject);
    socket.on("close", () => {
      const [head, body = ""] = text.split("\r\n\r\n");
      const json = body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1);
      resolve({ status: Number(head.split(" ")[1]), head, echo: json === "" ? undefined : (JSON.parse(json) as Echo) });
    });
  });
}

const get = (port: number, path: string, ...headers: string[]): ReturnType<typeof raw> =>
  raw(port, [`GET ${path} HTTP/1.1`, "Host: pub.test", "Connection: close", ...headers]);

describe("admission", () => {
  const server = createServer(echo);
  let gateway: Gateway;
  const log: Record<string, unknown>[] = [];

  beforeAll(async () => {
    const up = await listen(server);
    const routes = [
      { name: "pub", prefix: "/pub/", cluster: "up" },
      { name: "admin", prefix: "/admin/", hosts: ["internal.test"], cluster: "up" },
      { name: "chat", prefix: "/chat/", cluster: "up", upgrades: ["websocket"] },
    ];
    const listener = { address: "127.0.0.1:0", routes };
    const user = `(drop (call $proxy_replace_header_map_value (i32.const 0) "x-user"$$ "from the plugin"$$))`;
    const extra = `(drop (call $proxy_add_header_map_value (i32.const 0) "host"$$ "from the plugin"$$))`;
    gateway = await Gateway.start(
      JSON.stringify({
        listeners: [
          { ...listener, name: "main" },
          { ...listener, name: "plugin", plugins: ["user"] },
          { ...listener, name: "trusting", trusted_hops: 1 },
          { ...listener, name: "redirecting", path_with_escaped_slashes_action: "UNESCAPE_AND_REDIRECT" },
          { ...listener, name: "plain", normalizePath: false },
        ],
        clusters: { up: { endpoints: [`http://127.0.0.1:${up}`] } },
        plugins: {
          user: {
            code: { file: "user.wat" },
          },
        },
        admin: { address: ":0", hosts: ["admin.test"] },
      }).replace('"file":"user.wat"', `"file":${JSON.stringify(pluginFile(`${user}${extra}(i32.const 0)`))}`),
      { accessLog: (line) => log.push(JSON.parse(line) as Record<string, unknown>), log: () => {} },
    );
  });

  afterAll(async () => {
    await gateway.stop(0);
    server.closeAllConnections();
    server.close();
  });

  test.each([
    ["/pub/../admin/", 404],
    ["/pub/%2e%2e/admin/", 404],
    ["/pub/..\\admin/", 404],
    ["/pub/a/../b?c=..", 200],
    ["/pub/%00", 400],
    ["/pub/#x", 400],
    ["*", 400],
  ])("%s is routed as what it means: %i", async (path, status) => {
    expect((await get(gateway.port("main"), path)).status).toBe(status);
  });

  test("the server is asked for the normalised path, unless the option is off", async () => {
    expect((await get(gateway.port("main"), "/pub/a/../b?c=..")).echo?.url).toBe("/pub/b?c=..");
    expect((await get(gateway.port("plain"), "/pub/a/../b?c=..")).echo?.url).toBe("/pub/a/../b?c=..");
    const redirect = await get(gateway.port("redirecting"), "/pub/a%2Fb?c");
    expect([redirect.status, /location: (.*)/.exec(redirect.head)?.[1]]).toEqual([307, "/pub/a/b?c"]);
  });

  test("a whole address as the target is a path and an authority", async () => {
    const port = gateway.port("main");
    expect((await get(port, "http://internal.test/pub/../admin/x")).echo).toMatchObject({
      url: "/admin/x",
      host: "internal.test",
    });
    expect((await get(port, "http://pub.test/pub/../admin/x")).status).toBe(404);
    expect((await get(port, "http://pub.test")).status).toBe(404);
  });

  test("TRACE and a second Host header are refused", async () => {
    const port = gateway.port("main");
    const trace = await raw(port, ["TRACE /pub/ HTTP/1.1", "Host: pub.test", "Connection: close"]);
    expect(trace.status).toBe(405);
    expect((await get(port, "/pub/", "Host: internal.test")).status).toBe(400);
    expect((await get(port, "/pub/", "hOsT: pub.test")).status).toBe(400);
    expect(log.at(-1)).toMatchObject({ status: 400, failure: "several_hosts" });
  });

  test.each(["a/b", "a b", "user@pub.test", "pub.test:x", "pub.test:65536", "a#b", "a,b/c", "\xe9", "[::1"])(
    "the host %j is refused",
    async (host) => {
      const port = gateway.port("main");
      const line = (target: string, ...headers: string[]): ReturnType<typeof raw> =>
        raw(port, [`GET ${target} HTTP/1.1`, ...headers, "Connection: close"]);
      expect((await line("/pub/", `Host: ${host}`)).status).toBe(400);
      if (/^[\w@:#,]*$/.test(host)) expect((await line(`http://${host}/pub/`, "Host: pub.test")).status).toBe(400);
    },
  );

  test.each(["pub.test", "a_b.test:80", "[::1]:8080", "127.0.0.1:", ""])("the host %j is not refused", async (host) => {
    const answer = await raw(gateway.port("main"), ["GET /pub/ HTTP/1.1", `Host: ${host}`, "Connection: close"]);
    expect([answer.status, answer.echo?.host ?? ""]).toEqual([200, host]);
  });

  test("a client's Connection header removes its own headers, but none that a plugin adds, and not Host", async () => {
    const nominating = "Connection: x-user, X-Own, host, content-length, x-forwarded-for, __proto__";
    const own = ["X-User: evil", "X-Own: 1", "X-Other: 2"];
    const main = (await get(gateway.port("main"), "/pub/", nominating, ...own)).echo;
    expect(main?.headers).toMatchObject({ host: "pub.test", "x-other": "2", "x-forwarded-for": "127.0.0.1" });
    expect(Object.keys(main?.headers ?? {})).not.toContain("x-user");
    expect(Object.keys(main?.headers ?? {})).not.toContain("x-own");
    const filtered = (await get(gateway.port("plugin"), "/pub/", nominating, ...own)).echo;
    expect(filtered?.headers["x-user"]).toBe("from the plugin");
    // The host that the plugin adds is a second one.
    expect(filtered?.raw.filter((name) => /^host$/i.test(name))).toHaveLength(1);
    expect(filtered?.host).toBe("pub.test");
  });

  test("X-Forwarded headers come from the gateway, or from a proxy that is trusted", async () => {
    const headers = [
      "X-Forwarded-For: 1.1.1.1",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Host: evil.test",
      "X-Forwarded-Anything: x",
      "Forwarded: for=1.1.1.1",
      "X-Forwarded-For: 2.2.2.2",
      "X_Forwarded_For: 3.3.3.3",
      "x-forwarded_user: evil",
      "X-Envoy-External-Address: 1.1.1.1",
      "X-Envoy-Internal: true",
    ];
    const untrusted = (await get(gateway.port("main"), "/pub/", ...headers)).echo?.headers ?? {};
    expect(untrusted).toMatchObject({ "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http" });
    expect(Object.keys(untrusted).filter((name) => /forwarded|envoy/.test(name))).toHaveLength(2);
    expect((await get(gateway.port("trusting"), "/pub/", ...headers)).echo?.headers).toMatchObject({
      "x-forwarded-for": "1.1.1.1, 2.2.2.2, 127.0.0.1",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "evil.test",
      forwarded: "for=1.1.1.1",
    });
  });

  test("a request to change the protocol is admitted as any other", async () => {
    const port = gateway.port("main");
    const ask = (path: string, ...more: string[]): ReturnType<typeof raw> =>
      raw(port, [
        `GET ${path} HTTP/1.1`,
        "Host: pub.test",
        "Connection: upgrade, close, x-own",
        "Upgrade: websocket",
        ...more,
      ]);
    // The server does not change it, and answers.
    const asked = (await ask("/pub/../chat/", "X-Own: 1", "X-Forwarded-For: 1.1.1.1")).echo;
    expect(asked?.url).toBe("/chat/");
    expect(asked?.headers).toMatchObject({ upgrade: "websocket", "x-forwarded-for": "127.0.0.1" });
    expect(Object.keys(asked?.headers ?? {})).not.toContain("x-own");
    const elsewhere = (await ask("/chat/../pub/", "X-Forwarded-For: 1.1.1.1")).echo;
    expect(elsewhere?.url).toBe("/pub/");
    expect(elsewhere?.headers).toMatchObject({ "x-forwarded-for": "127.0.0.1" });
    expect(Object.keys(elsewhere?.headers ?? {})).not.toContain("upgrade");
    expect((await ask("/chat/", "Host: other.test")).status).toBe(400);
  });

  test("the administrator's server listens on the loopback interface and refuses other sites' pages", async () => {
    const port = gateway.adminPort ?? 0;
    const status = async (path: string, headers: Record<string, string>, method = "GET"): Promise<number> =>
      (await send(port, { path, headers, method })).status;
    for (const host of ["127.0.0.1:1", "[::1]", "localhost", "admin.test"])
      expect([host, await status("/ready", { host })]).toEqual([host, 200]);
    for (const host of ["evil.test", "127.0.0.1.evil.test", "localhost.evil.test"])
      expect([host, await status("/ready", { host })]).toEqual([host, 403]);
    const own = { host: `127.0.0.1:${port}` };
    for (const origin of ["http://evil.test", "null", "http://127.0.0.1:1", "file://"])
      expect([origin, await status("/reload", { ...own, origin }, "POST")]).toEqual([origin, 403]);
    for (const site of ["cross-site", "same-site"])
      for (const mode of ["cors", "navigate"])
        expect(await status("/reload", { ...own, "sec-fetch-site": site, "sec-fetch-mode": mode }, "POST")).toBe(403);
    expect((await raw(port, ["GET /vms HTTP/1.1", "Host: localhost", "Host: evil.test"])).status).toBe(403);
    let reloads = 0;
    gateway.onReload = async () => void reloads++;
    expect(await status("/reload", { ...own, origin: `http://${own.host}` }, "POST")).toBe(200);
    expect(await status("/reload", own, "GET")).toBe(404);
    expect(await status("/reload", own, "HEAD")).toBe(404);
    expect(reloads).toBe(1);
    await expect(fetchFromElsewhere(port)).rejects.toThrow(/ECONNREFUSED/);
  });

  describe.skipIf(lacks("openssl", hasProgram("openssl")))("over HTTP/2", () => {
    test("a host field may stand for the authority or beside it, and nothing else", async () => {
      const folder = mkdtempSync(join(tmpdir(), "wardian-admission-"));
      certificate(folder);
      const up = (server.address() as { port: number }).port;
      const secure = await Gateway.start(
        JSON.stringify({
          listeners: [
            {
              name: "main",
              address: "127.0.0.1:0",
              tls: { cert: "cert.pem", key: "key.pem" },
              routes: [{ prefix: "/", cluster: "up" }],
            },
          ],
          clusters: { up: { endpoints: [`http://127.0.0.1:${up}`] } },
          accessLog: false,
        }),
        { base: folder },
      );
      const session = connectHttp2(`https://127.0.0.1:${secure.port("main")}`, { rejectUnauthorized: false });
      const ask = (headers: OutgoingHttpHeaders): Promise<{ status: number; body: string }> =>
        new Promise((resolve, reject) => {
          const stream = session.request(headers);
          let status = 0;
          let body = "";
          stream.on("response", (answer) => {
            status = Number(answer[":status"]);
          });
          stream.setEncoding("utf8").on("data", (chunk: string) => {
            body += chunk;
          });
          stream.on("error", reject);
          stream.on("end", () => resolve({ status, body }));
        });
      const authority = "pub.test";
      for (const headers of [{ ":authority": authority }, { ":authority": authority, host: "PUB.test" }]) {
        const { status, body } = await ask({ ":path": "/x/../pub", ...headers });
        expect(status).toBe(200);
        expect(JSON.parse(body)).toMatchObject({ url: "/pub", host: authority });
      }
      expect((await ask({ ":path": "/", ":authority": authority, host: "internal.test" })).status).toBe(400);
      expect((await ask({ ":path": "/%00", ":authority": authority })).status).toBe(400);
      expect((await ask({ ":path": "/", ":method": "TRACE", ":authority": authority })).status).toBe(405);
      session.destroy();
      await secure.stop(0);
    });
  });
});

/** Writes a plugin whose headers callback does this. */
function pluginFile(onHeaders: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "wardian-admission-")), "user.wat");
  writeFileSync(file, guest({ callbacks: { proxy_on_request_headers: onHeaders } }));
  return file;
}

/** Connects to an address of this machine that is not that of the loopback interface. */
async function fetchFromElsewhere(port: number): Promise<unknown> {
  const other = Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && !one.internal && one.family === "IPv4");
  // A machine without a network has no such address: another of the loopback interface does.
  return new Promise((resolve, reject) => {
    const socket = connect(port, other?.address ?? "127.0.0.2", () => resolve(socket.destroy()));
    socket.on("error", reject);
  });
}
