import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { mutated } from "./apply.ts";
import { mutants } from "./list.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

describe("the list of mutants", () => {
  it("has forty or more, each with tests that are to find it", () => {
    expect(mutants.length).toBeGreaterThanOrEqual(40);
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    for (const { name, tests } of mutants) expect([name, tests.length > 0]).toEqual([name, true]);
  });

  it.each(mutants)("applies to exactly one place: $name", (mutant) => {
    expect(mutated(root, mutant)).toContain(mutant.replacement);
  });
});
