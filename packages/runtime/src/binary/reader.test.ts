import { describe, expect, it } from "vitest";
import { Reader } from "./reader.ts";

/** What a method reads of bytes, or why it does not. */
function read(method: "u32" | "s32" | "s33" | "s64" | "u64", bytes: readonly number[]): unknown {
  const reader = new Reader(Uint8Array.from(bytes));
  try {
    const value = reader[method]();
    return reader.pos === bytes.length ? value : `stopped at ${reader.pos}`;
  } catch (error) {
    return (error as Error).message.replace(/ \(.*/, "");
  }
}

const more = (count: number, byte = 0x80): number[] => new Array<number>(count).fill(byte);
const LARGE = "integer too large";
const LONG = "integer representation too long";

describe("LEB128", () => {
  it.each([
    ["u32", [...more(4, 0xff), 0x0f], 0xffffffff],
    ["u32", [...more(4, 0xff), 0x1f], LARGE],
    ["u32", [...more(4), 0x10], LARGE],
    ["u32", [...more(4), 0x70], LARGE],
    ["u32", [...more(5), 0x00], LONG],
    ["u32", [...more(4), 0x00], 0],
    ["u32", more(3), "unexpected end"],
    ["s32", [...more(4, 0xff), 0x07], 0x7fffffff],
    ["s32", [...more(4), 0x78], -0x80000000],
    ["s32", [...more(4), 0x08], LARGE],
    ["s32", [...more(4), 0x70], LARGE],
    ["s32", [...more(4, 0xff), 0x4f], LARGE],
    ["s32", [...more(5), 0x00], LONG],
    ["s33", [...more(4, 0xff), 0x0f], 0xffffffff],
    ["s33", [...more(4), 0x70], -0x100000000],
    ["s33", [...more(4), 0x10], LARGE],
    ["s33", [...more(5), 0x00], LONG],
    ["s64", [...more(9, 0xff), 0x00], 0x7fffffffffffffffn],
    ["s64", [...more(9), 0x7f], -0x8000000000000000n],
    ["s64", [...more(9), 0x01], LARGE],
    ["s64", [...more(9), 0x7e], LARGE],
    ["s64", [...more(10), 0x00], LONG],
    ["u64", [...more(9, 0xff), 0x01], 0xffffffffffffffffn],
    ["u64", [...more(9), 0x02], LARGE],
    ["u64", [...more(10), 0x00], LONG],
  ] as const)("%s of %j is %s", (method, bytes, expected) => {
    expect(read(method, bytes)).toBe(expected);
  });
});
