import { expect, test } from "vitest";
import { instructions } from "./instructions.ts";
import * as OP from "./opcodes.ts";

test("the constants are the opcodes of the table, by their names", () => {
  const expected = new Map<string, number>();
  for (const { name, opcode } of instructions) {
    const constant = name.replaceAll(".", "_").toUpperCase();
    if (!expected.has(constant)) expected.set(constant, opcode);
    // Where two opcodes have one name, the second is `select` with a type, or allows null.
    else expected.set(constant + (name === "select" ? "_TYPED" : "_NULL"), opcode);
  }
  expect(new Map(Object.entries(OP))).toEqual(expected);
  expect(expected.size).toBe(instructions.length);
});
