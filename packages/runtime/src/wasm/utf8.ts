/**
 * UTF-8 as WebAssembly wants it (specification, 5.2.4): strict, and without the platform's TextDecoder, which not every host has.
 */

/** Strings are put together in pieces of this many code units, since an argument list has an upper bound. */
const PIECE = 4096;

/**
 * The text of `bytes[start]` to `bytes[end - 1]`, or undefined when they are not well-formed UTF-8: an overlong form, a surrogate,
 * a code point beyond U+10FFFF, or a sequence cut short.
 */
export function decodeUtf8(bytes: Uint8Array, start = 0, end: number = bytes.length): string | undefined {
  let text = "";
  let units: number[] = [];
  for (let i = start; i < end; ) {
    const first = bytes[i++];
    let code = first;
    if (first >= 0x80) {
      const more = first < 0xc2 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 0;
      if (more === 0 || end - i < more) return undefined;
      code = first & (0x3f >> more);
      for (let k = 0; k < more; k++) {
        const next = bytes[i++];
        if ((next & 0xc0) !== 0x80) return undefined;
        code = (code << 6) | (next & 0x3f);
      }
      if (more === 2 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) return undefined;
      if (more === 3 && (code < 0x10000 || code > 0x10ffff)) return undefined;
    }
    if (code < 0x10000) units.push(code);
    else units.push(0xd7c0 + (code >> 10), 0xdc00 | (code & 0x3ff));
    if (units.length >= PIECE) {
      text += String.fromCharCode(...units);
      units = [];
    }
  }
  return units.length === 0 ? text : text + String.fromCharCode(...units);
}

/** The UTF-8 form of a string. A lone surrogate, which has none, becomes U+FFFD as everywhere on the platform. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.codePointAt(i)!;
    if (code < 0x80) {
      bytes[length++] = code;
      continue;
    }
    if (code < 0x800) {
      bytes[length++] = 0xc0 | (code >> 6);
    } else {
      if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
      if (code < 0x10000) {
        bytes[length++] = 0xe0 | (code >> 12);
      } else {
        i++;
        bytes[length++] = 0xf0 | (code >> 18);
        bytes[length++] = 0x80 | ((code >> 12) & 0x3f);
      }
      bytes[length++] = 0x80 | ((code >> 6) & 0x3f);
    }
    bytes[length++] = 0x80 | (code & 0x3f);
  }
  return bytes.slice(0, length);
}
