import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { hasProgram, lacks } from "../../../../test/needs.ts";
import { certificate } from "../testing/certificate.ts";
import { guest } from "../testing/guest.ts";
import { until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import { connectRaw, END_HEADERS, FRAME, frame, get, preface } from "../testing/http2-frames.ts";
import { Gateway } from "./gateway.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Less than the window that a stream has at first. */
const PART = "a".repeat(50_000);
/** Opens a stream, and sends a part of its body in frames of the size that each server takes. */
async function begin(port: number): Promise<TLSSocket> {
  const socket = await connectRaw(port);
  socket.on("data", () => {});
  socket.write(Buffer.concat([preface(), get(1, "/", END_HEADERS, { ":method": "POST" })]));
  for (let at = 0; at < PART.length; at += 10_000)
    socket.write(frame(FRAME.data, 0, 1, Buffer.from(PART.slice(at, at + 10_000))));
  return socket;
}

/** Sends a part of an upload, and leaves when it has been seen. Node's own client ends a stream before it resets it. */
const LEAVING: Readonly<Record<string, (port: number, seen: () => Promise<void>) => Promise<void>>> = {
  ...Object.fromEntries(
    [0, 2, 8].map((code) => [
      `resets its stream with ${code}`,
      async (port: number, seen: () => Promise<void>) => {
        const socket = await begin(port);
        await seen();
        socket.write(frame(FRAME.reset, 0, 1, Buffer.from([0, 0, 0, code])));
        stops.push(() => socket.destroy());
      },
    ]),
  ),
  "closes its session": async (port, seen) => {
    const socket = await begin(port);
    await seen();
    socket.end();
  },
  "closes its connection of HTTP/1.1": async (port, seen) => {
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
    socket.on("error", () => {});
    socket.write(`POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nc350\r\n${PART}\r\n`);
    await seen();
    socket.destroy();
  },
};

describe.skipIf(lacks("openssl", hasProgram("openssl")))("an upload whose client leaves in its middle", () => {
  const folder = mkdtempSync(join(tmpdir(), "wardian-uploads-"));
  beforeAll(() => void certificate(folder));

  const plugins: Readonly<
    Record<string, { readonly body: string; readonly threads: number; readonly passes: boolean }>
  > = {
    "without plugins": { body: "", threads: 0, passes: true },
    "with a plugin that passes the body": { body: "(i32.const 0)", threads: 0, passes: true },
    "with such a plugin in a thread": { body: "(i32.const 0)", threads: 1, passes: true },
    "with a plugin that holds the body": { body: "(i32.eqz (local.get $end))", threads: 0, passes: false },
    "with such a plugin in a thread of its own": { body: "(i32.eqz (local.get $end))", threads: 1, passes: false },
  };
  for (const [where, { body, threads, passes }] of Object.entries(plugins))
    test.each(Object.keys(LEAVING))(`and %s does not reach the server as a whole one, ${where}`, async (how) => {
      let bytes = 0;
      const ends: boolean[] = [];
      const server = createServer((request) => {
        request.on("error", () => {});
        request.on("data", (chunk: Buffer) => (bytes += chunk.length));
        request.on("close", () => ends.push(request.complete));
      });
      const up = await listen(server);
      stops.push(() => {
        server.closeAllConnections();
        server.close();
      });
      const code = {
        local: { inline_string: guest({ callbacks: { proxy_on_request_body: body || "(i32.const 0)" } }) },
      };
      const gateway = await Gateway.start(
        JSON.stringify({
          listeners: [
            {
              name: "main",
              address: "127.0.0.1:0",
              tls: { cert: "cert.pem", key: "key.pem" },
              routes: [{ cluster: "up" }],
              plugins: body === "" ? [] : ["p"],
            },
          ],
          clusters: { up: { endpoints: [`http://127.0.0.1:${up}`] } },
          plugins: { p: { envoy: { vm_config: { code } }, threads } },
          accessLog: false,
        }),
        { base: folder, log: () => {} },
      );
      stops.push(() => gateway.stop(0));
      // A plugin that holds the body is seen to have a stream, and the server sees nothing.
      const seen = (): Promise<void> => until(() => (passes ? bytes === PART.length : gateway.metrics.active === 1));
      await LEAVING[how](gateway.port("main"), seen);
      await until(() => gateway.metrics.active === 0 && gateway.vms.every(({ streams }) => streams === 0));
      await until(() => !passes || ends.length === 1);
      expect(ends).not.toContain(true);
    });
});
