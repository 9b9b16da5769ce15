import { encodeNames, NAME_SECTION } from "../binary/names.ts";
import { Writer } from "../binary/writer.ts";
import type { ErrorPlace, SourcePosition } from "../wasm/errors.ts";
import type { FeatureSet } from "../wasm/features.ts";
import {
  type CustomSection,
  type Expression,
  SECTION,
  SECTION_ORDER,
  sectionNames,
  type WasmModule,
} from "../wasm/module.ts";
import type { CustomAnnotation } from "./annotations.ts";
import { CodeParser } from "./code.ts";
import { ModuleContext } from "./context.ts";
import { Cursor } from "./cursor.ts";
import { parseField, registerFields } from "./fields.ts";
import { TOKEN } from "./lexer.ts";
import { SourceText } from "./source.ts";

/** A module read from text, and the way from its code back to the text. */
export interface ParsedModule {
  readonly module: WasmModule;
  /**
   * The place in the text of the instruction that holds a byte, for errors and stack frames.
   *
   * @param encoded this module encoded and decoded again
   * @param offset of the byte in what `encoded` was decoded from
   * @returns undefined for a byte that is not in code
   */
  positionOf(encoded: WasmModule, offset: number): SourcePosition | undefined;
  /** The place in the text that declares what an error in this module's bytes is in. */
  declarationOf(place: ErrorPlace): SourcePosition | undefined;
}

/**
 * Reads a module in the text format (specification, chapter 6): `(module …)`, or its fields alone. Every proposal that the instruction
 * table knows is read; that a module uses one that is off is for the decoder and the validator to tell.
 *
 * Identifiers become a "name" section unless the text gives one itself with `(@custom "name" …)`.
 *
 * @param features the proposals that are on, of which some change what a literal may be
 * @throws MalformedError with line and column, and what was expected there
 */
export function parseModule(text: string, features: FeatureSet): ParsedModule {
  const cursor = new Cursor(new SourceText(text));
  const wrapped = cursor.takeOpen("module");
  const parsed = parseFields(cursor, features, wrapped);
  if (wrapped) cursor.close();
  if (cursor.kind() !== TOKEN.end) cursor.unexpected("the end of the text");
  cursor.annotations.checkTaken(0, cursor.pos);
  return parsed;
}

/**
 * Reads the fields of a module.
 *
 * @param wrapped whether they stand in parentheses: then the cursor is behind the word `module`, and ends at the closing parenthesis
 */
export function parseFields(cursor: Cursor, features: FeatureSet, wrapped: boolean): ParsedModule {
  const { source } = cursor;
  const context = new ModuleContext(cursor, features);
  if (wrapped) {
    const identifier = cursor.optionalIdentifier();
    context.names.module = cursor.annotations.takeName(cursor.pos, "module") ?? identifier;
  }
  registerFields(context);
  const code = new CodeParser(context);
  const custom: CustomAnnotation[] = [];
  for (;;) {
    custom.push(...cursor.annotations.takeCustom(cursor.pos));
    if (cursor.annotations.takeDataCount(cursor.pos)) context.countsData = true;
    if (cursor.kind() === (wrapped ? TOKEN.close : TOKEN.end)) break;
    parseField(context, code);
  }
  const module = finish(context, custom);
  return {
    module,
    positionOf(encoded, offset): SourcePosition | undefined {
      const written = expressionsOf(module);
      for (const { start, end } of expressionsOf(encoded)) {
        const expression = written.next().value;
        if (expression === undefined) break;
        if (offset < start || offset >= end) continue;
        const at = findPosition(context.positions.get(expression.bytes), offset - start);
        return at === undefined ? undefined : source.positionAt(at);
      }
      return undefined;
    },
    declarationOf({ section, entry, functionIndex }): SourcePosition | undefined {
      // The section that counts data segments has no declarations of its own.
      const id = section === "data count" ? SECTION.data : sectionNames.indexOf(section ?? "");
      const places = context.entries.get(functionIndex === undefined ? id : SECTION.function) ?? [];
      // An error in no entry is about how many there are.
      const last = places.length - 1;
      const index = functionIndex === undefined ? (entry ?? last) : functionIndex - module.importCounts.func;
      return places[index] === undefined ? undefined : source.positionAt(places[index]);
    },
  };
}

/** All code of a module in an order that encoding and decoding keep. */
function* expressionsOf(module: WasmModule): Generator<Expression, undefined> {
  for (const { init } of module.tables) if (init !== undefined) yield init;
  for (const { init } of module.globals) if (init !== undefined) yield init;
  for (const { offset, kind, items } of module.elements) {
    if (offset !== undefined) yield offset;
    if (kind === "expressions") yield* items as readonly Expression[];
  }
  yield* module.bodies;
  for (const { offset } of module.data) if (offset !== undefined) yield offset;
  return undefined;
}

/** The offset in the text of the last instruction that begins at or before `offset` in the code. */
function findPosition(positions: Int32Array | undefined, offset: number): number | undefined {
  if (positions === undefined || positions.length === 0 || offset < positions[0]) return undefined;
  let low = 0;
  let high = positions.length / 2 - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (positions[middle * 2] <= offset) low = middle;
    else high = middle - 1;
  }
  return positions[low * 2 + 1];
}

function finish(context: ModuleContext, annotations: readonly CustomAnnotation[]): WasmModule {
  const { types, imports, importCounts, functions, tables, memories, globals, tags, exports, start } = context;
  const { elements, data, bodies, countsData } = context;
  return {
    types,
    imports,
    importCounts,
    functions,
    tables,
    memories,
    globals,
    tags,
    exports,
    start,
    elements,
    dataCount: countsData ? data.length : undefined,
    data,
    bodies,
    custom: customSections(context, annotations),
    sections: [],
  };
}

/**
 * All custom sections in the order of the bytes. The names stand behind the sections that are placed after the last known one and before
 * those without a placement, so that a text can put either before or after them.
 */
function customSections(context: ModuleContext, annotations: readonly CustomAnnotation[]): CustomSection[] {
  const last = SECTION_ORDER[SECTION_ORDER.length - 1];
  const sections: CustomSection[] = [];
  const hints = encodeHints(context.hints);
  if (hints !== undefined) sections.push({ name: "metadata.code.branch_hint", bytes: hints, after: SECTION.dataCount });
  for (const { name, bytes, after } of annotations) if (after !== undefined) sections.push({ name, bytes, after });
  if (!annotations.some(({ name }) => name === NAME_SECTION)) {
    const bytes = encodeNames(context.names);
    if (bytes.length > 0) sections.push({ name: NAME_SECTION, bytes, after: last });
  }
  for (const { name, bytes, after } of annotations)
    if (after === undefined) sections.push({ name, bytes, after: last });
  const rank = ({ after }: CustomSection): number => SECTION_ORDER.indexOf(after);
  return sections.sort((a, b) => rank(a) - rank(b));
}

/** The contents of the section of branch hints (specification, appendix A.8). */
function encodeHints(hints: ReadonlyMap<number, readonly number[]>): Uint8Array | undefined {
  if (hints.size === 0) return undefined;
  const writer = new Writer();
  writer.vector([...hints], (_, [index, list]) => {
    writer.u32(index);
    writer.u32(list.length / 2);
    for (let i = 0; i < list.length; i += 2) {
      writer.u32(list[i]);
      writer.u8(1);
      writer.u8(list[i + 1]);
    }
  });
  return writer.finish();
}
