import {
  CompileError,
  type EngineName,
  Exception,
  type Exports,
  Global,
  LinkError,
  MalformedError,
  type Module,
  Runtime,
  Trap,
  ValidationError,
} from "@wardian/runtime";
import { type Action, type Command, invokeRaw, parseScript, type ScriptModule } from "@wardian/runtime/internal";
import { spectestModules } from "./spectest.ts";
import { featuresFor } from "./suites.ts";
import { isExpectedTrap } from "./traps.ts";
import { describe, describePattern, HostReferences, matches, rawArgument, rawGlobal } from "./values.ts";

/** How one command of a script went. */
export interface Outcome {
  /** The kind of command, or `script` for a text that is none. */
  readonly kind: string;
  readonly line: number;
  readonly result: "passed" | "failed" | "skipped";
  /** Why it failed or was skipped. */
  readonly reason?: string;
}

/** An action takes no longer than this, in milliseconds, on a machine under load. */
const TIMEOUT = 60_000;

/** The expectation of a command was not met. */
class Unmet extends Error {}

/** The engine cannot hold a module that a command needs, and said so when it was asked. */
class Skipped extends Error {}

/**
 * Runs a script in a store of its own, every command of it.
 *
 * @param text the script
 * @param name its path below the suite's folder, on which the features depend
 */
export function runScript(text: string, name: string, engine: EngineName | "auto"): Outcome[] {
  let commands: Command[];
  try {
    commands = parseScript(text);
  } catch (error) {
    const line = error instanceof CompileError ? (error.position?.line ?? 1) : 1;
    return [{ kind: "script", line, result: "failed", reason: messageOf(error) }];
  }
  const session = new Session(name, engine);
  return commands.map((command): Outcome => {
    const { kind, position } = command;
    try {
      session.run(command);
      return { kind, line: position.line, result: "passed" };
    } catch (error) {
      const reason = messageOf(error);
      return { kind, line: position.line, result: error instanceof Skipped ? "skipped" : "failed", reason };
    }
  });
}

function messageOf(error: unknown): string {
  if (error instanceof Unmet || error instanceof Skipped) return error.message;
  if (error instanceof Exception) return "an exception of the guest";
  return error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error);
}

/** An instance of the script, or why there is none. */
type InstanceState = { readonly exports: Exports } | { readonly missing: Error };

/** Modules and instances of one script, by name and the latest one. */
class Session {
  private readonly runtime: Runtime;
  private readonly hosts: HostReferences = new HostReferences();
  private readonly instances: Map<string, InstanceState> = new Map();
  private readonly definitions: Map<string, Module> = new Map();
  private readonly imports: Record<string, Exports> = Object.create(null);
  /** Names under which an instance would be registered that the engine cannot hold. */
  private readonly skippedNames: Set<string> = new Set();
  /** Instances that a module which the engine cannot hold would have imported from. */
  private readonly incomplete: Set<Exports | undefined> = new Set();
  private current: InstanceState = { missing: new Unmet("no module has been instantiated") };
  private definition: Module | undefined;

  constructor(name: string, engine: EngineName | "auto") {
    this.runtime = new Runtime({ engine, features: featuresFor(name) });
    const { base, more } = spectestModules(this.runtime.features);
    const exports: Record<string, unknown> = { ...this.instantiate(this.runtime.compileSync(base)) };
    for (const module of more) {
      try {
        Object.assign(exports, this.instantiate(this.runtime.compileSync(module)));
      } catch (error) {
        if (!(error instanceof Skipped)) throw error;
      }
    }
    this.imports.spectest = exports;
  }

  run(command: Command): void {
    switch (command.kind) {
      case "module":
        this.defineInstance(command.module.name, () => this.instantiate(this.compile(command.module)));
        break;
      case "module definition": {
        this.definition = this.compile(command.module);
        if (command.module.name !== undefined) this.definitions.set(command.module.name, this.definition);
        break;
      }
      case "module instance": {
        const { name, definition } = command;
        const module = definition === undefined ? this.definition : this.definitions.get(definition);
        if (module === undefined) throw new Unmet(`no module definition ${definition ?? ""}`);
        this.defineInstance(name, () => this.instantiate(module));
        break;
      }
      case "register":
        this.register(command.as, command.module);
        break;
      case "invoke":
      case "get":
        this.perform(command.action);
        break;
      case "assert_return":
        this.assertReturn(command.action, command.expected);
        break;
      case "assert_trap":
      case "assert_exhaustion":
        this.assertTrap(command.subject, command.message);
        break;
      case "assert_exception":
        expectError(
          () => this.perform(command.action),
          (error) => error instanceof Exception,
          "an exception of the guest",
        );
        break;
      case "assert_malformed":
      case "assert_malformed_custom":
        expectError(
          () => this.compile(command.module),
          // What only a proposal that is off gives a meaning is malformed without it, and refused in the proposal's name.
          (error) => error instanceof CompileError && !(error instanceof ValidationError),
          `a MalformedError: ${command.message}`,
        );
        break;
      case "assert_invalid":
      case "assert_invalid_custom":
        expectError(
          () => this.compile(command.module),
          (error) => error instanceof CompileError && !(error instanceof MalformedError),
          `a ValidationError: ${command.message}`,
        );
        break;
      case "assert_unlinkable": {
        const module = this.compile(command.module);
        expectError(
          () => this.instantiate(module),
          (error) => isLinkFailure(error, command.message),
          `a LinkError: ${command.message}`,
        );
        break;
      }
    }
  }

