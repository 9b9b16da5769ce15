import { type AbiPeer, ComponentTrap } from "../trap.ts";
import type { ElementCodec } from "./elements.ts";
import { isLittleEndian } from "./load-string.ts";
import { allocate, checkRange, MAX_BYTES, memoryOf } from "./memory.ts";
import { canonicalizeNaNs, type NumberArray, type NumberFormat } from "./numbers.ts";
import type { AbiSite } from "./site.ts";
import { GuestNumbers, type TransferValue } from "./transfer.ts";

const ranges = { unaligned: "unaligned-list", outOfBounds: "out-of-bounds-list" } as const;

/** Bytes that one part of a value takes in JavaScript, roughly. */
const PART_BYTES = 16;

/** Checks a list's place in memory (Canonical ABI: `load_list_from_range`). */
function checkList(
  site: AbiSite,
  pointer: number,
  count: number,
  bytes: number,
  alignment: number,
  peer: AbiPeer,
): number {
  // No type takes no bytes: validation refuses empty records and tuples.
  const length = count * bytes;
  if (length > MAX_BYTES) throw new ComponentTrap("list-too-long", { peer });
  checkRange(memoryOf(site), pointer, length, alignment, ranges, peer);
  return length;
}

/** Lifts a list of numbers. */
export function liftNumbers(
  site: AbiSite,
  format: NumberFormat,
  pointer: number,
  count: number,
  peer: AbiPeer,
): NumberArray | GuestNumbers {
  const bytes = checkList(site, pointer, count, format.bytes, format.bytes, peer);
  return loadNumbers(site, format, pointer, count, bytes, peer);
}

/** Reads numbers that are in bounds. */
export function loadNumbers(
  site: AbiSite,
  format: NumberFormat,
  pointer: number,
  count: number,
  bytes: number,
  peer: AbiPeer,
): NumberArray | GuestNumbers {
  const memory = memoryOf(site);
  site.meter.bytes(bytes);
  if (peer === "component") return new GuestNumbers(memory, pointer, count);
  site.meter.hold(bytes);
  const copy = memory.bytes.slice(pointer, pointer + bytes);
  if (format.kind === "u8") return copy;
  swapBytes(copy, format.bytes);
  if (format.isFloat) canonicalizeNaNs(new DataView(copy.buffer), 0, count, format.bytes);
  return new format.array(copy.buffer);
}

/** On a host with the other byte order: changes that of numbers. */
function swapBytes(bytes: Uint8Array, size: number): void {
  if (isLittleEndian || size === 1) return;
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** Lifts a list of other values. */
export function liftElements<Scope>(
  site: AbiSite,
  element: ElementCodec<Scope>,
  pointer: number,
  count: number,
  scope: Scope,
  peer: AbiPeer,
): TransferValue[] {
  checkList(site, pointer, count, element.bytes, element.alignment, peer);
  return loadElements(site, element, pointer, count, scope);
}

/** Reads elements that are in bounds. */
export function loadElements<Scope>(
  site: AbiSite,
  element: ElementCodec<Scope>,
  pointer: number,
  count: number,
  scope: Scope,
): TransferValue[] {
  const { meter } = site;
  const parts = count * element.parts;
  meter.parts(parts);
  meter.hold(parts * PART_BYTES);
  const values: TransferValue[] = [];
  for (let i = 0, at = pointer; i < count; i++, at += element.bytes) values.push(element.load(at, scope));
  return values;
}

/** How many elements a list has that is lowered. */
export function countOf(value: TransferValue): number {
  return value instanceof GuestNumbers ? value.count : (value as ArrayLike<unknown>).length;
}

/** Allocates the memory of a list (Canonical ABI: `store_list_into_range`). */
export function allocateList(
  site: AbiSite,
  count: number,
  layout: { readonly bytes: number; readonly alignment: number },
  peer: AbiPeer,
): number {
  const bytes = count * layout.bytes;
  if (bytes > MAX_BYTES) {
    if (peer === "component") throw new ComponentTrap("list-too-long", { peer });
    throw new TypeError(`a list of ${count} elements is too long for the Component Model`);
  }
  return allocate(site, layout.alignment, bytes, "list", peer);
}

/**
 * Writes numbers.
 *
 * @param count how many there were before memory was allocated: a host's array may be of a buffer that the guest's growth detaches
 */
export function storeNumbers(
  site: AbiSite,
  format: NumberFormat,
  value: TransferValue,
  count: number,
  pointer: number,
): void {
  const { bytes, view } = memoryOf(site);
  if (countOf(value) !== count)
    throw new TypeError(`the elements of a ${format.name} were taken away while it was passed`);
  const length = count * format.bytes;
  site.meter.bytes(length);
  if (value instanceof GuestNumbers) {
    bytes.set(value.memory.bytes.subarray(value.pointer, value.pointer + length), pointer);
  } else {
    const { buffer, byteOffset } = value as NumberArray;
    bytes.set(new Uint8Array(buffer, byteOffset, length), pointer);
    swapBytes(bytes.subarray(pointer, pointer + length), format.bytes);
  }
  if (format.isFloat) canonicalizeNaNs(view, pointer, count, format.bytes);
}

/** Writes other elements. */
export function storeElements<Scope>(
  site: AbiSite,
  element: ElementCodec<Scope>,
  value: readonly TransferValue[],
  pointer: number,
  scope: Scope,
): void {
  site.meter.parts(value.length * element.parts);
  for (let i = 0, at = pointer; i < value.length; i++, at += element.bytes) element.store(value[i], at, scope);
}
