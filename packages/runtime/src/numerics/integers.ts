/**
 * Integer instructions that JavaScript has no operator for (specification, 4.3.2). 32-bit values are signed numbers,
 * 64-bit ones are signed bigints; unsigned readings are taken inside.
 */
import { unsigned64 } from "../wasm/unsigned.ts";

export function rotl32(x: number, k: number): number {
  // Shift counts are taken modulo 32, so a count of zero comes out as x | x.
  return (x << k) | (x >>> -k);
}

export function ctz32(x: number): number {
  return x === 0 ? 32 : 31 - Math.clz32(x & -x);
}

export function popcnt32(x: number): number {
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The halves of a 64-bit integer joined: `high` signed, `low` read as unsigned. */
export function join64(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

export function low64(x: bigint): number {
  return Number(BigInt.asIntN(32, x));
}

export function high64(x: bigint): number {
  return Number(BigInt.asIntN(32, x >> 32n));
}

export function clz64(low: number, high: number): number {
  return high === 0 ? 32 + Math.clz32(low) : Math.clz32(high);
}

export function ctz64(low: number, high: number): number {
  return low === 0 ? 32 + ctz32(high) : ctz32(low);
}

export function shl64(x: bigint, k: number): bigint {
  return BigInt.asIntN(64, x << BigInt(k & 63));
}

export function shrS64(x: bigint, k: number): bigint {
  return x >> BigInt(k & 63);
}

export function shrU64(x: bigint, k: number): bigint {
  return BigInt.asIntN(64, unsigned64(x) >> BigInt(k & 63));
}

export function rotl64(x: bigint, k: number): bigint {
  const u = unsigned64(x);
  const n = BigInt(k & 63);
  return BigInt.asIntN(64, (u << n) | (u >> (64n - n)));
}

/** `y` must not be zero. */
export function divU64(x: bigint, y: bigint): bigint {
  return BigInt.asIntN(64, unsigned64(x) / unsigned64(y));
}

/** `y` must not be zero. */
export function remU64(x: bigint, y: bigint): bigint {
  return BigInt.asIntN(64, unsigned64(x) % unsigned64(y));
}
