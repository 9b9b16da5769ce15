import { LIMITS } from "../binary/limits.ts";
import type { Alias } from "../model/definitions.ts";
import type { ExternName } from "../model/extern-name.ts";
import type {
  Declaration,
  ExternTypeUse,
  FunctionTypeDefinition,
  LabelledType,
  ResourceTypeDefinition,
  TypeDefinition,
  ValueTypeDefinition,
  ValueTypeUse,
} from "../model/types.ts";
import {
  type AnyType,
  type ComponentType,
  type ExternType,
  type FunctionType,
  type InstanceType,
  isModuleType,
  isValueType,
} from "../types/extern.ts";
import { Resource, type ResourceBinding, ResourceUse } from "../types/resource.ts";
import { makeValueType, primitiveType, type ValueType } from "../types/value.ts";
import { addCoreType, coreFunctionType, outerScope } from "./core-types.ts";
import { borrows, checkLabels } from "./names.ts";
import { Scope } from "./scope.ts";
import { measured, openInstance, Substitution } from "./substitution.ts";
import { mentionsResources } from "./visibility.ts";

const keyTypes: ReadonlySet<string> = new Set("bool s8 u8 s16 u16 s32 u32 s64 u64 char string".split(" "));

/** The value type that a use names. */
export function resolveValueType(scope: Scope, use: ValueTypeUse): ValueType {
  if (typeof use === "string") {
    if (use === "error-context") scope.validation.need("error-context", "the type `error-context`");
    return primitiveType(use);
  }
  const type = scope.type(use);
  if (!isValueType(type)) scope.fail(`type index ${use} is not a defined type`);
  return type as ValueType;
}

const optional = (scope: Scope, use: ValueTypeUse | undefined): ValueType | undefined =>
  use === undefined ? undefined : resolveValueType(scope, use);

function resolveResource(scope: Scope, index: number): ResourceUse {
  const type = scope.type(index);
  if (type.kind !== "resource") scope.fail(`type index ${index} is not a resource type`);
  return type as ResourceUse;
}

function check(scope: Scope, reason: string | undefined): void {
  if (reason !== undefined) scope.fail(reason);
}

function labelled(scope: Scope, items: readonly LabelledType[], what: string): { name: string; type: ValueType }[] {
  check(
    scope,
    checkLabels(
      items.map((item) => item.name),
      what,
    ),
  );
  return items.map(({ name, type }) => ({ name, type: resolveValueType(scope, type) }));
}

function resolveBare(scope: Scope, type: ValueTypeDefinition): ValueType {
  switch (type.kind) {
    case "primitive":
      return resolveValueType(scope, type.type);
    case "record":
      if (type.fields.length === 0) scope.fail("record type must have at least one field");
      return makeValueType({ kind: "record", fields: labelled(scope, type.fields, "record field") });
    case "variant": {
      if (type.cases.length === 0) scope.fail("variant type must have at least one case");
      const names = type.cases.map((item) => item.name);
      check(scope, checkLabels(names, "variant case"));
      return makeValueType({
        kind: "variant",
        cases: type.cases.map(({ name, type }) => ({ name, type: optional(scope, type) })),
      });
    }
    case "list":
      if (type.length !== undefined) scope.validation.need("fixed-length-lists", "a list of a fixed length");
      if (type.length === 0) scope.fail("fixed-length lists must have more than zero elements");
      return makeValueType({ kind: "list", element: resolveValueType(scope, type.element), length: type.length });
    case "tuple":
      if (type.types.length === 0) scope.fail("tuple type must have at least one type");
      return makeValueType({ kind: "tuple", types: type.types.map((part) => resolveValueType(scope, part)) });
    case "flags":
    case "enum": {
      const { kind, labels } = type;
      if (labels.length === 0) scope.fail(`${kind} must have at least one ${kind === "flags" ? "entry" : "variant"}`);
      if (kind === "flags" && labels.length > LIMITS.flags)
        scope.fail(`cannot have more than ${LIMITS.flags} flags: there are ${labels.length}`);
      check(scope, checkLabels(labels, kind === "flags" ? "flag" : "enum tag"));
      return makeValueType({ kind, labels });
    }
    case "option":
      return makeValueType({ kind: "option", type: resolveValueType(scope, type.type) });
    case "result":
      return makeValueType({ kind: "result", ok: optional(scope, type.ok), error: optional(scope, type.error) });
    case "own":
    case "borrow":
      return makeValueType({ kind: type.kind, use: resolveResource(scope, type.resource) });
    case "stream":
    case "future": {
      scope.validation.need("async", `the type \`${type.kind}\``);
      const element = optional(scope, type.element);
      if (borrows(element)) scope.fail(`\`${type.kind}\` element type cannot contain a \`borrow\``);
      if (type.kind === "stream" && element?.kind === "char") scope.fail("`stream<char>` is not valid at this time");
      return makeValueType({ kind: type.kind, element });
    }
    case "map": {
      scope.validation.need("map", "the type `map`");
      const key = resolveValueType(scope, type.key);
      if (!keyTypes.has(key.kind)) scope.fail(`invalid map key type: \`${key.kind}\``);
      return makeValueType({ kind: "map", key, value: resolveValueType(scope, type.value) });
    }
  }
}

