import { beforeAll, describe, expect, it } from "vitest";
import { bundle } from "./bundle.ts";
import { expectRight, workFor } from "./inputs.ts";
import { readReport, roomProgram, runProgram } from "./program.ts";
import type { Report, Work } from "./room/work.ts";
import { lacksHosts } from "./tools.ts";

let room = "";

const run = (flags: readonly string[], work: Work): Report =>
  readReport(runProgram(process.execPath, flags, roomProgram(room, work, "console.log"), "program.cjs"));

describe.skipIf(lacksHosts)("Node", { timeout: 600_000 }, () => {
  beforeAll(async () => {
    room = await bundle("room/main.ts");
  });

  it("--jitless: no WebAssembly, code from text", () => {
    const work = workFor("compiler");
    const report = run(["--jitless"], work);
    expectRight(report, work);
    expect(report.lacks).toContain("WebAssembly");
  });

  it("--disallow-code-generation-from-strings: WebAssembly, no code from text", () => {
    const work = workFor("interpreter");
    expectRight(run(["--disallow-code-generation-from-strings"], work), work);
  });

  it("--jitless --disallow-code-generation-from-strings: neither, and auto says so", () => {
    const report = run(["--jitless", "--disallow-code-generation-from-strings"], {
      ...workFor("auto"),
      scripts: [],
      kernels: [],
    });
    expect(report.engine).toBe("interpreter");
    expect(report.reason).toContain("does not let JavaScript be made from text");
    expect(report.lacks).toContain("WebAssembly");
  });
});
