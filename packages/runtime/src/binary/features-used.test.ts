import { expect, test } from "vitest";
import { moduleBytes, name, section } from "../../test/binary-module.ts";
import { featuresUsed } from "./features-used.ts";

const types = section(1, 1, 0x60, 0, 0);
const body = (...code: number[]): number[][] => [
  types,
  section(3, 1, 0),
  section(10, 1, code.length + 2, 0, ...code, 0x0b),
];

test.each([
  ["nothing", [], []],
  ["a result more", [section(1, 1, 0x60, 0, 2, 0x7f, 0x7f)], ["multi-value"]],
  ["a block of a type", body(0x02, 0, 0x0b), ["multi-value"]],
  ["a block of a vector", body(0x02, 0x7b, 0, 0x0b, 0x1a), ["simd"]],
  ["a typed select", body(0, 0x1c, 1, 0x6e, 0x1a), ["reference-types", "gc"]],
  ["instructions", body(0x41, 0, 0xc0, 0xfc, 0x0b, 0), ["sign-extension", "bulk-memory"]],
  ["a constant that computes", [section(6, 1, 0x7f, 0, 0x41, 0, 0x41, 0, 0x6a, 0x0b)], ["extended-const"]],
  ["a constant that does not", [section(6, 1, 0x7f, 0, 0x41, 0, 0x0b)], []],
  ["a 64-bit memory", [section(5, 1, 4, 1)], ["memory64"]],
  ["a tag alone", [types, section(13, 1, 0, 0)], ["exceptions"]],
  ["older exceptions", body(0x06, 0x40, 0x08, 0, 0x19, 0x0b), ["legacy-exceptions"]],
  ["exceptions of both kinds", body(0x06, 0x40, 0x19, 0x0b, 0x0a), ["exceptions", "legacy-exceptions"]],
  [
    "a global that changes, exported",
    [section(6, 1, 0x7f, 1, 0x41, 0, 0x0b), section(7, 1, ...name("g"), 3, 0)],
    ["mutable-globals"],
  ],
])("%s", (_, sections, features) => {
  expect(featuresUsed(moduleBytes(...sections))).toEqual(features);
});
