import { type AbiPeer, ComponentTrap } from "../trap.ts";
import { alignTo, discriminantBytes, flagsBytes, layoutOf, offsetsOf } from "../types/layout.ts";
import type { ListType, MapType, ValueType } from "../types/value.ts";
import {
  allocateList,
  countOf,
  liftElements,
  liftNumbers,
  loadElements,
  loadNumbers,
  storeElements,
  storeNumbers,
} from "./lists.ts";
import { liftString } from "./load-string.ts";
import { loadLength, loadPointer, storeLength, storePointer } from "./memory.ts";
import { bitsOfF32, bitsOfF64, canonical, numberFormat } from "./numbers.ts";
import type { AbiSite, HandleCodec, MemoryAccess, TableValueType } from "./site.ts";
import { lowerString } from "./store-string.ts";
import { Choice, type GuestString, type TransferValue } from "./transfer.ts";

/** How values of one type are read from, and written to, the memory of one site. Addresses are in bounds and aligned. */
export interface ElementCodec<Scope> {
  readonly bytes: number;
  readonly alignment: number;
  /** Of how many values a value consists, those of lists in it left out. */
  readonly parts: number;
  readonly load: (pointer: number, scope: Scope) => TransferValue;
  readonly store: (value: TransferValue, pointer: number, scope: Scope) => void;
}

type LoadStore<Scope> = Pick<ElementCodec<Scope>, "load" | "store">;

/** Whether a code point is a Unicode scalar value. */
function isScalar(code: number): boolean {
  return code < 0xd800 || (code > 0xdfff && code < 0x11_0000);
}

/** Traps unless a number is the code point of a `char`. */
export function checkChar(code: number): number {
  const unsigned = code >>> 0;
  if (!isScalar(unsigned)) throw new ComponentTrap("invalid-char");
  return unsigned;
}

/** Traps unless a discriminant is that of a case. */
export function checkCase(index: number, cases: number): number {
  const unsigned = index >>> 0;
  if (unsigned >= cases) throw new ComponentTrap("invalid-discriminant");
  return unsigned;
}

/** The payload types of what the specification makes a variant of (Canonical ABI: `despecialize`); undefined for other types. */
export function casesOf(type: ValueType): readonly (ValueType | undefined)[] | undefined {
  switch (type.kind) {
    case "variant":
      return type.cases.map((item) => item.type);
    case "option":
      return [undefined, type.type];
    case "result":
      return [type.ok, type.error];
    default:
      return undefined;
  }
}

/** The parts of a record or tuple. */
export function fieldsOf(type: ValueType): readonly ValueType[] | undefined {
  return type.kind === "record"
    ? type.fields.map((field) => field.type)
    : type.kind === "tuple"
      ? type.types
      : undefined;
}

/** A value without a payload, one for each case that has been met. */
const bare: Choice[] = [];

/** The case of that number, without a payload. */
export function bareChoice(index: number): Choice {
  bare[index] ??= new Choice(index, undefined);
  return bare[index];
}

/** Reads and writes values of all types for one site, specialised by type (Canonical ABI, "Loading" and "Storing"). */
export class Elements<Scope> {
  readonly site: AbiSite<Scope>;
  readonly peer: AbiPeer;
  private readonly codecs = new Map<ValueType, ElementCodec<Scope>>();
  private readonly handles = new Map<TableValueType, HandleCodec<Scope>>();

  constructor(site: AbiSite<Scope>, peer: AbiPeer) {
    this.site = site;
    this.peer = peer;
  }

  /** The codec of a type: one for each type object. */
  of(type: ValueType): ElementCodec<Scope> {
    let codec = this.codecs.get(type);
    if (codec === undefined) {
      codec = { ...layoutOf(type, this.site.pointerBytes), parts: type.facts.size, ...this.make(type) };
      this.codecs.set(type, codec);
    }
    return codec;
  }

  handle(type: TableValueType): HandleCodec<Scope> {
    let codec = this.handles.get(type);
    if (codec === undefined) {
      codec = this.site.handles(type);
      this.handles.set(type, codec);
    }
    return codec;
  }

