import {
  ArrayRef,
  copyFromData,
  type Elements,
  elementStorage,
  type FieldValue,
  makeArray,
  makeDefaultStruct,
  STORAGE,
  StructRef,
  storageKind,
  storageSize,
} from "../../store/gc.ts";
import { matchesReferenceType } from "../../store/references.ts";
import { Trap } from "../../store/trap.ts";
import type { StructType } from "../../wasm/types.ts";
import type { Arena } from "./arena.ts";
import type { Outside } from "./outside.ts";
import { OUTSIDE, ROOM } from "./room-numbers.ts";
import type { Room } from "./rooms.ts";
import { SIGNED } from "./select-gc.ts";
import type { MachineState } from "./state.ts";
import { writeReference } from "./values-in-registers.ts";

/** Instructions on structures, arrays and i31 references. */
export function gcRooms(arena: Arena, S: MachineState, rooms: Room[], outside: Outside[]): void {
  const { code, i32, i64, f64, bytes, refs } = arena;
  const define = (number: number, room: (pc: number, fp: number) => unknown): void => {
    rooms[number] = (pc, fp) => room(pc, fp) === true;
  };

  /** A register's value as a field keeps it. */
  function take(slot: number, kind: number): FieldValue {
    switch (kind) {
      case STORAGE.i8:
        return i32[slot] & 0xff;
      case STORAGE.i16:
        return i32[slot] & 0xffff;
      case STORAGE.word:
        return i32[slot];
      case STORAGE.long:
        return i64[slot];
      case STORAGE.double: {
        const x = f64[slot];
        return Number.isNaN(x) ? i64[slot] : x;
      }
      case STORAGE.vector:
        return bytes.slice(slot * 8, slot * 8 + 16);
      default:
        return refs[slot];
    }
  }

  function put(slot: number, kind: number, value: FieldValue): void {
    switch (kind) {
      case STORAGE.i8 | SIGNED:
        i32[slot] = ((value as number) << 24) >> 24;
        break;
      case STORAGE.i16 | SIGNED:
        i32[slot] = ((value as number) << 16) >> 16;
        break;
      case STORAGE.i8:
        i32[slot] = (value as number) & 0xff;
        break;
      case STORAGE.i16:
        i32[slot] = (value as number) & 0xffff;
        break;
      case STORAGE.word:
        i32[slot] = value as number;
        break;
      case STORAGE.long:
        i64[slot] = value as bigint;
        break;
      case STORAGE.double:
        if (typeof value === "bigint") i64[slot] = value;
        else f64[slot] = value as number;
        break;
      case STORAGE.vector:
        bytes.set(value as Uint8Array, slot * 8);
        break;
      default:
        refs[slot] = value;
    }
  }

  function takeElement(elements: Elements, index: number, slot: number, kind: number): void {
    switch (kind) {
      case STORAGE.long:
      case STORAGE.double:
        (elements as BigInt64Array)[index] = i64[slot];
        break;
      case STORAGE.vector:
        (elements as BigInt64Array)[index * 2] = i64[slot];
        (elements as BigInt64Array)[index * 2 + 1] = i64[slot + 1];
        break;
      case STORAGE.reference:
        (elements as unknown[])[index] = refs[slot];
        break;
      default:
        (elements as Int32Array)[index] = i32[slot];
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

  define(ROOM.structNew, (pc, fp) => {
    const type = typeAt(code[pc + 4]);
    let slot = fp + code[pc + 5];
    const values: FieldValue[] = [];
    for (const { storage } of (type.composite as StructType).fields) {
      const kind = storageKind(storage);
      values.push(take(slot, kind));
      slot += kind === STORAGE.vector ? 2 : 1;
    }
    refs[fp + code[pc + 3]] = new StructRef(type, undefined, values);
  });
  define(ROOM.structNewDefault, (pc, fp) => {
    refs[fp + code[pc + 3]] = makeDefaultStruct(typeAt(code[pc + 4]));
  });
  define(ROOM.structGet, (pc, fp) => {
    const { fields } = struct(fp + code[pc + 4]);
    put(fp + code[pc + 3], code[pc + 6], fields[code[pc + 5]]);
  });
  define(ROOM.structSet, (pc, fp) => {
    const { fields } = struct(fp + code[pc + 3]);
    fields[code[pc + 5]] = take(fp + code[pc + 4], code[pc + 6]);
  });

  define(ROOM.arrayNewFixed, (pc, fp) => {
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
  define(ROOM.arrayGet, (pc, fp) => {
    const { elements, length } = array(fp + code[pc + 4]);
    const index = unsigned(fp + code[pc + 5]);
    if (index >= length) throw new Trap("out-of-bounds-array");
    const kind = code[pc + 6];
    const slot = fp + code[pc + 3];
    if (kind === STORAGE.double) i64[slot] = (elements as BigInt64Array)[index];
    else if (kind === STORAGE.vector) {
      i64[slot] = (elements as BigInt64Array)[index * 2];
      i64[slot + 1] = (elements as BigInt64Array)[index * 2 + 1];
    } else put(slot, kind, (elements as unknown[])[index]);
  });
  define(ROOM.arraySet, (pc, fp) => {
    const { elements, length } = array(fp + code[pc + 3]);
    const index = unsigned(fp + code[pc + 4]);
    if (index >= length) throw new Trap("out-of-bounds-array");
    takeElement(elements, index, fp + code[pc + 5], code[pc + 6]);
  });
  define(ROOM.arrayLen, (pc, fp) => {
    i32[fp + code[pc + 3]] = array(fp + code[pc + 4]).length;
  });

  define(ROOM.refTest, (pc, fp) => {
    const value = refs[fp + code[pc + 4]];
    i32[fp + code[pc + 3]] = matchesReferenceType(value, code[pc + 5], S.instance.store.types) ? 1 : 0;
  });
  define(ROOM.refCast, (pc, fp) => {
    if (!matchesReferenceType(refs[fp + code[pc + 3]], code[pc + 4], S.instance.store.types))
      throw new Trap("cast-failure");
  });
  define(ROOM.brOnCast, (pc, fp) =>
    matchesReferenceType(refs[fp + code[pc + 5]], code[pc + 6], S.instance.store.types),
  );
  define(
    ROOM.brOnCastFail,
    (pc, fp) => !matchesReferenceType(refs[fp + code[pc + 5]], code[pc + 6], S.instance.store.types),
  );
  define(ROOM.refI31, (pc, fp) => {
    refs[fp + code[pc + 3]] = (i32[fp + code[pc + 4]] << 1) >> 1;
  });
  const i31 = (slot: number): number => {
    const value = refs[slot];
    if (value === null) throw new Trap("null-reference", { detail: "of an i31" });
    return value as number;
  };
  define(ROOM.i31GetS, (pc, fp) => {
    i32[fp + code[pc + 3]] = i31(fp + code[pc + 4]);
  });
  define(ROOM.i31GetU, (pc, fp) => {
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

  outside[OUTSIDE.arrayNew] = (pc, fp, charge) => {
    const length = unsigned(fp + code[pc + 6]);
    charge(units(length));
    const made = makeArray(typeAt(code[pc + 7]), length);
    fill(made, 0, length, fp + code[pc + 5], storageKind(elementStorage(made.type)));
    writeReference(arena, fp + code[pc + 4], made);
  };
  outside[OUTSIDE.arrayNewDefault] = (pc, fp, charge) => {
    const length = unsigned(fp + code[pc + 5]);
    charge(units(length));
    writeReference(arena, fp + code[pc + 4], makeArray(typeAt(code[pc + 6]), length));
  };
  outside[OUTSIDE.arrayNewData] = (pc, fp, charge) => {
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
  outside[OUTSIDE.arrayNewElem] = (pc, fp, charge) => {
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
    if (kind === STORAGE.vector) for (let i = offset; i < end; i++) takeElement(elements, i, slot, kind);
    else if (kind === STORAGE.long || kind === STORAGE.double) (elements as BigInt64Array).fill(i64[slot], offset, end);
    else if (kind === STORAGE.reference) (elements as unknown[]).fill(refs[slot], offset, end);
    else (elements as Int32Array).fill(i32[slot], offset, end);
  }
  outside[OUTSIDE.arrayFill] = (pc, fp, charge) => {
    const length = unsigned(fp + code[pc + 7]);
    charge(units(length));
    const target = array(fp + code[pc + 4]);
    const offset = unsigned(fp + code[pc + 5]);
    within(target, offset, length);
    fill(target, offset, length, fp + code[pc + 6], code[pc + 8]);
  };
  outside[OUTSIDE.arrayCopy] = (pc, fp, charge) => {
    const length = unsigned(fp + code[pc + 8]);
    charge(units(length));
    // Where both arrays are wrong, the trap is that of the platform's own WebAssembly: the target's.
    const target = array(fp + code[pc + 4]);
    const to = unsigned(fp + code[pc + 5]);
    within(target, to, length);
    const source = array(fp + code[pc + 6]);
    const from = unsigned(fp + code[pc + 7]);
    within(source, from, length);
    const wide = storageKind(elementStorage(target.type)) === STORAGE.vector ? 2 : 1;
    const elements = target.elements as unknown[];
    if (target === source) elements.copyWithin(to * wide, from * wide, (from + length) * wide);
    else
      for (let i = 0; i < length * wide; i++) elements[to * wide + i] = (source.elements as unknown[])[from * wide + i];
  };
  outside[OUTSIDE.arrayInitData] = (pc, fp, charge) => {
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
  outside[OUTSIDE.arrayInitElem] = (pc, fp, charge) => {
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
