import { LIMITS } from "../binary/limits.ts";
import {
  type ArrayType,
  type FieldType,
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

export function structNew(state: BodyState): void {
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

export function structNewDefault(state: BodyState): void {
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

export function structGet(state: BodyState, signed: boolean): void {
  const index = readTypeIndex(state);
  const field = readField(state, index);
  checkSign(state, field, signed);
  state.pop(nullable(index));
  state.push(unpacked(field.storage));
}

export function structSet(state: BodyState): void {
  const index = readTypeIndex(state);
  const field = readField(state, index);
  if (!field.mutable) state.fail("immutable field");
  state.pop(unpacked(field.storage));
  state.pop(nullable(index));
}

export function arrayNew(state: BodyState): void {
  const index = readTypeIndex(state);
  const { field } = arrayType(state, index);
  state.pop(I32);
  state.pop(unpacked(field.storage));
  state.push(referenceType(false, heapTypeOfIndex(index)));
}

export function arrayNewDefault(state: BodyState): void {
  const index = readTypeIndex(state);
  checkDefault(state, arrayType(state, index).field);
  state.pop(I32);
  state.push(referenceType(false, heapTypeOfIndex(index)));
}

export function arrayNewFixed(state: BodyState): void {
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

export function arrayNewSegment(state: BodyState, isData: boolean): void {
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

export function arrayGet(state: BodyState, signed: boolean): void {
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

export function arraySet(state: BodyState): void {
  const index = readTypeIndex(state);
  const field = mutableArray(state, index);
  state.pop(unpacked(field.storage));
  state.pop(I32);
  state.pop(nullable(index));
}

export function arrayFill(state: BodyState): void {
  const index = readTypeIndex(state);
  const field = mutableArray(state, index);
  state.pop(I32);
  state.pop(unpacked(field.storage));
  state.pop(I32);
  state.pop(nullable(index));
}

export function arrayCopy(state: BodyState): void {
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

export function arrayInitSegment(state: BodyState, isData: boolean): void {
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
