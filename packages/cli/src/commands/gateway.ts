import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError } from "commander";
import { Failure } from "../failure.ts";

export function addGatewayCommand(program: Command): void {
  program
    .command("gateway")
    .summary("run a reverse proxy with Envoy's plugins")
    .description(
      "Run a reverse proxy whose requests pass proxy-wasm plugins. SIGHUP or a change of the file reloads it; SIGTERM lets requests end and stops it.",
    )
    .requiredOption("-c, --config <file>", "the gateway's configuration, in YAML")
    .option("-w, --workers <n>", "processes that do the work, or auto for one a processor core", workersOf, 0)
    .action(async (options: { config: string; workers: number }) => {
      // Loaded when it is wanted: no other command needs an HTTP client.
      const { CodeError, ConfigurationError, runGateway } = await import("@wardian/proxy-wasm/gateway");
      const { PluginError } = await import("@wardian/proxy-wasm");
      try {
        await runGateway(options.config, { workers: options.workers });
      } catch (error) {
        const ours = [CodeError, ConfigurationError, PluginError].some((kind) => error instanceof kind);
        const { code, message } = error as NodeJS.ErrnoException;
        // What the system refuses has a code: a file that is not there, an address that is taken.
        if (ours || /^E[A-Z]+$/.test(code ?? "")) throw new Failure(`${options.config}: ${message}`);
        throw error;
      }
    });
}

function workersOf(text: string): number {
  if (text === "auto") return availableParallelism();
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError("expected a whole number below 1000, or auto.");
  return Number(text);
}
