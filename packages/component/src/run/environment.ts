import type { Memory, Module } from "@wardian/runtime";
import type { CoreFunction } from "../abi/index.ts";
import type { Resource } from "../types/resource.ts";
import type { ValidComponent } from "../types/valid.ts";
import type { ComponentInstanceState } from "./instance-state.ts";
import type { RuntimeResource } from "./runtime-resource.ts";
import type { Lifted } from "./sites.ts";

/** A core instance: what it exports, by name, in an object without a prototype. */
export type CoreExports = Readonly<Record<string, unknown>>;

/** A component function: one that a component lifted, or one of the host. */
export type FunctionItem =
  | { readonly sort: "func"; readonly lifted: Lifted }
  | { readonly sort: "func"; readonly lifted: undefined; readonly host: (...args: unknown[]) => unknown };

/** A component with the scope that its outer aliases refer to. */
export interface ComponentItem {
  readonly sort: "component";
  readonly valid: ValidComponent;
  readonly outer: Environment | undefined;
}

export interface InstanceItem {
  readonly sort: "instance";
  readonly exports: ReadonlyMap<string, Item>;
}

/** What the name of an import or export stands for at run time. Only resource types are anything at run time. */
export type Item =
  | FunctionItem
  | ComponentItem
  | InstanceItem
  | { readonly sort: "core module"; readonly module: Module }
  | { readonly sort: "type"; readonly resource: RuntimeResource | undefined };

/** The index spaces of an instance of a component. */
export class Environment {
  readonly outer: Environment | undefined;
  readonly instance: ComponentInstanceState;
  /** The resource types of this instance by what validation calls them. */
  readonly resources: Map<Resource, RuntimeResource> = new Map();
  readonly coreFuncs: CoreFunction[] = [];
  readonly coreTables: unknown[] = [];
  readonly coreMemories: Memory[] = [];
  readonly coreGlobals: unknown[] = [];
  readonly coreTags: unknown[] = [];
  readonly coreModules: Module[] = [];
  readonly coreInstances: CoreExports[] = [];
  readonly funcs: FunctionItem[] = [];
  readonly types: (RuntimeResource | undefined)[] = [];
  readonly components: ComponentItem[] = [];
  readonly instances: InstanceItem[] = [];

  constructor(instance: ComponentInstanceState, outer: Environment | undefined) {
    this.instance = instance;
    this.outer = outer;
  }

  /** Appends to the index space that something belongs to. */
  add(item: Item): void {
    switch (item.sort) {
      case "func":
        this.funcs.push(item);
        break;
      case "component":
        this.components.push(item);
        break;
      case "instance":
        this.instances.push(item);
        break;
      case "core module":
        this.coreModules.push(item.module);
        break;
      case "type":
        this.types.push(item.resource);
    }
  }

  /** Finds an entry of an index space. The validator has checked that it is there. */
  item(sort: string, index: number): Item {
    switch (sort) {
      case "func":
        return this.funcs[index];
      case "component":
        return this.components[index];
      case "instance":
        return this.instances[index];
      case "core module":
        return { sort: "core module", module: this.coreModules[index] };
      default:
        return { sort: "type", resource: this.types[index] };
    }
  }
}

/** The resource type of an instance that validation calls `resource`. */
export function resourceOf(environment: Environment, resource: Resource): RuntimeResource {
  return environment.resources.get(resource) as RuntimeResource;
}

/** The resource type that is found at a path through instances. */
export function resourceAt(items: ReadonlyMap<string, Item>, path: readonly string[]): RuntimeResource | undefined {
  let at = items;
  for (const [i, name] of path.entries()) {
    const item = at.get(name);
    if (i === path.length - 1) return item?.sort === "type" ? item.resource : undefined;
    if (item?.sort !== "instance") return undefined;
    at = item.exports;
  }
  return undefined;
}
