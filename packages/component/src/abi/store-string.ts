import { encodeUtf8 } from "@wardian/runtime/internal";
import type { AbiPeer } from "../trap.ts";
import { isLittleEndian } from "./load-string.ts";
import { allocate, MAX_BYTES, markUtf16, memoryOf } from "./memory.ts";
import { utf8Encoder } from "./platform-text.ts";
import type { AbiSite } from "./site.ts";
import { transcode } from "./transcode.ts";
import type { GuestString } from "./transfer.ts";

/** Up to this many code units, a loop is faster than the platform's encoder. */
const SHORT = 48;

/** Where a string is that was lowered. */
export interface LoweredString {
  pointer: number;
  /** In code units, marked for utf16 (see `markUtf16`). */
  length: number;
}

/** Lowers a string (Canonical ABI: `store_string_into_range`). @returns an object that the next call changes */
export function lowerString(site: AbiSite, value: string | GuestString, peer: AbiPeer): LoweredString {
  if (typeof value !== "string") return transcode(site, value, lowered);
  const { meter } = site;
  // Three bytes for a code unit are the most that utf8 takes.
  const { length } = value;
  if (length * (site.encoding === "utf8" ? 1 : 2) > MAX_BYTES)
    throw new TypeError(`a string of ${length} code units is too long for the Component Model`);
  meter.bytes(length);
  switch (site.encoding) {
    case "utf8":
      return lowerAsUtf8(site, value, peer);
    case "utf16":
      return lowerAsUtf16(site, value, false, peer);
    case "latin1+utf16":
      return isLatin1(value) ? lowerAsLatin1(site, value, peer) : lowerAsUtf16(site, value, true, peer);
  }
}

const lowered: LoweredString = { pointer: 0, length: 0 };

function result(pointer: number, length: number): LoweredString {
  lowered.pointer = pointer;
  lowered.length = length;
  return lowered;
}

function lowerAsUtf8(site: AbiSite, value: string, peer: AbiPeer): LoweredString {
  const { length } = value;
  if (length <= SHORT && isAscii(value)) {
    const pointer = allocate(site, 1, length, "string", peer);
    const { bytes } = memoryOf(site);
    for (let i = 0; i < length; i++) bytes[pointer + i] = value.charCodeAt(i);
    return result(pointer, length);
  }
  // The host knows the exact length before it allocates: one call of `realloc`.
  const encoded = utf8Encoder === undefined ? encodeUtf8(value) : utf8Encoder.encode(value);
  if (encoded.length > MAX_BYTES)
    throw new TypeError(`a string of ${encoded.length} bytes is too long for the Component Model`);
  site.meter.bytes(encoded.length - length);
  const pointer = allocate(site, 1, encoded.length, "string", peer);
  memoryOf(site).bytes.set(encoded, pointer);
  return result(pointer, encoded.length);
}

function lowerAsUtf16(site: AbiSite, value: string, mark: boolean, peer: AbiPeer): LoweredString {
  const { length } = value;
  const pointer = allocate(site, 2, 2 * length, "string", peer);
  const { bytes } = memoryOf(site);
  const offset = bytes.byteOffset + pointer;
  if (isLittleEndian && offset % 2 === 0) {
    const units = new Uint16Array(bytes.buffer, offset, length);
    for (let i = 0; i < length; i++) units[i] = value.charCodeAt(i);
  } else {
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      bytes[pointer + 2 * i] = unit;
      bytes[pointer + 2 * i + 1] = unit >> 8;
    }
  }
  return result(pointer, mark ? markUtf16(length) : length);
}

function lowerAsLatin1(site: AbiSite, value: string, peer: AbiPeer): LoweredString {
  const { length } = value;
  const pointer = allocate(site, 2, length, "string", peer);
  const { bytes } = memoryOf(site);
  for (let i = 0; i < length; i++) bytes[pointer + i] = value.charCodeAt(i);
  return result(pointer, length);
}

function isAscii(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) >= 0x80) return false;
  return true;
}

function isLatin1(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) >= 0x100) return false;
  return true;
}
