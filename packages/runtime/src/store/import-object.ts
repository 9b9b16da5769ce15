import type { ValidModule } from "../validation/validate.ts";
import type { Import } from "../wasm/module.ts";
import { fuelCostOf, funcOf, type HostFunction, withFuelCost } from "./function.ts";
import { LinkError } from "./trap.ts";

/**
 * What a host gives a module for its imports: module names to objects of functions, memories, … by name, as on the platform. Unlike on the
 * platform, only own properties count, at both levels: a module cannot import what an object inherits. See {@link importsOf} for classes.
 */
export type ImportObject = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The place of an import, as the beginning of an error's message. */
export function importPlace({ module, name }: Import): string {
  return `import "${module}" "${name}"`;
}

/** Own properties that JavaScript gives every function or class. `caller` can hold a function that the host gave nobody. */
const functionProperties: ReadonlySet<string> = new Set(["arguments", "caller", "length", "name", "prototype"]);

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** What {@link readOwn} answers where there is nothing to import. */
const nothing = Symbol();

/** Reads a property that an import may name. A Proxy is asked for its own property descriptor, then for the value. */
function readOwn(object: Readonly<Record<string, unknown>>, name: string): unknown {
  if (!Object.hasOwn(object, name) || (typeof object === "function" && functionProperties.has(name))) return nothing;
  const value = object[name];
  // The prototype of a class holds the class's methods, and the class itself, which its host did not mean to give.
  if (name === "constructor" && typeof value === "function" && value.prototype === object) return nothing;
  return value;
}

/**
 * Reads one value for each import, in their order. Each import makes one check for an own property and one read at each of the two levels,
 * module name first (JavaScript API, 5.4, "read the imports", with the check added). An accessor runs once per read. Imports that the module was
 * compiled to supply itself are not read, and have the value undefined.
 *
 * @throws TypeError when the import object is no object, LinkError when an import is missing, and what accessors and Proxies of the host throw
 */
export function readImports(valid: ValidModule, imports: ImportObject | undefined): unknown[] {
  const items = valid.module.imports;
  if (imports !== undefined && imports !== null && !isObject(imports))
    throw new TypeError(`an import object must be an object, not a ${typeof imports}`);
  return items.map((item) => {
    if (valid.supplied?.imports.has(item)) return undefined;
    const place = importPlace(item);
    const namespace = imports === undefined || imports === null ? nothing : readOwn(imports, item.module);
    if (namespace === nothing)
      throw new LinkError(
        `${place}: unknown import: the import object has no "${item.module}" of its own${wasiHint(item)}`,
      );
    if (!isObject(namespace))
      throw new LinkError(
        `${place}: the import object's "${item.module}" must be an object, not ${namespace === null ? "null" : `a ${typeof namespace}`}`,
      );
    const value = readOwn(namespace, item.name);
    if (value === nothing)
      throw new LinkError(
        `${place}: unknown import: "${item.module}" has no "${item.name}" of its own${inheritance(namespace, item.name)}${wasiHint(item)}`,
      );
    return value;
  });
}

/** Most programs with a missing import expect a system. */
const wasiHint = ({ module }: Import): string =>
  module.startsWith("wasi_") ? '; the package "@wardian/wasi" makes such imports: new WASI().imports' : "";

function inheritance(namespace: object, name: string): string {
  const inherited = name in namespace && !Object.hasOwn(namespace, name) && !(name in Object.prototype);
  return inherited ? "; it inherits one, and importsOf() makes imports of a class's methods" : "";
}

/**
 * Makes the functions of one module of an import object from an object's methods, its own and those that it inherits. This is how an instance of a class
 * becomes a module object, since inherited methods are not imports by themselves.
 *
 * The result holds each method bound to `object`. It never holds `constructor` or `__proto__`, anything of `Object.prototype`, symbols, accessors, or
 * values that are no functions. Methods that TypeScript calls `private` are methods as well: name those that a guest may call.
 *
 * ```ts
 * const imports = { host: importsOf(new Host(), ["log", "now"]) };
 * ```
 *
 * @param object an object that is no function
 * @param names the methods to take; by default all
 * @returns an object without a prototype; fuel costs set by {@link withFuelCost} are kept
 * @throws TypeError when `object` is no object, or has no method of one of the names
 */
export function importsOf(object: object, names?: readonly string[]): Record<string, HostFunction> {
  if (typeof object !== "object" || object === null)
    throw new TypeError(
      `importsOf takes an object with methods, not ${object === null ? "null" : `a ${typeof object}`}`,
    );
  const methods = methodsOf(object);
  const imports = Object.create(null) as Record<string, HostFunction>;
  for (const name of names ?? methods.keys()) {
    const method = methods.get(name);
    if (method === undefined) throw new TypeError(`importsOf: the object has no method "${name}"`);
    // A guest's exported function has no receiver, and is recognised by its identity.
    imports[name] = funcOf(method) === undefined ? withFuelCost(method.bind(object), fuelCostOf(method)) : method;
  }
  return imports;
}

function methodsOf(object: object): Map<string, HostFunction> {
  const methods = new Map<string, HostFunction>();
  const seen = new Set(["constructor", "__proto__"]);
  for (let at: object | null = object; at !== null && !isObjectPrototype(at); at = Object.getPrototypeOf(at))
    for (const name of Object.getOwnPropertyNames(at)) {
      if (seen.has(name)) continue;
      // What is nearer hides what is inherited, also where it is no method.
      seen.add(name);
      const value: unknown = Object.getOwnPropertyDescriptor(at, name)?.value;
      if (typeof value === "function") methods.set(name, value as HostFunction);
    }
  return methods;
}

/** `Object.prototype` of this realm or another. */
function isObjectPrototype(object: object): boolean {
  return (
    Object.getPrototypeOf(object) === null &&
    Object.hasOwn(object, "hasOwnProperty") &&
    Object.hasOwn(object, "isPrototypeOf")
  );
}
