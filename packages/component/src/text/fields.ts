import {
  allFeatures,
  concatenate,
  decodeModule,
  decodeString,
  type ErrorPlace,
  encodeModule,
  parseFields,
  type SourcePosition,
  TOKEN,
} from "@wardian/runtime/internal";
import type { Component, Definition } from "../model/definitions.ts";
import type { ExternName } from "../model/extern-name.ts";
import { coreSorts, type Sort } from "../model/sorts.ts";
import type { ExternTypeUse } from "../model/types.ts";
import { parseAlias, parseInlineAlias } from "./aliases.ts";
import { parseCanon, parseInlineCore, parseInlineLift } from "./canon.ts";
import { parseCoreInstance, parseInstance } from "./instances.ts";
import { nameSection } from "./name-section.ts";
import type { ComponentText } from "./reader.ts";
import { type Identifier, noIdentifier, readIdentifier, type TextScope } from "./scope.ts";
import {
  parseCoreType,
  parseExternBody,
  parseExternType,
  parseFunctionTypeUse,
  parseModuleTypeUse,
  parseTypeDefinitionBody,
} from "./types.ts";

/** The fields of a component, up to its closing parenthesis or the end of the text. */
export function parseComponentFields(text: ComponentText): void {
  const { cursor } = text;
  for (;;) {
    for (const { name, bytes } of cursor.annotations.takeCustom(cursor.pos))
      text.scope.items.push({ kind: "custom", at: text.at, name, bytes });
    if (cursor.kind() === TOKEN.close || cursor.kind() === TOKEN.end) return;
    parseField(text);
  }
}

/** A component that was read, with its names as a section. */
export function finishComponent(scope: TextScope, name: string | undefined): Component {
  const definitions = scope.items as Definition[];
  const names = nameSection(name, scope.labels);
  if (names !== undefined && !definitions.some((item) => item.kind === "custom" && item.name === names.name))
    definitions.push({ kind: "custom", at: 0, ...names });
  return { definitions, sections: undefined };
}

function parseField(text: ComponentText): void {
  const { cursor, at } = text;
  if (cursor.kind() !== TOKEN.open) cursor.unexpected("a definition or the end of the component");
  if (cursor.isOpen("core")) {
    parseCoreField(text, at);
    return;
  }
  const token = cursor.pos + 1;
  const word = cursor.kind(token) === TOKEN.word ? cursor.word(token) : "";
  cursor.pos += 2;
  switch (word) {
    case "component":
      parseNestedComponent(text, at);
      break;
    case "instance":
      parseInstanceField(text, at);
      break;
    case "alias":
      parseAlias(text, at);
      break;
    case "type":
      parseTypeField(text, at);
      break;
    case "canon":
      parseCanon(text, at);
      break;
    case "func":
      parseFuncField(text, at);
      break;
    case "import": {
      const name = text.externName();
      const { use, id } = parseExternType(text);
      addImport(text, at, name, use, id);
      break;
    }
    case "export":
      parseExport(text, at);
      break;
    case "start":
      parseStart(text, at);
      break;
    case "value":
      parseInlineOnly(text, at, "value");
      break;
    default:
      cursor.unexpected("a definition such as (func", token);
  }
  cursor.close();
}

function addImport(text: ComponentText, at: number, name: ExternName, type: ExternTypeUse, id: Identifier): number {
  return text.scope.add(text.cursor, type.sort, id, { kind: "import", at, name, type });
}

/** `(export "name")` behind an identifier, any number of times. */
function parseInlineExports(text: ComponentText): ExternName[] {
  const { cursor } = text;
  const names: ExternName[] = [];
  while (isInline(text, "export")) {
    cursor.pos += 2;
    names.push(text.externName());
    cursor.close();
  }
  return names;
}

/** Whether `(word "name" attribute*)` comes next, with nothing else in it. */
function isInline(text: ComponentText, word: string): boolean {
  const { cursor } = text;
  const { pos } = cursor;
  if (!cursor.isOpen(word) || cursor.kind(pos + 2) !== TOKEN.string) return false;
  let at = pos + 3;
  while (["versionsuffix", "implements", "external-id"].some((attribute) => cursor.isOpen(attribute, at)))
    at = cursor.skipParenthesized(at);
  return cursor.kind(at) === TOKEN.close;
}

