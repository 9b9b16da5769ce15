import { decodeUtf8 } from "@wardian/runtime/internal";
import { type AbiPeer, ComponentTrap } from "../trap.ts";
import { checkRange, MAX_BYTES, memoryOf } from "./memory.ts";
import { utf8Decoder } from "./platform-text.ts";
import type { AbiSite } from "./site.ts";
import { GuestString, type SimpleEncoding } from "./transfer.ts";

const ranges = { unaligned: "unaligned-string", outOfBounds: "out-of-bounds-string" } as const;

/** Up to this many bytes, a loop is faster than the platform's decoder. */
const SHORT = 24;
/** Code units that are made a string at once: an argument list has an upper bound. */
const PIECE = 4096;

/**
 * Lifts a string (Canonical ABI: `load_string_from_range`): for a host a JavaScript string, else a checked reference.
 *
 * @param length in code units, marked for utf16 (see `markUtf16`)
 */
export function liftString(site: AbiSite, pointer: number, length: number, peer: AbiPeer): string | GuestString {
  const memory = memoryOf(site);
  const declared = site.encoding;
  const units = length < 0 ? -1 - length : length;
  const encoding: SimpleEncoding = declared !== "latin1+utf16" ? declared : length < 0 ? "utf16" : "latin1";
  const bytes = encoding === "utf16" ? 2 * units : units;
  if (bytes > MAX_BYTES) throw new ComponentTrap("string-too-long", { peer });
  checkRange(memory, pointer, bytes, declared === "utf8" ? 1 : 2, ranges, peer);
  const { meter } = site;
  meter.bytes(bytes);
  if (peer === "component") {
    checkString(memory.bytes, pointer, bytes, encoding);
    return new GuestString(memory, pointer, units, encoding, declared);
  }
  meter.hold(2 * bytes);
  return decodeString(memory.bytes, pointer, bytes, encoding);
}

/** Traps unless the bytes are well-formed. */
function checkString(memory: Uint8Array, pointer: number, bytes: number, encoding: SimpleEncoding): void {
  const end = pointer + bytes;
  if (encoding === "utf8") {
    let at = pointer;
    while (at < end && memory[at] < 0x80) at++;
    const fault = at < end ? utf8Fault(memory, at, end) : undefined;
    if (fault !== undefined) throw utf8Trap(fault, fault.at - pointer);
  } else if (encoding === "utf16") {
    for (let at = pointer; at < end; at += 2) {
      const high = memory[at + 1] & 0xfc;
      if (high !== 0xd8 && high !== 0xdc) continue;
      if (high !== 0xd8 || at + 2 >= end || (memory[at + 3] & 0xfc) !== 0xdc) throw utf16Trap();
      at += 2;
    }
  }
}

interface Utf8Fault {
  readonly at: number;
  /** Bytes that cannot be the beginning of a code point; 0 when the bytes end in the middle of one. */
  readonly bytes: number;
}

/** Finds the first sequence that is not well-formed UTF-8. */
export function utf8Fault(bytes: Uint8Array, start: number, end: number): Utf8Fault | undefined {
  for (let i = start; i < end; ) {
    const at = i;
    const first = bytes[i++];
    if (first < 0x80) continue;
    const more = first < 0xc2 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 0;
    if (more === 0) return { at, bytes: 1 };
    for (let k = 1; k <= more; k++, i++) {
      if (i >= end) return { at, bytes: 0 };
      const next = bytes[i];
      let low = 0x80;
      let high = 0xbf;
      if (k === 1) {
        if (first === 0xe0) low = 0xa0;
        else if (first === 0xed) high = 0x9f;
        else if (first === 0xf0) low = 0x90;
        else if (first === 0xf4) high = 0x8f;
      }
      if (next < low || next > high) return { at, bytes: k };
    }
  }
  return undefined;
}

function utf8Trap({ bytes }: Utf8Fault, index: number): ComponentTrap {
  return bytes === 0
    ? new ComponentTrap("incomplete-utf8", { message: `incomplete utf-8 byte sequence from index ${index}` })
    : new ComponentTrap("invalid-utf8", { message: `invalid utf-8 sequence of ${bytes} bytes from index ${index}` });
}

function utf16Trap(): ComponentTrap {
  return new ComponentTrap("invalid-utf16");
}

function decodeString(memory: Uint8Array, pointer: number, bytes: number, encoding: SimpleEncoding): string {
  switch (encoding) {
    case "utf8":
      return decodeAsUtf8(memory, pointer, pointer + bytes);
    case "latin1":
      return decodeUnits(memory.subarray(pointer, pointer + bytes));
    case "utf16": {
      const text = decodeUnits(unitsOf(memory, pointer, bytes / 2));
      if (!isWellFormed(text)) throw utf16Trap();
      return text;
    }
  }
}

function decodeAsUtf8(memory: Uint8Array, start: number, end: number): string {
  if (end - start <= SHORT) {
    let text = "";
    let at = start;
    for (; at < end; at++) {
      const byte = memory[at];
      if (byte >= 0x80) break;
      text += String.fromCharCode(byte);
    }
    if (at === end) return text;
  }
  let text: string | undefined;
  if (utf8Decoder === undefined) text = decodeUtf8(memory, start, end);
  else
    try {
      text = utf8Decoder.decode(memory.subarray(start, end));
    } catch {
      // Shared memories, and bytes that are not well-formed.
      text = decodeUtf8(memory, start, end);
    }
  if (text !== undefined) return text;
  const fault = utf8Fault(memory, start, end) ?? { at: start, bytes: 1 };
  throw utf8Trap(fault, fault.at - start);
}

/** The code units as numbers. The address is even, and little-endian hosts read them in place. */
function unitsOf(memory: Uint8Array, pointer: number, units: number): Uint16Array {
  const offset = memory.byteOffset + pointer;
  if (isLittleEndian && offset % 2 === 0) return new Uint16Array(memory.buffer, offset, units);
  const copy = new Uint16Array(units);
  for (let i = 0; i < units; i++) copy[i] = memory[pointer + 2 * i] | (memory[pointer + 2 * i + 1] << 8);
  return copy;
}

/** Whether typed arrays have the byte order of linear memory. */
export const isLittleEndian: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function decodeUnits(units: Uint8Array | Uint16Array): string {
  const { length } = units;
  if (length <= PIECE) return String.fromCharCode.apply(null, units as unknown as number[]);
  let text = "";
  for (let at = 0; at < length; at += PIECE)
    text += String.fromCharCode.apply(null, units.subarray(at, Math.min(at + PIECE, length)) as unknown as number[]);
  return text;
}

/** Whether a string has no lone surrogate. */
export function isWellFormed(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    if (unit > 0xdbff || i + 1 >= text.length) return false;
    const next = text.charCodeAt(++i);
    if (next < 0xdc00 || next > 0xdfff) return false;
  }
  return true;
}
