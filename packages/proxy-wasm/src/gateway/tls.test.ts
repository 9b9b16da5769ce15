import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type ClientHttp2Session, connect } from "node:http2";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { hasProgram, lacks } from "../../../../test/needs.ts";
import { guest } from "../testing/guest.ts";
import { until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import { Gateway } from "./gateway.ts";

const show = (...path: string[]): string => `
  (i32.store (i32.const 20) (i32.const 0))
  (drop (call $proxy_get_property "${path.join("\\x00")}"$$ (i32.const 16) (i32.const 20)))
  (drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))`;

// Certificates are made for each run: a repository is no place for keys.
describe.skipIf(lacks("openssl", hasProgram("openssl")))("a gateway with TLS", () => {
  test("speaks HTTP/1.1 and HTTP/2, and plugins see who the client is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wardian-tls-"));
    const subject = [
      "-subj",
      "/CN=test.local/O=Tests",
      "-addext",
      "subjectAltName=DNS:test.local,URI:spiffe://test/me",
    ];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    execFileSync(
      "openssl",
      ["req", "-x509", ...curve, "-days", "2", ...subject, "-keyout", "key.pem", "-out", "cert.pem"],
      { cwd: folder, stdio: "ignore" },
    );
    const names = ["tls_version", "requested_server_name", "subject_peer_certificate", "uri_san_peer_certificate"];
    const callbacks = {
      proxy_on_request_headers: `${names.map((name) => show("connection", name)).join("")} ${show("request", "scheme")} ${show("request", "protocol")} ${show("route_name")} (i32.const 0)`,
    };
    writeFileSync(join(folder, "plugin.wat"), guest({ callbacks }));
    const upstream = createServer((incoming, response) =>
      response.end(`${incoming.headers.host} ${incoming.headers["x-forwarded-proto"]}`),
    );
    const lines: string[] = [];
    const config = {
      listeners: [
        {
          name: "main",
          address: "127.0.0.1:0",
          tls: { cert: "cert.pem", key: "key.pem", ca: "cert.pem" },
          plugins: ["p"],
          routes: [{ name: "only", cluster: "up" }],
        },
      ],
      clusters: { up: { endpoints: [`http://127.0.0.1:${await listen(upstream)}`] } },
      plugins: { p: { code: "plugin.wat" } },
      accessLog: false,
    };
    const gateway = await Gateway.start(JSON.stringify(config), {
      base: folder,
      log: ({ message }) => lines.push(message),
    });
    const port = gateway.port("main");
    const cert = readFileSync(join(folder, "cert.pem"));
    const key = readFileSync(join(folder, "key.pem"));
    const body = await new Promise<string>((resolve, reject) => {
      const options = {
        port,
        ca: cert,
        cert,
        key,
        servername: "test.local",
        headers: { host: "test.local" },
        agent: false,
      };
      const outgoing = request({ host: "127.0.0.1", ...options }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve(text));
      });
      outgoing.on("error", reject).end();
    });
    expect(body).toBe("test.local https");
    expect(lines).toEqual([
      "TLSv1.3",
      "test.local",
      "O=Tests,CN=test.local",
      "spiffe://test/me",
      "https",
      "HTTP/1.1",
      "only",
    ]);

    lines.length = 0;
    const session = connect(`https://127.0.0.1:${port}`, { ca: cert, servername: "test.local" });
    const stream = session.request({ ":path": "/", ":authority": "over.h2" });
    let text = "";
    for await (const chunk of stream.setEncoding("utf8")) text += chunk as string;
    expect(text).toBe("over.h2 https");
    // This client has shown no certificate.
    expect(lines).toEqual(["TLSv1.3", "test.local", "", "", "https", "HTTP/2", "only"]);
    session.close();
    await gateway.stop(0);
    upstream.closeAllConnections();
    upstream.close();
  });

  test("WebSocket passes over TLS beside HTTP/2, and is not offered where its route does not let it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wardian-tls-"));
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key.pem"];
    const certificate = ["-days", "2", "-subj", "/CN=test.local", "-out", "cert.pem"];
    execFileSync("openssl", ["req", "-x509", ...key, ...certificate], { cwd: folder, stdio: "ignore" });
    const upstream = createServer((incoming, response) => response.end(`ordinary ${incoming.headers.upgrade}`));
    const sockets = new WebSocketServer({ server: upstream });
    sockets.on("connection", (client, incoming) =>
      client.on("message", (data) => client.send(`${data} ${incoming.headers["x-forwarded-proto"]}`)),
    );
    const routes = [{ prefix: "/ws", cluster: "up", upgrades: ["websocket"] }, { cluster: "up" }];
    const tls = { cert: "cert.pem", key: "key.pem" };
    const config = {
      listeners: [{ name: "main", address: "127.0.0.1:0", tls, routes }],
      clusters: { up: { endpoints: [`http://127.0.0.1:${await listen(upstream)}`] } },
      accessLog: false,
    };
    const gateway = await Gateway.start(JSON.stringify(config), { base: folder });
    const url = `wss://127.0.0.1:${gateway.port("main")}`;
    const client = new WebSocket(`${url}/ws`, { rejectUnauthorized: false });
    const message = new Promise((resolve) => client.on("message", (data) => resolve(String(data))));
    client.on("open", () => client.send("hello"));
    expect(await message).toBe("hello https");
    client.close();
    const refused = new WebSocket(`${url}/`, { rejectUnauthorized: false });
    const body = new Promise((resolve) =>
      refused.on("unexpected-response", (_request, response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += String(chunk)));
        response.on("end", () => resolve(text));
      }),
    );
    expect(await body).toBe("ordinary undefined");
    await gateway.stop(0);
    sockets.close();
    upstream.closeAllConnections();
    upstream.close();
  });

  test("takes new certificates with a reload, and ends HTTP/2's sessions when their requests have ended", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wardian-tls-"));
    const certify = (name: string): void => {
      const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
      const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
      const files = ["-keyout", "key.pem", "-out", "cert.pem"];
      execFileSync("openssl", ["req", "-x509", ...curve, "-days", "2", ...subject, ...files], {
        cwd: folder,
        stdio: "ignore",
      });
    };
    certify("first.test");
    const finish: (() => void)[] = [];
    const upstream = createServer((incoming, response) => {
      response.write("begun ");
      if (incoming.url === "/slow") finish.push(() => response.end("ended"));
      else response.end("ended");
    });
    const config = {
      listeners: [
        {
          name: "main",
          address: "127.0.0.1:0",
          tls: { cert: "cert.pem", key: "key.pem" },
          routes: [{ cluster: "up" }],
        },
      ],
      clusters: { up: { endpoints: [`http://127.0.0.1:${await listen(upstream)}`] } },
      accessLog: false,
    };
    const gateway = await Gateway.start(JSON.stringify(config), { base: folder });
    const port = gateway.port("main");
    const open = async (): Promise<{ session: ClientHttp2Session; subject: string }> => {
      const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
      await new Promise((resolve) => session.once("connect", resolve));
      const { subject } = (session.socket as TLSSocket).getPeerCertificate();
      return { session, subject: String(subject.CN) };
    };
    const ask = async (session: ClientHttp2Session, path: string): Promise<string> => {
      let text = "";
      for await (const chunk of session.request({ ":path": path }).setEncoding("utf8")) text += chunk as string;
      return text;
    };
    const first = await open();
    expect(first.subject).toBe("first.test");
    const slow = Promise.all(Array.from({ length: 20 }, () => ask(first.session, "/slow")));
    await until(() => finish.length === 20);
    certify("second.test");
    await gateway.reload(JSON.stringify(config));
    const second = await open();
    expect(second.subject).toBe("second.test");
    // The session from before goes on: nothing of it was dropped.
    expect(await ask(first.session, "/")).toBe("begun ended");
    expect(await ask(second.session, "/")).toBe("begun ended");
    const stopped = gateway.stop(60_000);
    await new Promise((resolve) => second.session.once("close", resolve));
    expect(first.session.destroyed).toBe(false);
    for (const end of finish) end();
    expect(new Set(await slow)).toEqual(new Set(["begun ended"]));
    await stopped;
    const refused = new Promise((_resolve, reject) => {
      connect(`https://127.0.0.1:${port}`).on("error", reject);
    });
    await expect(refused).rejects.toThrow("ECONNREFUSED");
    upstream.closeAllConnections();
    upstream.close();
  });
});
