import { printTypes, WitError } from "@wardian/component/wit";
import type { Command } from "commander";
import { Failure } from "../failure.ts";
import { writeOutput } from "../output.ts";
import { readWit } from "../wit-input.ts";
import { witFeatureOptions } from "./component.ts";

interface TypesOptions {
  readonly output?: string;
  readonly world?: string;
  readonly guest?: boolean;
  readonly features?: readonly string[];
  readonly allFeatures?: boolean;
}

export function addTypesCommand(program: Command): void {
  const types = program
    .command("types")
    .summary("print TypeScript types for a component or a WIT world")
    .description(
      "Print TypeScript declarations for a world: the imports that the host gives and the exports that it calls.\n" +
        "The types of a guest in JavaScript are modules, one for each interface that it imports.",
    )
    .argument("<path>", "a .wit file, a folder with .wit files and deps, or a component")
    .option("-o, --output <file>", "where to write the declarations; by default to standard output")
    .option("--world <name>", "the world, when there are several")
    .option("--guest", "print the types that a guest in JavaScript uses, instead of the host's");
  for (const option of witFeatureOptions()) types.addOption(option);
  types.action(async (path: string, { output, world, guest, features, allFeatures }: TypesOptions) => {
    const resolved = await readWit(path, allFeatures ? "all" : (features ?? []));
    try {
      await writeOutput(output, printTypes(resolved, { world, side: guest ? "guest" : "host" }));
    } catch (error) {
      if (error instanceof WitError) throw new Failure(error.message, { hint: "name a world with --world" });
      throw error;
    }
  });
}
