import {
  I32,
  I64,
  parseGlobalType,
  parseMemoryType,
  parseTableType,
  parseTypeBody,
  parseTypeDefinition,
  parseTypeUse,
  type SubType,
  TOKEN,
} from "@wardian/runtime/internal";
import type { CoreImportType } from "../model/definitions.ts";
import {
  type CaseUse,
  type CoreTypeDefinition,
  type Declaration,
  type ExternTypeUse,
  type FunctionTypeDefinition,
  type LabelledType,
  type ModuleDeclaration,
  type PrimitiveType,
  primitiveTypes,
  type TypeDefinition,
  type ValueTypeDefinition,
  type ValueTypeUse,
} from "../model/types.ts";
import { parseAlias } from "./aliases.ts";
import type { ComponentText } from "./reader.ts";
import { type Identifier, noIdentifier, readIdentifier } from "./scope.ts";

const primitives: ReadonlySet<string> = new Set(primitiveTypes);

/** Older texts call the float types so. */
const otherNames: ReadonlyMap<string, PrimitiveType> = new Map([
  ["float32", "f32"],
  ["float64", "f64"],
]);

function takePrimitive(text: ComponentText): PrimitiveType | undefined {
  const { cursor } = text;
  if (cursor.kind() !== TOKEN.word) return undefined;
  const word = cursor.word();
  const type = primitives.has(word) ? (word as PrimitiveType) : otherNames.get(word);
  if (type !== undefined) cursor.pos++;
  return type;
}

/** A value type where it is used: one that is written out becomes a definition of its own. */
export function parseValueTypeUse(text: ComponentText): ValueTypeUse {
  const { cursor, at } = text;
  const primitive = takePrimitive(text);
  if (primitive !== undefined) return primitive;
  if (text.isIndex("type")) return text.index("type");
  if (cursor.kind() !== TOKEN.open) return cursor.unexpected("a value type");
  const type = text.nested(() => parseValueTypeDefinition(text));
  return text.scope.addType(cursor, at, type);
}

/** Whether a value type comes next. */
function isValueType(text: ComponentText): boolean {
  const { cursor } = text;
  return cursor.kind() !== TOKEN.close && !cursor.isOpen("error");
}

const optionalType = (text: ComponentText): ValueTypeUse | undefined =>
  isValueType(text) ? parseValueTypeUse(text) : undefined;

function labels(text: ComponentText): string[] {
  const { cursor } = text;
  const names: string[] = [];
  while (cursor.kind() === TOKEN.string) names.push(cursor.name());
  return names;
}

/** A value type that is written out, with its parentheses; or a primitive one. */
function parseValueTypeDefinition(text: ComponentText): ValueTypeDefinition {
  const { cursor } = text;
  const primitive = takePrimitive(text);
  if (primitive !== undefined) return { kind: "primitive", type: primitive };
  if (cursor.kind() !== TOKEN.open) return cursor.unexpected("a type");
  const word = cursor.kind(cursor.pos + 1) === TOKEN.word ? cursor.word(cursor.pos + 1) : "";
  const keyword = cursor.pos + 1;
  cursor.pos += 2;
  const type = parseConstructor(text, word, keyword);
  cursor.close();
  return type;
}

