import { printComponent } from "@wardian/component/text";
import { allFeatures } from "@wardian/runtime";
import type { Command } from "commander";
import {
  addComponentFeatureOptions,
  type ComponentFeatureOptions,
  compileComponent,
  componentFeatures,
  readComponent,
} from "../component-input.ts";
import { EXIT } from "../failure.ts";
import { readInput } from "../input.ts";
import { writeOutput } from "../output.ts";
import { report } from "../report.ts";
import { stylesOf } from "../terminal.ts";
import { plural } from "../units.ts";

/** Adds `component print` and `component validate`. */
export function addComponentFormatCommands(component: Command, setExitCode: (code: number) => void): void {
  component
    .command("print")
    .summary("show a component as text")
    .description(
      "Show a component in the text format. What is printed can be read again, and gives the same definitions. It need not be valid.",
    )
    .argument("<component>", "a component in the binary or the text format; - reads standard input")
    .option("-o, --output <file>", "where to write the text; by default to standard output")
    .option("--exact", "print core modules as bytes where their text would be read as other bytes of the same meaning")
    .action(async (path: string, { output, exact = false }: { output?: string; exact?: boolean }) => {
      const read = readComponent(await readInput(path));
      await writeOutput(output, printComponent(read, { features: allFeatures, exact }));
    });
  const validate = component
    .command("validate")
    .summary("say whether components are valid")
    .description("Say whether components are well-formed and valid, and if not, where and why.")
    .argument("<components...>", "components in the binary or the text format; - reads standard input")
    .option("-q, --quiet", "print nothing about components that are valid");
  addComponentFeatureOptions(validate);
  validate.action(async (paths: string[], options: ComponentFeatureOptions & { quiet?: boolean }) => {
    const features = componentFeatures(options);
    const { green } = stylesOf(process.stdout);
    for (const path of paths) {
      try {
        const input = await readInput(path);
        const { definitions } = compileComponent(input, features);
        if (options.quiet) continue;
        const what = typeof input.source === "string" ? "text" : "bytes";
        process.stdout.write(
          `${green("valid")}  ${input.label} (${what}, ${plural(definitions.length, "definition")})\n`,
        );
      } catch (error) {
        // The other components are still to be looked at.
        report(error);
        setExitCode(EXIT.failure);
      }
    }
  });
}
