import type { TableType } from "../wasm/types.ts";
import { I32, I64, typeName, type ValueType } from "../wasm/types.ts";
import type { BodyState } from "./body-state.ts";
import { checkDataIndex, elementsOf, readMemory } from "./signature.ts";

/** The address type that holds lengths common to two memories or tables. */
const smaller = (a: ValueType, b: ValueType): ValueType => (a === I64 && b === I64 ? I64 : I32);

function readTable(state: BodyState): TableType {
  const index = state.reader.u32();
  const table = state.context.module.tables[index];
  if (table === undefined) state.fail(`unknown table ${index}`);
  return table.type;
}

export function memoryInit(state: BodyState): void {
  const segment = state.reader.u32();
  const address = readMemory(state);
  checkDataIndex(state, segment);
  state.pop(I32);
  state.pop(I32);
  state.pop(address);
}

export function memoryCopy(state: BodyState): void {
  const to = readMemory(state);
  const from = readMemory(state);
  state.pop(smaller(to, from));
  state.pop(from);
  state.pop(to);
}

export function memoryFill(state: BodyState): void {
  const address = readMemory(state);
  state.pop(address);
  state.pop(I32);
  state.pop(address);
}

export function tableGet(state: BodyState): void {
  const { element, address } = readTable(state);
  state.pop(address);
  state.push(element);
}

export function tableSet(state: BodyState): void {
  const { element, address } = readTable(state);
  state.pop(element);
  state.pop(address);
}

export function tableSize(state: BodyState): void {
  state.push(readTable(state).address);
}

export function tableGrow(state: BodyState): void {
  const { element, address } = readTable(state);
  state.pop(address);
  state.pop(element);
  state.push(address);
}

export function tableFill(state: BodyState): void {
  const { element, address } = readTable(state);
  state.pop(address);
  state.pop(element);
  state.pop(address);
}

function checkElements(state: BodyState, from: ValueType, to: ValueType): void {
  if (!state.context.matches(from, to))
    state.fail(`type mismatch: elements of ${typeName(from)} for a table of ${typeName(to)}`);
}

export function tableCopy(state: BodyState): void {
  const to = readTable(state);
  const from = readTable(state);
  checkElements(state, from.element, to.element);
  state.pop(smaller(to.address, from.address));
  state.pop(from.address);
  state.pop(to.address);
}

export function tableInit(state: BodyState): void {
  const segment = state.reader.u32();
  const { element, address } = readTable(state);
  const elements = elementsOf(state, segment);
  checkElements(state, elements, element);
  state.pop(I32);
  state.pop(I32);
  state.pop(address);
}