function parseConstructor(text: ComponentText, word: string, keyword: number): ValueTypeDefinition {
  const { cursor } = text;
  switch (word) {
    case "record": {
      const fields: LabelledType[] = [];
      while (cursor.takeOpen("field")) {
        fields.push({ name: cursor.name("a label"), type: parseValueTypeUse(text) });
        cursor.close();
      }
      return { kind: "record", fields };
    }
    case "variant": {
      const cases: CaseUse[] = [];
      while (cursor.takeOpen("case")) {
        cursor.optionalIdentifier();
        const name = cursor.name("a label");
        cases.push({ name, type: optionalType(text) });
        cursor.close();
      }
      return { kind: "variant", cases };
    }
    case "list": {
      const element = parseValueTypeUse(text);
      return { kind: "list", element, length: cursor.isNumber() ? cursor.u32("a length") : undefined };
    }
    case "tuple": {
      const types: ValueTypeUse[] = [];
      while (cursor.kind() !== TOKEN.close) types.push(parseValueTypeUse(text));
      return { kind: "tuple", types };
    }
    case "flags":
    case "enum":
      return { kind: word, labels: labels(text) };
    case "option":
      return { kind: "option", type: parseValueTypeUse(text) };
    case "result": {
      const ok = optionalType(text);
      let error: ValueTypeUse | undefined;
      if (cursor.takeOpen("error")) {
        error = parseValueTypeUse(text);
        cursor.close();
      }
      return { kind: "result", ok, error };
    }
    case "own":
    case "borrow":
      return { kind: word, resource: text.index("type") };
    case "stream":
    case "future":
      return { kind: word, element: optionalType(text) };
    case "map": {
      const key = parseValueTypeUse(text);
      return { kind: "map", key, value: parseValueTypeUse(text) };
    }
    default:
      return cursor.unexpected("a type such as (list", keyword);
  }
}

/** What follows the word `func`: `async? (param …)* (result …)?`. */
export function parseFunctionType(text: ComponentText): FunctionTypeDefinition {
  const { cursor } = text;
  const async = cursor.takeWord("async");
  const params: LabelledType[] = [];
  while (cursor.takeOpen("param")) {
    params.push({ name: cursor.name("the name of a parameter"), type: parseValueTypeUse(text) });
    cursor.close();
  }
  let result: ValueTypeUse | undefined;
  if (cursor.takeOpen("result")) {
    result = parseValueTypeUse(text);
    cursor.close();
  }
  return { kind: "func", async, params, result };
}

/** `(type x)`, or a function type that is written out and becomes a definition. */
export function parseFunctionTypeUse(text: ComponentText): number {
  const { cursor, at } = text;
  if (cursor.isOpen("type")) return text.index("type");
  const type = parseFunctionType(text);
  return text.scope.addType(cursor, at, type);
}

/** The type behind `(type $id?`: any that a type index may stand for. */
export function parseTypeDefinitionBody(text: ComponentText, name: string | undefined): TypeDefinition {
  const { cursor } = text;
  if (cursor.takeOpen("func")) {
    const type = parseFunctionType(text);
    cursor.close();
    return type;
  }
  for (const kind of ["component", "instance"] as const)
    if (cursor.takeOpen(kind)) {
      const type = parseDeclarations(text, kind, name);
      cursor.close();
      return type;
    }
  if (cursor.takeOpen("resource")) {
    cursor.open("rep");
    const representation = cursor.takeWord("i64")
      ? I64
      : cursor.takeWord("i32")
        ? I32
        : cursor.unexpected("i32 or i64");
    cursor.close();
    let destructor: number | undefined;
    if (cursor.takeOpen("dtor")) {
      destructor = text.index("core func");
      cursor.close();
    }
    cursor.close();
    return { kind: "resource", representation, destructor };
  }
  return text.nested(() => parseValueTypeDefinition(text));
}

/** The declarations of a component or instance type, up to its closing parenthesis. */
export function parseDeclarations(
  text: ComponentText,
  kind: "component" | "instance",
  name: string | undefined,
): Extract<TypeDefinition, { kind: "component" | "instance" }> {
  const { scope } = text.within(`${kind} type`, name, () => {
    while (text.cursor.kind() !== TOKEN.close) parseDeclaration(text, kind);
  });
  return { kind, declarations: scope.items as Declaration[] };
}

