import { describe, expect, it } from "vitest";
import { instantiateCompiled } from "../src/ahead.ts";
import { Runtime } from "../src/api/runtime.ts";
import { Runtime as CompilerRuntime } from "../src/compiler.ts";
import { compileAhead } from "../src/engines/compiler/ahead.ts";
import type { CompiledModule } from "../src/engines/compiler/compiled-module.ts";
import { Runtime as InterpreterRuntime } from "../src/interpreter.ts";
import { loadCompiled } from "../src/testing/load-compiled.ts";

const assemble = (text: string): Uint8Array => new Runtime().compileSync(text).bytes;

const source = `(module (import "m" "f" (func $f (param i32) (result i32)))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "host") (param i32) (result i32) (call $f (local.get 0)))
  (func (export "spin") (loop (br 0))))`;
const imports = { m: { f: (x: number) => x * 2 } };

describe.each([
  ["compiler", CompilerRuntime],
  ["interpreter", InterpreterRuntime],
] as const)("@wardian/runtime/%s", (name, Alone) => {
  it("runs bytes with the same results and fuel as all engines together", () => {
    const run = (runtime: InstanceType<typeof Alone | typeof Runtime>): unknown[] => {
      const { exports, fuel, engine } = runtime.instantiateSync(runtime.compileSync(assemble(source)), imports, {
        limits: { fuel: 100_000n },
      });
      const values = [engine.name, exports.fib(15), exports.host(21), fuel.consumed];
      expect(() => exports.spin()).toThrow(/fuel/);
      return values;
    };
    expect(run(new Alone())).toEqual(run(new Runtime({ engine: name })));
  });

  it("says what it leaves out", () => {
    expect(() => new Alone().compileSync("(module)")).toThrow(/use Runtime of "@wardian\/runtime"/);
    expect(() => new Alone({ engine: "platform" })).toThrow(/unknown engine "platform"; expected "auto", "/);
  });
});

describe("the compiler alone", () => {
  it("refuses by name, when a module is compiled, what only the interpreter runs", () => {
    const bytes = assemble("(module (type (struct (field i32))) (func (drop (struct.new_default 0))))");
    expect(() => new CompilerRuntime().compileSync(bytes)).toThrow(/gc/);
    expect(() => new CompilerRuntime({ features: { gc: true } })).toThrow(/"gc" needs Runtime/);
    const sub = assemble("(module (type $a (sub (func))) (type (sub $a (func))))");
    expect(() => new CompilerRuntime().compileSync(sub)).toThrow(/gc/);
    for (const options of [{ builtins: ["js-string"] }, { importedStringConstants: "'" }])
      expect(() => new CompilerRuntime().compileSync(assemble("(module)"), options)).toThrow(/need Runtime of/);
  });

  it("refuses asynchronous calls", async () => {
    const runtime = new CompilerRuntime();
    const module = runtime.compileSync(assemble(source));
    expect(() => runtime.instantiateSync(module, imports, { async: true })).toThrow(/cannot suspend a guest/);
    const instance = runtime.instantiateSync(module, imports);
    expect(instance.canSuspend).toBe(false);
    await expect(instance.async.exports.fib(3)).rejects.toThrow(/cannot suspend a guest/);
  });

  it("translates functions of any size and depth that the parser of JavaScript takes, and says so of others", () => {
    const sum = "(local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 1)))";
    const deep = (depth: number): string =>
      `${"(block ".repeat(depth)} (local.set 0 (i32.const 7)) ${")".repeat(depth)}`;
    const run = (Kind: typeof Runtime | typeof CompilerRuntime, body: string): unknown => {
      const runtime = new Kind({ engine: "compiler" });
      const text = `(module (func (export "f") (param i32) (result i32) ${body} (local.get 0)))`;
      return runtime.instantiateSync(runtime.compileSync(assemble(text))).exports.f(1);
    };
    for (const body of [sum.repeat(20_000), deep(1000)]) expect(run(CompilerRuntime, body)).toBe(run(Runtime, body));
    expect(() => run(CompilerRuntime, deep(5000))).toThrow(/function 0 cannot be translated to JavaScript/);
  });
});

describe("@wardian/runtime/ahead", () => {
  const load = (text: string): CompiledModule => loadCompiled(new Runtime().compileSync(text));

  it("instantiates what was compiled ahead of time", async () => {
    const { exports, engine, fuel } = await instantiateCompiled(load(source), imports, { limits: { fuel: 10_000n } });
    expect([exports.fib(10), exports.host(4), engine]).toEqual([
      55,
      8,
      { name: "compiler", reason: "translated ahead of time" },
    ]);
    expect(() => exports.spin()).toThrow(/fuel/);
    expect(fuel.remaining).toBe(0n);
  });

  it("runs structures, arrays and constants of them", async () => {
    const { exports, fuel } = await instantiateCompiled(
      load(`(module
        (type $point (sub (struct (field $x (mut i64)) (field $y f64))))
        (type $points (array (mut (ref null $point))))
        (global $origin (ref $point) (struct.new $point (i64.const 40) (f64.const 0.5)))
        (func (export "run") (param i32) (result i64) (local $all (ref $points))
          (local.set $all (array.new $points (global.get $origin) (local.get 0)))
          (struct.set $point $x (global.get $origin) (i64.add (struct.get $point $x (global.get $origin)) (i64.const 1)))
          (i64.add (struct.get $point $x (array.get $points (local.get $all) (i32.const 2)))
            (i64.extend_i32_u (ref.test (ref $point) (ref.cast anyref (global.get $origin)))))))`),
      {},
      { limits: { fuel: 1_000n } },
    );
    expect([exports.run(3), fuel.consumed]).toEqual([42n, 19n]);
    expect(() => exports.run(2)).toThrow(/array/);
  });

  it("is asked by a module for the parts that the module uses", () => {
    const partsOf = (text: string, options?: Parameters<Runtime["compileSync"]>[1]): string | undefined =>
      /import \{ instantiateCompiled(.*) \}/.exec(compileAhead(new Runtime().compileSync(text, options)).code)?.[1];
    expect(partsOf(source)).toBe("");
    expect(partsOf("(module (type (struct)) (global anyref (struct.new 0)))")).toBe(", proposals");
    expect(partsOf("(module)", { builtins: ["js-string"] })).toBe(", supplyImports");
  });

  it("refuses what another version has written, and asynchronous calls", async () => {
    const compiled = load(source);
    await expect(instantiateCompiled({ ...compiled, format: 0 }, imports)).rejects.toThrow(
      /run "wardian compile" again/,
    );
    await expect(instantiateCompiled(compiled, imports, { async: true })).rejects.toThrow(/cannot suspend/);
  });

  it("is named by what is written, unless some of it needs the interpreter", () => {
    const runtime = new Runtime({ features: { threads: true } });
    const importOf = (text: string): string | undefined =>
      /from "(.*)";/.exec(compileAhead(runtime.compileSync(text)).code)?.[1];
    expect(importOf(source)).toBe("@wardian/runtime/ahead");
    expect(importOf("(module (type (struct)) (func (drop (struct.new 0))))")).toBe("@wardian/runtime/ahead");
    const wait = "(memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0))";
    expect(importOf(`(module (memory 1 1 shared) (func (drop ${wait})))`)).toBe("@wardian/runtime");
  });
});
