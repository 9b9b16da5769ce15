import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addCompileCommand } from "./commands/compile.ts";
import { addComponentCommand } from "./commands/component.ts";
import { addGatewayCommand } from "./commands/gateway.ts";
import { addInspectCommand } from "./commands/inspect.ts";
import { addParseCommand } from "./commands/parse.ts";
import { addPrintCommand } from "./commands/print.ts";
import { addRunCommand } from "./commands/run.ts";
import { addTypesCommand } from "./commands/types.ts";
import { addValidateCommand } from "./commands/validate.ts";
import { EXIT } from "./failure.ts";
import { report } from "./report.ts";
import { stylesOf } from "./terminal.ts";

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/**
 * Runs the command with these arguments, its own name not among them. Never throws.
 *
 * @returns the exit code
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const setExitCode = (code: number): void => {
    exitCode = code;
  };
  const { bold, cyan } = stylesOf(process.stdout);
  const program = new Command("wardian")
    .description("Run untrusted WebAssembly under hard limits, and look into it.")
    .version(version(), "-V, --version", "print the version")
    .helpCommand("help [command]", "explain a command")
    .helpOption("-h, --help", "explain the command")
    .configureHelp({ styleTitle: bold, styleCommandText: cyan, styleSubcommandText: cyan, styleOptionText: cyan })
    .enablePositionalOptions()
    .showHelpAfterError("(wardian --help explains the options)")
    .exitOverride();
  addRunCommand(program, setExitCode);
  addValidateCommand(program, setExitCode);
  addParseCommand(program);
  addCompileCommand(program);
  addPrintCommand(program);
  addInspectCommand(program);
  addComponentCommand(program, setExitCode);
  addTypesCommand(program);
  addGatewayCommand(program);
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    // The parser of the command line has said what is wrong; it ends with 0 after help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
    return report(error);
  }
}
