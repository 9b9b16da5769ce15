import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Runtime } from "@wardian/runtime";
import { encodeModule, parseModule } from "@wardian/runtime/formats";
import { processorTime } from "../measure.ts";
import type { Table } from "../suite.ts";
import { inProcess } from "./in-process.ts";
import { loadPeer } from "./peers.ts";

const FUNCTIONS = 2000;
/** So many that the module has 512 KB. */
const STATEMENTS = 15;

/** Statements of a function, of the kinds that compilers emit; `k` makes each function another. */
function statements(k: number, count: number): string {
  const lines: string[] = [];
  for (let i = 0; i < count; i++) {
    const address = 16 * ((k * 31 + i * 7) % 4000);
    switch ((k + i) % 5) {
      case 0:
        lines.push(
          `local.get 1 local.get 0 i32.const ${k + i} i32.add i32.mul i32.const ${(i % 31) + 1} i32.rotl local.set 1`,
        );
        break;
      case 1:
        lines.push(
          `i32.const ${address} i32.const ${address} i32.load offset=4 local.get 1 i32.xor i32.store offset=4`,
        );
        break;
      case 2:
        lines.push(
          `local.get 2 i64.const ${k * 1_000_003 + i} i64.mul local.get 1 i64.extend_i32_u i64.add local.set 2`,
        );
        break;
      case 3:
        lines.push(`local.get 1 i32.const ${i} i32.gt_u if local.get 1 i32.const ${k} i32.sub local.set 1 end`);
        break;
      default:
        lines.push(`local.get 3 f64.const ${i + 0.5} f64.mul local.get 1 f64.convert_i32_s f64.add local.set 3`);
    }
  }
  return lines.join("\n");
}

/** A module of 512 KB and 2,000 functions. Its `run` calls every `step`th of them. */
export function largeModule(step: number): Uint8Array {
  const { features } = new Runtime();
  const functions = Array.from(
    { length: FUNCTIONS },
    (_, k) => `(func $f${k} (param i32) (result i32) (local i32 i64 f64)
        ${statements(k, STATEMENTS)}
        local.get 1 local.get 2 i32.wrap_i64 i32.xor local.get 3 i64.reinterpret_f64 i32.wrap_i64 i32.xor)`,
  );
  const calls = Array.from(
    { length: Math.ceil(FUNCTIONS / step) },
    (_, i) => `local.get 0 call $f${i * step} local.set 0`,
  );
  const text = `(module (memory 1) ${functions.join("\n")}
      (func (export "run") (param i32) (result i32) ${calls.join(" ")} local.get 0))`;
  return encodeModule(parseModule(text, features).module);
}

/** Milliseconds of processor time to the result of the first call, for a process that has done nothing else. */
export async function timeFirstResult(translator: string, file: string): Promise<number> {
  const bytes = new Uint8Array(readFileSync(file));
  const peer = translator === "polywasm" ? await loadPeer(translator) : undefined;
  const start = processorTime();
  if (translator === "compiler") {
    const runtime = new Runtime({ engine: "compiler" });
    runtime.instantiateSync(runtime.compileSync(bytes)).exports.run(1);
  } else if (translator === "native") {
    const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
    (new WebAssembly.Instance(module).exports.run as (n: number) => number)(1);
  } else peer!.run(bytes)(1);
  return processorTime() - start;
}

/** Start-up: all of it in a process of its own each time, since what a translator has been warmed up with must not help it. */
export async function startUpTable(): Promise<Table> {
  const names = ["native", "compiler", ...((await loadPeer("polywasm")) === undefined ? [] : ["polywasm"])];
  const folder = mkdtempSync(join(tmpdir(), "wardian-bench-"));
  try {
    const rows = [100, 10, 1].map((step) => {
      const file = join(folder, `${step}.wasm`);
      writeFileSync(file, largeModule(step));
      const times = names.map((name) => {
        const runs = Array.from(
          { length: 5 },
          () => inProcess(import.meta.url, "timeFirstResult", name, file) as number,
        );
        return Math.min(...runs);
      });
      return [`${FUNCTIONS / step} of ${FUNCTIONS} functions called`, ...times];
    });
    return {
      title: "Start-up: milliseconds of processor time from the bytes of a module of 512 KB to its first result",
      columns: ["what the first call reaches", ...names],
      rows,
      notes: ["each in a process of its own, least of five; wasm2js, a tool for the build, takes minutes"],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
