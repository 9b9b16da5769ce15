import {
  BOTTOM,
  HEAP_ANY,
  HEAP_EXN,
  HEAP_EXTERN,
  HEAP_FUNC,
  HEAP_NOEXN,
  HEAP_NOEXTERN,
  HEAP_NOFUNC,
  type HeapType,
  heapTypeOfIndex,
  I32,
  isNullable,
  isReference,
  isTypeIndex,
  NULLABLE_FLAG,
  referenceType,
  typeIndexOf,
  typeName,
  type ValueType,
} from "../wasm/types.ts";
import { BOTTOM_REFERENCE, type BodyState } from "./body-state.ts";
import { typeList } from "./context.ts";

/** The same reference without null; of what unreachable code leaves open, only that it is a reference. */
function nonNull(type: ValueType): ValueType {
  return type === BOTTOM ? BOTTOM_REFERENCE : type & ~NULLABLE_FLAG;
}

export function refNull(state: BodyState): void {
  state.push(referenceType(true, state.readHeapType()));
}

export function refIsNull(state: BodyState): void {
  state.popReference();
  state.push(I32);
}

export function refFunc(state: BodyState): void {
  const index = state.reader.u32();
  const { module, declared } = state.context;
  if (index >= module.functions.length) state.fail(`unknown function ${index}`);
  if (declared[index] === 0)
    state.fail(`undeclared function reference: function ${index} occurs in no element segment, export or global`);
  state.push(referenceType(false, heapTypeOfIndex(module.functions[index])));
}

export function refAsNonNull(state: BodyState): void {
  state.push(nonNull(state.popReference()));
}

export function branchOnNull(state: BodyState): void {
  const label = state.readLabel();
  const operand = state.popReference();
  state.popAll(label);
  state.pushAll(label);
  state.push(nonNull(operand));
}

export function branchOnNonNull(state: BodyState): void {
  const label = state.readLabel();
  const last = label[label.length - 1];
  if (last === undefined || !isReference(last))
    state.fail(`type mismatch: the label takes ${typeList(label)}, where a reference comes last`);
  state.pop(last | NULLABLE_FLAG);
  const others = label.slice(0, -1);
  state.popAll(others);
  state.pushAll(others);
}

/** The heap type above all that share values with `heap`: casts stay within its hierarchy. */
function topOf(state: BodyState, heap: HeapType): HeapType {
  if (isTypeIndex(heap))
    return state.context.module.types[typeIndexOf(heap)].composite.kind === "func" ? HEAP_FUNC : HEAP_ANY;
  switch (heap) {
    case HEAP_FUNC:
    case HEAP_NOFUNC:
      return HEAP_FUNC;
    case HEAP_EXTERN:
    case HEAP_NOEXTERN:
      return HEAP_EXTERN;
    case HEAP_EXN:
    case HEAP_NOEXN:
      return HEAP_EXN;
    default:
      return HEAP_ANY;
  }
}

export function refTest(state: BodyState): void {
  state.pop(referenceType(true, topOf(state, state.readHeapType())));
  state.push(I32);
}

export function refCast(state: BodyState, canBeNull: boolean): void {
  const heap = state.readHeapType();
  state.pop(referenceType(true, topOf(state, heap)));
  state.push(referenceType(canBeNull, heap));
}

/** `br_on_cast` branches with the cast value and goes on with what is left; `br_on_cast_fail` the other way round. */
export function branchOnCast(state: BodyState, branchesOnFailure: boolean): void {
  const { context, reader } = state;
  const flags = reader.byte();
  if (flags > 3) state.malformed(`malformed br_on_cast flags 0x${flags.toString(16)}`);
  const label = state.readLabel();
  const from = referenceType((flags & 1) !== 0, state.readHeapType());
  const to = referenceType((flags & 2) !== 0, state.readHeapType());
  if (!context.matches(to, from)) state.fail(`type mismatch: ${typeName(to)} is no subtype of ${typeName(from)}`);
  // A null that `to` takes never fails the cast.
  const rest = isNullable(to) ? from & ~NULLABLE_FLAG : from;
  const taken = branchesOnFailure ? rest : to;
  const last = label[label.length - 1];
  if (last === undefined || !context.matches(taken, last))
    state.fail(`type mismatch: the label takes ${typeList(label)}, where ${typeName(taken)} comes last`);
  state.pop(from);
  const others = label.slice(0, -1);
  state.popAll(others);
  state.pushAll(others);
  state.push(branchesOnFailure ? to : rest);
}

/** `any.convert_extern` and `extern.convert_any`: a null stays one. */
export function convert(state: BodyState, from: HeapType, to: HeapType): void {
  const operand = state.popReference();
  const expected = referenceType(true, from);
  if (operand !== BOTTOM && !state.context.matches(operand, expected)) state.mismatch(expected, operand);
  state.push(referenceType(isNullable(operand), to));
}

/** `select` with its type given; without, it takes numbers and vectors alone. */
export function selectTyped(state: BodyState): void {
  const { reader } = state;
  const count = reader.u32();
  if (count !== 1) {
    if (count > reader.end - reader.pos) state.malformed("unexpected end: select has more types than there are bytes");
    state.fail(`invalid result arity: select with ${count} types, where one is expected`);
  }
  const type = state.readValueType();
  state.pop(I32);
  state.pop(type);
  state.pop(type);
  state.push(type);
}

export function select(state: BodyState): void {
  state.pop(I32);
  const second = state.popAny();
  const first = state.popAny();
  if (isReference(first) || isReference(second))
    state.fail(`type mismatch: select of references needs a type: ${typeName(isReference(first) ? first : second)}`);
  if (first !== second && first !== BOTTOM && second !== BOTTOM) state.mismatch(first, second);
  state.push(first === BOTTOM ? second : first);
}
