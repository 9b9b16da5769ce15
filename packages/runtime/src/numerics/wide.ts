/** The wide-arithmetic proposal. 64-bit values are signed bigints; results are the low and the high half. */
import { unsigned64 } from "../wasm/unsigned.ts";

const BITS = 64;

function halves(x: bigint): [low: bigint, high: bigint] {
  return [BigInt.asIntN(BITS, x), BigInt.asIntN(BITS, x >> 64n)];
}

function join(low: bigint, high: bigint): bigint {
  return (high << 64n) | unsigned64(low);
}

/** `i64.add128` */
export function add128(aLow: bigint, aHigh: bigint, bLow: bigint, bHigh: bigint): [bigint, bigint] {
  return halves(join(aLow, aHigh) + join(bLow, bHigh));
}

/** `i64.sub128` */
export function sub128(aLow: bigint, aHigh: bigint, bLow: bigint, bHigh: bigint): [bigint, bigint] {
  return halves(join(aLow, aHigh) - join(bLow, bHigh));
}

/** `i64.mul_wide_s` */
export function mulWideS(a: bigint, b: bigint): [bigint, bigint] {
  return halves(a * b);
}

/** `i64.mul_wide_u` */
export function mulWideU(a: bigint, b: bigint): [bigint, bigint] {
  return halves(unsigned64(a) * unsigned64(b));
}
