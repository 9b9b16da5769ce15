import { expect, test } from "vitest";
import { seededRandom, systemRandom } from "./random.ts";

const take = (source: (bytes: Uint8Array) => void, length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  source(bytes);
  return bytes;
};

test("a seed gives the same bytes everywhere", () => {
  expect(take(seededRandom(), 16)).toEqual(take(seededRandom(0), 16));
  expect(take(seededRandom(1), 64)).toEqual(take(seededRandom(1), 64));
  expect(take(seededRandom(1), 64)).not.toEqual(take(seededRandom(2), 64));
  expect(take(seededRandom(1), 64)).not.toEqual(take(seededRandom(2 ** 32 + 1), 64));
});

test("a guest that asks for a few bytes at a time gets those of every run", () => {
  expect(Buffer.from(take(seededRandom(), 11)).toString("hex")).toBe("c7c75b248746f9b2af4e48");
});

test("seeded bytes are spread evenly", () => {
  const counts = new Array<number>(256).fill(0);
  for (const byte of take(seededRandom(7), 256 * 400)) counts[byte]++;
  expect(Math.min(...counts)).toBeGreaterThan(300);
  expect(Math.max(...counts)).toBeLessThan(500);
});

test("the system's source fills any length, shared memory too", () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(200_000));
  systemRandom()(bytes);
  for (let at = 0; at < bytes.length; at += 50_000)
    expect(bytes.subarray(at, at + 1000).some((byte) => byte !== 0)).toBe(true);
});

test("a seed that is no seed is refused", () => {
  for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => seededRandom(seed)).toThrow(RangeError);
});
