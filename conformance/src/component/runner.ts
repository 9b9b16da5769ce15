import {
  allComponentFeatures,
  type Component,
  type ComponentFeatureSet,
  decodeComponent,
  type ValidComponent,
  validateComponent,
} from "@wardian/component";
import { parseComponent } from "@wardian/component/text";
import { CompileError, MalformedError } from "@wardian/runtime";
import {
  Cursor,
  decodeModule,
  encodeModule,
  type FeatureSet,
  parseFields,
  SourceText,
  selectFeatures,
  TOKEN,
  validateModule,
} from "@wardian/runtime/internal";
import type { Outcome } from "../spec/runner.ts";
import { type ComponentCommand, parseComponentScript, type ScriptComponent } from "./script.ts";

/** The expectation of a command was not met. */
export class Unmet extends Error {}

/** What this runner cannot do. */
export class Unsupported extends Error {}

/** Core features that the suite's modules need. */
const features: FeatureSet = selectFeatures({ threads: true });

/** The gates that the suite uses. What it refuses since they are off stays refused. */
const componentFeatures: ComponentFeatureSet = new Set(
  [...allComponentFeatures].filter((name) => name !== "nested-namespaces" && name !== "canonical-names"),
);

type RunKind = "register" | "invoke" | "assert_return" | "assert_trap" | "assert_exhaustion";

/** Runs the commands that need instances. */
export interface ComponentExecution {
  /** Instantiates a component, of which later commands call exports. */
  instantiate(component: ValidComponent, name: string | undefined): void;
  /** @throws an error unless the component cannot be instantiated */
  unlinkable(component: ValidComponent, message: string): void;
  run(command: Extract<ComponentCommand, { kind: RunKind }>): void;
}

/**
 * Runs a script, every command of it.
 *
 * @param execution runs the commands that need instances; without it they are skipped
 */
export function runComponentScript(text: string, execution?: ComponentExecution): Outcome[] {
  let commands: ComponentCommand[];
  try {
    commands = parseComponentScript(text);
  } catch (error) {
    const line = error instanceof CompileError ? (error.position?.line ?? 1) : 1;
    return [{ kind: "script", line, result: "failed", reason: messageOf(error) }];
  }
  const session = new Session(execution);
  return commands.map((command) => {
    const { position } = command;
    const kind = kindOf(command);
    try {
      session.run(command);
      return { kind, line: position.line, result: "passed" };
    } catch (error) {
      const result = error instanceof Unsupported ? "skipped" : "failed";
      return { kind, line: position.line, result, reason: messageOf(error) };
    }
  });
}

/** What a command is counted under: components in bytes by themselves. */
function kindOf(command: ComponentCommand): string {
  return command.kind === "component" && command.component.form === "binary" ? "component binary" : command.kind;
}

function messageOf(error: unknown): string {
  if (error instanceof Unmet || error instanceof Unsupported) return error.message;
  return error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error);
}

/** Reads and validates a component of a script; undefined for a core module. */
export function compileScriptComponent(source: ScriptComponent): ValidComponent | undefined {
  if (source.core) {
    const bytes = source.form === "binary" ? source.bytes : encodeModule(parseModule(textOf(source)));
    validateModule(decodeModule(bytes, features), features);
    return undefined;
  }
  if (source.form === "binary") {
    const component: Component = decodeComponent(source.bytes, { features, componentFeatures });
    return validateComponent(component, { features, componentFeatures });
  }
  const { component, positionAt } = parseComponent(textOf(source), features);
  return validateComponent(component, { features, componentFeatures, positionAt });
}

function textOf(source: Extract<ScriptComponent, { form: "text" | "quote" }>): string {
  if (source.text === undefined) throw new MalformedError("malformed UTF-8 encoding");
  return source.text;
}

function parseModule(text: string): ReturnType<typeof parseFields>["module"] {
  const cursor = new Cursor(new SourceText(text));
  const wrapped = cursor.takeOpen("module");
  const { module } = parseFields(cursor, features, wrapped);
  if (wrapped) cursor.close();
  if (cursor.kind() !== TOKEN.end) cursor.unexpected("the end of the text");
  return module;
}

/** The components that a script has defined so far. */
class Session {
  private readonly execution: ComponentExecution | undefined;
  private readonly definitions: Map<string, ValidComponent> = new Map();
  private last: ValidComponent | undefined;

  constructor(execution: ComponentExecution | undefined) {
    this.execution = execution;
  }

  run(command: ComponentCommand): void {
    switch (command.kind) {
      case "module":
      case "module definition":
        compileScriptComponent(command.component);
        return;
      case "component": {
        const component = this.define(command.component);
        if (component !== undefined) this.instantiate(component, command.component.name);
        return;
      }
      case "component definition":
        this.define(command.component);
        return;
      case "component instance": {
        const component = command.definition === undefined ? this.last : this.definitions.get(command.definition);
        if (component === undefined) throw new Unmet(`unknown component $${command.definition}`);
        this.instantiate(component, command.name);
        return;
      }
      case "assert_invalid":
        refuses(command.component, "invalid", command.message);
        return;
      case "assert_malformed":
        refuses(command.component, "malformed", command.message);
        return;
      case "assert_unlinkable": {
        if (this.execution === undefined) throw new Unsupported("this needs an engine");
        const component = compileScriptComponent(command.component);
        if (component === undefined) throw new Unsupported("a core module by itself cannot be linked here");
        this.execution.unlinkable(component, command.message);
        return;
      }
      default:
        if (this.execution === undefined) throw new Unsupported("this needs an engine");
        this.execution.run(command);
    }
  }

  private define(source: ScriptComponent): ValidComponent | undefined {
    const component = compileScriptComponent(source);
    if (component === undefined) return undefined;
    this.last = component;
    if (source.name !== undefined) this.definitions.set(source.name, component);
    return component;
  }

  private instantiate(component: ValidComponent, name: string | undefined): void {
    // Without an engine a component is only validated.
    this.execution?.instantiate(component, name);
  }
}

/** A component must be refused: for what it is, not by a failure of this runner. */
function refuses(source: ScriptComponent, how: "invalid" | "malformed", message: string): void {
  try {
    compileScriptComponent(source);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    if (how === "malformed" && !(error instanceof MalformedError))
      throw new Unmet(`expected malformed (${message}), got: ${messageOf(error)}`);
    return;
  }
  throw new Unmet(`expected ${how}: ${message}`);
}
