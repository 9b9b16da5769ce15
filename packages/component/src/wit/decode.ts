import { allFeatures } from "@wardian/runtime/internal";
import { decodeComponent } from "../binary/decode.ts";
import { parseInterfaceName } from "../model/extern-name.ts";
import { allComponentFeatures } from "../model/features.ts";
import { parseComponent } from "../text/parser.ts";
import type { ComponentType, ExternType, FunctionType, InstanceType } from "../types/extern.ts";
import { ResourceUse } from "../types/resource.ts";
import type { ValidComponent } from "../types/valid.ts";
import type { ValueType } from "../types/value.ts";
import { originOf } from "../validation/substitution.ts";
import { validateComponent } from "../validation/validate.ts";
import { Budget } from "./budget.ts";
import {
  packageNameText,
  type WitFunction,
  type WitInterface,
  type WitPackageName,
  type WitResolution,
  type WitType,
  type WitTypeBody,
  type WitTypeDefinition,
  type WitWorld,
  type WitWorldItem,
} from "./model.ts";
import { makeDefinition } from "./resolve-types.ts";
import { WitError } from "./source.ts";

const rules = { nestedNamespaces: false, canonicalVersions: false };

/** The package of a component that is no WIT package: its imports and exports are the world `root`. */
const ROOT: WitPackageName = { namespace: "root", name: "component", version: undefined };

/**
 * Reads WIT from a component in the binary or the text format: the packages that it holds (WIT, "Package Format"), or for a component that runs
 * the world of its imports and exports, as `root:component/root`.
 *
 * @throws CompileError when the component is malformed or not valid
 * @throws WitError when a WIT package in it does not have the form that the specification gives
 */
export function decodeWit(source: Uint8Array | string): WitResolution {
  const options = { features: allFeatures, componentFeatures: allComponentFeatures };
  if (typeof source !== "string") return witOf(validateComponent(decodeComponent(source, options), options));
  const { component, positionAt } = parseComponent(source, allFeatures);
  return witOf(validateComponent(component, { ...options, positionAt: (at) => positionAt(at) }));
}

/** As {@link decodeWit}, for a component that is decoded and validated. */
export function witOf({ type }: ValidComponent): WitResolution {
  return new Decoder().resolution(type);
}

interface OpenPackage {
  readonly name: WitPackageName;
  readonly docs: undefined;
  readonly interfaces: Map<string, WitInterface>;
  readonly worlds: Map<string, WitWorld>;
}

class Decoder {
  private readonly packages = new Map<string, OpenPackage>();
  private readonly definitions = new Map<object, WitTypeDefinition>();
  private readonly budget = new Budget();
  private readonly converted = new Map<ValueType, WitType>();

  resolution(type: ComponentType): WitResolution {
    const main = isPackage(type) ? this.witPackage(type) : this.runnable(type);
    // Whatever other packages give is needed by the main one.
    this.packages.delete(packageNameText(main.name));
    this.packages.set(packageNameText(main.name), main);
    return { main, packages: this.packages };
  }

  private runnable(type: ComponentType): OpenPackage {
    const main = this.package(ROOT);
    this.world(main, "root", type);
    return main;
  }

  private witPackage({ exports }: ComponentType): OpenPackage {
    let main: OpenPackage | undefined;
    for (const [label, item] of exports) {
      const outer = (item as { readonly type: ComponentType }).type;
      for (const [name, imported] of outer.imports)
        if (imported.sort === "instance") this.namedInterface(name, imported.type);
      if (outer.exports.size !== 1) throw new WitError(`the type \`${label}\` does not have exactly one export`);
      const [[name, inner]] = outer.exports;
      const parsed = nameOf(name);
      if (parsed === undefined || parsed.label !== label)
        throw new WitError(`the type \`${label}\` exports \`${name}\`, which is not its full name`);
      main ??= this.package(parsed.package);
      if (packageNameText(main.name) !== packageNameText(parsed.package))
        throw new WitError(`\`${name}\` is not in the package \`${packageNameText(main.name)}\``);
      if (inner.sort === "instance") this.namedInterface(name, inner.type);
      else if (inner.sort === "component") this.world(main, label, inner.type);
      else throw new WitError(`the type \`${label}\` exports neither an interface nor a world`);
    }
    return main as OpenPackage;
  }

