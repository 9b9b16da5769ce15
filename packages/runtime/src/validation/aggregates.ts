import { LIMITS } from "../binary/limits.ts";
import * as OP from "../wasm/opcodes.ts";
import {
  type ArrayType,
  type FieldType,
  HEAP_ANY,
  HEAP_EXTERN,
  heapTypeOfIndex,
  I8,
  I16,
  I32,
  isDefaultable,
  isReference,
  referenceType,
  type StorageType,
  type StructType,
  typeName,
  type ValueType,
} from "../wasm/types.ts";
import type { BodyState } from "./body-state.ts";
import * as references from "./references.ts";
import { checkDataIndex, elementsOf } from "./signature.ts";

const isPacked = (storage: StorageType): boolean => storage === I8 || storage === I16;

/** The type on the stack of a field's value. */
const unpacked = (storage: StorageType): ValueType => (isPacked(storage) ? I32 : storage);

const nullable = (index: number): ValueType => referenceType(true, heapTypeOfIndex(index));

function readTypeIndex(state: BodyState): number {
  const index = state.reader.u32();
  if (index >= state.context.module.types.length) state.fail(`unknown type ${index}`);
  return index;
}

function structType(state: BodyState, index: number): StructType {
  const { composite } = state.context.module.types[index];
  if (composite.kind !== "struct") state.fail(`type mismatch: type ${index} is no structure type`);
  return composite as StructType;
}

function arrayType(state: BodyState, index: number): ArrayType {
  const { composite } = state.context.module.types[index];
  if (composite.kind !== "array") state.fail(`type mismatch: type ${index} is no array type`);
  return composite as ArrayType;
}

function structNew(state: BodyState): void {
  const index = readTypeIndex(state);
  const { fields } = structType(state, index);
  state.spendOnPop(fields.length);
  for (let i = fields.length - 1; i >= 0; i--) {
    state.pop(unpacked(fields[i].storage));
    if (state.nothingLeft()) break;
  }
  state.push(referenceType(false, heapTypeOfIndex(index)));
}

function checkDefault(state: BodyState, field: FieldType): void {
  if (!isDefaultable(field.storage)) state.fail(`type mismatch: ${typeName(field.storage)} has no default value`);
}

function structNewDefault(state: BodyState): void {
  const index = readTypeIndex(state);
  const { fields } = structType(state, index);
  const { defaultable } = state.context;
  if (defaultable[index] === 0) {
    for (const field of fields) checkDefault(state, field);
    defaultable[index] = 1;
  }
  state.push(referenceType(false, heapTypeOfIndex(index)));
}

function readField(state: BodyState, index: number): FieldType {
  const { fields } = structType(state, index);
  const field = state.reader.u32();
  if (field >= fields.length) state.fail(`unknown field ${field}: type ${index} has ${fields.length}`);
  return fields[field];
}

/** Packed fields are read with their sign or without it, others plainly. */
function checkSign(state: BodyState, field: FieldType, signed: boolean): void {
  if (isPacked(field.storage) !== signed)
    state.fail(
      `type mismatch: ${typeName(field.storage)} is ${signed ? "not packed" : "packed, and read with a sign or without"}`,
    );
}

function structGet(state: BodyState, signed: boolean): void {
  const index = readTypeIndex(state);
  const field = readField(state, index);
  checkSign(state, field, signed);
  state.pop(nullable(index));
  state.push(unpacked(field.storage));
}

function structSet(state: BodyState): void {
  const index = readTypeIndex(state);
  const field = readField(state, index);
  if (!field.mutable) state.fail("immutable field");
  state.pop(unpacked(field.storage));
  state.pop(nullable(index));
}

function arrayNew(state: BodyState): void {
  const index = readTypeIndex(state);
  const { field } = arrayType(state, index);
  state.pop(I32);
  state.pop(unpacked(field.storage));
  state.push(referenceType(false, heapTypeOfIndex(index)));
}

function arrayNewDefault(state: BodyState): void {
  const index = readTypeIndex(state);
  checkDefault(state, arrayType(state, index).field);
  state.pop(I32);
  state.push(referenceType(false, heapTypeOfIndex(index)));
}

function arrayNewFixed(state: BodyState): void {
  const index = readTypeIndex(state);
  const type = unpacked(arrayType(state, index).field.storage);
  const count = state.reader.u32();
  if (count > LIMITS.arrayOperands)
    state.refuse(`too many operands of array.new_fixed: ${count}, the limit is ${LIMITS.arrayOperands}`);
  state.popRepeated(type, count);
  state.push(referenceType(false, heapTypeOfIndex(index)));
}

function checkBytes(state: BodyState, field: FieldType): void {
  if (isReference(field.storage))
    state.fail(`array type is not numeric or vector: it holds ${typeName(field.storage)}`);
}

function checkElements(state: BodyState, field: FieldType, elements: ValueType): void {
  if (!state.context.matches(elements, field.storage))
    state.fail(`type mismatch: the array holds ${typeName(field.storage)}, the segment ${typeName(elements)}`);
}

