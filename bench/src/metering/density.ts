import { execFileSync } from "node:child_process";
import { Runtime } from "@wardian/runtime";
import type { Table } from "../suite.ts";

const COUNT = 10_000;
const text = `(module (import "h" "log" (func $log (param i32))) (memory (export "m") 1) (table 4 funcref)
  (elem (i32.const 0) $f)
  (func $f (export "f") (param i32) (result i32)
    (i32.store (i32.const 0) (local.get 0)) (call $log (i32.const 1)) (i32.load (i32.const 0))))`;

/** Makes many instances, calls each once, and holds them. @returns microseconds and kilobytes of each */
export function fillProcess(kind: string): { microseconds: number; kilobytes: number } {
  const imports = { h: { log: () => {} } };
  const runtime = new Runtime(kind === "raw" ? {} : { engine: kind as "platform" | "interpreter" });
  const module = runtime.compileSync(text);
  const native = new WebAssembly.Module(module.bytes as Uint8Array<ArrayBuffer>);
  const limits = { fuel: 1_000_000n, memory: 1 << 20 };
  const make = (): { exports: Record<string, unknown> } =>
    kind === "raw" ? new WebAssembly.Instance(native, imports) : runtime.instantiateSync(module, imports, { limits });
  make();
  const held: unknown[] = [];
  const before = process.memoryUsage().rss;
  const start = performance.now();
  for (let i = 0; i < COUNT; i++) {
    const instance = make();
    (instance.exports.f as (x: number) => number)(i);
    held.push(instance);
  }
  const microseconds = ((performance.now() - start) * 1000) / held.length;
  return { microseconds, kilobytes: (process.memoryUsage().rss - before) / 1024 / held.length };
}

/** Ten thousand instances in one process, each kind in a process of its own. */
export function densityTable(): Table {
  const rows = ["raw", "platform", "interpreter"].map((kind) => {
    const program = `
      import { fillProcess } from ${JSON.stringify(import.meta.url)};
      console.log(JSON.stringify(fillProcess(${JSON.stringify(kind)})));`;
    const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
    const { microseconds, kilobytes } = JSON.parse(output) as { microseconds: number; kilobytes: number };
    return [kind, microseconds, kilobytes, (kilobytes * COUNT) / 1024];
  });
  return {
    title: `${COUNT} instances of a small module with a memory, each called once`,
    columns: ["engine", "µs each", "KiB each", "MiB in all"],
    rows,
    notes: [`Node ${process.versions.node}; the growth of the process's resident memory`],
  };
}
