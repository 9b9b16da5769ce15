import { encodeWit, printWit } from "@wardian/component/wit";
import { type Command, Option } from "commander";
import { writeOutput } from "../output.ts";
import { readWit } from "../wit-input.ts";
import { addComponentFormatCommands } from "./component-formats.ts";

interface WitOptions {
  readonly output?: string;
  readonly dependencies?: boolean;
  readonly wasm?: boolean;
  readonly features?: readonly string[];
  readonly allFeatures?: boolean;
}

/** The option for the names of WIT features, which several commands have. */
export function witFeatureOptions(): readonly Option[] {
  return [
    new Option("--features <names...>", "features whose @unstable items are there"),
    new Option("--all-features", "have all @unstable items").conflicts("features"),
  ];
}

export function addComponentCommand(program: Command, setExitCode: (code: number) => void): void {
  const component = program
    .command("component")
    .summary("work with components and WIT")
    .description("Work with components and WIT.");
  addComponentFormatCommands(component, setExitCode);
  const wit = component
    .command("wit")
    .summary("show WIT as text")
    .description(
      "Resolve a WIT package and print it. What `use` and `include` bring into a world is written out.\n" +
        "For a component, print the world of its imports and exports.",
    )
    .argument("<path>", "a .wit file, a folder with .wit files and deps, or a component")
    .option("-o, --output <file>", "where to write the text; by default to standard output")
    .option("--wasm", "write the package as a component in the binary format, instead of text")
    .option("--dependencies", "print the packages that it depends on as well, in braces");
  for (const option of witFeatureOptions()) wit.addOption(option);
  wit.action(async (path: string, { output, dependencies = false, wasm, features, allFeatures }: WitOptions) => {
    const resolved = await readWit(path, allFeatures ? "all" : (features ?? []));
    if (wasm) {
      await writeOutput(output, encodeWit(resolved.main));
      return;
    }
    // The interfaces of a component are those of other packages; without them its world says nothing.
    const isComponent = resolved.main.name.namespace === "root";
    await writeOutput(output, printWit(resolved, { dependencies: dependencies || isComponent }));
  });
}
