import { LOG_LEVELS, type LogLevel } from "../abi/constants.ts";

/** One line that a plugin, or the host about a plugin, wants written. */
export interface LogRecord {
  readonly level: LogLevel;
  readonly message: string;
  /** Name of the plugin, or empty before one is configured. */
  readonly plugin: string;
  readonly rootId: string;
  readonly vmId: string;
}

export type LogSink = (record: LogRecord) => void;

/** A line in the form that Envoy writes: `wasm log <name> <root id> <VM id>: <message>`. */
export function formatLog(record: LogRecord): string {
  const place = [record.plugin, record.rootId, record.vmId].filter((part) => part !== "").join(" ");
  return `wasm log${place === "" ? "" : ` ${place}`}: ${record.message}`;
}

/** Writes to the console: warnings and worse to its error stream. */
export const consoleLog: LogSink = (record) => {
  const line = `[${record.level}] ${formatLog(record)}`;
  if (LOG_LEVELS.indexOf(record.level) >= 3) console.error(line);
  else console.log(line);
};
