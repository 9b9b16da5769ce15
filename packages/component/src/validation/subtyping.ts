import { isDefinedSubtype, isSubtype, type LimitsType, typeName } from "@wardian/runtime/internal";
import type {
  AnyType,
  ComponentType,
  CoreExternType,
  ExternType,
  FunctionType,
  InstanceType,
  ModuleType,
} from "../types/extern.ts";
import { isValueType } from "../types/extern.ts";
import { Resource, type ResourceBinding, ResourceUse } from "../types/resource.ts";
import type { ValueType } from "../types/value.ts";
import type { Budget } from "./budget.ts";
import { Substitution } from "./substitution.ts";

/** Why types do not match, from the outside in. Undefined when they do. */
type Mismatch = string | undefined;

/** Pairs of value types that are known to be equal. */
type Pairs = Map<ValueType, Set<ValueType>>;

function within(place: string, mismatch: Mismatch): Mismatch {
  return mismatch === undefined ? undefined : `type mismatch in ${place}: ${mismatch}`;
}

/** A type in a word or two, for messages. */
export function describeType(type: ExternType["type"]): string {
  return type.kind;
}

/** The resource type that is found at a path. */
export function resourceAt(items: ReadonlyMap<string, ExternType>, path: readonly string[]): ResourceUse | undefined {
  let at: ReadonlyMap<string, ExternType> = items;
  for (let i = 0; ; i++) {
    const item = at.get(path[i]);
    if (i === path.length - 1) return item?.sort === "type" && item.type.kind === "resource" ? item.type : undefined;
    if (item?.sort !== "instance") return undefined;
    at = item.type.exports;
  }
}

/** Comparisons of types (Explainer, "Type Checking"). */
export class Subtyping {
  private readonly budget: Budget;
  private readonly equalPairs: Pairs = new Map();

  constructor(budget: Budget) {
    this.budget = budget;
  }

  /** Why two value types are not equal. */
  value(a: ValueType, b: ValueType): Mismatch {
    if (a === b) return undefined;
    let known = this.equalPairs.get(a);
    if (known?.has(b)) return undefined;
    this.budget.step();
    const mismatch = this.parts(a, b);
    if (mismatch !== undefined) return mismatch;
    if (known === undefined) this.equalPairs.set(a, (known = new Set()));
    known.add(b);
    return undefined;
  }

  private optional(place: string, a: ValueType | undefined, b: ValueType | undefined): Mismatch {
    if (a === undefined && b === undefined) return undefined;
    if (a === undefined || b === undefined)
      return `expected ${place} to be ${b === undefined ? "absent, but it is present" : "present, but it is absent"}`;
    return within(place, this.value(a, b));
  }

  private parts(a: ValueType, b: ValueType): Mismatch {
    const other = `expected ${b.kind}, found ${a.kind}`;
    switch (a.kind) {
      case "record": {
        if (b.kind !== "record") return other;
        if (a.fields.length !== b.fields.length) return `expected ${b.fields.length} fields, found ${a.fields.length}`;
        for (const [i, field] of a.fields.entries()) {
          const wanted = b.fields[i];
          if (field.name !== wanted.name) return `expected field name \`${wanted.name}\`, found \`${field.name}\``;
          const mismatch = within(`record field \`${field.name}\``, this.value(field.type, wanted.type));
          if (mismatch !== undefined) return mismatch;
        }
        return undefined;
      }
      case "variant": {
        if (b.kind !== "variant") return other;
        if (a.cases.length !== b.cases.length) return `expected ${b.cases.length} cases, found ${a.cases.length}`;
        for (const [i, item] of a.cases.entries()) {
          const wanted = b.cases[i];
          if (item.name !== wanted.name) return `expected case named \`${wanted.name}\`, found \`${item.name}\``;
          const mismatch = this.optional(`variant case \`${item.name}\``, item.type, wanted.type);
          if (mismatch !== undefined) return mismatch;
        }
        return undefined;
      }
      case "list":
        if (b.kind !== "list") return other;
        if (a.length !== b.length)
          return `expected ${b.length ?? "any number of"} elements, found ${a.length ?? "any number"}`;
        return this.value(a.element, b.element);
      case "tuple": {
        if (b.kind !== "tuple") return other;
        if (a.types.length !== b.types.length) return `expected ${b.types.length} types, found ${a.types.length}`;
        for (const [i, type] of a.types.entries()) {
          const mismatch = within(`tuple field ${i}`, this.value(type, b.types[i]));
          if (mismatch !== undefined) return mismatch;
        }
        return undefined;
      }
      case "flags":
      case "enum": {
        if (b.kind !== a.kind) return other;
        const wanted = (b as typeof a).labels;
        const same = wanted.length === a.labels.length && wanted.every((label, i) => label === a.labels[i]);
        return same ? undefined : `mismatch in ${a.kind} elements`;
      }
      case "option":
        return b.kind === "option" ? this.value(a.type, b.type) : other;
      case "result":
        if (b.kind !== "result") return other;
        return this.optional("ok variant", a.ok, b.ok) ?? this.optional("err variant", a.error, b.error);
      case "own":
      case "borrow":
        if (b.kind !== a.kind) return other;
        return a.use.resource === (b as typeof a).use.resource ? undefined : "resource types are not the same";
      case "stream":
      case "future":
        return b.kind === a.kind ? this.optional(`${a.kind} element`, a.element, (b as typeof a).element) : other;
      case "map":
        if (b.kind !== "map") return other;
        return within("map key", this.value(a.key, b.key)) ?? within("map value", this.value(a.value, b.value));
      default:
        return a.kind === b.kind ? undefined : other;
    }
  }

