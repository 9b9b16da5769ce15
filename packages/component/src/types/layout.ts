import type { BareValueType, PrimitiveKind, ValueType } from "./value.ts";

/** Where values of a type are in linear memory (Canonical ABI, "Alignment" and "Element Size"). */
export interface Layout {
  /** A multiple of `alignment`. */
  readonly bytes: number;
  readonly alignment: number;
}

/** Bytes of an address. */
export type PointerBytes = 4 | 8;

/** The least multiple of `alignment` that is not below `offset`. */
export const alignTo = (offset: number, alignment: number): number => Math.ceil(offset / alignment) * alignment;

/** Bytes of the discriminant of a variant with that many cases. */
export function discriminantBytes(cases: number): 1 | 2 | 4 {
  return cases <= 0x100 ? 1 : cases <= 0x1_0000 ? 2 : 4;
}

/** Bytes of a `flags` type with that many labels. */
export function flagsBytes(labels: number): 1 | 2 | 4 {
  return labels <= 8 ? 1 : labels <= 16 ? 2 : 4;
}

const primitiveBytes: Readonly<Record<Exclude<PrimitiveKind, "string">, number>> = {
  bool: 1,
  s8: 1,
  u8: 1,
  s16: 2,
  u16: 2,
  s32: 4,
  u32: 4,
  s64: 8,
  u64: 8,
  f32: 4,
  f64: 8,
  char: 4,
  "error-context": 4,
};

/** The layout of parts that follow each other. */
function sequence(parts: readonly Layout[]): Layout {
  let bytes = 0;
  let alignment = 1;
  for (const part of parts) {
    bytes = alignTo(bytes, part.alignment) + part.bytes;
    alignment = Math.max(alignment, part.alignment);
  }
  return { bytes: alignTo(bytes, alignment), alignment };
}

/** The layout of a discriminant and one of the payloads. */
function choice(cases: number, payloads: readonly Layout[]): Layout {
  const tag = discriminantBytes(cases);
  let bytes = 0;
  let payloadAlignment = 1;
  for (const payload of payloads) {
    bytes = Math.max(bytes, payload.bytes);
    payloadAlignment = Math.max(payloadAlignment, payload.alignment);
  }
  const alignment = Math.max(tag, payloadAlignment);
  return { bytes: alignTo(alignTo(tag, payloadAlignment) + bytes, alignment), alignment };
}

/** The layout of a type. @param layoutOf gives that of its parts */
export function computeLayout(
  type: BareValueType,
  pointer: PointerBytes,
  layoutOf: (part: ValueType) => Layout,
): Layout {
  const all = (parts: readonly (ValueType | undefined)[]): Layout[] =>
    parts.filter((part) => part !== undefined).map(layoutOf);
  switch (type.kind) {
    case "record":
      return sequence(type.fields.map((field) => layoutOf(field.type)));
    case "tuple":
      return sequence(type.types.map(layoutOf));
    case "variant":
      return choice(type.cases.length, all(type.cases.map((item) => item.type)));
    case "option":
      return choice(2, [layoutOf(type.type)]);
    case "result":
      return choice(2, all([type.ok, type.error]));
    case "list": {
      if (type.length === undefined) return { bytes: 2 * pointer, alignment: pointer };
      const { bytes, alignment } = layoutOf(type.element);
      return { bytes: type.length * bytes, alignment };
    }
    case "map":
    case "string":
      return { bytes: 2 * pointer, alignment: pointer };
    case "enum": {
      const bytes = discriminantBytes(type.labels.length);
      return { bytes, alignment: bytes };
    }
    case "flags": {
      const bytes = flagsBytes(type.labels.length);
      return { bytes, alignment: bytes };
    }
    case "own":
    case "borrow":
    case "stream":
    case "future":
      return { bytes: 4, alignment: 4 };
    default: {
      const bytes = primitiveBytes[type.kind];
      return { bytes, alignment: bytes };
    }
  }
}

const layouts32 = new WeakMap<ValueType, Layout>();

/** The layout of a type in a memory with addresses of that many bytes. */
export function layoutOf(type: ValueType, pointer: PointerBytes): Layout {
  if (pointer === 8) return { bytes: type.facts.bytes64, alignment: type.facts.alignment64 };
  let layout = layouts32.get(type);
  if (layout === undefined) {
    layout = computeLayout(type, 4, (part) => layoutOf(part, 4));
    layouts32.set(type, layout);
  }
  return layout;
}

/** Offsets of parts that follow each other. */
export function offsetsOf(parts: readonly ValueType[], pointer: PointerBytes): number[] {
  const offsets: number[] = [];
  let end = 0;
  for (const part of parts) {
    const { bytes, alignment } = layoutOf(part, pointer);
    const offset = alignTo(end, alignment);
    offsets.push(offset);
    end = offset + bytes;
  }
  return offsets;
}