function parseDeclaration(text: ComponentText, kind: "component" | "instance"): void {
  const { cursor, scope, at } = text;
  if (text.isCore("type") || text.isCore("rec")) {
    parseCoreType(text);
    return;
  }
  if (cursor.takeOpen("type")) {
    const id = readIdentifier(cursor);
    const type = parseTypeDefinitionBody(text, id.name);
    scope.addType(cursor, at, type, id);
  } else if (cursor.takeOpen("alias")) {
    parseAlias(text, at);
  } else if (cursor.isOpen("export") || (kind === "component" && cursor.isOpen("import"))) {
    const what = cursor.isOpen("export") ? "export" : "import";
    cursor.pos += 2;
    const name = text.externName();
    const { use, id } = parseExternType(text);
    scope.add(cursor, use.sort, id, { kind: what, at, name, type: use } as Declaration);
  } else
    cursor.unexpected(`a declaration of ${kind === "component" ? "a component" : "an instance"} type`, cursor.pos + 1);
  cursor.close();
}

/** The type of an import or export in parentheses, with the identifier that it binds. */
export function parseExternType(text: ComponentText): { use: ExternTypeUse; id: Identifier } {
  const { cursor } = text;
  if (cursor.kind() !== TOKEN.open) return cursor.unexpected("a type such as (func");
  if (text.takeCore("module")) {
    const id = readIdentifier(cursor);
    const use: ExternTypeUse = { sort: "core module", type: parseModuleTypeUse(text) };
    cursor.close();
    return { use, id };
  }
  const sort = (["func", "component", "instance", "type", "value"] as const).find((word) => cursor.isOpen(word));
  if (sort === undefined) return cursor.unexpected("a type such as (func", cursor.pos + 1);
  cursor.pos += 2;
  const id = readIdentifier(cursor);
  const use = parseExternBody(text, sort);
  cursor.close();
  return { use, id };
}

/** The type of an import or export behind its sort and identifier. */
export function parseExternBody(
  text: ComponentText,
  sort: "func" | "component" | "instance" | "type" | "value",
): ExternTypeUse {
  const { cursor, at } = text;
  switch (sort) {
    case "func":
      return { sort, type: parseFunctionTypeUse(text) };
    case "component":
    case "instance": {
      if (cursor.isOpen("type") && isTypeReference(text)) return { sort, type: text.index("type") };
      const type = parseDeclarations(text, sort, undefined);
      return { sort, type: text.scope.addType(cursor, at, type) };
    }
    case "type": {
      if (cursor.takeOpen("sub")) {
        if (!cursor.takeWord("resource")) cursor.unexpected("resource");
        cursor.close();
        return { sort, bound: { kind: "sub" } };
      }
      cursor.open("eq");
      const type = parseTypeBound(text);
      cursor.close();
      return { sort, bound: { kind: "eq", type } };
    }
    case "value": {
      if (cursor.takeOpen("eq")) {
        const value = text.index("value");
        cursor.close();
        return { sort, bound: { kind: "eq", value } };
      }
      return { sort, bound: { kind: "type", type: parseValueTypeUse(text) } };
    }
  }
}

/** The type that an `eq` bound names, or writes out. */
function parseTypeBound(text: ComponentText): number {
  const { cursor, at } = text;
  if (text.isIndex("type")) return text.index("type");
  const type = parseTypeDefinitionBody(text, undefined);
  return text.scope.addType(cursor, at, type);
}

/** Whether `(type` at the cursor refers to a type: `(type index)`, where a declaration has a definition behind it. */
function isTypeReference(text: ComponentText): boolean {
  const { cursor } = text;
  const { pos } = cursor;
  const kind = cursor.kind(pos + 2);
  if (kind !== TOKEN.identifier && kind !== TOKEN.number) return false;
  const next = cursor.kind(pos + 3);
  return next === TOKEN.close || next === TOKEN.string;
}

