import { Cursor, type FeatureSet, type SourceText, TOKEN } from "@wardian/runtime/internal";
import { LIMITS } from "../binary/limits.ts";
import type { ExternName, NameAttribute } from "../model/extern-name.ts";
import { type CoreSort, componentSorts, coreSorts, type Sort, type SortIndex } from "../model/sorts.ts";
import { TextScope, type TextScopeKind } from "./scope.ts";

/** Parentheses inside each other that a component's text may have. Core modules inside have the core's own bound. */
const MAX_NESTING = LIMITS.nesting;

/** The text of a component while it is read: the place in it, and the scope that the place is in. */
export class ComponentText {
  readonly cursor: Cursor;
  readonly features: FeatureSet;
  scope: TextScope;
  private depth = 0;

  constructor(source: SourceText, features: FeatureSet, cursor: Cursor = new Cursor(source)) {
    this.cursor = cursor;
    this.features = features;
    this.scope = new TextScope(cursor, features, "component", undefined);
  }

  /** The offset of the token at the cursor, for the place of a definition. */
  get at(): number {
    return this.cursor.offset();
  }

  /** Reads what stands in a new scope. */
  within<T>(kind: TextScopeKind, name: string | undefined, read: () => T): { result: T; scope: TextScope } {
    const outer = this.scope;
    const scope = new TextScope(this.cursor, this.features, kind, name, outer);
    this.scope = scope;
    try {
      return { result: this.nested(read), scope };
    } finally {
      this.scope = outer;
    }
  }

  /** Reads something that may have its like inside. */
  nested<T>(read: () => T): T {
    if (this.depth >= MAX_NESTING) this.cursor.fail(`nesting too deep: the limit is ${MAX_NESTING}`);
    this.depth++;
    try {
      return read();
    } finally {
      this.depth--;
    }
  }

  /** Whether `(core word` comes next. */
  isCore(word: string, at: number = this.cursor.pos): boolean {
    return this.cursor.isOpen("core", at) && this.cursor.isWord(word, at + 2);
  }

  takeCore(word: string): boolean {
    if (!this.isCore(word)) return false;
    this.cursor.pos += 3;
    return true;
  }

  /** The sort at the cursor, behind its parenthesis: one or two words. */
  sort(): Sort {
    const { cursor } = this;
    if (cursor.takeWord("core")) return `core ${this.coreSort()}`;
    const sort = componentSorts.find((word) => cursor.isWord(word));
    if (sort === undefined) return cursor.unexpected("a sort such as func");
    cursor.pos++;
    return sort;
  }

  coreSort(): CoreSort {
    const { cursor } = this;
    const sort = coreSorts.find((word) => cursor.isWord(word));
    if (sort === undefined) return cursor.unexpected("a core sort such as func");
    cursor.pos++;
    return sort;
  }

  /** An index of a sort: a number, an identifier, or either in parentheses with the sort, which may lead through exports of instances. */
  index(sort: Sort, prefixed = true): number {
    const { cursor } = this;
    if (cursor.kind() !== TOKEN.open) return this.scope.space(sort).resolve(cursor);
    cursor.pos++;
    const at = cursor.pos;
    const found = prefixed ? this.sort() : (`core ${this.coreSort()}` as Sort);
    if (found !== sort) cursor.unexpected(sort, at);
    return this.indexBehind(sort);
  }

  /** Whether something that {@link index} reads comes next. */
  isIndex(sort: Sort): boolean {
    const { cursor } = this;
    if (cursor.isIndex()) return true;
    return sort.startsWith("core ") ? this.isCore(sort.slice(5)) : cursor.isOpen(sort);
  }

  /** `(sort index "name"*)` of any sort. */
  sortIndex(): SortIndex {
    const { cursor } = this;
    if (cursor.kind() !== TOKEN.open) cursor.unexpected("(func, (instance or another sort");
    cursor.pos++;
    const sort = this.sort();
    return { sort, index: this.indexBehind(sort) };
  }

  /** What follows the sort: an index with names, up to the closing parenthesis. */
  indexBehind(sort: Sort): number {
    const { cursor, scope } = this;
    const { at } = this;
    let token = cursor.pos + 1;
    if (cursor.kind(token) !== TOKEN.string) {
      const index = scope.space(sort).resolve(cursor);
      cursor.close();
      return index;
    }
    // An alias for each name: all but the last lead to instances.
    const ofCore = sort.startsWith("core ") && sort !== "core module" && sort !== "core type";
    if (ofCore) {
      const instance = scope.space("core instance").resolve(cursor);
      const name = cursor.name();
      cursor.close();
      return scope.addAlias(cursor, at, { target: "core export", sort: sort.slice(5) as CoreSort, instance, name });
    }
    let instance = scope.space("instance").resolve(cursor);
    for (;;) {
      const name = cursor.name();
      token = cursor.pos;
      const last = cursor.kind(token) !== TOKEN.string;
      const index = scope.addAlias(cursor, at, { target: "export", sort: last ? sort : "instance", instance, name });
      if (last) {
        cursor.close();
        return index;
      }
      instance = index;
    }
  }

  /** A name in quotes with the attributes behind it. */
  externName(): ExternName {
    const { cursor } = this;
    const name = cursor.name("the name of an import or export");
    const attributes: NameAttribute[] = [];
    for (;;) {
      const kind = (["versionsuffix", "implements", "external-id"] as const).find((word) => cursor.isOpen(word));
      if (kind === undefined) break;
      // The grammar has each of them once.
      if (attributes.some((attribute) => attribute.kind === kind)) cursor.unexpected("a type", cursor.pos + 1);
      cursor.pos += 2;
      attributes.push({ kind, value: cursor.name("the value of an attribute") });
      cursor.close();
    }
    return { name, attributes, prefix: 0 };
  }
}
