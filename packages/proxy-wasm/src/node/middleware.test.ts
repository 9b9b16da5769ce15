import { Agent, createServer, type RequestListener, type Server } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { closeTestHosts, testHost, until } from "../testing/host.ts";
import { listen, send } from "../testing/http.ts";
import type { Plugin } from "../vm/plugin.ts";
import type { NodeFilterOptions } from "./exchange.ts";
import { filterServer } from "./middleware.ts";

const servers: Server[] = [];
afterEach(() => {
  closeTestHosts();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(
  plugins: readonly Plugin[],
  handler: RequestListener,
  options?: NodeFilterOptions,
): Promise<number> {
  const server = createServer(handler);
  servers.push(server);
  filterServer(server, plugins, options);
  return listen(server);
}

const echo: RequestListener = (request, response) => {
  response.setHeader("x-seen", JSON.stringify(request.headers));
  request.pipe(response);
};

describe.each([
  ["in the host's thread", 0],
  ["in a thread of their own", 1],
])("plugins %s", (_where, threads) => {
  test("headers are changed in both directions, and the stream is logged and forgotten", async () => {
    const { host, lines, load } = testHost({}, threads);
    const plugin = await load({
      callbacks: {
        proxy_on_request_headers: `
        (drop (call $proxy_add_header_map_value (i32.const 0) "X-Added"$$ "yes"$$))
        (drop (call $proxy_replace_header_map_value (i32.const 0) ":path"$$ "/other?x=1"$$))
        (drop (call $proxy_remove_header_map_value (i32.const 0) "x-secret"$$)) (i32.const 0)`,
        proxy_on_response_headers: `
        (drop (call $proxy_replace_header_map_value (i32.const 2) ":status"$$ "201"$$))
        (drop (call $proxy_add_header_map_value (i32.const 2) "x-plugin"$$ "1"$$)) (i32.const 0)`,
        proxy_on_log: `(drop (call $proxy_get_header_map_value (i32.const 2) "x-plugin"$$ (i32.const 16) (i32.const 20)))
        (drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))`,
        proxy_on_done: `(drop (call $proxy_log (i32.const 2) "done"$$)) (i32.const 1)`,
        proxy_on_delete: `(drop (call $proxy_log (i32.const 2) "delete"$$))`,
      },
    });
    const port = await serve([plugin], (request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify([request.url, request.headers]));
    });
    const answer = await send(port, { path: "/", headers: { "x-secret": "1" } });
    expect(answer.status).toBe(201);
    expect(answer.headers["x-plugin"]).toBe("1");
    const [url, headers] = JSON.parse(answer.body) as [string, Record<string, string>];
    expect(url).toBe("/other?x=1");
    expect(headers["x-added"]).toBe("yes");
    expect(headers["x-secret"]).toBeUndefined();
    expect(headers.host).toBe(`127.0.0.1:${port}`);
    await until(() => lines.includes("delete"));
    expect(lines).toEqual(["1", "done", "delete"]);
    await until(() => host.vms[0].streams === 0);
  });

  test("a plugin that does nothing lets bodies through unchanged, large ones too", async () => {
    const { load } = testHost({}, threads);
    const plugin = await load({ callbacks: { proxy_on_request_headers: "(i32.const 0)" } });
    const port = await serve([plugin], echo);
    const body = "x".repeat(3_000_000);
    const answer = await send(port, { method: "POST" }, [body]);
    expect(answer.body === body).toBe(true);
  });

  const REPLACE = `(if (result i32) (local.get $end)
  (then (drop (call $proxy_set_buffer_bytes (i32.const BUFFER) (i32.const 0) (local.get $size) "replaced"$$)) (i32.const 0))
  (else (i32.const 1)))`;

  test("a paused body grows until its end, and can then be replaced", async () => {
    const { lines, load } = testHost({}, threads);
    const plugin = await load({
      callbacks: {
        proxy_on_request_headers: `(drop (call $proxy_remove_header_map_value (i32.const 0) "content-length"$$)) (i32.const 0)`,
        proxy_on_request_body: `(call $log_number (local.get $size)) ${REPLACE.replace("BUFFER", "0")}`,
      },
    });
    const port = await serve([plugin], echo);
    const answer = await send(port, { method: "POST", headers: { "content-length": 9 } }, ["abc", "def", "ghi"]);
    expect(answer.body).toBe("replaced");
    // How many chunks come at once is the network's affair.
    const sizes = lines.map(Number);
    expect(sizes.at(-1)).toBe(9);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  });

  test("a response body is held back and replaced", async () => {
    const { load } = testHost({}, threads);
    const plugin = await load({
      callbacks: {
        proxy_on_response_headers: `(drop (call $proxy_remove_header_map_value (i32.const 2) "content-length"$$)) (i32.const 0)`,
        proxy_on_response_body: REPLACE.replace("BUFFER", "1"),
      },
    });
    const port = await serve([plugin], (_request, response) => {
      response.write("one");
      response.write("two");
      response.end("three");
    });
    expect((await send(port)).body).toBe("replaced");
  });

  test("a body that a plugin buffers beyond the limit is answered with 413", async () => {
    const { host, load } = testHost({}, threads);
    const plugin = await load({ callbacks: { proxy_on_request_body: "(i32.const 1)" } });
    const port = await serve([plugin], echo, { bufferLimit: 1000 });
    const answer = await send(port, { method: "POST" }, ["x".repeat(800), "x".repeat(800)]);
    expect(answer.status).toBe(413);
    await until(() => host.vms[0].streams === 0);
  });

  test("a plugin ends a request with its headers, and its body is dropped", async () => {
    const { load } = testHost({}, threads);
    const plugin = await load({ callbacks: { proxy_on_request_headers: "(i32.const 2)" } });
    const port = await serve([plugin], echo);
    // On a connection that stays open: closing it while the client still sends could take the answer along.
    const agent = new Agent({ keepAlive: true });
    for (const headers of [{ "content-length": 8 }, { "transfer-encoding": "chunked" }]) {
      const answer = await send(port, { method: "POST", headers, agent }, ["orig", "inal"]);
      expect(answer.body).toBe("");
      const seen = JSON.parse(answer.headers["x-seen"] as string) as Record<string, string>;
      expect([seen["content-length"], seen["transfer-encoding"]]).toEqual([undefined, undefined]);
    }
    agent.destroy();
  });

  test("a plugin answers by itself, and its own answer passes it", async () => {
    const { load } = testHost({}, threads);
    const plugin = await load({
      callbacks: {
        proxy_on_request_headers: `(drop (call $proxy_send_local_response (i32.const 403) "why not"$$ "denied"$$
          "\\x01\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x01\\x00\\x00\\x00a\\x00b\\x00"$$ (i32.const -1))) (i32.const 0)`,
        proxy_on_response_headers: `(drop (call $proxy_add_header_map_value (i32.const 2) "x-plugin"$$ "1"$$)) (i32.const 0)`,
      },
    });
    const port = await serve([plugin], () => expect.unreachable());
    const answer = await send(port, { method: "POST" }, ["body"]);
    expect(answer.status).toBe(403);
    expect(answer.body).toBe("denied");
    expect(answer.headers.a).toBe("b");
    expect(answer.headers["x-plugin"]).toBe("1");
    expect(answer.headers["content-type"]).toBe("text/plain");
  });

  test("trailers are shown after a body whose last chunk is not its end", async () => {
    const { lines, load } = testHost({}, threads);
    const plugin = await load({
      callbacks: {
        proxy_on_request_body: `(call $log_number (local.get $end)) (i32.const 0)`,
        proxy_on_request_trailers: `(call $log_number (i32.add (i32.const 100) (local.get $count)))
        (drop (call $proxy_add_header_map_value (i32.const 1) "y"$$ "2"$$)) (i32.const 0)`,
      },
    });
    const port = await serve([plugin], (request, response) => {
      request.resume().on("end", () => response.end(JSON.stringify(request.trailers)));
    });
    const answer = await send(port, { method: "POST", headers: { trailer: "x" } }, ["body"], { x: "1" });
    expect(JSON.parse(answer.body)).toEqual({ x: "1", y: "2" });
    expect(lines).toEqual(["0", "101"]);
  });

  test("a plugin adds trailers in its last body callback", async () => {
    const { load } = testHost({}, threads);
    const plugin = await load({
      callbacks: {
        proxy_on_response_body: `(if (local.get $end) (then (drop (call $proxy_add_header_map_value (i32.const 3) "sum"$$ "42"$$)))) (i32.const 0)`,
        proxy_on_response_headers: `(drop (call $proxy_remove_header_map_value (i32.const 2) "content-length"$$)) (i32.const 0)`,
      },
    });
    const port = await serve([plugin], (_request, response) => response.end("body"));
    const answer = await send(port);
    expect(answer.body).toBe("body");
    expect(answer.trailers).toEqual({ sum: "42" });
  });

  test("the plugin chain is passed in order by requests and in the opposite one by responses", async () => {
    const { load } = testHost({}, threads);
    const tag = (name: string): Promise<Plugin> =>
      load(
        {
          callbacks: {
            proxy_on_request_headers: `(drop (call $proxy_add_header_map_value (i32.const 0) "x-order"$$ "${name}"$$)) (i32.const 0)`,
            proxy_on_response_headers: `(drop (call $proxy_add_header_map_value (i32.const 2) "x-order"$$ "${name}"$$)) (i32.const 0)`,
          },
        },
        { name },
      );
    const port = await serve([await tag("a"), await tag("b")], (request, response) =>
      response.end(request.headers["x-order"]),
    );
    const answer = await send(port);
    expect(answer.body).toBe("a, b");
    expect(answer.headers["x-order"]).toBe("b, a");
  });

  for (const callback of [
    "proxy_on_context_create",
    "proxy_on_request_headers",
    "proxy_on_request_body",
    "proxy_on_response_headers",
  ]) {
    const trap = {
      callbacks: {
        [callback]:
          callback === "proxy_on_context_create" ? "(if (local.get $parent) (then unreachable))" : "unreachable",
      },
    };

    test(`a trap in ${callback} is answered with 503, or passed over`, async () => {
      const { host, load } = testHost({}, threads);
      const closed = await serve([await load(trap)], echo);
      expect((await send(closed, { method: "POST" }, ["body"])).status).toBe(503);
      expect((await send(closed, { method: "POST" }, ["body"])).status).toBe(503);
      const open = await serve([await load(trap, { failurePolicy: "open", name: "open", vm: { id: "2" } })], echo);
      for (let i = 0; i < 2; i++) {
        const answer = await send(open, { method: "POST" }, ["body"]);
        expect([answer.status, answer.body]).toEqual([200, "body"]);
      }
      await until(() => host.vms.every(({ streams }) => streams === 0));
    });
  }

  test("a trap in the response's body breaks the response off", async () => {
    const { load } = testHost({}, threads);
    const plugin = await load({ callbacks: { proxy_on_response_body: "unreachable" } });
    const port = await serve([plugin], echo);
    await expect(send(port, { method: "POST" }, ["body"])).rejects.toThrow();
  });

  test("an endless loop is stopped by fuel and by the clock", async () => {
    const { load } = testHost({}, threads);
    const loop = { callbacks: { proxy_on_request_headers: "(loop (br 0)) (i32.const 0)" } };
    const fuel = await serve([await load(loop, { limits: { fuelPerCallback: 100_000n } })], echo);
    expect((await send(fuel)).status).toBe(503);
    const clock = await serve([await load(loop, { limits: { timeout: 20 } })], echo);
    expect((await send(clock)).status).toBe(503);
  });

  test("a failed plugin is loaded again, but not before its backoff has passed", async () => {
    const { load } = testHost({}, threads);
    const parts = {
      callbacks: {
        proxy_on_request_headers: `(i32.store (i32.const 20) (i32.const 0))
        (drop (call $proxy_get_header_map_value (i32.const 0) "x-trap"$$ (i32.const 16) (i32.const 20)))
        (if (i32.load (i32.const 20)) (then unreachable)) (i32.const 0)`,
      },
    };
    for (const [reloadBackoff, then] of [
      [0, 200],
      [600_000, 503],
    ]) {
      const plugin = await load(parts, { failurePolicy: "reload", reloadBackoff, vm: { id: String(reloadBackoff) } });
      const port = await serve([plugin], (_request, response) => response.end("ok"));
      expect((await send(port)).status).toBe(200);
      expect((await send(port, { headers: { "x-trap": "1" } })).status).toBe(503);
      expect((await send(port)).status).toBe(then);
    }
  });

  test("a request to change the protocol is judged by its headers", async () => {
    const { host, load } = testHost({}, threads);
    const plugin = await load({
      callbacks: {
        proxy_on_request_headers: `
        (drop (call $proxy_add_header_map_value (i32.const 0) "x-added"$$ "yes"$$))
        (i32.store (i32.const 20) (i32.const 0))
        (drop (call $proxy_get_header_map_value (i32.const 0) "x-deny"$$ (i32.const 16) (i32.const 20)))
        (if (i32.load (i32.const 20)) (then
          (drop (call $proxy_send_local_response (i32.const 403) "why"$$ "denied"$$ (i32.const 0) (i32.const 0) (i32.const -1)))))
        (i32.const 0)`,
      },
    });
    const server = createServer();
    servers.push(server);
    filterServer(server, [plugin]);
    server.on("upgrade", (request, socket) => {
      socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n${request.headers["x-added"]} ${request.headers.upgrade}`);
    });
    const port = await listen(server);
    const ask = async (more: string): Promise<string> => {
      const socket = connect(port, "127.0.0.1");
      socket.write(`GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: chat\r\n${more}\r\n`);
      let text = "";
      for await (const chunk of socket.setEncoding("latin1")) text += chunk as string;
      return text;
    };
    expect(await ask("")).toMatch(/^HTTP\/1\.1 101 [\s\S]*yes chat$/);
    expect(await ask("x-deny: 1\r\n")).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*denied$/);
    await until(() => host.vms[0].streams === 0);
  });

  test("a target that is a whole address is shown to plugins and handlers as path and authority", async () => {
    const { lines, load } = testHost({}, threads);
    const show = (name: string): string =>
      `(drop (call $proxy_get_header_map_value (i32.const 0) "${name}"$$ (i32.const 16) (i32.const 20)))
     (drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))`;
    const plugin = await load({
      callbacks: { proxy_on_request_headers: `${show(":path")} ${show(":authority")} (i32.const 0)` },
    });
    const port = await serve([plugin], (request, response) => response.end(`${request.headers.host} ${request.url}`));
    expect((await send(port, { path: "http://other:81/admin?x" })).body).toBe("other:81 /admin?x");
    expect((await send(port, { path: "HTTP://other?x" })).body).toBe("other /?x");
    expect(lines).toEqual(["/admin?x", "other:81", "/?x", "other"]);
  });
});
