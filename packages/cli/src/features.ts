import { type CompileOptions, type Feature, featureNames } from "@wardian/runtime";
import { type Command, InvalidArgumentError, Option } from "commander";

/** What {@link addFeatureOptions} adds to a command's options. */
export interface FeatureOptions {
  readonly enable?: readonly Feature[];
  readonly disable?: readonly Feature[];
}

function collect(value: string, previous: readonly Feature[] = []): readonly Feature[] {
  const feature = featureNames.find((name) => name === value);
  if (feature === undefined) throw new InvalidArgumentError(`The proposals are ${featureNames.join(", ")}.`);
  return [...previous, feature];
}

/** Adds `--enable` and `--disable`, each of which may be given several times. */
export function addFeatureOptions(command: Command): Command {
  return command
    .option("--enable <proposal>", "allow a WebAssembly proposal that is off by default, such as threads", collect)
    .option("--disable <proposal>", "refuse modules that use a WebAssembly proposal", collect);
}

/** The options as `Runtime` takes them. */
export function featureChanges({ enable = [], disable = [] }: FeatureOptions): Partial<Record<Feature, boolean>> {
  const changes: Partial<Record<Feature, boolean>> = {};
  for (const feature of enable) changes[feature] = true;
  for (const feature of disable) changes[feature] = false;
  return changes;
}

/** What {@link addBuiltinOptions} adds to a command's options. */
export interface BuiltinOptions {
  readonly builtins?: string;
  readonly importedStringConstants?: string;
}

/** Adds the options that say which imports a module's host need not give. */
export function addBuiltinOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--builtins <set>", "let the module import the builtin functions on strings").choices(["js-string"]),
    )
    .option("--imported-string-constants <name>", "make globals that are imported from this module name strings");
}

/** The options as `Runtime.compile` takes them. */
export function compileOptions({ builtins, importedStringConstants }: BuiltinOptions): CompileOptions {
  return { builtins: builtins === undefined ? undefined : [builtins], importedStringConstants };
}
