import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type OptionNames, readOptions } from "@wardian/runtime/options";
import { Gateway } from "./gateway.ts";
import { keepWithoutOutput } from "./line-writer.ts";
import { GatewayPrimary } from "./primary.ts";
import { ConfigurationError } from "./reading.ts";

/** Editors write a file in several steps: what follows within this many milliseconds is one change. */
const SETTLE = 100;

export interface RunOptions {
  /** How many processes do the work, beside the one that watches over them; by default 0: this one does it. */
  readonly workers?: number;
  /** Gets a line for each thing that happens; by default the console's error stream. */
  readonly report?: (line: string) => void;
}

const problems: ReadonlyMap<string | undefined, string> = new Map([
  ["ENOENT", "no such file"],
  ["ENOTDIR", "no such file"],
  ["EISDIR", "it is a folder, a file in YAML was expected"],
  ["EACCES", "permission denied"],
]);

/** @throws ConfigurationError where the file cannot be read */
async function readConfiguration(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigurationError(`the configuration cannot be read: ${problems.get(code) ?? message}`);
  }
}

const names: OptionNames<RunOptions> = { workers: true, report: true };

/**
 * Runs a gateway from a file until the process is told to end (SIGTERM or SIGINT). SIGHUP and a change of the file reload it; a
 * configuration that cannot be used is told of, and the one in use stays.
 */
export async function runGateway(file: string, options?: RunOptions): Promise<void> {
  const { workers = 0, report = console.error } = readOptions("runGateway", names, options);
  keepWithoutOutput();
  const read = (): Promise<string> => readConfiguration(file);
  const base = dirname(file);
  const gateway =
    workers > 0
      ? await GatewayPrimary.start(await read(), { base, workers, report })
      : await Gateway.start(await read(), { base });
  const reload = async (): Promise<void> => {
    try {
      const text = await read().catch((error: unknown) => {
        gateway.metrics.failedReloads++;
        throw error;
      });
      await gateway.reload(text);
      report("wardian gateway: reloaded");
    } catch (error) {
      report(`wardian gateway: not reloaded: ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
  };
  const quietly = (): void => void reload().catch(() => {});
  gateway.onReload = reload;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watcher = watch(base, (_event, name) => {
    if (name !== null && !file.endsWith(name)) return;
    clearTimeout(timer);
    timer = setTimeout(quietly, SETTLE);
  });
  watcher.on("error", () => {});
  process.on("SIGHUP", quietly);
  const listeners = Object.entries(gateway.ports).map(([name, port]) => `${name} on port ${port}`);
  report(`wardian gateway: running, ${listeners.join(", ")}`);
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
  watcher.close();
  process.off("SIGHUP", quietly);
  report("wardian gateway: stopping");
  await gateway.stop();
}
