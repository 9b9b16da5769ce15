import { expect, test } from "vitest";
import { name } from "../../test/binary-module.ts";
import { decodeProducers } from "./producers.ts";

test("fields with their values", () => {
  const bytes = [
    2,
    ...name("language"),
    1,
    ...name("C11"),
    0,
    ...name("processed-by"),
    2,
    ...name("clang"),
    ...name("22"),
  ];
  expect(decodeProducers(Uint8Array.from([...bytes, ...name("wasm-opt"), ...name("110")]))).toEqual([
    { field: "language", name: "C11", version: "" },
    { field: "processed-by", name: "clang", version: "22" },
    { field: "processed-by", name: "wasm-opt", version: "110" },
  ]);
});

test("cut short", () => {
  expect(() => decodeProducers(Uint8Array.of(1, 3, 0x61))).toThrow("length out of bounds (in the producers section");
});
