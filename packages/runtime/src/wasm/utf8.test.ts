import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function reference(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

test("accepts and decodes just what a strict platform decoder does", () => {
  // Bytes near the edges of the sequences, since bytes at random are seldom more than ASCII.
  const edges = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed];
  edges.push(0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff);
  fc.assert(
    fc.property(fc.uint8Array(), fc.array(fc.constantFrom(...edges)), (noise, near) => {
      for (const bytes of [noise, Uint8Array.from(near)]) expect(decodeUtf8(bytes)).toBe(reference(bytes));
    }),
    { numRuns: 2000 },
  );
});

test("refuses surrogates and takes their neighbours", () => {
  const texts = [
    [0xed, 0x9f, 0xbf],
    [0xed, 0xa0, 0x80],
    [0xed, 0xbf, 0xbf],
    [0xee, 0x80, 0x80],
  ].map((bytes) => decodeUtf8(Uint8Array.from(bytes)));
  expect(texts).toEqual(["\ud7ff", undefined, undefined, "\ue000"]);
});

test("comes back from every string that has a UTF-8 form", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const bytes = encodeUtf8(text);
      expect(bytes).toEqual(new TextEncoder().encode(text));
      expect(decodeUtf8(bytes)).toBe(text);
    }),
  );
});

test("puts long texts together, whole characters at the seams", () => {
  const text = `${"a".repeat(4095)}😀${"é".repeat(9000)}`;
  expect(decodeUtf8(encodeUtf8(text))).toBe(text);
});

test("writes a lone surrogate as U+FFFD", () => {
  expect(decodeUtf8(encodeUtf8("a\ud800b\udc00"))).toBe("a\ufffdb\ufffd");
});

test("decodes a part of the bytes", () => {
  expect(decodeUtf8(encodeUtf8("xéy"), 1, 3)).toBe("é");
  expect(decodeUtf8(encodeUtf8("xéy"), 1, 2)).toBeUndefined();
});
