import { decodeUtf8, encodeUtf8 } from "../../utf8.ts";
import type { TreeEntry } from "./tree.ts";

/**
 * Tar archives (POSIX.1-2001 "ustar" with pax headers, and GNU long names when reading): blocks of 512 bytes, a header before each file. Unix
 * numbers of users and modes are written as constants and ignored when read, since preview 1 has neither.
 */
const BLOCK = 512;
const NANOSECONDS = 1_000_000_000n;

/** Thrown for bytes that are not a tar archive. */
export class TarError extends Error {
  override readonly name: string = "TarError";
  /** Where in the archive, in bytes. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} (at byte ${offset} of the archive)`);
    this.offset = offset;
  }
}

function text(bytes: Uint8Array, start: number, length: number, offset: number): string {
  let end = start;
  while (end < start + length && bytes[end] !== 0) end++;
  const decoded = decodeUtf8(bytes, start, end);
  if (decoded === undefined) throw new TarError("a name is not UTF-8", offset);
  return decoded;
}

function number(bytes: Uint8Array, start: number, length: number, offset: number): number {
  // GNU's base-256 for what octal digits cannot hold.
  if ((bytes[start] & 0x80) !== 0) {
    let value = bytes[start] & 0x7f;
    for (let at = start + 1; at < start + length; at++) value = value * 256 + bytes[at];
    if (!Number.isSafeInteger(value)) throw new TarError("a number is too large", offset);
    return value;
  }
  const digits = text(bytes, start, length, offset).trim();
  if (digits === "") return 0;
  if (!/^[0-7]+$/.test(digits)) throw new TarError(`expected octal digits, found ${JSON.stringify(digits)}`, offset);
  return Number.parseInt(digits, 8);
}

/** The records `LENGTH KEY=VALUE\n` of a pax header. */
function paxRecords(bytes: Uint8Array, start: number, end: number): Map<string, string> {
  const records = new Map<string, string>();
  let at = start;
  while (at < end) {
    let space = at;
    while (space < end && bytes[space] !== 0x20) space++;
    const length = Number(decodeUtf8(bytes, at, space));
    if (!Number.isInteger(length) || length <= space - at + 1 || at + length > end) {
      throw new TarError("a pax record has a wrong length", at);
    }
    const record = decodeUtf8(bytes, space + 1, at + length - 1);
    const equals = record?.indexOf("=") ?? -1;
    if (record === undefined || equals < 0) throw new TarError("a pax record is not UTF-8 text with a key", at);
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

/**
 * The entries of an archive, in its order. Devices and pipes in it are passed over. Files' bytes are views of the archive, not copies.
 *
 * @throws TarError for what is not a tar archive or is cut short
 */
export function* readTar(archive: Uint8Array): Generator<TreeEntry> {
  let at = 0;
  let pax = new Map<string, string>();
  let longName: string | undefined;
  let longLink: string | undefined;
  while (at + BLOCK <= archive.length) {
    const header = at;
    if (archive[header] === 0 && archive.subarray(header, header + BLOCK).every((byte) => byte === 0)) return;
    let sum = 0;
    for (let index = 0; index < BLOCK; index++) sum += index >= 148 && index < 156 ? 0x20 : archive[header + index];
    if (sum !== number(archive, header + 148, 8, header)) throw new TarError("a header's checksum is wrong", header);

    const type = String.fromCharCode(archive[header + 156]);
    const paxSize = type === "x" || type === "g" ? undefined : pax.get("size");
    const size = paxSize === undefined ? number(archive, header + 124, 12, header) : Number(paxSize);
    const start = header + BLOCK;
    if (!Number.isSafeInteger(size) || size < 0 || size > archive.length - start) {
      throw new TarError(`a file of ${size} bytes does not fit into the rest of the archive`, header);
    }
    const end = start + size;
    at = start + Math.ceil(size / BLOCK) * BLOCK;

    if (type === "x") {
      pax = paxRecords(archive, start, end);
      continue;
    }
    if (type === "g") continue;
    if (type === "L") {
      longName = text(archive, start, size, start);
      continue;
    }
    if (type === "K") {
      longLink = text(archive, start, size, start);
      continue;
    }
    const isUstar = text(archive, header + 257, 5, header) === "ustar";
    const prefix = isUstar ? text(archive, header + 345, 155, header) : "";
    const shortName = text(archive, header, 100, header);
    const path = pax.get("path") ?? longName ?? (prefix === "" ? shortName : `${prefix}/${shortName}`);
    const target = pax.get("linkpath") ?? longLink ?? text(archive, header + 157, 100, header);
    const mtim = BigInt(number(archive, header + 136, 12, header)) * NANOSECONDS;
    pax = new Map();
    longName = longLink = undefined;
    if (type === "5" || (type === "0" && path.endsWith("/"))) yield { path, mtim, type: "directory" };
    else if (type === "0" || type === "\0" || type === "7") {
      yield { path, mtim, type: "file", bytes: archive.subarray(start, end) };
    } else if (type === "1") yield { path, mtim, type: "hardlink", of: target };
    else if (type === "2") yield { path, mtim, type: "link", target };
  }
  if (at < archive.length) throw new TarError("the archive is cut short", at);
}

const TYPES = { file: 0x30, hardlink: 0x31, link: 0x32, directory: 0x35 } as const;

function writeHeader(path: Uint8Array, target: Uint8Array, type: number, size: number, mtim: bigint): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const octal = (value: number, start: number, length: number): void => {
    header.set(encodeUtf8(value.toString(8).padStart(length - 1, "0")), start);
  };
  header.set(path.subarray(0, 100), 0);
  octal(type === TYPES.directory ? 0o755 : 0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  // What octal cannot hold stands in the pax header.
  octal(size < 8 ** 11 ? size : 0, 124, 12);
  const seconds = Number(mtim / NANOSECONDS);
  octal(seconds >= 0 && seconds < 8 ** 11 ? seconds : 0, 136, 12);
  header.fill(0x20, 148, 156);
  header[156] = type;
  header.set(target.subarray(0, 100), 157);
  header.set(encodeUtf8("ustar\x0000"), 257);
  let sum = 0;
  for (const byte of header) sum += byte;
  octal(sum, 148, 7);
  return header;
}

function paxRecord(key: string, value: string): Uint8Array {
  const rest = encodeUtf8(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  const record = new Uint8Array(length);
  record.set(encodeUtf8(String(length)));
  record.set(rest, length - rest.length);
  return record;
}

/** Makes an archive of entries, in their order. */
export function writeTar(entries: Iterable<TreeEntry>): Uint8Array {
  const parts: Uint8Array[] = [];
  const add = (bytes: Uint8Array): void => {
    parts.push(bytes);
    const over = bytes.length % BLOCK;
    if (over > 0) parts.push(new Uint8Array(BLOCK - over));
  };
  for (const entry of entries) {
    const path = entry.type === "directory" ? `${entry.path}/` : entry.path;
    const target = entry.type === "link" ? entry.target : entry.type === "hardlink" ? entry.of : "";
    const size = entry.type === "file" ? entry.bytes.length : 0;
    const pathBytes = encodeUtf8(path);
    const targetBytes = encodeUtf8(target);
    const records: Uint8Array[] = [];
    if (pathBytes.length > 100) records.push(paxRecord("path", path));
    if (targetBytes.length > 100) records.push(paxRecord("linkpath", target));
    if (size >= 8 ** 11) records.push(paxRecord("size", String(size)));
    if (records.length > 0) {
      const pax = concatenate(records);
      parts.push(writeHeader(encodeUtf8("pax"), new Uint8Array(0), 0x78, pax.length, 0n));
      add(pax);
    }
    parts.push(writeHeader(pathBytes, targetBytes, TYPES[entry.type], size, entry.mtim ?? 0n));
    if (entry.type === "file") add(entry.bytes);
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return concatenate(parts);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
