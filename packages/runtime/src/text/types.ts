import { SECTION } from "../wasm/module.ts";
import {
  abstractHeapTypes,
  type CompositeType,
  F32,
  F64,
  type FieldType,
  type FunctionType,
  type HeapType,
  heapTypeOfIndex,
  I8,
  I16,
  I32,
  I64,
  type MemoryType,
  referenceShorthands,
  referenceType,
  type StorageType,
  type TableType,
  V128,
  type ValueType,
} from "../wasm/types.ts";
import { IndexSpace, type ModuleContext } from "./context.ts";
import { TOKEN } from "./lexer.ts";
import { setIndirect } from "./names.ts";

/** Value types that are one word. */
const wordTypes: ReadonlyMap<string, ValueType> = new Map([
  ["i32", I32],
  ["i64", I64],
  ["f32", F32],
  ["f64", F64],
  ["v128", V128],
  ...referenceShorthands,
]);

/** The greatest index that a reference type holds. */
const MAX_TYPE_INDEX = 0xfffff;

/** Reads an index of a type. */
export function parseTypeIndex(context: ModuleContext): number {
  return context.typeSpace.resolve(context.cursor);
}

export function parseHeapType(context: ModuleContext): HeapType {
  const { cursor } = context;
  if (cursor.kind() === TOKEN.word) {
    const heap = abstractHeapTypes.get(cursor.word()) ?? cursor.unexpected("a heap type");
    cursor.pos++;
    return heap;
  }
  if (!cursor.isIndex()) cursor.unexpected("a heap type");
  const at = cursor.pos;
  const index = parseTypeIndex(context);
  if (index > MAX_TYPE_INDEX) cursor.fail(`unknown type ${index}`, at);
  return heapTypeOfIndex(index);
}

/** A value type, or undefined when none is next. */
export function parseOptionalValueType(context: ModuleContext): ValueType | undefined {
  const { cursor } = context;
  if (cursor.kind() === TOKEN.word) {
    const type = wordTypes.get(cursor.word());
    if (type !== undefined) cursor.pos++;
    return type;
  }
  if (!cursor.takeOpen("ref")) return undefined;
  const nullable = cursor.takeWord("null");
  const type = referenceType(nullable, parseHeapType(context));
  cursor.close();
  return type;
}

export function parseValueType(context: ModuleContext): ValueType {
  return parseOptionalValueType(context) ?? context.cursor.unexpected("a value type");
}

export function parseOptionalReferenceType(context: ModuleContext): ValueType | undefined {
  const { cursor } = context;
  if (cursor.kind() === TOKEN.word && !referenceShorthands.has(cursor.word())) return undefined;
  return parseOptionalValueType(context);
}

export function parseReferenceType(context: ModuleContext): ValueType {
  return parseOptionalReferenceType(context) ?? context.cursor.unexpected("a reference type");
}

function parseStorageType(context: ModuleContext): StorageType {
  if (context.cursor.takeWord("i8")) return I8;
  if (context.cursor.takeWord("i16")) return I16;
  return parseValueType(context);
}

function parseFieldType(context: ModuleContext): FieldType {
  const { cursor } = context;
  if (!cursor.takeOpen("mut")) return { storage: parseStorageType(context), mutable: false };
  const storage = parseStorageType(context);
  cursor.close();
  return { storage, mutable: true };
}

/** `(mut …)` or a value type. */
export function parseGlobalType(context: ModuleContext): { type: ValueType; mutable: boolean } {
  const { cursor } = context;
  if (!cursor.takeOpen("mut")) return { type: parseValueType(context), mutable: false };
  const type = parseValueType(context);
  cursor.close();
  return { type, mutable: true };
}

/** `i32` or `i64` before limits; i32 when neither stands there. */
export function parseAddressType(context: ModuleContext): ValueType {
  if (context.cursor.takeWord("i64")) return I64;
  context.cursor.takeWord("i32");
  return I32;
}

function parseLimits(
  context: ModuleContext,
  address: ValueType,
): { min: bigint; max: bigint | undefined; address: ValueType } {
  const { cursor } = context;
  // Sizes had 32 bits before there were addresses of 64.
  const size = (): bigint => (context.features.has("memory64") ? cursor.u64("a size") : BigInt(cursor.u32("a size")));
  const min = size();
  const max = cursor.isNumber() ? size() : undefined;
  return { min, max, address };
}

/** The base-two logarithm of the page size: 16 without `(pagesize …)`. */
export function parsePageSize(context: ModuleContext): number {
  const { cursor } = context;
  if (!cursor.takeOpen("pagesize")) return 16;
  const at = cursor.pos;
  const size = cursor.u64("a page size");
  const log2 = size.toString(2).length - 1;
  if (size !== 1n << BigInt(log2)) cursor.fail(`invalid custom page size ${size}, expected a power of two`, at);
  cursor.close();
  return log2;
}

/** What follows the identifier of a memory: `i64? min max? shared? (pagesize n)?`. */
export function parseMemoryType(context: ModuleContext, address: ValueType = parseAddressType(context)): MemoryType {
  const limits = parseLimits(context, address);
  const shared = context.cursor.takeWord("shared");
  return { ...limits, shared, pageSizeLog2: parsePageSize(context) };
}

/** What follows the identifier of a table: `i64? min max? reftype`. */
export function parseTableType(context: ModuleContext, address: ValueType = parseAddressType(context)): TableType {
  const limits = parseLimits(context, address);
  return { ...limits, element: parseReferenceType(context) };
}

/** A parameter's or local's name, with the index that it belongs to. */
export type NamedIndex = readonly [index: number, name: string, token: number];

