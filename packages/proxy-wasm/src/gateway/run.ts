import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Gateway } from "./gateway.ts";

/** Editors write a file in several steps: what follows within this many milliseconds is one change. */
const SETTLE = 100;

/**
 * Runs a gateway from a file until the process is told to end (SIGTERM or SIGINT). SIGHUP and a change of the file reload it; a
 * configuration that cannot be used is told of, and the one in use stays.
 *
 * @param report gets a line for each thing that happens
 */
export async function runGateway(file: string, report: (line: string) => void = console.error): Promise<void> {
  const read = (): Promise<string> => readFile(file, "utf8");
  const gateway = await Gateway.start(await read(), { base: dirname(file) });
  const reload = async (): Promise<void> => {
    try {
      await gateway.reload(await read());
      report("wardian gateway: reloaded");
    } catch (error) {
      report(`wardian gateway: not reloaded: ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
  };
  const quietly = (): void => void reload().catch(() => {});
  gateway.onReload = reload;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watcher = watch(dirname(file), (_event, name) => {
    if (name !== null && !file.endsWith(name)) return;
    clearTimeout(timer);
    timer = setTimeout(quietly, SETTLE);
  });
  watcher.on("error", () => {});
  process.on("SIGHUP", quietly);
  report("wardian gateway: running");
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
  watcher.close();
  process.off("SIGHUP", quietly);
  report("wardian gateway: stopping");
  await gateway.stop();
}
