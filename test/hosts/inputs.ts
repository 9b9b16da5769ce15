import { existsSync, readFileSync } from "node:fs";
import { Runtime } from "@wardian/runtime";
import { expect } from "vitest";
import { hasKernels, loadKernels } from "../../bench/src/kernels/kernels.ts";
import { suites } from "../../scripts/places.mjs";
import { lacks } from "../needs.ts";
import type { Report, Work } from "./room/work.ts";

/** The part of the official suite that every host runs: numbers, control, calls, memory, tables, traps, UTF-8, and one file of each later proposal. */
const names = [
  "address",
  "align",
  "br_table",
  "bulk-memory/memory_copy",
  "call",
  "call_indirect",
  "conversions",
  "data",
  "elem",
  "endianness",
  "exceptions/try_table",
  "f32",
  "f32_bitwise",
  "f64",
  "f64_bitwise",
  "fac",
  "float_exprs",
  "float_memory",
  "gc/array",
  "gc/ref_cast",
  "i32",
  "i64",
  "int_exprs",
  "labels",
  "left-to-right",
  "linking",
  "loop",
  "memory_grow",
  "memory_trap",
  "memory64/address64",
  "names",
  "return_call_indirect",
  "simd/simd_f32x4_arith",
  "simd/simd_i8x16_sat_arith",
  "simd/simd_load",
  "table_grow",
  "traps",
  "unreachable",
  "unwind",
].map((name) => `spec/core/${name}.wast`);

/** Kernels for where the shared ones are not: a loop over memory, and recursion with i64. */
const ownKernels = [
  {
    name: "prefix sums",
    n: 1000,
    result: 499500,
    text: `(module (memory 1) (func (export "run") (param $n i32) (result i32) (local $i i32) (local $sum i32)
      (loop $next
        (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $sum))
        (local.set $sum (i32.add (local.get $sum) (local.get $i)))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (local.get $sum)))`,
  },
  {
    name: "fib of i64",
    n: 15,
    result: 610,
    text: `(module (func $fib (param i64) (result i64)
        (if (result i64) (i64.lt_u (local.get 0) (i64.const 2)) (then (local.get 0))
          (else (i64.add (call $fib (i64.sub (local.get 0) (i64.const 1))) (call $fib (i64.sub (local.get 0) (i64.const 2)))))))
      (func (export "run") (param i32) (result i32) (i32.wrap_i64 (call $fib (i64.extend_i32_u (local.get 0))))))`,
  },
];

interface Kernel {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly n: number;
  readonly result: number;
}

function kernels(): Kernel[] {
  const runtime = new Runtime({ engine: "interpreter" });
  const own = ownKernels.map(({ text, ...kernel }) => ({ ...kernel, bytes: runtime.compileSync(text).bytes }));
  const shared = hasKernels
    ? loadKernels().map(({ name, bytes, smallN, smallResult }) => ({ name, bytes, n: smallN, result: smallResult }))
    : [];
  return [...own, ...shared];
}

function scripts(): Work["scripts"] {
  if (lacks(`the official suite (CONTRIBUTING.md says where to get it)`, existsSync(suites))) return [];
  return names.map((name) => ({ name, text: readFileSync(`${suites}/${name}`, "utf8") }));
}

/** The work of all rooms. */
export function workFor(engine: Work["engine"]): Work {
  return {
    engine,
    kernels: kernels().map(({ name, bytes, n }) => ({ name, bytes: [...bytes], n })),
    scripts: scripts(),
  };
}

/** The sign bits of an f32 and of an f64. */
const signs = [1n << 31n, 1n << 63n];
const canonicalNaNs = new Set([0x7fc00000n, 0x7ff8000000000000n]);

const isNaNOf32 = (bits: bigint): boolean => (bits & 0x7fff_ffffn) > 0x7f80_0000n && bits <= 0xffff_ffffn;
const isNaNOf64 = (bits: bigint): boolean => (bits & 0x7fff_ffff_ffff_ffffn) > 0x7ff0_0000_0000_0000n;

/**
 * Whether a command failed because a NaN lost its sign and payload: where another was expected, the canonical one came out. Hosts that keep
 * every value in 64 bits, others in the payloads of NaNs, do that to a number in any variable.
 */
function isLostNaN(failure: string): boolean {
  const [, expected, got] = /expected \[(.*?)\], got \[(.*?)\]$/.exec(failure) ?? [];
  const bitsOf = (text = ""): bigint[] => [...text.matchAll(/0x[0-9a-f]+/g)].map(([digits]) => BigInt(digits));
  const wanted = bitsOf(expected);
  const found = bitsOf(got);
  if (wanted.length === 0 || wanted.length !== found.length) return false;
  // The sign of such a NaN is lost to `copysign` too.
  if (failure.includes(" copysign: "))
    return wanted.every((bits, i) => signs.includes(bits ^ found[i]) || canonicalNaNs.has(found[i]));
  return wanted.every(
    (bits, i) => bits === found[i] || (canonicalNaNs.has(found[i]) && (isNaNOf32(bits) || isNaNOf64(bits))),
  );
}

/** Whether a command failed because a signalling NaN of 64 bits became a quiet one: newer V8s do that to one that passes through a variable. */
function isQuietNaN(failure: string): boolean {
  return /expected \[.*\(0x[7f]ff4000000000000\)\], got \[.*\(0x[7f]ffc000000000000\)\]$/.test(failure);
}

/** What a host's numbers do to NaNs. */
type NaNs = "kept" | "quiet" | "lost";

const excused: Readonly<Record<NaNs, (failure: string) => boolean>> = {
  kept: () => false,
  quiet: isQuietNaN,
  lost: isLostNaN,
};

/** Checks that a room's report says what the interpreter says here: the same results and the same fuel, and no command of the suite fails. */
export function expectRight(report: Report, { engine, scripts }: Work, nans: NaNs = "kept"): void {
  expect(report.engine).toBe(engine);
  expect(report.endings).toEqual([
    "gave 41",
    "integer-divide-by-zero in 3",
    "gave 1",
    "call-stack-exhausted in 2",
    "fuel-exhausted in 4",
  ]);
  const runtime = new Runtime({ engine: "interpreter" });
  const expected = kernels().map(({ name, bytes, n, result }) => {
    const module = runtime.compileSync(bytes);
    const imports: Record<string, Record<string, () => number>> = {};
    for (const item of module.imports) imports[item.module] = { ...imports[item.module], [item.name]: () => 0 };
    const instance = runtime.instantiateSync(module, imports);
    instance.exports.run(n);
    return { name, result, fuel: String(instance.fuel.consumed) };
  });
  expect(report.kernels).toEqual(expected);
  expect(report.suite.failures.filter((failure) => !excused[nans](failure))).toEqual([]);
  if (scripts.length > 0) expect(report.suite.passed).toBeGreaterThan(10_000);
}