  private package(name: WitPackageName): OpenPackage {
    const text = packageNameText(name);
    let found = this.packages.get(text);
    if (found === undefined) {
      found = { name, docs: undefined, interfaces: new Map(), worlds: new Map() };
      this.packages.set(text, found);
    }
    return found;
  }

  /** The interface of a full name, with what an instance type says of it added. */
  private namedInterface(name: string, type: InstanceType): WitInterface | undefined {
    const parsed = nameOf(name);
    if (parsed === undefined) return undefined;
    const owner = this.package(parsed.package);
    let found = owner.interfaces.get(parsed.label);
    if (found === undefined) {
      found = emptyInterface(parsed.label, parsed.package);
      owner.interfaces.set(parsed.label, found);
    }
    this.fill(found, type);
    return found;
  }

  private fill(into: WitInterface, { exports }: InstanceType): void {
    const types = into.types as Map<string, WitTypeDefinition>;
    const functions = into.functions as Map<string, WitFunction>;
    for (const [name, item] of exports) {
      this.budget.spend();
      if (item.sort === "type") this.define(name, item, into, types);
      else if (item.sort === "func") {
        if (!functions.has(name)) functions.set(name, this.func(name, item.type, types));
      } else throw new WitError(`\`${name}\` is a ${item.sort}, which WIT has no form for in an interface`);
    }
  }

  /** Gives a type a name. A type that has a name in the same place keeps it. */
  private define(
    name: string,
    { type }: Extract<ExternType, { sort: "type" }>,
    owner: WitInterface | WitWorld,
    types: Map<string, WitTypeDefinition>,
  ): WitTypeDefinition {
    const key = type as ValueType | ResourceUse;
    let made = types.get(name);
    if (made === undefined) {
      made = makeDefinition(name, owner, this.body(key), {
        docs: undefined,
        stability: undefined,
        externalId: undefined,
      });
      types.set(name, made);
    }
    if (!this.definitions.has(key)) this.definitions.set(key, made);
    if (key.kind === "resource" && !this.definitions.has(key.resource)) this.definitions.set(key.resource, made);
    return made;
  }

  /** The definition that a type is, itself or under another name. */
  private named(type: ValueType | ResourceUse): WitTypeDefinition | undefined {
    for (let at: object | undefined = type; at !== undefined; at = originOf(at)) {
      const known = this.definitions.get(at);
      if (known !== undefined) return known;
    }
    return type instanceof ResourceUse ? this.definitions.get(type.resource) : undefined;
  }

  private body(key: ValueType | ResourceUse): WitTypeBody {
    const known = this.named(key);
    if (known !== undefined) return { kind: "alias", type: known };
    switch (key.kind) {
      case "resource":
        return { kind: "resource" };
      case "record":
        return { kind: "record", fields: key.fields.map(({ name, type }) => ({ name, type: this.type(type) })) };
      case "variant":
        return {
          kind: "variant",
          cases: key.cases.map(({ name, type }) => ({ name, type: this.optional(type) })),
        };
      case "enum":
      case "flags":
        return { kind: key.kind, cases: key.labels.map((name) => ({ name, type: undefined })) };
      default:
        return { kind: "alias", type: this.convert(key) };
    }
  }

  private optional(type: ValueType | undefined): WitType | undefined {
    return type === undefined ? undefined : this.type(type);
  }

  private type(type: ValueType): WitType {
    const known = this.named(type) ?? this.converted.get(type);
    if (known !== undefined) return known;
    const made = this.convert(type);
    this.converted.set(type, made);
    return made;
  }

