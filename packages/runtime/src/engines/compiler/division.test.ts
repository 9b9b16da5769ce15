import fc from "fast-check";
import { expect, it } from "vitest";
import { type Division, makeDivisions } from "./division.ts";

const high = new Int32Array(2);
const divisions = makeDivisions(high);

const halves = (x: bigint): [number, number] => [Number(BigInt.asIntN(32, x)), Number(BigInt.asIntN(32, x >> 32n))];

function call(divide: Division, a: bigint, b: bigint): bigint {
  const low = divide(...halves(a), ...halves(b));
  return BigInt.asUintN(64, (BigInt(high[1]) << 32n) | BigInt(low >>> 0));
}

const signed = (x: bigint): bigint => BigInt.asIntN(64, x);
const LEAST = 1n << 63n;

function check(a: bigint, b: bigint): void {
  if (b === 0n) return;
  expect([a, b, call(divisions.div64u, a, b)]).toEqual([a, b, a / b]);
  expect([a, b, call(divisions.rem64u, a, b)]).toEqual([a, b, a % b]);
  if (a !== LEAST || signed(b) !== -1n)
    expect([a, b, call(divisions.div64s, a, b)]).toEqual([a, b, BigInt.asUintN(64, signed(a) / signed(b))]);
  expect([a, b, call(divisions.rem64s, a, b)]).toEqual([a, b, BigInt.asUintN(64, signed(a) % signed(b))]);
}

/** Numbers of all sizes, often at the ends of the ranges that are treated apart. */
const near = fc
  .tuple(
    fc.constantFrom(0n, 1n << 31n, 1n << 21n, 0x60000000n, 1n << 32n, 1n << 50n, 1n << 53n, 1n << 63n, 1n << 64n),
    fc.bigInt(-4n, 4n),
  )
  .map(([edge, by]) => BigInt.asUintN(64, edge + by));
const ofAnySize = fc
  .tuple(fc.bigInt(0n, (1n << 64n) - 1n), fc.integer({ min: 0, max: 63 }))
  .map(([x, n]) => x >> BigInt(n));
const number = fc.oneof(
  near,
  ofAnySize,
  ofAnySize.map((x) => BigInt.asUintN(64, -x)),
);

it("gives what bigints give", () => {
  fc.assert(fc.property(number, number, check), { numRuns: 20_000 });
});

it("gives what bigints give where the quotient is just above or below a whole number", () => {
  const product = fc
    .tuple(number, number, fc.bigInt(-2n, 2n))
    .map(([q, b, by]) => [BigInt.asUintN(64, q * b + by), b] as const);
  fc.assert(
    fc.property(product, ([a, b]) => check(a, b)),
    { numRuns: 20_000 },
  );
});

it("gives what bigints give where one division of doubles is hardly enough", () => {
  const product = fc
    .tuple(fc.bigInt((1n << 48n) - 4n, (1n << 50n) + 4n), fc.bigInt(1n, 0x6000_0004n), fc.bigInt(-2n, 2n))
    .map(([q, b, by]) => [BigInt.asUintN(64, q * b + by), b] as const);
  fc.assert(
    fc.property(product, fc.boolean(), ([a, b], negative) => check(negative ? BigInt.asUintN(64, -a) : a, b)),
    { numRuns: 20_000 },
  );
});

it("traps on a division by zero and on an overflow", () => {
  for (const divide of Object.values(divisions)) expect(() => divide(1, 2, 0, 0)).toThrow("integer divide by zero");
  expect(() => divisions.div64s(0, -0x80000000, -1, -1)).toThrow("integer overflow");
  expect(call(divisions.rem64s, LEAST, BigInt.asUintN(64, -1n))).toBe(0n);
});
