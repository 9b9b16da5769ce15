import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as conversions from "../../src/numerics/conversions.ts";
import { ceil64, floor64, nearest, truncate64 } from "../../src/numerics/floats.ts";
import * as integers from "../../src/numerics/integers.ts";
import { add128, mulWideS, mulWideU, sub128 } from "../../src/numerics/wide.ts";

/** The platform's own instruction, as the judge of ours. */
function platform(name: string, params: string, result: string): (...args: unknown[]) => unknown {
  const codes: Record<string, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
  const types = params.split(" ");
  const opcode = opcodes[name];
  const body = [0, ...types.flatMap((_, i) => [0x20, i]), ...opcode, 0x0b];
  const section = (id: number, bytes: number[]): number[] => [id, bytes.length, ...bytes];
  const bytes = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, types.length, ...types.map((type) => codes[type]), 1, codes[result]]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, body.length, ...body]),
  ];
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)));
  return exports.f as (...args: unknown[]) => unknown;
}

const opcodes: Record<string, number[]> = {
  "f64.nearest": [0x9e],
  "f64.ceil": [0x9b],
  "f64.floor": [0x9c],
  "f64.trunc": [0x9d],
  "i64.div_u": [0x80],
  "i64.rem_u": [0x82],
  "i64.rotl": [0x89],
  "i32.rotl": [0x77],
  "i32.ctz": [0x68],
  "i32.popcnt": [0x69],
  "f32.convert_i64_s": [0xb4],
  "f32.convert_i64_u": [0xb5],
  "f64.convert_i64_s": [0xb9],
  "f64.convert_i64_u": [0xba],
  "i32.trunc_sat_f64_s": [0xfc, 2],
  "i32.trunc_sat_f64_u": [0xfc, 3],
  "i64.trunc_sat_f64_s": [0xfc, 6],
  "i64.trunc_sat_f64_u": [0xfc, 7],
};

const i64 = fc.oneof(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), fc.bigInt({ min: -70000n, max: 70000n }));
const i32 = fc.integer();
const f64 = fc.oneof(
  fc.double(),
  fc.double({ min: -1e20, max: 1e20 }),
  fc.integer().map((x) => x / 2),
);
const low = (x: bigint): number => integers.low64(x);
const high = (x: bigint): number => integers.high64(x);

describe("agrees with the platform", () => {
  const cases: [string, string, string, fc.Arbitrary<unknown>[], (...args: never[]) => unknown][] = [
    ["f64.nearest", "f64", "f64", [f64], (x: number) => nearest(x)],
    ["f64.ceil", "f64", "f64", [f64], (x: number) => ceil64(x)],
    ["f64.floor", "f64", "f64", [f64], (x: number) => floor64(x)],
    ["f64.trunc", "f64", "f64", [f64], (x: number) => truncate64(x)],
    ["i64.rotl", "i64 i64", "i64", [i64, i64], (x: bigint, k: bigint) => integers.rotl64(x, low(k))],
    ["i32.rotl", "i32 i32", "i32", [i32, i32], (x: number, k: number) => integers.rotl32(x, k)],
    ["i32.ctz", "i32", "i32", [i32], (x: number) => integers.ctz32(x)],
    ["i32.popcnt", "i32", "i32", [i32], (x: number) => integers.popcnt32(x)],
    [
      "f32.convert_i64_s",
      "i64",
      "f32",
      [i64],
      (x: bigint) => conversions.convertS64ToF32(integers.low64(x), integers.high64(x)),
    ],
    [
      "f32.convert_i64_u",
      "i64",
      "f32",
      [i64],
      (x: bigint) => conversions.convertU64ToF32(integers.low64(x), integers.high64(x)),
    ],
    ["f64.convert_i64_s", "i64", "f64", [i64], (x: bigint) => conversions.convertS64(low(x), high(x))],
    ["f64.convert_i64_u", "i64", "f64", [i64], (x: bigint) => conversions.convertU64(low(x), high(x))],
    ["i32.trunc_sat_f64_s", "f64", "i32", [f64], (x: number) => conversions.truncSatS32(x)],
    ["i32.trunc_sat_f64_u", "f64", "i32", [f64], (x: number) => conversions.truncSatU32(x)],
    ["i64.trunc_sat_f64_s", "f64", "i64", [f64], (x: number) => conversions.truncSatS64(x)],
    ["i64.trunc_sat_f64_u", "f64", "i64", [f64], (x: number) => conversions.truncSatU64(x)],
  ];
  test.each(cases)("%s", (name, params, result, arbitraries, ours) => {
    const theirs = platform(name, params, result);
    fc.assert(
      fc.property(fc.tuple(...arbitraries), (args) => {
        expect(ours(...(args as never[]))).toEqual(theirs(...args));
      }),
      { numRuns: 300 },
    );
  });

  test("unsigned division", () => {
    const div = platform("i64.div_u", "i64 i64", "i64");
    const rem = platform("i64.rem_u", "i64 i64", "i64");
    fc.assert(
      fc.property(i64, i64, (x, y) => {
        if (y === 0n) return;
        expect(integers.divU64(x, y)).toBe(div(x, y));
        expect(integers.remU64(x, y)).toBe(rem(x, y));
      }),
      { numRuns: 300 },
    );
  });
});

test("counts of zeroes in halves", () => {
  fc.assert(
    fc.property(i64, (x) => {
      const bits = BigInt.asUintN(64, x).toString(2).padStart(64, "0");
      expect(integers.clz64(low(x), high(x))).toBe(bits.indexOf("1") < 0 ? 64 : bits.indexOf("1"));
      expect(integers.ctz64(low(x), high(x))).toBe(bits.includes("1") ? 63 - bits.lastIndexOf("1") : 64);
      expect(integers.join64(low(x), high(x))).toBe(x);
    }),
  );
});

test("shifts take their counts modulo 64", () => {
  fc.assert(
    fc.property(i64, fc.integer({ min: -200, max: 200 }), (x, k) => {
      const n = BigInt(((k % 64) + 64) % 64);
      expect(integers.shl64(x, k)).toBe(BigInt.asIntN(64, x << n));
      expect(integers.shrS64(x, k)).toBe(x >> n);
      expect(integers.shrU64(x, k)).toBe(BigInt.asIntN(64, BigInt.asUintN(64, x) >> n));
    }),
  );
});

test("128-bit results in halves", () => {
  const value = (halves: readonly [bigint, bigint]): bigint => (halves[1] << 64n) | BigInt.asUintN(64, halves[0]);
  fc.assert(
    fc.property(i64, i64, i64, i64, (a, b, c, d) => {
      expect(value(add128(a, b, c, d))).toBe(BigInt.asIntN(128, value([a, b]) + value([c, d])));
      expect(value(sub128(a, b, c, d))).toBe(BigInt.asIntN(128, value([a, b]) - value([c, d])));
      expect(value(mulWideS(a, b))).toBe(a * b);
      expect(BigInt.asUintN(128, value(mulWideU(a, b)))).toBe(BigInt.asUintN(64, a) * BigInt.asUintN(64, b));
    }),
  );
});
