import {
  type CompositeType,
  type ValueType as CoreValueType,
  type DefinedType,
  defineGroup,
  defineTypes,
  heapTypeOfIndex,
  I64,
  isSubtype,
  isTypeIndex,
  type MemoryType,
  mapComposite,
  matchesComposite,
  type SubType,
  typeIndexOf,
  type ValidModule,
} from "@wardian/runtime/internal";
import type { CoreImportType } from "../model/definitions.ts";
import type { CoreTypeDefinition, ModuleDeclaration } from "../model/types.ts";
import { type CoreExternType, isModuleType, type ModuleType } from "../types/extern.ts";
import { CoreTypeSpace, type Scope, type Validation } from "./scope.ts";

const MAX_SUBTYPING_DEPTH = 63;

/** The function type of a signature, which is the same object for all that write it. */
export function coreFunctionType(params: readonly CoreValueType[], results: readonly CoreValueType[]): DefinedType {
  const composite = { kind: "func", params, results } as const;
  return defineTypes([{ final: true, supertypes: [], composite, groupStart: 0, groupSize: 1 }])[0];
}

/** Adds the types of a recursion group to a core type index space (core specification, 3.2.8 to 3.2.11). */
function addGroup(validation: Validation, space: CoreTypeSpace, group: readonly SubType[]): void {
  const start = space.length;
  const end = start + group.length;
  const check = (type: CoreValueType, limit = end): void => {
    if (isTypeIndex(type)) checkIndex(validation, space, typeIndexOf(type), limit);
  };
  // Groups are defined by the place of their types in the index space, which only here is known.
  const types: SubType[] = [];
  types.length = start;
  for (const [i, type] of group.entries()) {
    for (const part of typesIn(type.composite)) check(part);
    if (type.supertypes.length > 1) validation.fail(`sub type ${start + i} has ${type.supertypes.length} supertypes`);
    for (const above of type.supertypes) checkIndex(validation, space, above, start + i);
    types.push({ ...type, groupStart: start, groupSize: group.length });
  }
  defineGroup(types, start, space.defined);
  for (let i = start; i < end; i++) {
    const above = types[i].supertypes[0];
    if (above === undefined) continue;
    const supertype = space.defined[above];
    if (supertype.final) validation.fail(`sub type ${i} has the final type ${above} for a supertype`);
    if (space.defined[i].depth > MAX_SUBTYPING_DEPTH) validation.fail(`type ${i} stands below too many supertypes`);
    if (!matches(space.defined[i], supertype)) validation.fail(`sub type ${i} does not match super type ${above}`);
  }
}

/** Whether a type has the structure that a subtype of another must have. */
function matches(type: DefinedType, supertype: DefinedType): boolean {
  // Indices in a type mean what its own context says: both contexts become one.
  const context = [...type.context, ...supertype.context];
  const shifted = mapComposite(supertype.composite, (part) =>
    isTypeIndex(part) ? (part & 0x3ff) | heapTypeOfIndex(typeIndexOf(part) + type.context.length) : part,
  );
  return matchesComposite((a, b) => isSubtype(a, context, b, context), type.composite, shifted);
}

function typesIn(composite: CompositeType): CoreValueType[] {
  switch (composite.kind) {
    case "func":
      return [...composite.params, ...composite.results];
    case "struct":
      return composite.fields.map((field) => field.storage);
    case "array":
      return [composite.field.storage];
  }
}

function checkIndex(validation: Validation, space: CoreTypeSpace, index: number, limit: number): void {
  if (index >= limit) validation.fail(`unknown type ${index}: type index out of bounds`);
  if (space.isModule(index)) validation.fail(`type ${index} is a module type, where a type of the core is expected`);
}

function functionTypeAt(validation: Validation, space: CoreTypeSpace, index: number): DefinedType {
  checkIndex(validation, space, index, space.length);
  const type = space.defined[index];
  if (type.composite.kind !== "func") validation.fail(`type index ${index} is not a function type`);
  return type;
}

function resolveImport(validation: Validation, space: CoreTypeSpace, item: CoreImportType): CoreExternType {
  const check = (type: CoreValueType): void => {
    if (isTypeIndex(type)) checkIndex(validation, space, typeIndexOf(type), space.length);
  };
  switch (item.kind) {
    case "func":
      return { kind: "func", type: functionTypeAt(validation, space, item.type) };
    case "tag": {
      const type = functionTypeAt(validation, space, item.type);
      if (type.composite.kind === "func" && type.composite.results.length > 0)
        validation.fail("non-empty tag result type");
      return { kind: "tag", type };
    }
    case "memory":
      checkLimits(validation, item.type.min, item.type.max, "memory");
      checkMemorySize(validation, item.type);
      return item;
    case "table":
      checkLimits(validation, item.type.min, item.type.max, "table");
      check(item.type.element);
      return { kind: "table", type: item.type, types: space.defined };
    case "global":
      check(item.type.type);
      return { kind: "global", type: item.type, types: space.defined };
  }
}

