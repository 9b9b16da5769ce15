import { describe, expect, test } from "vitest";
import { Runtime } from "../../../api/runtime.ts";
import { decodeModule } from "../../../binary/decode.ts";
import { opcodeAt, skipInstruction } from "../../../metering/instruction-shape.ts";
import { planFunctions } from "../../../metering/plan.ts";
import { allFeatures } from "../../../wasm/features.ts";
import { instructions } from "../../../wasm/instructions.ts";
import * as OP from "../../../wasm/opcodes.ts";
import { type RewriteOptions, signatureOf } from "./layout.ts";
import { Rewriter } from "./rewrite.ts";

/** How the platform is served, and what is counted beside. */
const ways: readonly Partial<RewriteOptions>[] = [
  { carries: false },
  { carries: true },
  { carries: true, depth: true },
  { carries: false, depth: true, exactFuel: true },
];

const host = { add: (a: number, b: number): number => (a + b) | 0 };

/** Rewrites a module by itself, without limits but those that are given. */
function rewritten(text: string, how: Partial<RewriteOptions>): Uint8Array {
  const { syntax } = new Runtime({ engine: "interpreter" }).compileSync(text);
  const options: RewriteOptions = {
    depth: false,
    exactFuel: false,
    deterministic: false,
    suspends: false,
    shared: false,
    carries: false,
    alignsFirst: true,
    memory: Number.POSITIVE_INFINITY,
    tableElements: Number.POSITIVE_INFINITY,
    hostCosts: new Array<number>(syntax.importCounts.func).fill(1),
    subtyped: [],
    builtins: new Array<undefined>(syntax.importCounts.func).fill(undefined),
    stringConstants: undefined,
    ...how,
  };
  return new Rewriter(syntax, options, planFunctions(syntax)).rewrite("rewritten");
}

/** Runs a rewritten module with a refuelling that gives next to nothing: so it stops at nearly every check. */
function runInSlices(text: string, how: Partial<RewriteOptions>, slice: number, args: readonly unknown[]): unknown {
  const { syntax } = new Runtime({ engine: "interpreter" }).compileSync(text);
  const bytes = rewritten(text, how);
  let granted = 0;
  let stops = 0;
  const refuel = (fuel: number): number => {
    granted += slice - fuel;
    stops++;
    return slice;
  };
  const overflow = (): void => {
    throw new Error("there is no limit of depth here");
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>), {
    w: { refuel, settle: () => 0, overflow, f0: host.add },
  });
  const fuel = exports.fuel as WebAssembly.Global;
  if (how.depth) (exports.depth as WebAssembly.Global).value = 10_000;
  const { index } = syntax.exports.find(({ name }) => name === "run") as { index: number };
  const { results } = signatureOf(syntax, index);
  const result = (exports[`f${index}`] as (...args: readonly unknown[]) => unknown)(...args);
  return { result: results.length === 0 ? undefined : result, consumed: granted - (fuel.value as number), stops };
}

function reference(text: string, args: readonly unknown[]): { result: unknown; consumed: number } {
  const runtime = new Runtime({ engine: "interpreter" });
  const instance = runtime.instantiateSync(runtime.compileSync(text), { h: host });
  const result = instance.exports.run(...args);
  return { result, consumed: Number(instance.fuel.consumed) };
}

/** The result and the fuel of a guest that is stopped all the time are those of one that is never stopped. */
function stopsUnseen(text: string, ...args: readonly unknown[]): void {
  const expected = reference(text, args);
  for (const how of ways)
    for (const slice of [0, 1, 7, 100]) {
      const { stops, ...outcome } = runInSlices(text, how, slice, args) as { stops: number };
      expect({ how, slice, ...outcome }).toEqual({ how, slice, ...expected });
      if (slice === 0) expect(stops).toBeGreaterThan(5);
    }
}

/** Values of all types, one of each: what a function is given and what a loop changes. */
const values = "(local $i i32) (local $l i64) (local $f f32) (local $d f64) (local $v v128) (local $r externref)";
const change = `
  (local.set $i (i32.add (i32.mul (local.get $i) (i32.const 31)) (i32.const 7)))
  (local.set $l (i64.add (i64.mul (local.get $l) (i64.const 31)) (i64.extend_i32_s (local.get $i))))
  (local.set $f (f32.add (f32.mul (local.get $f) (f32.const 0.5)) (f32.convert_i32_s (local.get $i))))
  (local.set $d (f64.add (f64.mul (local.get $d) (f64.const 0.5)) (f64.convert_i64_s (local.get $l))))
  (local.set $v (i64x2.add (local.get $v) (i64x2.splat (local.get $l))))
  (local.set $r (select (result externref) (local.get $r) (ref.null extern) (i32.const 1)))`;
const sum = `(i64.add (i64.add (i64.add (local.get $l) (i64.extend_i32_s (local.get $i)))
    (i64.extend_i32_u (i32.reinterpret_f32 (local.get $f))))
  (i64.add (i64.reinterpret_f64 (local.get $d)) (i64x2.extract_lane 1 (local.get $v))))`;

