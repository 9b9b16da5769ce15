import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, get } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { wait } from "./counts.ts";
import { listen } from "./upstreams.ts";

/** What a gateway with workers has left when no request is under way. */
export interface WorkersReport {
  /** Workers that were killed or stopped, and those that the gateway says have died. */
  readonly ended: number;
  readonly deaths: number;
  /** How workers have ended, as the gateway says. */
  readonly ends: Readonly<Record<string, number>>;
  readonly contexts: number;
  readonly active: number;
  /** Descriptors of the primary process at the end less those at the start. */
  readonly descriptors: number;
  /** Resident bytes of the primary process. */
  readonly memory: { readonly start: number; readonly end: number };
  readonly exitCode: number | null;
}

const text = (port: number, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = get({ port, host: "127.0.0.1", path, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve(body)).on("error", reject);
    });
    sent.on("error", reject);
  });

/** Milliseconds. A worker that starts beside others on a busy machine may take seconds to answer. */
const WATCHDOG = 3000;

/** A gateway with two workers in processes of their own. */
export class Workers {
  readonly ports: ReadonlyMap<string, number>;
  private readonly child: ChildProcess;
  private readonly admin: number;
  private readonly start: { readonly descriptors: number; readonly memory: number };
  private ended = 0;
  private readonly ends: Record<string, number> = {};

  private constructor(child: ChildProcess, admin: number, ports: ReadonlyMap<string, number>) {
    this.child = child;
    this.admin = admin;
    this.ports = ports;
    this.start = this.usage;
    child.stderr?.on("data", (text: string) => {
      for (const [, how] of text.matchAll(/has ended \((.*?)\)/g)) this.ends[how] = (this.ends[how] ?? 0) + 1;
    });
  }

  /** @param configuration without the administrator's server */
  static async run(folder: string, configuration: object): Promise<Workers> {
    const probe = createServer();
    const admin = await listen(probe);
    await new Promise((resolve) => probe.close(resolve));
    const file = join(folder, "workers.yaml");
    writeFileSync(
      file,
      JSON.stringify({ ...configuration, admin: { address: `127.0.0.1:${admin}` }, watchdog: WATCHDOG }),
    );
    const command = join(dirname(createRequire(import.meta.url).resolve("wardian/package.json")), "bin/wardian.js");
    const child = spawn(process.execPath, [command, "gateway", "--config", file, "--workers", "2"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let output = "";
    await new Promise<void>((resolve, reject) => {
      child.stderr?.setEncoding("utf8").on("data", (part: string) => {
        output += part;
        if (output.includes("running")) resolve();
      });
      child.once("exit", () => reject(new Error(`the gateway did not start: ${output}`)));
    });
    const ports = new Map([...output.matchAll(/(\w+) on port (\d+)/g)].map(([, name, port]) => [name, Number(port)]));
    return new Workers(child, admin, ports);
  }

  private get usage(): { descriptors: number; memory: number } {
    const { pid } = this.child;
    const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return { descriptors: readdirSync(`/proc/${pid}/fd`).length, memory: Number(resident?.[1]) * 1024 };
  }

  private get pids(): number[] {
    const { pid } = this.child;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  }

  /** Ends a worker, or stops it so that the watchdog ends it. */
  disturb(signal: "SIGKILL" | "SIGSTOP", choice: number): void {
    const { pids } = this;
    if (pids.length === 0) return;
    this.ended++;
    try {
      process.kill(pids[choice % pids.length], signal);
    } catch {
      // It ended meanwhile.
    }
  }

  private async sums(): Promise<{ active: number; contexts: number; deaths: number; processes: number }> {
    const metrics = await text(this.admin, "/metrics");
    const vms = JSON.parse(await text(this.admin, "/vms")) as { readonly streams: number }[];
    const value = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(metrics)?.[1]);
    return {
      active: value("wardian_requests_active"),
      contexts: vms.reduce((sum, { streams }) => sum + streams, 0),
      deaths: value("wardian_process_deaths_total"),
      processes: value("wardian_processes"),
    };
  }

  /** Waits until nothing is under way, and ends the gateway. */
  async stop(): Promise<WorkersReport> {
    let sums = await this.sums();
    let { usage } = this;
    const isBusy = (): boolean =>
      sums.active > 0 || sums.contexts > 0 || sums.processes < 2 || usage.descriptors > this.start.descriptors;
    for (let i = 0; i < 400 && isBusy(); i++) {
      await wait(50);
      sums = await this.sums();
      usage = this.usage;
    }
    const exited = new Promise<number | null>((resolve) => this.child.once("exit", (code) => resolve(code)));
    this.child.kill("SIGTERM");
    const exitCode = await exited;
    return {
      ended: this.ended,
      deaths: sums.deaths,
      ends: this.ends,
      contexts: sums.contexts,
      active: sums.active,
      descriptors: usage.descriptors - this.start.descriptors,
      memory: { start: this.start.memory, end: usage.memory },
      exitCode,
    };
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }
}
