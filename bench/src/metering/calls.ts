import { Runtime } from "@wardian/runtime";
import { measure } from "../measure.ts";
import type { Table } from "../suite.ts";

const text = `(module (import "h" "f" (func $f (param i32) (result i32))) (import "h" "g" (func $g (param i64) (result i64)))
  (func (export "i32") (param i32) (result i32) (local.get 0))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "i32 b") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func (export "i32 c") (param i32) (result i32) (i32.add (local.get 0) (i32.const 2)))
  (func (export "i32 d") (param i32) (result i32) (i32.add (local.get 0) (i32.const 3)))
  (func (export "two") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "host i32") (param i32) (result i32) (local i32)
    (loop (local.set 1 (call $f (local.get 1))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "host i64") (param i32) (result i64) (local i64)
    (loop (local.set 1 (call $g (local.get 1))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))`;

const CALLS = 200_000;

// biome-ignore lint/suspicious/noExplicitAny: exports of several types
type Exports = Record<string, any>;

/** Loops made anew for each candidate, so that none is optimised for another's callee. */
const loops: Readonly<Record<string, string>> = {
  i32: "const f = e.i32; let s = 0; for (let i = 0; i < n; i++) s = f(i); return s;",
  i64: "const f = e.i64; let s = 0n; for (let i = 0; i < n; i++) s = f(5n); return s;",
  two: "const f = e.two; let s = 0; for (let i = 0; i < n; i++) s = f(s, i); return s;",
  "four in turn":
    'const fs = [e.i32, e["i32 b"], e["i32 c"], e["i32 d"]]; let s = 0; for (let i = 0; i < n; i++) s = fs[i & 3](i); return s;',
  "by name":
    'const names = ["i32", "i32 b", "i32 c", "i32 d"]; let s = 0; for (let i = 0; i < n; i++) s = e[names[i & 3]](i); return s;',
  "host i32": 'return e["host i32"](n);',
  "host i64": 'return e["host i64"](n);',
};

/** Nanoseconds of a call between host and guest, raw and metered. */
export async function callTable(): Promise<Table> {
  const imports = { h: { f: (x: number) => (x + 1) | 0, g: (x: bigint) => x + 1n } };
  const runtime = new Runtime({ engine: "platform" });
  const module = runtime.compileSync(text);
  const raw = (): Exports =>
    new WebAssembly.Instance(new WebAssembly.Module(module.bytes as Uint8Array<ArrayBuffer>), imports).exports;
  const sides: readonly (readonly [string, Exports])[] = [
    ["raw", raw()],
    // The least that a function of JavaScript around the platform's can cost, when there are several of its kind.
    ["wrapped", wrapped(raw())],
    ["metered", runtime.instantiateSync(module, imports, { limits: { fuel: 1n << 60n } }).exports],
    ["+ depth", runtime.instantiateSync(module, imports, { limits: { fuel: 1n << 60n, callDepth: 1000 } }).exports],
  ];
  const rows: (string | number)[][] = [];
  for (const [name, loop] of Object.entries(loops)) {
    const times = await measure(
      sides.map(([side, exports]) => {
        const run = new Function("e", "n", loop) as (e: Exports, n: number) => unknown;
        return { name: side, run: () => run(exports, CALLS) };
      }),
      { rounds: 9, minTime: 20, clock: "cpu" },
    );
    const nanoseconds = sides.map(([side]) => ((times.get(side) as number) * 1e6) / CALLS);
    rows.push([name, ...nanoseconds, nanoseconds[2] / nanoseconds[0], nanoseconds[2] / nanoseconds[1]]);
  }
  return {
    title: "Calls between host and guest: nanoseconds",
    columns: ["call", ...sides.map(([side]) => side), "over raw", "over wrapped"],
    rows,
    notes: [
      "wrapped: a JavaScript function with try and catch around the raw export, of one text for all of them",
      "i32, i64 and two: one export in a loop, which the platform compiles into the loop when it is raw",
      `Node ${process.versions.node}`,
    ],
  };
}

function wrapped(exports: Exports): Exports {
  const wrap =
    (fn: (...args: unknown[]) => unknown) =>
    (a: unknown, b: unknown): unknown => {
      try {
        return fn(a, b);
      } catch (error) {
        throw new Error("wrapped", { cause: error });
      }
    };
  return Object.fromEntries(Object.entries(exports).map(([name, fn]) => [name, wrap(fn)]));
}
