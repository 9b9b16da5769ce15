// Runs the Core Rule Set's own regression tests against the plugin: each request is put through an HTTP stream whose server answers as
// the tests' own backend does (what is posted to /reflect says what to answer). A test that wants a request to be refused by the server
// before any rule sees it is sent over a socket to a server of node:http behind the plugin. Tests that are known to fail stand, with the
// reason, in docs/core-rule-set.md: another failure is an error, and so is one that passes. Build the plugin and the packages first.
//   node guests/coraza-waf/crs-tests.mjs [--only 941100] [--verbose] [--logs] [--engine platform]
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { filterServer, HeaderMap, HttpStream, PluginHost } from "@wardian/proxy-wasm";
import { parse } from "yaml";

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    verbose: { type: "boolean" },
    logs: { type: "boolean" },
    engine: { type: "string", default: "auto" },
  },
});

const here = fileURLToPath(new URL(".", import.meta.url));
const rules = execFileSync(
  "go",
  ["list", "-m", "-f", "{{.Dir}} {{.Version}}", "github.com/corazawaf/coraza-coreruleset/v4"],
  {
    cwd: here,
    encoding: "utf8",
  },
).trim();
const [folder, version] = rules.split(" ");

let lines = [];
const host = new PluginHost({ engine: options.engine, log: ({ message }) => lines.push(message), logLevel: "info" });
const includes = ["@recommended-conf", "@ftw-conf", "@crs-setup-conf", "@owasp_crs/*.conf"];
const plugin = await host.load({
  name: "waf",
  code: readFileSync(join(here, "build", "coraza-waf.wasm")),
  configuration: {
    directives_map: { ftw: includes.map((name) => `Include ${name}`) },
    default_directives: "ftw",
  },
});

const byteString = (text) => Buffer.from(text, "utf8").toString("latin1");

/** The request of a stage: its own fields, or a whole request in base64. Undefined for what no HTTP parser would take. */
function requestOf(input) {
  if (input.encoded_request !== undefined) {
    const raw = Buffer.from(input.encoded_request, "base64").toString("latin1");
    const split = raw.search(/\r?\n\r?\n/);
    const [first, ...rest] = (split < 0 ? raw : raw.slice(0, split)).split(/\r?\n/);
    const line = /^(\S+) (.*) (HTTP\/\d\.\d)$/.exec(first);
    if (line === null) return undefined;
    const headers = rest
      .filter((one) => one.includes(":"))
      .map((one) => [one.slice(0, one.indexOf(":")), one.slice(one.indexOf(":") + 1).trim()]);
    return {
      method: line[1],
      uri: line[2],
      version: line[3],
      headers,
      body: Buffer.from(raw.slice(split).replace(/^(\r?\n){2}/, ""), "latin1"),
    };
  }
  const headers = Array.isArray(input.headers)
    ? input.headers.map(({ name, value }) => [name, byteString(String(value ?? ""))])
    : Object.entries(input.headers ?? {}).map(([name, value]) => [name, byteString(String(value ?? ""))]);
  const body = Buffer.from(String(input.data ?? ""), "utf8");
  const has = (name) => headers.some(([other]) => other.toLowerCase() === name);
  if (input.autocomplete_headers !== false && body.length > 0) {
    if (!has("content-type")) headers.push(["Content-Type", "application/x-www-form-urlencoded"]);
    if (!has("content-length") && !has("transfer-encoding")) headers.push(["Content-Length", String(body.length)]);
  }
  return {
    method: input.method ?? "GET",
    uri: byteString(input.uri ?? "/"),
    version: input.version ?? "HTTP/1.1",
    headers,
    // What no header announces is no body: a server takes it for the next request.
    body: has("content-length") || has("transfer-encoding") ? body : Buffer.alloc(0),
  };
}

/** What the tests' backend answers. */
function answerTo({ uri, body }) {
  if (!uri.startsWith("/reflect")) return { status: 200, headers: {}, body: Buffer.alloc(0) };
  try {
    const wanted = JSON.parse(body.toString("utf8")) ?? {};
    const content =
      wanted.encodedBody !== undefined ? Buffer.from(wanted.encodedBody, "base64") : Buffer.from(wanted.body ?? "");
    return { status: wanted.status ?? 200, headers: wanted.headers ?? {}, body: content };
  } catch {
    return { status: 400, headers: {}, body: Buffer.alloc(0) };
  }
}

