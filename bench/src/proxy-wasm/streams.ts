import { PluginHost, type PluginLimits } from "@wardian/proxy-wasm";
import { type Candidate, measure } from "../measure.ts";
import type { Table } from "../suite.ts";
import { exchange } from "./exchange.ts";

/** A plugin that adds a header to each request and to each response. */
export const headerPlugin = `
  (module
    (import "env" "proxy_add_header_map_value" (func $add (param i32 i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 16) "x-hello") (data (i32.const 32) "from a plugin")
    (func (export "proxy_abi_version_0_2_1"))
    (func (export "malloc") (param i32) (result i32) (i32.const 1024))
    (func (export "proxy_on_context_create") (param i32 i32))
    (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
      (call $add (i32.const 0) (i32.const 16) (i32.const 7) (i32.const 32) (i32.const 13)))
    (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
      (call $add (i32.const 2) (i32.const 16) (i32.const 7) (i32.const 32) (i32.const 13)))
    (func (export "proxy_on_log") (param i32))
    (func (export "proxy_on_done") (param i32) (result i32) (i32.const 1))
    (func (export "proxy_on_delete") (param i32)))`;

const variants: readonly (readonly [name: string, limits: PluginLimits])[] = [
  ["no limits", {}],
  ["50 ms a callback", { timeout: 50 }],
  ["fuel for each callback", { fuelPerCallback: 1_000_000n }],
  ["fuel for each stream, 50 ms a callback", { fuelPerStream: 1_000_000n, timeout: 50 }],
];

/** What a light plugin costs: a whole stream from the creation of its context to its deletion, six calls of the guest and two of the host. */
export async function streamTable(): Promise<Table> {
  const candidates: Candidate[] = [];
  for (const [name, limits] of variants) {
    const plugin = await new PluginHost({ limits }).load({ code: headerPlugin });
    candidates.push({
      name,
      run: () => {
        for (let i = 0; i < 1000; i++) if (exchange(plugin) !== "200") throw new Error("the stream went wrong");
      },
    });
  }
  const times = await measure(candidates, { rounds: 15, minTime: 50, clock: "cpu" });
  return {
    title: "A plugin that adds a header to the request and to the response: microseconds of a whole stream, in process",
    columns: ["limits", "µs"],
    rows: [...times],
    notes: ["processor time, least of 15 rounds; the target is at most 5 µs"],
  };
}
