import {
  CompileError,
  decodeModule,
  defaultFeatures,
  type FeatureSet,
  type SourcePosition,
  ValidationError,
  type ValidModule,
  validateModule,
} from "@wardian/runtime/internal";
import { type OptionNames, readOptions } from "@wardian/runtime/options";
import { LIMITS } from "../binary/limits.ts";
import type {
  Component,
  CoreInstanceDefinition,
  CoreModuleDefinition,
  Definition,
  ExportDefinition,
  InstanceDefinition,
} from "../model/definitions.ts";
import { type ComponentFeatureSet, defaultComponentFeatures } from "../model/features.ts";
import type { ComponentType, CoreExternType, ExternType, InstanceType } from "../types/extern.ts";
import { Resource, type ResourceBinding, ResourceUse } from "../types/resource.ts";
import type { ValidComponent, ValidDefinition } from "../types/valid.ts";
import { validateBuiltin, validateLift, validateLower } from "./canonical.ts";
import { addCoreType, typeOfModule } from "./core-types.ts";
import { NameSpace } from "./names.ts";
import {
  addExport,
  addImport,
  type Introduced,
  resolveAlias,
  resolveExternType,
  resolveType,
  resolveValueType,
} from "./resolve-types.ts";
import { Scope, Validation } from "./scope.ts";
import { measured, Substitution } from "./substitution.ts";
import { matchCore } from "./subtyping.ts";
import { checkValue } from "./values.ts";

export interface ValidateOptions {
  /** Features of the core modules inside. Default: the core's default. */
  readonly features?: FeatureSet;
  /** Features of the Component Model. Default: those of WASI 0.3.1. */
  readonly componentFeatures?: ComponentFeatureSet;
  /** The line and column of a definition's `at`, for a component from text. */
  readonly positionAt?: (at: number) => SourcePosition;
}

const optionNames: OptionNames<ValidateOptions> = { features: true, componentFeatures: true, positionAt: true };

/**
 * Validates a component, with the components and core modules that it contains (Explainer, Binary and Canonical ABI: all that is said of
 * validation).
 *
 * @param component as the decoder or the text parser made it with the same features
 * @throws ValidationError where it is not valid, with the place
 * @throws ComponentFeatureError where it uses a feature that is off
 * @throws CompileError where it passes a limit, and for core modules inside what the core throws
 */
export function validateComponent(component: Component, options: ValidateOptions = {}): ValidComponent {
  const given = readOptions("validateComponent", optionNames, options);
  const { features = defaultFeatures, componentFeatures = defaultComponentFeatures, positionAt } = given;
  const validation = new Validation(features, componentFeatures, positionAt, (definition) =>
    compileModule(definition, features),
  );
  try {
    return validate(component, validation, undefined, 0);
  } catch (error) {
    // The limits of types do not know the place.
    if (error instanceof CompileError && error.offset === undefined && error.position === undefined)
      throw new ValidationError(error.reason, validation.place());
    throw error;
  }
}

/** Decodes and validates a core module. Offsets in its errors are those in the outermost component. */
function compileModule({ bytes, at, locate }: CoreModuleDefinition, features: FeatureSet): ValidModule {
  try {
    return validateModule(decodeModule(bytes, features), features);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const Kind = error.constructor as typeof CompileError;
    const { section, entry, functionIndex, offset } = error;
    if (locate !== undefined) throw new Kind(error.reason, { section, entry, functionIndex, position: locate(error) });
    throw new Kind(error.reason, { section, entry, functionIndex, offset: offset === undefined ? at : at + offset });
  }
}

function validate(
  component: Component,
  validation: Validation,
  parent: Scope | undefined,
  depth: number,
): ValidComponent {
  if (depth > LIMITS.nesting) validation.fail(`nesting too deep: the limit is ${LIMITS.nesting}`);
  const scope = new Scope(validation, "component", parent);
  const definitions: ValidDefinition[] = [];
  for (const definition of component.definitions) {
    validation.enter(definition.kind, definition.at);
    definitions.push(validateDefinition(scope, definition, depth));
  }
  scope.values.forEach((value, i) => {
    if (!value.used)
      validation.fail(`value index ${i} was not used as part of an instantiation, start function, or export`);
  });
  const type: ComponentType = {
    kind: "component",
    imports: scope.imports,
    exports: scope.exports,
    importedResources: scope.importedResources,
    exportedResources: exportedResources(scope),
    ...measured([...scope.imports.values(), ...scope.exports.values()]),
  };
  return { component, type, definitions };
}

