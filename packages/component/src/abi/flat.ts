import { type ValueType as CoreValueType, F32, F64, I32, I64 } from "@wardian/runtime/internal";
import { flattenTypes } from "../types/flatten.ts";
import type { ListType, MapType, ValueType } from "../types/value.ts";
import { bareChoice, casesOf, checkCase, checkChar, type Elements, fieldsOf } from "./elements.ts";
import { countOf } from "./lists.ts";
import { liftString } from "./load-string.ts";
import { coreOf, lengthOf, unsignedOf } from "./memory.ts";
import { arrayOf, bitsOfF32, bitsOfF64, canonical, f32OfBits, f64OfBits, numberFormat } from "./numbers.ts";
import type { CoreValue } from "./site.ts";
import { lowerString } from "./store-string.ts";
import { Choice, type GuestString, type TransferValue } from "./transfer.ts";

/** How values of one type are passed as core values, from a fixed place in a signature on. */
export interface FlatCodec<Scope> {
  readonly lift: (flat: readonly CoreValue[], scope: Scope) => TransferValue;
  readonly lower: (value: TransferValue, flat: CoreValue[], scope: Scope) => void;
  /** How many core values are used. */
  readonly count: number;
}

/** The core type of addresses. */
export const pointerType = (pointerBytes: 4 | 8): CoreValueType => (pointerBytes === 4 ? I32 : I64);

type ReadWrite<Value> = {
  readonly read: (flat: readonly CoreValue[]) => Value;
  readonly write: (value: Value, flat: CoreValue[]) => void;
};

/*
 * Access to the core value at a place. The slot's type may be another than the value's, where cases of a variant share it (Canonical ABI:
 * `CoerceValueIter`).
 */

/** An i32, read as a signed number. */
function i32At(slot: CoreValueType, at: number): ReadWrite<number> {
  if (slot === I32)
    return {
      read: (flat) => flat[at] as number,
      write: (value, flat) => {
        flat[at] = value | 0;
      },
    };
  return {
    read: (flat) => Number(BigInt.asIntN(32, flat[at] as bigint)),
    write: (value, flat) => {
      flat[at] = BigInt(value >>> 0);
    },
  };
}

function i64At(at: number): ReadWrite<bigint> {
  return {
    read: (flat) => flat[at] as bigint,
    write: (value, flat) => {
      flat[at] = BigInt.asIntN(64, value);
    },
  };
}

function f32At(slot: CoreValueType, at: number): ReadWrite<number> {
  if (slot === F32)
    return {
      read: (flat) => canonical(flat[at] as number),
      write: (value, flat) => {
        flat[at] = canonical(value);
      },
    };
  const { read, write } = i32At(slot, at);
  return { read: (flat) => f32OfBits(read(flat)), write: (value, flat) => write(bitsOfF32(value), flat) };
}

function f64At(slot: CoreValueType, at: number): ReadWrite<number> {
  if (slot === F64)
    return {
      read: (flat) => canonical(flat[at] as number),
      write: (value, flat) => {
        flat[at] = canonical(value);
      },
    };
  return {
    read: (flat) => f64OfBits(flat[at] as bigint),
    write: (value, flat) => {
      flat[at] = bitsOfF64(value);
    },
  };
}

/**
 * Lifts from, and lowers to, core values, specialised by type and place (Canonical ABI, "Flat Lifting" and "Flat Lowering").
 *
 * @param slots the core types of the whole signature
 * @param at the place of the first core value
 */
export function flatCodec<Scope>(
  elements: Elements<Scope>,
  type: ValueType,
  slots: readonly CoreValueType[],
  at: number,
): FlatCodec<Scope> {
  const integer = (narrow: (value: number) => TransferValue): FlatCodec<Scope> => {
    const { read, write } = i32At(slots[at], at);
    return { count: 1, lift: (flat) => narrow(read(flat)), lower: (value, flat) => write(value as number, flat) };
  };
  switch (type.kind) {
    case "bool": {
      const { read, write } = i32At(slots[at], at);
      return {
        count: 1,
        lift: (flat) => read(flat) !== 0,
        lower: (value, flat) => write(value === true ? 1 : 0, flat),
      };
    }
    case "u8":
      return integer((value) => value & 0xff);
    case "s8":
      return integer((value) => (value << 24) >> 24);
    case "u16":
      return integer((value) => value & 0xffff);
    case "s16":
      return integer((value) => (value << 16) >> 16);
    case "u32":
      return integer((value) => value >>> 0);
    case "s32":
      return integer((value) => value | 0);
    case "char":
      return integer(checkChar);
    case "enum": {
      const cases = type.labels.length;
      return integer((value) => checkCase(value, cases));
    }
    case "flags": {
      const mask = 2 ** type.labels.length - 1;
      return integer((value) => (value & mask) >>> 0);
    }
    case "u64":
    case "s64": {
      const { read, write } = i64At(at);
      const bits = type.kind === "u64" ? BigInt.asUintN : BigInt.asIntN;
      return { count: 1, lift: (flat) => bits(64, read(flat)), lower: (value, flat) => write(value as bigint, flat) };
    }
    case "f32":
    case "f64": {
      const { read, write } = type.kind === "f32" ? f32At(slots[at], at) : f64At(slots[at], at);
      return { count: 1, lift: read, lower: (value, flat) => write(value as number, flat) };
    }
    case "string": {
      const { site, peer } = elements;
      const put = pointerWriter(slots, at, site);
      return {
        count: 2,
        lift: (flat) => liftString(site, addressOf(site, flat[at]), lengthOf(site, narrowed(site, flat[at + 1])), peer),
        lower: (value, flat) => {
          const { pointer, length } = lowerString(site, value as string | GuestString, peer);
          put(flat, pointer, length);
        },
      };
    }
    case "list":
      return type.length === undefined
        ? dynamicList(elements, type, slots, at)
        : fixedList(elements, type.element, type.length, slots, at);
    case "map":
      return dynamicList(elements, type, slots, at);
    case "record":
    case "tuple":
      return sequence(elements, fieldsOf(type) ?? [], slots, at);
    case "variant":
    case "option":
    case "result":
      return choice(elements, type, slots, at);
    case "own":
    case "borrow":
    case "stream":
    case "future":
    case "error-context": {
      const codec = elements.handle(type);
      const { read, write } = i32At(slots[at], at);
      return {
        count: 1,
        lift: (flat, scope) => codec.lift(read(flat) >>> 0, scope),
        lower: (value, flat, scope) => write(codec.lower(value, scope), flat),
      };
    }
  }
}

