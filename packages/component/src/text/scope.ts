import {
  type Cursor,
  type FeatureSet,
  IndexSpace,
  type SubType,
  TextModuleContext,
  TOKEN,
} from "@wardian/runtime/internal";
import type { Alias, Definition } from "../model/definitions.ts";
import { type Sort, sorts } from "../model/sorts.ts";
import type { CoreTypeDefinition, Declaration, TypeDefinition } from "../model/types.ts";

/** A definition, or a declaration in a type: what stands in a scope. */
export type ScopeItem = Definition | Declaration;

/** The index space of a sort in one scope. An identifier of an enclosing scope is taken in through an alias. */
class SortSpace extends IndexSpace {
  /** Finds an identifier in the enclosing scopes. @returns the index that it gets here */
  private readonly outer: (name: string, cursor: Cursor) => number | undefined;
  /** The indices of aliases that were made for identifiers of enclosing scopes. */
  readonly taken: Map<string, number> = new Map();

  constructor(sort: Sort, outer: (name: string, cursor: Cursor) => number | undefined) {
    super(sort, sort);
    this.outer = outer;
  }

  override resolve(cursor: Cursor): number {
    if (cursor.kind() !== TOKEN.identifier) return super.resolve(cursor);
    const name = cursor.identifierName();
    const index = this.names.get(name) ?? this.taken.get(name) ?? this.outer(name, cursor);
    if (index === undefined) return cursor.fail(`unknown ${this.noun} $${name}`);
    cursor.pos++;
    return index;
  }

  /** Gives the next index to a definition whose identifier, if it has one, was read before. */
  bind(cursor: Cursor, id: Identifier): number {
    const index = this.count++;
    if (id.name !== undefined) {
      if (this.names.has(id.name)) cursor.fail(`duplicate ${this.keyword} $${id.name}`, id.at);
      this.names.set(id.name, index);
    }
    return index;
  }
}

/** An identifier that was read, and the token that it is. */
export interface Identifier {
  readonly name: string | undefined;
  /** What an annotation says that the definition is called. */
  readonly label: string | undefined;
  readonly at: number;
}

export const noIdentifier: Identifier = { name: undefined, label: undefined, at: 0 };

export function readIdentifier(cursor: Cursor): Identifier {
  const at = cursor.pos;
  const name = cursor.optionalIdentifier();
  return { name, label: cursor.annotations.takeName(cursor.pos, "name"), at };
}

export type TextScopeKind = "component" | "component type" | "instance type" | "module type";

/** Which sorts an alias may take in from an enclosing scope. */
const outerSorts: Readonly<Record<TextScopeKind, readonly Sort[]>> = {
  component: ["core module", "core type", "component", "type"],
  "component type": ["core type", "type"],
  "instance type": ["core type", "type"],
  "module type": ["core type"],
};

/** A component or a type while it is read: its index spaces with the identifiers in them, and its definitions. */
export class TextScope {
  readonly kind: TextScopeKind;
  readonly name: string | undefined;
  readonly parent: TextScope | undefined;
  readonly items: ScopeItem[] = [];
  /** The core types of the scope, for the core's own parser. */
  readonly core: TextModuleContext;
  /** Names for the name section, by sort and index. */
  readonly labels: Map<Sort, Map<number, string>> = new Map();
  private readonly spaces: Map<Sort, SortSpace> = new Map();

  constructor(cursor: Cursor, features: FeatureSet, kind: TextScopeKind, name: string | undefined, parent?: TextScope) {
    this.kind = kind;
    this.name = name;
    this.parent = parent;
    for (const sort of sorts) this.spaces.set(sort, new SortSpace(sort, (id, at) => this.takeIn(sort, id, at)));
    this.core = new TextModuleContext(cursor, features, this.space("core type"));
  }

  space(sort: Sort): SortSpace {
    return this.spaces.get(sort) as SortSpace;
  }

  /** Appends a definition that takes the next index of a sort. */
  add(cursor: Cursor, sort: Sort, id: Identifier, item: ScopeItem): number {
    this.items.push(item);
    return this.bind(cursor, sort, id);
  }

  bind(cursor: Cursor, sort: Sort, id: Identifier): number {
    const index = this.space(sort).bind(cursor, id);
    const label = id.label ?? id.name;
    if (label !== undefined) {
      let labels = this.labels.get(sort);
      if (labels === undefined) this.labels.set(sort, (labels = new Map()));
      labels.set(index, label);
    }
    return index;
  }

  addType(cursor: Cursor, at: number, type: TypeDefinition, id: Identifier = noIdentifier): number {
    return this.add(cursor, "type", id, { kind: "type", at, type });
  }

  addAlias(cursor: Cursor, at: number, alias: Alias, id: Identifier = noIdentifier): number {
    const sort: Sort = alias.target === "core export" ? `core ${alias.sort}` : alias.sort;
    return this.add(cursor, sort, id, { kind: "alias", at, alias });
  }

  addCoreType(at: number, type: CoreTypeDefinition): void {
    this.items.push({ kind: "core type", at, type });
  }

  /** Makes an alias for an identifier of an enclosing scope. */
  private takeIn(sort: Sort, name: string, cursor: Cursor): number | undefined {
    let count = 1;
    for (let scope = this.parent; scope !== undefined; scope = scope.parent, count++) {
      const index = scope.space(sort).names.get(name);
      if (index === undefined) continue;
      if (!outerSorts[this.kind].includes(sort))
        return cursor.fail(`outer item \`${name}\` is not a module, type, or component`);
      const here = this.aliasOuter(cursor, cursor.offset(), sort, count, index, noIdentifier, scope);
      this.space(sort).taken.set(name, here);
      return here;
    }
    return undefined;
  }

  /** Appends an alias of a definition of an enclosing scope. */
  aliasOuter(
    cursor: Cursor,
    at: number,
    sort: Sort,
    count: number,
    index: number,
    id: Identifier,
    scope: TextScope | undefined,
  ): number {
    if (sort === "core type") this.placeCoreType(scope?.core.types[index]);
    return this.addAlias(cursor, at, { target: "outer", sort, count, index }, id);
  }

  /** Gives a core type that is not defined here its place in the list that the core's parser keeps. */
  placeCoreType(type: SubType | undefined): void {
    const nothing: SubType = {
      final: true,
      supertypes: [],
      composite: { kind: "struct", fields: [] },
      groupStart: 0,
      groupSize: 0,
    };
    // A size that no group has: the parser does not take it for a type that a signature may stand for.
    this.core.types.push({ ...(type ?? nothing), groupSize: 0 });
  }

  /** The scope that is so far out. */
  outer(count: number): TextScope | undefined {
    let at: TextScope | undefined = this;
    for (let i = 0; i < count && at !== undefined; i++) at = at.parent;
    return at;
  }
}
