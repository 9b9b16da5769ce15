import { allFeatures, CompileError } from "@wardian/runtime";
import { decodeModule, encodeModule, parseModule, printModule } from "@wardian/runtime/formats";
import { type Command, Option } from "commander";
import { type Input, readInput } from "../input.ts";
import { writeOutput } from "../output.ts";
import { InvalidModule } from "../report.ts";
import { stylesOf, withProgress } from "../terminal.ts";
import { formatSize } from "../units.ts";

interface PrintOptions {
  readonly output?: string;
  readonly folded?: boolean;
}

/** Modules above this take long enough for a person to notice. */
const LONG = 512 * 1024;

export function addPrintCommand(program: Command): void {
  program
    .command("print")
    .summary("show a module as text")
    .description(
      "Show a module in the text format (WAT). What is printed can be parsed again, and gives the same module.\n" +
        "It need not be valid. A module that is text already is printed in the form that bytes would be.",
    )
    .argument("<module>", "a module in the binary or the text format; - reads standard input")
    .option("-o, --output <file>", "where to write the text; by default to standard output")
    .addOption(new Option("--flat", "one instruction on each line, as in the bytes (the default)").conflicts("folded"))
    .option("--folded", "instructions around what they take, in parentheses")
    .action(async (path: string, options: PrintOptions) => {
      const input = await readInput(path);
      const long = input.size > LONG;
      const text = await withProgress(`Printing ${input.label} (${formatSize(input.size)})`, long, async () =>
        print(input, options.folded ? "folded" : "flat"),
      );
      if (!(await writeOutput(options.output, text))) return;
      const { dim } = stylesOf(process.stderr);
      process.stderr.write(`Wrote ${options.output} (${formatSize(Buffer.byteLength(text))}).\n`);
      process.stderr.write(
        `${dim(`Turn it into bytes again with: wardian parse ${options.output} -o changed.wasm`)}\n`,
      );
    });
}

function print(input: Input, style: "folded" | "flat"): string {
  const { source } = input;
  try {
    const bytes = typeof source === "string" ? encodeModule(parseModule(source, allFeatures).module) : source;
    return printModule(decodeModule(bytes, allFeatures), { style });
  } catch (error) {
    if (error instanceof CompileError) throw new InvalidModule(error, input);
    throw error;
  }
}