type Addressing = Elements<never>["site"];

/** A core value with the width of addresses: cases of a variant may share a wider slot. */
function narrowed({ pointerBytes }: Pick<Addressing, "pointerBytes">, value: CoreValue): CoreValue {
  return pointerBytes === 4 && typeof value === "bigint" ? Number(BigInt.asIntN(32, value)) : value;
}

function addressOf(site: Pick<Addressing, "pointerBytes">, value: CoreValue): number {
  return unsignedOf(narrowed(site, value));
}

/** Writes an address and a length. */
function pointerWriter(
  slots: readonly CoreValueType[],
  at: number,
  site: Parameters<typeof coreOf>[0],
): (flat: CoreValue[], pointer: number, length: number) => void {
  if (site.pointerBytes === 4) {
    const first = i32At(slots[at], at);
    const second = i32At(slots[at + 1], at + 1);
    return (flat, pointer, length) => {
      first.write(pointer, flat);
      second.write(coreOf(site, length) as number, flat);
    };
  }
  return (flat, pointer, length) => {
    flat[at] = coreOf(site, pointer);
    flat[at + 1] = coreOf(site, length);
  };
}

function dynamicList<Scope>(
  elements: Elements<Scope>,
  type: ListType | MapType,
  slots: readonly CoreValueType[],
  at: number,
): FlatCodec<Scope> {
  const { site, peer } = elements;
  const { lift, lower } = elements.dynamicList(type);
  const put = pointerWriter(slots, at, site);
  return {
    count: 2,
    lift: (flat, scope) => lift(addressOf(site, flat[at]), addressOf(site, flat[at + 1]), scope, peer),
    lower: (value, flat, scope) => {
      const count = countOf(value);
      put(flat, lower(value, count, scope), count);
    },
  };
}

function sequence<Scope>(
  elements: Elements<Scope>,
  types: readonly ValueType[],
  slots: readonly CoreValueType[],
  at: number,
): FlatCodec<Scope> {
  const parts: FlatCodec<Scope>[] = [];
  let count = 0;
  for (const type of types) {
    const part = flatCodec(elements, type, slots, at + count);
    parts.push(part);
    count += part.count;
  }
  return {
    count,
    lift: (flat, scope) => {
      const values: TransferValue[] = [];
      for (let i = 0; i < parts.length; i++) values.push(parts[i].lift(flat, scope));
      return values;
    },
    lower: (value, flat, scope) => {
      const values = value as readonly TransferValue[];
      for (let i = 0; i < parts.length; i++) parts[i].lower(values[i], flat, scope);
    },
  };
}

/** A list of a fixed length. Numbers are in a typed array, as they are when in memory. */
function fixedList<Scope>(
  elements: Elements<Scope>,
  type: ValueType,
  length: number,
  slots: readonly CoreValueType[],
  at: number,
): FlatCodec<Scope> {
  const parts = sequence(
    elements,
    Array.from({ length }, () => type),
    slots,
    at,
  );
  const format = numberFormat(type);
  if (format === undefined) return parts;
  return {
    ...parts,
    lift: (flat, scope) => {
      const values = parts.lift(flat, scope) as number[];
      return arrayOf(format, values);
    },
  };
}

function choice<Scope>(
  elements: Elements<Scope>,
  type: ValueType,
  slots: readonly CoreValueType[],
  at: number,
): FlatCodec<Scope> {
  const types = casesOf(type) ?? [];
  const pointer = pointerType(elements.site.pointerBytes);
  const count = flattenTypes([type], pointer, slots.length)?.length ?? 1;
  const cases = types.map((part) => (part === undefined ? undefined : flatCodec(elements, part, slots, at + 1)));
  const tag = i32At(slots[at], at);
  // What a case does not use is zero.
  const zeros = slots.slice(0, at + count).map((slot): CoreValue => (slot === I64 ? 0n : 0));
  return {
    count,
    lift: (flat, scope) => {
      const index = checkCase(tag.read(flat), types.length);
      const codec = cases[index];
      return codec === undefined ? bareChoice(index) : new Choice(index, codec.lift(flat, scope));
    },
    lower: (value, flat, scope) => {
      const { index, payload } = value as Choice;
      tag.write(index, flat);
      const codec = cases[index];
      codec?.lower(payload, flat, scope);
      for (let i = at + 1 + (codec?.count ?? 0); i < at + count; i++) flat[i] = zeros[i];
    },
  };
}
