import { describe, expect, it } from "vitest";
import { Runtime } from "../../api/runtime.ts";
import { loadCompiled } from "../../testing/load-compiled.ts";
import { compileAhead } from "./ahead.ts";
import type { CompiledModule } from "./compiled-module.ts";

const source = `(module (import "m" "f" (func $f (param i64) (result i64)))
  (memory (export "memory") 1) (global (export "a name") (mut f32) (f32.const 1))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "call") (param i64 f64 externref) (result i64 f64) (call $f (local.get 0)) (local.get 1))
  (func (export "load") (param i32) (drop (i64.load (local.get 0)))))`;

describe("compiling ahead of time", () => {
  const module = new Runtime().compileSync(source);
  const { types } = compileAhead(module);
  const imports = { m: { f: (x: bigint) => -x } };

  it("writes a module that the runtime takes for the module it was made from", () => {
    const compiled = loadCompiled(module);
    expect(Object.keys(compiled.functions)).toEqual(["1", "2", "3"]);
    const results = (["interpreter", "compiler"] as const).map((engine) => {
      const runtime = new Runtime({ engine });
      const again = runtime.compileSync(engine === "compiler" ? compiled : module.bytes);
      expect(again.bytes).toEqual(module.bytes);
      const { exports, fuel } = runtime.instantiateSync(again, imports, { limits: { callDepth: 12 } });
      const trap = (run: () => unknown): unknown => {
        try {
          return run();
        } catch (error) {
          return (error as { code: string }).code;
        }
      };
      const values = [
        exports.fib(11),
        exports.call(5n, 0.5, {}),
        trap(() => exports.load(65535)),
        trap(() => exports.fib(13)),
      ];
      return [...values, fuel.consumed];
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[0].slice(0, 4)).toEqual([89, [-5n, 0.5], "out-of-bounds-memory", "call-stack-exhausted"]);
  });

  it("uses the functions that were written, and translates again what another version wrote", () => {
    const compiled = loadCompiled(module);
    let made = 0;
    const functions = { ...compiled.functions, 1: ["U", () => () => 7 + 0 * made++, false] as const };
    const fib = (given: CompiledModule): unknown =>
      new Runtime({ engine: "compiler" }).instantiateSync(new Runtime().compileSync(given), imports).exports.fib(5);
    expect(fib({ ...compiled, functions })).toBe(7);
    expect(fib({ ...compiled, functions, format: 0 })).toBe(5);
    expect(made).toBe(1);
  });

  it("declares what is exported", () => {
    expect(types).toContain('readonly "fib": (p0: number) => number;');
    expect(types).toContain('readonly "call": (p0: bigint, p1: number, p2: unknown) => [bigint, number];');
    expect(types).toContain('readonly "a name": Global;');
    expect(types).toMatch(
      /import type \{ CompiledModule, Global, ImportObject, Instance, InstantiateOptions, Memory \}/,
    );
  });

  it("refuses a module whose bytes are damaged", () => {
    expect(() => new Runtime().compileSync({ ...loadCompiled(module), wasm: "AAA" })).toThrow(TypeError);
  });
});