function exchange(request) {
  let status;
  const sink = {
    requestHeaders() {},
    requestData() {},
    requestTrailers() {},
    requestStopped() {},
    responseHeaders(headers) {
      status = Number(headers.get(":status"));
    },
    responseData() {},
    responseTrailers() {},
    readRequest() {},
    readResponse() {},
    reset() {},
  };
  const connection = {
    id: 1n,
    sourceAddress: "127.0.0.1:40000",
    sourcePort: 40000,
    destinationAddress: "127.0.0.1:80",
    destinationPort: 80,
  };
  const stream = new HttpStream(
    [plugin],
    sink,
    { connection, protocol: request.version },
    { bufferLimit: 16 * 2 ** 20 },
  );
  const find = (wanted) => request.headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const pseudo = [
    [":method", request.method],
    [":path", request.uri],
    [":scheme", "http"],
  ];
  // CONNECT names its target in the request line.
  const authority = request.method === "CONNECT" ? request.uri : find("host");
  if (authority !== undefined) pseudo.unshift([":authority", authority]);
  const rest = request.headers.filter(([name]) => !/^(host|connection)$/i.test(name));
  stream.receiveRequestHeaders(HeaderMap.from([...pseudo, ...rest]), request.body.length === 0);
  if (request.body.length > 0) stream.receiveRequestData(new Uint8Array(request.body), true);
  if (!stream.answered) {
    const answer = answerTo(request);
    const headers = [
      [":status", String(answer.status)],
      ...Object.entries(answer.headers).map(([name, value]) => [name, byteString(String(value))]),
    ];
    headers.push(["content-length", String(answer.body.length)]);
    // The backend is a server in Go, which says so of text that nobody has called anything else.
    if (answer.body.length > 0 && !headers.some(([name]) => name.toLowerCase() === "content-type"))
      headers.push(["content-type", "text/plain; charset=utf-8"]);
    stream.receiveResponseHeaders(HeaderMap.from(headers), answer.body.length === 0);
    if (answer.body.length > 0) stream.receiveResponseData(new Uint8Array(answer.body), true);
  }
  stream.finish();
  return status;
}

const server = createServer((request, response) => request.resume().on("end", () => response.end()));
filterServer(server, [plugin]);
server.listen(0, "127.0.0.1");
await once(server, "listening");

/** Sends a request as it is written. @returns the status of the answer, or undefined when there was none */
async function send(input) {
  const { method, uri, version, headers, body } = requestOf({ ...input, encoded_request: undefined });
  const lines = [
    `${method} ${uri} ${version}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    "connection: close",
  ];
  const socket = connect(server.address().port, "127.0.0.1");
  socket.on("error", () => {});
  if (input.encoded_request !== undefined) socket.write(Buffer.from(input.encoded_request, "base64"));
  else socket.write(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), body]));
  let answer = "";
  for await (const part of socket.setEncoding("latin1").setTimeout(5_000, () => socket.destroy())) {
    answer += part;
    if (answer.includes("\r\n")) break;
  }
  socket.destroy();
  const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1];
  return status === undefined ? undefined : Number(status);
}

/** The tests that are known to fail, with the reason for each: rows of a table of the documentation. */
const known = new Map();
for (const [, tests, reason] of readFileSync(join(here, "../../docs/core-rule-set.md"), "utf8").matchAll(
  /^\| ([\d, -]+) \| (.+) \|$/gm,
))
  for (const test of tests.split(", ")) known.set(test, reason);

function judge(output, status) {
  const text = lines.join("\n");
  const ids = new Set([...text.matchAll(/\[id "(\d+)"\]/g)].map(([, id]) => Number(id)));
  const log = output.log ?? {};
  const problems = [];
  for (const id of log.expect_ids ?? []) if (!ids.has(id)) problems.push(`rule ${id} did not match`);
  for (const id of log.no_expect_ids ?? []) if (ids.has(id)) problems.push(`rule ${id} matched`);
  if (log.match_regex !== undefined && !new RegExp(log.match_regex).test(text))
    problems.push(`no line matches ${log.match_regex}`);
  if (log.no_match_regex !== undefined && new RegExp(log.no_match_regex).test(text))
    problems.push(`a line matches ${log.no_match_regex}`);
  // Nothing is denied here: where a test wants a refusal of the server's own, it wants what this runner does not have.
  if (output.status !== undefined && output.status !== status) problems.push(`status ${status}, not ${output.status}`);
  return problems;
}

let passed = 0;
const ran = new Set();
const failures = new Map();
const started = performance.now();
for (const group of readdirSync(join(folder, "tests")).sort()) {
  if (!/^(REQUEST|RESPONSE)-/.test(group)) continue;
  for (const file of readdirSync(join(folder, "tests", group)).sort()) {
    if (!file.endsWith(".yaml") || (options.only !== undefined && !file.startsWith(options.only))) continue;
    const { rule_id: rule, tests = [] } = parse(readFileSync(join(folder, "tests", group, file), "utf8")) ?? {};
    for (const test of tests) {
      lines = [];
      let problems = [];
      for (const { input, output } of test.stages) {
        lines = [];
        const request = requestOf(input);
        if (output?.status === 400 || request === undefined) problems = judge(output ?? {}, await send(input));
        else problems = judge(output ?? {}, exchange(request));
      }
      const name = `${rule ?? file}-${test.test_id}`;
      ran.add(name);
      if (problems.length === 0) passed++;
      else {
        failures.set(name, problems.join(", "));
        for (const line of options.logs ? lines : []) console.log(`${name}: ${line}`);
      }
    }
  }
}
server.close();
server.closeAllConnections();
const seconds = ((performance.now() - started) / 1000).toFixed(1);
if (options.verbose) for (const [name, problems] of failures) console.log(`${name}: ${problems}`);
console.log(`Core Rule Set ${version}: ${passed} of ${ran.size} passed, ${failures.size} failed, in ${seconds} s`);
const surprises = [
  ...[...failures].filter(([name]) => !known.has(name)).map(([name, problems]) => `${name} failed: ${problems}`),
  ...[...known.keys()].filter((name) => ran.has(name) && !failures.has(name)).map((name) => `${name} passed`),
];
for (const surprise of surprises) console.log(`not as docs/core-rule-set.md has it: ${surprise}`);
const left = host.vms[0].streams;
if (left !== 0) console.log(`${left} contexts are left`);
if (surprises.length > 0 || left !== 0 || passed === 0) process.exitCode = 1;
