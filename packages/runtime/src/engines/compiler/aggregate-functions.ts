import { Func } from "../../store/function.ts";
import {
  ArrayRef,
  copyElements,
  copyFromData,
  doubleOf,
  elementStorage,
  GcObject,
  keptDouble,
  makeArray,
  placesOf,
  StructRef,
  storageKind,
  storageSize,
} from "../../store/gc.ts";
import { matchesReferenceType, type Reference } from "../../store/references.ts";
import type { StoreInstance } from "../../store/store-instance.ts";
import { Trap } from "../../store/trap.ts";
import type { DefinedType } from "../../wasm/type-registry.ts";
import { isReference, type ValueType } from "../../wasm/types.ts";

/** Puts places of elements from an index on into each of some elements. */
function fill({ elements, type }: ArrayRef, from: number, length: number, values: readonly unknown[]): void {
  const places = placesOf(elementStorage(type));
  const end = (from + length) * places;
  if (places === 1) (elements as unknown[]).fill(values[0], from, end);
  else for (let at = from * places; at < end; at++) (elements as unknown[])[at] = values[at % places];
}

function within(array: ArrayRef, from: number, length: number): void {
  if (from + length > array.length) throw new Trap("out-of-bounds-array");
}

function withinData(data: Uint8Array, from: number, length: number, type: DefinedType): void {
  if (from + length * storageSize(storageKind(elementStorage(type))) > data.length)
    throw new Trap("out-of-bounds-memory");
}

function withinElements(items: readonly unknown[], from: number, length: number): void {
  if (from + length > items.length) throw new Trap("out-of-bounds-table");
}

/** The array, which comes first: where several things are wrong, the trap is that of the platform's own WebAssembly. */
function target(array: ArrayRef | null): ArrayRef {
  if (array === null) throw new Trap("null-reference", { detail: "of an array" });
  return array;
}

/** Pays for so many elements, then runs what was paid for, whose traps find the meter exact. */
export type Paid = <T>(elements: number, run: () => T) => T;

/**
 * What translated code of an instance calls for structures and arrays, by the names that it has for it. Lengths, indices and offsets are i32.
 */
export function aggregateFunctions(store: StoreInstance, paid: Paid): Record<string, unknown> {
  return {
    StructRef,
    GcObject,
    Func,
    keptDouble,
    doubleOf,

    matches(reference: Reference, type: ValueType): boolean {
      return matchesReferenceType(reference, type, store.types);
    },

    castFailure(): Trap {
      return new Trap("cast-failure");
    },

    outsideArray(): Trap {
      return new Trap("out-of-bounds-array");
    },

    /** @param list what the elements hold, as a structure keeps it */
    arrayOf(type: DefinedType, list: unknown[]): ArrayRef {
      const storage = elementStorage(type);
      if (isReference(storage)) return new ArrayRef(type, list.length, list);
      const array = makeArray(type, list.length / placesOf(storage));
      const { elements } = array;
      list.forEach((value, i) => {
        if (typeof value === "bigint") (elements as Float64Array).fill(doubleOf(value), i, i + 1);
        else elements[i] = value as number;
      });
      return array;
    },

    arrayNew(type: DefinedType, length: number, ...values: readonly unknown[]): ArrayRef {
      length >>>= 0;
      return paid(length, () => {
        const array = makeArray(type, length);
        if (values.length > 0) fill(array, 0, length, values);
        return array;
      });
    },

    arrayNewData(type: DefinedType, segment: number, from: number, length: number): ArrayRef {
      length >>>= 0;
      from >>>= 0;
      return paid(length, () => {
        const data = store.data[segment];
        withinData(data, from, length, type);
        const array = makeArray(type, length);
        copyFromData(array, 0, data, from, length);
        return array;
      });
    },

    arrayNewElements(type: DefinedType, segment: number, from: number, length: number): ArrayRef {
      length >>>= 0;
      from >>>= 0;
      return paid(length, () => {
        const items = store.elements[segment];
        withinElements(items, from, length);
        return new ArrayRef(type, length, items.slice(from, from + length));
      });
    },

    arrayFill(array: ArrayRef | null, at: number, length: number, ...values: readonly unknown[]): void {
      length >>>= 0;
      at >>>= 0;
      paid(length, () => {
        within(target(array), at, length);
        fill(target(array), at, length, values);
      });
    },

    arrayCopy(array: ArrayRef | null, at: number, source: ArrayRef | null, from: number, length: number): void {
      length >>>= 0;
      at >>>= 0;
      from >>>= 0;
      paid(length, () => {
        within(target(array), at, length);
        within(target(source), from, length);
        copyElements(target(array), at, target(source), from, length);
      });
    },

    arrayInitData(segment: number, array: ArrayRef | null, at: number, from: number, length: number): void {
      length >>>= 0;
      at >>>= 0;
      from >>>= 0;
      paid(length, () => {
        const to = target(array);
        const data = store.data[segment];
        within(to, at, length);
        withinData(data, from, length, to.type);
        copyFromData(to, at, data, from, length);
      });
    },

    arrayInitElements(segment: number, array: ArrayRef | null, at: number, from: number, length: number): void {
      length >>>= 0;
      at >>>= 0;
      from >>>= 0;
      paid(length, () => {
        const to = target(array);
        const items = store.elements[segment];
        within(to, at, length);
        withinElements(items, from, length);
        for (let i = 0; i < length; i++) (to.elements as unknown[])[at + i] = items[from + i];
      });
    },
  };
}
