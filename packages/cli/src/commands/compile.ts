import { compileAhead, Runtime } from "@wardian/runtime";
import type { Command } from "commander";
import { compile } from "../compile.ts";
import { EXIT, Failure } from "../failure.ts";
import {
  addBuiltinOptions,
  addFeatureOptions,
  type BuiltinOptions,
  compileOptions,
  type FeatureOptions,
  featureChanges,
} from "../features.ts";
import { readInput } from "../input.ts";
import { writeOutput } from "../output.ts";
import { stylesOf } from "../terminal.ts";
import { formatSize } from "../units.ts";

interface CompileOptions extends FeatureOptions, BuiltinOptions {
  readonly output?: string;
}

export function addCompileCommand(program: Command): void {
  const command = program
    .command("compile")
    .summary("translate a module to JavaScript ahead of time")
    .description(
      "Translate a module to an ES module with its TypeScript declarations, for platforms that allow neither WebAssembly nor making code from text.",
    )
    .argument("<module>", "a module in the binary or the text format; - reads standard input")
    .option("-o, --output <file>", "the ES module to write, such as app.mjs; its declarations go beside it");
  addBuiltinOptions(addFeatureOptions(command));
  command.action(async (path: string, options: CompileOptions) => {
    const { output } = options;
    const named = /^(.*)\.(m?)js$/.exec(output ?? "");
    if (output === undefined || named === null)
      throw new Failure("an ES module is a file whose name ends with .mjs or .js", {
        hint: `say where: wardian compile ${path} -o ${path.replace(/\.wa(t|sm)$/, "")}.mjs`,
        exitCode: EXIT.usage,
      });
    const input = await readInput(path);
    const runtime = new Runtime({ engine: "interpreter", features: featureChanges(options) });
    const { code, types } = compileAhead(await compile(runtime, input, compileOptions(options)));
    const declarations = `${named[1]}.d.${named[2]}ts`;
    await writeOutput(output, code);
    await writeOutput(declarations, types);
    const { dim } = stylesOf(process.stderr);
    process.stderr.write(`Wrote ${output} (${formatSize(code.length)}) and ${declarations}.\n`);
    process.stderr.write(`${dim(`Use it with: import { instantiate } from "./${output.split("/").pop()}"`)}\n`);
  });
}
