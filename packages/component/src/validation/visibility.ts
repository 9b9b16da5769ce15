import { type AnyType, type ExternType, isValueType } from "../types/extern.ts";
import type { Resource, ResourceUse } from "../types/resource.ts";
import { partsOf, type ValueType } from "../types/value.ts";
import type { Budget } from "./budget.ts";

/**
 * The types that have a name outside a component, through its imports or through its imports and exports (Explainer, "External Visibility of
 * Types"). What has a name is an object: a type of equal structure has none by that.
 */
export class NamedTypes {
  private readonly budget: Budget;
  private readonly named: Set<ValueType | ResourceUse> = new Set();
  /** Types all of whose parts have names. */
  private readonly complete: Set<object> = new Set();

  /** What has names around these. */
  private readonly outer: NamedTypes | undefined;

  constructor(budget: Budget, outer?: NamedTypes) {
    this.budget = budget;
    this.outer = outer;
  }

  private has(type: ValueType | ResourceUse): boolean {
    return this.named.has(type) || this.outer?.has(type) === true;
  }

  /** Notes that a type has a name, and for an instance all that it exports. */
  add(item: ExternType): void {
    this.budget.step();
    if (item.sort === "type" && (item.type.kind === "resource" || isValueType(item.type))) this.named.add(item.type);
    else if (item.sort === "instance") for (const part of item.type.exports.values()) this.add(part);
  }

  /** Whether all types that are used in something have names. For an instance its exports name their own types for those behind them. */
  covers(item: ExternType): boolean {
    this.budget.step();
    switch (item.sort) {
      case "func":
        return this.coversAny(item.type);
      case "value":
        return this.coversUse(item.type);
      case "type":
        return item.type.kind === "resource" || this.coversAny(item.type);
      case "instance":
        for (const part of item.type.exports.values()) {
          if (!this.covers(part)) return false;
          this.add(part);
        }
        return true;
      default:
        return true;
    }
  }

  /** Whether the parts of a type have names. */
  private coversAny(type: AnyType): boolean {
    if (this.complete.has(type)) return true;
    this.budget.step();
    let covered = true;
    if (type.kind === "func")
      covered =
        type.params.every((param) => this.coversUse(param.type)) &&
        (type.result === undefined || this.coversUse(type.result));
    else if (type.kind === "instance") covered = new NamedTypes(this.budget, this).covers({ sort: "instance", type });
    else if (isValueType(type)) {
      if (type.kind === "own" || type.kind === "borrow") covered = this.has(type.use);
      else covered = partsOf(type).every((part) => part === undefined || this.coversUse(part));
    }
    if (covered) this.complete.add(type);
    return covered;
  }

  private coversUse(type: ValueType): boolean {
    switch (type.kind) {
      case "record":
      case "variant":
      case "enum":
      case "flags":
        return this.has(type);
      default:
        return this.coversAny(type);
    }
  }
}

/** Whether a type names a resource type that it does not bring with it. */
export function mentionsResources(type: ExternType["type"], budget: Budget): boolean {
  const bound = new Set<Resource>();
  const clear = new Set<object>();
  const mentions = (at: ExternType["type"]): boolean => {
    if (clear.has(at)) return false;
    budget.step();
    let found = false;
    switch (at.kind) {
      case "module":
        break;
      case "resource":
        found = !bound.has(at.resource);
        break;
      case "func":
        found = at.params.some((param) => mentions(param.type)) || (at.result !== undefined && mentions(at.result));
        break;
      case "instance":
        for (const { resource } of at.resources) bound.add(resource);
        for (const part of at.exports.values()) found ||= mentions(part.type);
        break;
      case "component":
        for (const { resource } of [...at.importedResources, ...at.exportedResources]) bound.add(resource);
        for (const part of [...at.imports.values(), ...at.exports.values()]) found ||= mentions(part.type);
        break;
      case "own":
      case "borrow":
        found = !bound.has(at.use.resource);
        break;
      default:
        found = at.facts.resources && partsOf(at).some((part) => part !== undefined && mentions(part));
    }
    if (!found) clear.add(at);
    return found;
  };
  return mentions(type);
}
