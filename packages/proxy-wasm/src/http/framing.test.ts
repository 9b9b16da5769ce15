import { afterEach, describe, expect, test } from "vitest";
import { constantPairs } from "../testing/guest.ts";
import { closeTestHosts, testHost, until } from "../testing/host.ts";
import {
  type Answering,
  type Asking,
  PROTOCOLS,
  type Protocol,
  type Service,
  serveOver,
} from "../testing/protocols.ts";

const services: Service[] = [];
afterEach(() => {
  closeTestHosts();
  for (const service of services.splice(0)) service.close();
});

const REQUEST = 0;
const RESPONSE = 1;

const set = (buffer: number, text: string): string =>
  `(drop (call $proxy_set_buffer_bytes (i32.const ${buffer}) (i32.const 0) (local.get $size) "${text}"$$))`;
/** Holds the body until all of it is there, and puts a text in its place. */
const replaceHeld = (buffer: number, text: string): string =>
  `(if (i32.eqz (local.get $end)) (then (return (i32.const 1)))) ${set(buffer, text)} (i32.const 0)`;
/** Puts a text in place of each chunk, and lets it go on. */
const replaceEach = (buffer: number, text: string): string =>
  `(if (local.get $size) (then ${set(buffer, text)})) (i32.const 0)`;
/** Changes nothing but the end. */
const replaceEnd = (buffer: number, text: string): string =>
  `(if (local.get $end) (then ${set(buffer, text)})) (i32.const 0)`;

interface Made {
  readonly callbacks: Record<string, string>;
  readonly threads: number;
  readonly protocol: Protocol;
}

async function serve({ callbacks, threads, protocol }: Made, answering: Answering) {
  const made = testHost({}, threads);
  const service = await serveOver(
    protocol,
    [await made.load({ callbacks }, { allowOnHeadersStopIteration: true })],
    answering,
  );
  services.push(service);
  return {
    service,
    async ask(asking?: Asking) {
      const told = await service.ask(asking);
      await until(() => made.host.vms.every(({ streams }) => streams === 0));
      return told;
    },
  };
}

const header = (headers: Readonly<Record<string, unknown>>, name: string): string | undefined =>
  headers[name] === undefined ? undefined : String(headers[name]);

