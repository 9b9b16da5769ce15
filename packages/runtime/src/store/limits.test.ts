import { describe, expect, it } from "vitest";
import { resolveLimits } from "./limits.ts";

describe("resolveLimits", () => {
  it("bounds nothing that was not asked for", () => {
    expect(resolveLimits(undefined, {})).toEqual({
      fuel: undefined,
      timeout: Number.POSITIVE_INFINITY,
      memory: Number.POSITIVE_INFINITY,
      tableElements: Number.POSITIVE_INFINITY,
      callDepth: Number.POSITIVE_INFINITY,
    });
  });

  it("lets an instance lower, but not raise, what its runtime allows", () => {
    const limits = resolveLimits({ fuel: 100n, memory: 1000 }, { fuel: 200n, memory: 500, callDepth: 3 });
    expect(limits).toMatchObject({ fuel: 100n, memory: 500, callDepth: 3 });
  });

  it.each([
    ["fuel that is a number", { fuel: 5 }],
    ["fuel below zero", { fuel: -1n }],
    ["a timeout below zero", { timeout: -1 }],
    ["memory that is not a number", { memory: Number.NaN }],
    ["a call depth that is text", { callDepth: "7" }],
  ])("refuses %s", (_, limits) => {
    expect(() => resolveLimits(limits as never)).toThrow(TypeError);
  });
});
