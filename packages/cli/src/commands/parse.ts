import { allFeatures, CompileError, Runtime } from "@wardian/runtime";
import { decodeModule, encodeModule, parseModule } from "@wardian/runtime/formats";
import type { Command } from "commander";
import { compile } from "../compile.ts";
import { EXIT, Failure } from "../failure.ts";
import { addFeatureOptions, type FeatureOptions, featureChanges } from "../features.ts";
import { type Input, readInput } from "../input.ts";
import { writeOutput } from "../output.ts";
import { InvalidModule } from "../report.ts";
import { stylesOf } from "../terminal.ts";
import { formatSize } from "../units.ts";
import { exampleCall, exportedFunctionType } from "../values.ts";

interface ParseOptions extends FeatureOptions {
  readonly output?: string;
  readonly check: boolean;
}

export function addParseCommand(program: Command): void {
  const command = program
    .command("parse")
    .summary("turn a module's text into bytes")
    .description("Turn a module in the text format (WAT) into the binary format, and check that it is valid.")
    .argument("<module>", "a module in the text format; - reads standard input")
    .option("-o, --output <file>", "where to write the bytes; by default to standard output, unless that is a terminal")
    .option("--no-check", "do not check that the module is valid");
  addFeatureOptions(command);
  command.action(async (path: string, options: ParseOptions) => {
    const input = await readInput(path);
    if (typeof input.source !== "string")
      throw new Failure(`${input.label} is in the binary format already`, {
        hint: `wardian print ${path} shows it as text`,
      });
    if ((options.output === undefined || options.output === "-") && process.stdout.isTTY)
      throw new Failure("bytes are not written to a terminal", {
        hint: `say where: wardian parse ${path} -o ${path.replace(/\.wa?[ts]t?$/, "")}.wasm`,
        exitCode: EXIT.usage,
      });
    const bytes = options.check
      ? (await compile(new Runtime({ engine: "interpreter", features: featureChanges(options) }), input)).bytes
      : assemble(input, input.source);
    if (!(await writeOutput(options.output, bytes))) return;
    const { dim } = stylesOf(process.stderr);
    process.stderr.write(`Wrote ${options.output} (${formatSize(bytes.length)}).\n`);
    process.stderr.write(`${dim(`Run it with: ${runLine(options.output!, bytes)}`)}\n`);
  });
}

function assemble(input: Input, text: string): Uint8Array {
  try {
    return encodeModule(parseModule(text, allFeatures).module);
  } catch (error) {
    if (error instanceof CompileError) throw new InvalidModule(error, input);
    throw error;
  }
}

/** How to run what was written: by itself when it is a command, else the first function that it exports. */
function runLine(path: string, bytes: Uint8Array): string {
  const module = decodeModule(bytes, allFeatures);
  const functions = module.exports.filter(({ kind }) => kind === "func").map(({ name }) => name);
  if (functions.length === 0 || functions.includes("_start")) return `wardian run ${path}`;
  const type = exportedFunctionType(module, functions[0]);
  return type === undefined ? `wardian run ${path}` : exampleCall(path, functions[0], type);
}
