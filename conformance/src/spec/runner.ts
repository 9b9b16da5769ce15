import { CompileError, type EngineName, Exception, MalformedError } from "@wardian/runtime";
import { type Action, type Command, parseScript, type ScriptModule } from "@wardian/runtime/internal";
import { barePlatform } from "./bare-platform.ts";
import { type Exports, engineImplementation, type Implementation, Unsupported } from "./implementation.ts";
import { spectestModules } from "./spectest.ts";
import type { startThread, Thread } from "./threads.ts";
import { describe, describePattern, HostReferences, matches, rawArgument } from "./values.ts";

/** How one command of a script went. */
export interface Outcome {
  /** The kind of command, or `script` for a text that is none. */
  readonly kind: string;
  readonly line: number;
  /** `known`: it failed, as it does on the platform's WebAssembly by itself. */
  readonly result: "passed" | "failed" | "skipped" | "known";
  /** Why it did not pass. */
  readonly reason?: string;
}

/** The expectation of a command was not met. */
class Unmet extends Error {}

/** What scripts run on: an engine, one that is chosen, or the platform's WebAssembly by itself. */
export type ScriptEngine = EngineName | "auto" | "bare";

/**
 * Runs a script in a store of its own, every command of it.
 *
 * @param text the script
 * @param name its path below the suite's folder, on which the features depend
 * @param start starts the script's threads; without it, scripts with threads are not supported
 */
export function runScript(text: string, name: string, engine: ScriptEngine, start?: typeof startThread): Outcome[] {
  return runScriptOn(
    () => implementationOf(engine, name),
    text,
    () => {},
    { name, engine, start },
  );
}

function implementationOf(engine: ScriptEngine, name: string): Implementation {
  return engine === "bare" ? barePlatform(name) : engineImplementation(engine, name);
}

/** What threads of a script are started with. */
interface ThreadStart {
  readonly name: string;
  readonly engine: ScriptEngine;
  readonly start: typeof startThread | undefined;
}

/**
 * Runs the commands of a thread.
 * @param shared the instances that it shares with the script around it, by name
 */
export function runThreadScript(
  text: string,
  name: string,
  engine: ScriptEngine,
  shared: ReadonlyMap<string, Exports>,
  start: typeof startThread,
): Outcome[] {
  return runScriptOn(
    () => implementationOf(engine, name),
    text,
    () => {},
    { name, engine, start },
    shared,
  );
}

/**
 * The same on any implementation.
 *
 * @param make makes it, when the script has been read
 * @param after is called after each command; and before the first, without one
 */
export function runScriptOn(
  make: () => Implementation,
  text: string,
  after: (outcome?: Outcome) => void = () => {},
  threads?: ThreadStart,
  shared: ReadonlyMap<string, Exports> = new Map(),
): Outcome[] {
  let commands: Command[];
  try {
    commands = parseScript(text);
  } catch (error) {
    const line = error instanceof CompileError ? (error.position?.line ?? 1) : 1;
    return [{ kind: "script", line, result: "failed", reason: messageOf(error) }];
  }
  const session = new Session(make(), threads, shared);
  after();
  const outcomes: Outcome[] = [];
  for (const command of commands) {
    const outcome = outcomeOf(session, command);
    after(outcome);
    // A thread's commands count where the script waits for it.
    outcomes.push(...session.threadOutcomes.splice(0), outcome);
  }
  return outcomes;
}

function outcomeOf(session: Session, command: Command): Outcome {
  const { kind, position } = command;
  try {
    session.run(command);
    return { kind, line: position.line, result: "passed" };
  } catch (error) {
    const reason = messageOf(error);
    return { kind, line: position.line, result: error instanceof Unsupported ? "skipped" : "failed", reason };
  }
}

function messageOf(error: unknown): string {
  if (error instanceof Unmet || error instanceof Unsupported) return error.message;
  if (error instanceof Exception) return "an exception of the guest";
  return error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error);
}

/** An instance of the script, or why there is none. */
type InstanceState = { readonly exports: Exports } | { readonly missing: Error };

/** Modules and instances of one script, by name and the latest one. */
class Session {
  private readonly implementation: Implementation;
  private readonly hosts: HostReferences = new HostReferences();
  private readonly instances: Map<string, InstanceState> = new Map();
  private readonly definitions: Map<string, unknown> = new Map();
  private readonly imports: Record<string, Exports> = Object.create(null);
  /** Names under which an instance would be registered that the engine cannot hold. */
  private readonly skippedNames: Set<string> = new Set();
  /** Instances that a module which the engine cannot hold would have imported from. */
  private readonly incomplete: Set<Exports | undefined> = new Set();
  private current: InstanceState = { missing: new Unmet("no module has been instantiated") };
  private definition: unknown;
  private readonly start: ThreadStart | undefined;
  private readonly threads: Map<string | undefined, Thread | Unsupported> = new Map();
  /** Outcomes of the commands of threads that have ended. */
  readonly threadOutcomes: Outcome[] = [];