/** `(core type …)` or `(core rec …)`. */
export function parseCoreType(text: ComponentText): void {
  const { cursor, scope, at } = text;
  cursor.pos += 2;
  if (cursor.isWord("rec")) {
    cursor.pos++;
    scope.addCoreType(at, parseRecursionGroup(text));
    return;
  }
  cursor.pos++;
  const begin = cursor.pos;
  const id = readIdentifier(cursor);
  if (cursor.takeOpen("module")) {
    const declarations = parseModuleDeclarations(text, id.name);
    cursor.close();
    cursor.close();
    scope.bind(cursor, "core type", id);
    scope.placeCoreType(undefined);
    scope.addCoreType(at, { kind: "module", declarations });
    return;
  }
  scope.bind(cursor, "core type", id);
  cursor.pos = begin;
  const start = scope.core.types.length;
  parseTypeBody(scope.core, start, 1);
  scope.addCoreType(at, { kind: "group", types: scope.core.types.slice(start), explicit: false });
}

/** The types of a recursion group, up to its closing parenthesis, which is read too. */
function parseRecursionGroup(text: ComponentText): Extract<CoreTypeDefinition, { kind: "group" }> {
  const { cursor, scope } = text;
  const begin = cursor.pos;
  let size = 0;
  for (; cursor.isOpen("type"); size++) {
    const end = cursor.skipParenthesized(cursor.pos);
    cursor.pos += 2;
    scope.bind(cursor, "core type", readIdentifier(cursor));
    cursor.pos = end;
  }
  cursor.pos = begin;
  const start = scope.core.types.length;
  for (let i = 0; i < size; i++) parseTypeDefinition(scope.core, start, size);
  cursor.close();
  return { kind: "group", types: scope.core.types.slice(start), explicit: true };
}

/** `(type x)`, or declarations of a module type that becomes a definition. */
export function parseModuleTypeUse(text: ComponentText): number {
  const { cursor, scope, at } = text;
  if (cursor.isOpen("type") && isTypeReference(text)) {
    cursor.pos += 2;
    return text.indexBehind("core type");
  }
  const declarations = parseModuleDeclarations(text, undefined);
  const index = scope.bind(cursor, "core type", noIdentifier);
  scope.placeCoreType(undefined);
  scope.addCoreType(at, { kind: "module", declarations });
  return index;
}

/** The declarations of a module type, up to its closing parenthesis. */
function parseModuleDeclarations(text: ComponentText, name: string | undefined): ModuleDeclaration[] {
  const declarations: ModuleDeclaration[] = [];
  text.within("module type", name, () => {
    const { cursor, scope } = text;
    let items = 0;
    while (cursor.kind() !== TOKEN.close) {
      const { at } = text;
      const before = scope.core.types.length;
      const declaration = parseModuleDeclaration(text, at);
      // Aliases that identifiers made, then the types that signatures made: a declaration uses both.
      for (; items < scope.items.length; items++) declarations.push(aliasDeclaration(scope.items[items]));
      if (declaration?.kind !== "type")
        for (const type of scope.core.types.slice(before)) addSignature(text, declarations, at, type);
      if (declaration !== undefined) declarations.push(declaration);
    }
  });
  return declarations;
}

/** A function type that was written out in an import or export of a module type. */
function addSignature(text: ComponentText, declarations: ModuleDeclaration[], at: number, type: SubType): void {
  // A size of zero marks a type that is an alias here.
  if (type.groupSize === 0) return;
  text.scope.bind(text.cursor, "core type", noIdentifier);
  declarations.push({ kind: "type", at, type: { kind: "group", types: [type], explicit: false } });
}

function aliasDeclaration(item: { readonly kind: string; readonly at: number }): ModuleDeclaration {
  const { at, alias } = item as Extract<Declaration, { kind: "alias" }>;
  if (alias.target !== "outer") throw new TypeError("a module type has outer aliases alone");
  return { kind: "alias", at, count: alias.count, index: alias.index };
}

