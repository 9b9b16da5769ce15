import {
  ArrayRef,
  copyElements,
  copyFromData,
  defaultFields,
  type Elements,
  elementStorage,
  type FieldValue,
  makeArray,
  makeDefaultStruct,
  placesOf,
  STORAGE,
  StructRef,
  storageKind,
  storageSize,
} from "../../../store/gc.ts";
import { matchesReferenceType } from "../../../store/references.ts";
import { Trap } from "../../../store/trap.ts";
import type { StructType } from "../../../wasm/types.ts";
import type { Arena } from "../machine/arena.ts";
import type { MachineState } from "../machine/state.ts";
import { writeReference } from "../machine/values-in-registers.ts";
import { SIGNED } from "../translation/select-gc.ts";
import type { OutOfLineFunction } from "./basic.ts";
import type { DriverInstruction } from "./bulk.ts";
import { DRIVER_OP, OUT_OF_LINE } from "./numbers.ts";

/** Instructions on structures, arrays and i31 references. */
export function defineGc(
  arena: Arena,
  S: MachineState,
  outOfLine: OutOfLineFunction[],
  driver: DriverInstruction[],
): void {
  const { code, i32, i64, f64, halves, bytes, refs } = arena;
  const define = (number: number, execute: (pc: number, fp: number) => unknown): void => {
    outOfLine[number] = (pc, fp) => execute(pc, fp) === true;
  };

  const wordsOf = (kind: number): number => (kind === STORAGE.long ? 2 : 4);

  /** Puts a register's value into a structure's fields, from `place` on. */
  function take(slot: number, kind: number, fields: FieldValue[], place: number): void {
    switch (kind) {
      case STORAGE.i8:
        fields[place] = i32[slot] & 0xff;
        break;
      case STORAGE.i16:
        fields[place] = i32[slot] & 0xffff;
        break;
      case STORAGE.word:
        fields[place] = i32[slot];
        break;
      case STORAGE.double: {
        const x = f64[slot];
        fields[place] = Number.isNaN(x) ? i64[slot] : x;
        break;
      }
      case STORAGE.reference:
        fields[place] = refs[slot];
        break;
      default:
        for (let i = 0; i < wordsOf(kind); i++) fields[place + i] = halves[slot * 2 + i];
    }
  }

  function put(slot: number, kind: number, fields: FieldValue[], place: number): void {
    const value = fields[place];
    switch (kind) {
      case STORAGE.double:
        if (typeof value === "bigint") i64[slot] = value;
        else f64[slot] = value as number;
        break;
      case STORAGE.reference:
        refs[slot] = value;
        break;
      case STORAGE.long:
      case STORAGE.vector:
        for (let i = 0; i < wordsOf(kind); i++) halves[slot * 2 + i] = fields[place + i] as number;
        break;
      default:
        putWord(slot, kind, value as number);
    }
  }

  function putWord(slot: number, kind: number, value: number): void {
    switch (kind) {
      case STORAGE.i8 | SIGNED:
        i32[slot] = (value << 24) >> 24;
        break;
      case STORAGE.i16 | SIGNED:
        i32[slot] = (value << 16) >> 16;
        break;
      case STORAGE.i8:
        i32[slot] = value & 0xff;
        break;
      case STORAGE.i16:
        i32[slot] = value & 0xffff;
        break;
      default:
        i32[slot] = value;
    }
  }

  /** The bytes of an element that is an f64: platforms may change a NaN that they read as a number. */
  const bytesOfDouble = ({ buffer, byteOffset }: Float64Array, index: number): Uint8Array =>
    new Uint8Array(buffer, byteOffset + 8 * index, 8);

  function takeElement(elements: Elements, index: number, slot: number, kind: number): void {
    switch (kind) {
      case STORAGE.double: {
        const x = f64[slot];
        if (Number.isNaN(x)) bytesOfDouble(elements as Float64Array, index).set(bytes.subarray(slot * 8, slot * 8 + 8));
        else (elements as Float64Array)[index] = x;
        break;
      }
      case STORAGE.reference:
        (elements as unknown[])[index] = refs[slot];
        break;
      case STORAGE.long:
      case STORAGE.vector: {
        const words = wordsOf(kind);
        for (let i = 0; i < words; i++) (elements as Int32Array)[index * words + i] = halves[slot * 2 + i];
        break;
      }
      default:
        (elements as Int32Array)[index] = i32[slot];
    }
  }

  function putElement(elements: Elements, index: number, slot: number, kind: number): void {
    switch (kind) {
      case STORAGE.double: {
        const x = (elements as Float64Array)[index];
        if (Number.isNaN(x)) bytes.set(bytesOfDouble(elements as Float64Array, index), slot * 8);
        else f64[slot] = x;
        break;
      }
      case STORAGE.reference:
        refs[slot] = (elements as unknown[])[index];
        break;
      case STORAGE.long:
      case STORAGE.vector: {
        const words = wordsOf(kind);
        for (let i = 0; i < words; i++) halves[slot * 2 + i] = (elements as Int32Array)[index * words + i];
        break;
      }
      default:
        putWord(slot, kind, (elements as Int32Array)[index]);
    }
  }

  const struct = (slot: number): StructRef => {
    const value = refs[slot];
    if (value === null) throw new Trap("null-reference", { detail: "of a structure" });
    return value as StructRef;
  };
  const array = (slot: number): ArrayRef => {
    const value = refs[slot];
    if (value === null) throw new Trap("null-reference", { detail: "of an array" });
    return value as ArrayRef;
  };
  const unsigned = (slot: number): number => i32[slot] >>> 0;
  const typeAt = (index: number) => S.instance.store.types[index];

  define(OUT_OF_LINE.structNew, (pc, fp) => {
    const type = typeAt(code[pc + 4]);
    const { fields } = type.composite as StructType;
    let slot = fp + code[pc + 5];
    // An array that grows by its elements keeps room for more.
    const values = defaultFields(type.composite as StructType);
    let place = 0;
    for (const { storage } of fields) {
      const kind = storageKind(storage);
      take(slot, kind, values, place);
      place += placesOf(storage);
      slot += kind === STORAGE.vector ? 2 : 1;
    }
    refs[fp + code[pc + 3]] = new StructRef(type, undefined, values);
  });
  define(OUT_OF_LINE.structNewDefault, (pc, fp) => {
    refs[fp + code[pc + 3]] = makeDefaultStruct(typeAt(code[pc + 4]));
  });
  define(OUT_OF_LINE.structGet, (pc, fp) => {
    const { fields } = struct(fp + code[pc + 4]);
    put(fp + code[pc + 3], code[pc + 6], fields, code[pc + 5]);
  });
  define(OUT_OF_LINE.structSet, (pc, fp) => {
    const { fields } = struct(fp + code[pc + 3]);
    take(fp + code[pc + 4], code[pc + 6], fields, code[pc + 5]);
  });

  define(OUT_OF_LINE.arrayNewFixed, (pc, fp) => {
    const count = code[pc + 6];
    const made = makeArray(typeAt(code[pc + 4]), count);
    const kind = storageKind(elementStorage(made.type));
    let slot = fp + code[pc + 5];
    for (let i = 0; i < count; i++) {
      takeElement(made.elements, i, slot, kind);
      slot += kind === STORAGE.vector ? 2 : 1;
    }
    refs[fp + code[pc + 3]] = made;
  });
  define(OUT_OF_LINE.arrayGet, (pc, fp) => {
    const { elements, length } = array(fp + code[pc + 4]);
    const index = unsigned(fp + code[pc + 5]);
    if (index >= length) throw new Trap("out-of-bounds-array");
    putElement(elements, index, fp + code[pc + 3], code[pc + 6]);
  });
  define(OUT_OF_LINE.arraySet, (pc, fp) => {
    const { elements, length } = array(fp + code[pc + 3]);
    const index = unsigned(fp + code[pc + 4]);
    if (index >= length) throw new Trap("out-of-bounds-array");
    takeElement(elements, index, fp + code[pc + 5], code[pc + 6]);
  });
  define(OUT_OF_LINE.arrayLen, (pc, fp) => {
    i32[fp + code[pc + 3]] = array(fp + code[pc + 4]).length;
  });

  define(OUT_OF_LINE.refTest, (pc, fp) => {
    const value = refs[fp + code[pc + 4]];
    i32[fp + code[pc + 3]] = matchesReferenceType(value, code[pc + 5], S.instance.store.types) ? 1 : 0;
  });
  define(OUT_OF_LINE.refCast, (pc, fp) => {
    if (!matchesReferenceType(refs[fp + code[pc + 3]], code[pc + 4], S.instance.store.types))
      throw new Trap("cast-failure");
  });
  define(OUT_OF_LINE.brOnCast, (pc, fp) =>
    matchesReferenceType(refs[fp + code[pc + 5]], code[pc + 6], S.instance.store.types),
  );
  define(
    OUT_OF_LINE.brOnCastFail,
    (pc, fp) => !matchesReferenceType(refs[fp + code[pc + 5]], code[pc + 6], S.instance.store.types),
  );
  define(OUT_OF_LINE.refI31, (pc, fp) => {
    refs[fp + code[pc + 3]] = (i32[fp + code[pc + 4]] << 1) >> 1;
  });
  const i31 = (slot: number): number => {
    const value = refs[slot];
    if (value === null) throw new Trap("null-reference", { detail: "of an i31" });
    return value as number;
  };
  define(OUT_OF_LINE.i31GetS, (pc, fp) => {
    i32[fp + code[pc + 3]] = i31(fp + code[pc + 4]);
  });
  define(OUT_OF_LINE.i31GetU, (pc, fp) => {
    i32[fp + code[pc + 3]] = i31(fp + code[pc + 4]) & 0x7fffffff;
  });

  /** The dynamic charge of what makes or moves elements. */
  const units = (length: number): number => Math.floor(length / 8);
  function within(target: ArrayRef, offset: number, length: number): void {
    if (offset + length > target.length) throw new Trap("out-of-bounds-array");
  }
  function withinData(data: Uint8Array, offset: number, length: number): void {
    if (offset + length > data.length) throw new Trap("out-of-bounds-memory");
  }

  driver[DRIVER_OP.arrayNew] = (pc, fp, charge) => {
    const length = unsigned(fp + code[pc + 6]);
    charge(units(length));
    const made = makeArray(typeAt(code[pc + 7]), length);
    fill(made, 0, length, fp + code[pc + 5], storageKind(elementStorage(made.type)));
    writeReference(arena, fp + code[pc + 4], made);
  };
  driver[DRIVER_OP.arrayNewDefault] = (pc, fp, charge) => {
    const length = unsigned(fp + code[pc + 5]);
    charge(units(length));
    writeReference(arena, fp + code[pc + 4], makeArray(typeAt(code[pc + 6]), length));
  };
  driver[DRIVER_OP.arrayNewData] = (pc, fp, charge) => {
    const offset = unsigned(fp + code[pc + 5]);
    const length = unsigned(fp + code[pc + 6]);
    const type = typeAt(code[pc + 7]);
    charge(units(length));
    const data = S.instance.store.data[code[pc + 8]];
    withinData(data, offset, length * storageSize(storageKind(elementStorage(type))));
    const made = makeArray(type, length);
    copyFromData(made, 0, data, offset, length);
    writeReference(arena, fp + code[pc + 4], made);
  };
  driver[DRIVER_OP.arrayNewElem] = (pc, fp, charge) => {
    const offset = unsigned(fp + code[pc + 5]);
    const length = unsigned(fp + code[pc + 6]);
    charge(units(length));
    const items = S.instance.store.elements[code[pc + 8]];
    if (offset + length > items.length) throw new Trap("out-of-bounds-table");
    const made = new ArrayRef(typeAt(code[pc + 7]), length, items.slice(offset, offset + length));
    writeReference(arena, fp + code[pc + 4], made);
  };

  function fill(target: ArrayRef, offset: number, length: number, slot: number, kind: number): void {
    const { elements } = target;
    const end = offset + length;
    if (kind === STORAGE.reference) (elements as unknown[]).fill(refs[slot], offset, end);
    else if (kind <= STORAGE.word) (elements as Int32Array).fill(i32[slot], offset, end);
    else for (let i = offset; i < end; i++) takeElement(elements, i, slot, kind);
  }
  driver[DRIVER_OP.arrayFill] = (pc, fp, charge) => {
    const length = unsigned(fp + code[pc + 7]);
    charge(units(length));
    const target = array(fp + code[pc + 4]);
    const offset = unsigned(fp + code[pc + 5]);
    within(target, offset, length);
    fill(target, offset, length, fp + code[pc + 6], code[pc + 8]);
  };
  driver[DRIVER_OP.arrayCopy] = (pc, fp, charge) => {
    const length = unsigned(fp + code[pc + 8]);
    charge(units(length));
    // Where both arrays are wrong, the trap is that of the platform's own WebAssembly: the target's.
    const target = array(fp + code[pc + 4]);
    const to = unsigned(fp + code[pc + 5]);
    within(target, to, length);
    const source = array(fp + code[pc + 6]);
    const from = unsigned(fp + code[pc + 7]);
    within(source, from, length);
    copyElements(target, to, source, from, length);
  };
  driver[DRIVER_OP.arrayInitData] = (pc, fp, charge) => {
    const length = unsigned(fp + code[pc + 7]);
    charge(units(length));
    const target = array(fp + code[pc + 4]);
    const to = unsigned(fp + code[pc + 5]);
    const from = unsigned(fp + code[pc + 6]);
    const data = S.instance.store.data[code[pc + 8]];
    within(target, to, length);
    withinData(data, from, length * storageSize(storageKind(elementStorage(target.type))));
    copyFromData(target, to, data, from, length);
  };
  driver[DRIVER_OP.arrayInitElem] = (pc, fp, charge) => {
    const length = unsigned(fp + code[pc + 7]);
    charge(units(length));
    const target = array(fp + code[pc + 4]);
    const to = unsigned(fp + code[pc + 5]);
    const from = unsigned(fp + code[pc + 6]);
    const items = S.instance.store.elements[code[pc + 8]];
    within(target, to, length);
    if (from + length > items.length) throw new Trap("out-of-bounds-table");
    for (let i = 0; i < length; i++) (target.elements as unknown[])[to + i] = items[from + i];
  };
}
