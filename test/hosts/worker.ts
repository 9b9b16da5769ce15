import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { require } from "./tools.ts";

const configuration = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .guest)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const guest :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2025-01-01",
);`;

export interface ServedWorker {
  readonly address: string;
  close(): void;
}

/** Serves an ES module as a Worker, by workerd on the loopback. */
export async function serveWorker(module: string): Promise<ServedWorker> {
  const folder = mkdtempSync(join(tmpdir(), "wardian-workerd-"));
  writeFileSync(join(folder, "worker.js"), module);
  writeFileSync(join(folder, "config.capnp"), configuration);
  // On descriptor 3 it says which port it got.
  const server = spawn(
    (require("workerd") as { readonly default: string }).default,
    ["serve", "--control-fd=3", join(folder, "config.capnp")],
    { stdio: ["ignore", "inherit", "inherit", "pipe"] },
  );
  const close = (): void => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const address = await new Promise<string>((resolve, reject) => {
    server.on("error", reject);
    server.on("exit", (code) => reject(new Error(`workerd ended with ${code}`)));
    server.stdio[3]?.on("data", (line: Buffer) => {
      const { event, port } = JSON.parse(line.toString());
      if (event === "listen") resolve(`http://127.0.0.1:${port}/`);
    });
  });
  return { address, close };
}
