import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { lacksHosts } from "./tools.ts";

/* Programs from npm that know nothing of Wardian, where the namespace has taken the place of the platform's own, which is gone. */

const folder = mkdtempSync(join(tmpdir(), "wardian-programs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const prologue = `
  import { createRequire } from "node:module";
  import { WebAssembly as namespace } from ${JSON.stringify(new URL("../../packages/runtime/dist/webassembly/index.js", import.meta.url).href)};
  delete globalThis.WebAssembly;
  globalThis.WebAssembly = namespace;
  const require = createRequire(${JSON.stringify(new URL("package.json", import.meta.url).href)});
`;

/** Runs a program in a Node of its own; from a file, since what Node evaluates from its command line sees more globals. @returns what it prints, as JSON */
function run(program: string): unknown {
  const file = join(folder, "program.mjs");
  writeFileSync(file, prologue + program);
  return JSON.parse(execFileSync(process.execPath, [file], { encoding: "utf8" }));
}

it.skipIf(lacksHosts)("sql.js: SQLite", { timeout: 300_000 }, () => {
  const result = run(`
    const SQL = await require("sql.js")();
    const database = new SQL.Database();
    database.run("create table t (n integer, word text); insert into t values (1, 'one'), (2, 'two'), (3, 'three')");
    const insert = database.prepare("insert into t values (?, ?)");
    for (let n = 4; n < 500; n++) insert.run([n, "n" + n]);
    insert.free();
    const again = new SQL.Database(database.export());
    again.create_function("twice", (x) => x * 2);
    const [{ columns, values }] = again.exec("select count(*), sum(twice(n)), max(word) from t");
    let message;
    try { again.run("select a from nowhere"); } catch (error) { message = error.message; }
    console.log(JSON.stringify({ columns, values, message }));
  `);
  expect(result).toEqual({
    columns: ["count(*)", "sum(twice(n))", "max(word)"],
    values: [[499, 249500, "two"]],
    message: "no such table: nowhere",
  });
});

it.skipIf(lacksHosts)("quickjs-emscripten: QuickJS", { timeout: 300_000 }, () => {
  const result = run(`
    const { newQuickJSWASMModuleFromVariant } = require("quickjs-emscripten-core");
    const QuickJS = await newQuickJSWASMModuleFromVariant(require("@jitl/quickjs-wasmfile-release-sync").default);
    const context = QuickJS.newContext();
    context.newFunction("hostAdd", (a, b) => context.newNumber(context.getNumber(a) + context.getNumber(b)))
      .consume((f) => context.setProp(context.global, "hostAdd", f));
    const evaluate = (code) => context.unwrapResult(context.evalCode(code)).consume(context.dump);
    const answers = [
      evaluate("[3, 1, 2].sort().map((x) => x ** 2).join()"),
      evaluate("String(2n ** 70n)"),
      evaluate("hostAdd(20, 22)"),
      evaluate("try { null.x } catch (error) { error.name }"),
      evaluate("JSON.stringify({ a: [1.5, 'é'] })"),
    ];
    console.log(JSON.stringify(answers));
  `);
  expect(result).toEqual(["1,4,9", "1180591620717411303424", 42, "TypeError", '{"a":[1.5,"é"]}']);
});

it.skipIf(lacksHosts)("esbuild-wasm: Go, 12 MB of it", { timeout: 600_000 }, () => {
  const result = run(`
    // It is the browser's build: with "worker: false" it asks nothing of a browser but this.
    globalThis.self = globalThis;
    const { readFileSync } = await import("node:fs");
    const esbuild = require("esbuild-wasm/lib/browser.js");
    const wasmModule = await WebAssembly.compile(readFileSync(require.resolve("esbuild-wasm/esbuild.wasm")));
    await esbuild.initialize({ wasmModule, worker: false });
    const source = "const x: number = 1 + 2; export const f = <T,>(a: T) => a ?? x";
    const { code } = await esbuild.transform(source, { loader: "ts", minify: true, target: "es2015" });
    const failure = await esbuild.transform("let = =", { logLevel: "silent" }).catch((error) => error.errors[0].text);
    console.log(JSON.stringify({ code, failure }));
    process.exit();
  `);
  expect(result).toEqual({ code: "const o=3;export const f=n=>n!=null?n:3;\n", failure: 'Unexpected "="' });
});
