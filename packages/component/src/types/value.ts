import { primitiveTypes } from "../model/types.ts";
import { computeLayout, type Layout } from "./layout.ts";
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

/** The names in a type itself, not in its parts. */
function namesOf(type: ValueType): readonly string[] {
  switch (type.kind) {
    case "record":
      return type.fields.map(({ name }) => name);
    case "variant":
      return type.cases.map(({ name }) => name);
    case "flags":
    case "enum":
      return type.labels;
    default:
      return [];
  }
}

/** Whether two types are equal. Takes time in proportion to {@link TypeFacts.size}. */
export function isSameValueType(a: ValueType, b: ValueType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.facts.size !== b.facts.size) return false;
  if (a.kind === "own" || a.kind === "borrow") return a.use.resource === (b as HandleType).use.resource;
  if (a.kind === "list" && a.length !== (b as ListType).length) return false;
  const [namesA, namesB] = [namesOf(a), namesOf(b)];
  if (namesA.length !== namesB.length || namesA.some((name, i) => name !== namesB[i])) return false;
  const [partsA, partsB] = [partsOf(a), partsOf(b)];
  return (
    partsA.length === partsB.length &&
    partsA.every((part, i) => {
      const other = partsB[i];
      return part === undefined || other === undefined ? part === other : isSameValueType(part, other);
    })
  );
}

/** A type without its facts. */
export type BareValueType = Bare<ValueType>;
type Bare<Type> = Type extends ValueType ? Omit<Type, "facts"> : never;

const layout64 = ({ facts }: ValueType): Layout => ({ bytes: facts.bytes64, alignment: facts.alignment64 });

/** Gives a type its facts. */
export function makeValueType(type: BareValueType): ValueType {
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
  const { bytes, alignment } = computeLayout(type, 8, layout64);
  const facts = { depth: depth + 1, size, borrows, resources, bytes64: bytes, alignment64: alignment };
  return { ...type, facts } as ValueType;
}

const primitives = new Map<PrimitiveKind, ValueType>();
for (const kind of primitiveTypes) primitives.set(kind, makeValueType({ kind }));

/** The primitive type of that name, always the same object. */
export function primitiveType(kind: PrimitiveKind): ValueType {
  return primitives.get(kind) as ValueType;
}
