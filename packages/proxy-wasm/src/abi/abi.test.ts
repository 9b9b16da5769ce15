import { expect, test } from "vitest";
import { Body } from "./body.ts";
import { bytesOf } from "./bytes.ts";
import { HeaderMap } from "./header-map.ts";
import { decodePairs, encodePairs } from "./pairs.ts";
import { descend, encodeProperty, splitPath } from "./property.ts";
import { fieldsOf } from "./protobuf.ts";

test("pairs are written and read, and whatever is wrong is an empty map", () => {
  const pairs = [
    [":path", "/é"],
    ["empty", ""],
  ] as const;
  const bytes = encodePairs(pairs);
  expect(bytes.length).toBe(4 + 10 + 7 + 10 + 5);
  expect(decodePairs(bytes)).toEqual(pairs);
  for (let length = 0; length < bytes.length; length++) expect(decodePairs(bytes.subarray(0, length))).toEqual([]);
  expect(decodePairs(Uint8Array.of(...bytes, 0))).toEqual([]);
  for (const at of [0, 4, 8, bytes.length - 1]) {
    const bad = bytes.slice();
    bad[at] ^= 0xff;
    expect(decodePairs(bad)).toEqual([]);
  }
  expect(decodePairs(Uint8Array.of(255, 255, 255, 255))).toEqual([]);
});

test("a header map keeps order and repeated names, and a replacement stands where the first stood", () => {
  const map = HeaderMap.from([
    ["A", "1"],
    ["b", "2"],
    ["a", "3"],
  ]);
  expect(map.get("a")).toBe("1");
  expect(map.modified).toBe(false);
  map.replace("A", "4");
  expect([...map]).toEqual([
    ["a", "4"],
    ["b", "2"],
  ]);
  map.remove("B");
  expect([map.size, map.byteSize, map.modified]).toEqual([1, 2, true]);
});

test("a body is read whole, changed at its ends, and drained in the chunks that came", () => {
  const body = new Body(bytesOf("abc"));
  body.append(bytesOf("def"));
  expect(body.drain().length).toBe(2);
  for (const chunk of ["1", "2", "3"]) {
    body.append(bytesOf(chunk));
    body.bytes();
  }
  body.prepend(bytesOf("<"));
  body.append(bytesOf(">"));
  expect([body.size, [...body.bytes()]]).toEqual([5, [...bytesOf("<123>")]]);
});

test("properties are found by path and written as Envoy writes them", () => {
  expect(splitPath("a\0b\0")).toEqual(["a", "b"]);
  const value = { list: ["x", { y: 7n }], headers: HeaderMap.from([["k", "v"]]) };
  expect(descend(value, ["list", "1", "y"])).toBe(7n);
  expect(descend(value, ["list", "length"])).toBeUndefined();
  expect(descend(value, ["constructor"])).toBeUndefined();
  expect(encodeProperty(descend(value, ["headers", "K"]))).toEqual(bytesOf("v"));
  expect(encodeProperty(-1n)).toEqual(new Uint8Array(8).fill(255));
  expect(encodeProperty(true)).toEqual(Uint8Array.of(1));
  expect(encodeProperty(0.5)).toEqual(new Uint8Array(new Float64Array([0.5]).buffer));
  expect(encodeProperty(new Date(1))).toEqual(encodeProperty(1_000_000n));
  expect(encodeProperty(["a"])).toEqual(encodePairs([["a", ""]]));
  expect(encodeProperty(undefined)).toBeUndefined();
});

test("a protobuf message is taken apart, and what is none is told", () => {
  expect(fieldsOf(Uint8Array.of(0x0a, 2, 65, 66, 0x10, 1))).toEqual([
    { number: 1, bytes: Uint8Array.of(65, 66) },
    { number: 2, bytes: undefined },
  ]);
  expect(fieldsOf(Uint8Array.of(0x0a, 5, 65))).toBeUndefined();
  expect(fieldsOf(new Uint8Array(20).fill(255))).toBeUndefined();
});