/** A memory has at most as many pages as its addresses reach (core specification, 3.2: memory types). */
function checkMemorySize(validation: Validation, { min, max, address, pageSizeLog2 }: MemoryType): void {
  if (pageSizeLog2 !== 0 && pageSizeLog2 !== 16) validation.fail("invalid custom page size");
  const limit = 1n << BigInt((address === I64 ? 64 : 32) - pageSizeLog2);
  if (min > limit || (max !== undefined && max > limit)) validation.fail(`memory size must be at most ${limit} pages`);
}

function checkLimits(validation: Validation, min: bigint, max: bigint | undefined, what: string): void {
  if (max !== undefined && min > max)
    validation.fail(`size minimum must not be greater than maximum: ${min} and ${max} for a ${what}`);
}

/** Adds a definition to a core type index space. */
export function addCoreType(scope: Scope, space: CoreTypeSpace, definition: CoreTypeDefinition): void {
  if (definition.kind === "group") addGroup(scope.validation, space, definition.types);
  else space.addModule(resolveModuleType(scope, definition.declarations));
}

/** A module type (Explainer, "Type Definitions": `core:moduletype`). Its own index space begins empty. */
function resolveModuleType(scope: Scope, declarations: readonly ModuleDeclaration[]): ModuleType {
  const { validation } = scope;
  const space = new CoreTypeSpace();
  const imports: { module: string; name: string; type: CoreExternType }[] = [];
  const seen = new Set<string>();
  const exports = new Map<string, CoreExternType>();
  for (const declaration of declarations) {
    validation.enter("core type", declaration.at);
    switch (declaration.kind) {
      case "type":
        if (declaration.type.kind === "module") validation.fail("a module type cannot define module types");
        addCoreType(scope, space, declaration.type);
        break;
      case "alias": {
        if (declaration.count === 0) {
          checkIndex(validation, space, declaration.index, space.length);
          space.defined.push(space.defined[declaration.index]);
          break;
        }
        const outer = outerScope(scope, declaration.count - 1);
        const type = outer.coreType(declaration.index);
        if (isModuleType(type)) return validation.fail("a module type cannot alias module types");
        space.defined.push(type);
        break;
      }
      case "import": {
        const { module, name } = declaration;
        const key = JSON.stringify([module, name]);
        if (seen.has(key)) validation.fail(`duplicate import name \`${module}:${name}\``);
        seen.add(key);
        imports.push({ module, name, type: resolveImport(validation, space, declaration.type) });
        break;
      }
      case "export":
        if (exports.has(declaration.name)) validation.fail(`export name \`${declaration.name}\` already defined`);
        exports.set(declaration.name, resolveImport(validation, space, declaration.type));
    }
  }
  return { kind: "module", imports, exports };
}

/** The scope that is `count` scopes out, the scope itself being 0. */
export function outerScope(scope: Scope, count: number): Scope {
  let at: Scope | undefined = scope;
  for (let i = 0; i < count && at !== undefined; i++) at = at.parent;
  return at ?? scope.fail(`invalid outer alias count of ${count}`);
}

/** The type of a module that was validated. */
export function typeOfModule(validation: Validation, { module, types }: ValidModule): ModuleType {
  const resolve = (kind: CoreExternType["kind"], index: number): CoreExternType => {
    switch (kind) {
      case "func":
        return { kind, type: types[module.functions[index]] };
      case "tag":
        return { kind, type: types[module.tags[index]] };
      case "table":
        return { kind, type: module.tables[index].type, types };
      case "memory":
        return { kind, type: module.memories[index] };
      case "global":
        return { kind, type: module.globals[index].type, types };
    }
  };
  const seen = new Set<string>();
  const imports = module.imports.map((item) => {
    const key = JSON.stringify([item.module, item.name]);
    if (seen.has(key))
      validation.fail(
        `module has a duplicate import name \`${item.module}:${item.name}\` that is not allowed in components`,
      );
    seen.add(key);
    return { module: item.module, name: item.name, type: resolve(item.kind, item.index) };
  });
  const exports = new Map(module.exports.map((item) => [item.name, resolve(item.kind, item.index)] as const));
  return { kind: "module", imports, exports };
}
