import { LIMITS } from "../binary/limits.ts";
import {
  EXNREF,
  FUNCREF,
  type FunctionType,
  HEAP_EXN,
  heapTypeOfIndex,
  I32,
  isReference,
  referenceType,
  typeName,
  type ValueType,
} from "../wasm/types.ts";
import { type BodyState, CATCH, CATCH_ALL, ELSE, IF, TRY, TRY_TABLE } from "./body-state.ts";
import { typeList } from "./context.ts";

const noTypes: readonly ValueType[] = [];
const EXN: ValueType = referenceType(false, HEAP_EXN);

/** Function types of blocks with one result and no parameters, by that result. */
const valueBlocks = new Map<ValueType, FunctionType>();
const emptyBlock: FunctionType = { kind: "func", params: noTypes, results: noTypes };

function blockOf(type: ValueType): FunctionType {
  let block = valueBlocks.get(type);
  if (block === undefined) {
    block = { kind: "func", params: noTypes, results: [type] };
    // References to defined types differ from module to module, and there may be many.
    if (!isReference(type)) valueBlocks.set(type, block);
  }
  return block;
}

function readBlockType(state: BodyState): FunctionType {
  const { reader, context } = state;
  const start = reader.pos;
  if (reader.bytes[start] === 0x40) {
    reader.pos++;
    return emptyBlock;
  }
  const code = reader.s33();
  if (code >= 0) {
    const type = context.functionType(code, state);
    state.need("multi-value", "a block with parameters or several results");
    return type;
  }
  reader.pos = start;
  const type = state.readValueType();
  return blockOf(type);
}

export function enterBlock(state: BodyState, kind: number): void {
  const type = readBlockType(state);
  if (kind === IF) state.pop(I32);
  state.popAll(type.params);
  state.pushFrame(kind, type.params, type.results);
}

export function openElse(state: BodyState): void {
  const { depth } = state;
  if (state.kinds[depth] !== IF) state.malformed("unexpected else: it does not belong to an if");
  const params = state.params[depth];
  const results = state.results[depth];
  state.popResults();
  state.popFrame();
  state.pushFrame(ELSE, params, results);
}

/** The `end` of any frame, the body's own among them. */
export function leaveBlock(state: BodyState): void {
  const { depth } = state;
  const results = state.results[depth];
  state.popResults();
  if (state.kinds[depth] === IF) checkMissingElse(state, state.params[depth], results);
  state.popFrame();
  state.pushAll(results);
}

/** An `if` without `else` passes its parameters on. */
function checkMissingElse(state: BodyState, params: readonly ValueType[], results: readonly ValueType[]): void {
  const { context } = state;
  state.spend(params.length);
  if (params.length !== results.length || params.some((type, i) => !context.matches(type, results[i])))
    state.fail(`type mismatch: an if without else leaves ${typeList(params)}, where ${typeList(results)} is expected`);
}

export function branch(state: BodyState): void {
  state.popAll(state.readLabel());
  state.markUnreachable();
}

export function branchIf(state: BodyState): void {
  const types = state.readLabel();
  state.pop(I32);
  state.popAll(types);
  state.pushAll(types);
}

export function branchTable(state: BodyState): void {
  const { reader } = state;
  const count = reader.u32();
  if (count > reader.end - reader.pos) state.malformed("unexpected end: br_table has more labels than there are bytes");
  if (count > LIMITS.brTableLabels)
    state.refuse(`too many labels of br_table: ${count}, the limit is ${LIMITS.brTableLabels}`);
  state.pop(I32);
  let arity = -1;
  let checked: readonly ValueType[] | undefined;
  for (let i = 0; i <= count; i++) {
    const types = state.readLabel();
    // Labels come in runs, and one check does for all that take the same types.
    if (types === checked) continue;
    if (arity >= 0 && types.length !== arity)
      state.fail(`type mismatch: labels of br_table take ${arity} values and ${typeList(types)}`);
    arity = types.length;
    state.peekAll(types);
    checked = types;
  }
  state.markUnreachable();
}

export function returnResults(state: BodyState): void {
  state.popAll(state.results[0]);
  state.markUnreachable();
}

