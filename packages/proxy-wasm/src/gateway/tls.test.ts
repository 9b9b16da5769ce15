import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:http2";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasProgram, lacks } from "../../../../test/needs.ts";
import { guest } from "../testing/guest.ts";
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
});
