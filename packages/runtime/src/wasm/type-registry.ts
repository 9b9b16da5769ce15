import {
  BOTTOM,
  type CompositeType,
  type FieldType,
  HEAP_ANY,
  HEAP_ARRAY,
  HEAP_EQ,
  HEAP_EXN,
  HEAP_EXTERN,
  HEAP_FUNC,
  HEAP_I31,
  HEAP_NOEXN,
  HEAP_NOEXTERN,
  HEAP_NOFUNC,
  HEAP_NONE,
  HEAP_STRUCT,
  type HeapType,
  heapTypeOf,
  heapTypeOfIndex,
  isNullable,
  isReference,
  isTypeIndex,
  type StorageType,
  type SubType,
  typeIndexOf,
  type ValueType,
} from "./types.ts";

/**
 * A defined type (specification, 3.1.4) of all modules in this process. Types are iso-recursive: two are equal when their
 * recursion groups have the same structure, and then they are one object, so equality across modules is `===`.
 */
export interface DefinedType {
  /** Differs from that of every other defined type, and is never used again. */
  readonly id: number;
  readonly final: boolean;
  readonly supertype: DefinedType | undefined;
  /** How many supertypes stand above it. */
  readonly depth: number;
  /** All its supertypes from the topmost down, itself last: `ancestors[depth] === this`. */
  readonly ancestors: readonly DefinedType[];
  readonly composite: CompositeType;
  /** What type indices in `composite` mean: the members of its recursion group, then the types outside that the group uses. */
  readonly context: readonly DefinedType[];
  /** The members of its recursion group. */
  readonly group: RecursionGroup;
}

export interface RecursionGroup {
  readonly members: readonly DefinedType[];
}

class GroupMember implements DefinedType {
  readonly id: number = nextId++;
  readonly final: boolean;
  readonly supertype: DefinedType | undefined;
  readonly depth: number;
  readonly composite: CompositeType;
  readonly context: readonly DefinedType[];
  readonly group: RecursionGroup;
  private display: readonly DefinedType[] | undefined = undefined;

  constructor(
    final: boolean,
    supertype: DefinedType | undefined,
    composite: CompositeType,
    context: readonly DefinedType[],
    group: RecursionGroup,
  ) {
    this.final = final;
    this.supertype = supertype;
    this.depth = supertype === undefined ? 0 : supertype.depth + 1;
    this.composite = composite;
    this.context = context;
    this.group = group;
  }

  /** Made when somebody asks: a module may have a million types, each below sixty others. */
  get ancestors(): readonly DefinedType[] {
    if (this.display === undefined) {
      const display: DefinedType[] = [];
      for (let type: DefinedType | undefined = this; type !== undefined; type = type.supertype) display.push(type);
      this.display = display.reverse();
    }
    return this.display;
  }
}

/** Groups by structure. An outer type in the key is named by its id; the group holds that type, so the id stays good. */
interface GroupTable {
  find(key: string): RecursionGroup | undefined;
  add(key: string, group: RecursionGroup): void;
}

/** A table that lets go of groups no module uses any longer. */
function weakTable(): GroupTable {
  const groups = new Map<string, WeakRef<RecursionGroup>>();
  const registry = new FinalizationRegistry<string>((key) => {
    if (groups.get(key)?.deref() === undefined) groups.delete(key);
  });
  return {
    find: (key) => groups.get(key)?.deref(),
    add: (key, group) => {
      groups.set(key, new WeakRef(group));
      registry.register(group, key);
    },
  };
}

function strongTable(): GroupTable {
  const groups = new Map<string, RecursionGroup>();
  return {
    find: (key) => groups.get(key),
    add: (key, group) => {
      groups.set(key, group);
    },
  };
}

let table: GroupTable | undefined;
let nextId = 1;

/** Made on first use and not on import: some platforms have no weak references, some get them from a polyfill that comes later. */
function groupTable(): GroupTable {
  table ??= typeof WeakRef === "function" && typeof FinalizationRegistry === "function" ? weakTable() : strongTable();
  return table;
}

function mapField(field: FieldType, map: (type: StorageType) => StorageType): FieldType {
  const storage = map(field.storage);
  return storage === field.storage ? field : { storage, mutable: field.mutable };
}

export function mapComposite(composite: CompositeType, map: (type: StorageType) => StorageType): CompositeType {
  switch (composite.kind) {
    case "func":
      return { kind: "func", params: composite.params.map(map), results: composite.results.map(map) };
    case "struct":
      return { kind: "struct", fields: composite.fields.map((field) => mapField(field, map)) };
    case "array":
      return { kind: "array", field: mapField(composite.field, map) };
  }
}

const fieldKey = (field: FieldType): string => (field.mutable ? `m${field.storage}` : String(field.storage));

function compositeKey(composite: CompositeType): string {
  switch (composite.kind) {
    case "func":
      return `f${composite.params.join()}>${composite.results.join()}`;
    case "struct":
      return `s${composite.fields.map(fieldKey).join()}`;
    case "array":
      return `a${fieldKey(composite.field)}`;
  }
}

/**
 * Defines one recursion group and appends its members to `defined`.
 *
 * @param types the module's types; `types[start]` must be the first of a group
 * @param start equals `defined.length`
 * @param defined what the type indices before `start` mean. Every type index in the group must lie below the group's end,
 *   and every supertype's index below its own: the validator checks that first.
 */
