import type { NameMap } from "../binary/names.ts";
import {
  type CompositeType,
  type FieldType,
  type FunctionType,
  type GlobalType,
  heapTypeName,
  heapTypeOf,
  I64,
  isNullable,
  isReference,
  isTypeIndex,
  type Limits,
  type MemoryType,
  type StorageType,
  type SubType,
  type TableType,
  typeIndexOf,
  typeName,
} from "../wasm/types.ts";
import { quoteName } from "./strings.ts";

/** A name as an identifier of the text format. */
export function identifier(name: string): string {
  return /^[\w!#$%&'*+\-./:<=>?@\\^`|~]+$/.test(name) ? `$${name}` : `$${quoteName(name)}`;
}

/**
 * The identifiers of one index space. A name that is empty, or that an earlier member has, cannot be an identifier: it is printed as an
 * annotation, and the member is called by its index.
 */
export class Identifiers {
  private readonly identifiers: Map<number, string> = new Map();
  private readonly annotations: Map<number, string> = new Map();

  constructor(names: NameMap | undefined, count: number) {
    if (names === undefined) return;
    const taken = new Set<string>();
    for (const [index, name] of [...names].sort(([a], [b]) => a - b)) {
      if (index >= count) continue;
      if (name === "" || taken.has(name)) {
        this.annotations.set(index, `(@name ${quoteName(name)})`);
      } else {
        taken.add(name);
        this.identifiers.set(index, identifier(name));
      }
    }
  }

  /** How other places refer to a member. */
  reference(index: number): string {
    return this.identifiers.get(index) ?? String(index);
  }

  /** What stands behind the keyword of a definition: the identifier or annotation, if any, and the index as a comment. */
  definition(index: number): string {
    const name = this.identifiers.get(index) ?? this.annotations.get(index);
    return name === undefined ? `(;${index};)` : `${name} (;${index};)`;
  }

  /** As {@link definition} with a space before it, but nothing for a member without a name. */
  optional(index: number): string {
    const name = this.identifiers.get(index) ?? this.annotations.get(index);
    return name === undefined ? "" : ` ${name}`;
  }

  has(index: number): boolean {
    return this.identifiers.has(index) || this.annotations.has(index);
  }
}

/** The identifiers of all index spaces of a module. */
export interface ModuleIdentifiers {
  readonly types: Identifiers;
  readonly functions: Identifiers;
  readonly tables: Identifiers;
  readonly memories: Identifiers;
  readonly globals: Identifiers;
  readonly tags: Identifiers;
  readonly elements: Identifiers;
  readonly data: Identifiers;
  readonly fields: ReadonlyMap<number, Identifiers>;
}

/** The types of a module as text, references by name. */
export class TypePrinter {
  private readonly types: Identifiers;

  constructor(types: Identifiers) {
    this.types = types;
  }

  value(type: StorageType): string {
    if (!isReference(type) || !isTypeIndex(type)) return typeName(type);
    return `(ref ${isNullable(type) ? "null " : ""}${this.heap(heapTypeOf(type))})`;
  }

  heap(heap: number): string {
    return isTypeIndex(heap) ? this.types.reference(typeIndexOf(heap)) : heapTypeName(heap);
  }

  /** A reference type of which only the heap type and whether it may be null are known, as in `ref.test`. */
  reference(nullable: boolean, heap: number): string {
    return `(ref ${nullable ? "null " : ""}${this.heap(heap)})`;
  }

  list(keyword: string, types: readonly StorageType[]): string {
    return types.length === 0 ? "" : ` (${keyword} ${types.map((type) => this.value(type)).join(" ")})`;
  }

  signature({ params, results }: FunctionType): string {
    return this.list("param", params) + this.list("result", results);
  }

  field({ storage, mutable }: FieldType): string {
    return mutable ? `(mut ${this.value(storage)})` : this.value(storage);
  }

  private limits({ min, max, address }: Limits): string {
    return `${address === I64 ? "i64 " : ""}${min}${max === undefined ? "" : ` ${max}`}`;
  }

  memory(type: MemoryType): string {
    const pages = type.pageSizeLog2 === 16 ? "" : ` (pagesize ${1n << BigInt(type.pageSizeLog2)})`;
    return `${this.limits(type)}${type.shared ? " shared" : ""}${pages}`;
  }

  table(type: TableType): string {
    return `${this.limits(type)} ${this.value(type.element)}`;
  }

  global({ type, mutable }: GlobalType): string {
    return mutable ? `(mut ${this.value(type)})` : this.value(type);
  }

  subType({ final, supertypes, composite }: SubType, fields: Identifiers): string {
    const text = this.composite(composite, fields);
    if (final && supertypes.length === 0) return text;
    const above = supertypes.map((type) => `${this.types.reference(type)} `).join("");
    return `(sub ${final ? "final " : ""}${above}${text})`;
  }

  composite(type: CompositeType, fields: Identifiers): string {
    switch (type.kind) {
      case "func":
        return `(func${this.signature(type)})`;
      case "array":
        return `(array ${this.field(type.field)})`;
      case "struct":
        return `(struct${type.fields.map((field, i) => ` (field${fields.optional(i)} ${this.field(field)})`).join("")})`;
    }
  }
}
