import { CompileError } from "@wardian/runtime/internal";
import { LIMITS } from "../binary/limits.ts";
import {
  type AnyType,
  type ComponentType,
  type ExternType,
  type FunctionType,
  type InstanceType,
  isValueType,
} from "../types/extern.ts";
import { Resource, type ResourceBinding, ResourceUse } from "../types/resource.ts";
import { makeValueType, type ValueType } from "../types/value.ts";
import type { Budget } from "./budget.ts";

/** Tree size and depth of a type. @throws CompileError for types that are too large */
export function measured(exports: Iterable<ExternType>): { size: number; depth: number } {
  let size = 1;
  let depth = 0;
  for (const { type } of exports) {
    const [own, levels] = measureOf(type);
    size += own;
    depth = Math.max(depth, levels);
  }
  depth++;
  if (size > LIMITS.typeSize) throw new CompileError(`effective type size exceeds the limit of ${LIMITS.typeSize}`);
  if (depth > LIMITS.nesting) throw new CompileError(`type nesting is too deep: the limit is ${LIMITS.nesting}`);
  return { size, depth };
}

function measureOf(type: ExternType["type"]): readonly [size: number, depth: number] {
  switch (type.kind) {
    case "module":
      return [1 + type.imports.length + type.exports.size, 1];
    case "resource":
      return [1, 1];
    case "instance":
    case "component":
      return [type.size, type.depth];
    case "func": {
      let size = 1 + (type.result?.facts.size ?? 0);
      for (const param of type.params) size += param.type.facts.size;
      return [size, 1];
    }
    default:
      return [type.facts.size, 1];
  }
}

/** The types that were copied, by their copies. */
const origins = new WeakMap<object, object>();

/** The type that a type is another name or a copy of; undefined for one that is neither. */
export function originOf(type: object): object | undefined {
  return origins.get(type);
}

/**
 * Replaces resource types in types, and gives new objects for some types: see {@link rename}. What a type has in common with another after that
 * is still one object.
 */
export class Substitution {
  readonly resources: Map<Resource, ResourceUse> = new Map();
  private readonly budget: Budget;
  /** What types became. */
  private readonly done: Map<object, object> = new Map();
  private renames = false;

  constructor(budget: Budget) {
    this.budget = budget;
  }

  private remember<Type extends object>(type: Type, make: () => Type): Type {
    const known = this.done.get(type);
    if (known !== undefined) return known as Type;
    this.budget.step();
    const made = make();
    this.done.set(type, made);
    if (made !== type) origins.set(made, type);
    return made;
  }

  private list<Type>(items: readonly Type[], map: (item: Type) => Type): readonly Type[] {
    let changed = false;
    const mapped = items.map((item) => {
      this.budget.step();
      const other = map(item);
      changed ||= other !== item;
      return other;
    });
    return changed ? mapped : items;
  }

  /**
   * Has all later uses of a type refer to a new object that is equal to it, since an import or export gives it a name of its own.
   * @returns the new object
   */
  rename(type: AnyType): AnyType {
    if (type.kind === "resource") return this.remember(type, () => new ResourceUse(this.use(type).resource));
    if (!isValueType(type)) return this.any(type);
    const known = this.done.get(type);
    const made = { ...this.value(type) };
    origins.set(made, type);
    if (known === undefined || known === type) this.done.set(type, made);
    this.renames = true;
    return made;
  }

  /** Has all later uses of the types that are wanted refer to those that were supplied, by the names that both have. */
  supply(wanted: ReadonlyMap<string, ExternType>, supplied: ReadonlyMap<string, ExternType>): void {
    for (const [name, item] of wanted) {
      this.budget.step();
      const found = supplied.get(name);
      if (item.sort === "instance" && found?.sort === "instance") this.supply(item.type.exports, found.type.exports);
      if (item.sort !== "type" || found?.sort !== "type") continue;
      if (!isValueType(item.type) || !isValueType(found.type)) continue;
      this.done.set(item.type, found.type);
      this.renames = true;
    }
  }

  use(use: ResourceUse): ResourceUse {
    return (this.done.get(use) as ResourceUse | undefined) ?? this.resources.get(use.resource) ?? use;
  }