/** The resource types that are exported and not imported, each where it is found first. */
function exportedResources(scope: Scope): ResourceBinding[] {
  const known = new Set(scope.importedResources.map(({ resource }) => resource));
  const bindings: ResourceBinding[] = [];
  const walk = (items: ReadonlyMap<string, ExternType>, path: readonly string[]): void => {
    for (const [name, item] of items) {
      scope.validation.budget.step();
      if (item.sort === "instance") walk(item.type.exports, [...path, name]);
      else if (item.sort === "type" && item.type.kind === "resource" && !known.has(item.type.resource)) {
        known.add(item.type.resource);
        bindings.push({ resource: item.type.resource, path: [...path, name] });
      }
    }
  };
  walk(scope.exports, []);
  return bindings;
}

function validateDefinition(scope: Scope, definition: Definition, depth: number): ValidDefinition {
  const { validation } = scope;
  switch (definition.kind) {
    case "core module": {
      const valid = validation.compileModule(definition);
      const type = typeOfModule(validation, valid);
      scope.coreModules.push(type);
      return { kind: "core module", module: { definition, valid, type } };
    }
    case "core instance":
      return validateCoreInstance(scope, definition);
    case "core type":
      addCoreType(scope, scope.coreTypes, definition.type);
      return { kind: "core type" };
    case "component": {
      const component = validate(definition.component, validation, scope, depth + 1);
      validation.enter(definition.kind, definition.at);
      scope.components.push(component.type);
      return { kind: "component", component };
    }
    case "instance":
      return validateInstance(scope, definition);
    case "alias":
      return { kind: "alias", type: resolveAlias(scope, definition.alias) };
    case "type": {
      const type = resolveType(scope, definition.type);
      scope.types.push(type);
      return { kind: "type", type };
    }
    case "lift": {
      const canonical = validateLift(scope, definition);
      scope.funcs.push(canonical.type);
      return { kind: "lift", canonical };
    }
    case "lower": {
      const canonical = validateLower(scope, definition);
      scope.coreFuncs.push(canonical.coreType);
      return { kind: "lower", canonical };
    }
    case "builtin": {
      const builtin = validateBuiltin(scope, definition);
      scope.coreFuncs.push(builtin.coreType);
      return { kind: "builtin", builtin };
    }
    case "import": {
      const introduced = resolveExternType(scope, definition.type, definition.name.name);
      addImport(scope, definition.name, introduced);
      return { kind: "import", type: introduced.item, resources: introduced.resources };
    }
    case "export": {
      const introduced = resolveExport(scope, definition);
      addExport(scope, definition.name, introduced);
      if (introduced.item.sort === "value") scope.values[scope.values.length - 1].used = true;
      return { kind: "export", type: introduced.item, resources: introduced.resources };
    }
    case "start": {
      validation.need("values", "a start definition");
      const type = scope.func(definition.func);
      if (type.params.length !== definition.args.length)
        scope.fail("component start function requires other arguments");
      definition.args.forEach((index, i) => {
        const mismatch = validation.subtyping.value(scope.takeValue(index), type.params[i].type);
        if (mismatch !== undefined)
          scope.fail(`value type mismatch for component start function argument ${i}: ${mismatch}`);
      });
      if (definition.results !== (type.result === undefined ? 0 : 1))
        scope.fail(
          `component start function has a result count of ${definition.results}, which is not that of the function type`,
        );
      if (type.result !== undefined) scope.values.push({ type: type.result, used: false });
      return { kind: "start" };
    }
    case "value": {
      validation.need("values", "a value definition");
      const type = resolveValueType(scope, definition.type);
      checkValue(type, definition.bytes, (reason) => scope.fail(reason));
      scope.values.push({ type, used: false });
      return { kind: "value" };
    }
    case "custom":
      return { kind: "custom" };
  }
}

function validateCoreInstance(scope: Scope, definition: CoreInstanceDefinition): ValidDefinition {
  const exports = new Map<string, CoreExternType>();
  if (definition.from === "exports") {
    for (const { name, value } of definition.exports) {
      if (exports.has(name)) scope.fail(`export name \`${name}\` already defined`);
      exports.set(name, scope.coreExtern(value.sort, value.index));
    }
    const type = { kind: "core instance", exports } as const;
    scope.coreInstances.push(type);
    return { kind: "core instance", type };
  }
  const module = scope.coreModule(definition.module);
  const args = new Map<string, ReadonlyMap<string, CoreExternType>>();
  for (const { name, value } of definition.args) {
    if (value.sort !== "instance") scope.fail("an argument of a core module can only be a core instance");
    const instance = scope.coreInstance(value.index);
    if (args.has(name)) scope.fail(`duplicate module instantiation argument named \`${name}\``);
    args.set(name, instance.exports);
  }
  for (const { module: from, name, type } of module.imports) {
    const items = args.get(from);
    if (items === undefined) scope.fail(`missing module instantiation argument named \`${from}\``);
    const item = items?.get(name);
    if (item === undefined)
      return scope.fail(`module instantiation argument \`${from}\` does not export an item named \`${name}\``);
    const mismatch = matchCore(item, type);
    if (mismatch !== undefined)
      scope.fail(`type mismatch for export \`${name}\` of module instantiation argument \`${from}\`: ${mismatch}`);
  }
  const type = { kind: "core instance", exports: module.exports } as const;
  scope.coreInstances.push(type);
  return { kind: "core instance", type };
}

