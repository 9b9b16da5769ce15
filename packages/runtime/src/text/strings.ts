import { decodeUtf8, encodeUtf8 } from "../wasm/utf8.ts";

const BACKSLASH = 0x5c;

export function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  if (code >= 0x41 && code <= 0x46) return code - 0x37;
  return -1;
}

/**
 * The bytes that a string literal stands for (specification, 6.3.3). `start` is the offset of its opening quote and `end` the one
 * after its closing quote; the lexer has checked what is between.
 */
export function decodeString(text: string, start: number, end: number): Uint8Array {
  const inner = text.slice(start + 1, end - 1);
  if (!inner.includes("\\")) return encodeUtf8(inner);
  const bytes = new Uint8Array(inner.length * 3);
  let length = 0;
  for (let i = 0; i < inner.length; ) {
    const code = inner.charCodeAt(i);
    if (code !== BACKSLASH) {
      if (code < 0x80) {
        bytes[length++] = code;
        i++;
      } else {
        const char = String.fromCodePoint(inner.codePointAt(i)!);
        const encoded = encodeUtf8(char);
        bytes.set(encoded, length);
        length += encoded.length;
        i += char.length;
      }
      continue;
    }
    const kind = inner[i + 1];
    if (kind === "u") {
      const close = inner.indexOf("}", i);
      const encoded = encodeUtf8(
        String.fromCodePoint(Number.parseInt(inner.slice(i + 3, close).replaceAll("_", ""), 16)),
      );
      bytes.set(encoded, length);
      length += encoded.length;
      i = close + 1;
    } else if (simpleEscapes.has(kind)) {
      bytes[length++] = simpleEscapes.get(kind)!;
      i += 2;
    } else {
      bytes[length++] = hexDigit(inner.charCodeAt(i + 1)) * 16 + hexDigit(inner.charCodeAt(i + 2));
      i += 3;
    }
  }
  return bytes.slice(0, length);
}

const simpleEscapes: ReadonlyMap<string, number> = new Map([
  ["t", 9],
  ["n", 10],
  ["r", 13],
  ['"', 0x22],
  ["'", 0x27],
  ["\\", BACKSLASH],
]);

/** The text that a string literal stands for, or undefined when its bytes are not UTF-8. */
export function decodeName(text: string, start: number, end: number): string | undefined {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes("\\") ? decodeUtf8(decodeString(text, start, end)) : inner;
}

/** A string literal for a name: readable characters as they are, the others escaped. */
export function quoteName(name: string): string {
  let result = '"';
  for (const char of name) {
    const code = char.codePointAt(0)!;
    if (char === '"' || char === "\\") result += `\\${char}`;
    else if (code < 0x20 || code === 0x7f) result += `\\${code.toString(16).padStart(2, "0")}`;
    else if (isInvisible(code)) result += `\\u{${code.toString(16)}}`;
    else result += char;
  }
  return `${result}"`;
}

/** Characters that would change how the text around them is shown: controls, directional marks, other invisible ones. */
function isInvisible(code: number): boolean {
  return (
    (code >= 0x80 && code < 0xa0) ||
    code === 0xad ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    code === 0xfeff
  );
}

/** A string literal for bytes. */
export function quoteBytes(bytes: Uint8Array): string {
  const pieces: string[] = ['"'];
  for (const byte of bytes) pieces.push(byteEscapes[byte]);
  pieces.push('"');
  return pieces.join("");
}

const byteEscapes: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x22 || byte === BACKSLASH) return `\\${String.fromCharCode(byte)}`;
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return `\\${byte.toString(16).padStart(2, "0")}`;
});
