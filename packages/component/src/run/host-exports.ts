import { type AbortSignalLike, LinkError } from "@wardian/runtime";
import { invokeAsync } from "@wardian/runtime/internal";
import { liftAsyncFunction, liftFunction } from "../abi/index.ts";
import type { FunctionItem, InstanceItem, Item } from "./environment.ts";
import { guestClassOf, setConstructor } from "./guest-resource.ts";
import { unversionedNames } from "./interface-names.ts";
import { className, readFunctionName } from "./js-names.ts";
import type { HostClass } from "./runtime-resource.ts";
import { AsyncCalleeSite, CalleeSite, refuseAsync } from "./sites.ts";

/**
 * The exports of an instance of a component: functions by their names in camel case, objects by the names of interfaces, classes for resources. An
 * interface has its name without the version too, where only one version is exported.
 */
// biome-ignore lint/suspicious/noExplicitAny: the type of a component's exports is known to the caller alone
export type ComponentExports = Readonly<Record<string, any>>;

/** An exported function. It throws a `ComponentError` for the error of a `result`. */
export interface ComponentFunction {
  (...args: unknown[]): unknown;
  /** Returns a `result` as a value with `tag` "ok" or "err". */
  readonly result: (...args: unknown[]) => unknown;
}

/** How exported functions are called: at once, or in slices with promises. */
export interface CallStyle {
  readonly async: boolean;
  readonly signal: AbortSignalLike | undefined;
}

/** Makes the object of exports. @throws LinkError for a name that JavaScript cannot have in a class */
export function exportsObject(instance: InstanceItem, style: CallStyle): ComponentExports {
  const object: Record<string, unknown> = Object.create(null);
  const { exports } = instance;
  for (const [name, item] of exports) addExport(object, name, item, exports, style);
  for (const [base, name] of unversionedNames(exports.keys())) if (!(base in object)) object[base] = object[name];
  return Object.freeze(object);
}

function addExport(
  object: Record<string, unknown>,
  name: string,
  item: Item,
  siblings: ReadonlyMap<string, Item>,
  style: CallStyle,
): void {
  switch (item.sort) {
    case "instance":
      object[name] = exportsObject(item, style);
      break;
    case "func": {
      const parsed = readFunctionName(name);
      if (parsed.kind === "plain") object[parsed.js] = functionOf(item, style);
      else addMember(item, parsed, siblings, style);
      break;
    }
    case "type":
      if (item.resource !== undefined) {
        const { resource } = item;
        if (resource.implementer !== undefined) {
          if (resource.guestClass === undefined) resource.name = className(name);
          object[className(name)] = guestClassOf(resource);
        } else if (resource.hostClass !== undefined) object[className(name)] = resource.hostClass;
      }
      break;
    case "core module":
      object[name] = item.module;
  }
}

/** Adds a function of a resource to the resource's class. */
function addMember(
  item: FunctionItem,
  name: Exclude<ReturnType<typeof readFunctionName>, { kind: "plain" }>,
  siblings: ReadonlyMap<string, Item>,
  style: CallStyle,
): void {
  const type = siblings.get(name.resource);
  const resource = type?.sort === "type" ? type.resource : undefined;
  // The functions of a host's resource are the host's own.
  if (resource?.implementer === undefined) return;
  const resourceClass = guestClassOf(resource);
  const call = functionOf(item, style);
  if (name.kind === "constructor") {
    if (!style.async) setConstructor(resourceClass, call);
    return;
  }
  const js = style.async ? `${name.js}Async` : name.js;
  const define = (target: object, value: unknown): void => {
    if (!Reflect.defineProperty(target, js, { value, configurable: true, writable: true }))
      throw new LinkError(`the resource ${name.resource} has a function "${name.js}", which a class cannot have`);
  };
  if (name.kind === "static") define(resourceClass, call);
  else define(resourceClass.prototype as object, methodFrom(resourceClass, call));
}

function methodFrom(_class: HostClass, call: ComponentFunction): ComponentFunction {
  const method = function (this: unknown, ...args: unknown[]): unknown {
    return call(this, ...args);
  };
  const result = function (this: unknown, ...args: unknown[]): unknown {
    return call.result(this, ...args);
  };
  return Object.assign(method, { result });
}

function functionOf(item: FunctionItem, { async, signal }: CallStyle): ComponentFunction {
  if (item.lifted === undefined) {
    const { host } = item;
    const call = async ? async (...args: unknown[]) => host(...args) : (...args: unknown[]) => host(...args);
    return Object.assign(call, { result: call });
  }
  const { lifted } = item;
  if (lifted.isAsync) {
    const refuse = (): never => {
      throw refuseAsync(lifted.name);
    };
    return Object.assign(refuse, { result: refuse });
  }
  const { type, core } = lifted;
  if (!async) {
    const site = new CalleeSite(lifted, undefined);
    return Object.assign(liftFunction(type, site, "throw"), { result: liftFunction(type, site, "value") });
  }
  const site = new AsyncCalleeSite(lifted, (...args) => invokeAsync(core, args, signal));
  return Object.assign(liftAsyncFunction(type, site, "throw"), { result: liftAsyncFunction(type, site, "value") });
}
