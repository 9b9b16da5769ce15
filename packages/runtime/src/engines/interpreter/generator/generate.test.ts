import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lengths, MACHINE_OP, operandKinds } from "../generated/machine-opcodes.ts";
// @ts-expect-error: a script without types
import { files } from "./generate.mjs";

test("the generated files are those that the generator makes", () => {
  for (const { name, digest } of files as { name: string; digest: string }[])
    expect(
      readFileSync(new URL(`../generated/${name}`, import.meta.url), "utf8").startsWith(digest),
      `run generate.mjs: ${name}`,
    ).toBe(true);
});

test("every instruction has a number, a length and kinds of operands", () => {
  const numbers = Object.values(MACHINE_OP);
  expect(numbers).toEqual(numbers.map((_, i) => i));
  expect(lengths).toHaveLength(numbers.length);
  operandKinds.forEach((kinds, op) => {
    expect(kinds).toHaveLength(Math.max(0, lengths[op] - 1));
  });
});
