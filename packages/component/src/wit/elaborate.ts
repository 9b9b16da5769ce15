import type { Budget } from "./budget.ts";
import { fullName, usedFrom, type WitInterface, type WitStability, type WitWorldItem } from "./model.ts";
import { type Span, WitError } from "./source.ts";

/** The imports and exports of a world while it is resolved. */
export interface WorldItems {
  readonly imports: Map<string, WitWorldItem>;
  readonly exports: Map<string, WitWorldItem>;
}

/** How long a chain of interfaces may be in which each uses types of the next. */
const LONGEST_CHAIN = 1000;

/** The stability of an import that two items ask for. */
export function mergeStability(
  before: WitStability | undefined,
  next: WitStability | undefined,
): WitStability | undefined {
  return before ?? next;
}

/**
 * Adds what a world's items depend on: an interface that a type is used from is imported, unless it is exported and only exports
 * depend on it. The result is sorted: interfaces, each after those that it depends on, then types, then functions.
 *
 * @throws WitError when an exported interface depends on another one both as an import and as an export
 */
export function elaborate({ imports, exports }: WorldItems, span: Span, budget: Budget): WorldItems {
  const sorted = new Elaboration(span, budget);
  for (const [name, item] of imports) if (item.kind === "interface") sorted.import(name, item, 0);
  for (const item of imports.values()) {
    if (item.kind !== "type") continue;
    const from = usedFrom(item.type)?.owner;
    if (from?.kind === "interface") sorted.importDependency(from, item.type.stability, 0);
  }
  for (const [name, item] of exports)
    if (item.kind === "interface") {
      sorted.wanted.set(name, item);
      if (name === fullName(item.interface)) sorted.exported.add(item.interface);
    }
  for (const [name, item] of sorted.wanted) sorted.export(name, item.interface, item, 0);
  const rest = (items: ReadonlyMap<string, WitWorldItem>, kind: WitWorldItem["kind"]): [string, WitWorldItem][] =>
    [...items].filter(([, item]) => item.kind === kind);
  return {
    imports: new Map([...sorted.imports, ...rest(imports, "type"), ...rest(imports, "function")]),
    exports: new Map([...rest(exports, "type"), ...rest(exports, "function"), ...sorted.exports]),
  };
}

type InterfaceItem = Extract<WitWorldItem, { readonly kind: "interface" }>;

class Elaboration {
  readonly imports = new Map<string, InterfaceItem>();
  readonly exports = new Map<string, InterfaceItem>();
  /** The exports that the world names. */
  readonly wanted = new Map<string, InterfaceItem>();
  /** The interfaces that are exported under their own name. */
  readonly exported = new Set<WitInterface>();
  private readonly required = new Set<WitInterface>();
  private readonly span: Span;
  private readonly budget: Budget;

  constructor(span: Span, budget: Budget) {
    this.span = span;
    this.budget = budget;
  }

  import(name: string, item: InterfaceItem, depth: number): void {
    const before = this.imports.get(name);
    if (before !== undefined) {
      const stability = mergeStability(before.stability, item.stability);
      const docs = before.docs ?? item.docs;
      if (stability !== before.stability || docs !== before.docs)
        this.imports.set(name, { ...before, stability, docs, externalId: before.externalId ?? item.externalId });
      return;
    }
    this.count(depth);
    for (const from of dependencies(item.interface)) this.importDependency(from, item.stability, depth + 1);
    this.imports.set(name, item);
  }

  importDependency(from: WitInterface, stability: WitStability | undefined, depth: number): void {
    const name = fullName(from) as string;
    if (!this.imports.has(name)) this.import(name, dependency(from, stability), depth);
  }

  /** Adds an exported interface and what it depends on. */
  export(name: string, exported: WitInterface, item: InterfaceItem, depth: number): void {
    if (!this.add(name, exported, item, true, depth)) {
      const shown = fullName(exported) ?? name;
      throw new WitError(`interface \`${shown}\` transitively depends on an interface in incompatible ways`, this.span);
    }
  }

  private add(name: string, from: WitInterface, item: InterfaceItem, asExport: boolean, depth: number): boolean {
    if (this.exports.has(name)) return asExport;
    if (!asExport && this.required.has(from)) return true;
    this.count(depth);
    for (const next of dependencies(from)) {
      const key = fullName(next) as string;
      const nextAsExport = asExport && this.exported.has(next);
      const nextItem = (nextAsExport ? this.wanted.get(key) : undefined) ?? dependency(next, item.stability);
      if (!this.add(key, next, nextItem, nextAsExport, depth + 1)) return false;
    }
    if (asExport) {
      if (this.required.has(from)) return false;
      this.exports.set(name, item);
    } else {
      this.required.add(from);
      if (!this.imports.has(name)) this.imports.set(name, item);
    }
    return true;
  }

  private count(depth: number): void {
    this.budget.spend();
    if (depth > LONGEST_CHAIN)
      throw new WitError(`interfaces depend on each other in a chain of more than ${LONGEST_CHAIN}`, this.span);
  }
}

function dependency(from: WitInterface, stability: WitStability | undefined): InterfaceItem {
  return { kind: "interface", interface: from, stability, docs: undefined, externalId: undefined };
}

const known = new WeakMap<WitInterface, readonly WitInterface[]>();

/** The interfaces that an interface uses types from. */
export function dependencies(from: WitInterface): readonly WitInterface[] {
  let found = known.get(from);
  if (found === undefined) {
    const all = new Set<WitInterface>();
    for (const type of from.types.values()) {
      const owner = usedFrom(type)?.owner;
      if (owner?.kind === "interface") all.add(owner);
    }
    known.set(from, (found = [...all]));
  }
  return found;
}
