import type { CatchClause } from "../binary/instruction-reader.ts";
import { writeBlockType, writeImmediates, writeMemArg, writeOpcode } from "../binary/instruction-writer.ts";
import { writeHeapType, writeValueType } from "../binary/type-writer.ts";
import type { Writer } from "../binary/writer.ts";
import { type Instruction, instructionOf, instructions } from "../wasm/instructions.ts";
import * as OP from "../wasm/opcodes.ts";
import { heapTypeOf, isNullable, type ValueType } from "../wasm/types.ts";
import { IndexSpace, type ModuleContext } from "./context.ts";
import { type Cursor, shorten } from "./cursor.ts";
import { f32Literal, f64Literal } from "./floats.ts";
import { integerConstant, integerLiteral, smallDecimal } from "./integers.ts";
import type { LabelScope } from "./labels.ts";
import { TOKEN } from "./lexer.ts";
import {
  parseExplicitTypeUse,
  parseHeapType,
  parseReferenceType,
  parseTypeIndex,
  parseTypeUse,
  parseValueType,
} from "./types.ts";

/** What the immediates of an instruction may name: the module's index spaces, and the function's locals and labels. */
export interface CodeScope {
  readonly context: ModuleContext;
  readonly cursor: Cursor;
  readonly locals: IndexSpace;
  readonly labels: LabelScope;
}

type ImmediateParser = (scope: CodeScope, writer: Writer, instruction: Instruction) => void;

/** Opcodes of instructions with one name that their immediates tell apart. */

/**
 * Instructions whose text does not have the immediates of their bytes in the same order, or leaves some out. They write the opcode too.
 */
const special: ReadonlyMap<string, ImmediateParser> = new Map<string, ImmediateParser>([
  ["select", parseSelect],
  ["ref.test", parseCast],
  ["ref.cast", parseCast],
  ["br_on_cast", parseBranchOnCast],
  ["br_on_cast_fail", parseBranchOnCast],
  ["call_indirect", parseCallIndirect],
  ["return_call_indirect", parseCallIndirect],
  ["table.init", (scope, writer, instruction) => parseInit(scope, writer, instruction, scope.context.tableSpace)],
  ["memory.init", (scope, writer, instruction) => parseInit(scope, writer, instruction, scope.context.memorySpace)],
  ["table.copy", (scope, writer, instruction) => parseCopy(scope, writer, instruction, scope.context.tableSpace)],
  ["memory.copy", (scope, writer, instruction) => parseCopy(scope, writer, instruction, scope.context.memorySpace)],
]);

/** An instruction of the text format with what reads its immediates. */
export interface TextInstruction {
  readonly instruction: Instruction;
  readonly special: ImmediateParser | undefined;
}

/** All instructions by name. */
export const textInstructions: ReadonlyMap<string, TextInstruction> = (() => {
  const map = new Map<string, TextInstruction>();
  for (const instruction of instructions) {
    if (map.has(instruction.name)) continue;
    map.set(instruction.name, { instruction, special: special.get(instruction.name) });
  }
  return map;
})();

/** Reads the immediates of an instruction that is no block, and writes it whole. The cursor stands behind its name. */
export function parseInstruction(scope: CodeScope, writer: Writer, text: TextInstruction): void {
  const { instruction } = text;
  if (text.special !== undefined) {
    text.special(scope, writer, instruction);
    return;
  }
  writeOpcode(writer, instruction.opcode);
  const { immediates } = instruction;
  for (let i = 0; i < immediates.length; i++) parseImmediate(scope, writer, instruction, i);
}

