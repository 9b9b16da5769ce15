import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { testHost, until } from "../testing/host.ts";
import { listen } from "../testing/http.ts";
import { filterServer } from "./middleware.ts";

const CHUNK = Buffer.alloc(64 * 1024, "x");
/** Far more than the buffers of the kernel, of Node and of plugins on the way. */
const TOTAL = 64 * 1024 * 1024;
/** What may be on its way at most: the kernel's buffers of both ends are the largest part. */
const ON_THE_WAY = 24 * 1024 * 1024;

const open: { server?: Server; socket?: Socket } = {};
afterEach(() => {
  open.socket?.destroy();
  open.server?.closeAllConnections();
  open.server?.close();
});

/** Plugins that look at bodies as they pass. */
const watching = {
  callbacks: { proxy_on_request_body: "(i32.const 0)", proxy_on_response_body: "(i32.const 0)" },
};

/** Waits until a number has stopped growing: a sender that is held up sends no more. */
async function settled(read: () => number): Promise<number> {
  for (let last = -1; ; ) {
    const now = read();
    if (now === last && now > 0) return now;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

test("a client that does not read holds up the server's response", async () => {
  const { host, load } = testHost();
  let written = 0;
  const server = (open.server = createServer((_request, response) => {
    const write = (): void => {
      while (written < TOTAL) {
        written += CHUNK.length;
        if (!response.write(CHUNK)) {
          response.once("drain", write);
          return;
        }
      }
      response.end();
    };
    write();
  }));
  filterServer(server, [await load(watching)]);
  const socket = (open.socket = connect(await listen(server), "127.0.0.1"));
  socket.pause();
  socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  expect(await settled(() => written)).toBeLessThan(ON_THE_WAY);
  let read = 0;
  for await (const part of socket) read += (part as Buffer).length;
  expect(read).toBeGreaterThan(TOTAL);
  await until(() => host.vms[0].streams === 0);
});

test("a server that does not read holds up the client's request", async () => {
  const { host, load } = testHost();
  let go = (): void => {};
  const server = (open.server = createServer((request, response) => {
    go = () => {
      let read = 0;
      request.on("data", (part: Buffer) => (read += part.length));
      request.on("end", () => response.end(String(read)));
    };
  }));
  filterServer(server, [await load(watching)]);
  const socket = (open.socket = connect(await listen(server), "127.0.0.1"));
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${TOTAL}\r\n\r\n`);
  let written = 0;
  const write = (): void => {
    while (written < TOTAL) {
      written += CHUNK.length;
      if (!socket.write(CHUNK)) {
        socket.once("drain", write);
        return;
      }
    }
  };
  write();
  expect(await settled(() => written)).toBeLessThan(ON_THE_WAY);
  go();
  let answer = "";
  for await (const part of socket.setEncoding("latin1")) answer += part as string;
  expect(answer.split("\r\n\r\n")[1]).toContain(String(TOTAL));
  await until(() => host.vms[0].streams === 0);
});
