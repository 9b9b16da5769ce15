import { expect, test } from "vitest";
import type { LogRecord } from "../services/log.ts";
import { guest } from "../testing/guest.ts";
import { PluginHost, type PluginHostOptions } from "./plugin-host.ts";

function hostWithLog(options: PluginHostOptions = {}): { host: PluginHost; lines: string[]; records: LogRecord[] } {
  const records: LogRecord[] = [];
  const lines: string[] = [];
  const log = (record: LogRecord): void => {
    records.push(record);
    lines.push(record.message);
  };
  return { host: new PluginHost({ log, logLevel: "trace", ...options }), lines, records };
}

test("a plugin is started, configured, and told of its configurations", async () => {
  const { host, lines, records } = hostWithLog();
  const code = guest({
    callbacks: {
      proxy_on_context_create: `(call $log_number (local.get $id)) (call $log_number (local.get $parent))`,
      proxy_on_vm_start: `(drop (call $proxy_get_buffer_bytes (i32.const 6) (i32.const 0) (i32.const 0x7fffffff) (i32.const 16) (i32.const 20)))
        (drop (call $proxy_log (i32.const 1) (i32.load (i32.const 16)) (i32.load (i32.const 20)))) (i32.const 1)`,
      proxy_on_configure: `(drop (call $proxy_get_buffer_bytes (i32.const 7) (i32.const 0) (local.get $size) (i32.const 16) (i32.const 20)))
        (drop (call $proxy_log (i32.const 3) (i32.load (i32.const 16)) (i32.load (i32.const 20)))) (i32.const 1)`,
    },
  });
  await host.load({ name: "p", rootId: "r", code, configuration: { a: 1 }, vm: { id: "v", configuration: "start" } });
  expect(lines).toEqual(["1", "0", "start", '{"a":1}']);
  expect(records[3]).toEqual({ level: "warn", message: '{"a":1}', plugin: "p", rootId: "r", vmId: "v" });
});
