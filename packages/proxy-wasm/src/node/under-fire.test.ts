import { createServer, type RequestListener, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { closeTestHosts, type TestHost, testHost, until } from "../testing/host.ts";
import { listen, send } from "../testing/http.ts";
import { filterServer } from "./middleware.ts";

const servers: Server[] = [];
afterEach(() => {
  closeTestHosts();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe.each([
  ["in the host's thread", 0],
  ["in a thread of their own", 1],
])("plugins %s", (_where, threads) => {
  async function serve(
    made: TestHost,
    callbacks: Record<string, string>,
    handler: RequestListener,
    options: { readonly failurePolicy?: "open" | "closed" } = {},
  ): Promise<number> {
    const server = createServer(handler);
    servers.push(server);
    filterServer(server, [await made.load({ callbacks }, options)], { bufferLimit: 100_000 });
    return listen(server);
  }

  const streams = ({ host }: TestHost): number => host.vms.reduce((sum, vm) => sum + vm.streams, 0);
  const echo: RequestListener = (request, response) => void request.on("error", () => {}).pipe(response);

  function raw(port: number, text: string): Socket {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(text);
    return socket;
  }

  async function answerOf(socket: Socket): Promise<string> {
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
    await new Promise((resolve) => socket.on("close", resolve));
    return text;
  }

  test("a client that goes away leaves nothing behind, in whichever phase", async () => {
    const made = testHost({}, threads);
    const { lines } = made;
    const log = `(drop (call $proxy_log (i32.const 2) "end"$$))`;
    const pausing = { proxy_on_request_headers: "(i32.const 1)", proxy_on_log: log };
    const buffering = { proxy_on_request_body: "(i32.const 1)", proxy_on_log: log };
    const answering = { proxy_on_response_body: "(i32.const 1)", proxy_on_log: log };
    const ports = [
      await serve(made, pausing, echo),
      await serve(made, buffering, echo),
      await serve(made, answering, (_request, response) => void response.write("part")),
      await serve(made, { proxy_on_log: log }, () => {}),
    ];
    const upload = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf";
    for (const [i, port] of ports.entries()) {
      const socket = raw(port, upload);
      await until(() => streams(made) === 1);
      socket.destroy();
      await until(() => streams(made) === 0);
      expect(lines.length).toBe(i + 1);
    }
  });

  test("pipelined requests are answered in order, and those behind a broken one are forgotten", async () => {
    const made = testHost({}, threads);
    const port = await serve(made, { proxy_on_response_headers: "(i32.const 0)" }, (request, response) => {
      if (request.url === "/3") return;
      setTimeout(() => response.end(request.url), request.url === "/1" ? 20 : 0);
    });
    const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;
    const socket = raw(port, get("/1") + get("/2") + get("/3") + get("/4"));
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
    await until(() => text.includes("/2"));
    expect(text.indexOf("/1")).toBeLessThan(text.indexOf("/2"));
    await until(() => streams(made) === 2);
    socket.destroy();
    await until(() => streams(made) === 0);
  });

  test("chunks one byte at a time, and an upload without end, go no further than the plugin lets them", async () => {
    const made = testHost({}, threads);
    const whole = await serve(made, { proxy_on_request_body: "(i32.eqz (local.get $end))" }, echo);
    const body = [..."hello"].map((char) => `1\r\n${char}\r\n`).join("");
    const socket = raw(whole, "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n");
    const answer = answerOf(socket);
    for (const char of `${body}0\r\n\r\n`) {
      socket.write(char);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Node 26 makes one chunk of all that is written at once.
    expect(await answer).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n(?:5\r\nhello|1\r\nh\r\n1\r\ne\r\n1\r\n.*\r\no)\r\n0\r\n\r\n$/s,
    );
    // The plugin waits for an end that does not come: the limit is what ends it.
    const endless = raw(whole, "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    const refused = answerOf(endless);
    const chunk = `3e8\r\n${"x".repeat(1000)}\r\n`;
    let open = true;
    endless.on("close", () => {
      open = false;
    });
    endless.on("data", () => {
      open = false;
    });
    for (let i = 0; open; i++) {
      endless.write(chunk);
      if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    endless.end();
    expect(await refused).toContain("413");
    await until(() => streams(made) === 0);
  });

  test("a plugin that stops at headers stops the client too, and lets all of it through later", async () => {
    const made = testHost({}, threads);
    let received = 0;
    const port = await serve(
      made,
      {
        proxy_on_request_headers: "(drop (call $proxy_set_tick_period_milliseconds (i32.const 50))) (i32.const 1)",
        // The stream's context has the number after the root's.
        proxy_on_tick: `(drop (call $proxy_set_effective_context (i32.add (local.get $id) (i32.const 1)))) (drop (call $proxy_continue_stream (i32.const 0)))`,
      },
      (request, response) => {
        request.on("data", (chunk: Buffer) => (received += chunk.length));
        request.on("end", () => response.end("all"));
      },
    );
    const big = Buffer.alloc(2_000_000, "x");
    expect((await send(port, { method: "POST" }, [big])).body).toBe("all");
    expect(received).toBe(big.length);
    await until(() => streams(made) === 0);
  });

  const TRAPS: readonly (readonly [callback: string, status: number | "reset"])[] = [
    ["proxy_on_request_headers", 503],
    ["proxy_on_request_body", 503],
    ["proxy_on_request_trailers", 503],
    ["proxy_on_response_headers", 503],
    ["proxy_on_response_body", "reset"],
    ["proxy_on_response_trailers", "reset"],
    ["proxy_on_log", 200],
    ["proxy_on_done", 200],
    ["proxy_on_delete", 200],
  ];

  for (const [callback, status] of TRAPS)
    test(`a trap in ${callback} harms its own plugin alone`, async () => {
      const handler: RequestListener = (request, response) => {
        request.on("error", () => {});
        request.resume().on("end", () => {
          response.writeHead(200, { trailer: "x" });
          response.write("answer");
          response.addTrailers({ x: "1" });
          response.end();
        });
      };
      const made = testHost({}, threads);
      const port = await serve(made, { [callback]: "unreachable" }, handler);
      const other = await serve(made, { proxy_on_response_headers: "(i32.const 0)" }, handler);
      const options = { method: "POST", headers: { trailer: "y" } };
      const answer = send(port, options, ["body"], { y: "1" });
      if (status === "reset") await expect(answer).rejects.toThrow();
      else expect((await answer).status).toBe(status);
      await until(() => streams(made) === 0);
      const later = await send(port, options, ["body"], { y: "1" });
      expect(later.status).toBe(503);
      expect((await send(other, options, ["body"], { y: "1" })).body).toBe("answer");
      const open = testHost({}, threads);
      const openPort = await serve(open, { [callback]: "unreachable" }, handler, { failurePolicy: "open" });
      expect((await send(openPort, options, ["body"], { y: "1" })).body).toBe("answer");
      await until(() => streams(open) === 0);
    });

  test("when a plugin's VM fails, requests that wait in it are answered", async () => {
    const made = testHost({}, threads);
    const callbacks = {
      proxy_on_request_headers: "(i32.const 1)",
      proxy_on_configure: "(drop (call $proxy_set_tick_period_milliseconds (i32.const 60))) (i32.const 1)",
      proxy_on_tick: "unreachable",
    };
    const port = await serve(made, callbacks, echo);
    const answers = await Promise.all([send(port), send(port), send(port)]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    await until(() => streams(made) === 0);
  });

  test("headers that cannot be sent become an error of the server, and no crash", async () => {
    const made = testHost({}, threads);
    for (const [name, value, status] of [
      ["bad", "line\\x0abreak", 500],
      ["bad name", "x", 500],
      [":status", "9999", 502],
    ]) {
      const change = `(drop (call $proxy_replace_header_map_value (i32.const 2) "${name}"$$ "${value}"$$)) (i32.const 0)`;
      const port = await serve(made, { proxy_on_response_headers: change }, (_request, response) => response.end("x"));
      expect((await send(port)).status).toBe(status);
    }
    await until(() => streams(made) === 0);
  });

  test("a thousand requests leave no context and no memory of them", async () => {
    const made = testHost({}, threads);
    const port = await serve(made, { proxy_on_request_body: "(i32.eqz (local.get $end))" }, echo);
    for (let i = 0; i < 20; i++)
      await Promise.all(Array.from({ length: 50 }, () => send(port, { method: "POST" }, ["some body"])));
    await until(() => streams(made) === 0);
    expect(made.host.vms[0].memory).toBe(4 * 65_536);
  });
});
