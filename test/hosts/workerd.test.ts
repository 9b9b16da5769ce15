import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "./bundle.ts";
import { expectRight, workFor } from "./inputs.ts";
import { readReport } from "./program.ts";
import { lacksHosts } from "./tools.ts";
import { type ServedWorker, serveWorker } from "./worker.ts";

describe.skipIf(lacksHosts)("workerd", { timeout: 600_000 }, () => {
  let worker: ServedWorker;
  beforeAll(async () => {
    worker = await serveWorker(await bundle("room/worker.ts", "esm"));
  }, 60_000);
  afterAll(() => worker?.close());

  it("compiles neither WebAssembly nor JavaScript at run time; the interpreter runs guests", async () => {
    const work = workFor("interpreter");
    const response = await fetch(worker.address, { method: "POST", body: JSON.stringify(work) });
    expectRight(readReport(await response.text()), work);
  });

  it("gets the interpreter from auto, and why", async () => {
    const work = { ...workFor("auto"), scripts: [], kernels: [] };
    const response = await fetch(worker.address, { method: "POST", body: JSON.stringify(work) });
    const { engine, reason } = readReport(await response.text());
    expect(engine).toBe("interpreter");
    expect(reason).toMatch(/platform: .*compiler: this platform does not let JavaScript be made from text/);
  });
});