  func(a: FunctionType, b: FunctionType): Mismatch {
    this.budget.step();
    if (a === b) return undefined;
    if (a.async !== b.async) return `expected ${b.async ? "an async" : "a sync"} function`;
    if (a.params.length !== b.params.length) return `expected ${b.params.length} parameters, found ${a.params.length}`;
    for (const [i, param] of a.params.entries()) {
      const wanted = b.params[i];
      if (param.name !== wanted.name) return `expected parameter named \`${wanted.name}\`, found \`${param.name}\``;
      const mismatch = within(`function parameter \`${param.name}\``, this.value(param.type, wanted.type));
      if (mismatch !== undefined) return mismatch;
    }
    if (a.result === undefined && b.result === undefined) return undefined;
    if (a.result === undefined || b.result === undefined)
      return b.result === undefined ? "expected no result, found one" : "expected a result, found none";
    const mismatch = this.value(a.result, b.result);
    return mismatch === undefined ? undefined : `type mismatch with result type: ${mismatch}`;
  }

  /** Why an instance of type `a` cannot be used where `b`, a written type or that of an instance, is expected. */
  instance(a: InstanceType, b: InstanceType): Mismatch {
    if (a === b) return undefined;
    this.budget.step();
    // What `b` brings with it, `a` supplies; what `a` brings with it is unlike everything else.
    const given = this.fresh(a.resources);
    const { exports } = given.instance(a);
    const wanted = new Substitution(this.budget);
    this.bind(wanted, b.resources, exports);
    return this.exports(exports, b.exports, wanted, "instance export");
  }

  private fresh(resources: readonly ResourceBinding[]): Substitution {
    const substitution = new Substitution(this.budget);
    for (const { resource } of resources) substitution.resources.set(resource, new ResourceUse(new Resource()));
    return substitution;
  }

  /** Finds the resource types of a written type in what is supplied for it. */
  bind(substitution: Substitution, bindings: readonly ResourceBinding[], items: ReadonlyMap<string, ExternType>): void {
    for (const { resource, path } of bindings) {
      this.budget.step();
      const use = resourceAt(items, path);
      // Whatever else is wrong at this path is found when the types there are compared.
      if (use !== undefined) substitution.resources.set(resource, use);
    }
  }

  private exports(
    given: ReadonlyMap<string, ExternType>,
    wanted: ReadonlyMap<string, ExternType>,
    substitution: Substitution,
    place: string,
  ): Mismatch {
    for (const [name, type] of wanted) {
      this.budget.step();
      const item = given.get(name);
      if (item === undefined) return `missing expected export \`${name}\``;
      const mismatch = within(`${place} \`${name}\``, this.extern(item, substitution.extern(type)));
      if (mismatch !== undefined) return mismatch;
    }
    return undefined;
  }

  component(a: ComponentType, b: ComponentType): Mismatch {
    if (a === b) return undefined;
    this.budget.step();
    // What `b` imports, its user supplies: `a` may import no more than that.
    const supplied = this.fresh(b.importedResources);
    const imports = new Map([...b.imports].map(([name, type]) => [name, supplied.extern(type)] as const));
    const substitution = new Substitution(this.budget);
    this.bind(substitution, a.importedResources, imports);
    for (const [name, type] of a.imports) {
      this.budget.step();
      const item = imports.get(name);
      if (item === undefined) return `missing expected import \`${name}\``;
      const mismatch = within(`import \`${name}\``, this.extern(item, substitution.extern(type)));
      if (mismatch !== undefined) return mismatch;
    }
    for (const { resource } of a.exportedResources)
      substitution.resources.set(resource, new ResourceUse(new Resource()));
    const exports = new Map([...a.exports].map(([name, type]) => [name, substitution.extern(type)] as const));
    this.bind(supplied, b.exportedResources, exports);
    return this.exports(exports, b.exports, supplied, "export");
  }

