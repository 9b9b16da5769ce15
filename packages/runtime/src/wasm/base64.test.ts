import { expect, it } from "vitest";
import { decodeBase64, encodeBase64 } from "./base64.ts";

it("writes and reads base64 as the platform does", () => {
  for (let length = 0; length < 40; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 77 + length * 31) & 255);
    const text = Buffer.from(bytes).toString("base64");
    expect(encodeBase64(bytes)).toBe(text);
    expect(decodeBase64(text)).toEqual(bytes);
  }
});

it("refuses what is none", () => {
  for (const text of ["a", "abc", "a===", "ab!d", "ab=d", "äbcd"]) expect(() => decodeBase64(text)).toThrow(TypeError);
});
