import type { FunctionBody, LocalRun } from "../wasm/module.ts";
import * as OP from "../wasm/opcodes.ts";
import type { Decoding } from "./decoding.ts";
import { writeExpression } from "./expression-writer.ts";
import { LIMITS } from "./limits.ts";
import { writeValueType } from "./type-writer.ts";
import type { Writer } from "./writer.ts";

/** Most functions declare no locals: they share this. */
const noLocals: readonly LocalRun[] = [];

/** The code section (specification, 5.5.14): what each function declares, and where its instructions stand. They are not read here. */
export function readCodeSection(reader: Decoding): void {
  const { functions, bodies, importCounts } = reader.module;
  const start = reader.pos;
  const count = reader.count("functions", LIMITS.functions);
  if (count !== functions.length - importCounts.func)
    reader.fail("function and code section have inconsistent lengths", start);
  const section = reader.place.section;
  for (let i = 0; i < count; i++) {
    reader.place = { section, functionIndex: importCounts.func + i };
    bodies.push(readBody(reader, parameterCount(reader, importCounts.func + i)));
  }
  reader.place = { section };
}

function parameterCount({ module: { types, functions } }: Decoding, index: number): number {
  const composite = types[functions[index]]?.composite;
  return composite?.kind === "func" ? composite.params.length : 0;
}

function readBody(reader: Decoding, params: number): FunctionBody {
  const { bytes, end: sectionEnd, pos: at } = reader;
  const size = reader.u32();
  if (size > LIMITS.functionSize)
    reader.refuse(`function body too large: ${size} bytes, the limit is ${LIMITS.functionSize}`, at);
  if (size > sectionEnd - reader.pos) reader.fail("unexpected end of section or function", at);
  const end = reader.pos + size;
  // Declarations must not run over into the next body.
  reader.end = end;
  const locals = readLocals(reader, params);
  const start = reader.pos;
  if (start === end) reader.fail("unexpected end of section or function");
  if (bytes[end - 1] !== OP.END) reader.fail("END opcode expected", end - 1);
  reader.end = sectionEnd;
  reader.pos = end;
  return { bytes, start, end, locals };
}

function readLocals(reader: Decoding, params: number): readonly LocalRun[] {
  const start = reader.pos;
  const runs = reader.u32();
  if (runs === 0) return noLocals;
  const locals: LocalRun[] = [];
  let total = params;
  for (let i = 0; i < runs; i++) {
    const count = reader.u32();
    total += count;
    if (total > 0xffffffff) reader.fail("too many locals", start);
    locals.push({ count, type: reader.valueType() });
  }
  if (total > LIMITS.locals)
    reader.refuse(`too many locals: ${total} with the parameters, the limit is ${LIMITS.locals}`, start);
  return locals;
}

export function writeCodeSection(writer: Writer, bodies: readonly FunctionBody[]): void {
  writer.vector(bodies, (_, body) =>
    writer.sized(() => {
      writer.vector(body.locals, writeLocals);
      writeExpression(writer, body);
    }),
  );
}

function writeLocals(writer: Writer, { count, type }: LocalRun): void {
  writer.u32(count);
  writeValueType(writer, type);
}