function validateInstance(scope: Scope, definition: InstanceDefinition): ValidDefinition {
  const { validation } = scope;
  if (definition.from === "exports") {
    const exports = new Map<string, ExternType>();
    const names = new NameSpace("export");
    for (const { name, value } of definition.exports) {
      const item = scope.extern(value.sort, value.index);
      // A resource type has this name from here on alone: functions that were made before do not use it.
      const named: ExternType =
        item.sort === "type" && item.type.kind === "resource"
          ? { sort: "type", type: new ResourceUse(item.type.resource) }
          : item;
      validation.checkAttributes(name);
      const reason = names.add(name, named, validation.rules);
      if (reason !== undefined) scope.fail(reason);
      exports.set(name.name, item);
    }
    const type: InstanceType = { kind: "instance", exports, resources: [], ...measured(exports.values()) };
    addInstance(scope, type);
    return { kind: "instance", type, resources: [] };
  }
  const component = scope.component(definition.component);
  const args = new Map<string, ExternType>();
  for (const { name, value } of definition.args) {
    if (args.has(name)) scope.fail(`instantiation argument name \`${name}\` conflicts with previous name \`${name}\``);
    args.set(name, scope.extern(value.sort, value.index));
  }
  const { type, resources } = instantiate(scope, component, args);
  addInstance(scope, type);
  return { kind: "instance", type, resources };
}

/** Adds an instance, whose values are used up with it. */
function addInstance(scope: Scope, type: InstanceType): void {
  scope.add({ sort: "instance", type });
}

/** The type of an instance of a component that gets those arguments (Explainer, "Type Checking"). */
function instantiate(
  scope: Scope,
  component: ComponentType,
  args: ReadonlyMap<string, ExternType>,
): { type: InstanceType; resources: readonly ResourceBinding[] } {
  const { budget, subtyping } = scope.validation;
  const substitution = new Substitution(budget);
  subtyping.bind(substitution, component.importedResources, args);
  for (const [name, wanted] of component.imports) {
    budget.step();
    const item = args.get(name);
    if (item === undefined) return scope.fail(`missing import named \`${name}\``);
    const mismatch = subtyping.extern(item, substitution.extern(wanted));
    if (mismatch !== undefined) scope.fail(`type mismatch for import \`${name}\`: ${mismatch}`);
  }
  substitution.supply(component.imports, args);
  const resources: ResourceBinding[] = [];
  for (const { resource, path } of component.exportedResources) {
    budget.step();
    const fresh = new Resource();
    substitution.resources.set(resource, new ResourceUse(fresh));
    resources.push({ resource: fresh, path });
  }
  const exports = new Map<string, ExternType>();
  for (const [name, item] of component.exports) {
    budget.step();
    exports.set(name, substitution.extern(item));
  }
  return { type: { kind: "instance", exports, resources: [], ...measured(exports.values()) }, resources };
}

/** What an export definition adds. */
function resolveExport(scope: Scope, { name, value, type }: ExportDefinition): Introduced {
  const item = scope.extern(value.sort, value.index);
  if (type !== undefined) {
    const ascribed = resolveExternType(scope, type, name.name);
    const mismatch = ascription(scope, item, ascribed);
    if (mismatch !== undefined) scope.fail(`ascribed type of export is not compatible with item's type: ${mismatch}`);
    return ascribed;
  }
  if (item.sort === "value" && item.type.facts.borrows) scope.fail("a value cannot contain a `borrow` type");
  const substitution = new Substitution(scope.validation.budget);
  if (item.sort === "type")
    return { item: { sort: "type", type: substitution.rename(item.type) }, referenced: item, resources: [] };
  // The types that an instance exports are named by its own exports.
  return { item, referenced: item, resources: [] };
}

/** Why a value of type `item` cannot be exported with the type that is given. */
function ascription(scope: Scope, item: ExternType, { item: wanted, resources }: Introduced): string | undefined {
  const { budget, subtyping } = scope.validation;
  const substitution = new Substitution(budget);
  // The paths begin with the name of the export.
  const name = resources[0]?.path[0] ?? "";
  subtyping.bind(substitution, resources, new Map([[name, item]]));
  return subtyping.extern(item, substitution.extern(wanted));
}
