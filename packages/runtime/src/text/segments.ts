import { type Expression, SECTION, type SegmentMode } from "../wasm/module.ts";
import * as OP from "../wasm/opcodes.ts";
import { FUNCREF, HEAP_FUNC, referenceType, type ValueType } from "../wasm/types.ts";
import { concatenate } from "./annotations.ts";
import type { CodeParser } from "./code.ts";
import type { IndexSpace, ModuleContext } from "./context.ts";
import { TOKEN } from "./lexer.ts";
import { decodeString } from "./strings.ts";
import { parseOptionalReferenceType } from "./types.ts";

interface ElementList {
  readonly kind: "functions" | "expressions";
  readonly type: ValueType;
  readonly items: number[] | Expression[];
}

/** What a list of function indices holds: references that are never null. */
const FUNCTION: ValueType = referenceType(false, HEAP_FUNC);

/** `$f $g …` up to a parenthesis that closes. */
function parseFunctionIndices(context: ModuleContext): ElementList {
  const items: number[] = [];
  while (context.cursor.isIndex()) items.push(context.functionSpace.resolve(context.cursor));
  return { kind: "functions", type: FUNCTION, items };
}

/** `(item …)` and folded instructions up to a parenthesis that closes. */
function parseElementExpressions(context: ModuleContext, code: CodeParser, type: ValueType): ElementList {
  const { cursor } = context;
  const items: Expression[] = [];
  while (cursor.kind() === TOKEN.open) {
    if (cursor.takeOpen("item")) {
      items.push(code.expression());
      cursor.close();
    } else {
      items.push(code.foldedExpression());
    }
  }
  return { kind: "expressions", type, items };
}

/** `func $f …`, or a reference type and expressions; function indices alone where `bare` allows it. */
function parseElementList(context: ModuleContext, code: CodeParser, bare: boolean): ElementList {
  const { cursor } = context;
  if (cursor.takeWord("func")) return parseFunctionIndices(context);
  if (bare && (cursor.isIndex() || cursor.kind() === TOKEN.close)) return parseFunctionIndices(context);
  const type = parseOptionalReferenceType(context) ?? cursor.unexpected("func or a reference type");
  return parseElementExpressions(context, code, type);
}

/** The elements of `(table … (elem …))`, whose type stands before. */
export function parseInlineElements(context: ModuleContext, code: CodeParser, type: ValueType): ElementList {
  const list =
    context.cursor.kind() === TOKEN.open ? parseElementExpressions(context, code, type) : parseFunctionIndices(context);
  return list.kind === "functions" && type !== FUNCREF ? asExpressions(list, type) : list;
}

/** Function indices as the expressions that they stand for, where the segment's type is not `funcref`. */
function asExpressions(list: ElementList, type: ValueType): ElementList {
  const items = (list.items as number[]).map((index): Expression => {
    const bytes = [OP.REF_FUNC];
    let rest = index;
    for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest, OP.END);
    return { bytes: Uint8Array.from(bytes), start: 0, end: bytes.length };
  });
  return { kind: "expressions", type, items };
}

/** `(offset …)` or one folded instruction. */
function parseOffset(context: ModuleContext, code: CodeParser): Expression {
  const { cursor } = context;
  if (!cursor.takeOpen("offset")) return code.foldedExpression();
  const offset = code.expression();
  cursor.close();
  return offset;
}

/** `(table x)` or `(memory x)`, or the index alone, as texts of WebAssembly 1.0 have it. */
function parseTarget(context: ModuleContext, space: IndexSpace, keyword: string): number {
  const { cursor } = context;
  const wrapped = cursor.takeOpen(keyword);
  const index = space.resolve(cursor);
  if (wrapped) cursor.close();
  return index;
}

/** What follows `(elem`. */
export function parseElementSegment(context: ModuleContext, code: CodeParser): void {
  const { cursor } = context;
  context.noteName(context.names.elements, context.elements.length, cursor.optionalIdentifier());
  let mode: SegmentMode = "passive";
  let table = 0;
  let offset: Expression | undefined;
  let bare = false;
  if (cursor.takeWord("declare")) {
    mode = "declarative";
  } else if (cursor.isOpen("table") || cursor.isIndex()) {
    table = parseTarget(context, context.tableSpace, "table");
    mode = "active";
    bare = true;
    offset = parseOffset(context, code);
  } else if (cursor.kind() === TOKEN.open && !cursor.isOpen("ref")) {
    mode = "active";
    bare = true;
    offset = parseOffset(context, code);
  }
  const { kind, type, items } = parseElementList(context, code, bare);
  cursor.close();
  context.noteEntry(SECTION.element);
  context.elements.push({ mode, table, offset, type, items, kind });
}

/** String literals up to a parenthesis that closes, put together. */
export function parseStrings(context: ModuleContext): Uint8Array {
  const { cursor } = context;
  const { starts, ends } = cursor.tokens;
  const pieces: Uint8Array[] = [];
  for (; cursor.kind() === TOKEN.string; cursor.pos++)
    pieces.push(decodeString(cursor.text, starts[cursor.pos], ends[cursor.pos]));
  if (cursor.kind() !== TOKEN.close) cursor.unexpected("a string or )");
  return concatenate(pieces);
}

/** What follows `(data`. */
export function parseDataSegment(context: ModuleContext, code: CodeParser): void {
  const { cursor } = context;
  context.noteName(context.names.data, context.data.length, cursor.optionalIdentifier());
  let memory = 0;
  let offset: Expression | undefined;
  if (cursor.isOpen("memory") || cursor.isIndex()) {
    memory = parseTarget(context, context.memorySpace, "memory");
    offset = parseOffset(context, code);
  } else if (cursor.kind() === TOKEN.open) {
    offset = parseOffset(context, code);
  }
  const bytes = parseStrings(context);
  cursor.close();
  context.noteEntry(SECTION.data);
  context.data.push({ mode: offset === undefined ? "passive" : "active", memory, offset, bytes });
}
