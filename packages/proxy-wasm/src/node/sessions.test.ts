import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { createSecureServer } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { hasProgram, lacks } from "../../../../test/needs.ts";
import { Gateway } from "../gateway/gateway.ts";
import { certificate } from "../testing/certificate.ts";
import { guest } from "../testing/guest.ts";
import { closeTestHosts, testHost, until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import { connectRaw, END_HEADERS, END_STREAM, FRAME, frame, get, preface } from "../testing/http2-frames.ts";
import { filterServer } from "./middleware.ts";

const STREAMS = 20;
const callbacks = { proxy_on_request_headers: "(i32.const 0)", proxy_on_response_body: "(i32.const 0)" };
const chunk = Buffer.alloc(1 << 16, 1);

/** Leaves after a frame on a stream that was never opened, which is an error of the connection (RFC 9113, section 5.1). */
async function breakProtocol(port: number, begun: () => number): Promise<void> {
  const socket = await connectRaw(port);
  socket.on("data", () => {});
  socket.write(preface());
  for (let i = 0; i < STREAMS; i++) socket.write(get(1 + 2 * i, "/wait"));
  await until(() => begun() === STREAMS);
  socket.write(frame(FRAME.data, 0, 99_999, Buffer.alloc(5)));
  // No answer tells when the server has read the frame.
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.destroy();
}

/** Leaves without having read anything, although it has said that it takes all there is. */
async function neverRead(port: number, begun: () => number): Promise<void> {
  const socket = await connectRaw(port);
  socket.pause();
  socket.write(preface([[4, 2 ** 31 - 1]]));
  socket.write(frame(FRAME.windowUpdate, 0, 0, Buffer.from([0x7f, 0xff, 0, 0])));
  for (let i = 0; i < STREAMS; i++) socket.write(get(1 + 2 * i, "/large"));
  await until(() => begun() === STREAMS);
  await new Promise((resolve) => setTimeout(resolve, 300));
  socket.destroy();
}

const u32 = (value: number): Buffer => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
/** Errors of the connection (RFC 9113, section 7) and other ways in which a client ends it. */
const ENDS: Readonly<Record<string, Buffer>> = {
  "a window that overflows": frame(FRAME.windowUpdate, 0, 0, u32(0x7fff_ffff)),
  "a window of a stream that overflows": frame(FRAME.windowUpdate, 0, 1, u32(0x7fff_ffff)),
  "headers that cannot be decompressed": frame(FRAME.headers, END_HEADERS, 99, Buffer.alloc(20, 0xff)),
  "a frame that is too long": frame(FRAME.data, 0, 1, Buffer.alloc(20_000)),
  "a pushed stream": frame(FRAME.pushPromise, END_HEADERS, 1, u32(2)),
  "headers whose end never comes": get(99, "/wait", END_STREAM),
  "headers between those of another stream": Buffer.concat([get(99, "/wait", END_STREAM), get(101, "/wait")]),
  "an acknowledgement with a body": frame(FRAME.settings, 1, 0, Buffer.alloc(6)),
  "no frame": Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(20)),
  "a farewell": frame(FRAME.goAway, 0, 0, Buffer.concat([u32(0), u32(0)])),
  "a reset of each stream": Buffer.concat(
    Array.from({ length: STREAMS }, (_, i) => frame(FRAME.reset, 0, 1 + 2 * i, u32(8))),
  ),
};

/** Opens streams, sends bytes, and closes its side of the connection or all of it. */
const endWith =
  (bytes: Buffer, leaves: "end" | "destroy") =>
  async (port: number, begun: () => number): Promise<void> => {
    const socket = await connectRaw(port);
    socket.on("data", () => {});
    socket.write(preface());
    for (let i = 0; i < STREAMS; i++) socket.write(get(1 + 2 * i, "/wait"));
    await until(() => begun() === STREAMS);
    socket.write(bytes);
    // No answer tells when the server has read the bytes.
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket[leaves]();
  };

describe.skipIf(lacks("openssl", hasProgram("openssl")))("an HTTP/2 session whose client has gone", () => {
  const folder = mkdtempSync(join(tmpdir(), "wardian-sessions-"));
  let files: { cert: Buffer; key: Buffer };
  beforeAll(() => {
    files = certificate(folder);
  });
  const stops: (() => unknown)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    closeTestHosts();
  });

  for (const [how, leave] of [
    ["after a protocol error", breakProtocol] as const,
    ["without reading", neverRead] as const,
  ])
    test(`${how} is over before a server with plugins, and leaves no context`, async () => {
      let begun = 0;
      let closed = 0;
      const server = createSecureServer(files, (request, response) => {
        begun++;
        response.on("close", () => closed++);
        if (request.url === "/wait") return;
        const more = (): void => {
          while (response.write(chunk));
        };
        response.on("drain", more);
        more();
      });
      const host = testHost();
      filterServer(server, [await host.load({ callbacks })]);
      const port = await listen(server);
      await leave(port, () => begun);
      await until(() => closed === STREAMS);
      expect(host.host.vms.map(({ streams }) => streams)).toEqual([0]);
      // The session was the last that kept the server open.
      await new Promise((resolve) => server.close(resolve));
    });

  for (const [how, leave] of [
    ["after a protocol error", breakProtocol] as const,
    ["without reading", neverRead] as const,
    ...Object.entries(ENDS).flatMap(([name, bytes]) =>
      (["end", "destroy"] as const).map((leaves) => [`after ${name}, by ${leaves},`, endWith(bytes, leaves)] as const),
    ),
  ])
    test(`${how} is over at the gateway, which can stop`, async () => {
      let begun = 0;

      const upstream = createServer((request, response) => {
        begun++;
        response.on("close", () => begun--);
        if (request.url === "/wait") return;
        const more = (): void => {
          while (response.write(chunk));
        };
        response.on("drain", more);
        more();
      });
      const up = await listen(upstream);
      stops.push(() => {
        upstream.closeAllConnections();
        upstream.close();
      });
      const gateway = await Gateway.start(
        JSON.stringify({
          listeners: [
            {
              name: "main",
              address: "127.0.0.1:0",
              tls: { cert: "cert.pem", key: "key.pem" },
              plugins: ["count"],
              routes: [{ prefix: "/", cluster: "up" }],
            },
          ],
          clusters: { up: { endpoints: [`http://127.0.0.1:${up}`] } },
          plugins: { count: { envoy: { vm_config: { code: { local: { inline_string: guest({ callbacks }) } } } } } },
          accessLog: false,
        }),
        { base: folder, log: () => {} },
      );
      await leave(gateway.port("main"), () => begun);
      await until(() => begun === 0 && gateway.metrics.active === 0);
      expect(gateway.vms.map(({ streams }) => streams)).toEqual([0]);
      await gateway.stop();
    });
});
