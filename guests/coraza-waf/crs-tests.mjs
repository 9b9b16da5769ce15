// Runs the Core Rule Set's own regression tests against the plugin, in process: each request is put through an HTTP stream whose
// server answers as the tests' own backend does (what is posted to /reflect says what to answer). Build the plugin and the packages first.
//   node guests/coraza-waf/crs-tests.mjs [--only 941100] [--verbose] [--engine platform]
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { HeaderMap, HttpStream, PluginHost } from "@wardian/proxy-wasm";
import { parse } from "yaml";

const { values: options } = parseArgs({
  options: { only: { type: "string" }, verbose: { type: "boolean" }, engine: { type: "string", default: "auto" } },
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
    body,
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
  if (find("host") !== undefined) pseudo.unshift([":authority", find("host")]);
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
let skipped = 0;
const failures = [];
const started = performance.now();
for (const group of readdirSync(join(folder, "tests")).sort()) {
  if (!/^(REQUEST|RESPONSE)-/.test(group)) continue;
  for (const file of readdirSync(join(folder, "tests", group)).sort()) {
    if (!file.endsWith(".yaml") || (options.only !== undefined && !file.startsWith(options.only))) continue;
    const { rule_id: rule, tests = [] } = parse(readFileSync(join(folder, "tests", group, file), "utf8")) ?? {};
    for (const test of tests) {
      lines = [];
      let problems = [];
      let impossible = false;
      for (const { input, output } of test.stages) {
        const request = requestOf(input);
        if (request === undefined) impossible = true;
        else {
          lines = [];
          problems = judge(output ?? {}, exchange(request));
        }
      }
      if (impossible) skipped++;
      else if (problems.length === 0) passed++;
      else failures.push(`${rule ?? file}-${test.test_id}: ${problems.join(", ")}`);
    }
  }
}
const seconds = ((performance.now() - started) / 1000).toFixed(1);
for (const failure of options.verbose ? failures : []) console.log(failure);
const total = passed + skipped + failures.length;
console.log(
  `Core Rule Set ${version}: ${passed} of ${total} passed, ${failures.length} failed, ${skipped} skipped, in ${seconds} s`,
);
const left = host.vms[0].streams;
if (left !== 0) throw new Error(`${left} contexts are left`);
