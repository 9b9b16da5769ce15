import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { instructionAt } from "./instructions.ts";
import { opcodeSlot } from "./opcode-slots.ts";

/**
 * Code that runs for every instruction of a function. V8 makes a jump table of their switch only where the cases are literals, so these files may
 * write an opcode as a number, with its name in the comment beside it. All others use the constants of `opcodes.ts`.
 */
const hot = ["metering/plan.ts", "metering/stop-position.ts", "numerics/canonical-nans.ts", "validation/special.ts"];

const root = new URL("../", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), "utf8");
const CASE = /case (0x[0-9a-f]+):(?: \{)?\s*(?:\/\/ ([\w.]+))?/g;

describe("an opcode that is written as a number", () => {
  test.each(hot)("has its name beside it in %s", (file) => {
    const cases = [...read(file).matchAll(CASE)];
    expect(cases.length).toBeGreaterThan(3);
    for (const [text, number, name] of cases) {
      expect(name, text).toBe(instructionAt[opcodeSlot(Number(number))]?.name);
    }
  });
});