  any(a: AnyType, b: AnyType): Mismatch {
    if (a.kind === "resource" || b.kind === "resource") {
      if (a.kind !== "resource" || b.kind !== "resource")
        return `expected ${describeType(b)}, found ${describeType(a)}`;
      return a.resource === b.resource ? undefined : "resource types are not the same";
    }
    if (a.kind === "func" && b.kind === "func") return this.func(a, b);
    // Two types are one when each can be used as the other.
    if (a.kind === "instance" && b.kind === "instance") return this.instance(a, b) ?? this.instance(b, a);
    if (a.kind === "component" && b.kind === "component") return this.component(a, b) ?? this.component(b, a);
    if (isValueType(a) && isValueType(b)) return this.value(a, b);
    return `expected ${describeType(b)}, found ${describeType(a)}`;
  }

  /** Why what has type `a` cannot be used where `b` is expected. */
  extern(a: ExternType, b: ExternType): Mismatch {
    if (a.sort === "core module" && b.sort === "core module") return this.module(a.type, b.type);
    if (a.sort === "func" && b.sort === "func") return this.func(a.type, b.type);
    if (a.sort === "value" && b.sort === "value") return this.value(a.type, b.type);
    if (a.sort === "type" && b.sort === "type") return this.any(a.type, b.type);
    if (a.sort === "instance" && b.sort === "instance") return this.instance(a.type, b.type);
    if (a.sort === "component" && b.sort === "component") return this.component(a.type, b.type);
    const name = (sort: string): string => (sort === "core module" ? "module" : sort);
    return `expected ${name(b.sort)}, found ${name(a.sort)}`;
  }

  module(a: ModuleType, b: ModuleType): Mismatch {
    this.budget.step(1 + a.imports.length + b.imports.length + b.exports.size);
    const imports = new Map(b.imports.map((item) => [JSON.stringify([item.module, item.name]), item.type] as const));
    for (const { module, name, type } of a.imports) {
      const item = imports.get(JSON.stringify([module, name]));
      if (item === undefined) return `missing expected import \`${module}::${name}\``;
      const mismatch = within(`import \`${module}::${name}\``, matchCore(item, type));
      if (mismatch !== undefined) return mismatch;
    }
    for (const [name, type] of b.exports) {
      const item = a.exports.get(name);
      if (item === undefined) return `missing expected export \`${name}\``;
      const mismatch = within(`export \`${name}\``, matchCore(item, type));
      if (mismatch !== undefined) return mismatch;
    }
    return undefined;
  }
}

function limitsMatch(a: LimitsType, b: LimitsType): boolean {
  return a.address === b.address && a.min >= b.min && (b.max === undefined || (a.max !== undefined && a.max <= b.max));
}

function signature(type: CoreExternType & { readonly kind: "func" | "tag" }): string {
  const { composite } = type.type;
  if (composite.kind !== "func") return composite.kind;
  const list = (types: readonly number[]): string => types.map(typeName).join(" ");
  return `(func${composite.params.length > 0 ? ` (param ${list(composite.params)})` : ""}${composite.results.length > 0 ? ` (result ${list(composite.results)})` : ""})`;
}

/** Why a core definition of type `a` cannot be imported as `b` (core specification, 3.3: external types). */
export function matchCore(a: CoreExternType, b: CoreExternType): Mismatch {
  if (a.kind === "func" && b.kind === "func")
    return isDefinedSubtype(a.type, b.type) ? undefined : `expected: ${signature(b)}, found: ${signature(a)}`;
  if (a.kind === "tag" && b.kind === "tag")
    return a.type === b.type ? undefined : `expected: ${signature(b)}, found: ${signature(a)}`;
  if (a.kind === "table" && b.kind === "table") {
    const same =
      isSubtype(a.type.element, a.types, b.type.element, b.types) &&
      isSubtype(b.type.element, b.types, a.type.element, a.types);
    if (!same) return `expected table element type ${typeName(b.type.element)}, found ${typeName(a.type.element)}`;
    if (a.type.address !== b.type.address) return "mismatch in index type used for tables";
    return limitsMatch(a.type, b.type) ? undefined : "mismatch in table limits";
  }
  if (a.kind === "memory" && b.kind === "memory") {
    if (a.type.shared !== b.type.shared) return "mismatch in the shared flag for memories";
    if (a.type.address !== b.type.address) return "mismatch in index type used for memories";
    if (a.type.pageSizeLog2 !== b.type.pageSizeLog2) return "mismatch in page size for memories";
    return limitsMatch(a.type, b.type) ? undefined : "mismatch in memory limits";
  }
  if (a.kind === "global" && b.kind === "global") {
    if (a.type.mutable !== b.type.mutable) return "global types differ in mutability";
    const fits =
      isSubtype(a.type.type, a.types, b.type.type, b.types) &&
      (!a.type.mutable || isSubtype(b.type.type, b.types, a.type.type, a.types));
    return fits ? undefined : `expected global type ${typeName(b.type.type)}, found ${typeName(a.type.type)}`;
  }
  return `expected ${b.kind}, found ${a.kind}`;
}
