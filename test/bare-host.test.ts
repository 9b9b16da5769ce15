import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/* The runtime, imported where the platform has next to nothing beyond ECMAScript: no WebAssembly either. */
const program = `
  for (const name of ["TextDecoder", "TextEncoder", "Atomics", "SharedArrayBuffer", "WeakRef", "FinalizationRegistry", "performance",
    "WebAssembly", "setImmediate", "MessageChannel", "AbortController", "Buffer", "structuredClone", "queueMicrotask"])
    delete globalThis[name];
  const { Runtime, Trap } = await import("./packages/runtime/dist/index.js");
  const runtime = new Runtime();
  const text = \`(module
    (memory (export "memory") 1)
    (data (i32.const 0) "h\\\\c3\\\\a9")
    (func (export "spin") (loop (br 0)))
    (func $factorial (export "factorial") (param i64) (result i64)
      (if (result i64) (i64.eqz (local.get 0))
        (then (i64.const 1))
        (else (i64.mul (local.get 0) (call $factorial (i64.sub (local.get 0) (i64.const 1))))))))\`;
  const instance = await runtime.instantiate(await runtime.compile(text), {}, { limits: { fuel: 10000n } });
  console.log(instance.engine.name, instance.exports.factorial(20n), await instance.async.exports.factorial(10n));
  try { instance.exports.spin(); } catch (error) { console.log(error instanceof Trap, error.code); }
  try { await runtime.compile("(module (func unknown))"); } catch (error) { console.log(error.name); }
`;

const onEngine = (code: string, engine: string): string =>
  code.replace("new Runtime()", `new Runtime({ engine: "${engine}" })`);

it.each(["interpreter", "compiler"])(
  "runs guests on a host without WebAssembly, TextDecoder, Atomics, SharedArrayBuffer, WeakRef or performance (%s)",
  (engine) => {
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", onEngine(program, engine)], {
      cwd: root,
      encoding: "utf8",
    });
    expect(output.trim().split("\n")).toEqual([
      `${engine} 2432902008176640000n 3628800n`,
      "true fuel-exhausted",
      "CompileError",
    ]);
  },
);

it("calls host functions from the platform's WebAssembly where code may not be made from text", () => {
  const code = `
    const { Runtime } = await import("./packages/runtime/dist/index.js");
    const runtime = new Runtime({ engine: "platform" });
    const text = '(module (import "h" "f" (func $f (param i32 i32) (result i32))) (func (export "run") (result i32) (call $f (i32.const 3) (i32.const 4))))';
    const module = await runtime.compile(text);
    for (const f of [(a, b) => a * b, async () => 1]) {
      const instance = await runtime.instantiate(module, { h: { f } });
      try { console.log(instance.exports.run()); } catch (error) { console.log(error.name); }
    }`;
  const run = (...flags: string[]): string =>
    execFileSync(process.execPath, [...flags, "--input-type=module", "--eval", code], { cwd: root, encoding: "utf8" });
  expect(run("--disallow-code-generation-from-strings")).toBe("12\nRuntimeError\n");
  expect(run()).toBe("12\nRuntimeError\n");
});

it("runs guests where the platform may not generate code", () => {
  const code = program
    .replace(/for \(const name[\s\S]*?;\n/, "")
    .replace("new Runtime()", 'new Runtime({ engine: "interpreter" })');
  const output = execFileSync(
    process.execPath,
    ["--disallow-code-generation-from-strings", "--input-type=module", "--eval", code],
    { cwd: root, encoding: "utf8" },
  );
  expect(output).toContain("2432902008176640000n");
});
