import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { instructionAt } from "../../src/wasm/instructions.ts";
import { isPrefix, opcodeSlot } from "../../src/wasm/opcode-slots.ts";

/**
 * Code that runs for every instruction of a function. V8 makes a jump table of their switch only where the cases are literals, so these files may
 * write an opcode as a number, with its name in the comment beside it. All others use the constants of `opcodes.ts`.
 */
const hot = [
  "engines/compiler/control.ts",
  "engines/compiler/i64.ts",
  "engines/compiler/translate.ts",
  "engines/compiler/vector-locals.ts",
  "engines/interpreter/translation/translator.ts",
  "engines/platform/rewrite/function-rewriter.ts",
  "metering/plan.ts",
  "metering/stop-position.ts",
  "numerics/canonical-nans.ts",
  "validation/special.ts",
];

const root = new URL("../../src/", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), "utf8");
const CASE = /case (0x[0-9a-f]+):(?: \{)?\s*(?:\/\/ ([\w.]+))?/g;

describe("an opcode that is written as a number", () => {
  test.each(hot)("has its name beside it in %s", (file) => {
    const cases = [...read(file).matchAll(CASE)];
    expect(cases.length).toBeGreaterThan(3);
    for (const [text, number, name] of cases) {
      if (isPrefix(Number(number))) continue;
      expect(name, text).toBe(instructionAt[opcodeSlot(Number(number))]?.name);
    }
  });

  test("is in no other file", () => {
    // Numbers that are no opcodes: types in the binary format, and the machine instructions of the interpreter.
    const others = [
      "binary/type-reader.ts",
      "engines/interpreter/generated/loop.ts",
      "engines/interpreter/generated/vector-loop.ts",
    ];
    const files = readdirSync(root, { recursive: true, encoding: "utf8" })
      .map((file) => file.replaceAll("\\", "/"))
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
    const found = files.filter((file) => /(case|opcode [!=]==) 0x[0-9a-f]/.test(read(file)));
    expect(found.filter((file) => !hot.includes(file) && !others.includes(file))).toEqual([]);
    for (const file of hot) expect(read(file), file).not.toMatch(/opcode [!=]== 0x/);
  });
});
