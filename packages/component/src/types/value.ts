import type { ResourceUse } from "./resource.ts";

/**
 * Value types with their indices resolved. A type that is used in several places is one object, so a type may have exponentially more
 * nodes as a tree than it has objects: walk it with a memory of what was visited, or bounded by {@link TypeFacts.size}.
 */

/** What is known of a type without walking it. */
export interface TypeFacts {
  /** How many types are inside each other, the type itself among them. */
  readonly depth: number;
  /** How many types it consists of, as a tree. */
  readonly size: number;
  /** Whether a `borrow` is in it. */
  readonly borrows: boolean;
  /** Whether any resource is named in it. */
  readonly resources: boolean;
  /** Bytes in linear memory with 64-bit pointers, and the alignment there (Canonical ABI, "Element Size"). */
  readonly bytes64: number;
  readonly alignment64: number;
}

export type PrimitiveKind =
  | "bool"
  | "s8"
  | "u8"
  | "s16"
  | "u16"
  | "s32"
  | "u32"
  | "s64"
  | "u64"
  | "f32"
  | "f64"
  | "char"
  | "string"
  | "error-context";

export interface PrimitiveValueType {
  readonly kind: PrimitiveKind;
  readonly facts: TypeFacts;
}

export interface Field {
  readonly name: string;
  readonly type: ValueType;
}

export interface RecordType {
  readonly kind: "record";
  readonly facts: TypeFacts;
  readonly fields: readonly Field[];
}

export interface Case {
  readonly name: string;
  readonly type: ValueType | undefined;
}

export interface VariantType {
  readonly kind: "variant";
  readonly facts: TypeFacts;
  readonly cases: readonly Case[];
}

export interface ListType {
  readonly kind: "list";
  readonly facts: TypeFacts;
  readonly element: ValueType;
  /** For a list of a fixed length. */
  readonly length: number | undefined;
}

export interface TupleType {
  readonly kind: "tuple";
  readonly facts: TypeFacts;
  readonly types: readonly ValueType[];
}

/** `flags` and `enum` types: their labels. */
export interface LabelsType {
  readonly kind: "flags" | "enum";
  readonly facts: TypeFacts;
  readonly labels: readonly string[];
}

export interface OptionType {
  readonly kind: "option";
  readonly facts: TypeFacts;
  readonly type: ValueType;
}

export interface ResultType {
  readonly kind: "result";
  readonly facts: TypeFacts;
  readonly ok: ValueType | undefined;
  readonly error: ValueType | undefined;
}

export interface HandleType {
  readonly kind: "own" | "borrow";
  readonly facts: TypeFacts;
  readonly use: ResourceUse;
}

/** `stream` and `future` types. */
export interface AsyncValueType {
  readonly kind: "stream" | "future";
  readonly facts: TypeFacts;
  readonly element: ValueType | undefined;
}

export interface MapType {
  readonly kind: "map";
  readonly facts: TypeFacts;
  readonly key: ValueType;
  readonly value: ValueType;
}

export type ValueType =
  | PrimitiveValueType
  | RecordType
  | VariantType
  | ListType
  | TupleType
  | LabelsType
  | OptionType
  | ResultType
  | HandleType
  | AsyncValueType
  | MapType;

/** The types that a type is directly made of. */
export function partsOf(type: ValueType): readonly (ValueType | undefined)[] {
  switch (type.kind) {
    case "record":
      return type.fields.map((field) => field.type);
    case "variant":
      return type.cases.map((item) => item.type);
    case "list":
    case "stream":
    case "future":
      return [type.element];
    case "tuple":
      return type.types;
    case "option":
      return [type.type];
    case "result":
      return [type.ok, type.error];
    case "map":
      return [type.key, type.value];
    default:
      return [];
  }
}

const alignTo = (offset: number, alignment: number): number => Math.ceil(offset / alignment) * alignment;

/** Bytes of the discriminant of a variant with that many cases. */
export function discriminantBytes(cases: number): 1 | 2 | 4 {
  return cases <= 0x100 ? 1 : cases <= 0x1_0000 ? 2 : 4;
}

const primitiveBytes: Readonly<Record<PrimitiveKind, number>> = {
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
  // Two pointers of eight bytes.
  string: 16,
  "error-context": 4,
};

/** A type without its facts. */
type Bare<Type> = Type extends ValueType ? Omit<Type, "facts"> : never;

/** A type's bytes and alignment; those of its parts are known. */
function layoutOf(type: Bare<ValueType>): readonly [bytes: number, alignment: number] {
  const sequence = (types: readonly ValueType[]): readonly [number, number] => {
    let bytes = 0;
    let alignment = 1;
    for (const { facts } of types) {
      bytes = alignTo(bytes, facts.alignment64) + facts.bytes64;
      alignment = Math.max(alignment, facts.alignment64);
    }
    return [alignTo(bytes, alignment), alignment];
  };
  const choice = (cases: readonly (ValueType | undefined)[]): readonly [number, number] => {
    const tag = discriminantBytes(cases.length);
    let payload = 0;
    let payloadAlignment = 1;
    for (const part of cases) {
      if (part === undefined) continue;
      payload = Math.max(payload, part.facts.bytes64);
      payloadAlignment = Math.max(payloadAlignment, part.facts.alignment64);
    }
    const alignment = Math.max(tag, payloadAlignment);
    return [alignTo(alignTo(tag, payloadAlignment) + payload, alignment), alignment];
  };
  switch (type.kind) {
    case "record":
      return sequence(type.fields.map((field) => field.type));
    case "tuple":
      return sequence(type.types);
    case "variant":
      return choice(type.cases.map((item) => item.type));
    case "option":
      return choice([undefined, type.type]);
    case "result":
      return choice([type.ok, type.error]);
    case "list":
      if (type.length === undefined) return [16, 8];
      return [type.length * type.element.facts.bytes64, type.element.facts.alignment64];
    case "map":
      return [16, 8];
    case "enum": {
      const bytes = discriminantBytes(type.labels.length);
      return [bytes, bytes];
    }
    case "flags": {
      const bytes = type.labels.length <= 8 ? 1 : type.labels.length <= 16 ? 2 : 4;
      return [bytes, bytes];
    }
    case "own":
    case "borrow":
    case "stream":
    case "future":
      return [4, 4];
    default: {
      const bytes = primitiveBytes[type.kind];
      return [bytes, Math.min(bytes, 8)];
    }
  }
}

/** Gives a type its facts. */
export function makeValueType(type: Bare<ValueType>): ValueType {
  let depth = 0;
  let size = 1;
  let borrows = type.kind === "borrow";
  let resources = borrows || type.kind === "own";
  for (const part of partsOf(type as ValueType)) {
    if (part === undefined) continue;
    depth = Math.max(depth, part.facts.depth);
    size += part.facts.size;
    borrows ||= part.facts.borrows;
    resources ||= part.facts.resources;
  }
  const [bytes64, alignment64] = layoutOf(type);
  return { ...type, facts: { depth: depth + 1, size, borrows, resources, bytes64, alignment64 } } as ValueType;
}

const primitives = new Map<PrimitiveKind, ValueType>();
for (const kind of Object.keys(primitiveBytes) as PrimitiveKind[]) primitives.set(kind, makeValueType({ kind }));

/** The primitive type of that name, always the same object. */
export function primitiveType(kind: PrimitiveKind): ValueType {
  return primitives.get(kind) as ValueType;
}
