import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8, utf8Length } from "./utf8.ts";

const codePoint = fc
  .oneof(fc.nat(0x7f), fc.nat(0x7ff), fc.nat(0xffff), fc.nat(0x10ffff))
  .filter((code) => code < 0xd800 || code > 0xdfff);
const anyText = fc.array(codePoint, { maxLength: 12 }).map((codes) => String.fromCodePoint(...codes));

test("texts are encoded as the platform encodes them", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const bytes = encodeUtf8(text);
      expect(Buffer.compare(bytes, new TextEncoder().encode(text))).toBe(0);
      expect(utf8Length(text)).toBe(bytes.length);
    }),
  );
  // A surrogate without its partner.
  expect(encodeUtf8("a\ud800b")).toEqual(new TextEncoder().encode("a\ud800b"));
});

test("bytes are decoded as the platform decodes them, and refused where it refuses them", { timeout: 60_000 }, () => {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc
      .array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0x9f, 0xa0, 0x8f, 0x90))
      .map((codes) => Uint8Array.from(codes)),
    anyText.map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(bytes, (bytes) => {
      let expected: string | undefined;
      try {
        expected = decoder.decode(bytes);
      } catch {
        expected = undefined;
      }
      expect(decodeUtf8(bytes, 0, bytes.length)).toBe(expected);
    }),
    { numRuns: 1000 },
  );
});