/** `(import "name")` behind an identifier. */
function takeInlineImport(text: ComponentText): ExternName | undefined {
  const { cursor } = text;
  if (!isInline(text, "import")) return undefined;
  cursor.pos += 2;
  const name = text.externName();
  cursor.close();
  return name;
}

function addExports(text: ComponentText, at: number, names: readonly ExternName[], sort: Sort, index: number): void {
  for (const name of names)
    text.scope.add(text.cursor, sort, noIdentifier, {
      kind: "export",
      at,
      name,
      value: { sort, index },
      type: undefined,
    });
}

/** The index that the last definition of a sort has. */
const lastOf = (text: ComponentText, sort: Sort): number => text.scope.space(sort).count - 1;

function parseCoreField(text: ComponentText, at: number): void {
  const { cursor, scope } = text;
  if (text.isCore("type") || text.isCore("rec")) {
    parseCoreType(text);
    return;
  }
  const token = cursor.pos + 2;
  cursor.pos += 3;
  if (cursor.isWord("module", token)) parseCoreModule(text, at);
  else if (cursor.isWord("instance", token)) {
    const id = readIdentifier(cursor);
    if (cursor.isOpen("alias")) parseInlineAlias(text, at, "core instance", id);
    else scope.add(cursor, "core instance", id, parseCoreInstance(text, at));
  } else if (cursor.isWord("func", token)) {
    const id = readIdentifier(cursor);
    if (cursor.isOpen("alias")) parseInlineAlias(text, at, "core func", id);
    else parseInlineCore(text, at, id);
  } else {
    const sort = coreSorts.find((word) => cursor.isWord(word, token));
    if (sort === undefined) throw cursor.unexpected("module, instance, type or func", token);
    const id = readIdentifier(cursor);
    parseInlineAlias(text, at, `core ${sort}`, id);
  }
  cursor.close();
}

function parseCoreModule(text: ComponentText, at: number): void {
  const { cursor, scope } = text;
  const begin = cursor.pos;
  const id = readIdentifier(cursor);
  const exports = parseInlineExports(text);
  const imported = takeInlineImport(text);
  if (imported !== undefined) {
    addImport(text, at, imported, { sort: "core module", type: parseModuleTypeUse(text) }, id);
  } else if (cursor.isOpen("alias")) {
    parseInlineAlias(text, at, "core module", id);
  } else {
    if (exports.length === 0) cursor.pos = begin;
    scope.add(cursor, "core module", id, parseModuleDefinition(text, at));
  }
  addExports(text, at, exports, "core module", lastOf(text, "core module"));
}

/** The module itself: text, or `binary` with its bytes as strings. */
function parseModuleDefinition(text: ComponentText, at: number): Definition {
  const { cursor, features } = text;
  const named = cursor.kind() === TOKEN.identifier ? cursor.pos + 1 : cursor.pos;
  if (cursor.isWord("binary", named)) {
    cursor.pos = named + 1;
    const pieces: Uint8Array[] = [];
    for (; cursor.kind() === TOKEN.string; cursor.pos++) {
      const { starts, ends } = cursor.tokens;
      pieces.push(decodeString(cursor.text, starts[cursor.pos], ends[cursor.pos]));
    }
    return { kind: "core module", at, bytes: concatenate(pieces), locate: () => cursor.source.positionAt(at) };
  }
  const parsed = parseFields(cursor, features, true);
  const bytes = encodeModule(parsed.module);
  const locate = (place: ErrorPlace): SourcePosition => {
    const decoded = decodeModule(bytes, allFeatures);
    const instruction = place.offset === undefined ? undefined : parsed.positionOf(decoded, place.offset);
    return instruction ?? parsed.declarationOf(place) ?? cursor.source.positionAt(at);
  };
  return { kind: "core module", at, bytes, locate };
}

