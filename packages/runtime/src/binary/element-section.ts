import type { ElementSegment, Expression, SegmentMode } from "../wasm/module.ts";
import { FUNCREF, HEAP_FUNC, referenceType } from "../wasm/types.ts";
import type { Decoding } from "./decoding.ts";
import { writeExpression } from "./expression-writer.ts";
import { LIMITS } from "./limits.ts";
import { writeValueType } from "./type-writer.ts";
import type { Writer } from "./writer.ts";

/*
 * The element section (specification, 5.5.13). Three bits say what a segment looks like: not active; a table index when active,
 * declarative when not; expressions for items. Unless one of the first two bits is set, the type of the items is left out.
 */
const NOT_ACTIVE = 1;
const EXPLICIT = 2;
const EXPRESSIONS = 4;

/** What a segment of function indices holds: references that are never null. */
const FUNCTION: number = referenceType(false, HEAP_FUNC);

export function readElementSection(reader: Decoding): void {
  const { elements } = reader.module;
  const count = reader.count("element segments", LIMITS.elementSegments);
  reader.entries(count, () => {
    elements.push(readSegment(reader));
  });
}

function readSegment(reader: Decoding): ElementSegment {
  const at = reader.pos;
  const flags = reader.u32();
  if (flags > 7) reader.fail("malformed elements segment kind", at);
  if (flags !== 0) reader.need("bulk-memory", "an element segment of this kind", at);
  const mode: SegmentMode = !(flags & NOT_ACTIVE) ? "active" : flags & EXPLICIT ? "declarative" : "passive";
  if (mode === "declarative") reader.need("reference-types", "a declarative element segment", at);
  const table = mode === "active" && flags & EXPLICIT ? reader.u32() : 0;
  const offset = mode === "active" ? reader.expression() : undefined;
  const typed = (flags & (NOT_ACTIVE | EXPLICIT)) !== 0;
  if (flags & EXPRESSIONS) {
    const type = typed ? reader.referenceType() : FUNCREF;
    const items: Expression[] = [];
    for (let count = reader.count("elements", LIMITS.elementSegments); count > 0; count--)
      items.push(reader.expression());
    return { mode, table, offset, type, items, kind: "expressions" };
  }
  if (typed) {
    const start = reader.pos;
    if (reader.byte() !== 0) reader.fail("malformed element kind", start);
  }
  const items: number[] = [];
  for (let count = reader.count("elements", LIMITS.elementSegments); count > 0; count--) items.push(reader.u32());
  return { mode, table, offset, type: FUNCTION, items, kind: "functions" };
}

export function writeElementSection(writer: Writer, elements: readonly ElementSegment[]): void {
  writer.vector(elements, writeSegment);
}

function writeSegment(writer: Writer, segment: ElementSegment): void {
  const { mode, table, offset, type, kind } = segment;
  let flags = kind === "expressions" ? EXPRESSIONS : 0;
  if (mode !== "active") flags |= mode === "passive" ? NOT_ACTIVE : NOT_ACTIVE | EXPLICIT;
  else if (table !== 0 || (kind === "expressions" && type !== FUNCREF)) flags |= EXPLICIT;
  writer.u32(flags);
  if (mode === "active") {
    if (flags & EXPLICIT) writer.u32(table);
    writeExpression(writer, offset!);
  }
  const typed = (flags & (NOT_ACTIVE | EXPLICIT)) !== 0;
  if (kind === "expressions") {
    if (typed) writeValueType(writer, type);
    writer.vector(segment.items as readonly Expression[], writeExpression);
  } else {
    if (typed) writer.u8(0);
    writer.vector(segment.items as readonly number[], (_, index) => writer.u32(index));
  }
}
