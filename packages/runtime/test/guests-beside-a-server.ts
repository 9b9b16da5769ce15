import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Runtime, Trap } from "../src/index.ts";

/** What a hundred guests that never end did beside an HTTP server on the same thread. */
export interface Outcome {
  readonly engine: string;
  /** Requests that were answered while all guests ran. */
  readonly answered: number;
  /** Milliseconds from request to answer, ascending. */
  readonly latencies: readonly number[];
  /** For each weight the fuel that each of its guests consumed, over the weight. */
  readonly shares: Readonly<Record<number, readonly number[]>>;
  /** How many guests ended, and with which code. */
  readonly codes: Readonly<Record<string, number>>;
}

const GUESTS = 100;
const WEIGHTS = [1, 2, 4];

/** Runs the guests until each has had several slices, and `requests` have been answered. */
export async function runGuestsBesideServer(requests: number): Promise<Outcome> {
  const runtime = new Runtime();
  const module = await runtime.compile(`(module (func (export "run") (local i64)
    (loop (local.set 0 (i64.add (local.get 0) (i64.const 1))) (br 0))))`);
  const controller = new AbortController();
  const codes: Record<string, number> = {};
  const guests = await Promise.all(
    Array.from({ length: GUESTS }, async (_, i) => {
      const weight = WEIGHTS[i % WEIGHTS.length];
      return { weight, instance: await runtime.instantiate(module, {}, { async: true, weight }) };
    }),
  );
  const server = createServer((_, response) => response.end("answer"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  const runs = guests.map(({ instance }) =>
    instance.async.call("run", [], { signal: controller.signal }).catch((error: unknown) => {
      const code = error instanceof Trap ? error.code : String(error);
      codes[code] = (codes[code] ?? 0) + 1;
    }),
  );
  const latencies: number[] = [];
  const enough = (): boolean =>
    latencies.length >= requests && guests.every(({ instance }) => instance.fuel.consumed > 12_000_000n);
  while (!enough()) {
    const start = performance.now();
    await ask(port);
    latencies.push(performance.now() - start);
  }
  const shares: Record<number, number[]> = {};
  for (const { weight, instance } of guests) {
    shares[weight] ??= [];
    shares[weight].push(Number(instance.fuel.consumed) / weight);
  }
  controller.abort();
  await Promise.all(runs);
  await new Promise((resolve) => server.close(resolve));
  latencies.sort((a, b) => a - b);
  return { engine: guests[0].instance.engine.name, answered: latencies.length, latencies, shares, codes };
}

function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part) => {
        text += part;
      });
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
}

// As a program: for a newer Node, which runs TypeScript as it is.
if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await runGuestsBesideServer(50)));