function parseModuleDeclaration(text: ComponentText, at: number): ModuleDeclaration | undefined {
  const { cursor, scope } = text;
  if (cursor.takeOpen("rec")) return { kind: "type", at, type: parseRecursionGroup(text) };
  if (cursor.takeOpen("type")) {
    const begin = cursor.pos;
    scope.bind(cursor, "core type", readIdentifier(cursor));
    if (cursor.isOpen("module")) cursor.unexpected("a type that is not of modules", cursor.pos + 1);
    cursor.pos = begin;
    const start = scope.core.types.length;
    parseTypeBody(scope.core, start, 1);
    return { kind: "type", at, type: { kind: "group", types: scope.core.types.slice(start), explicit: false } };
  }
  if (cursor.takeOpen("alias")) {
    if (!cursor.takeWord("outer")) cursor.unexpected("outer");
    parseOuterCoreType(text, at);
    cursor.close();
    return undefined;
  }
  if (cursor.takeOpen("import")) {
    const module = cursor.name("the name of a module");
    const name = cursor.name("the name of an import");
    const type = parseCoreExtern(text);
    cursor.close();
    return { kind: "import", at, module, name, type };
  }
  if (cursor.takeOpen("export")) {
    const name = cursor.name("the name of an export");
    const type = parseCoreExtern(text);
    cursor.close();
    return { kind: "export", at, name, type };
  }
  return cursor.unexpected("a declaration of a module type");
}

/** Behind `(alias outer`: the scope, the index and `(type $id?)`. */
function parseOuterCoreType(text: ComponentText, at: number): void {
  const { cursor, scope } = text;
  const { count, target } = parseOuterScope(text);
  const index = parseOuterIndex(text, target, "core type");
  cursor.open("type");
  const id = readIdentifier(cursor);
  cursor.close();
  scope.aliasOuter(cursor, at, "core type", count, index, id, target);
}

/** The scope that an outer alias names: a number of scopes, or the identifier of one. */
export function parseOuterScope(text: ComponentText): { count: number; target: TextScopeOrNone } {
  const { cursor, scope } = text;
  if (cursor.kind() !== TOKEN.identifier) {
    const count = cursor.u32("a number of scopes");
    return { count, target: scope.outer(count) };
  }
  const name = cursor.identifierName();
  let count = 0;
  for (let at: TextScopeOrNone = scope; at !== undefined; at = at.parent, count++)
    if (at.name === name) {
      cursor.pos++;
      return { count, target: at };
    }
  return cursor.fail(`unknown outer scope $${name}: no component or type is called so`);
}

type TextScopeOrNone = ComponentText["scope"] | undefined;

/** An index in an enclosing scope. */
export function parseOuterIndex(
  text: ComponentText,
  target: TextScopeOrNone,
  sort: Parameters<ComponentText["index"]>[0],
): number {
  const { cursor } = text;
  if (cursor.kind() !== TOKEN.identifier) return cursor.u32(`an index of a ${sort}`);
  const index = target?.space(sort).names.get(cursor.identifierName());
  if (index === undefined) return cursor.fail(`unknown ${sort} $${cursor.identifierName()}`);
  cursor.pos++;
  return index;
}

/** The type of an import or export of a core module. Its identifier is not used for anything. */
function parseCoreExtern(text: ComponentText): CoreImportType {
  const { cursor, scope } = text;
  const kind = (["func", "table", "memory", "global", "tag"] as const).find((word) => cursor.isOpen(word));
  if (kind === undefined) return cursor.unexpected("(func, (table, (memory, (global or (tag");
  cursor.pos += 2;
  cursor.optionalIdentifier();
  const type = ((): CoreImportType => {
    switch (kind) {
      case "func":
      case "tag":
        return { kind, type: parseTypeUse(scope.core, true).index };
      case "table":
        return { kind, type: parseTableType(scope.core) };
      case "memory":
        return { kind, type: parseMemoryType(scope.core) };
      case "global":
        return { kind, type: parseGlobalType(scope.core) };
    }
  })();
  cursor.close();
  return type;
}
