import { byteString, writeByteString } from "./bytes.ts";
import { MAX_PAIRS, MAX_PAIRS_BYTES } from "./constants.ts";

/** A name and a value, both byte strings. */
export type Pair = readonly [name: string, value: string];

/**
 * The ABI's form of header maps and of every other list of pairs: a count; for each pair the length of its name and of its value;
 * then for each pair the name, a NUL, the value, a NUL. Numbers are 32 bits wide, the lowest byte first.
 *
 * @returns how many bytes the pairs take
 */
export function pairsSize(pairs: readonly Pair[]): number {
  let size = 4;
  for (const [name, value] of pairs) size += 10 + name.length + value.length;
  return size;
}

/** Writes pairs to a buffer that has room for {@link pairsSize} bytes at `at`. */
export function writePairs(pairs: readonly Pair[], target: Uint8Array, at: number): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  view.setUint32(at, pairs.length, true);
  at += 4;
  for (const [name, value] of pairs) {
    view.setUint32(at, name.length, true);
    view.setUint32(at + 4, value.length, true);
    at += 8;
  }
  for (const [name, value] of pairs) {
    at = writeByteString(name, target, at);
    target[at++] = 0;
    at = writeByteString(value, target, at);
    target[at++] = 0;
  }
}

/** Pairs as bytes of their own. */
export function encodePairs(pairs: readonly Pair[]): Uint8Array {
  const bytes = new Uint8Array(pairsSize(pairs));
  writePairs(pairs, bytes, 0);
  return bytes;
}

/**
 * Reads pairs as Envoy does: strictly, and with an empty map for whatever is wrong (a length that does not fit, a missing NUL,
 * bytes left over, more than 1024 pairs or a mebibyte).
 */
export function decodePairs(bytes: Uint8Array): Pair[] {
  const { length } = bytes;
  if (length < 4 || length > MAX_PAIRS_BYTES) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const count = view.getUint32(0, true);
  if (count > MAX_PAIRS || 4 + count * 10 > length) return [];
  const pairs: Pair[] = [];
  let at = 4 + count * 8;
  for (let i = 0; i < count; i++) {
    const nameEnd = at + view.getUint32(4 + i * 8, true);
    const valueEnd = nameEnd + 1 + view.getUint32(8 + i * 8, true);
    if (valueEnd >= length || bytes[nameEnd] !== 0 || bytes[valueEnd] !== 0) return [];
    pairs.push([byteString(bytes.subarray(at, nameEnd)), byteString(bytes.subarray(nameEnd + 1, valueEnd))]);
    at = valueEnd + 1;
  }
  return at === length ? pairs : [];
}
