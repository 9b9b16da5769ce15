import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Runtime } from "@wardian/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle, forHermesEngine } from "./bundle.ts";
import { hermesPath, lacksHosts } from "./tools.ts";
import { serveWorker } from "./worker.ts";

/* `wardian compile` writes a module; it runs where neither WebAssembly nor code from text is allowed, with no more than a small runtime. */

const text = `(module
  (import "host" "twice" (func $twice (param i64) (result i64)))
  (memory (export "memory") 1) (data (i32.const 8) "\\01\\02\\03\\04\\05\\06\\07\\08")
  (table 1 funcref) (elem (i32.const 0) $mix)
  (func $mix (export "mix") (param i64 f32) (result i64)
    (i64.xor (i64.rotl (i64.mul (local.get 0) (i64.load (i32.const 8))) (i64.const 7)) (i64.trunc_sat_f32_s (local.get 1))))
  (func (export "host") (param i64) (result i64) (call $twice (local.get 0)))
  (func (export "fib") (param i32) (result i32) (local $a i32) (local $b i32) (local $next i32)
    (local.set $b (i32.const 1))
    (block $end (loop $again
      (br_if $end (i32.eqz (local.get 0)))
      (local.set $next (i32.add (local.get $a) (local.get $b)))
      (local.set $a (local.get $b)) (local.set $b (local.get $next))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br $again)))
    (local.get $a))
  (func (export "outside") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "spin") (loop (br 0))))`;

/* What is asked of the module, wherever it runs. */
const asking = `
  const ending = (run) => { try { return String(run()); } catch (error) { return error.code ?? String(error); } };
  const ask = (instance) => {
    const { exports, fuel, engine } = instance;
    return [
      engine.name,
      ending(() => exports.mix(0x123456789abcdefn, 2.5)),
      ending(() => exports.host(21n)),
      ending(() => exports.fib(40)),
      ending(() => exports.outside(65533)),
      String(fuel.consumed),
      ending(() => exports.spin()),
      String(fuel.remaining),
    ];
  };
  const imports = { host: { twice: (x) => x * 2n } };
  const options = { limits: { fuel: 100_000n, callDepth: 50 } };
`;

describe.skipIf(lacksHosts)("a module compiled ahead of time", { timeout: 120_000 }, () => {
  // Inside the repository, so that the package resolves as it does for who installed it.
  const folder = mkdtempSync(fileURLToPath(new URL(".ahead-", import.meta.url)));
  let expected: string[];
  beforeAll(() => {
    writeFileSync(join(folder, "app.wat"), text);
    const command = fileURLToPath(new URL("../../packages/cli/bin/wardian.js", import.meta.url));
    execFileSync(process.execPath, [command, "compile", join(folder, "app.wat"), "-o", join(folder, "app.mjs")]);
    const ask = new Function(
      "runtime",
      "text",
      `${asking} return ask(runtime.instantiateSync(runtime.compileSync(text), imports, options));`,
    );
    expected = ["compiler", ...(ask(new Runtime({ engine: "interpreter" }), text) as string[]).slice(1)];
    expect(expected.slice(2, 5)).toEqual(["42", "102334155", "out-of-bounds-memory"]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("runs on Node with neither WebAssembly nor code from text", () => {
    writeFileSync(
      join(folder, "node.mjs"),
      `import { instantiate } from "./app.mjs"; ${asking} console.log(JSON.stringify(ask(await instantiate(imports, options))));`,
    );
    const flags = ["--jitless", "--disallow-code-generation-from-strings"];
    expect(
      JSON.parse(execFileSync(process.execPath, [...flags, join(folder, "node.mjs")], { encoding: "utf8" })),
    ).toEqual(expected);
  });

  it("runs on Hermes", async () => {
    writeFileSync(
      join(folder, "hermes.mjs"),
      `import { instantiate } from "./app.mjs"; ${asking} instantiate(imports, options).then((instance) => print(JSON.stringify(ask(instance))), (error) => print(JSON.stringify(String(error))));`,
    );
    const script = join(folder, "hermes.js");
    writeFileSync(script, await forHermesEngine(await bundle(join(folder, "hermes.mjs"))));
    expect(JSON.parse(execFileSync(hermesPath(), [script], { encoding: "utf8" }))).toEqual(expected);
  });

  it("runs on workerd", async () => {
    writeFileSync(
      join(folder, "worker.mjs"),
      `import { instantiate } from "./app.mjs"; ${asking} export default { async fetch() { return Response.json(ask(await instantiate(imports, options))); } };`,
    );
    const worker = await serveWorker(await bundle(join(folder, "worker.mjs"), "esm"));
    try {
      expect(await (await fetch(worker.address)).json()).toEqual(expected);
    } finally {
      worker.close();
    }
  });

  it("is taken by any runtime in place of bytes, which can suspend it, too", async () => {
    const { default: compiled } = await import(pathToFileURL(join(folder, "app.mjs")).href);
    const runtime = new Runtime({ engine: "compiler" });
    const instance = await runtime.instantiate(await runtime.compile(compiled), {
      host: { twice: async (x: bigint) => x * 2n },
    });
    await expect(instance.async.exports.host(21n)).resolves.toBe(42n);
  });
});