describe("a guest that is stopped at its checks goes on as if it had not been", () => {
  test("at entries, with parameters of all types", () => {
    stopsUnseen(
      `(module (func $down (param $n i32) (param $i i32) (param $l i64) (param $f f32) (param $d f64) (param $v v128)
          (param $r externref) (result i64)
        ${change}
        (if (result i64) (local.get $n)
          (then (i64.sub (call $down (i32.sub (local.get $n) (i32.const 1)) (local.get $i) (local.get $l) (local.get $f)
            (local.get $d) (local.get $v) (local.get $r)) (i64.const 3)))
          (else (if (ref.is_null (local.get $r)) (then unreachable)) ${sum})))
      (func (export "run") (param externref) (result i64)
        (call $down (i32.const 20) (i32.const 1) (i64.const 2) (f32.const 3) (f64.const 4)
          (v128.const i64x2 5 6) (local.get 0))))`,
      "a reference",
    );
  });

  test("at back edges, with locals of all types", () => {
    stopsUnseen(
      `(module (func (export "run") (param $n i32) (param $again externref) (result i64) ${values}
        (local.set $r (local.get $again))
        (loop $loop ${change} (br_if $loop (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (if (ref.is_null (local.get $r)) (then unreachable))
        ${sum}))`,
      30,
      "a reference",
    );
  });

  test("in loops in loops, with and without calls, of several back edges", () => {
    stopsUnseen(
      `(module (func $odd (param i32) (result i32) (loop) (i32.and (local.get 0) (i32.const 1)))
      (func (export "run") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $sum i32) (local $unused i64)
        (loop $outer
          (local.set $j (i32.const 0))
          (loop $plain
            (local.set $sum (i32.add (local.get $sum) (local.get $j)))
            (br_if $plain (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $i))))
          (loop $calling
            (if (call $odd (local.get $j)) (then
              (local.set $j (i32.sub (local.get $j) (i32.const 1)))
              (br $calling)))
            (local.set $sum (i32.xor (i32.mul (local.get $sum) (i32.const 5)) (local.get $j)))
            (br_if $calling (i32.gt_s (local.tee $j (i32.sub (local.get $j) (i32.const 3))) (i32.const 0))))
          (local.set $unused (i64.extend_i32_u (local.get $j)))
          (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (local.get $sum)))`,
      12,
    );
  });

  test("in loops with parameters and results, with operands below", () => {
    stopsUnseen(
      `(module (func $id (param i32) (result i32) (loop) (local.get 0))
      (func (export "run") (param $n i32) (result i32) (local $x i32)
        i32.const 1000
        local.get $n
        loop $l (param i32) (result i32)
          i32.const 3  i32.mul  i32.const 3  i32.add  local.set $x
          local.get $x
          local.get $n  i32.const 1  i32.sub  local.tee $n  br_if $l
        end
        i32.const 9  local.set $n
        loop $m (param i32) (result i32)
          i32.const 21  i32.xor  call $id  local.set $x
          local.get $x
          local.get $n  i32.const 1  i32.sub  local.tee $n  br_if $m
        end
        i32.sub))`,
      9,
    );
  });

  test("in tables, through leaves, host functions and tail calls", () => {
    stopsUnseen(
      `(module (type $two (func (param i32 i32) (result i32)))
      (import "h" "add" (func $add (type $two)))
      (table funcref (elem $leaf $add $twice $tail))
      (func $leaf (type $two) (i32.mul (local.get 0) (local.get 1)))
      (func $twice (type $two) (i32.add
        (call_indirect (type $two) (local.get 0) (local.get 1) (i32.const 0))
        (call_indirect (type $two) (local.get 1) (local.get 0) (i32.const 1))))
      (func $tail (type $two) (if (result i32) (i32.eqz (local.get 0))
        (then (return_call_indirect (type $two) (local.get 0) (local.get 1) (i32.const 2)))
        (else (return_call_indirect (type $two) (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 1))
          (i32.const 3)))))
      (func (export "run") (param i32) (result i32) (local i32 i32)
        (loop
          (local.set 1 (i32.add (local.get 1)
            (call_indirect (type $two) (local.get 0) (local.get 1) (local.get 2))))
          (local.set 2 (i32.rem_u (i32.add (local.get 2) (i32.const 1)) (i32.const 4)))
          (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get 1)))`,
      25,
    );
  });

  test("in loops whose head is a table, as Go writes them", () => {
    // A trace of the places that were passed, as digits to the base 8.
    const mark = (place: number): string =>
      `(local.set $trace (i64.add (i64.mul (local.get $trace) (i64.const 8)) (i64.const ${place})))`;
    const jump = (place: number, label = "$loop"): string => `(i32.const ${place}) (local.set $at) (br ${label})`;
    const dispatcher = (call: string): string => `(module (func $id (param i32) (result i32) (loop) (local.get 0))
      (func (export "run") (param $n i32) (result i64) (local $at i32) (local $other i32) (local $trace i64)
        (loop $loop
          (block $d (block $c (block $b (block $a (block $start
            (br_table $start $a $b $c $loop $d (local.get $at)))
            ${mark(1)}
            (if (i32.and (local.get $n) (i32.const 1)) (then ${jump(2)}))
            (if (i32.and (local.get $n) (i32.const 2)) (then ${jump(3)}))
            (if (i32.and (local.get $n) (i32.const 4)) (then ${jump(99)}))
            (if (i32.and (local.get $n) (i32.const 8)) (then ${jump(-1)})))
            ${mark(2)} ${call}
            (loop $inner (if (i32.and (local.get $n) (i32.const 16)) (then
              (local.set $n (i32.sub (local.get $n) (i32.const 16))) ${jump(3)}))
              (br_if $inner (i32.const 0))))
            ${mark(3)}
            (block (block (if (i32.and (local.get $n) (i32.const 32)) (then
              (local.set $n (i32.sub (local.get $n) (i32.const 32))) ${jump(1)}))))
            (i32.const 3) (local.set $other) (local.set $at (i32.const 3)) (nop) (br $loop))
            ${mark(4)})
          ${mark(5)}
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (if (i32.gt_s (local.get $n) (i32.const 0)) (then ${jump(0)})))
        (local.get $trace)))`;
    for (const n of [5, 21, 31, 51, 63]) {
      stopsUnseen(dispatcher(""), n);
      stopsUnseen(dispatcher("(drop (call $id (local.get $n)))"), n);
    }
  });
});