function resolveDefinedType(scope: Scope, definition: ValueTypeDefinition): ValueType {
  const type = resolveBare(scope, definition);
  const { depth, size, bytes64 } = type.facts;
  if (depth > LIMITS.typeDepth) scope.fail(`type nesting is too deep: the limit is ${LIMITS.typeDepth}`);
  if (size > LIMITS.typeSize) scope.fail(`effective type size exceeds the limit of ${LIMITS.typeSize}`);
  if (bytes64 >= 2 ** 28) scope.fail("type exceeds maximum byte size of 2^28");
  return type;
}

function resolveFunctionType(scope: Scope, { async, params, result }: FunctionTypeDefinition): FunctionType {
  if (async) scope.validation.need("async", "an `async` function type");
  const type: FunctionType = {
    kind: "func",
    async,
    params: labelled(scope, params, "function parameter"),
    result: optional(scope, result),
  };
  if (borrows(type.result)) scope.fail("function result cannot contain a `borrow` type");
  measured([{ sort: "func", type }]);
  return type;
}

function resolveResourceType(scope: Scope, { representation, destructor }: ResourceTypeDefinition): ResourceUse {
  if (scope.kind !== "component") scope.fail("resources can only be defined within a concrete component");
  if (destructor !== undefined && scope.coreFunc(destructor) !== coreFunctionType([representation], []))
    scope.fail("wrong signature for a destructor");
  const resource = new Resource(representation);
  scope.localResources.add(resource);
  return new ResourceUse(resource);
}

/** The type that a definition of the type index space makes. */
export function resolveType(scope: Scope, type: TypeDefinition): AnyType {
  switch (type.kind) {
    case "func":
      return resolveFunctionType(scope, type);
    case "component":
    case "instance":
      return resolveDeclarations(scope, type.kind, type.declarations);
    case "resource":
      return resolveResourceType(scope, type);
    default:
      return resolveDefinedType(scope, type);
  }
}

function resolveDeclarations(
  parent: Scope,
  kind: "component" | "instance",
  declarations: readonly Declaration[],
): ComponentType | InstanceType {
  const scope = new Scope(parent.validation, kind === "component" ? "component type" : "instance type", parent);
  for (const declaration of declarations) {
    scope.validation.enter("type", declaration.at);
    switch (declaration.kind) {
      case "core type":
        addCoreType(scope, scope.coreTypes, declaration.type);
        break;
      case "type":
        scope.types.push(resolveType(scope, declaration.type));
        break;
      case "alias":
        resolveAlias(scope, declaration.alias);
        break;
      case "import":
        addImport(scope, declaration.name, resolveExternType(scope, declaration.type, declaration.name.name));
        break;
      case "export":
        addExport(scope, declaration.name, resolveExternType(scope, declaration.type, declaration.name.name));
    }
  }
  if (kind === "instance")
    return {
      kind,
      exports: scope.exports,
      resources: scope.exportedResources,
      ...measured(scope.exports.values()),
    };
  return {
    kind,
    imports: scope.imports,
    exports: scope.exports,
    importedResources: scope.importedResources,
    exportedResources: scope.exportedResources,
    ...measured([...scope.imports.values(), ...scope.exports.values()]),
  };
}

/** What an import or a declared export is, with the resource types that come with it. */
export interface Introduced {
  readonly item: ExternType;
  /** What the type is of before it gets a name of its own; for types alone. */
  readonly referenced: ExternType;
  readonly resources: readonly ResourceBinding[];
}

/** Resolves the type of an import or export. */
export function resolveExternType(scope: Scope, use: ExternTypeUse, name: string): Introduced {
  const plain = (item: ExternType, resources: readonly ResourceBinding[] = []): Introduced => ({
    item,
    referenced: item,
    resources,
  });
  switch (use.sort) {
    case "core module": {
      const type = scope.coreType(use.type);
      if (!isModuleType(type)) return scope.fail(`core type index ${use.type} is not a module type`);
      return plain({ sort: "core module", type });
    }
    case "func": {
      const type = scope.type(use.type);
      if (type.kind !== "func") scope.fail(`type index ${use.type} is not a function type`);
      return plain({ sort: "func", type: type as FunctionType });
    }
    case "component": {
      const type = scope.type(use.type);
      if (type.kind !== "component") scope.fail(`type index ${use.type} is not a component type`);
      return plain({ sort: "component", type: type as ComponentType });
    }
    case "instance": {
      const type = scope.type(use.type);
      if (type.kind !== "instance") scope.fail(`type index ${use.type} is not an instance type`);
      const opened = openInstance(scope.validation.budget, type as InstanceType, [name]);
      return plain({ sort: "instance", type: opened.type }, opened.resources);
    }
    case "type": {
      if (use.bound.kind === "sub") {
        const resource = new Resource();
        return plain({ sort: "type", type: new ResourceUse(resource) }, [{ resource, path: [name] }]);
      }
      const type = scope.type(use.bound.type);
      const renamed = new Substitution(scope.validation.budget).rename(type);
      return {
        item: { sort: "type", type: renamed },
        referenced: { sort: "type", type },
        resources: [],
      };
    }
    case "value": {
      scope.validation.need("values", "an import or export of a value");
      const type = use.bound.kind === "eq" ? scope.takeValue(use.bound.value) : resolveValueType(scope, use.bound.type);
      if (borrows(type)) scope.fail("a value cannot contain a `borrow` type");
      return plain({ sort: "value", type });
    }
  }
}