function arrayNewSegment(state: BodyState, isData: boolean): void {
  const index = readTypeIndex(state);
  const { field } = arrayType(state, index);
  if (isData) {
    checkBytes(state, field);
    checkDataIndex(state, state.reader.u32());
  } else checkElements(state, field, elementsOf(state, state.reader.u32()));
  state.pop(I32);
  state.pop(I32);
  state.push(referenceType(false, heapTypeOfIndex(index)));
}

function arrayGet(state: BodyState, signed: boolean): void {
  const index = readTypeIndex(state);
  const { field } = arrayType(state, index);
  checkSign(state, field, signed);
  state.pop(I32);
  state.pop(nullable(index));
  state.push(unpacked(field.storage));
}

function mutableArray(state: BodyState, index: number): FieldType {
  const { field } = arrayType(state, index);
  if (!field.mutable) state.fail("immutable array");
  return field;
}

function arraySet(state: BodyState): void {
  const index = readTypeIndex(state);
  const field = mutableArray(state, index);
  state.pop(unpacked(field.storage));
  state.pop(I32);
  state.pop(nullable(index));
}

function arrayFill(state: BodyState): void {
  const index = readTypeIndex(state);
  const field = mutableArray(state, index);
  state.pop(I32);
  state.pop(unpacked(field.storage));
  state.pop(I32);
  state.pop(nullable(index));
}

function arrayCopy(state: BodyState): void {
  const to = readTypeIndex(state);
  const from = readTypeIndex(state);
  const target = mutableArray(state, to).storage;
  const source = arrayType(state, from).field.storage;
  if (!state.context.matches(source, target))
    state.fail(`array types do not match: ${typeName(source)} is copied to ${typeName(target)}`);
  state.pop(I32);
  state.pop(I32);
  state.pop(nullable(from));
  state.pop(I32);
  state.pop(nullable(to));
}

function arrayInitSegment(state: BodyState, isData: boolean): void {
  const index = readTypeIndex(state);
  const field = mutableArray(state, index);
  if (isData) {
    checkBytes(state, field);
    checkDataIndex(state, state.reader.u32());
  } else checkElements(state, field, elementsOf(state, state.reader.u32()));
  state.pop(I32);
  state.pop(I32);
  state.pop(I32);
  state.pop(nullable(index));
}

/**
 * Validates an instruction of garbage collection that has no signature in the instruction table.
 *
 * @returns false for any other instruction
 */
export function aggregateInstruction(state: BodyState, opcode: number): boolean {
  switch (opcode) {
    case OP.STRUCT_NEW:
      structNew(state);
      break;
    case OP.STRUCT_NEW_DEFAULT:
      structNewDefault(state);
      break;
    case OP.STRUCT_GET:
      structGet(state, false);
      break;
    case OP.STRUCT_GET_S:
    case OP.STRUCT_GET_U:
      structGet(state, true);
      break;
    case OP.STRUCT_SET:
      structSet(state);
      break;
    case OP.ARRAY_NEW:
      arrayNew(state);
      break;
    case OP.ARRAY_NEW_DEFAULT:
      arrayNewDefault(state);
      break;
    case OP.ARRAY_NEW_FIXED:
      arrayNewFixed(state);
      break;
    case OP.ARRAY_NEW_DATA:
      arrayNewSegment(state, true);
      break;
    case OP.ARRAY_NEW_ELEM:
      arrayNewSegment(state, false);
      break;
    case OP.ARRAY_GET:
      arrayGet(state, false);
      break;
    case OP.ARRAY_GET_S:
    case OP.ARRAY_GET_U:
      arrayGet(state, true);
      break;
    case OP.ARRAY_SET:
      arraySet(state);
      break;
    case OP.ARRAY_FILL:
      arrayFill(state);
      break;
    case OP.ARRAY_COPY:
      arrayCopy(state);
      break;
    case OP.ARRAY_INIT_DATA:
      arrayInitSegment(state, true);
      break;
    case OP.ARRAY_INIT_ELEM:
      arrayInitSegment(state, false);
      break;
    case OP.REF_TEST:
    case OP.REF_TEST_NULL:
      references.refTest(state);
      break;
    case OP.REF_CAST:
      references.refCast(state, false);
      break;
    case OP.REF_CAST_NULL:
      references.refCast(state, true);
      break;
    case OP.BR_ON_CAST:
      references.branchOnCast(state, false);
      break;
    case OP.BR_ON_CAST_FAIL:
      references.branchOnCast(state, true);
      break;
    case OP.ANY_CONVERT_EXTERN:
      references.convert(state, HEAP_EXTERN, HEAP_ANY);
      break;
    case OP.EXTERN_CONVERT_ANY:
      references.convert(state, HEAP_ANY, HEAP_EXTERN);
      break;
    default:
      return false;
  }
  return true;
}
