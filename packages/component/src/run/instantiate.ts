import { type Instance, LinkError, Trap } from "@wardian/runtime";
import { type CoreFunction, fuseFunction, lowerFunction } from "../abi/index.ts";
import type { CoreInstanceDefinition, Definition, InstanceDefinition, LowerDefinition } from "../model/definitions.ts";
import type { CoreSort } from "../model/sorts.ts";
import type { ValidCanonical } from "../types/canonical.ts";
import type { ResourceBinding } from "../types/resource.ts";
import type { ValidComponent, ValidDefinition } from "../types/valid.ts";
import { makeBuiltin } from "./builtins.ts";
import { moduleOf } from "./core-modules.ts";
import {
  type ComponentItem,
  type CoreExports,
  Environment,
  type FunctionItem,
  type InstanceItem,
  type Item,
  resourceAt,
} from "./environment.ts";
import { noteFrame } from "./frames.ts";
import { ComponentInstanceState } from "./instance-state.ts";
import { RuntimeResource } from "./runtime-resource.ts";
import { CalleeSite, CallerSite, partsOf, refuseAsync } from "./sites.ts";
import { fuseAsyncFunction } from "./task.ts";
import type { CoreInstantiation, Tree } from "./tree.ts";

/**
 * Instantiates a component: evaluates its definitions in their order. Core modules are instantiated by whoever runs the generator, which on some
 * platforms takes an asynchronous step.
 *
 * @param args what the component imports, by name, of the right types
 */
export function* instantiateComponent(
  tree: Tree,
  { valid, outer }: ComponentItem,
  args: ReadonlyMap<string, Item>,
  parent: ComponentInstanceState | undefined,
  path: string,
): Generator<CoreInstantiation, InstanceItem, Instance> {
  tree.countInstance(valid.definitions.length);
  const instance = new ComponentInstanceState(tree, parent, path);
  const environment = new Environment(instance, outer);
  const evaluation = new Evaluation(environment, args);
  try {
    for (const [i, definition] of valid.component.definitions.entries())
      yield* evaluation.evaluate(definition, valid.definitions[i]);
  } catch (error) {
    if (error instanceof Trap) noteFrame(error, path, undefined);
    throw error;
  }
  // Until here its start functions ran in it.
  instance.mayEnter = true;
  return { sort: "instance", exports: evaluation.exports };
}

/** What validation found out about definitions of a kind. */
type Of<Kind extends ValidDefinition["kind"]> = ValidDefinition & { readonly kind: Kind };

/** Evaluates the definitions of one component for one instance of it. */
class Evaluation {
  readonly exports: Map<string, Item> = new Map();
  private readonly environment: Environment;
  private readonly args: ReadonlyMap<string, Item>;
  private children = 0;

  constructor(environment: Environment, args: ReadonlyMap<string, Item>) {
    this.environment = environment;
    this.args = args;
  }

  *evaluate(definition: Definition, valid: ValidDefinition): Generator<CoreInstantiation, void, Instance> {
    const { environment } = this;
    switch (definition.kind) {
      case "core module":
        environment.coreModules.push(moduleOf((valid as Of<"core module">).module));
        break;
      case "core instance":
        environment.coreInstances.push(yield* this.coreInstance(definition));
        break;
      case "component":
        environment.components.push({
          sort: "component",
          valid: (valid as Of<"component">).component as ValidComponent,
          outer: environment,
        });
        break;
      case "instance": {
        const made = yield* this.instance(definition);
        environment.instances.push(made);
        this.bind((valid as Of<"instance">).resources, made.exports);
        break;
      }
      case "alias":
        this.alias(definition.alias);
        break;
      case "type":
        this.type(definition, valid as Of<"type">);
        break;
      case "lift": {
        const { canonical } = valid as Of<"lift">;
        environment.funcs.push({
          sort: "func",
          lifted: {
            environment,
            type: canonical.type,
            parts: partsOf(environment, canonical.options),
            core: environment.coreFuncs[definition.core],
            isAsync: canonical.options.async,
            hasCallback: canonical.options.callback !== undefined,
            name: undefined,
          },
        });
        break;
      }
      case "lower":
        environment.coreFuncs.push(this.lower(definition, (valid as Of<"lower">).canonical));
        break;
      case "builtin":
        environment.coreFuncs.push(makeBuiltin(environment, definition, (valid as Of<"builtin">).builtin));
        break;
      case "import": {
        const item = this.args.get(definition.name.name) as Item;
        environment.add(item);
        this.bind((valid as Of<"import">).resources, this.args);
        break;
      }
      case "export": {
        const { name } = definition.name;
        const item = environment.item(definition.value.sort, definition.value.index);
        if (item.sort === "func" && item.lifted !== undefined) item.lifted.name ??= name;
        this.exports.set(name, item);
        environment.add(item);
        this.bind((valid as Of<"export">).resources, this.exports);
        break;
      }
      case "start":
      case "value":
        throw new LinkError(`a component with a ${definition.kind} definition cannot be instantiated`);
      case "core type":
      case "custom":
    }
  }

