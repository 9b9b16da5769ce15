import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "./bundle.ts";
import { expectRight, workFor } from "./inputs.ts";
import { readReport } from "./program.ts";
import { lacksHosts, require } from "./tools.ts";

const configuration = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .room)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const room :Workerd.Worker = (
  modules = [(name = "room.js", esModule = embed "room.js")],
  compatibilityDate = "2025-01-01",
);`;

describe.skipIf(lacksHosts)("workerd", { timeout: 600_000 }, () => {
  let folder: string;
  let server: ChildProcess;
  let address: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "wardian-workerd-"));
    writeFileSync(join(folder, "room.js"), await bundle("room/worker.ts", "esm"));
    writeFileSync(join(folder, "config.capnp"), configuration);
    // On descriptor 3 it says which port it got.
    server = spawn(
      (require("workerd") as { default: string }).default,
      ["serve", "--control-fd=3", join(folder, "config.capnp")],
      {
        stdio: ["ignore", "inherit", "inherit", "pipe"],
      },
    );
    address = await new Promise((resolve, reject) => {
      server.on("exit", (code) => reject(new Error(`workerd ended with ${code}`)));
      server.stdio[3]?.on("data", (line: Buffer) => {
        const { event, port } = JSON.parse(line.toString());
        if (event === "listen") resolve(`http://127.0.0.1:${port}/`);
      });
    });
  }, 60_000);
  afterAll(() => {
    server?.kill();
    rmSync(folder, { recursive: true });
  });

  it("compiles neither WebAssembly nor JavaScript at run time; the interpreter runs guests", async () => {
    const work = workFor("interpreter");
    const response = await fetch(address, { method: "POST", body: JSON.stringify(work) });
    expectRight(readReport(await response.text()), work);
  });

  it("gets the interpreter from auto, and why", async () => {
    const work = { ...workFor("auto"), scripts: [], kernels: [] };
    const response = await fetch(address, { method: "POST", body: JSON.stringify(work) });
    const { engine, reason } = readReport(await response.text());
    expect(engine).toBe("interpreter");
    expect(reason).toMatch(/platform: .*compiler: this platform does not let JavaScript be made from text/);
  });
});
