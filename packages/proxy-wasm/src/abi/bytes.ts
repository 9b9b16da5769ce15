/**
 * Text of the protocol. HTTP headers are bytes that JavaScript servers hold as *byte strings*, one UTF-16 unit a byte; everything
 * else in the ABI (names, paths, log lines) is UTF-8.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const EMPTY = new Uint8Array(0);

/** How many arguments `String.fromCharCode` is given at once. */
const CHUNK = 4096;

/** Bytes as a byte string. */
export function byteString(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK)
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + CHUNK) as unknown as number[]);
  return text;
}

/** Writes a byte string; what is above a byte loses its upper half, as in Node's own HTTP. @returns where it ends */
export function writeByteString(text: string, target: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) target[at++] = text.charCodeAt(i);
  return at;
}

/** A byte string as bytes. */
export function bytesOf(text: string): Uint8Array {
  if (text.length === 0) return EMPTY;
  const bytes = new Uint8Array(text.length);
  writeByteString(text, bytes, 0);
  return bytes;
}

export function encodeUtf8(text: string): Uint8Array {
  return text.length === 0 ? EMPTY : encoder.encode(text);
}

/** UTF-8 as text; what is no UTF-8 becomes U+FFFD, since names and log lines of a guest need not be valid. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Bytes one after the other. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
