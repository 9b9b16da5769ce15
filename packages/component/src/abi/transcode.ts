import { allocate, markUtf16, memoryOf, reallocate } from "./memory.ts";
import type { AbiSite } from "./site.ts";
import type { LoweredString } from "./store-string.ts";
import type { GuestString } from "./transfer.ts";

/**
 * Copies a string from one component's memory to another's, with the steps of `realloc` that the specification gives for each pair of
 * encodings (Canonical ABI: `store_string_into_range`). The source is well-formed.
 */
export function transcode(site: AbiSite, source: GuestString, into: LoweredString): LoweredString {
  const { meter } = site;
  meter.bytes(source.encoding === "utf16" ? 2 * source.units : source.units);
  switch (site.encoding) {
    case "utf8":
      if (source.encoding === "utf8") copy(site, source, 1, into);
      else toUtf8(site, source, into);
      break;
    case "utf16":
      if (source.encoding === "utf16") copy(site, source, 2, into);
      else toUtf16(site, source, into);
      break;
    case "latin1+utf16":
      if (source.declared !== "latin1+utf16") toLatin1OrUtf16(site, source, into);
      else if (source.encoding === "latin1") copy(site, source, 2, into);
      else probablyUtf16(site, source, into);
  }
  return into;
}

const move = (site: AbiSite, old: number, oldBytes: number, alignment: number, bytes: number): number =>
  reallocate(site, old, oldBytes, alignment, bytes, "string", "component");

/** The same encoding on both sides. */
function copy(site: AbiSite, source: GuestString, alignment: number, into: LoweredString): void {
  const bytes = source.encoding === "utf16" ? 2 * source.units : source.units;
  const pointer = allocate(site, alignment, bytes, "string", "component");
  copyBytes(site, source, bytes, pointer);
  into.pointer = pointer;
  into.length = source.units;
}

function copyBytes(site: AbiSite, source: GuestString, bytes: number, pointer: number): void {
  const from = source.memory.bytes;
  memoryOf(site).bytes.set(from.subarray(source.pointer, source.pointer + bytes), pointer);
}

/** Reads one code point after the other. */
class CodePoints {
  /** Code units that are read. */
  at = 0;
  private readonly source: GuestString;
  private readonly bytes: Uint8Array;

  constructor(source: GuestString, at = 0) {
    this.source = source;
    this.bytes = source.memory.bytes;
    this.at = at;
  }

  get isDone(): boolean {
    return this.at >= this.source.units;
  }

  next(): number {
    const { bytes, source } = this;
    if (source.encoding === "utf16") {
      const unit = this.unit16();
      if (unit < 0xd800 || unit > 0xdfff) return unit;
      return 0x10000 + ((unit & 0x3ff) << 10) + (this.unit16() & 0x3ff);
    }
    let i = source.pointer + this.at;
    const first = bytes[i];
    if (source.encoding === "latin1" || first < 0x80) {
      this.at++;
      return first;
    }
    const more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    let code = first & (0x3f >> more);
    for (let k = 0; k < more; k++) code = (code << 6) | (bytes[++i] & 0x3f);
    this.at += more + 1;
    return code;
  }

  private unit16(): number {
    const at = this.source.pointer + 2 * this.at++;
    return this.bytes[at] | (this.bytes[at + 1] << 8);
  }
}

/** Writes the rest of the code points as utf8. @returns the address after the last byte */
function writeUtf8(bytes: Uint8Array, at: number, rest: CodePoints): number {
  while (!rest.isDone) {
    const code = rest.next();
    if (code < 0x80) bytes[at++] = code;
    else {
      if (code < 0x800) bytes[at++] = 0xc0 | (code >> 6);
      else {
        if (code < 0x10000) bytes[at++] = 0xe0 | (code >> 12);
        else {
          bytes[at++] = 0xf0 | (code >> 18);
          bytes[at++] = 0x80 | ((code >> 12) & 0x3f);
        }
        bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
      }
      bytes[at++] = 0x80 | (code & 0x3f);
    }
  }
  return at;
}

