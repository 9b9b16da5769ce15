import { writeValueType } from "../binary/type-writer.ts";
import { Writer } from "../binary/writer.ts";
import { type Expression, type ExternKind, type LocalRun, SECTION } from "../wasm/module.ts";
import * as OP from "../wasm/opcodes.ts";
import { I64, type ValueType } from "../wasm/types.ts";
import type { CodeParser } from "./code.ts";
import { IndexSpace, type ModuleContext } from "./context.ts";
import { TOKEN } from "./lexer.ts";
import { setIndirect } from "./names.ts";
import { parseDataSegment, parseElementSegment, parseInlineElements, parseStrings } from "./segments.ts";
import {
  type NamedIndex,
  parseAddressType,
  parseDeclarations,
  parseGlobalType,
  parseMemoryType,
  parsePageSize,
  parseReferenceType,
  parseTableType,
  parseTypeDefinition,
  parseTypeUse,
  type TypeUse,
} from "./types.ts";

const externKinds: readonly ExternKind[] = ["func", "table", "memory", "global", "tag"];

function externKindAt(context: ModuleContext, at: number): ExternKind | undefined {
  return externKinds.find((kind) => context.cursor.isWord(kind, at));
}

/**
 * Walks over the fields from the cursor to the end of the module, once before they are read: gives every definition its index and notes its
 * identifier, since a field may name one that comes later. Types are read whole, since what follows depends on them.
 */
export function registerFields(context: ModuleContext): void {
  const { cursor } = context;
  const begin = cursor.pos;
  while (cursor.kind() === TOKEN.open) {
    const at = cursor.pos;
    const end = cursor.skipParenthesized(at);
    cursor.pos = at + 2;
    registerField(context, at, end);
    cursor.pos = end;
  }
  cursor.pos = begin;
  while (cursor.kind() === TOKEN.open) {
    if (cursor.isOpen("type") || cursor.isOpen("rec")) parseTypeGroup(context);
    else cursor.pos = cursor.skipParenthesized(cursor.pos);
  }
  cursor.pos = begin;
}

function registerField(context: ModuleContext, at: number, end: number): void {
  const { cursor } = context;
  if (cursor.isOpen("type", at)) {
    context.typeSpace.define(cursor);
  } else if (cursor.isOpen("rec", at)) {
    while (cursor.isOpen("type")) {
      const next = cursor.skipParenthesized(cursor.pos);
      cursor.pos += 2;
      context.typeSpace.define(cursor);
      cursor.pos = next;
    }
  } else if (cursor.isOpen("import", at)) {
    // (import "module" "name" (kind $id? …
    const kind = externKindAt(context, at + 5);
    if (kind === undefined) return;
    cursor.pos = at + 6;
    context.space(kind).define(cursor);
  } else if (cursor.isOpen("elem", at)) {
    context.elementSpace.define(cursor);
  } else if (cursor.isOpen("data", at)) {
    context.dataSpace.define(cursor);
  } else {
    const kind = externKindAt(context, at + 1);
    if (kind === undefined) return;
    context.space(kind).define(cursor);
    if (kind === "table" && hasChild(context, end, "elem")) context.elementSpace.count++;
    if (kind === "memory" && hasChild(context, end, "data")) context.dataSpace.count++;
  }
}

/** Whether between the cursor and `end`, where the field ends, a `(word …)` stands that is not within other parentheses. */
function hasChild(context: ModuleContext, end: number, word: string): boolean {
  const { cursor } = context;
  for (let at = cursor.pos; at < end - 1; at = cursor.kind(at) === TOKEN.open ? cursor.skipParenthesized(at) : at + 1)
    if (cursor.isOpen(word, at)) return true;
  return false;
}

/** `(type …)` or `(rec (type …)*)`. */
function parseTypeGroup(context: ModuleContext): void {
  const { cursor, types } = context;
  const start = types.length;
  if (!cursor.takeOpen("rec")) {
    parseTypeDefinition(context, start, 1);
    return;
  }
  let size = 0;
  for (let at = cursor.pos; cursor.isOpen("type", at); at = cursor.skipParenthesized(at)) size++;
  for (let i = 0; i < size; i++) parseTypeDefinition(context, start, size);
  cursor.close();
}

/** Reads one field. The cursor stands at its parenthesis. */
export function parseField(context: ModuleContext, code: CodeParser): void {
  const { cursor } = context;
  const at = cursor.pos;
  if (cursor.kind(at) !== TOKEN.open) cursor.unexpected("a module field or the end of the module", at);
  if (cursor.isOpen("type") || cursor.isOpen("rec")) {
    cursor.pos = cursor.skipParenthesized(at);
    return;
  }
  context.field = at;
  cursor.pos += 2;
  const word = cursor.kind(at + 1) === TOKEN.word ? cursor.word(at + 1) : "";
  switch (word) {
    case "import":
      parseImport(context);
      break;
    case "func":
      parseFunction(context, code);
      break;
    case "table":
      parseTable(context, code);
      break;
    case "memory":
      parseMemory(context);
      break;
    case "global":
      parseGlobal(context, code);
      break;
    case "tag":
      parseTag(context);
      break;
    case "export":
      parseExport(context);
      break;
    case "start":
      parseStart(context, at);
      break;
    case "elem":
      parseElementSegment(context, code);
      break;
    case "data":
      parseDataSegment(context, code);
      break;
    default:
      cursor.unexpected("a module field such as (func", at + 1);
  }
}

