import type { LogRecord } from "../services/log.ts";
import type { Plugin } from "../vm/plugin.ts";
import { PluginHost, type PluginHostOptions, type PluginOptions } from "../vm/plugin-host.ts";
import { type GuestParts, guest } from "./guest.ts";

export interface TestHost {
  readonly host: PluginHost;
  /** Messages logged, the latest last. */
  readonly lines: string[];
  readonly records: LogRecord[];
  /** Loads a plugin made of parts. */
  load(parts: GuestParts, options?: Partial<PluginOptions>): Promise<Plugin>;
}

const hosts: PluginHost[] = [];

/** Ends the plugins of all hosts that were made, and with them their threads. */
export function closeTestHosts(): void {
  for (const host of hosts.splice(0)) host.close();
}

/** A host that remembers what is logged. @param threads of plugins that name no number of their own */
export function testHost(options: PluginHostOptions = {}, threads = 0): TestHost {
  const records: LogRecord[] = [];
  const lines: string[] = [];
  const log = (record: LogRecord): void => {
    records.push(record);
    lines.push(record.message);
  };
  const host = new PluginHost({ log, logLevel: "trace", ...options });
  hosts.push(host);
  return { host, lines, records, load: (parts, more) => host.load({ code: guest(parts), threads, ...more }) };
}

/** Waits until something holds; fails the test by its timeout otherwise. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
