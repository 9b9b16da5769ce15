import { encodeComponent } from "../binary/encode.ts";
import type { Component, Definition } from "../model/definitions.ts";
import { type ExternName, type NameAttribute, plainExternName } from "../model/extern-name.ts";
import type { Declaration, ExternTypeUse, TypeDefinition, ValueTypeDefinition, ValueTypeUse } from "../model/types.ts";
import { dependencies } from "./elaborate.ts";
import {
  fullName,
  partsOf,
  partsOfBody,
  type WitAnonymousType,
  type WitFunction,
  type WitInterface,
  type WitPackage,
  type WitType,
  type WitTypeDefinition,
  type WitWorld,
  type WitWorldItem,
} from "./model.ts";
import { WitError } from "./source.ts";

/**
 * Makes the component that a WIT package is in the binary format (WIT, "Package Format"): a type for each interface and world, which
 * needs nothing of the other ones. Documentation and gates have no place in it.
 *
 * @throws WitError when the component would have more than a million declarations
 */
export function packageComponent({ interfaces, worlds }: WitPackage): Component {
  const definitions: Definition[] = [];
  const total = new Declarations();
  const add = (label: string, declarations: readonly Declaration[]): void => {
    // An export is a type with an index of its own.
    const index = definitions.length;
    definitions.push({ kind: "type", at: 0, type: { kind: "component", declarations } });
    definitions.push({
      kind: "export",
      at: 0,
      name: plainExternName(label),
      value: { sort: "type", index },
      type: undefined,
    });
  };
  for (const [label, item] of interfaces) add(label, interfaceType(item, total));
  for (const [label, item] of worlds) add(label, worldType(item, total));
  return { definitions, sections: undefined };
}

/** The bytes of {@link packageComponent}. */
export function encodeWit(packaged: WitPackage): Uint8Array {
  return encodeComponent(packageComponent(packaged));
}

/** The most declarations that the component of a package may have. */
const MOST_DECLARATIONS = 1 << 20;

/** Counts declarations: each world repeats the interfaces that it names. */
class Declarations {
  private left = MOST_DECLARATIONS;

  count(): void {
    if (--this.left < 0)
      throw new WitError(`the package needs more than ${MOST_DECLARATIONS} declarations as a component`);
  }
}

/** The declarations of a component type or instance type, and the indices of types in it. */
class Scope {
  readonly declarations: Declaration[] = [];
  private readonly outer: Scope | undefined;
  private readonly total: Declarations;
  private readonly indices = new Map<WitTypeDefinition, number>();
  private readonly anonymous = new Map<WitAnonymousType, number>();
  private types = 0;
  private instances = 0;

  constructor(total: Declarations, outer?: Scope) {
    this.total = total;
    this.outer = outer;
  }

  private declare(declaration: Declaration): void {
    this.total.count();
    this.declarations.push(declaration);
  }

  type(type: TypeDefinition): number {
    this.declare({ kind: "type", at: 0, type });
    return this.types++;
  }

  /** Declares an import or export. A type or an instance gets an index; it is returned. */
  extern(kind: "import" | "export", name: ExternName, type: ExternTypeUse): number {
    this.declare({ kind, at: 0, name, type });
    if (type.sort === "type") return this.types++;
    return type.sort === "instance" ? this.instances++ : -1;
  }

  /** Makes the types of an instance known here. */
  aliasTypes(instance: number, types: Iterable<WitTypeDefinition>): void {
    for (const type of types) {
      const alias = { target: "export", sort: "type", instance, name: type.name } as const;
      this.declare({ kind: "alias", at: 0, alias });
      this.indices.set(type, this.types++);
    }
  }

  /** The index of a definition, which is declared here or outside. */
  index(type: WitTypeDefinition): number {
    const known = this.indices.get(type);
    if (known !== undefined) return known;
    const index = (this.outer as Scope).index(type);
    this.declare({ kind: "alias", at: 0, alias: { target: "outer", sort: "type", count: 1, index } });
    this.indices.set(type, this.types);
    return this.types++;
  }

  /** Declares a definition under its name. */
  define(kind: "import" | "export", type: WitTypeDefinition): void {
    const name = externName(type.name, undefined, type.externalId);
    const { body } = type;
    const bound =
      body.kind === "resource"
        ? ({ kind: "sub" } as const)
        : ({ kind: "eq", type: body.kind === "alias" ? this.alias(body.type) : this.type(this.body(type)) } as const);
    this.indices.set(type, this.extern(kind, name, { sort: "type", bound }));
  }

  private alias(type: WitType): number {
    if (typeof type === "string") return this.type({ kind: "primitive", type });
    return type.kind === "type" ? this.index(type) : this.type(this.anonymousType(type));
  }

  private body({ body }: WitTypeDefinition): ValueTypeDefinition {
    switch (body.kind) {
      case "record":
        return { kind: "record", fields: body.fields.map(({ name, type }) => ({ name, type: this.use(type) })) };
      case "variant":
        return { kind: "variant", cases: body.cases.map(({ name, type }) => ({ name, type: this.optional(type) })) };
      case "enum":
      case "flags":
        return { kind: body.kind, labels: body.cases.map(({ name }) => name) };
      default:
        throw new TypeError(`no value type: ${body.kind}`);
    }
  }

