import { I64, type ValueType } from "../wasm/types.ts";

/**
 * Converts what JavaScript gives for an address or a length of the address type `type` (JavaScript API, AddressValueToU64):
 * numbers for 32 bits, their fraction cut off, and bigints for 64.
 *
 * @param what names the argument in an error
 * @throws TypeError for the other of the two, and for what is out of the type's range
 */
export function toAddress(value: unknown, type: ValueType, what: string): number {
  if (type === I64) {
    if (typeof value !== "bigint") throw new TypeError(`${what} must be a bigint, not a ${typeof value}`);
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn)
      throw new TypeError(`${what} ${value} is no unsigned 64-bit integer`);
    return Number(value);
  }
  const number = Math.trunc(Number(typeof value === "bigint" ? Number.NaN : value));
  if (!(number >= 0 && number <= 0xffff_ffff))
    throw new TypeError(`${what} must be a number from 0 to 4294967295, not ${String(value)}`);
  return number;
}
