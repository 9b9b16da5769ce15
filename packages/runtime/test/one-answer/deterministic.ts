import assert from "node:assert/strict";
import { Global } from "../../src/index.ts";
import { type Instruction, instructions } from "../../src/wasm/instructions.ts";
import { F32, F64, I32, I64, V128 } from "../../src/wasm/types.ts";
import { instances, type Scenarios } from "./engines.ts";

const CANONICAL_F32 = 0x7fc00000n;
const CANONICAL_F64 = 0x7ff8000000000000n;

/** Bits of floats: NaNs of both signs, quiet and signalling, and numbers. */
const bits32 = [
  0x7fc00000n,
  0xffc00000n,
  0x7fa00000n,
  0xff800001n,
  0x7fffffffn,
  0x3f800000n,
  0n,
  0x80000000n,
  0x7f800000n,
  0xff800000n,
  0x4f000000n,
];
const bits64 = [
  0x7ff8000000000000n,
  0xfff8000000000000n,
  0x7ff4000000000000n,
  0xfff0000000000001n,
  0x7fffffffffffffffn,
  0x3ff0000000000000n,
  0n,
  0x8000000000000000n,
  0x7ff0000000000000n,
  0xfff0000000000000n,
];
const integers = [0n, 1n, -1n, 0x7fff8000n, 0x8081828384858687n, 0x7f80ff7f807f8080n];

/** From two i64 parameters, of which a vector needs both. */
const argumentsOf = new Map<number, (i: number) => string>([
  [I32, (i) => `(i32.wrap_i64 (local.get $a${i}))`],
  [I64, (i) => `(local.get $a${i})`],
  [F32, (i) => `(f32.reinterpret_i32 (i32.wrap_i64 (local.get $a${i})))`],
  [F64, (i) => `(f64.reinterpret_i64 (local.get $a${i}))`],
  [V128, (i) => `(i64x2.replace_lane 1 (i64x2.splat (local.get $a${i})) (local.get $b${i}))`],
]);

/** To two i64 results. */
const resultsOf = new Map<number, (code: string) => string>([
  [I32, (code) => `(i64.extend_i32_u ${code}) (i64.const 0)`],
  [I64, (code) => `${code} (i64.const 0)`],
  [F32, (code) => `(i64.extend_i32_u (i32.reinterpret_f32 ${code})) (i64.const 0)`],
  [F64, (code) => `(i64.reinterpret_f64 ${code}) (i64.const 0)`],
  [
    V128,
    (code) => `(local.set $r ${code}) (i64x2.extract_lane 0 (local.get $r)) (i64x2.extract_lane 1 (local.get $r))`,
  ],
]);

const touching = instructions.filter(
  ({ name, params, results, immediates }) =>
    /f32|f64|relaxed|v128\./.test(name) &&
    params !== undefined &&
    results?.length === 1 &&
    params.every((type) => argumentsOf.has(type)) &&
    immediates.every((kind) => kind === "lane") &&
    !/\.trunc_f/.test(name),
);

function functionOf({ name, params, results, immediates }: Instruction): string {
  const types = params as readonly number[];
  const args = types.map((type, i) => (argumentsOf.get(type) as (i: number) => string)(i));
  const code = `(${name} ${immediates.length > 0 ? "1" : ""} ${args.join(" ")})`;
  const declared = types.map((_, i) => `(param $a${i} i64) (param $b${i} i64)`).join(" ");
  const result = (results as readonly number[])[0];
  const body = (resultsOf.get(result) as (code: string) => string)(code);
  return `(func (export "${name}") ${declared} (result i64 i64) (local $r v128) ${body})`;
}

/** Calls with every pair of operands that the instruction's lanes make different. */
function* callsOf({ name, params }: Instruction): Generator<bigint[]> {
  const types = params as readonly number[];
  const double = types.includes(F64) || /^f64x2|_f64/.test(name);
  const lanes = double ? bits64 : bits32.map((low, i) => low | (bits32[(i * 5 + 1) % bits32.length] << 32n));
  const isFloat = /f32|f64/.test(name);
  const values = types.map((type) =>
    type === F32 ? bits32 : type === F64 ? bits64 : type === V128 && isFloat ? lanes : integers,
  );
  const deep = (i: number, args: bigint[]): bigint[][] =>
    i === values.length
      ? [args]
      : values[i].flatMap((value, k) => deep(i + 1, [...args, value, values[i][(k * 7 + 3) % values[i].length]]));
  yield* deep(0, []);
}

