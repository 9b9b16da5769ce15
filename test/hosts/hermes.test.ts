import { describe, expect, it } from "vitest";
import { bundle, forHermesEngine } from "./bundle.ts";
import { expectRight, workFor } from "./inputs.ts";
import { readReport, roomProgram, runProgram } from "./program.ts";
import { hermesPath, lacksHosts } from "./tools.ts";

describe.skipIf(lacksHosts)("Hermes 0.12", { timeout: 600_000 }, () => {
  it("has no WebAssembly; the compiler runs guests", async () => {
    const room = await forHermesEngine(await bundle("room/main.ts"));
    const work = workFor("compiler");
    const report = readReport(runProgram(hermesPath(), [], roomProgram(room, work, "print")));
    expectRight(report, work, "lost");
    for (const name of ["WebAssembly", "TextDecoder", "Atomics", "SharedArrayBuffer", "WeakRef", "performance"])
      expect(report.lacks).toContain(name);
  });

  it("keeps the bits of every NaN on the interpreter", async () => {
    const room = await forHermesEngine(await bundle("room/main.ts"));
    const { scripts } = workFor("interpreter");
    const ofFloats = scripts.filter(({ name }) => /float_memory|f32_bitwise|f64_bitwise|conversions/.test(name));
    const work = { engine: "interpreter", kernels: [], scripts: ofFloats } as const;
    const report = readReport(runProgram(hermesPath(), [], roomProgram(room, work, "print")));
    expect(report.suite.failures).toEqual([]);
  });
});