function parseNestedComponent(text: ComponentText, at: number): void {
  const { cursor, scope } = text;
  const id = readIdentifier(cursor);
  const exports = parseInlineExports(text);
  const imported = takeInlineImport(text);
  if (imported !== undefined) addImport(text, at, imported, parseExternBody(text, "component"), id);
  else if (cursor.isOpen("alias") && isInlineAlias(text)) parseInlineAlias(text, at, "component", id);
  else {
    const inner = text.within("component", id.name, () => parseComponentFields(text));
    const component = finishComponent(inner.scope, id.label ?? id.name);
    scope.add(cursor, "component", id, { kind: "component", at, component });
  }
  addExports(text, at, exports, "component", lastOf(text, "component"));
}

/** Whether the alias at the cursor has no sort behind its target, and so is what the definition before it stands for. */
function isInlineAlias(text: ComponentText): boolean {
  const { cursor } = text;
  const end = cursor.skipParenthesized(cursor.pos);
  return cursor.kind(end) === TOKEN.close && cursor.kind(end - 2) !== TOKEN.close;
}

function parseInstanceField(text: ComponentText, at: number): void {
  const { cursor, scope } = text;
  const id = readIdentifier(cursor);
  const exports = parseInlineExports(text);
  const imported = takeInlineImport(text);
  if (imported !== undefined) addImport(text, at, imported, parseExternBody(text, "instance"), id);
  else if (cursor.isOpen("alias")) parseInlineAlias(text, at, "instance", id);
  else scope.add(cursor, "instance", id, parseInstance(text, at));
  addExports(text, at, exports, "instance", lastOf(text, "instance"));
}

function parseTypeField(text: ComponentText, at: number): void {
  const { cursor, scope } = text;
  const id = readIdentifier(cursor);
  const exports = parseInlineExports(text);
  const imported = takeInlineImport(text);
  if (imported !== undefined) addImport(text, at, imported, parseExternBody(text, "type"), id);
  else if (cursor.isOpen("alias")) parseInlineAlias(text, at, "type", id);
  else {
    const type = parseTypeDefinitionBody(text, id.name);
    scope.addType(cursor, at, type, id);
  }
  addExports(text, at, exports, "type", lastOf(text, "type"));
}

function parseFuncField(text: ComponentText, at: number): void {
  const { cursor } = text;
  const id = readIdentifier(cursor);
  const exports = parseInlineExports(text);
  const imported = takeInlineImport(text);
  if (imported !== undefined) addImport(text, at, imported, parseExternBody(text, "func"), id);
  else if (cursor.isOpen("alias")) parseInlineAlias(text, at, "func", id);
  else parseInlineLift(text, at, id, parseFunctionTypeUse(text));
  addExports(text, at, exports, "func", lastOf(text, "func"));
}

/** A definition of a sort that only an import or alias makes. */
function parseInlineOnly(text: ComponentText, at: number, sort: "value"): void {
  const { cursor } = text;
  const id = readIdentifier(cursor);
  const imported = takeInlineImport(text);
  if (imported !== undefined) addImport(text, at, imported, parseExternBody(text, sort), id);
  else parseInlineAlias(text, at, sort, id);
}

function parseExport(text: ComponentText, at: number): void {
  const { cursor, scope } = text;
  const id = readIdentifier(cursor);
  const name = text.externName();
  const value = text.sortIndex();
  let type: ExternTypeUse | undefined;
  if (cursor.kind() === TOKEN.open) {
    const ascribed = parseExternType(text);
    if (ascribed.id.name !== undefined) cursor.unexpected("a type without an identifier", ascribed.id.at);
    type = ascribed.use;
  }
  scope.add(cursor, value.sort, id, { kind: "export", at, name, value, type });
}

/** `(start $f (value $v)* (result (value $id?))*)`. */
function parseStart(text: ComponentText, at: number): void {
  const { cursor, scope } = text;
  const func = text.index("func");
  const args: number[] = [];
  while (cursor.isOpen("value")) args.push(text.index("value"));
  const results: Identifier[] = [];
  while (cursor.takeOpen("result")) {
    cursor.open("value");
    results.push(readIdentifier(cursor));
    cursor.close();
    cursor.close();
  }
  scope.items.push({ kind: "start", at, func, args, results: results.length });
  for (const id of results) scope.bind(cursor, "value", id);
}