/** `(func`, `(table`, `(memory`, `(global` or `(tag`. */
function openExtern(context: ModuleContext): ExternKind {
  const { cursor } = context;
  const kind = cursor.kind() === TOKEN.open ? externKindAt(context, cursor.pos + 1) : undefined;
  if (kind !== undefined) cursor.pos += 2;
  return kind ?? cursor.unexpected("(func, (table, (memory, (global or (tag");
}

/** The number of things of a kind so far: the index of the next one. */
function countOf(context: ModuleContext, kind: ExternKind): number {
  switch (kind) {
    case "func":
      return context.functions.length;
    case "table":
      return context.tables.length;
    case "memory":
      return context.memories.length;
    case "global":
      return context.globals.length;
    case "tag":
      return context.tags.length;
  }
}

/** Adds an import, of which there may be none behind any definition. */
function addImport(context: ModuleContext, module: string, name: string, kind: ExternKind, at: number): number {
  const counts = context.importCounts;
  for (const other of externKinds) {
    if (countOf(context, other) > counts[other]) context.cursor.fail(`import after ${context.space(other).noun}`, at);
  }
  const index = counts[kind]++;
  context.noteEntry(SECTION.import);
  context.imports.push({ module, name, kind, index });
  return index;
}

/** `(import "module" "name" (kind …))`. */
function parseImport(context: ModuleContext): void {
  const { cursor } = context;
  const at = cursor.pos - 2;
  const module = cursor.name("the name of a module");
  const name = cursor.name("the name of an import");
  const kind = openExtern(context);
  noteIdentifier(context, kind);
  addImport(context, module, name, kind, at);
  parseImportedType(context, kind);
  cursor.close();
  cursor.close();
}

/** The identifier or name annotation of the next thing of a kind. */
function noteIdentifier(context: ModuleContext, kind: ExternKind): void {
  const { names, cursor } = context;
  const map = {
    func: names.functions,
    table: names.tables,
    memory: names.memories,
    global: names.globals,
    tag: names.tags,
  }[kind];
  context.noteName(map, countOf(context, kind), cursor.optionalIdentifier());
}

/** What an imported thing must be. */
function parseImportedType(context: ModuleContext, kind: ExternKind): void {
  switch (kind) {
    case "func": {
      const index = context.functions.length;
      const use = parseTypeUse(context, true);
      defineParameters(context, index, use, new IndexSpace("local"));
      context.functions.push(use.index);
      break;
    }
    case "table":
      context.tables.push({ type: parseTableType(context), init: undefined });
      break;
    case "memory":
      context.memories.push(parseMemoryType(context));
      break;
    case "global":
      context.globals.push({ type: parseGlobalType(context), init: undefined });
      break;
    case "tag":
      context.tags.push(parseTypeUse(context, true).index);
      break;
  }
}

/** `(export "name")*` and `(import "module" "name")?` within a definition; whether it is an import, which is then read to its end. */
function parseInlineExterns(context: ModuleContext, kind: ExternKind): boolean {
  const { cursor } = context;
  const at = cursor.pos;
  noteIdentifier(context, kind);
  for (let token = cursor.pos; cursor.takeOpen("export"); token = cursor.pos) {
    context.noteEntry(SECTION.export, token);
    context.exports.push({ name: cursor.name("the name of an export"), kind, index: countOf(context, kind) });
    cursor.close();
  }
  if (!cursor.takeOpen("import")) return false;
  const module = cursor.name("the name of a module");
  const name = cursor.name("the name of an import");
  cursor.close();
  addImport(context, module, name, kind, at);
  parseImportedType(context, kind);
  cursor.close();
  return true;
}

/** Gives parameters their identifiers, as locals and in the name section. */
function defineParameters(context: ModuleContext, index: number, use: TypeUse, locals: IndexSpace): void {
  const composite = context.types[use.index]?.composite;
  locals.count = composite?.kind === "func" ? composite.params.length : use.params.length;
  defineLocals(context, index, use.names, use.annotated, locals);
}

function defineLocals(
  context: ModuleContext,
  functionIndex: number,
  named: readonly NamedIndex[],
  annotated: readonly NamedIndex[],
  locals: IndexSpace,
): void {
  for (const [local, name, token] of named) {
    if (locals.names.has(name)) context.cursor.fail(`duplicate local $${name}`, token);
    locals.names.set(name, local);
    setIndirect(context.names.locals, functionIndex, local, name);
  }
  for (const [local, name] of annotated) setIndirect(context.names.locals, functionIndex, local, name);
}

