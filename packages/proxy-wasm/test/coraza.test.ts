import { existsSync, readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect, createServer as createHttp2Server } from "node:http2";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lacks } from "../../../test/needs.ts";
import { Gateway } from "../src/gateway/gateway.ts";
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

const configuration = {
  directives_map: { all: directives },
  default_directives: "all",
  metric_labels: { owner: "me" },
};

interface Case {
  readonly name: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  readonly answer?: RegExp;
}

const ok = { "coraza-e2e": "ok" };
const form = { ...ok, "content-type": "application/x-www-form-urlencoded" };

/** Coraza's own ten end-to-end cases. */
const cases: readonly Case[] = [
  { name: "a request that is none of these is refused with the rule's status", path: "/", headers: {}, status: 424 },
  { name: "a legitimate request passes", path: "/?arg=arg_1", headers: ok, status: 200, answer: /^hello$/ },
  { name: "a path is denied, with an empty body", path: "/admin", headers: ok, status: 403, answer: /^$/ },
  {
    name: "a legitimate body passes",
    path: "/anything",
    headers: form,
    body: "this is a legit payload",
    status: 200,
    answer: /legit payload$/,
  },
  {
    name: "a malicious body is denied",
    path: "/anything",
    headers: form,
    body: "maliciouspayload",
    status: 403,
    answer: /^$/,
  },
  { name: "a response with a bad header is replaced", path: "/response-headers?pass=leak", headers: ok, status: 403 },
  {
    name: "a response with a bad body is blanked",
    path: "/anything",
    headers: form,
    body: "responsebodycode",
    status: 200,
    answer: /^\0+$/,
  },
  {
    name: "cross-site scripting in a query is denied",
    path: "/?arg=%3Cscript%3Ealert(0)%3C/script%3E",
    headers: ok,
    status: 403,
  },
  {
    name: "an injection of SQL in a body is denied",
    path: "/anything",
    headers: form,
    body: "1%27%20ORDER%20BY%203--%2B",
    status: 403,
  },
  { name: "a scanner is denied by its name", path: "/", headers: { ...ok, "user-agent": "masscan/1.3" }, status: 403 },
];

async function check(port: number, { path, headers, body, status, answer }: Case): Promise<void> {
  const length = body === undefined ? {} : { "content-length": body.length };
  const all = { host: "localhost", "user-agent": "test", accept: "*/*", ...length, ...headers };
  const method = body === undefined ? "GET" : "POST";
  const got = await send(port, { method, path, headers: all }, body === undefined ? [] : [body]);
  expect(got.status).toBe(status);
  if (answer !== undefined) expect(got.body).toMatch(answer);
}

// The binary is not kept in the repository: `npm run guests` builds it, which needs Go.
const isMissing = lacks("the Coraza plugin (npm run guests)", existsSync(binary));

describe.skipIf(isMissing)("Coraza with the Core Rule Set in a gateway", () => {
  let server: Server;
  let gateway: Gateway;

  beforeAll(async () => {
    server = createServer(upstream);
    const listener = { name: "main", address: "127.0.0.1:0", plugins: ["waf"], routes: [{ cluster: "web" }] };
    const config = {
      listeners: [listener],
      clusters: { web: { endpoints: [`http://127.0.0.1:${await listen(server)}`] } },
      plugins: { waf: { code: { file: binary }, configuration } },
      accessLog: false,
    };
    gateway = await Gateway.start(JSON.stringify(config), { log: () => {} });
  }, 600_000);

  afterAll(async () => {
    await gateway?.stop(0);
    server?.closeAllConnections();
    server?.close();
  });

  for (const one of cases)
    test(one.name, async () => {
      await check(gateway.port("main"), one);
      await until(() => gateway.vms[0].streams === 0);
    });
});

describe.skipIf(isMissing)("Coraza with the Core Rule Set in a server", () => {
  const { host, lines } = testHost({ logLevel: "info" });
  let plugin: Plugin;
  let server: Server;
  let port: number;

  beforeAll(async () => {
    plugin = await host.load({ name: "waf", code: readFileSync(binary), configuration });
    server = createServer(upstream);
    filterServer(server, [plugin]);
    port = await listen(server);
  }, 600_000);

  afterAll(() => {
    server?.close();
  });

  for (const one of cases)
    test(one.name, async () => {
      await check(port, one);
      await until(() => host.vms[0].streams === 0);
    });

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
    const refused = { directives_map: {}, default_directives: "missing" };
    await expect(host.load({ code: readFileSync(binary), configuration: refused })).rejects.toMatchObject({
      code: "configuration-refused",
    });
  });
});
