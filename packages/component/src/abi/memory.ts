import { type AbiPeer, ComponentTrap, type ComponentTrapKind } from "../trap.ts";
import type { AbiSite, MemoryAccess } from "./site.ts";

/** Bytes of a string or a list at most (Canonical ABI: `MAX_STRING_BYTE_LENGTH`, `MAX_LIST_BYTE_LENGTH`). */
export const MAX_BYTES: number = 2 ** 28 - 1;

/** The memory of a site whose types need one: validation has made sure that it is there. */
export function memoryOf(site: AbiSite): MemoryAccess {
  const { memory } = site;
  if (memory === undefined) throw new TypeError("a canonical definition without a memory has values in memory");
  return memory;
}

/** An address or length as the guest passes it. An i64 beyond 2^53 loses digits and stays out of bounds. */
export function unsignedOf(value: number | bigint): number {
  return typeof value === "bigint" ? Number(BigInt.asUintN(64, value)) : value >>> 0;
}

/** Reads an address or a length. */
export function loadPointer(site: AbiSite, view: DataView, at: number): number {
  const low = view.getUint32(at, true);
  return site.pointerBytes === 4 ? low : low + view.getUint32(at + 4, true) * 2 ** 32;
}

/** Writes an address or a length. */
export function storePointer(site: AbiSite, view: DataView, at: number, value: number): void {
  view.setUint32(at, value, true);
  if (site.pointerBytes === 8) view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

/*
 * Lengths of strings. With `latin1+utf16` the highest bit of a length marks utf16 (Canonical ABI: `utf16_tag`); such a length is here
 * the negative number `-1 - units`, since a number does not hold 64 bits.
 */

/** The length that marks that many code units as utf16. */
export const markUtf16 = (units: number): number => -1 - units;

/** A length as the guest passes it. */
export function lengthOf(site: AbiSite, value: number | bigint): number {
  if (site.encoding !== "latin1+utf16") return unsignedOf(value);
  if (typeof value === "bigint") {
    const signed = BigInt.asIntN(64, value);
    return signed < 0n ? markUtf16(Number(BigInt.asUintN(63, signed))) : Number(signed);
  }
  return (value | 0) < 0 ? markUtf16(value & 0x7fff_ffff) : value;
}

/** Reads a length. */
export function loadLength(site: AbiSite, view: DataView, at: number): number {
  if (site.encoding !== "latin1+utf16") return loadPointer(site, view, at);
  if (site.pointerBytes === 4) return lengthOf(site, view.getInt32(at, true));
  return lengthOf(site, view.getBigInt64(at, true));
}

/** Writes a length. */
export function storeLength(site: AbiSite, view: DataView, at: number, length: number): void {
  storePointer(site, view, at, length < 0 ? -1 - length : length);
  if (length < 0) {
    const last = at + site.pointerBytes - 1;
    view.setUint8(last, view.getUint8(last) | 0x80);
  }
}

/** An address or a length as it is passed to the guest. */
export function coreOf(site: AbiSite, value: number): number | bigint {
  if (site.pointerBytes === 4) return value < 0 ? (-1 - value) | 0x8000_0000 : value | 0;
  return value < 0 ? BigInt.asIntN(64, BigInt(-1 - value) | (1n << 63n)) : BigInt(value);
}

/** Traps unless the bytes are in memory and aligned: as the specification does, alignment first. */
export function checkRange(
  memory: MemoryAccess,
  pointer: number,
  bytes: number,
  alignment: number,
  kinds: { readonly unaligned: ComponentTrapKind; readonly outOfBounds: ComponentTrapKind },
  peer: AbiPeer,
): void {
  if (pointer % alignment !== 0) throw new ComponentTrap(kinds.unaligned, { peer });
  if (pointer + bytes > memory.bytes.length) throw new ComponentTrap(kinds.outOfBounds, { peer });
}

/** What is out of bounds when `realloc` returns a wrong address: between components, traps name the value. */
type Allocated = "string" | "list" | "values";

const beyond: Readonly<Record<Allocated, ComponentTrapKind>> = {
  string: "out-of-bounds-string",
  list: "out-of-bounds-list",
  values: "realloc-out-of-bounds",
};

/**
 * Calls `realloc`, during which the instance may not be left (Canonical ABI: `LiftLowerContext.reallocate`), and checks what it returns.
 *
 * @returns the address
 */
export function reallocate(
  site: AbiSite,
  old: number,
  oldBytes: number,
  alignment: number,
  bytes: number,
  what: Allocated,
  peer: AbiPeer,
): number {
  const { realloc, instance } = site;
  if (realloc === undefined) throw new TypeError("a canonical definition without `realloc` gives values in memory");
  instance.mayLeave = false;
  const returned =
    site.pointerBytes === 4
      ? realloc(old, oldBytes, alignment, bytes)
      : realloc(BigInt(old), BigInt(oldBytes), BigInt(alignment), BigInt(bytes));
  instance.mayLeave = true;
  const pointer = unsignedOf(returned ?? 0);
  if (pointer % alignment !== 0) throw new ComponentTrap("realloc-unaligned", { peer });
  if (pointer + bytes > memoryOf(site).bytes.length)
    throw new ComponentTrap(peer === "host" ? "realloc-out-of-bounds" : beyond[what], { peer });
  return pointer;
}

/** A new allocation. */
export function allocate(site: AbiSite, alignment: number, bytes: number, what: Allocated, peer: AbiPeer): number {
  return reallocate(site, 0, 0, alignment, bytes, what, peer);
}