describe.each([
  ["in the host's thread", 0],
  ["in a thread of its own", 1],
])("a plugin %s", (_where, threads) => {
  describe.each(PROTOCOLS)("over %s", (protocol) => {
    const held = { proxy_on_response_headers: "(i32.const 1)" };
    const answering = { headers: { "content-length": "14" }, chunks: ["secret1", "secret2"] };

    test.each([
      ["longer", "much longer than it was", {}],
      ["shorter", "x", {}],
      ["nothing", "", {}],
      ["longer, with the headers held too", "much longer than it was", held],
      ["shorter, with the headers held too", "x", held],
    ])("replaces a held response's body: %s", async (_name, text, more) => {
      const callbacks = { ...more, proxy_on_response_body: replaceHeld(RESPONSE, text) };
      const { ask } = await serve({ callbacks, threads, protocol }, answering);
      const told = await ask();
      expect(told).toMatchObject({ status: 200, body: text, end: "complete" });
      expect(header(told.headers, "content-length")).toBe(String(text.length));
    });

    test("replaces each chunk of a response by a longer one", async () => {
      const callbacks = { proxy_on_response_body: replaceEach(RESPONSE, "0123456789") };
      const { ask } = await serve({ callbacks, threads, protocol }, answering);
      const told = await ask();
      expect(told).toMatchObject({ body: "01234567890123456789", end: "complete" });
    });

    test("changes a response when the length has gone: the response breaks off before the surplus", async () => {
      const callbacks = { proxy_on_response_body: replaceEnd(RESPONSE, "HTTP/1.1 200 OK") };
      const { ask } = await serve({ callbacks, threads, protocol }, answering);
      const told = await ask();
      // A client of HTTP/1.1 has had all that was stated when the connection breaks off.
      if (protocol !== "HTTP/1.1") expect(told.end).toBe("broken");
      expect("secret1secret2".startsWith(told.body)).toBe(true);
    });

    test.each([
      ["longer", "much longer than it was"],
      ["shorter", "x"],
      ["nothing", ""],
    ])("replaces a held request's body: %s", async (_name, text) => {
      const callbacks = { proxy_on_request_body: replaceHeld(REQUEST, text) };
      const { service, ask } = await serve({ callbacks, threads, protocol }, { chunks: ["ok"] });
      expect((await ask({ method: "POST", body: "hello world" })).status).toBe(200);
      const [seen] = service.seen;
      expect(seen).toMatchObject({ body: text, end: "complete" });
      // A request of `fetch` states no length of a stream.
      expect([String(text.length), ...(protocol === "fetch" ? [undefined] : [])]).toContain(
        header(seen.headers, "content-length"),
      );
    });

    test("adds to a request whose length has gone: the request breaks off before the surplus", async () => {
      const callbacks = { proxy_on_request_body: replaceEnd(REQUEST, "GET /admin HTTP/1.1") };
      const { service, ask } = await serve({ callbacks, threads, protocol }, { chunks: ["ok"] });
      const told = await ask({ method: "POST", body: "hello world" });
      for (const seen of service.seen)
        if (seen.end === "complete")
          expect(seen.body.length).toBe(Number(header(seen.headers, "content-length") ?? seen.body.length));
      expect(told.end).not.toBe("hangs");
      expect(told.end).not.toBe("surplus");
    });

    const replace = (map: number, name: string, value: string): string =>
      `(drop (call $proxy_replace_header_map_value (i32.const ${map}) "${name}"$$ "${value}"$$)) (i32.const 0)`;
    const add = (map: number, name: string, value: string): string =>
      `(drop (call $proxy_add_header_map_value (i32.const ${map}) "${name}"$$ "${value}"$$)) (i32.const 0)`;
    const remove = (map: number, name: string): string =>
      `(drop (call $proxy_remove_header_map_value (i32.const ${map}) "${name}"$$)) (i32.const 0)`;

    test.each([
      ["a path with a space", replace(0, ":path", "/a b")],
      ["a path without a slash", replace(0, ":path", "a")],
      ["an empty path", replace(0, ":path", "")],
      ["a path with a line break", replace(0, ":path", "/\\x0d\\x0ahost:x")],
      ["no path", remove(0, ":path")],
      ["a method with a space", replace(0, ":method", "GET /x")],
      ["CONNECT", replace(0, ":method", "CONNECT")],
      ["TRACE", replace(0, ":method", "TRACE")],
      ["connect", replace(0, ":method", "connect")],
      ["TRACK", replace(0, ":method", "TRACK")],
      ["no method", remove(0, ":method")],
      ["a fragment", replace(0, ":path", "/a#b")],
      ["two paths", add(0, ":path", "/b")],
      ["an empty authority", replace(0, ":authority", "")],
      ["an authority with a bracket", replace(0, ":authority", "a[b")],
      ["an authority whose port is no number", replace(0, ":authority", "a:b")],
      ["an authority whose port is too large", replace(0, ":authority", "a:99999")],
      ["an authority with a space", replace(0, ":authority", "a b")],
      ["an authority with a user", replace(0, ":authority", "user@host")],
      ["no authority", remove(0, ":authority")],
      ["a name with a space", replace(0, "x a", "1")],
    ])("makes a request that cannot be sent, with %s: 503, and no handler sees it", async (_name, code) => {
      const { service, ask } = await serve({ callbacks: { proxy_on_request_headers: code }, threads, protocol }, {});
      const told = await ask();
      expect(told).toMatchObject({ status: 503, end: "complete" });
      expect(service.seen).toEqual([]);
    });

    test.each(["0", "99", "101", "600", "abc", "", "0xc8", "2e2", "+200"])(
      "makes a response of status %j: 502",
      async (status) => {
        const callbacks = { proxy_on_response_headers: replace(2, ":status", status) };
        const { ask } = await serve({ callbacks, threads, protocol }, { chunks: ["ok"] });
        expect(await ask()).toMatchObject({ status: 502, body: "invalid :status", end: "complete" });
      },
    );

    test.each([
      ["two statuses", add(2, ":status", "404"), 502],
      ["no status", remove(2, ":status"), 502],
      ["a pseudo-header of a request", add(2, ":path", "/x"), 200],
      ["a pseudo-header that does not exist", add(2, ":x", "1"), 200],
    ])("makes a response with %s: %#", async (_name, code, status) => {
      const callbacks = { proxy_on_response_headers: code };
      const { ask } = await serve({ callbacks, threads, protocol }, { chunks: ["ok"] });
      const told = await ask();
      expect(told).toMatchObject({ status, end: "complete" });
      expect(Object.keys(told.headers).filter((name) => name.startsWith(":") && name !== ":status")).toEqual([]);
    });

    test.each<[string, Record<string, string>, number, string]>([
      ["fields of the connection", { Connection: "close", "Transfer-Encoding": "chunked", upgrade: "h2c" }, 403, "no"],
      ["a wrong length", { "Content-Length": "99" }, 403, "no"],
      ["another status", { ":status": "600" }, 403, "no"],
      ["te and trailer", { te: "gzip", trailer: "x", "keep-alive": "1" }, 403, "no"],
      ["a name with a space", { "x y": "1" }, 500, ""],
      ["a value with a line break", { x: "1\r\nset-cookie: a=1" }, 500, ""],
      ["an empty name", { "": "1" }, 500, ""],
    ])(
      "answers by itself with %s: nothing of it splits or frames the response",
      async (_name, fields, status, body) => {
        const reply = `(drop (call $proxy_send_local_response (i32.const 403) "why"$$ "no"$$ ${constantPairs(fields)}
        (i32.const -1))) (i32.const 1)`;
        const { service, ask } = await serve(
          { callbacks: { proxy_on_request_headers: reply }, threads, protocol },
          { chunks: ["ok"] },
        );
        const told = await ask({ method: "POST", body: "hello" });
        expect(told).toMatchObject({ status, body, end: "complete" });
        expect(header(told.headers, "set-cookie")).toBeUndefined();
        expect(service.seen).toEqual([]);
      },
    );

    test.each(["GET", "HEAD"])("sees a response to %s whose handler announces trailers: it is sent", async (method) => {
      const callbacks = { proxy_on_response_headers: add(2, "x-plugin", "1") };
      const { ask } = await serve({ callbacks, threads, protocol }, { headers: { trailer: "x" }, chunks: ["ok"] });
      const told = await ask({ method });
      expect(told.status).toBe(200);
      if (method === "GET") expect(told).toMatchObject({ body: "ok", end: "complete" });
      expect(header(told.headers, "x-plugin")).toBe("1");
    });

    test("makes an answer of its own one without a status: 502, and the request is stopped once", async () => {
      const callbacks = {
        proxy_on_request_headers: `(drop (call $proxy_send_local_response (i32.const 403) "why"$$ "no"$$ (i32.const 0)
          (i32.const 0) (i32.const -1))) (i32.const 1)`,
        proxy_on_response_headers: remove(2, ":status"),
      };
      const { service, ask } = await serve({ callbacks, threads, protocol }, { chunks: ["ok"] });
      expect(await ask({ method: "POST", body: "hello" })).toMatchObject({ status: 502, end: "complete" });
      expect(service.seen).toEqual([]);
    });

    test.each([
      ["a response", 2, "proxy_on_response_headers"],
      ["a request", 0, "proxy_on_request_headers"],
    ])("adds 500 kB of headers to %s: no exchange but its own is harmed", async (_name, map, callback) => {
      const one = add(map, "x-long", "x".repeat(50_000)).replace(/ \(i32\.const 0\)$/, "");
      const code = `${one.repeat(10)} (i32.const 0)`;
      const { ask } = await serve({ callbacks: { [callback]: code }, threads, protocol }, { chunks: ["ok"] });
      for (let i = 0; i < 2; i++) {
        const told = await ask();
        // Node's HTTP/2 sends and takes no such block of headers: the stream ends with an error.
        if (protocol === "HTTP/2" && map === 2) expect(told).toMatchObject({ status: 0, end: "broken" });
        else expect(told).toMatchObject({ status: 200, body: "ok", end: "complete" });
      }
    });

    test.each(["abc", "-1", "1e3", "0x10"])("states a length of %j: it is left out", async (length) => {
      const callbacks = { proxy_on_response_headers: replace(2, "content-length", length) };
      const { ask } = await serve({ callbacks, threads, protocol }, { chunks: ["secret1", "secret2"] });
      const told = await ask();
      expect(told).toMatchObject({ status: 200, body: "secret1secret2", end: "complete" });
      expect(header(told.headers, "content-length")).toBeUndefined();
    });

    test.each([
      ["an empty response", { status: 200 }, replace(2, "content-length", "50"), "GET", 200],
      [
        "a 304 that it makes a 200",
        { status: 304 },
        `${add(2, "content-length", "50")} (drop) ${replace(2, ":status", "200")}`,
        "GET",
        200,
      ],
    ])("states a length for %s: the response has none or 0", async (_name, given, code, method, status) => {
      const { ask } = await serve({ callbacks: { proxy_on_response_headers: code }, threads, protocol }, given);
      const told = await ask({ method });
      expect(told).toMatchObject({ status, body: "" });
      expect(told.end).toBe("complete");
      expect([undefined, "0"]).toContain(header(told.headers, "content-length"));
    });

    test.each(["204", "205"])("makes a response with a body a %s: no body and no length", async (status) => {
      const callbacks = { proxy_on_response_headers: replace(2, ":status", status) };
      const { ask } = await serve({ callbacks, threads, protocol }, answering);
      const told = await ask();
      expect(told).toMatchObject({ status: Number(status), body: "", end: "complete" });
      expect([undefined, "0"]).toContain(header(told.headers, "content-length"));
    });

    test("states two lengths of a response: both are left out", async () => {
      const callbacks = { proxy_on_response_headers: add(2, "content-length", "15") };
      const { ask } = await serve({ callbacks, threads, protocol }, answering);
      const told = await ask();
      expect(told).toMatchObject({ status: 200, body: "secret1secret2", end: "complete" });
      expect(header(told.headers, "content-length")).toBeUndefined();
    });

    test("states another length of a request whose body it does not look at", async () => {
      const callbacks = { proxy_on_request_headers: replace(0, "content-length", "5") };
      const { service, ask } = await serve({ callbacks, threads, protocol }, { chunks: ["ok"] });
      const told = await ask({ method: "POST", body: "hello world" });
      expect(told.status).toBe(200);
      expect(service.seen[0]).toMatchObject({ body: "hello world", end: "complete" });
      expect(["11", undefined]).toContain(header(service.seen[0].headers, "content-length"));
    });

    test("ends a request before its body: the handler gets a complete request without one", async () => {
      const callbacks = { proxy_on_request_headers: "(i32.const 2)" };
      const { service, ask } = await serve({ callbacks, threads, protocol }, { chunks: ["ok"] });
      expect(await ask({ method: "POST", body: "hello world" })).toMatchObject({ status: 200, body: "ok" });
      expect(service.seen[0]).toMatchObject({ body: "", end: "complete" });
      expect([undefined, "0"]).toContain(header(service.seen[0].headers, "content-length"));
    });

    test("adds fields of the connection to a request: they are left out", async () => {
      const callbacks = { proxy_on_request_headers: add(0, "transfer-encoding", "chunked") };
      const { service, ask } = await serve({ callbacks, threads, protocol }, { chunks: ["ok"] });
      await ask({ method: "POST", body: "hello world" });
      expect(service.seen[0]).toMatchObject({ body: "hello world", end: "complete" });
      expect(header(service.seen[0].headers, "transfer-encoding")).toBeUndefined();
    });
  });
});
