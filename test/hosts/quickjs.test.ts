import { describe, expect, it } from "vitest";
import { bundle } from "./bundle.ts";
import { expectRight, workFor } from "./inputs.ts";
import { readReport, roomProgram } from "./program.ts";
import { lacksHosts, type QuickJS, require } from "./tools.ts";

/**
 * QuickJS as programs embed it: a WebAssembly module itself, it shares nothing with the JavaScript around it. Its context is left to the process's
 * end, since disposing of one in which something failed aborts, and hides what it was.
 */
async function runInQuickJS(program: string): Promise<string> {
  const { getQuickJS } = require("quickjs-emscripten") as QuickJS;
  const context = (await getQuickJS()).newContext();
  context.runtime.setMaxStackSize(160 * 1024);
  let output = "";
  const print = context.newFunction("print", (text) => {
    output += context.getString(text);
  });
  context.setProp(context.global, "print", print);
  for (const result of [context.evalCode(program, "program.js"), context.runtime.executePendingJobs()])
    if (result.error !== undefined) throw new Error(JSON.stringify(context.dump(result.error)).slice(0, 1500));
  return output;
}

describe.skipIf(lacksHosts)("QuickJS", { timeout: 600_000 }, () => {
  it("has no WebAssembly; the compiler runs guests", async () => {
    const work = workFor("compiler");
    const program = roomProgram(await bundle("room/main.ts"), work, "print");
    const report = readReport(await runInQuickJS(program));
    expectRight(report, work, "lost");
    expect(report.lacks).toContain("WebAssembly");
    expect(report.lacks).toContain("TextDecoder");
  });
});