  constructor(implementation: Implementation, start: ThreadStart | undefined, shared: ReadonlyMap<string, Exports>) {
    this.implementation = implementation;
    this.start = start;
    for (const [name, exports] of shared) this.instances.set(name, { exports });
    const { base, more } = spectestModules(implementation.features);
    const exports: Record<string, unknown> = { ...this.instantiate(implementation.compile(base)) };
    for (const module of more) {
      try {
        Object.assign(exports, this.instantiate(implementation.compile(module)));
      } catch {
        // What it does not have, the scripts that use it will miss.
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
          (error) => this.implementation.isException(error),
          "an exception of the guest",
        );
        break;
      case "thread": {
        this.defineThread(command.name, command.shared, command.text);
        break;
      }
      case "wait": {
        const thread = this.threads.get(command.thread);
        if (thread === undefined) throw new Unmet(`no thread $${command.thread}`);
        if (thread instanceof Unsupported) throw thread;
        this.threads.delete(command.thread);
        this.threadOutcomes.push(...thread.wait());
        break;
      }
      case "assert_malformed":
      case "assert_malformed_custom":
        expectError(
          () => this.compile(command.module),
          (error) => this.implementation.isMalformed(error),
          `a MalformedError: ${command.message}`,
        );
        break;
      case "assert_invalid":
      case "assert_invalid_custom":
        expectError(
          () => this.compile(command.module),
          (error) => this.implementation.isInvalid(error),
          `a ValidationError: ${command.message}`,
        );
        break;
      case "assert_unlinkable": {
        const module = this.compile(command.module);
        expectError(
          () => this.instantiate(module),
          (error) => this.implementation.isUnlinkable(error, command.message),
          `a LinkError: ${command.message}`,
        );
        break;
      }
    }
  }

  private skipInstance(exports: Exports): void {
    this.incomplete.add(exports);
    for (const [name, registered] of Object.entries(this.imports))
      if (registered === exports) this.skippedNames.add(name);
  }

  private defineThread(name: string | undefined, instances: readonly string[], text: string): void {
    try {
      const shared = new Map(instances.map((instance) => [instance, this.exportsOf(instance)]));
      try {
        this.threads.set(name, this.startThread(text, shared));
      } catch (error) {
        // What the thread would have written is missing for whoever imports it.
        if (error instanceof Unsupported) for (const exports of shared.values()) this.skipInstance(exports);
        throw error;
      }
    } catch (error) {
      if (error instanceof Unsupported) this.threads.set(name, error);
      throw error;
    }
  }

  private startThread(text: string, shared: ReadonlyMap<string, Exports>): Thread {
    const { start } = this;
    if (start === undefined) throw new Unsupported("threads are not compared between engines");
    if (start.start === undefined) throw new Unsupported("this host starts no threads");
    return start.start(text, start.name, start.engine, shared);
  }

  private compile(module: ScriptModule): unknown {
    if (module.form === "binary") return this.implementation.compile(module.bytes);
    if (module.text === undefined) throw new MalformedError("malformed UTF-8 encoding");
    return this.implementation.compile(module.text);
  }

  private register(name: string, instance: string | undefined): void {
    try {
      this.imports[name] = this.exportsOf(instance);
      this.skippedNames.delete(name);
    } catch (error) {
      if (error instanceof Unsupported) this.skippedNames.add(name);
      throw error;
    }
  }

  private instantiate(module: unknown): Exports {
    const from = this.implementation.importedModules(module);
    const missing = from.find((name) => this.skippedNames.has(name));
    if (missing !== undefined) throw new Unsupported(`imports from "${missing}", which the engine cannot hold`);
    try {
      return this.implementation.instantiate(module, this.imports);
    } catch (error) {
      // What the module would have done to the instances that it imports from is missing there.
      if (error instanceof Unsupported)
        for (const name of from) if (name !== "spectest") this.incomplete.add(this.imports[name]);
      throw error;
    }
  }

  private defineInstance(name: string | undefined, make: () => Exports): void {
    try {
      this.current = { exports: make() };
    } catch (error) {
      const reason = `the module of this command failed: ${messageOf(error)}`;
      this.current = { missing: error instanceof Unsupported ? error : new Unmet(reason) };
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
      throw new Unsupported("a module that the engine cannot hold may have changed it");
    return state.exports;
  }

  /** Calls or reads an export. @returns the results as bits */
  private perform(action: Action): readonly unknown[] {
    const extern: unknown = this.exportsOf(action.module)[action.name];
    if (action.type === "get") {
      const value = this.implementation.readGlobal(extern);
      if (value === undefined) throw new Unmet(`no exported global "${action.name}"`);
      return value;
    }
    if (typeof extern !== "function") throw new Unmet(`no exported function "${action.name}"`);
    const args = action.args.map((value) => rawArgument(value, this.hosts));
    return this.implementation.invoke(extern, args);
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
    expectError(run, (error) => this.implementation.isTrap(error, message), `a Trap: ${message}`);
  }
}

function expectError(run: () => unknown, expected: (error: unknown) => boolean, what: string): void {
  try {
    run();
  } catch (error) {
    if (error instanceof Unsupported || error instanceof Unmet || expected(error)) {
      if (expected(error)) return;
      throw error;
    }
    throw new Unmet(`expected ${what}, got ${messageOf(error)}`);
  }
  throw new Unmet(`expected ${what}, but nothing failed`);
}
