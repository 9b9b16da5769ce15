import { describe, expect, it } from "vitest";
import { measure } from "./sizes.mjs";
import { lacksHosts } from "./tools.ts";

describe.skipIf(lacksHosts)("bundles", () => {
  // docs/decisions/entries-and-bundle-sizes.md lists the bytes of each feature that was added above 61,440.
  it("the compiler alone is under 67.6 kB, with no interpreter, text format or platform engine in it", async () => {
    const { gzipped, files } = await measure("compiler");
    expect(gzipped).toBeLessThan(67_600);
    expect(files.filter((file) => /^(engines\/(interpreter|platform)|text)\//.test(file))).toEqual([]);
    expect(files).toContain("engines/compiler/translate.js");
  });

  it("what modules compiled ahead of time need is half of that: no translator, no validator", async () => {
    const { gzipped, files } = await measure("ahead");
    expect(gzipped).toBeLessThan(36_500);
    expect(files.filter((file) => /^(engines\/(interpreter|platform)|text|validation|metering)\//.test(file))).toEqual(
      [],
    );
    expect(files).not.toContain("engines/compiler/translate.js");
  });

  it("the interpreter alone has no other engine in it", async () => {
    const { files } = await measure("interpreter");
    // What a module compiled ahead of time is, every runtime knows.
    const others = files.filter((file) => /^(engines\/(compiler|platform)|text)\//.test(file));
    expect(others.filter((file) => file !== "engines/compiler/compiled-module.js")).toEqual([]);
  });

  it("the namespace has neither the text format nor the platform engine in it", async () => {
    const { files } = await measure("webassembly/index");
    expect(files.filter((file) => /^(engines\/platform|text)\//.test(file))).toEqual([]);
  });
});