  use(type: WitType): ValueTypeUse {
    if (typeof type === "string") return type;
    if (type.kind === "type") return this.index(type);
    let index = this.anonymous.get(type);
    if (index === undefined) this.anonymous.set(type, (index = this.type(this.anonymousType(type))));
    return index;
  }

  optional(type: WitType | undefined): ValueTypeUse | undefined {
    return type === undefined ? undefined : this.use(type);
  }

  private anonymousType(type: WitAnonymousType): ValueTypeDefinition {
    switch (type.kind) {
      case "list":
        return { kind: "list", element: this.use(type.element), length: type.length };
      case "option":
        return { kind: "option", type: this.use(type.element) };
      case "tuple":
        return { kind: "tuple", types: type.types.map((part) => this.use(part)) };
      case "stream":
      case "future":
        return { kind: type.kind, element: this.optional(type.element) };
      case "map":
        return { kind: "map", key: this.use(type.key), value: this.use(type.value) };
      case "result":
        return { kind: "result", ok: this.optional(type.ok), error: this.optional(type.error) };
      case "own":
      case "borrow":
        return { kind: type.kind, resource: this.index(type.resource) };
    }
  }

  func(kind: "import" | "export", { name, async, params, result, externalId }: WitFunction): void {
    const used = params.map((param) => ({ name: param.name, type: this.use(param.type) }));
    const type = this.type({ kind: "func", async, params: used, result: this.optional(result) });
    this.extern(kind, externName(name, undefined, externalId), { sort: "func", type });
  }

  /** Declares an import or export of an instance. @returns its index */
  instance(kind: "import" | "export", name: ExternName, item: Pick<WitInterface, "types" | "functions">): number {
    const inner = new Scope(this.total, this);
    for (const type of item.types.values()) inner.define("export", type);
    for (const func of item.functions.values()) inner.func("export", func);
    const type = this.type({ kind: "instance", declarations: inner.declarations });
    return this.extern(kind, name, { sort: "instance", type });
  }
}

function externName(name: string, implemented?: string, externalId?: string): ExternName {
  const attributes: NameAttribute[] = [];
  if (implemented !== undefined) attributes.push({ kind: "implements", value: implemented });
  if (externalId !== undefined) attributes.push({ kind: "external-id", value: externalId });
  return attributes.length === 0 ? plainExternName(name) : { name, attributes, prefix: 2 };
}

/** An interface: imports of the types that it uses, and an export of the instance. */
function interfaceType(item: WitInterface, total: Declarations): readonly Declaration[] {
  const scope = new Scope(total);
  const used = typesFromElsewhere(item);
  for (const from of dependencyOrder(item)) {
    const types = new Map([...from.types].filter(([, type]) => used.has(type)));
    const instance = scope.instance("import", plainExternName(fullName(from) as string), {
      types,
      functions: new Map(),
    });
    scope.aliasTypes(instance, types.values());
  }
  scope.instance("export", plainExternName(fullName(item) as string), item);
  return scope.declarations;
}

/** The types of other interfaces that the types and functions of an interface need. */
function typesFromElsewhere(item: WitInterface): ReadonlySet<WitTypeDefinition> {
  const found = new Set<WitTypeDefinition>();
  const stack: WitType[] = [...item.types.values()];
  for (const { params, result } of item.functions.values()) {
    for (const { type } of params) stack.push(type);
    if (result !== undefined) stack.push(result);
  }
  for (let type = stack.pop(); type !== undefined; type = stack.pop()) {
    if (typeof type === "string") continue;
    if (type.kind !== "type") {
      stack.push(...partsOf(type));
      continue;
    }
    if (found.has(type)) continue;
    found.add(type);
    stack.push(...partsOfBody(type.body));
  }
  return found;
}

/** The interfaces that an interface depends on, each after its own dependencies. */
function dependencyOrder(item: WitInterface): readonly WitInterface[] {
  const done = new Set<WitInterface>();
  const stack: { readonly item: WitInterface; readonly rest: Iterator<WitInterface> }[] = [
    { item, rest: dependencies(item)[Symbol.iterator]() },
  ];
  for (let top = stack[0]; top !== undefined; top = stack[stack.length - 1]) {
    const next = top.rest.next();
    if (next.done) {
      stack.pop();
      done.add(top.item);
    } else if (!done.has(next.value))
      stack.push({ item: next.value, rest: dependencies(next.value)[Symbol.iterator]() });
  }
  done.delete(item);
  return [...done];
}

/** A world: an export of a component with its imports and exports. */
function worldType(world: WitWorld, total: Declarations): readonly Declaration[] {
  const inner = new Scope(total);
  const add = (kind: "import" | "export", key: string, item: WitWorldItem): void => {
    if (item.kind === "type") inner.define(kind, item.type);
    else if (item.kind === "function") inner.func(kind, item.function);
    else {
      const name = fullName(item.interface);
      const extern = externName(key, name === undefined || name === key ? undefined : name, item.externalId);
      const instance = inner.instance(kind, extern, item.interface);
      if (name === key) inner.aliasTypes(instance, item.interface.types.values());
    }
  };
  for (const [key, item] of world.imports) add("import", key, item);
  for (const [key, item] of world.exports) add("export", key, item);
  const outer = new Scope(total);
  const type = outer.type({ kind: "component", declarations: inner.declarations });
  outer.extern("export", plainExternName(fullName(world) as string), { sort: "component", type });
  return outer.declarations;
}
