/** Base64 (RFC 4648, section 4) without the platform's `atob`, which not every host has. */

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function encodeBase64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    pieces.push(
      alphabet[word >> 18] +
        alphabet[(word >> 12) & 63] +
        (i + 1 < bytes.length ? alphabet[(word >> 6) & 63] : "=") +
        (i + 2 < bytes.length ? alphabet[word & 63] : "="),
    );
  }
  return pieces.join("");
}

const values: Int8Array = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) values[alphabet.charCodeAt(i)] = i;

/** @throws TypeError for text that is no base64 */
export function decodeBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0)
    throw new TypeError(`base64 comes in groups of four, and ${text.length} characters are left over`);
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  const end = text.length - padding;
  let at = 0;
  let word = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const value = i >= end ? 0 : code < 128 ? values[code] : -1;
    if (value < 0) throw new TypeError(`"${text[i]}" at ${i} is no character of base64`);
    word = (word << 6) | value;
    if ((i & 3) !== 3) continue;
    bytes[at] = word >> 16;
    if (at + 1 < bytes.length) bytes[at + 1] = word >> 8;
    if (at + 2 < bytes.length) bytes[at + 2] = word;
    at += 3;
    word = 0;
  }
  return bytes;
}
