import { existsSync, readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect, createServer as createHttp2Server } from "node:http2";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filterServer } from "../src/node/middleware.ts";
import { testHost, until } from "../src/testing/host.ts";
import { listen, send } from "../src/testing/http.ts";
import type { Plugin } from "../src/vm/plugin.ts";

const binary = fileURLToPath(new URL("../../../guests/coraza-waf/build/coraza-waf.wasm", import.meta.url));

/** The rules of Coraza's own end-to-end tests, in our words, before the whole Core Rule Set. */
const directives = [
  "SecRuleEngine On",
  "SecRequestBodyAccess On",
  "SecResponseBodyAccess On",
  "SecResponseBodyMimeType text/plain application/json",
  `SecRule &REQUEST_HEADERS:coraza-e2e "@eq 0" "id:100,phase:1,deny,status:424,log,msg:'not one of the tests'"`,
  `SecRule REQUEST_URI "@streq /admin" "id:101,phase:1,t:lowercase,log,deny"`,
  `SecRule REQUEST_BODY "@rx maliciouspayload" "id:102,phase:2,t:lowercase,log,deny"`,
  `SecRule RESPONSE_HEADERS:pass "@rx leak" "id:103,phase:3,t:lowercase,log,deny"`,
  `SecRule RESPONSE_BODY "@contains responsebodycode" "id:104,phase:4,t:lowercase,log,deny"`,
  "Include @crs-setup-conf",
  "Include @owasp_crs/*.conf",
];

/** A server that answers what the request asks for, as httpbin does. */
const upstream: RequestListener = (request, response) => {
  const url = new URL(request.url ?? "/", "http://host");
  let body = "";
  request.setEncoding("latin1").on("data", (chunk: string) => (body += chunk));
  request.on("end", () => {
    if (url.pathname === "/response-headers") response.setHeader("pass", url.searchParams.get("pass") ?? "");
    response.setHeader("content-type", "text/plain");
    response.end(url.pathname === "/anything" ? `you sent ${body}` : "hello");
  });
};

// The plugin is built by `node guests/coraza-waf/build.mjs`, which needs Go; its binary is not kept in the repository.
describe.skipIf(!existsSync(binary))("Coraza with the Core Rule Set", () => {
  const { host, lines } = testHost({ logLevel: "info" });
  let plugin: Plugin;
  let server: Server;
  let port: number;

  beforeAll(async () => {
    plugin = await host.load({
      name: "waf",
      code: readFileSync(binary),
      configuration: { directives_map: { all: directives }, default_directives: "all", metric_labels: { owner: "me" } },
    });
    server = createServer(upstream);
    filterServer(server, [plugin]);
    port = await listen(server);
  }, 600_000);

  afterAll(() => {
    server?.close();
  });

  const form = { "coraza-e2e": "ok", "content-type": "application/x-www-form-urlencoded" };
  const cases: readonly [
    name: string,
    path: string,
    headers: Record<string, string>,
    body: string | undefined,
    status: number,
    answer?: RegExp,
  ][] = [
    ["a request that is none of these is refused with the rule's status", "/", {}, undefined, 424],
    ["a legitimate request passes", "/?arg=arg_1", { "coraza-e2e": "ok" }, undefined, 200, /^hello$/],
    ["a path is denied, with an empty body", "/admin", { "coraza-e2e": "ok" }, undefined, 403, /^$/],
    ["a legitimate body passes", "/anything", form, "this is a legit payload", 200, /legit payload$/],
    ["a malicious body is denied", "/anything", form, "maliciouspayload", 403, /^$/],
    ["a response with a bad header is replaced", "/response-headers?pass=leak", { "coraza-e2e": "ok" }, undefined, 403],
    ["a response with a bad body is blanked", "/anything", form, "responsebodycode", 200, /^\0+$/],
    [
      "cross-site scripting in a query is denied",
      "/?arg=%3Cscript%3Ealert(0)%3C/script%3E",
      { "coraza-e2e": "ok" },
      undefined,
      403,
    ],
    ["an injection of SQL in a body is denied", "/anything", form, "1%27%20ORDER%20BY%203--%2B", 403],
    ["a scanner is denied by its name", "/", { "coraza-e2e": "ok", "user-agent": "masscan/1.3" }, undefined, 403],
  ];

  for (const [name, path, headers, body, status, answer] of cases) {
    test(name, async () => {
      const length = body === undefined ? {} : { "content-length": body.length };
      const all = { host: "localhost", "user-agent": "test", accept: "*/*", ...length, ...headers };
      const method = body === undefined ? "GET" : "POST";
      const got = await send(port, { method, path, headers: all }, body === undefined ? [] : [body]);
      expect(got.status).toBe(status);
      if (answer !== undefined) expect(got.body).toMatch(answer);
      await until(() => host.vms[0].streams === 0);
    });
  }

  test("a body that ends in trailers over HTTP/2 is judged too", async () => {
    const http2 = createHttp2Server(
      (request, response) => void request.resume().on("end", () => response.end("hello")),
    );
    filterServer(http2, [plugin]);
    const session = connect(`http://127.0.0.1:${await listen(http2)}`);
    const stream = session.request({ ":method": "POST", ":path": "/anything", "user-agent": "test", ...form }, {
      endStream: false,
      waitForTrailers: true,
    } as never);
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-end": "1" }));
    stream.end("maliciouspayload");
    const headers = await new Promise<Record<string, unknown>>((resolve) => stream.on("response", resolve));
    expect(headers[":status"]).toBe(403);
    session.close();
    http2.close();
  });

  test("what was stopped is counted and logged", () => {
    expect(host.metrics.value("waf_filter.tx.total")).toBeGreaterThan(10n);
    expect(host.metrics.value("waf_filter.tx.interruptions_ruleid=101_phase=http_request_headers_owner=me")).toBe(1n);
    expect(lines.some((line) => line.includes('[id "101"]'))).toBe(true);
  });

  test("a configuration that names what is not there is refused", async () => {
    const configuration = { directives_map: {}, default_directives: "missing" };
    await expect(host.load({ code: readFileSync(binary), configuration })).rejects.toMatchObject({
      code: "configuration-refused",
    });
  });
});