  private make(type: ValueType): LoadStore<Scope> {
    // Types of values in memory are only used where there is a memory.
    const memory = this.site.memory as MemoryAccess;
    switch (type.kind) {
      case "bool":
        return {
          load: (at) => memory.bytes[at] !== 0,
          store: (value, at) => {
            memory.bytes[at] = value === true ? 1 : 0;
          },
        };
      case "u8":
        return {
          load: (at) => memory.bytes[at],
          store: (value, at) => {
            memory.bytes[at] = value as number;
          },
        };
      case "s8":
        return {
          load: (at) => (memory.bytes[at] << 24) >> 24,
          store: (value, at) => {
            memory.bytes[at] = value as number;
          },
        };
      case "u16":
        return {
          load: (at) => memory.view.getUint16(at, true),
          store: (value, at) => memory.view.setUint16(at, value as number, true),
        };
      case "s16":
        return {
          load: (at) => memory.view.getInt16(at, true),
          store: (value, at) => memory.view.setInt16(at, value as number, true),
        };
      case "u32":
        return {
          load: (at) => memory.view.getUint32(at, true),
          store: (value, at) => memory.view.setUint32(at, value as number, true),
        };
      case "s32":
        return {
          load: (at) => memory.view.getInt32(at, true),
          store: (value, at) => memory.view.setInt32(at, value as number, true),
        };
      case "u64":
        return {
          load: (at) => memory.view.getBigUint64(at, true),
          store: (value, at) => memory.view.setBigUint64(at, value as bigint, true),
        };
      case "s64":
        return {
          load: (at) => memory.view.getBigInt64(at, true),
          store: (value, at) => memory.view.setBigInt64(at, value as bigint, true),
        };
      case "f32":
        return {
          load: (at) => canonical(memory.view.getFloat32(at, true)),
          store: (value, at) => memory.view.setInt32(at, bitsOfF32(value as number), true),
        };
      case "f64":
        return {
          load: (at) => canonical(memory.view.getFloat64(at, true)),
          store: (value, at) => memory.view.setBigInt64(at, bitsOfF64(value as number), true),
        };
      case "char":
        return {
          load: (at) => checkChar(memory.view.getUint32(at, true)),
          store: (value, at) => memory.view.setUint32(at, value as number, true),
        };
      case "string":
        return this.string(memory);
      case "list":
      case "map":
        return this.list(type, memory);
      case "record":
      case "tuple":
        return this.fields(fieldsOf(type) ?? []);
      case "variant":
      case "option":
      case "result":
        return this.choice(casesOf(type) ?? [], memory);
      case "enum":
        return discriminant(type.labels.length, memory);
      case "flags":
        return flags(type.labels.length, memory);
      case "own":
      case "borrow":
      case "stream":
      case "future":
      case "error-context": {
        const codec = this.handle(type);
        return {
          load: (at, scope) => codec.lift(memory.view.getUint32(at, true), scope),
          store: (value, at, scope) => {
            const index = codec.lower(value, scope);
            memory.view.setUint32(at, index, true);
          },
        };
      }
    }
  }

  private string(memory: MemoryAccess): LoadStore<Scope> {
    const { site, peer } = this;
    const { pointerBytes } = site;
    return {
      load: (at) => {
        const { view } = memory;
        return liftString(site, loadPointer(site, view, at), loadLength(site, view, at + pointerBytes), peer);
      },
      store: (value, at) => {
        const { pointer, length } = lowerString(site, value as string | GuestString, peer);
        const { view } = memory;
        storePointer(site, view, at, pointer);
        storeLength(site, view, at + pointerBytes, length);
      },
    };
  }

  private list(type: ListType | MapType, memory: MemoryAccess): LoadStore<Scope> {
    const { site, peer } = this;
    if (type.kind === "list" && type.length !== undefined) return this.fixedList(type.element, type.length);
    const { lift, lower } = this.dynamicList(type);
    const { pointerBytes } = site;
    return {
      load: (at, scope) => {
        const { view } = memory;
        return lift(loadPointer(site, view, at), loadPointer(site, view, at + pointerBytes), scope, peer);
      },
      store: (value, at, scope) => {
        const count = countOf(value);
        const pointer = lower(value, count, scope);
        const { view } = memory;
        storePointer(site, view, at, pointer);
        storePointer(site, view, at + pointerBytes, count);
      },
    };
  }

  private fixedList(type: ValueType, length: number): LoadStore<Scope> {
    const { site } = this;
    const format = numberFormat(type);
    // A copy between components too: the other side may pass the numbers flat.
    if (format !== undefined)
      return {
        load: (at) => loadNumbers(site, format, at, length, length * format.bytes, "host"),
        store: (value, at) => storeNumbers(site, format, value, length, at),
      };
    const element = this.of(type);
    return {
      load: (at, scope) => loadElements(site, element, at, length, scope),
      store: (value, at, scope) => storeElements(site, element, value as TransferValue[], at, scope),
    };
  }