export interface Signature {
  readonly params: ValueType[];
  readonly results: ValueType[];
  /** Identifiers of parameters, where they may have them. */
  readonly names: NamedIndex[];
  /** Names that annotations give to parameters, which are no identifiers. */
  readonly annotated: NamedIndex[];
}

/** `(keyword $id? type)` or `(keyword type*)`, any number of times, added to `types`. */
export function parseDeclarations(
  context: ModuleContext,
  keyword: string,
  types: ValueType[],
  names: NamedIndex[] | undefined,
  annotated: NamedIndex[] = [],
): void {
  const { cursor } = context;
  while (cursor.takeOpen(keyword)) {
    const at = cursor.pos;
    if (names !== undefined) {
      const name = cursor.optionalIdentifier();
      const other = cursor.annotations.takeName(cursor.pos, "name");
      if (other !== undefined) annotated.push([types.length, other, at]);
      if (name !== undefined) {
        names.push([types.length, name, at]);
        types.push(parseValueType(context));
        cursor.close();
        continue;
      }
    }
    for (let type = parseOptionalValueType(context); type !== undefined; type = parseOptionalValueType(context))
      types.push(type);
    cursor.close();
  }
}

/** `(param …)* (result …)*`. */
export function parseSignature(context: ModuleContext, named: boolean): Signature {
  const signature: Signature = { params: [], results: [], names: [], annotated: [] };
  parseDeclarations(context, "param", signature.params, named ? signature.names : undefined, signature.annotated);
  parseDeclarations(context, "result", signature.results, undefined);
  return signature;
}

export interface TypeUse extends Signature {
  readonly index: number;
}

function sameTypes(a: readonly ValueType[], b: readonly ValueType[]): boolean {
  return a.length === b.length && a.every((type, i) => type === b[i]);
}

/** `(type x)` when it is there, checked against the signature that may follow it. */
export function parseExplicitTypeUse(context: ModuleContext, named: boolean): { index?: number; signature: Signature } {
  const { cursor } = context;
  if (!cursor.takeOpen("type")) return { signature: parseSignature(context, named) };
  const index = parseTypeIndex(context);
  cursor.close();
  const at = cursor.pos;
  const signature = parseSignature(context, named);
  if (cursor.isOpen("param") || cursor.isOpen("type")) cursor.unexpected("parameters before results", cursor.pos + 1);
  if (cursor.pos === at) return { index, signature };
  const composite = context.types[index]?.composite ?? cursor.fail(`unknown type ${index}`, at);
  const same =
    composite.kind === "func" &&
    sameTypes(composite.params, signature.params) &&
    sameTypes(composite.results, signature.results);
  if (!same) cursor.fail(`inline function type does not match type ${index}`, at);
  return { index, signature };
}

/** `(type x)? (param …)* (result …)*` (specification, 6.6.5). */
export function parseTypeUse(context: ModuleContext, named: boolean): TypeUse {
  const { index, signature } = parseExplicitTypeUse(context, named);
  return { ...signature, index: index ?? context.functionType(signature.params, signature.results) };
}

function parseFields(context: ModuleContext, typeIndex: number): FieldType[] {
  const { cursor } = context;
  const fields: FieldType[] = [];
  const space = new IndexSpace("field");
  while (cursor.takeOpen("field")) {
    const named = cursor.kind() === TOKEN.identifier;
    const identifier = named ? cursor.identifierName() : undefined;
    if (named) space.define(cursor);
    else space.count = fields.length;
    const name = cursor.annotations.takeName(cursor.pos, "name") ?? identifier;
    if (name !== undefined) setIndirect(context.names.fields, typeIndex, fields.length, name);
    if (named) {
      fields.push(parseFieldType(context));
    } else {
      while (cursor.kind() !== TOKEN.close) fields.push(parseFieldType(context));
      space.count = fields.length;
    }
    cursor.close();
  }
  context.fieldSpaces.set(typeIndex, space);
  return fields;
}

function parseCompositeType(context: ModuleContext, typeIndex: number): CompositeType {
  const { cursor } = context;
  let type: CompositeType | undefined;
  if (cursor.takeOpen("func")) {
    const { params, results } = parseSignature(context, true);
    type = { kind: "func", params, results } satisfies FunctionType;
  } else if (cursor.takeOpen("struct")) {
    type = { kind: "struct", fields: parseFields(context, typeIndex) };
  } else if (cursor.takeOpen("array")) {
    type = { kind: "array", field: parseFieldType(context) };
  }
  if (type === undefined) return cursor.unexpected("(func, (struct, (array or (sub");
  cursor.close();
  return type;
}

/** `(type $id? …)`, the definition of the type with the next index. */
export function parseTypeDefinition(context: ModuleContext, groupStart: number, groupSize: number): void {
  const { cursor } = context;
  context.noteEntry(SECTION.type, cursor.pos);
  cursor.open("type");
  parseTypeBody(context, groupStart, groupSize);
}

/** What follows the word `type` in the definition of the type with the next index, its closing parenthesis included. */
export function parseTypeBody(context: ModuleContext, groupStart: number, groupSize: number): void {
  const { cursor, types } = context;
  const index = types.length;
  context.noteName(context.names.types, index, cursor.optionalIdentifier());
  let final = true;
  const supertypes: number[] = [];
  let composite: CompositeType;
  if (cursor.takeOpen("sub")) {
    final = cursor.takeWord("final");
    while (cursor.isIndex()) supertypes.push(parseTypeIndex(context));
    composite = parseCompositeType(context, index);
    cursor.close();
  } else {
    composite = parseCompositeType(context, index);
  }
  cursor.close();
  types.push({ final, supertypes, composite, groupStart, groupSize });
}