export function defineGroup(types: readonly SubType[], start: number, defined: DefinedType[]): void {
  const size = types[start].groupSize;
  const outer: DefinedType[] = [];
  const outerIndices = new Map<number, number>();
  const relative = (index: number): number => {
    if (index >= start) return index - start;
    // Equal types must come out at one place, whichever index the module has for them.
    const type = defined[index];
    let place = outerIndices.get(type.id);
    if (place === undefined) {
      place = size + outer.length;
      outer.push(type);
      outerIndices.set(type.id, place);
    }
    return place;
  };
  const relativeType = (type: StorageType): StorageType =>
    isTypeIndex(type) ? (type & 0x3ff) | heapTypeOfIndex(relative(typeIndexOf(type))) : type;

  const shapes: { composite: CompositeType; supertype: number | undefined; final: boolean }[] = [];
  let key = "";
  for (let i = 0; i < size; i++) {
    const { final, supertypes, composite } = types[start + i];
    const supertype = supertypes.length === 0 ? undefined : relative(supertypes[0]);
    const shape = { composite: mapComposite(composite, relativeType), supertype, final };
    shapes.push(shape);
    key += `${final ? "!" : "."}${supertype ?? ""}${compositeKey(shape.composite)};`;
  }
  for (const type of outer) key += `${type.id},`;

  const known = groupTable().find(key);
  if (known !== undefined) {
    for (const member of known.members) defined.push(member);
    return;
  }

  const members: DefinedType[] = [];
  const group: RecursionGroup = { members };
  const context: DefinedType[] = outer.length === 0 ? members : [];
  for (const { composite, supertype, final } of shapes) {
    const above = supertype === undefined ? undefined : supertype < size ? members[supertype] : outer[supertype - size];
    members.push(new GroupMember(final, above, composite, context, group));
  }
  if (outer.length > 0) for (const type of [...members, ...outer]) context.push(type);
  for (const member of members) defined.push(member);
  groupTable().add(key, group);
}

/**
 * The defined types of a module, by type index. The same structure gives the same objects, in this module and all others.
 *
 * @param types must be valid as the validator says (indices known, supertypes earlier)
 */
export function defineTypes(types: readonly SubType[]): DefinedType[] {
  const defined: DefinedType[] = [];
  while (defined.length < types.length) defineGroup(types, defined.length, defined);
  return defined;
}

/** Whether `a` is `b` or has it among its declared supertypes (specification, 3.3.4). */
export function isDefinedSubtype(a: DefinedType, b: DefinedType): boolean {
  return a === b || (a.depth > b.depth && a.ancestors[b.depth] === b);
}

/** The abstract heap type right above the defined types of a kind. */
export function abstractHeapTypeOf(type: DefinedType): HeapType {
  switch (type.composite.kind) {
    case "func":
      return HEAP_FUNC;
    case "struct":
      return HEAP_STRUCT;
    case "array":
      return HEAP_ARRAY;
  }
}

/** Whether every value of heap type `a` is one of `b` (specification, 3.3.3). Each side's `types` say what its type indices mean. */
export function isHeapSubtype(
  a: HeapType,
  aTypes: readonly DefinedType[],
  b: HeapType,
  bTypes: readonly DefinedType[],
): boolean {
  if (a === BOTTOM) return true;
  if (isTypeIndex(a)) {
    const type = aTypes[typeIndexOf(a)];
    if (isTypeIndex(b)) return isDefinedSubtype(type, bTypes[typeIndexOf(b)]);
    const above = abstractHeapTypeOf(type);
    return above === b || isAbstractSubtype(above, b);
  }
  if (isTypeIndex(b)) {
    const above = abstractHeapTypeOf(bTypes[typeIndexOf(b)]);
    return a === (above === HEAP_FUNC ? HEAP_NOFUNC : HEAP_NONE);
  }
  return a === b || isAbstractSubtype(a, b);
}

function isAbstractSubtype(a: HeapType, b: HeapType): boolean {
  switch (a) {
    case HEAP_EQ:
      return b === HEAP_ANY;
    case HEAP_I31:
    case HEAP_STRUCT:
    case HEAP_ARRAY:
      return b === HEAP_EQ || b === HEAP_ANY;
    case HEAP_NONE:
      return b === HEAP_I31 || b === HEAP_STRUCT || b === HEAP_ARRAY || b === HEAP_EQ || b === HEAP_ANY;
    case HEAP_NOFUNC:
      return b === HEAP_FUNC;
    case HEAP_NOEXTERN:
      return b === HEAP_EXTERN;
    case HEAP_NOEXN:
      return b === HEAP_EXN;
    default:
      return false;
  }
}

/** Whether every value of type `a` is one of `b` (specification, 3.3). Each side's `types` say what its type indices mean. */
export function isSubtype(
  a: ValueType,
  aTypes: readonly DefinedType[],
  b: ValueType,
  bTypes: readonly DefinedType[],
): boolean {
  if (a === b && (aTypes === bTypes || !isTypeIndex(a))) return true;
  if (a === BOTTOM) return true;
  if (!isReference(a) || !isReference(b)) return false;
  if (isNullable(a) && !isNullable(b)) return false;
  return isHeapSubtype(heapTypeOf(a), aTypes, heapTypeOf(b), bTypes);
}
