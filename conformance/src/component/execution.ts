import { type ComponentInstance, ComponentRuntime, type FunctionType, type ValidComponent } from "@wardian/component";
import { type EngineName, LinkError, Trap } from "@wardian/runtime";
import { type ComponentExecution, compileScriptComponent, Unmet } from "./runner.ts";
import type { ComponentAction, ScriptComponent } from "./script.ts";
import { camelCase, isExpected, toJavaScript } from "./values.ts";

type RunCommand = Parameters<ComponentExecution["run"]>[0];

interface Named {
  readonly instance: ComponentInstance;
  readonly component: ValidComponent;
}

/** Runs the commands of one script on an engine. */
export class EngineExecution implements ComponentExecution {
  private readonly runtime: ComponentRuntime;
  private readonly instances = new Map<string, Named>();
  private last: Named | undefined = undefined;

  constructor(engine: EngineName) {
    this.runtime = new ComponentRuntime({ engine });
  }

  instantiate(component: ValidComponent, name: string | undefined): void {
    const made = { instance: this.runtime.load(component).instantiateSync(), component };
    this.last = made;
    if (name !== undefined) this.instances.set(name, made);
  }

  unlinkable(component: ValidComponent, message: string): void {
    try {
      this.runtime.load(component).instantiateSync();
    } catch (error) {
      if (error instanceof LinkError) return;
      throw error;
    }
    throw new Unmet(`expected that it cannot be linked: ${message}`);
  }

  run(command: RunCommand): void {
    switch (command.kind) {
      case "register":
        throw new Unmet("a script registers nothing for its components to import");
      case "invoke":
        this.invoke(command.action);
        return;
      case "assert_return": {
        const { value, type } = this.invoke(command.action);
        const [expected] = command.expected;
        if (!isExpected(value, expected, type.result))
          throw new Unmet(`expected ${show(expected)}, got ${show(value)}`);
        return;
      }
      default:
        this.traps(command.subject, command.message);
    }
  }

  private invoke({ component, name, args }: ComponentAction): { value: unknown; type: FunctionType } {
    const found = component === undefined ? this.last : this.instances.get(component);
    if (found === undefined) throw new Unmet("there is no instance");
    const extern = found.component.type.exports.get(name);
    if (extern?.sort !== "func") throw new Unmet(`the component exports no function "${name}"`);
    const { type } = extern;
    const values = args.map((arg, i) => toJavaScript(arg, type.params[i].type));
    return { value: found.instance.exports[camelCase(name)].result(...values), type };
  }

  private traps(subject: ComponentAction | ScriptComponent, message: string): void {
    try {
      if ("args" in subject) this.invoke(subject);
      else {
        const component = compileScriptComponent(subject);
        if (component === undefined) throw new Unmet("a core module by itself cannot be instantiated here");
        this.instantiate(component, undefined);
      }
    } catch (error) {
      if (!(error instanceof Trap)) throw error;
      if (isMessage(error, message)) return;
      throw new Unmet(`expected the trap "${message}", got: ${error.message}`);
    }
    throw new Unmet(`expected a trap: ${message}`);
  }
}

/** Whether a trap is the one that a script names, in the words of the specification's tests or of wasmtime. */
function isMessage({ message }: Trap, expected: string): boolean {
  const words = (text: string): string =>
    text.replace(/^wasm trap: /, "").replace(/^wasm `unreachable` instruction executed$/, "unreachable");
  return message.includes(words(expected)) || words(expected).includes(message);
}

function show(value: unknown): string {
  return JSON.stringify(value, (_key, item) => (typeof item === "bigint" ? `${item}n` : item)) ?? "nothing";
}