  /** The resource types that came into being with a definition are those that are found at its paths. */
  private bind(resources: readonly ResourceBinding[], items: ReadonlyMap<string, Item>): void {
    for (const { resource, path } of resources) {
      const found = resourceAt(items, path);
      if (found !== undefined) this.environment.resources.set(resource, found);
    }
  }

  private type(definition: Definition & { readonly kind: "type" }, { type }: Of<"type">): void {
    const { environment } = this;
    if (definition.type.kind !== "resource" || type.kind !== "resource") {
      environment.types.push(type.kind === "resource" ? environment.resources.get(type.resource) : undefined);
      return;
    }
    const { destructor } = definition.type;
    const made = new RuntimeResource(
      "resource",
      environment.instance,
      destructor === undefined ? undefined : environment.coreFuncs[destructor],
      undefined,
    );
    environment.resources.set(type.resource, made);
    environment.types.push(made);
  }

  private alias(alias: (Definition & { readonly kind: "alias" })["alias"]): void {
    const { environment } = this;
    switch (alias.target) {
      case "export":
        environment.add(environment.instances[alias.instance].exports.get(alias.name) as Item);
        break;
      case "core export":
        this.addCore(alias.sort, environment.coreInstances[alias.instance][alias.name]);
        break;
      case "outer": {
        // Nothing at run time has types of the core, and other types that cross a component are the same everywhere.
        if (alias.sort === "core type") return;
        let from: Environment = environment;
        for (let i = 0; i < alias.count; i++) from = from.outer as Environment;
        environment.add(from.item(alias.sort, alias.index));
      }
    }
  }

  private addCore(sort: CoreSort, value: unknown): void {
    (this.coreSpace(sort) as unknown[]).push(value);
  }

  private coreSpace(sort: CoreSort): readonly unknown[] {
    const { coreFuncs, coreTables, coreMemories, coreGlobals, coreTags } = this.environment;
    switch (sort) {
      case "func":
        return coreFuncs;
      case "table":
        return coreTables;
      case "memory":
        return coreMemories;
      case "global":
        return coreGlobals;
      default:
        return coreTags;
    }
  }

  private *coreInstance(definition: CoreInstanceDefinition): Generator<CoreInstantiation, CoreExports, Instance> {
    const { environment } = this;
    if (definition.from === "exports") {
      const exports: Record<string, unknown> = Object.create(null);
      for (const { name, value } of definition.exports) exports[name] = this.coreSpace(value.sort)[value.index];
      return exports;
    }
    environment.instance.tree.countInstance(0);
    const imports: Record<string, CoreExports> = Object.create(null);
    for (const { name, value } of definition.args) imports[name] = environment.coreInstances[value.index];
    const made = yield { module: environment.coreModules[definition.module], imports };
    return made.exports;
  }

  private *instance(definition: InstanceDefinition): Generator<CoreInstantiation, InstanceItem, Instance> {
    const { environment } = this;
    if (definition.from === "exports") {
      const exports = new Map<string, Item>();
      for (const { name, value } of definition.exports) {
        const item = environment.item(value.sort, value.index);
        if (item.sort === "func" && item.lifted !== undefined) item.lifted.name ??= name.name;
        exports.set(name.name, item);
      }
      return { sort: "instance", exports };
    }
    const args = new Map<string, Item>();
    for (const { name, value } of definition.args) args.set(name, environment.item(value.sort, value.index));
    const { instance } = environment;
    const path = `${instance.path}/${this.children++}`;
    return yield* instantiateComponent(
      instance.tree,
      environment.components[definition.component],
      args,
      instance,
      path,
    );
  }

  private lower({ func }: LowerDefinition, { type, options }: ValidCanonical): CoreFunction {
    const { environment } = this;
    const item: FunctionItem = environment.funcs[func];
    const site = new CallerSite(environment, type, partsOf(environment, options));
    const { lifted } = item;
    if (lifted === undefined) {
      if (!options.async) return lowerFunction(type, site, item.host);
      return () => {
        environment.instance.requireLeave();
        throw refuseAsync(undefined);
      };
    }
    const callee = new CalleeSite(lifted, environment.instance);
    if (options.async || lifted.isAsync) return fuseAsyncFunction(type, site, callee, lifted, options.async);
    return fuseFunction(type, site, callee, lifted.type);
  }
}