/** Adds an import to a component or a component type. */
export function addImport(scope: Scope, name: ExternName, { item, referenced, resources }: Introduced): void {
  scope.validation.checkAttributes(name);
  check(scope, scope.importNames.add(name, item, scope.validation.rules));
  if (!scope.importedTypes.covers(referenced)) scope.fail(`${item.sort} not valid to be used as import`);
  scope.importedTypes.add(item);
  scope.exportedTypes.add(item);
  scope.imports.set(name.name, item);
  scope.importedResources.push(...resources);
  scope.add(item);
}

/** Adds an export. In the case of a type, `item` is what it is called from now on, and `referenced` what it was. */
export function addExport(scope: Scope, name: ExternName, { item, referenced, resources }: Introduced): void {
  scope.validation.checkAttributes(name);
  check(scope, scope.exportNames.add(name, item, scope.validation.rules));
  // An instance type can be used where its types have names; whoever uses it is checked.
  if (scope.kind !== "instance type" && !scope.exportedTypes.covers(referenced))
    scope.fail(`${item.sort} not valid to be used as export`);
  scope.exportedTypes.add(item);
  scope.exports.set(name.name, item);
  scope.exportedResources.push(...resources);
  scope.add(item);
}

const outerSorts: Readonly<Record<Scope["kind"], readonly string[]>> = {
  component: ["core module", "core type", "component", "type"],
  "component type": ["core type", "type"],
  "instance type": ["core type", "type"],
};

/** Adds what an alias stands for. @returns its type; undefined for what is of the core and no module */
export function resolveAlias(scope: Scope, alias: Alias): ExternType | undefined {
  switch (alias.target) {
    case "export": {
      if (scope.kind !== "component" && alias.sort !== "type" && alias.sort !== "instance")
        scope.fail("export aliases in a type may only refer to types or instances");
      const item = scope.instance(alias.instance).exports.get(alias.name);
      if (item === undefined) scope.fail(`instance ${alias.instance} has no export named \`${alias.name}\``);
      const found = item as ExternType;
      if (found.sort !== alias.sort)
        scope.fail(
          `export \`${alias.name}\` for instance ${alias.instance} is not a ${alias.sort === "core module" ? "module" : alias.sort}`,
        );
      scope.add(found);
      return found;
    }
    case "core export": {
      if (scope.kind !== "component") scope.fail("aliases in a type may only refer to types or instances");
      const item = scope.coreInstance(alias.instance).exports.get(alias.name);
      if (item === undefined) scope.fail(`core instance ${alias.instance} has no export named \`${alias.name}\``);
      const found = item as NonNullable<typeof item>;
      if (found.kind !== alias.sort)
        scope.fail(`export \`${alias.name}\` for core instance ${alias.instance} is not a ${alias.sort}`);
      scope.addCoreExtern(found);
      return undefined;
    }
    case "outer":
      return resolveOuterAlias(scope, alias);
  }
}

function resolveOuterAlias(
  scope: Scope,
  { sort, count, index }: Extract<Alias, { target: "outer" }>,
): ExternType | undefined {
  if (!outerSorts[scope.kind].includes(sort))
    scope.fail(
      scope.kind === "component"
        ? "outer aliases may only refer to modules, types and components"
        : "outer aliases in a type may only refer to types",
    );
  const outer = outerScope(scope, count);
  if (sort === "core type") {
    const type = outer.coreType(index);
    if (isModuleType(type)) scope.coreTypes.addModule(type);
    else scope.coreTypes.defined.push(type);
    return undefined;
  }
  const item = outer.extern(sort, index);
  let crosses = false;
  for (let at = scope; at !== outer; at = at.parent as Scope) crosses ||= at.kind === "component";
  if (crosses && mentionsResources(item.type, scope.validation.budget))
    scope.fail("refers to resources not defined in the current component: the type transitively refers to resources");
  scope.add(item);
  return item;
}