  /** Lists and maps whose elements are elsewhere in memory. `lower` returns the address. */
  dynamicList(type: ListType | MapType): {
    readonly lift: (pointer: number, count: number, scope: Scope, peer: AbiPeer) => TransferValue;
    readonly lower: (value: TransferValue, count: number, scope: Scope) => number;
  } {
    const { site, peer } = this;
    const format = type.kind === "list" ? numberFormat(type.element) : undefined;
    if (format !== undefined) {
      const layout = { bytes: format.bytes, alignment: format.bytes };
      return {
        lift: (pointer, count) => liftNumbers(site, format, pointer, count, peer),
        lower: (value, count) => {
          const pointer = allocateList(site, count, layout, peer);
          storeNumbers(site, format, value, count, pointer);
          return pointer;
        },
      };
    }
    const element = type.kind === "list" ? this.of(type.element) : this.pair(type);
    return {
      lift: (pointer, count, scope) => liftElements(site, element, pointer, count, scope, peer),
      lower: (value, count, scope) => {
        const pointer = allocateList(site, count, element, peer);
        storeElements(site, element, value as TransferValue[], pointer, scope);
        return pointer;
      },
    };
  }

  /** An entry of a map, which is as a tuple. */
  private pair({ key, value }: MapType): ElementCodec<Scope> {
    const { pointerBytes } = this.site;
    const [first, second] = [layoutOf(key, pointerBytes), layoutOf(value, pointerBytes)];
    const alignment = Math.max(first.alignment, second.alignment);
    const bytes = alignTo(alignTo(first.bytes, second.alignment) + second.bytes, alignment);
    const parts = 1 + key.facts.size + value.facts.size;
    return { bytes, alignment, parts, ...this.fields([key, value]) };
  }

  private fields(types: readonly ValueType[]): LoadStore<Scope> {
    const offsets = offsetsOf(types, this.site.pointerBytes);
    const codecs = types.map((type) => this.of(type));
    const { length } = types;
    return {
      load: (at, scope) => {
        const values: TransferValue[] = [];
        for (let i = 0; i < length; i++) values.push(codecs[i].load(at + offsets[i], scope));
        return values;
      },
      store: (value, at, scope) => {
        const values = value as readonly TransferValue[];
        for (let i = 0; i < length; i++) codecs[i].store(values[i], at + offsets[i], scope);
      },
    };
  }

  private choice(cases: readonly (ValueType | undefined)[], memory: MemoryAccess): LoadStore<Scope> {
    const { pointerBytes } = this.site;
    const codecs = cases.map((type) => (type === undefined ? undefined : this.of(type)));
    let alignment = 1;
    for (const type of cases)
      if (type !== undefined) alignment = Math.max(alignment, layoutOf(type, pointerBytes).alignment);
    const offset = alignTo(discriminantBytes(cases.length), alignment);
    const tag = discriminant<Scope>(cases.length, memory);
    return {
      load: (at, scope) => {
        const index = tag.load(at, scope) as number;
        const codec = codecs[index];
        return codec === undefined ? bareChoice(index) : new Choice(index, codec.load(at + offset, scope));
      },
      store: (value, at, scope) => {
        const { index, payload } = value as Choice;
        tag.store(index, at, scope);
        codecs[index]?.store(payload, at + offset, scope);
      },
    };
  }
}

function discriminant<Scope>(cases: number, memory: MemoryAccess): LoadStore<Scope> {
  const { load, store } = unsigned<Scope>(discriminantBytes(cases), memory);
  return { load: (at, scope) => checkCase(load(at, scope) as number, cases), store };
}

function flags<Scope>(labels: number, memory: MemoryAccess): LoadStore<Scope> {
  const { load, store } = unsigned<Scope>(flagsBytes(labels), memory);
  const mask = 2 ** labels - 1;
  return { load: (at, scope) => ((load(at, scope) as number) & mask) >>> 0, store };
}

function unsigned<Scope>(bytes: 1 | 2 | 4, memory: MemoryAccess): LoadStore<Scope> {
  switch (bytes) {
    case 1:
      return {
        load: (at) => memory.bytes[at],
        store: (value, at) => {
          memory.bytes[at] = value as number;
        },
      };
    case 2:
      return {
        load: (at) => memory.view.getUint16(at, true),
        store: (value, at) => memory.view.setUint16(at, value as number, true),
      };
    case 4:
      return {
        load: (at) => memory.view.getUint32(at, true),
        store: (value, at) => memory.view.setUint32(at, value as number, true),
      };
  }
}
