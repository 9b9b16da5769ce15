import { expect, test } from "vitest";
import { instructionOf, instructions, lookupInstruction } from "./instructions.ts";

test("every opcode is there once, and found by its prefix and number", () => {
  const seen = new Set<number>();
  for (const instruction of instructions) {
    expect(seen.has(instruction.opcode), instruction.name).toBe(false);
    seen.add(instruction.opcode);
    expect(instructionOf(instruction.opcode)).toBe(instruction);
  }
});

test("opcodes are those of other implementations", () => {
  const names = (prefix: number, ...codes: number[]): (string | undefined)[] =>
    codes.map((code) => lookupInstruction(prefix, code)?.name);
  expect(names(0, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6)).toEqual([
    "ref.null",
    "ref.is_null",
    "ref.func",
    "ref.eq",
    "ref.as_non_null",
    "br_on_null",
    "br_on_non_null",
  ]);
  expect(names(0xfb, 0x00, 0x08, 0x0f, 0x18, 0x1c, 0x1e)).toEqual([
    "struct.new",
    "array.new_fixed",
    "array.len",
    "br_on_cast",
    "ref.i31",
    "i31.get_u",
  ]);
  expect(names(0xfc, 0x07, 0x08, 0x11, 0x13)).toEqual([
    "i64.trunc_sat_f64_u",
    "memory.init",
    "table.fill",
    "i64.add128",
  ]);
  expect(names(0xfd, 0x0c, 0x54, 0xff, 0x100, 0x113)).toEqual([
    "v128.const",
    "v128.load8_lane",
    "f64x2.convert_low_i32x4_u",
    "i8x16.relaxed_swizzle",
    "i32x4.relaxed_dot_i8x16_i7x16_add_s",
  ]);
  expect(names(0xfe, 0x00, 0x03, 0x10, 0x4e)).toEqual([
    "memory.atomic.notify",
    "atomic.fence",
    "i32.atomic.load",
    "i64.atomic.rmw32.cmpxchg_u",
  ]);
});