function parseImmediate(scope: CodeScope, writer: Writer, instruction: Instruction, position: number): void {
  const { context, cursor } = scope;
  const kind = instruction.immediates[position];
  switch (kind) {
    case "local":
      writer.u32(scope.locals.resolve(cursor));
      break;
    case "label":
      writer.u32(scope.labels.resolve(cursor));
      break;
    case "func":
      writer.u32(context.functionSpace.resolve(cursor));
      break;
    case "global":
      writer.u32(context.globalSpace.resolve(cursor));
      break;
    case "tag":
      writer.u32(context.tagSpace.resolve(cursor));
      break;
    case "table":
      writer.u32(optionalIndex(cursor, context.tableSpace));
      break;
    case "memory":
      writer.u32(optionalIndex(cursor, context.memorySpace));
      break;
    case "data":
      context.countsData = true;
      writer.u32(context.dataSpace.resolve(cursor));
      break;
    case "elem":
      writer.u32(context.elementSpace.resolve(cursor));
      break;
    case "type": {
      const index = parseTypeIndex(context);
      writer.u32(index);
      if (instruction.immediates[position + 1] === "field") parseField(scope, writer, index);
      break;
    }
    case "field":
      // Read with the type before it, in which its name has its meaning.
      break;
    case "u32":
      writer.u32(cursor.u32("a count"));
      break;
    case "i32":
      writer.s32(parseI32(cursor));
      break;
    case "i64":
      writer.s64(parseInteger(cursor, 64));
      break;
    case "f32":
      writer.fixed32(parseF32(cursor));
      break;
    case "f64":
      writer.fixed64(parseF64(cursor));
      break;
    case "v128":
      writer.bytes(parseV128(cursor));
      break;
    case "memarg":
      parseMemArg(scope, writer, instruction);
      break;
    case "lane":
      writer.u8(parseLaneIndex(cursor));
      break;
    case "lanes":
      for (let lane = 0; lane < 16; lane++) {
        if (cursor.kind() === TOKEN.close || cursor.kind() === TOKEN.open)
          cursor.fail("invalid lane length, expected 16");
        writer.u8(parseLaneIndex(cursor));
      }
      if (cursor.isNumber()) cursor.fail("invalid lane length, expected 16");
      break;
    case "labels":
      parseLabels(scope, writer);
      break;
    case "heaptype":
      writeHeapType(writer, parseHeapType(context));
      break;
    case "fence":
      writer.u8(0);
      break;
    case "blocktype":
    case "catches":
    case "valtypes":
    case "castflags":
      throw new TypeError(`${instruction.name} is read apart`);
  }
}

function optionalIndex(cursor: Cursor, space: IndexSpace): number {
  return cursor.isIndex() ? space.resolve(cursor) : 0;
}

function parseField(scope: CodeScope, writer: Writer, type: number): void {
  const { cursor, context } = scope;
  if (cursor.kind() !== TOKEN.identifier) {
    writer.u32(cursor.u32("a field index"));
    return;
  }
  const space = context.fieldSpaces.get(type) ?? new IndexSpace("field");
  writer.u32(space.resolve(cursor));
}

function parseLabels(scope: CodeScope, writer: Writer): void {
  const labels: number[] = [];
  do labels.push(scope.labels.resolve(scope.cursor));
  while (scope.cursor.isIndex());
  writer.u32(labels.length - 1);
  for (const label of labels) writer.u32(label);
}

function parseSelect(scope: CodeScope, writer: Writer, instruction: Instruction): void {
  const { cursor, context } = scope;
  if (!cursor.isOpen("result")) {
    writeOpcode(writer, instruction.opcode);
    return;
  }
  const types: ValueType[] = [];
  while (cursor.takeOpen("result")) {
    while (cursor.kind() !== TOKEN.close) types.push(parseValueType(context));
    cursor.close();
  }
  writer.u8(OP.SELECT_TYPED);
  writer.vector(types, writeValueType);
}

function parseCast(scope: CodeScope, writer: Writer, { name, opcode }: Instruction): void {
  const type = parseReferenceType(scope.context);
  const nullable = name === "ref.test" ? OP.REF_TEST_NULL : OP.REF_CAST_NULL;
  writeOpcode(writer, isNullable(type) ? nullable : opcode);
  writeHeapType(writer, heapTypeOf(type));
}

function parseBranchOnCast(scope: CodeScope, writer: Writer, { opcode }: Instruction): void {
  const label = scope.labels.resolve(scope.cursor);
  const from = parseReferenceType(scope.context);
  const to = parseReferenceType(scope.context);
  const flags = (isNullable(from) ? 1 : 0) | (isNullable(to) ? 2 : 0);
  writeOpcode(writer, opcode);
  writeImmediates(writer, instructionOf(opcode), [flags, label, heapTypeOf(from), heapTypeOf(to)]);
}

function parseCallIndirect(scope: CodeScope, writer: Writer, { opcode }: Instruction): void {
  const table = optionalIndex(scope.cursor, scope.context.tableSpace);
  const { index } = parseTypeUse(scope.context, false);
  writeOpcode(writer, opcode);
  writer.u32(index);
  writer.u32(table);
}