  private compile(module: ScriptModule): Module {
    if (module.form === "binary") return this.runtime.compileSync(module.bytes);
    if (module.text === undefined) throw new MalformedError("malformed UTF-8 encoding");
    return this.runtime.compileSync(module.text);
  }

  private register(name: string, instance: string | undefined): void {
    try {
      this.imports[name] = this.exportsOf(instance);
      this.skippedNames.delete(name);
    } catch (error) {
      if (error instanceof Skipped) this.skippedNames.add(name);
      throw error;
    }
  }

  private instantiate(module: Module): Exports {
    const from = module.imports.find((item) => this.skippedNames.has(item.module));
    if (from !== undefined) throw new Skipped(`imports from "${from.module}", which the engine cannot hold`);
    try {
      return this.runtime.instantiateSync(module, this.imports, { limits: { timeout: TIMEOUT } }).exports;
    } catch (error) {
      if (!(error instanceof LinkError && error.message.startsWith("no engine can hold this module"))) throw error;
      // What the module would have done to the instances that it imports from is missing there.
      for (const item of module.imports) if (item.module !== "spectest") this.incomplete.add(this.imports[item.module]);
      throw new Skipped(error.message);
    }
  }

  private defineInstance(name: string | undefined, make: () => Exports): void {
    try {
      this.current = { exports: make() };
    } catch (error) {
      const reason = `the module of this command failed: ${messageOf(error)}`;
      this.current = { missing: error instanceof Skipped ? error : new Unmet(reason) };
      throw error;
    } finally {
      if (name !== undefined) this.instances.set(name, this.current);
    }
  }

  private exportsOf(name: string | undefined): Exports {
    const state = name === undefined ? this.current : this.instances.get(name);
    if (state === undefined) throw new Unmet(`no instance $${name}`);
    if ("missing" in state) throw state.missing;
    if (this.incomplete.has(state.exports))
      throw new Skipped("a module that the engine cannot hold may have changed it");
    return state.exports;
  }

  /** Calls or reads an export. @returns the results as bits */
  private perform(action: Action): unknown[] {
    const extern: unknown = this.exportsOf(action.module)[action.name];
    if (action.type === "get") {
      if (!(extern instanceof Global)) throw new Unmet(`no exported global "${action.name}"`);
      return [rawGlobal(extern)];
    }
    if (typeof extern !== "function") throw new Unmet(`no exported function "${action.name}"`);
    const args = action.args.map((value) => rawArgument(value, this.hosts));
    return invokeRaw(extern as (...args: unknown[]) => unknown, args);
  }

  private assertReturn(action: Action, expected: readonly Parameters<typeof matches>[1][]): void {
    const actual = this.perform(action);
    const met =
      actual.length === expected.length && actual.every((value, i) => matches(value, expected[i], this.hosts));
    if (met) return;
    const wanted = expected.map(describePattern).join(", ");
    throw new Unmet(`${action.name}: expected [${wanted}], got [${actual.map(describe).join(", ")}]`);
  }

  private assertTrap(subject: Action | ScriptModule, message: string): void {
    const run =
      "form" in subject ? () => this.instantiate(this.compile(subject)) : (): unknown => this.perform(subject);
    expectError(run, (error) => error instanceof Trap && isExpectedTrap(error.code, message), `a Trap: ${message}`);
  }
}

/** A missing import is a LinkError or, when the whole module is missing, a TypeError, as on the platform. */
function isLinkFailure(error: unknown, message: string): boolean {
  if (error instanceof LinkError) return error.message.includes(message);
  return error instanceof TypeError && message === "unknown import";
}

function expectError(run: () => unknown, expected: (error: unknown) => boolean, what: string): void {
  try {
    run();
  } catch (error) {
    if (error instanceof Skipped || error instanceof Unmet || expected(error)) {
      if (expected(error)) return;
      throw error;
    }
    throw new Unmet(`expected ${what}, got ${messageOf(error)}`);
  }
  throw new Unmet(`expected ${what}, but nothing failed`);
}