/** `(func $id? … type use, locals, instructions)`. */
function parseFunction(context: ModuleContext, code: CodeParser): void {
  const { cursor } = context;
  const index = context.functions.length;
  if (parseInlineExterns(context, "func")) return;
  const use = parseTypeUse(context, true);
  context.noteEntry(SECTION.function);
  context.functions.push(use.index);
  const locals = new IndexSpace("local");
  defineParameters(context, index, use, locals);
  const types: ValueType[] = [];
  const named: NamedIndex[] = [];
  const annotated: NamedIndex[] = [];
  parseDeclarations(context, "local", types, named, annotated);
  const first = locals.count;
  const shift = ([local, name, token]: NamedIndex): NamedIndex => [first + local, name, token];
  defineLocals(context, index, named.map(shift), annotated.map(shift), locals);
  const runs = localRuns(types);
  const { code: body, hints } = code.functionBody(index, locals);
  cursor.close();
  context.bodies.push({ ...body, locals: runs });
  if (hints.length > 0) {
    // A hint's offset counts from the declarations of locals.
    const head = localsSize(runs);
    context.hints.set(
      index,
      hints.map((value, i) => (i % 2 === 0 ? value + head : value)),
    );
  }
}

function localRuns(types: readonly ValueType[]): LocalRun[] {
  const runs: { count: number; type: ValueType }[] = [];
  for (const type of types) {
    const last = runs[runs.length - 1];
    if (last?.type === type) last.count++;
    else runs.push({ count: 1, type });
  }
  return runs;
}

/** `(table $id? …)`. */
function parseTable(context: ModuleContext, code: CodeParser): void {
  const { cursor } = context;
  const index = context.tables.length;
  if (parseInlineExterns(context, "table")) return;
  const address = parseAddressType(context);
  if (cursor.isNumber()) {
    const type = parseTableType(context, address);
    const init = cursor.kind() === TOKEN.close ? undefined : code.expression();
    cursor.close();
    context.noteEntry(SECTION.table);
    context.tables.push({ type, init });
    return;
  }
  const element = parseReferenceType(context);
  cursor.open("elem");
  const { kind, type, items } = parseInlineElements(context, code, element);
  cursor.close();
  cursor.close();
  const size = BigInt(items.length);
  context.noteEntry(SECTION.table);
  context.noteEntry(SECTION.element);
  context.tables.push({ type: { min: size, max: size, address, element }, init: undefined });
  context.elements.push({ mode: "active", table: index, offset: zero(address), type, items, kind });
}

/** The constant zero of an address type. */
function zero(address: ValueType): Expression {
  const bytes = Uint8Array.of(address === I64 ? OP.I64_CONST : OP.I32_CONST, 0, OP.END);
  return { bytes, start: 0, end: bytes.length };
}

/** `(memory $id? …)`. */
function parseMemory(context: ModuleContext): void {
  const { cursor } = context;
  const index = context.memories.length;
  if (parseInlineExterns(context, "memory")) return;
  const address = parseAddressType(context);
  if (cursor.isNumber()) {
    context.noteEntry(SECTION.memory);
    context.memories.push(parseMemoryType(context, address));
    cursor.close();
    return;
  }
  const pageSizeLog2 = parsePageSize(context);
  if (!cursor.takeOpen("data")) cursor.unexpected("a size or (data");
  const bytes = parseStrings(context);
  cursor.close();
  cursor.close();
  const pages = BigInt(Math.ceil(bytes.length / 2 ** pageSizeLog2));
  context.noteEntry(SECTION.memory);
  context.noteEntry(SECTION.data);
  context.memories.push({ min: pages, max: pages, address, shared: false, pageSizeLog2 });
  context.data.push({ mode: "active", memory: index, offset: zero(address), bytes });
}

/** `(global $id? type instructions)`. */
function parseGlobal(context: ModuleContext, code: CodeParser): void {
  if (parseInlineExterns(context, "global")) return;
  const type = parseGlobalType(context);
  const init = code.expression();
  context.cursor.close();
  context.noteEntry(SECTION.global);
  context.globals.push({ type, init });
}

/** `(tag $id? type use)`. */
function parseTag(context: ModuleContext): void {
  if (parseInlineExterns(context, "tag")) return;
  const { index } = parseTypeUse(context, true);
  context.cursor.close();
  context.noteEntry(SECTION.tag);
  context.tags.push(index);
}

/** `(export "name" (kind index))`. */
function parseExport(context: ModuleContext): void {
  const { cursor } = context;
  const name = cursor.name("the name of an export");
  const kind = openExtern(context);
  const index = context.space(kind).resolve(cursor);
  cursor.close();
  cursor.close();
  context.noteEntry(SECTION.export);
  context.exports.push({ name, kind, index });
}

function parseStart(context: ModuleContext, at: number): void {
  const { cursor } = context;
  if (context.start !== undefined) cursor.fail("multiple start sections", at);
  context.noteEntry(SECTION.start);
  context.start = context.functionSpace.resolve(cursor);
  cursor.close();
}

/** Bytes that the declarations of locals take in a body. */
function localsSize(runs: readonly LocalRun[]): number {
  const writer = new Writer();
  writer.vector(runs, (_, { count, type }) => {
    writer.u32(count);
    writeValueType(writer, type);
  });
  return writer.length;
}