/** `table.init` and `memory.init`: where to, which may be left out, and the segment; the bytes have them the other way round. */
function parseInit(scope: CodeScope, writer: Writer, { name, opcode }: Instruction, space: IndexSpace): void {
  const { cursor, context } = scope;
  const ofMemory = name === "memory.init";
  const segments = ofMemory ? context.dataSpace : context.elementSpace;
  if (ofMemory) context.countsData = true;
  let target = 0;
  const at = cursor.pos;
  if (cursor.isIndex()) {
    cursor.pos++;
    const two = cursor.isIndex();
    cursor.pos = at;
    if (two) target = space.resolve(cursor);
  }
  const segment = segments.resolve(cursor);
  writeOpcode(writer, opcode);
  writer.u32(segment);
  writer.u32(target);
}

/** `table.copy` and `memory.copy`: to and from, both or neither. */
function parseCopy(scope: CodeScope, writer: Writer, { opcode }: Instruction, space: IndexSpace): void {
  const both = scope.cursor.isIndex();
  const to = both ? space.resolve(scope.cursor) : 0;
  const from = both ? space.resolve(scope.cursor) : 0;
  writeOpcode(writer, opcode);
  writer.u32(to);
  writer.u32(from);
}

/** `offset=8`, or undefined when the word that comes next begins otherwise. */
function parseAssignment(cursor: Cursor, prefix: string): bigint | undefined {
  if (cursor.kind() !== TOKEN.word) return undefined;
  const word = cursor.word();
  if (!word.startsWith(prefix)) return undefined;
  const digits = word.slice(prefix.length);
  const small = smallDecimal(digits);
  if (small >= 0) {
    cursor.pos++;
    return BigInt(small);
  }
  const literal = integerLiteral(digits);
  if (literal === undefined || literal.sign !== "") cursor.fail(`unknown operator ${shorten(word)}`);
  if (literal.magnitude === undefined) cursor.fail(`i64 constant out of range: ${shorten(word)}`);
  cursor.pos++;
  return literal.magnitude;
}

function parseMemArg(scope: CodeScope, writer: Writer, { immediates, width }: Instruction): void {
  const { cursor, context } = scope;
  let memory = 0;
  // A lone index before a lane index is the lane's.
  const laneOnly =
    immediates.length > 1 && cursor.isNumber() && cursor.kind(cursor.pos + 1) !== TOKEN.number && !isMemArgWord(cursor);
  if (cursor.isIndex() && !laneOnly) memory = context.memorySpace.resolve(cursor);
  const offset = parseAssignment(cursor, "offset=") ?? 0n;
  const at = cursor.pos;
  const alignment = parseAssignment(cursor, "align=") ?? BigInt(width);
  const align = alignment.toString(2).length - 1;
  if (alignment !== 1n << BigInt(align)) cursor.fail(`alignment must be a power of two, not ${alignment}`, at);
  writeMemArg(writer, { align, memory, offset });
}

function isMemArgWord(cursor: Cursor): boolean {
  return cursor.kind(cursor.pos + 1) === TOKEN.word && /^(offset|align)=/.test(cursor.word(cursor.pos + 1));
}

function parseLaneIndex(cursor: Cursor): number {
  const { sign, magnitude } = cursor.integer(cursor.pos, "a lane index");
  if (sign !== "") cursor.unexpected("a lane index without sign");
  if (magnitude === undefined || magnitude > 255n) cursor.fail(`i8 constant out of range: ${shorten(cursor.word())}`);
  cursor.pos++;
  return Number(magnitude);
}

function parseI32(cursor: Cursor): number {
  const small = cursor.isNumber() ? smallDecimal(cursor.word()) : -1;
  if (small < 0) return Number(BigInt.asIntN(32, parseInteger(cursor, 32)));
  cursor.pos++;
  return small;
}

/** An integer constant of `bits` bits, as an unsigned number. */
export function parseInteger(cursor: Cursor, bits: number): bigint {
  if (!cursor.isNumber()) cursor.unexpected(`an i${bits} constant`);
  const value = integerConstant(cursor.word(), bits);
  if (value === "unknown operator") cursor.wrongLiteral(`an i${bits} constant`);
  if (typeof value === "string") cursor.fail(`${value}: ${shorten(cursor.word())} is no i${bits} constant`);
  cursor.pos++;
  return value;
}

