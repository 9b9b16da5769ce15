import { CompileError } from "@wardian/runtime";
import type { Command } from "commander";
import { isComponentInput } from "../component-input.ts";
import { inspectComponent, renderComponentInspection } from "../component-inspection.ts";
import { readInput } from "../input.ts";
import { inspectModule } from "../inspection.ts";
import { renderInspection } from "../inspection-table.ts";
import { writeOutput } from "../output.ts";
import { InvalidModule } from "../report.ts";
import { stylesOf } from "../terminal.ts";

export function addInspectCommand(program: Command): void {
  program
    .command("inspect")
    .summary("show what is in a module or component")
    .description(
      "Show what is in a module: sections and their sizes, imports, exports, memories, the proposals that it uses, and who made it.\n" +
        "Of a component: imports, exports, their types, its core modules and the features that it uses.",
    )
    .argument("<module>", "a module or component in the binary or the text format; - reads standard input")
    .option("--json", "print it as JSON")
    .action(async (path: string, options: { json?: boolean }) => {
      const input = await readInput(path);
      if (isComponentInput(input)) {
        const inspection = inspectComponent(input);
        const shown = options.json
          ? `${JSON.stringify(inspection, undefined, 2)}\n`
          : renderComponentInspection(inspection, stylesOf(process.stdout));
        await writeOutput(undefined, shown);
        return;
      }
      try {
        const inspection = inspectModule(input);
        const text = options.json
          ? `${JSON.stringify(inspection, undefined, 2)}\n`
          : renderInspection(inspection, stylesOf(process.stdout));
        await writeOutput(undefined, text);
      } catch (error) {
        if (error instanceof CompileError) throw new InvalidModule(error, input);
        throw error;
      }
    });
}
