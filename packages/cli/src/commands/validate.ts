import { Runtime } from "@wardian/runtime";
import type { Command } from "commander";
import { compile } from "../compile.ts";
import { EXIT } from "../failure.ts";
import {
  addBuiltinOptions,
  addFeatureOptions,
  type BuiltinOptions,
  compileOptions,
  type FeatureOptions,
  featureChanges,
} from "../features.ts";
import { readInput } from "../input.ts";
import { report } from "../report.ts";
import { stylesOf } from "../terminal.ts";
import { plural } from "../units.ts";

export function addValidateCommand(program: Command, setExitCode: (code: number) => void): void {
  const command = program
    .command("validate")
    .summary("say whether modules are valid")
    .description("Say whether modules are well-formed and valid, and if not, where and why.")
    .argument("<modules...>", "modules in the binary or the text format; - reads standard input")
    .option("-q, --quiet", "print nothing about modules that are valid");
  addBuiltinOptions(addFeatureOptions(command));
  command.action(async (paths: string[], options: FeatureOptions & BuiltinOptions & { quiet?: boolean }) => {
    const runtime = new Runtime({ engine: "interpreter", features: featureChanges(options) });
    const { green } = stylesOf(process.stdout);
    let code = 0;
    for (const path of paths) {
      try {
        const input = await readInput(path);
        const { syntax } = await compile(runtime, input, compileOptions(options));
        if (options.quiet) continue;
        const what = typeof input.source === "string" ? "text" : "bytes";
        process.stdout.write(
          `${green("valid")}  ${input.label} (${what}, ${plural(syntax.functions.length, "function")})\n`,
        );
      } catch (error) {
        // The other modules are still to be looked at.
        report(error);
        code = EXIT.failure;
      }
    }
    setExitCode(code);
  });
}
