import { LinkError, type Module } from "@wardian/runtime";
import { ownProperty } from "../abi/host-values.ts";
import { camelCase } from "../abi/names.ts";
import type { ComponentType, ExternType, InstanceType } from "../types/extern.ts";
import type { Resource } from "../types/resource.ts";
import type { Item } from "./environment.ts";
import { findInterface } from "./interface-names.ts";
import { className, readFunctionName } from "./js-names.ts";
import { type HostClass, RuntimeResource } from "./runtime-resource.ts";

/**
 * The imports of a component: functions by their names in camel case, and objects by the names of interfaces. In an object, functions have their names in
 * camel case, and resources are classes. Only own properties count.
 */
export type ComponentImports = Readonly<Record<string, unknown>>;

/**
 * Finds the imports of a component.
 *
 * @throws LinkError that names the import which is missing or of another kind
 */
export function readImports(type: ComponentType, imports: ComponentImports): Map<string, Item> {
  if (typeof imports !== "object" || imports === null) throw new TypeError("the imports must be an object");
  const reader = new ImportReader();
  const items = new Map<string, Item>();
  for (const [name, extern] of type.imports) items.set(name, reader.item(name, extern, imports, name));
  return items;
}

class ImportReader {
  /** The resource types of the host, by what validation calls them. */
  private readonly resources = new Map<Resource, RuntimeResource>();

  item(name: string, extern: ExternType, from: object, place: string): Item {
    switch (extern.sort) {
      case "func":
        return { sort: "func", lifted: undefined, host: this.func(name, from, place) };
      case "instance":
        return { sort: "instance", exports: this.instance(name, extern.type, from, place) };
      case "type": {
        const { type } = extern;
        return {
          sort: "type",
          resource: type.kind === "resource" ? this.resource(name, type.resource, from) : undefined,
        };
      }
      case "core module": {
        const value = ownProperty(from, name) ?? ownProperty(from, camelCase(name));
        if (!isModule(value)) throw new LinkError(`import "${place}": expected a Module of @wardian/runtime`);
        return { sort: "core module", module: value };
      }
      default:
        throw new LinkError(`import "${place}": a ${extern.sort} cannot be imported from the host`);
    }
  }

  private instance(name: string, type: InstanceType, from: object, place: string): Map<string, Item> {
    const found = findInterface(name, Object.keys(from)) ?? camelCase(name);
    const object = ownProperty(from, found);
    const exports = new Map<string, Item>();
    if (object === undefined && isEmpty(type)) return this.emptyInstance(type);
    if (typeof object !== "object" || object === null)
      throw new LinkError(
        `import "${place}": expected an object with the interface's functions, found ${nameOf(object)}`,
      );
    for (const [member, extern] of type.exports)
      exports.set(member, this.item(member, extern, object, `${place}" "${member}`));
    return exports;
  }

  /** An instance without functions needs no object of the host. */
  private emptyInstance({ exports }: InstanceType): Map<string, Item> {
    const items = new Map<string, Item>();
    for (const [name, { type }] of exports)
      items.set(name, { sort: "instance", exports: this.emptyInstance(type as InstanceType) });
    return items;
  }

  private resource(name: string, resource: Resource, from: object): RuntimeResource {
    let known = this.resources.get(resource);
    if (known === undefined) {
      const given = classIn(from, name);
      known = new RuntimeResource(name, undefined, undefined, given);
      this.resources.set(resource, known);
    }
    return known;
  }

  private func(name: string, from: object, place: string): (...args: unknown[]) => unknown {
    const own = ownProperty(from, name);
    if (typeof own === "function") return bound(own, from);
    const parsed = readFunctionName(name);
    if (parsed.kind === "plain") {
      const value = ownProperty(from, parsed.js);
      if (typeof value === "function") return bound(value, from);
      throw new LinkError(`import "${place}": expected a function "${parsed.js}", found ${nameOf(value)}`);
    }
    const resourceClass = classIn(from, parsed.resource);
    if (resourceClass === undefined)
      throw new LinkError(`import "${place}": expected a class "${className(parsed.resource)}"`);
    switch (parsed.kind) {
      case "constructor":
        return (...args) => new resourceClass(...args);
      case "static": {
        const method = ownProperty(resourceClass, parsed.js);
        if (typeof method === "function") return bound(method, resourceClass);
        throw new LinkError(`import "${place}": the class ${resourceClass.name} has no static method "${parsed.js}"`);
      }
      case "method":
        if (methodOf(resourceClass, parsed.js) === undefined)
          throw new LinkError(`import "${place}": the class ${resourceClass.name} has no method "${parsed.js}"`);
        return (self, ...args) => {
          // Looked up in the object's own class, which may override it.
          const method =
            methodOf((self as object).constructor as HostClass, parsed.js) ?? methodOf(resourceClass, parsed.js);
          return Reflect.apply(method as Callable, self, args);
        };
    }
  }
}

/** Whether an instance of a type has nothing but instances that are empty. */
function isEmpty({ exports }: InstanceType): boolean {
  return [...exports.values()].every(({ sort, type }) => sort === "instance" && isEmpty(type));
}

type Callable = (...args: unknown[]) => unknown;

/** A function of an object, called with the object as `this`. */
function bound(value: object, from: object): Callable {
  return (...args) => Reflect.apply(value as Callable, from, args);
}

/**
 * A method of a class, its own or inherited from another class of the host. A component chooses the name, so methods of `Object.prototype` do not count.
 */
function methodOf(resourceClass: HostClass, name: string): Callable | undefined {
  if (name === "constructor" || typeof resourceClass !== "function") return undefined;
  for (
    let at: unknown = ownProperty(resourceClass, "prototype");
    typeof at === "object" && at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    const value = ownProperty(at, name);
    if (value !== undefined) return typeof value === "function" ? (value as Callable) : undefined;
  }
  return undefined;
}

function classIn(from: object, resource: string): HostClass | undefined {
  const value = ownProperty(from, className(resource)) ?? ownProperty(from, resource);
  return typeof value === "function" ? (value as HostClass) : undefined;
}

function isModule(value: unknown): value is Module {
  return typeof value === "object" && value !== null && "valid" in value && "bytes" in value;
}

function nameOf(value: unknown): string {
  return value === undefined ? "nothing" : value === null ? "null" : `a ${typeof value}`;
}
