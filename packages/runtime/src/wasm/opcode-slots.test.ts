import { expect, test } from "vitest";
import { instructions, lookupInstruction } from "./instructions.ts";
import { NO_OPCODE, OPCODE_SLOTS, opcodeSlot, prefixedSlot } from "./opcode-slots.ts";

test("each instruction has a slot of its own, the same by both ways", () => {
  const slots = new Set<number>();
  for (const { opcode } of instructions) {
    const slot = opcodeSlot(opcode);
    expect(slot).toBeLessThan(OPCODE_SLOTS);
    slots.add(slot);
    if (opcode > 0xff) expect(prefixedSlot(opcode >>> 12, opcode & 0xfff)).toBe(slot);
  }
  expect(slots.size).toBe(instructions.length);
  expect(slots.has(NO_OPCODE)).toBe(false);
});

test("an opcode beyond its prefix's slots is refused, not taken for one of the next prefix", () => {
  for (const prefix of [0xfb, 0xfc, 0xfd, 0xfe]) {
    expect(opcodeSlot((prefix << 12) | 0x1ff)).toBe(prefixedSlot(prefix, 0x1ff));
    expect(() => opcodeSlot((prefix << 12) | 0x200)).toThrow(RangeError);
  }
  for (const opcode of [0xfa000, 0xff000, 0x100, 0xfb, 0xfe, 0xfc0000]) {
    expect(() => opcodeSlot(opcode), opcode.toString(16)).toThrow(RangeError);
  }
});

test("a guest's number that is out of range finds no instruction", () => {
  for (const prefix of [0xfb, 0xfc, 0xfd, 0xfe]) {
    for (const number of [0x200, 0x1000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      expect(prefixedSlot(prefix, number)).toBe(NO_OPCODE);
      expect(lookupInstruction(prefix, number)).toBeUndefined();
    }
  }
});
