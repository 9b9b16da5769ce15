import { createServer, type Server } from "node:http";
import { connect, createServer as createServer2, type Http2Server, type IncomingHttpHeaders } from "node:http2";
import { afterEach, describe, expect, test } from "vitest";
import { closeTestHosts, type TestHost, testHost, until } from "../testing/host.ts";
import { listen, send } from "../testing/http.ts";
import type { Plugin } from "../vm/plugin.ts";
import type { NodeRequest, NodeResponse } from "./headers.ts";
import { type Middleware, middleware } from "./middleware.ts";

const servers: (Server | Http2Server)[] = [];
afterEach(() => {
  closeTestHosts();
  for (const server of servers.splice(0)) {
    if ("closeAllConnections" in server) server.closeAllConnections();
    server.close();
  }
});

type Handler = (request: NodeRequest, response: NodeResponse) => void;
type Sent = { readonly path?: string; readonly body?: readonly string[]; readonly trailers?: Record<string, string> };
type Got = { status: number; order: unknown; body: string; trailer: unknown };

function run(layers: readonly Middleware[], handler: Handler): Handler {
  return (request, response) => {
    const next = (i: number): void => {
      if (i === layers.length) handler(request, response);
      else layers[i](request, response, () => next(i + 1));
    };
    next(0);
  };
}

async function http1(handler: Handler): Promise<(sent: Sent) => Promise<Got>> {
  const server = createServer(handler);
  servers.push(server);
  const port = await listen(server);
  return async ({ path = "/", body = [], trailers }) => {
    const method = body.length > 0 ? "POST" : "GET";
    const headers = trailers === undefined ? {} : { trailer: Object.keys(trailers).join(", ") };
    const got = await send(port, { path, method, headers }, body, trailers);
    return { status: got.status, order: got.headers["x-order"], body: got.body, trailer: got.trailers.sum };
  };
}

async function http2(handler: Handler): Promise<(sent: Sent) => Promise<Got>> {
  const server = createServer2(handler);
  servers.push(server);
  const port = await listen(server);
  return ({ path = "/", body = [], trailers }) =>
    new Promise((resolve, reject) => {
      const session = connect(`http://127.0.0.1:${port}`);
      const method = body.length > 0 ? "POST" : "GET";
      const stream = session.request(
        { ":path": path, ":method": method },
        { endStream: body.length === 0, waitForTrailers: trailers !== undefined },
      );
      let head: IncomingHttpHeaders & { ":status"?: number } = {};
      let last: IncomingHttpHeaders = {};
      let text = "";
      stream.on("wantTrailers", () => stream.sendTrailers(trailers ?? {}));
      stream.on("response", (headers) => (head = headers));
      stream.on("trailers", (headers) => (last = headers));
      stream.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
      stream.on("error", reject);
      stream.on("close", () => {
        session.close();
        resolve({ status: head[":status"] ?? 0, order: head["x-order"], body: text, trailer: last.sum });
      });
      for (const chunk of body) stream.write(chunk);
      if (body.length > 0) stream.end();
    });
}

/** Marks headers, bodies and trailers in both directions, answers some paths itself, and logs the status that it has seen. */
function marking({ load }: TestHost, name: string): Promise<Plugin> {
  const mark = (map: number, header: string): string =>
    `(drop (call $proxy_add_header_map_value (i32.const ${map}) "${header}"$$ "${name}"$$))`;
  const shorten = (map: number): string =>
    `(drop (call $proxy_remove_header_map_value (i32.const ${map}) "content-length"$$))`;
  const append = (buffer: number): string =>
    `(if (local.get $end) (then
      (drop (call $proxy_set_buffer_bytes (i32.const ${buffer}) (i32.const 0x7fffffff) (i32.const 0) "${name}"$$))))`;
  const has = (header: string): string => `(i32.store (i32.const 20) (i32.const 0))
    (drop (call $proxy_get_header_map_value (i32.const 0) "${header}"$$ (i32.const 16) (i32.const 20)))`;
  return load(
    {
      callbacks: {
        proxy_on_request_headers: `${mark(0, "x-order")} ${shorten(0)} ${has(":path")}
          (if (i32.and (i32.eq (i32.load (i32.const 20)) (i32.const 2))
                (i32.eq (i32.load8_u offset=1 (i32.load (i32.const 16))) (i32.const ${name.charCodeAt(0)})))
            (then (drop (call $proxy_send_local_response (i32.const 403) ""$$ "no"$$ (i32.const 0) (i32.const 0) (i32.const -1)))))
          (i32.const 0)`,
        proxy_on_request_body: `${append(0)} (i32.const 0)`,
        proxy_on_request_trailers: `${mark(1, "sum")} (i32.const 0)`,
        proxy_on_response_headers: `${mark(2, "x-order")} ${shorten(2)} (i32.const 0)`,
        proxy_on_response_body: `${append(1)} (i32.const 0)`,
        proxy_on_response_trailers: `${mark(3, "sum")} (i32.const 0)`,
        proxy_on_log: `(drop (call $proxy_get_header_map_value (i32.const 2) ":status"$$ (i32.const 16) (i32.const 20)))
          (drop (call $proxy_log (i32.const 2) (i32.load (i32.const 16)) (i32.load (i32.const 20))))`,
      },
    },
    { name, vm: { id: name } },
  );
}