const isNaN64 = (bits: bigint): boolean => (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n;
const isNaN32 = (bits: bigint): boolean => (bits & 0x7fffffffn) > 0x7f800000n;
const arithmetic =
  /\.(add|sub|mul|div|sqrt|min|max|ceil|floor|trunc|nearest|demote\w*|promote\w*|relaxed_(n?madd|min|max))$/;

function expectCanonical(name: string, [low, high]: readonly bigint[]): void {
  if (!arithmetic.test(name)) return;
  if (name.startsWith("f64"))
    for (const bits of [low, high]) assert.ok(!isNaN64(bits) || bits === CANONICAL_F64, `${name} gave ${bits}`);
  else if (name.startsWith("f32"))
    for (const bits of [low & 0xffffffffn, low >> 32n, high & 0xffffffffn, high >> 32n])
      assert.ok(!isNaN32(bits) || bits === CANONICAL_F32, `${name} gave ${bits}`);
}

/** A NaN as JavaScript has it, with these bits. */
const nan = (bits: bigint): number => new Float64Array(new BigUint64Array([bits]).buffer)[0];

/** Ways of a value from arithmetic to where its bits are seen. Each is written for one type, `T`, whose integer is `I`. */
const ways = `(module (memory 1)
  (global $g (mut T) (T.const 0))
  (func $bad (result T) (T.div (T.const 0) (T.const 0)))
  (func $same (param T) (result T) (local.get 0))
  (func (export "store") (param i32) (result I) (T.store (i32.const 8) (T.sub (T.const inf) (T.const inf))) (I.load (i32.const 8)))
  (func (export "local") (param i32) (result I) (local T)
    (local.set 1 (T.sqrt (T.const -1))) (I.reinterpret_T (local.get 1)))
  (func (export "mixed") (param i32) (result I) (local T)
    (local.set 1 (T.load (i32.const 64)))
    (if (local.get 0) (then (local.set 1 (T.add (local.get 1) (T.const 1)))))
    (I.reinterpret_T (local.get 1)))
  (func (export "accumulated") (param i32) (result I) (local T)
    (loop $l
      (local.set 1 (T.add (local.get 1) (T.sub (T.const inf) (T.const inf))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (I.reinterpret_T (local.get 1)))
  (func (export "global") (param i32) (result I)
    (global.set $g (T.mul (T.const 0) (T.const inf))) (I.reinterpret_T (global.get $g)))
  (func (export "call") (param i32) (result I) (I.reinterpret_T (call $same (T.min (T.const nan) (T.const 1)))))
  (func (export "result") (param i32) (result I) (I.reinterpret_T (call $bad)))
  (func (export "block") (param i32) (result I)
    (I.reinterpret_T (block $b (result T) (br_if $b (T.sqrt (T.const -1)) (local.get 0)) (drop) (T.const 7))))
  (func (export "if") (param i32) (result I)
    (I.reinterpret_T (if (result T) (local.get 0) (then (T.sqrt (T.const -1))) (else (T.const 7)))))
  (func (export "select") (param i32) (result I)
    (I.reinterpret_T (select (T.sqrt (T.const -1)) (T.const 7) (local.get 0))))
  (func (export "negated") (param i32) (result I) (I.reinterpret_T (T.neg (T.sqrt (T.const -1)))))
  (func (export "absolute") (param i32) (result I) (I.reinterpret_T (T.abs (T.sqrt (T.const -1)))))
  (func (export "signed") (param i32) (result I) (I.reinterpret_T (T.copysign (T.sqrt (T.const -1)) (T.const -1))))
  (func (export "sign") (param i32) (result I) (I.reinterpret_T (T.copysign (T.const 1) (T.sqrt (T.const -1)))))
  (func (export "tee") (param i32) (result I) (local T)
    (I.reinterpret_T (local.tee 1 (T.sqrt (T.const -1)))))
  (func (export "kept") (param i32) (result I) (local T)
    (local.set 1 (T.neg (T.load (i32.const 64)))) (I.reinterpret_T (local.get 1)))
  (data (i32.const 64) "PAYLOAD"))`;

const types = {
  f32: { integer: "i32", canonical: 0x7fc00000n, sign: 0x80000000n, payload: "\\34\\12\\a0\\7f", bits: 0x7fa01234n },
  f64: {
    integer: "i64",
    canonical: CANONICAL_F64,
    sign: 1n << 63n,
    payload: "\\34\\12\\00\\00\\00\\00\\f4\\7f",
    bits: 0x7ff4000000001234n,
  },
} as const;

export const deterministic: Scenarios = {
  "every instruction on floats gives the same bits, and arithmetic gives canonical NaNs"() {
    const all = instances(`(module ${touching.map(functionOf).join("\n")})`, {}, { deterministic: true });
    for (const instruction of touching)
      for (const args of callsOf(instruction)) {
        const signed = args.map((value) => BigInt.asIntN(64, value));
        let expected: string | undefined;
        for (const [engine, { exports }] of all) {
          const results = (exports[instruction.name](...signed) as bigint[]).map((bits) => BigInt.asUintN(64, bits));
          expectCanonical(instruction.name, results);
          const text = results.join();
          expected ??= text;
          if (text !== expected)
            assert.equal(`${engine} ${text}`, `${engine} ${expected}`, `${instruction.name} ${args}`);
        }
      }
  },

  "a NaN of arithmetic is canonical wherever it is seen, and others keep their bits"() {
    for (const [type, { integer, canonical, sign, payload, bits }] of Object.entries(types)) {
      const source = ways
        .replaceAll("(result I)", `(result ${integer})`)
        .replace(/\bT\b|(?<=reinterpret_)T\b/g, type)
        .replace(/\bI\b(?=\.)/g, integer)
        .replace("PAYLOAD", payload);
      const exact: Record<string, bigint> = {
        negated: canonical | sign,
        signed: canonical | sign,
        sign: type === "f32" ? 0x3f800000n : 0x3ff0000000000000n,
        kept: bits | sign,
      };
      for (const [engine, { exports }] of instances(source, {}, { deterministic: true })) {
        // Often enough for code to be optimised.
        for (let round = 0; round < 2000; round++)
          for (const name of Object.keys(exports)) {
            const given = BigInt.asUintN(type === "f32" ? 32 : 64, BigInt(exports[name](1) as number | bigint));
            const expected = exact[name] ?? canonical;
            if (given !== expected)
              assert.equal(`${engine} ${type} ${name} ${given}`, `${engine} ${type} ${name} ${expected}`);
          }
        const mixed = BigInt.asUintN(type === "f32" ? 32 : 64, BigInt(exports.mixed(0) as number | bigint));
        assert.equal(mixed, bits, `${engine} ${type}: what no arithmetic has seen keeps its bits`);
      }
    }
  },

  async "a NaN of the host is canonical in the guest"() {
    const source = `(module
      (import "h" "f64" (func $f64 (result f64))) (import "h" "f32" (func $f32 (result f32)))
      (import "h" "two" (func $two (result f32 f64))) (import "h" "global" (global $g (mut f64)))
      (func (export "f64") (result i64) (i64.reinterpret_f64 (call $f64)))
      (func (export "f32") (result i32) (i32.reinterpret_f32 (call $f32)))
      (func (export "two") (result i64) (local f64) (call $two) (local.set 0) (drop) (i64.reinterpret_f64 (local.get 0)))
      (func (export "argument") (param f64) (result i64) (i64.reinterpret_f64 (local.get 0)))
      (func (export "small") (param f32) (result i32) (i32.reinterpret_f32 (local.get 0)))
      (func (export "global") (result i64) (i64.reinterpret_f64 (global.get $g))))`;
    for (const bits of [0xfff8000000000000n, 0x7ff8000000000001n, 0xfff4000000000001n]) {
      const value = nan(bits);
      const imports = (give: <T>(value: T) => unknown) => ({
        h: {
          f64: () => give(value),
          f32: () => give(value),
          two: () => give([value, value]),
          global: new Global({ value: "f64", mutable: true }, value),
        },
      });
      // A global moves to the engine that first has it.
      for (const asynchronous of [false, true])
        for (const engine of instances("(module)").keys()) {
          const give = asynchronous ? async <T>(given: T) => given : <T>(given: T) => given;
          const instance = instances(source, imports(give), { deterministic: true }, [engine]).get(engine);
          if (instance === undefined || (asynchronous && !instance.canSuspend)) continue;
          for (const [name, args] of [
            ["f64", []],
            ["f32", []],
            ["two", []],
            ["argument", [value]],
            ["small", [value]],
            ["global", []],
          ] as const) {
            const given: unknown = asynchronous
              ? await instance.async.call(name, args)
              : instance.exports[name](...args);
            const expected = name === "f32" || name === "small" ? Number(CANONICAL_F32) : CANONICAL_F64;
            assert.equal(given, expected, `${engine} ${name}`);
          }
        }
    }
  },
};