  private convert(type: ValueType): WitType {
    switch (type.kind) {
      case "list":
        return { kind: "list", element: this.type(type.element), length: type.length };
      case "option":
        return { kind: "option", element: this.type(type.type) };
      case "tuple":
        return { kind: "tuple", types: type.types.map((part) => this.type(part)) };
      case "stream":
      case "future":
        return { kind: type.kind, element: this.optional(type.element) };
      case "map":
        return { kind: "map", key: this.type(type.key), value: this.type(type.value) };
      case "result":
        return { kind: "result", ok: this.optional(type.ok), error: this.optional(type.error) };
      case "own":
      case "borrow": {
        const resource = this.named(type.use);
        if (resource === undefined) throw new WitError("a handle of a resource that has no name");
        return { kind: type.kind, resource };
      }
      case "record":
      case "variant":
      case "enum":
      case "flags":
        throw new WitError(`a ${type.kind} type that has no name`);
      default:
        return type.kind;
    }
  }

  private func(name: string, type: FunctionType, types: ReadonlyMap<string, WitTypeDefinition>): WitFunction {
    const [, annotation, resourceName] = /^\[(constructor|method|static)\]([^.]*)/.exec(name) ?? [];
    return {
      name,
      kind: (annotation as "constructor" | "method" | "static" | undefined) ?? "function",
      resource: resourceName === undefined ? undefined : types.get(resourceName),
      async: type.async,
      params: type.params.map((param) => ({ name: param.name, type: this.type(param.type) })),
      result: this.optional(type.result),
      docs: undefined,
      stability: undefined,
      externalId: undefined,
    };
  }

  private world(owner: OpenPackage, name: string, type: ComponentType): void {
    const imports = new Map<string, WitWorldItem>();
    const exports = new Map<string, WitWorldItem>();
    const made: WitWorld = {
      kind: "world",
      name,
      package: owner.name,
      docs: undefined,
      stability: undefined,
      imports,
      exports,
    };
    const types = new Map<string, WitTypeDefinition>();
    for (const [direction, items] of [
      ["imports", imports],
      ["exports", exports],
    ] as const)
      for (const [key, item] of type[direction]) items.set(key, this.item(key, item, made, types));
    owner.worlds.set(name, made);
  }

  private item(key: string, item: ExternType, world: WitWorld, types: Map<string, WitTypeDefinition>): WitWorldItem {
    switch (item.sort) {
      case "instance": {
        let found = this.namedInterface(key, item.type);
        if (found === undefined) {
          found = emptyInterface(undefined, world.package);
          this.fill(found, item.type);
        }
        return { kind: "interface", interface: found, stability: undefined, docs: undefined, externalId: undefined };
      }
      case "func":
        return { kind: "function", function: this.func(key, item.type, types) };
      case "type":
        return { kind: "type", type: this.define(key, item, world, types) };
      default:
        throw new WitError(`\`${key}\` is a ${item.sort}, which WIT has no form for in a world`);
    }
  }
}

function emptyInterface(name: string | undefined, owner: WitPackageName): WitInterface {
  return {
    kind: "interface",
    name,
    package: owner,
    docs: undefined,
    stability: undefined,
    types: new Map(),
    functions: new Map(),
  };
}

/** Whether a component holds WIT and nothing else: all of its exports are component types. */
function isPackage({ imports, exports }: ComponentType): boolean {
  if (imports.size > 0 || exports.size === 0) return false;
  for (const item of exports.values()) if (item.sort !== "type" || item.type.kind !== "component") return false;
  return true;
}

function nameOf(name: string): { readonly package: WitPackageName; readonly label: string } | undefined {
  if (!name.includes(":")) return undefined;
  const parsed = parseInterfaceName(name, rules);
  if (typeof parsed === "string") return undefined;
  const [namespace] = parsed.namespaces;
  return { package: { namespace, name: parsed.package, version: parsed.version }, label: parsed.projections[0] };
}
