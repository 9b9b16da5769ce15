import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PluginHost, type PluginLimits } from "@wardian/proxy-wasm";
import { type Candidate, measure } from "../measure.ts";
import { Missing, type Table } from "../suite.ts";
import { exchange, form, requestPairs } from "./exchange.ts";
import { rawGuest } from "./raw-host.ts";

export const corazaFile: string = fileURLToPath(
  new URL("../../../guests/coraza-waf/build/coraza-waf.wasm", import.meta.url),
);

/** The whole Core Rule Set at its defaults. */
export const corazaConfiguration: {
  readonly directives_map: Readonly<Record<string, readonly string[]>>;
  readonly default_directives: string;
} = {
  directives_map: {
    crs: ["SecRuleEngine On", "SecRequestBodyAccess On", "Include @crs-setup-conf", "Include @owasp_crs/*.conf"],
  },
  default_directives: "crs",
};

const variants: readonly (readonly [name: string, limits: PluginLimits])[] = [
  ["no limits", {}],
  ["a second a callback", { timeout: 1000 }],
  ["fuel for each callback", { fuelPerCallback: 10_000_000_000n }],
];

const RAW = "raw V8, a host that does nothing";

/** What Coraza with the whole Core Rule Set costs beside the same module on the platform's WebAssembly, with a host that only hands it what it reads. */
export async function corazaTable(): Promise<Table> {
  if (!existsSync(corazaFile)) throw new Missing("there is no Coraza; npm run guests builds it");
  const code = new Uint8Array(readFileSync(corazaFile));
  const raw = await rawGuest(code, JSON.stringify(corazaConfiguration));
  const post = [
    ...requestPairs.filter(([name]) => name !== ":method"),
    [":method", "POST"],
    ["content-type", "application/x-www-form-urlencoded"],
    ["content-length", String(form.length)],
  ] as const;
  const gets: Candidate[] = [{ name: RAW, run: () => raw.exchange(requestPairs) }];
  const posts: Candidate[] = [{ name: RAW, run: () => raw.exchange(post, form) }];
  for (const [name, limits] of variants) {
    const host = new PluginHost({ limits, log: () => {} });
    const plugin = await host.load({ code, configuration: corazaConfiguration });
    const run = (body?: Uint8Array): void => {
      if (exchange(plugin, body) !== "200") throw new Error("a request that should pass was stopped");
    };
    gets.push({ name, run: () => run() });
    posts.push({ name, run: () => run(form) });
  }
  const options = { rounds: 15, minTime: 100, clock: "cpu" } as const;
  // V8 compiles what is hot in the background: that is not what is to be measured.
  for (const { run } of [...gets, ...posts]) for (let i = 0; i < 100; i++) run();
  const get = await measure(gets, options);
  const form1k = await measure(posts, options);
  const over = (times: Map<string, number>, name: string): number => (times.get(name) ?? 0) / (times.get(RAW) ?? 1);
  return {
    title: "Coraza with the whole Core Rule Set: milliseconds of a stream, and over raw V8",
    columns: ["limits", "GET", "over raw", "POST of 1 KB", "over raw"],
    rows: [...get].map(([name, time]) => [name, time, over(get, name), form1k.get(name) ?? 0, over(form1k, name)]),
    notes: ["processor time, least of 15 rounds; the target is at most 1.15 for a GET"],
  };
}