test("a function may have as many parameters as the platform's own limit leaves beside the fuel", () => {
  const params = new Array<string>(999).fill("i32").join(" ");
  const args = Array.from({ length: 999 }, (_, i) => `(i32.const ${i})`).join(" ");
  const text = `(module
    (func $last (param ${params}) (result i32) (call $more) (local.get 998))
    (func $more (if (i32.eqz (i32.const 1)) (then (call $more))))
    (func (export "f") (result i32) (call $last ${args})))`;
  const runtime = new Runtime({ engine: "platform" });
  expect(runtime.instantiateSync(runtime.compileSync(text)).exports.f()).toBe(998);
});

describe("deterministic code has no relaxed instruction", () => {
  const relaxed = instructions.filter(({ feature }) => feature === "relaxed-simd");
  const opcodes = new Set(relaxed.map(({ opcode }) => opcode));
  test("of which there are twenty", () => expect(relaxed).toHaveLength(20));

  /** The instructions of functions that hold one relaxed instruction each. */
  function written(body: (code: string) => string): number[] {
    const functions = relaxed.map(({ name, params }) => {
      const operands = (params as readonly number[]).map(() => "(v128.const i64x2 1 2)").join(" ");
      return `(func (result v128) ${body(`(${name} ${operands})`)})`;
    });
    const { bodies } = decodeModule(
      rewritten(`(module ${functions.join("\n")})`, { deterministic: true }),
      allFeatures,
    );
    return bodies.flatMap(({ bytes, start, end }) => {
      const found: number[] = [];
      for (let pos = start; pos < end; pos = skipInstruction(bytes, pos)) found.push(opcodeAt(bytes, pos));
      return found;
    });
  }

  test.each([
    ["in functions that are not metered", (code: string) => code],
    ["in metered functions", (code: string) => `(loop $l (br_if $l (i32.const 0))) ${code}`],
  ])("%s", (_, body) => {
    const found = written(body);
    expect(found.filter((opcode) => opcodes.has(opcode))).toEqual([]);
    for (const opcode of [OP.I8X16_SWIZZLE, OP.F32X4_MUL, OP.I32X4_EXTADD_PAIRWISE_I16X8_S])
      expect(found).toContain(opcode);
  });
});

test("a limit is the maximum of a memory or table only where the module has one, and made it", () => {
  const limits = { memory: 3 * 65536 + 1, tableElements: 10 };
  /** The maxima after rewriting. */
  const maxima = (text: string): readonly (readonly (bigint | undefined)[])[] => {
    const { memories, tables } = decodeModule(rewritten(text, limits), allFeatures);
    // The rewriter adds tables of its own behind those of the module.
    const count = text.split("(table").length - 1;
    return [memories.map(({ max }) => max), tables.slice(0, count).map(({ type }) => type.max)];
  };
  const grows = `(func (drop (memory.grow (i32.const 1))) (drop (table.grow 0 (ref.null func) (i32.const 1))))`;
  expect(maxima(`(module (memory 1) (table 1 funcref) ${grows})`)).toEqual([[3n], [10n]]);
  expect(maxima(`(module (memory 1 2) (table 1 5 funcref) ${grows})`)).toEqual([[2n], [5n]]);
  expect(maxima(`(module (memory 1 9) (table 1 50 funcref) ${grows})`)).toEqual([[3n], [10n]]);
  // The limit is for all together, and what is imported may be another instance's: the host decides each growth.
  expect(maxima(`(module (memory 1) (memory 1 5) (table 1 funcref) (table 1 5 funcref) ${grows})`)).toEqual([
    [undefined, 5n],
    [undefined, 5n],
  ]);
  expect(maxima(`(module (import "h" "m" (memory 1)) (import "h" "t" (table 1 funcref)) ${grows})`)).toEqual([
    [undefined],
    [undefined],
  ]);
});