  value(type: ValueType): ValueType {
    if (!type.facts.resources && !this.renames) return type;
    return this.remember(type, () => {
      const optional = (part: ValueType | undefined): ValueType | undefined => part && this.value(part);
      switch (type.kind) {
        case "own":
        case "borrow": {
          const use = this.use(type.use);
          return use === type.use ? type : makeValueType({ kind: type.kind, use });
        }
        case "record": {
          const fields = this.list(type.fields, (field) => {
            const part = this.value(field.type);
            return part === field.type ? field : { name: field.name, type: part };
          });
          return fields === type.fields ? type : makeValueType({ kind: "record", fields });
        }
        case "variant": {
          const cases = this.list(type.cases, (item) => {
            const part = optional(item.type);
            return part === item.type ? item : { name: item.name, type: part };
          });
          return cases === type.cases ? type : makeValueType({ kind: "variant", cases });
        }
        case "list": {
          const element = this.value(type.element);
          return element === type.element ? type : makeValueType({ kind: "list", element, length: type.length });
        }
        case "tuple": {
          const types = this.list(type.types, (part) => this.value(part));
          return types === type.types ? type : makeValueType({ kind: "tuple", types });
        }
        case "option": {
          const part = this.value(type.type);
          return part === type.type ? type : makeValueType({ kind: "option", type: part });
        }
        case "result": {
          const ok = optional(type.ok);
          const error = optional(type.error);
          return ok === type.ok && error === type.error ? type : makeValueType({ kind: "result", ok, error });
        }
        case "stream":
        case "future": {
          const element = optional(type.element);
          return element === type.element ? type : makeValueType({ kind: type.kind, element });
        }
        case "map": {
          const key = this.value(type.key);
          const value = this.value(type.value);
          return key === type.key && value === type.value ? type : makeValueType({ kind: "map", key, value });
        }
        default:
          return type;
      }
    });
  }

  func(type: FunctionType): FunctionType {
    return this.remember(type, () => {
      const params = this.list(type.params, (param) => {
        const part = this.value(param.type);
        return part === param.type ? param : { name: param.name, type: part };
      });
      const result = type.result && this.value(type.result);
      return params === type.params && result === type.result ? type : { ...type, params, result };
    });
  }

  private externs(map: ReadonlyMap<string, ExternType>): ReadonlyMap<string, ExternType> {
    let changed = false;
    const made = new Map<string, ExternType>();
    for (const [name, type] of map) {
      this.budget.step();
      const other = this.extern(type);
      changed ||= other !== type;
      made.set(name, other);
    }
    return changed ? made : map;
  }

  instance(type: InstanceType): InstanceType {
    return this.remember(type, () => {
      const exports = this.externs(type.exports);
      return exports === type.exports ? type : { ...type, exports };
    });
  }

  component(type: ComponentType): ComponentType {
    return this.remember(type, () => {
      const imports = this.externs(type.imports);
      const exports = this.externs(type.exports);
      return imports === type.imports && exports === type.exports ? type : { ...type, imports, exports };
    });
  }

  any(type: AnyType): AnyType {
    switch (type.kind) {
      case "func":
        return this.func(type);
      case "instance":
        return this.instance(type);
      case "component":
        return this.component(type);
      case "resource":
        return this.use(type);
      default:
        return this.value(type);
    }
  }

  extern(item: ExternType): ExternType {
    if (item.sort === "core module") return item;
    const type = this.any(item.type);
    return type === item.type ? item : ({ sort: item.sort, type } as ExternType);
  }

  /** The exports of an instance, each type under a name of its own. */
  renamedExports(exports: ReadonlyMap<string, ExternType>): Map<string, ExternType> {
    const made = new Map<string, ExternType>();
    for (const [name, item] of exports) {
      this.budget.step();
      if (item.sort === "type") made.set(name, { sort: "type", type: this.rename(item.type) });
      else if (item.sort === "instance")
        made.set(name, { sort: "instance", type: { ...item.type, exports: this.renamedExports(item.type.exports) } });
      else made.set(name, this.extern(item));
    }
    return made;
  }
}

/**
 * The type of an instance that exists: the resource types of a written type are made new, and all types that it exports get new objects.
 *
 * @param path where the instance is found
 * @returns the type, and the new resource types with where they are found
 */
export function openInstance(
  budget: Budget,
  type: InstanceType,
  path: readonly string[],
): { readonly type: InstanceType; readonly resources: ResourceBinding[] } {
  const substitution = new Substitution(budget);
  const resources: ResourceBinding[] = [];
  for (const binding of type.resources) {
    budget.step();
    const resource = new Resource();
    substitution.resources.set(binding.resource, new ResourceUse(resource));
    resources.push({ resource, path: [...path, ...binding.path] });
  }
  return { type: { ...type, resources: [], exports: substitution.renamedExports(type.exports) }, resources };
}