function tailCall(state: BodyState, type: FunctionType): void {
  const { context } = state;
  const expected = state.results[0];
  const { results } = type;
  state.spend(results.length);
  if (results.length !== expected.length || results.some((result, i) => !context.matches(result, expected[i])))
    state.fail(`type mismatch: the callee returns ${typeList(results)}, where ${typeList(expected)} is expected`);
  state.popAll(type.params);
  state.markUnreachable();
}

function finishCall(state: BodyState, type: FunctionType, isTail: boolean): void {
  if (isTail) {
    tailCall(state, type);
    return;
  }
  state.popAll(type.params);
  state.pushAll(type.results);
}

export function call(state: BodyState, isTail: boolean): void {
  const index = state.reader.u32();
  const type = state.context.functions[index];
  if (type === undefined) state.fail(`unknown function ${index}`);
  finishCall(state, type, isTail);
}

export function callIndirect(state: BodyState, isTail: boolean): void {
  const { reader, context } = state;
  const type = state.readFunctionType();
  const index = reader.u32();
  if (index > 0) state.need("reference-types", "a table index");
  const table = context.module.tables[index];
  if (table === undefined) state.fail(`unknown table ${index}`);
  if (!context.matches(table.type.element, FUNCREF))
    state.fail(`type mismatch: the table holds ${typeName(table.type.element)}, where funcref is expected`);
  state.pop(table.type.address);
  finishCall(state, type, isTail);
}

export function callReference(state: BodyState, isTail: boolean): void {
  const index = state.reader.u32();
  const type = state.context.functionType(index, state);
  state.pop(referenceType(true, heapTypeOfIndex(index)));
  finishCall(state, type, isTail);
}

function readTag(state: BodyState): readonly ValueType[] {
  const index = state.reader.u32();
  const tag = state.context.tags[index];
  if (tag === undefined) state.fail(`unknown tag ${index}`);
  return tag.params;
}

export function throwTag(state: BodyState): void {
  state.popAll(readTag(state));
  state.markUnreachable();
}

export function throwReference(state: BodyState): void {
  state.pop(EXNREF);
  state.markUnreachable();
}

/** `try_table`: its clauses branch to labels around it, so they are checked before its own frame opens. */
export function enterTryTable(state: BodyState): void {
  const { reader } = state;
  const type = readBlockType(state);
  const count = reader.u32();
  if (count > reader.end - reader.pos)
    state.malformed("unexpected end: try_table has more clauses than there are bytes");
  for (let i = 0; i < count; i++) {
    const kind = reader.byte();
    if (kind > 3) state.malformed(`malformed catch clause: kind ${kind}`);
    const caught = kind < 2 ? readTag(state) : noTypes;
    checkClause(state, kind === 1 || kind === 3 ? [...caught, EXN] : caught, state.readLabel());
  }
  state.popAll(type.params);
  state.pushFrame(TRY_TABLE, type.params, type.results);
}

function checkClause(state: BodyState, caught: readonly ValueType[], label: readonly ValueType[]): void {
  const { context } = state;
  state.spend(caught.length);
  if (caught.length !== label.length || caught.some((type, i) => !context.matches(type, label[i])))
    state.fail(`type mismatch: the catch clause passes ${typeList(caught)} to a label that takes ${typeList(label)}`);
}

/** `catch` and `catch_all` of the older exception handling: they end the `try`, or the `catch` before. */
export function openCatch(state: BodyState, kind: number): void {
  const caught = kind === CATCH ? readTag(state) : noTypes;
  const open = state.kinds[state.depth];
  if (open !== TRY && open !== CATCH) state.malformed("unexpected catch: it does not belong to a try");
  const results = state.results[state.depth];
  state.popResults();
  state.popFrame();
  state.pushFrame(kind, noTypes, results);
  state.pushAll(caught);
}

export function rethrow(state: BodyState): void {
  const label = state.reader.u32();
  const kind = state.kinds[state.frameOf(label)];
  if (kind !== CATCH && kind !== CATCH_ALL) state.fail(`invalid rethrow label ${label}: it is not that of a catch`);
  state.markUnreachable();
}

/** Ends a `try`. Its label counts from outside of it, and names a frame that exceptions then come from. */
export function delegate(state: BodyState): void {
  const { depth } = state;
  if (state.kinds[depth] !== TRY) state.malformed("unexpected delegate: it does not belong to a try");
  const results = state.results[depth];
  state.popResults();
  state.popFrame();
  state.frameOf(state.reader.u32());
  state.pushAll(results);
}
