import { I32, I64, TOKEN } from "@wardian/runtime/internal";
import { type BuiltinName, builtinOf, builtins } from "../model/builtins.ts";
import type { BuiltinImmediates, CanonicalOption } from "../model/definitions.ts";
import type { ComponentText } from "./reader.ts";
import { type Identifier, readIdentifier } from "./scope.ts";
import { parseExternType, parseValueTypeUse } from "./types.ts";

/** Canonical options, as many as there are. */
function parseOptions(text: ComponentText): CanonicalOption[] {
  const { cursor } = text;
  const options: CanonicalOption[] = [];
  for (;;) {
    if (cursor.takeWord("string-encoding=utf8")) options.push({ kind: "string-encoding", encoding: "utf8" });
    else if (cursor.takeWord("string-encoding=utf16")) options.push({ kind: "string-encoding", encoding: "utf16" });
    else if (cursor.takeWord("string-encoding=latin1+utf16"))
      options.push({ kind: "string-encoding", encoding: "latin1+utf16" });
    else if (cursor.takeWord("async")) options.push({ kind: "async" });
    else {
      const kind = (["memory", "realloc", "post-return", "callback"] as const).find((word) => cursor.isOpen(word));
      if (kind === undefined) return options;
      cursor.pos += 2;
      options.push({ kind, index: text.index(kind === "memory" ? "core memory" : "core func") });
      cursor.close();
    }
  }
}

/** `(canon …)` by itself: what it defines stands at its end. */
export function parseCanon(text: ComponentText, at: number): void {
  const { cursor, scope } = text;
  if (cursor.takeWord("lift")) {
    const core = text.index("core func");
    const options = parseOptions(text);
    const token = cursor.pos;
    const { use, id } = parseExternType(text);
    if (use.sort !== "func") throw cursor.unexpected("(func", token + 1);
    scope.add(cursor, "func", id, { kind: "lift", at, core, options, type: use.type });
    return;
  }
  const define = parseCoreDefinition(text, at);
  if (!text.takeCore("func")) cursor.unexpected("(core func");
  const id = readIdentifier(cursor);
  cursor.close();
  define(id);
}

/** `(canon lift …)` behind a function and its type. */
export function parseInlineLift(text: ComponentText, at: number, id: Identifier, type: number): void {
  const { cursor, scope } = text;
  cursor.open("canon");
  if (!cursor.takeWord("lift")) cursor.unexpected("lift");
  const core = text.index("core func");
  const options = parseOptions(text);
  cursor.close();
  scope.add(cursor, "func", id, { kind: "lift", at, core, options, type });
}

/** `(canon …)` behind `(core func $id?`. */
export function parseInlineCore(text: ComponentText, at: number, id: Identifier): void {
  const { cursor } = text;
  cursor.open("canon");
  const define = parseCoreDefinition(text, at);
  cursor.close();
  define(id);
}

/** A canonical definition that makes a core function, without what stands around it. */
function parseCoreDefinition(text: ComponentText, at: number): (id: Identifier) => void {
  const { cursor, scope } = text;
  if (cursor.takeWord("lower")) {
    const func = text.index("func");
    const options = parseOptions(text);
    return (id) => scope.add(cursor, "core func", id, { kind: "lower", at, func, options });
  }
  const word = cursor.kind() === TOKEN.word ? cursor.word() : "";
  if (!Object.hasOwn(builtins, word)) return cursor.unexpected("lift, lower or a built-in");
  cursor.pos++;
  const name = word as BuiltinName;
  const immediates = parseImmediates(text, name);
  return (id) => scope.add(cursor, "core func", id, { kind: "builtin", at, name, immediates });
}

function parseImmediates(text: ComponentText, name: BuiltinName): BuiltinImmediates {
  const { cursor } = text;
  const immediates: { -readonly [K in keyof BuiltinImmediates]: BuiltinImmediates[K] } = {};
  for (const immediate of builtinOf(name).immediates)
    switch (immediate) {
      case "type":
        immediates.type = text.index("type");
        break;
      case "result":
        immediates.result = undefined;
        if (cursor.takeOpen("result")) {
          immediates.result = parseValueTypeUse(text);
          cursor.close();
        }
        break;
      case "options":
        immediates.options = parseOptions(text);
        break;
      case "async":
      case "cancellable":
      case "shared":
        immediates[immediate] = cursor.takeWord(immediate);
        break;
      case "memory":
        cursor.open("memory");
        immediates.memory = text.index("core memory");
        cursor.close();
        break;
      case "valueType":
        immediates.valueType = cursor.takeWord("i64") ? I64 : cursor.takeWord("i32") ? I32 : cursor.unexpected("i32");
        break;
      case "slot":
        immediates.slot = cursor.u32("the number of a slot");
        break;
      case "coreType":
        immediates.coreType = text.index("core type");
        break;
      case "table":
        immediates.table = text.index("core table");
    }
  return immediates;
}
