import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasProgram, lacks } from "../../../../test/needs.ts";
import { listen } from "./http.ts";

/** Whether tests with Redis must be left out for the lack of the server or of a package that connects. */
export function lacksRedis(): boolean {
  const { resolve } = createRequire(import.meta.url);
  const has = (name: string): boolean => {
    try {
      return resolve(name) !== "";
    } catch {
      return false;
    }
  };
  return (
    lacks("redis-server (Debian has it)", hasProgram("redis-server")) ||
    lacks("the package redis or ioredis", has("redis") && has("ioredis"))
  );
}

/** A server of Redis on a free port of the loopback interface, with a folder of its own. */
export class TestRedis {
  readonly port: number;
  private readonly folder = mkdtempSync(join(tmpdir(), "wardian-redis-"));
  private process: ChildProcess | undefined = undefined;

  private constructor(port: number) {
    this.port = port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  static async start(): Promise<TestRedis> {
    // A port that was free a moment ago: Redis cannot choose one.
    const probe = createServer();
    const port = await listen(probe);
    await new Promise((resolve) => probe.close(resolve));
    const redis = new TestRedis(port);
    await redis.run();
    return redis;
  }

  /** Starts it, again with what it had if it was stopped. */
  async run(): Promise<void> {
    const options = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.folder, "--appendonly", "yes"];
    this.process = spawn("redis-server", [...options, "--appendfsync", "always"], { stdio: "ignore" });
    let failed: Error | undefined;
    this.process.on("error", (error) => {
      failed = error;
    });
    for (;;) {
      if (failed !== undefined) throw failed;
      if (await this.answers()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Sends one command and waits for its reply. @throws Error for an error reply */
  command(...parts: readonly string[]): Promise<void> {
    const request = [`*${parts.length}`, ...parts.flatMap((part) => [`$${Buffer.byteLength(part)}`, part]), ""];
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, "127.0.0.1", () => socket.write(request.join("\r\n")));
      socket.on("error", reject);
      socket.on("data", (reply: Buffer) => {
        if (reply[0] === 0x2d) reject(new Error(reply.toString()));
        else resolve();
        socket.destroy();
      });
    });
  }

  private answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, "127.0.0.1");
      socket.on("error", () => resolve(false));
      socket.on("data", (data: Buffer) => {
        resolve(data.toString().startsWith("+PONG"));
        socket.destroy();
      });
      socket.write("PING\r\n");
    });
  }

  async stop(): Promise<void> {
    const { process } = this;
    if (process === undefined || process.exitCode !== null) return;
    const gone = new Promise((resolve) => process.once("exit", resolve));
    process.kill("SIGKILL");
    await gone;
  }
}
