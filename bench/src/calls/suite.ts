import { type EngineName, Runtime } from "@wardian/runtime";
import { measure } from "../measure.ts";
import type { Suite, Table } from "../suite.ts";

const text = `(module (import "h" "f" (func $f (param i32) (result i32)))
  (func $g (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func (export "in") (param i32) (result i32) (local.get 0))
  (func (export "out") (param i32) (result i32) (local i32)
    (loop (local.set 1 (call $f (local.get 1))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "within") (param i32) (result i32) (local i32)
    (loop (local.set 1 (call $g (local.get 1))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))`;

const CALLS = 100_000;

type Exports = Record<string, (n: number) => number>;

/** Loops made anew for each candidate, so that none is optimised for another's callee. */
const loops: Readonly<Record<string, string>> = {
  "host to guest": "const f = e.in; let s = 0; for (let i = 0; i < n; i++) s = f(i); return s;",
  "guest to host": "return e.out(n);",
  "guest to guest, in a loop": "return e.within(n);",
};

const engines: readonly EngineName[] = ["platform", "compiler", "interpreter"];

/** Nanoseconds of a call between host and guest on every engine, beside the platform's own. */
export const callSuite: Suite = {
  name: "calls",
  description: "calls between host and guest on all engines, beside the platform's own WebAssembly",
  async run(): Promise<Table[]> {
    const imports = { h: { f: (x: number) => (x + 1) | 0 } };
    const bytes = new Runtime().compileSync(text).bytes as Uint8Array<ArrayBuffer>;
    const sides: [string, Exports][] = [
      ["raw", new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports as unknown as Exports],
    ];
    for (const engine of engines) {
      const runtime = new Runtime({ engine });
      sides.push([engine, runtime.instantiateSync(runtime.compileSync(bytes), imports).exports as Exports]);
    }
    const rows: (string | number)[][] = [];
    for (const [name, loop] of Object.entries(loops)) {
      const times = await measure(
        sides.map(([side, exports]) => {
          const run = new Function("e", "n", loop) as (e: Exports, n: number) => unknown;
          return { name: side, run: () => run(exports, CALLS) };
        }),
        { rounds: 15, minTime: 20, clock: "cpu" },
      );
      rows.push([name, ...sides.map(([side]) => ((times.get(side) as number) * 1e6) / CALLS)]);
    }
    return [
      {
        title: "Calls: nanoseconds",
        columns: ["call", ...sides.map(([side]) => side)],
        rows,
        notes: [`Node ${process.versions.node}; fuel is counted on all engines but the platform's raw code`],
      },
    ];
  },
};