/** Writes the rest of the code points as utf16. @returns the address after the last byte */
function writeUtf16(bytes: Uint8Array, at: number, rest: CodePoints): number {
  while (!rest.isDone) {
    const code = rest.next();
    if (code < 0x10000) {
      bytes[at++] = code;
      bytes[at++] = code >> 8;
    } else {
      const high = 0xd7c0 + (code >> 10);
      const low = 0xdc00 | (code & 0x3ff);
      bytes[at++] = high;
      bytes[at++] = high >> 8;
      bytes[at++] = low;
      bytes[at++] = low >> 8;
    }
  }
  return at;
}

/** `store_string_to_utf8`: as many bytes as code units, and the most possible from the first that is not ASCII. */
function toUtf8(site: AbiSite, source: GuestString, into: LoweredString): void {
  const { units } = source;
  let pointer = allocate(site, 1, units, "string", "component");
  let length = units;
  let { bytes } = memoryOf(site);
  const points = new CodePoints(source);
  while (!points.isDone) {
    const at = points.at;
    const code = points.next();
    if (code < 0x80) {
      bytes[pointer + at] = code;
      continue;
    }
    const worst = units * (source.encoding === "utf16" ? 3 : 2);
    pointer = move(site, pointer, units, 1, worst);
    bytes = memoryOf(site).bytes;
    length = writeUtf8(bytes, pointer + at, new CodePoints(source, at)) - pointer;
    if (length < worst) pointer = move(site, pointer, worst, 1, length);
    break;
  }
  into.pointer = pointer;
  into.length = length;
}

/** `store_utf8_to_utf16`, and the copy of latin1. */
function toUtf16(site: AbiSite, source: GuestString, into: LoweredString): void {
  const worst = 2 * source.units;
  let pointer = allocate(site, 2, worst, "string", "component");
  const length = writeUtf16(memoryOf(site).bytes, pointer, new CodePoints(source)) - pointer;
  if (length < worst) pointer = move(site, pointer, worst, 2, length);
  into.pointer = pointer;
  into.length = length / 2;
}

/** `store_string_to_latin1_or_utf16`: latin1 until a code point does not fit. */
function toLatin1OrUtf16(site: AbiSite, source: GuestString, into: LoweredString): void {
  const { units } = source;
  let pointer = allocate(site, 2, units, "string", "component");
  let { bytes } = memoryOf(site);
  const points = new CodePoints(source);
  let length = 0;
  while (!points.isDone) {
    const { at } = points;
    const code = points.next();
    if (code < 0x100) {
      bytes[pointer + length++] = code;
      continue;
    }
    const worst = 2 * units;
    pointer = move(site, pointer, units, 2, worst);
    bytes = memoryOf(site).bytes;
    for (let i = length - 1; i >= 0; i--) {
      bytes[pointer + 2 * i] = bytes[pointer + i];
      bytes[pointer + 2 * i + 1] = 0;
    }
    const written = writeUtf16(bytes, pointer + 2 * length, new CodePoints(source, at)) - pointer;
    if (written < worst) pointer = move(site, pointer, worst, 2, written);
    into.pointer = pointer;
    into.length = markUtf16(written / 2);
    return;
  }
  if (length < units) pointer = move(site, pointer, units, 2, length);
  into.pointer = pointer;
  into.length = length;
}

/** `store_probably_utf16_to_latin1_or_utf16`: a copy, and latin1 after all if every code point fits. */
function probablyUtf16(site: AbiSite, source: GuestString, into: LoweredString): void {
  const { units } = source;
  let pointer = allocate(site, 2, 2 * units, "string", "component");
  copyBytes(site, source, 2 * units, pointer);
  const { bytes } = memoryOf(site);
  let isWide = false;
  for (let i = 0; i < units && !isWide; i++) isWide = bytes[pointer + 2 * i + 1] !== 0;
  if (!isWide) {
    for (let i = 0; i < units; i++) bytes[pointer + i] = bytes[pointer + 2 * i];
    pointer = move(site, pointer, 2 * units, 1, units);
  }
  into.pointer = pointer;
  into.length = isWide ? markUtf16(units) : units;
}
