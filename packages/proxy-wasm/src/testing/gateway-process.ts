import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type GuestParts, guest } from "./guest.ts";
import { until } from "./host.ts";

const command = fileURLToPath(new URL("../../../cli/bin/wardian.js", import.meta.url));

/** A gateway as its user runs it: a process with a configuration in a folder. */
export class GatewayProcess {
  readonly folder: string = mkdtempSync(join(tmpdir(), "wardian-gateway-"));
  /** What it has written so far: log lines of plugins and its own. */
  output = "";
  exitCode: number | null | undefined = undefined;
  private child: ChildProcess | undefined = undefined;

  /** Writes a plugin. @returns its file */
  plugin(name: string, parts: GuestParts): string {
    const file = join(this.folder, `${name}.wat`);
    writeFileSync(file, guest(parts));
    return file;
  }

  /** Writes the configuration, which a running gateway takes notice of. */
  configure(config: unknown): void {
    writeFileSync(join(this.folder, "wardian.yaml"), JSON.stringify(config));
  }

  /** Starts it and waits until it runs, or has ended. */
  async start(...options: string[]): Promise<void> {
    const child = spawn(
      process.execPath,
      [command, "gateway", "--config", join(this.folder, "wardian.yaml"), ...options],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    child.on("exit", (code) => {
      this.exitCode = code;
    });
    await until(() => this.exitCode !== undefined || this.output.includes("wardian gateway: running"));
    if (this.exitCode !== undefined && !this.output.includes("wardian gateway: running"))
      throw new Error(`the gateway did not start: ${this.output}`);
  }

  /** The port of a listener. */
  port(name: string): number {
    return Number(new RegExp(`${name} on port (\\d+)`).exec(this.output)?.[1]);
  }

  /** The processes that do the work of one with several. */
  get workers(): number[] {
    const { pid } = this.child as ChildProcess;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  async ended(): Promise<void> {
    await until(() => this.exitCode !== undefined);
  }

  /** Ends it, whatever it does. */
  async kill(): Promise<void> {
    if (this.child === undefined || this.exitCode !== undefined) return;
    this.signal("SIGKILL");
    await this.ended();
  }
}
