// The repository on a fresh machine: a clone without builds, without `../shared`, with Node, npm and nothing else on the path.
// Runs the README's first command, the commands and examples that the documentation names, and the README's test command.
// Ends with `N passed, N failed`.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./places.mjs";

const scratch = mkdtempSync(join(tmpdir(), "wardian-first-"));
const clone = join(scratch, "wardian");
const path = join(scratch, "bin");
const failures = [];
let passed = 0;

/** What a script of package.json, or a file that `node` runs, must do here: a pattern of its output, and its exit code. */
const runs = [
  { run: "npm run build" },
  { run: "npm run types" },
  { run: "npm run check", code: 2, says: /npm run tools/ },
  { run: "npm run format", code: 2, says: /npm run tools/ },
  { run: "npm run sizes", code: 1, says: /npm run hosts/ },
  { run: "npm run figures", says: /npm run hosts/ },
  { run: "npm run guests", code: 1, says: /built with Go/ },
  { run: "npm run conformance -- spec/core", code: 2, says: /suite's folder is missing/ },
  { run: "npm run conformance:component -- validation", code: 2, says: /suite's folder is missing/ },
  { run: "npm run conformance:component:node26 -- validation", code: 2, says: /npm run node26/ },
  { run: "npm run conformance:wasi", code: 2, says: /no WASI test suite/ },
  { run: "npm run conformance:wit -- wit", code: 2, says: /suite's folder is missing/ },
  { run: "npm run conformance:node26 -- --agree spec/core", code: 2, says: /npm run node26/ },
  { run: "npm run conformance:programs -- --filter QuickJS", says: /passed +QuickJS/ },
  { run: "npm run fuzz -- --seconds 5 --seed 1 --coverage", says: /: 0 failures/ },
  { run: "npm run soak -- --seconds 2", says: /"contexts": 0/ },
  { run: "npm run bench -- calls", says: /host/ },
  { run: "npm run bench -- kernels", code: 1, says: /left out: there are no kernels/ },
  { run: "npm run pack -- packed", says: /wardian-runtime-.*tgz/ },
  { run: "npm run example -- examples/code-sandbox/warm.mjs", says: /python/i },
  { run: "npm run example:code-sandbox", says: /never ends/ },
  { run: "npm run example:c-in-wasm", says: /factorial\(20\) = 2432902008176640000/ },
  { run: "npm run example:waf", code: 1, says: /built with Go/ },
  { run: "npx vitest run packages/runtime/src/wasm", says: /passed/ },
  { run: "npx wardian run --invoke factorial examples/factorial.wat -- 20", says: /2432902008176640000/ },
  ...readdirSync(join(root, "examples/filters"))
    .filter((name) => name.endsWith(".mjs") && name !== "plugin.mjs")
    .map((name) => ({ serve: `npm run example -- examples/filters/${name}` })),
];

/** What the documentation names and this script does not run, and why. */
const elsewhere = {
  "npm run demo": "it is the first command",
  "npm run languages": "the first command runs it",
  "npm run tools": "the whole test needs it",
  "npm run hosts": "the example of a browser runs it, and the whole test needs it",
  "npm run node26": "the whole test needs it",
  "npm run unit": "npm test runs it",
  "node packages/runtime/src/engines/interpreter/generator/generate.mjs": "it writes sources, which a test compares",
  "npm run mutants": "it runs the unit tests once for each of more than fifty mutants",
  "npm run conformance:js-api": "its suite is not among the official suites' copies",
  "npm run example:browser": "it comes after the test",
  "node guests/coraza-waf/crs-tests.mjs": "it needs Go; the whole test runs it",
  "node conformance/dist/wasi/programs-main.js": "it needs Go; npm run conformance:programs is the same program",
};

/** A path with Node, npm, git, a shell and the small programs that documentation uses. */
function makePath() {
  mkdirSync(path);
  const names =
    "npm npx git bash sh env cat cp head ls mkdir mkfifo mktemp mv rm sed sort tail tar tr uname wc dirname basename gzip".split(
      " ",
    );
  symlinkSync(process.execPath, join(path, "node"));
  for (const name of names) {
    const found = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
    if (found !== "") symlinkSync(found, join(path, name));
  }
}

// Nothing of this repository's surroundings: no suites, no kernels, and no demand that everything be there.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(CI$|WARDIAN_|npm_|INIT_CWD$|NODE_OPTIONS$)/.test(name)),
);
environment.PATH = path;
environment.NO_COLOR = "1";

function count(name, failure, output = "") {
  if (failure === undefined) passed++;
  else {
    failures.push(`${name}: ${failure}`);
    console.log(output.slice(-40_000));
  }
}

/** Runs a line of the shell in the clone. @returns what it printed */
function run(line, { code = 0, says = /(?:)/ } = {}) {
  console.log(`\n== ${line}`);
  const start = performance.now();
  const options = { cwd: clone, env: environment, encoding: "utf8", maxBuffer: 1 << 28 };
  const result = spawnSync("bash", ["-c", line], { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const output = result.stdout + result.stderr;
  const wrong = result.status !== code ? `exit code ${result.status}` : says.test(output) ? undefined : `not ${says}`;
  count(line, wrong, output);
  console.log(`   ${wrong ?? "as it should"}, after ${((performance.now() - start) / 1000).toFixed(0)} s`);
  return output;
}

/** Starts a server in the clone, and asks it when it has printed its address. */
async function serve(line) {
  console.log(`\n== ${line}`);
  // A group of its own, so that npm's shell and the server end together.
  const child = spawn("bash", ["-c", line], {
    cwd: clone,
    env: { ...environment, PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  const address = await new Promise((resolve) => {
    const note = (text) => {
      output += text;
      const found = /^(?:http|tcp):\/\/[\d.]+:\d+\/?/m.exec(output)?.[0];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on("data", note);
    child.stderr.on("data", note);
    child.once("exit", () => resolve(undefined));
  });
  let wrong = address === undefined ? "it ended" : undefined;
  // Those of HTTP/2 and TCP are asked by test/plugin-examples.test.ts.
  if (address?.startsWith("http:") && !line.includes("http2"))
    wrong = await fetch(address, { method: line.includes("browser") ? "GET" : "POST" }).then(
      ({ status }) => (status === 200 ? undefined : `status ${status}`),
      String,
    );
  count(line, wrong, output);
  console.log(`   ${wrong ?? "as it should"}`);
  if (child.exitCode === null) process.kill(-child.pid);
}

/** Every command that the documentation names must be in one of the two lists, and every script must exist. */
function checkNames() {
  const scripts = Object.keys(JSON.parse(readFileSync(join(clone, "package.json"), "utf8")).scripts);
  const pages = spawnSync("git", ["ls-files", "*.md", "examples"], { cwd: clone, encoding: "utf8" }).stdout.trim();
  const known = [...Object.keys(elsewhere), ...runs.map(({ run, serve }) => run ?? serve)];
  for (const page of pages.split("\n")) {
    const text = readFileSync(join(clone, page), "utf8");
    for (const [command, script, file] of text.matchAll(
      /(?<!from )npm run ([\w:-]+)|\bnode (?:--\S+ )*([\w-]+\/[\w./-]+\.m?js)/g,
    )) {
      if (page === "CHANGELOG.md") continue;
      const name = script === undefined ? `node ${file}` : command;
      const isKnown = known.some((line) => line === name || line.startsWith(`${name} `));
      if (!isKnown) failures.push(`${page} names \`${name}\`, which scripts/first-use.mjs does not`);
      if (script !== undefined && !scripts.includes(script)) failures.push(`${page}: there is no script ${script}`);
    }
  }
}

try {
  makePath();
  spawnSync("git", ["clone", "--quiet", root, clone], { stdio: "inherit" });
  checkNames();
  const readme = readFileSync(join(clone, "README.md"), "utf8");
  const [first, test] = [...readme.matchAll(/^```sh[^\n]*\n([\s\S]*?)^```$/gm)].map(([, block]) => block.trim());
  const output = run(first, { says: /265252859812191058636308480000000[\s\S]*stopped: all fuel consumed/ });
  count("npm install without warnings", /npm warn/i.exec(output)?.[0], output);
  for (const { run: line, serve: server, ...expected } of runs)
    if (server === undefined) run(line, expected);
    else await serve(server);
  const tested = run(test, { says: /\n0 failed|, 0 failed\n/ });
  console.log(tested.slice(tested.indexOf("\nLeft out")));
  await serve("npm run example:browser");
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`\n${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
