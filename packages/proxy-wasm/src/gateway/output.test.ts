import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { GatewayProcess } from "../testing/gateway-process.ts";
import { until } from "../testing/host.ts";
import { send } from "../testing/http.ts";
import { LineWriter } from "./line-writer.ts";

const toStop: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of toStop.splice(0)) await stop();
});

const command = fileURLToPath(new URL("../../../cli/bin/wardian.js", import.meta.url));

for (const workers of [0, 1])
  for (const kind of ["closed", "full"])
    test(`a gateway whose standard output is ${kind} goes on (--workers ${workers})`, async () => {
      const made = new GatewayProcess();
      const log = `(drop (call $proxy_log (i32.const 2) "hello"$$)) (i32.const 0)`;
      made.configure({
        listeners: [{ name: "main", address: "127.0.0.1:0", routes: [{ cluster: "up" }], plugins: ["p"] }],
        clusters: { up: { endpoints: ["http://127.0.0.1:9"] } },
        plugins: { p: { code: made.plugin("p", { callbacks: { proxy_on_request_headers: log } }) } },
      });
      const args = [command, "gateway", "--config", `${made.folder}/wardian.yaml`, "--workers", String(workers)];
      const output = kind === "full" ? openSync("/dev/full", "w") : "pipe";
      const child = spawn(process.execPath, args, { stdio: ["ignore", output, "pipe"] });
      toStop.push(() => child.kill("SIGKILL"));
      child.stdout?.destroy();
      let text = "";
      child.stderr?.setEncoding("utf8").on("data", (part: string) => (text += part));
      await until(() => /running, main on port \d+/.test(text) || child.exitCode !== null);
      const port = Number(/main on port (\d+)/.exec(text)?.[1]);
      for (let i = 0; i < 5; i++) expect((await send(port)).status).toBe(503);
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      expect(await exit).toEqual([0, null]);
    });

test("lines that a reader does not take are bounded, and counted as lost", async () => {
  let lost = 0;
  let taken = 0;
  const waiting: (() => void)[] = [];
  const slow = new Writable({
    write(chunk: Buffer, _encoding, done) {
      taken += chunk.length;
      waiting.push(done);
    },
  });
  const writer = new LineWriter(slow, () => lost++);
  const line = "x".repeat(100_000);
  for (let i = 0; i < 200; i++) writer.write(line);
  expect(lost).toBeGreaterThan(150);
  expect(slow.writableLength).toBeLessThan(5_000_000);
  expect(taken).toBeGreaterThan(0);
});

test("a stream that fails ends nothing: its line is lost", async () => {
  let lost = 0;
  const full = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error("no space"), { code: "ENOSPC" })),
  });
  const writer = new LineWriter(full, () => lost++);
  for (let i = 0; i < 3; i++) writer.write("line");
  await until(() => lost === 3 && full.listenerCount("error") === 0);
});
