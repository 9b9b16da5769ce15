// Shows the sandbox: a program that works with files, and a hostile one for each limit. Ends with an error when one of them was not held.
// The timings are of one sandbox each, made anew; what is compiled once is in the first.
//   npm run example:code-sandbox -- [python|javascript|all] [engine]
import assert from "node:assert/strict";
import { runJavaScript, runPython } from "./sandbox.mjs";

const [language = "all", engine = "auto"] = process.argv.slice(2);

/** What a program does, what it may use, and what must come of it. */
const python = {
  "computes with files": {
    code: `
import json
rows = [line.split(",") for line in open("sales.csv").read().split()]
total = sum(int(amount) for _, amount in rows)
json.dump({"total": total}, open("report.json", "w"))
print(f"{len(rows)} rows")`,
    options: { files: { "sales.csv": "a,1\nb,2\nc,39\n" } },
    check: (result) => {
      assert.equal(result.exitCode, 0, result.stderr);
      assert.equal(result.stdout, "3 rows\n");
      assert.equal(Buffer.from(result.files["report.json"]).toString(), '{"total": 42}');
    },
  },
  "never ends (fuel)": {
    code: "while True: pass",
    options: { fuel: 2_000_000_000n },
    check: (result) => assert.equal(result.stopped, "fuel-exhausted"),
  },
  "never ends (time)": {
    code: "while True: pass",
    options: { fuel: 10n ** 15n, timeout: 3_000 },
    check: (result) => assert.equal(result.stopped, "deadline-exceeded"),
  },
  "eats memory": {
    code: "x = []\nwhile True: x.append(bytearray(1 << 20))",
    options: { memory: 64 * 1024 * 1024 },
    check: (result) => {
      assert.ok(result.usage.memory <= 64 * 1024 * 1024);
      assert.match(result.stderr, /MemoryError/);
    },
  },
  "floods its output": {
    code: "while True: print('x' * 10_000)",
    options: { output: 100_000 },
    check: (result) => {
      assert.equal(result.stdout.length, 100_000);
      assert.notEqual(result.exitCode, 0);
    },
  },
  "fills the disk": {
    code: "f = open('big', 'wb')\nwhile True: f.write(bytes(1 << 16))",
    options: { fileBytes: 1_000_000 },
    check: (result) => {
      assert.match(result.stderr, /No space left/);
      assert.ok(result.usage.files.bytes <= 1_000_000);
    },
  },
  "makes files without end": {
    code: "i = 0\nwhile True:\n  open(f'f{i}', 'w').close()\n  i += 1",
    options: { fileCount: 100 },
    check: (result) => {
      assert.match(result.stderr, /No space left/);
      assert.equal(Object.keys(result.files).length, 100);
    },
  },
  "looks for a way out": {
    code: `
import os
for path in ["/etc/passwd", "../etc/passwd", "/proc/self/environ", "/../../../etc/passwd"]:
    try: print(open(path).read())
    except OSError as error: print(type(error).__name__)
try:
    os.symlink("../../etc/passwd", "link"); print(open("link").read())
except OSError as error: print(type(error).__name__)
print(dict(os.environ))`,
    options: {},
    check: (result) => {
      assert.equal(result.exitCode, 0, result.stderr);
      assert.doesNotMatch(result.stdout, /root:/);
      assert.match(result.stdout, /\{\}\s*$/);
    },
  },
};

const javascript = {
  "computes with files": {
    code: `
import { readText, writeText } from "./files.js";
const amounts = JSON.parse(readText("/sales.json"));
writeText("/report.txt", \`total: \${amounts.reduce((sum, amount) => sum + amount, 0)} €\`);
print(amounts.length);`,
    options: { files: { "sales.json": "[1, 2, 39]" } },
    check: (result) => {
      assert.equal(result.stdout, "3\n", result.stderr);
      assert.equal(Buffer.from(result.files["report.txt"]).toString(), "total: 42 €");
    },
  },
  "sleeps for a day": {
    code: "setTimeout(() => print('woke'), 86400 * 1000)",
    options: {},
    check: (result) => assert.equal(result.stdout, "woke\n"),
  },
  "looks for a way out": {
    code: `
import { readText } from "./files.js";
for (const path of ["/etc/passwd", "/../etc/passwd", "/proc/self/environ"]) {
  try { print(readText(path)); } catch (error) { print(error.code); }
}`,
    options: {},
    check: (result) => assert.equal(result.stdout, "NOENT\nNOTCAPABLE\nNOENT\n"),
  },
  "fills the disk": {
    code: `
import { writeText } from "./files.js";
try { for (let i = 0; ; i++) writeText("/big" + i, "x".repeat(10_000)); } catch (error) { print(error.code); }`,
    options: { fileBytes: 1_000_000 },
    check: (result) => {
      assert.equal(result.stdout, "NOSPC\n");
      assert.ok(result.usage.files.bytes <= 1_000_000);
    },
  },
  "never ends (fuel)": {
    code: "for (;;) {}",
    options: { fuel: 1_000_000_000n },
    check: (result) => assert.equal(result.stopped, "fuel-exhausted"),
  },
  "never ends (time)": {
    code: "for (;;) {}",
    options: { fuel: 10n ** 15n, timeout: 1_000 },
    check: (result) => assert.equal(result.stopped, "deadline-exceeded"),
  },
  "eats memory": {
    code: "const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1))",
    options: { memory: 64 * 1024 * 1024 },
    check: (result) => {
      assert.ok(result.usage.memory <= 64 * 1024 * 1024);
      assert.ok(result.exitCode !== 0 || result.stopped !== undefined || /memory/i.test(result.stdout + result.stderr));
    },
  },
  "calls itself without end": {
    code: "const f = () => 1 + f(); f()",
    options: {},
    // The interpreter notices by itself, or the limit of nested calls does.
    check: (result) => assert.ok(/stack/i.test(result.stdout + result.stderr) || result.stopped !== undefined),
  },
  "floods its output": {
    code: "for (;;) print('x'.repeat(10000))",
    options: { output: 100_000, fuel: 1_000_000_000n },
    check: (result) => assert.ok(result.stdout.length <= 100_000),
  },
};

async function show(name, run, cases) {
  for (const [title, { code, options, check }] of Object.entries(cases)) {
    const result = await run(code, { engine, ...options });
    check(result);
    const { usage } = result;
    console.log(
      `${name} that ${title}: ${result.stopped ?? `exit code ${result.exitCode}`}`.padEnd(62),
      `${usage.milliseconds.toFixed(0).padStart(6)} ms  ${(usage.memory / 1048576).toFixed(0).padStart(4)} MiB  ${usage.fuel} fuel  [${usage.engine}]`,
    );
  }
}

if (language === "all" || language === "javascript") await show("JavaScript", runJavaScript, javascript);
if (language === "all" || language === "python") await show("Python", runPython, python);