/** Answers with what it has been given: the order of marks, the body, and a trailer if there was one. */
const echo: Handler = (request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    response.statusCode = 201;
    const { sum } = request.trailers;
    if (sum !== undefined && request.httpVersionMajor < 2) response.setHeader("trailer", "sum");
    const text = `${request.headers["x-order"]}:${Buffer.concat(parts)}:${sum ?? ""}:`;
    const write = response.write.bind(response) as (text: string) => boolean;
    write(text.slice(0, 3));
    write(text.slice(3));
    if (sum !== undefined) response.addTrailers({ sum });
    response.end();
  });
};

describe.each([
  ["HTTP/1.1", http1],
  ["HTTP/2", http2],
])("%s", (_version, serve) => {
  describe.each([
    [1, 0],
    [2, 0],
    [3, 0],
    [3, 1],
  ])("%i middlewares, each with one plugin, %i threads", (count, threads) => {
    const names = "xyz".slice(0, count);
    const back = [...names].reverse();

    async function made(): Promise<{
      host: TestHost;
      ask: (sent: Sent) => Promise<Got>;
      logged: () => Promise<string[]>;
    }> {
      const host = testHost({}, threads);
      const plugins = await Promise.all([...names].map((name) => marking(host, name)));
      const ask = await serve(
        run(
          plugins.map((plugin) => middleware([plugin])),
          echo,
        ),
      );
      const logged = async (): Promise<string[]> => {
        await until(() => host.host.vms.every(({ streams }) => streams === 0));
        return host.records.map(({ plugin, message }) => `${plugin} ${message}`).sort();
      };
      return { host, ask, logged };
    }

    test("a request passes them in order, its answer in the opposite one", async () => {
      const { ask, logged } = await made();
      const order = [...names].join(", ");
      const got = await ask({});
      expect(got).toEqual({
        status: 201,
        order: back.join(", "),
        body: `${order}:::${back.join("")}`,
        trailer: undefined,
      });
      expect(await logged()).toEqual([...names].map((name) => `${name} 201`));
    });

    test("a body and its trailers pass them in order", async () => {
      const { ask } = await made();
      const order = [...names].join(", ");
      expect((await ask({ body: ["one", "two"] })).body).toBe(`${order}:onetwo${names}::${back.join("")}`);
      const got = await ask({ body: ["one", "two"], trailers: { sum: "0" } });
      // No body ends where trailers follow it, so nothing is appended.
      expect(got.body).toBe(`${order}:onetwo:${["0", ...names].join(", ")}:`);
      expect(got.trailer).toBe(["0", ...names, ...back].join(", "));
    });

    test.each([...names])("what %s answers by itself is what those before it see", async (name) => {
      const { ask, logged } = await made();
      for (const body of [[], ["a body"]]) {
        const got = await ask({ path: `/${name}`, body });
        const seen = back.slice(back.indexOf(name));
        expect(got).toEqual({ status: 403, order: seen.join(", "), body: `no${seen.join("")}`, trailer: undefined });
      }
      const asked = [...names].slice(0, names.indexOf(name) + 1);
      expect(await logged()).toEqual(asked.flatMap((one) => [`${one} 403`, `${one} 403`]));
    });
  });
});
