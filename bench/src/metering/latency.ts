import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { Runtime } from "@wardian/runtime";
import type { Table } from "../suite.ts";

/** Asks the server again and again, over one connection, from a process of its own. @returns milliseconds, ascending */
const client = `
  import { Agent, get } from "node:http";
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = () => new Promise((resolve, reject) => get({ host: "127.0.0.1", port: process.env.PORT, agent },
    (response) => { response.resume(); response.on("end", resolve); }).on("error", reject));
  for (let i = 0; i < 20; i++) await ask();
  const times = [];
  for (let i = 0; i < 1000; i++) {
    const start = performance.now();
    await ask();
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  agent.destroy();
  console.log(JSON.stringify(times.sort((a, b) => a - b)));`;

async function latencies(guests: number): Promise<number[]> {
  const runtime = new Runtime();
  const module = await runtime.compile(`(module (func (export "run") (local i64)
    (loop (local.set 0 (i64.add (local.get 0) (i64.const 1))) (br 0))))`);
  const controller = new AbortController();
  const runs: Promise<unknown>[] = [];
  for (let i = 0; i < guests; i++) {
    const instance = await runtime.instantiate(module, {}, { async: true });
    runs.push(instance.async.call("run", [], { signal: controller.signal }).catch(() => {}));
  }
  const server = createServer((_, response) => response.end("answer"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", client], {
    env: { ...process.env, PORT: String(port) },
  });
  controller.abort();
  await Promise.all(runs);
  await new Promise((resolve) => server.close(resolve));
  return JSON.parse(stdout) as number[];
}

/** What a server on the same thread answers in, while guests run that never end. */
export async function latencyTable(): Promise<Table> {
  const rows: (string | number)[][] = [];
  for (const guests of [0, 1, 10, 100]) {
    const times = await latencies(guests);
    const at = (part: number): number => times[Math.floor(times.length * part)];
    rows.push([guests === 0 ? "none: an idle process" : String(guests), at(0.5), at(0.9), at(0.99)]);
  }
  const runtime = new Runtime();
  const { engine } = runtime.instantiateSync(runtime.compileSync("(module)"), {}, { async: true });
  return {
    title: "An HTTP server beside endless guests on its thread: milliseconds to an answer",
    columns: ["guests", "median", "90%", "99%"],
    rows,
    notes: [`Node ${process.versions.node}, ${engine.name} engine; a thousand requests from another process`],
  };
}
