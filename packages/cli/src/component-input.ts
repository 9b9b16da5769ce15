import {
  allComponentFeatures,
  type Component,
  type ComponentFeature,
  ComponentFeatureError,
  type ComponentFeatureSet,
  componentFeatureNames,
  decodeComponent,
  defaultComponentFeatures,
  isComponent,
  type ValidComponent,
  validateComponent,
} from "@wardian/component";
import { parseComponent } from "@wardian/component/text";
import { allFeatures, CompileError } from "@wardian/runtime";
import { type Command, InvalidArgumentError } from "commander";
import type { Input } from "./input.ts";
import { InvalidModule } from "./report.ts";

export interface ComponentFeatureOptions {
  readonly enable?: readonly ComponentFeature[];
  readonly disable?: readonly ComponentFeature[];
}

function collect(value: string, previous: readonly ComponentFeature[] = []): readonly ComponentFeature[] {
  const feature = componentFeatureNames.find((name) => name === value);
  if (feature === undefined) throw new InvalidArgumentError(`The features are ${componentFeatureNames.join(", ")}.`);
  return [...previous, feature];
}

/** Adds `--enable` and `--disable` for the features of the Component Model. */
export function addComponentFeatureOptions(command: Command): Command {
  return command
    .option("--enable <feature>", "allow a feature of the Component Model that is off by default", collect)
    .option("--disable <feature>", "refuse components that use a feature", collect);
}

export function componentFeatures({ enable = [], disable = [] }: ComponentFeatureOptions): ComponentFeatureSet {
  const features = new Set([...defaultComponentFeatures, ...enable]);
  for (const feature of disable) features.delete(feature);
  return features;
}

/** Whether an input is a component: bytes by their preamble, text by its first word. */
export function isComponentInput({ source }: Input): boolean {
  if (typeof source !== "string") return isComponent(source);
  return /^(?:\s|;;[^\n]*\n|\(;(?:[^;]|;(?!\)))*;\))*\(\s*component[\s()]/.test(source);
}

/** The component of an input, not validated. @throws InvalidModule with the place of the error */
export function readComponent(input: Input, features: ComponentFeatureSet = allComponentFeatures): Component {
  return explained(input, () => {
    const { source } = input;
    return typeof source === "string"
      ? parseComponent(source, allFeatures).component
      : decodeComponent(source, { features: allFeatures, componentFeatures: features });
  });
}

/** The same, validated. */
export function compileComponent(input: Input, features: ComponentFeatureSet): ValidComponent {
  return explained(input, () => validate(input, features));
}

function validate({ source }: Input, features: ComponentFeatureSet): ValidComponent {
  const options = { features: allFeatures, componentFeatures: features };
  if (typeof source !== "string") return validateComponent(decodeComponent(source, options), options);
  const { component, positionAt } = parseComponent(source, allFeatures);
  return validateComponent(component, { ...options, positionAt });
}

/** The features of the Component Model without which a component is refused, and the component. */
export function featuresOfComponent(input: Input): { used: ComponentFeature[]; component: ValidComponent } {
  const used = new Set<ComponentFeature>();
  for (;;)
    try {
      const component = explained(input, () => validate(input, used));
      return { used: [...used], component };
    } catch (error) {
      const cause = error instanceof InvalidModule ? error.cause : undefined;
      // Each turn adds one, so there are no more turns than features.
      if (!(cause instanceof ComponentFeatureError) || used.has(cause.feature)) throw error;
      used.add(cause.feature);
    }
}

function explained<T>(input: Input, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof CompileError) throw new InvalidModule(error, input);
    throw error;
  }
}
