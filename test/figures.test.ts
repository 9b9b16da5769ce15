import { describe, expect, it } from "vitest";
import { bundleFigures, loopFigures, printedFigures } from "../scripts/figures.mjs";
import { lacksHosts } from "./hosts/tools.ts";

/** The share by which a bundle may differ from its figure: compressors differ, and small changes need no new page. */
const TOLERANCE = 0.01;

const printed = printedFigures();
const stale = "run npm run figures";

describe("figures in the documentation", () => {
  it("have markers that are closed, with a value between", () => {
    expect(printed.length).toBeGreaterThan(4);
    for (const { name, value, page } of printed) expect(value, `${page}: ${name}`).toMatch(/^[\d,.]+$/);
  });

  // They depend on V8. The documentation has those of Node 20.
  it.skipIf(!process.versions.node.startsWith("20."))("of the interpreter's loops are those of the test", () => {
    const measured = loopFigures();
    for (const [name, value] of Object.entries(measured)) {
      const found = printed.filter((figure) => figure.name === name);
      expect(found.length, name).toBeGreaterThan(0);
      for (const figure of found) expect(figure.value, `${figure.page}: ${name} (${stale})`).toBe(value);
    }
  });

  it.skipIf(lacksHosts)("of bundles are within one percent", async () => {
    const measured = await bundleFigures();
    const bundles = printed.filter(({ name }) => name.startsWith("bundle-"));
    expect(bundles.length).toBeGreaterThan(0);
    for (const { name, value, page } of bundles) {
      expect(Object.keys(measured), page).toContain(name);
      const size = Number(measured[name]);
      expect(Math.abs(Number(value) - size) / size, `${page}: ${name} is ${size} (${stale})`).toBeLessThan(TOLERANCE);
    }
  });
});