function floatWord(cursor: Cursor, what: string): string {
  if (!cursor.isNumber() && !(cursor.kind() === TOKEN.word && /^(inf$|nan)/.test(cursor.word())))
    cursor.unexpected(`an ${what} constant`);
  return cursor.word();
}

export function parseF32(cursor: Cursor): number {
  const word = floatWord(cursor, "f32");
  const value = f32Literal(word);
  if (value === "unknown operator") cursor.wrongLiteral("an f32 constant");
  if (typeof value === "string") cursor.fail(`${value}: ${shorten(word)} is no f32 constant`);
  cursor.pos++;
  return value;
}

export function parseF64(cursor: Cursor): bigint {
  const word = floatWord(cursor, "f64");
  const value = f64Literal(word);
  if (value === "unknown operator") cursor.wrongLiteral("an f64 constant");
  if (typeof value === "string") cursor.fail(`${value}: ${shorten(word)} is no f64 constant`);
  cursor.pos++;
  return value;
}

export interface Shape {
  readonly type: "integer" | "f32" | "f64";
  readonly bits: number;
}

/** How the lanes of a vector constant may be written. */
export const shapes: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  ["i8x16", { type: "integer", bits: 8 }],
  ["i16x8", { type: "integer", bits: 16 }],
  ["i32x4", { type: "integer", bits: 32 }],
  ["i64x2", { type: "integer", bits: 64 }],
  ["f32x4", { type: "f32", bits: 32 }],
  ["f64x2", { type: "f64", bits: 64 }],
]);

/** The shape at the cursor. */
export function parseShape(cursor: Cursor): Shape {
  const shape = cursor.kind() === TOKEN.word ? shapes.get(cursor.word()) : undefined;
  if (shape === undefined) cursor.unexpected("a shape of lanes such as i32x4");
  cursor.pos++;
  return shape;
}

/** The bits of one lane, as an unsigned number. */
export function parseLane(cursor: Cursor, { type, bits }: Shape): bigint {
  if (cursor.kind() === TOKEN.close || cursor.kind() === TOKEN.open) cursor.fail("wrong number of lane literals");
  if (type === "integer") return parseInteger(cursor, bits);
  return type === "f32" ? BigInt(parseF32(cursor)) : parseF64(cursor);
}

/** A vector constant: its shape and its lanes. */
export function parseV128(cursor: Cursor): Uint8Array {
  const shape = parseShape(cursor);
  const bytes = new Uint8Array(16);
  const size = shape.bits / 8;
  for (let lane = 0; lane < 16; lane += size) {
    let value = parseLane(cursor, shape);
    for (let i = 0; i < size; i++) {
      bytes[lane + i] = Number(value & 0xffn);
      value >>= 8n;
    }
  }
  if (cursor.isNumber()) cursor.fail("wrong number of lane literals");
  return bytes;
}

/** The type of a block: nothing, one result, or a function type. */
export function parseBlockType(scope: CodeScope, writer: Writer): void {
  const { index, signature } = parseExplicitTypeUse(scope.context, false);
  const { params, results } = signature;
  if (index !== undefined) writeBlockType(writer, { kind: "index", index });
  else if (params.length > 0 || results.length > 1)
    writeBlockType(writer, { kind: "index", index: scope.context.functionType(params, results) });
  else if (results.length === 1) writeBlockType(writer, { kind: "value", type: results[0] });
  else writeBlockType(writer, { kind: "empty" });
}

/** The clauses of `try_table`. */
export function parseCatches(scope: CodeScope, writer: Writer): void {
  const { cursor, context, labels } = scope;
  const clauses: CatchClause[] = [];
  for (;;) {
    const kind = catchWords.findIndex((word) => cursor.isOpen(word));
    if (kind < 0) break;
    cursor.pos += 2;
    const tag = kind < 2 ? context.tagSpace.resolve(cursor) : 0;
    clauses.push({ kind, tag, label: labels.resolve(cursor) });
    cursor.close();
  }
  writer.vector(clauses, (_, { kind, tag, label }) => {
    writer.u8(kind);
    if (kind < 2) writer.u32(tag);
    writer.u32(label);
  });
}

const catchWords: readonly string[] = ["catch", "catch_ref", "catch_all", "catch_all_ref"];
