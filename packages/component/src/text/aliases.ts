import type { CoreSort, Sort } from "../model/sorts.ts";
import type { ComponentText } from "./reader.ts";
import { type Identifier, readIdentifier } from "./scope.ts";
import { parseOuterIndex, parseOuterScope } from "./types.ts";

/** What follows `(alias`, up to its closing parenthesis: the target, then the sort with its identifier. */
export function parseAlias(text: ComponentText, at: number): void {
  const { cursor } = text;
  const target = parseTarget(text, undefined);
  cursor.pos++;
  const sort = text.sort();
  const id = readIdentifier(cursor);
  cursor.close();
  target(sort, id, at);
}

/** `(alias …)` behind a sort and its identifier: the target alone. */
export function parseInlineAlias(text: ComponentText, at: number, sort: Sort, id: Identifier): void {
  const { cursor } = text;
  cursor.open("alias");
  const target = parseTarget(text, sort);
  cursor.close();
  target(sort, id, at);
}

type Target = (sort: Sort, id: Identifier, at: number) => void;

/** The target of an alias. @param known its sort, where that stands before it */
function parseTarget(text: ComponentText, known: Sort | undefined): Target {
  const { cursor, scope } = text;
  if (cursor.takeWord("export")) {
    const instance = text.index("instance");
    const name = cursor.name("the name of an export");
    return (sort, id, at) => scope.addAlias(cursor, at, { target: "export", sort, instance, name }, id);
  }
  if (cursor.takeWord("core")) {
    if (!cursor.takeWord("export")) cursor.unexpected("export");
    const instance = text.index("core instance");
    const name = cursor.name("the name of an export");
    return (sort, id, at) => {
      if (!sort.startsWith("core ")) cursor.fail("unexpected token: a core instance exports core definitions alone");
      scope.addAlias(cursor, at, { target: "core export", sort: sort.slice(5) as CoreSort, instance, name }, id);
    };
  }
  if (!cursor.takeWord("outer")) cursor.unexpected("export, core export or outer");
  const { count, target } = parseOuterScope(text);
  const begin = cursor.pos;
  const sort = known ?? peekSort(text);
  cursor.pos = begin;
  const index = parseOuterIndex(text, target, sort);
  return (found, id, at) => scope.aliasOuter(cursor, at, found, count, index, id, target);
}

/** The sort that stands behind the index of an outer alias, which says where the index is looked for. */
function peekSort(text: ComponentText): Sort {
  const { cursor } = text;
  if (!cursor.isIndex()) cursor.unexpected("an index");
  cursor.pos++;
  if (cursor.kind() !== 1) cursor.unexpected("a sort in parentheses");
  cursor.pos++;
  return text.sort();
}
