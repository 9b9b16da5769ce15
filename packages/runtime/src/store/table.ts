import { type OptionNames, readOptions } from "../wasm/options.ts";
import type { DefinedType } from "../wasm/type-registry.ts";
import { EXTERNREF, FUNCREF, I32, I64, type TableType } from "../wasm/types.ts";
import { toAddress } from "./addresses.ts";
import type { Holdings } from "./holdings.ts";
import type { Reference } from "./references.ts";
import { toJavaScript, toWasm } from "./values.ts";

/** JavaScript arrays stay fast up to this many elements; the API's own limit is lower for most tables. */
export const MAX_ELEMENTS: number = 10_000_000;

/** As in the platform's API: what a new table is like. */
export interface TableDescriptor {
  readonly element: "anyfunc" | "funcref" | "externref";
  readonly initial: number | bigint;
  readonly maximum?: number | bigint;
  readonly address?: "i32" | "i64";
}

const names: OptionNames<TableDescriptor> = { element: true, initial: true, maximum: true, address: true };

/** Where a table's elements live when not in an array of ours: in a `WebAssembly.Table` of the platform. */
export interface TableStorage {
  readonly length: number;
  get(index: number): Reference;
  set(index: number, value: Reference): void;
  /** @returns false when the platform refuses */
  grow(delta: number, value: Reference): boolean;
}

/** A table (specification, 4.2.7; JavaScript API, 5.4). */
export class Table {
  readonly type: TableType;
  /** What type indices in `type` mean. */
  readonly types: readonly DefinedType[];
  /** The elements; its length is the table's size. Engines read and write it. Empty once another storage has them. */
  readonly elements: Reference[];
  /** Where the elements are, if the platform's engine has them; no other engine can then use the table. */
  storage: TableStorage | undefined = undefined;
  /** The budgets that count it. */
  private counts: Holdings<Table>[] | undefined = undefined;

  /** @throws TypeError or RangeError for a descriptor that makes no table type or has an unknown member */
  constructor(descriptor: TableDescriptor | TableType, init: Reference = null, types: readonly DefinedType[] = []) {
    const isType = isTableType(descriptor);
    this.type = isType ? descriptor : tableTypeOf(readOptions("Table", names, descriptor));
    this.types = types;
    if (this.type.min > MAX_ELEMENTS) throw new RangeError(`a table can have ${MAX_ELEMENTS} elements at most`);
    const value = !isType && init !== null ? toWasm(init, this.type.element, types) : init;
    this.elements = new Array(Number(this.type.min)).fill(value);
  }

  get length(): number | bigint {
    return this.type.address === I64 ? BigInt(this.size) : this.size;
  }

  private get size(): number {
    return this.storage === undefined ? this.elements.length : this.storage.length;
  }

  /** Puts its elements where an engine needs them to be; `storage` holds a copy of them. */
  moveTo(storage: TableStorage): void {
    this.storage = storage;
    this.elements.length = 0;
  }

  /** @throws RangeError outside the table, TypeError for an index that is no address of the table */
  get(index: number | bigint): unknown {
    const place = this.place(index);
    return toJavaScript(this.storage === undefined ? this.elements[place] : this.storage.get(place), this.type.element);
  }

  /** @throws RangeError outside the table, TypeError for a value of another type */
  set(index: number | bigint, value: unknown = null): void {
    const place = this.place(index);
    const reference = toWasm(value, this.type.element, this.types);
    if (this.storage === undefined) this.elements[place] = reference;
    else this.storage.set(place, reference);
  }

  /**
   * Grows by `delta` elements, for the host: no limit of an instance holds it.
   * @returns the length before
   * @throws RangeError when the table's maximum does not allow it
   */
  grow(delta: number | bigint, value: unknown = null): number | bigint {
    const elements = toAddress(delta, this.type.address, "delta");
    const before = this.tryGrow(elements, toWasm(value, this.type.element, this.types), Number.POSITIVE_INFINITY);
    if (before < 0) throw new RangeError(`table cannot grow by ${delta} elements from ${this.size}`);
    return this.type.address === I64 ? BigInt(before) : before;
  }

  /** Grows if its maximum and `maxElements` for this table allow it. @returns the length before, or -1 with nothing changed */
  tryGrow(delta: number, value: Reference, maxElements: number): number {
    const before = this.size;
    const after = before + delta;
    if (!(delta >= 0) || after > maxElements || after > MAX_ELEMENTS || after > Number(this.type.max ?? MAX_ELEMENTS))
      return -1;
    if (this.storage === undefined) for (let i = 0; i < delta; i++) this.elements.push(value);
    else if (delta !== 0 && !this.storage.grow(delta, value)) return -1;
    if (this.counts !== undefined) for (const count of this.counts) count.count(this, after);
    return before;
  }

  /** Counts its elements in a budget from now on. */
  countIn(holdings: Holdings<Table>): void {
    if (holdings.has(this)) return;
    holdings.count(this, this.size);
    this.counts ??= [];
    this.counts.push(holdings);
  }

  private place(index: number | bigint): number {
    const place = toAddress(index, this.type.address, "table index");
    if (place >= this.size)
      throw new RangeError(`table index ${String(index)} is outside the table's ${this.size} elements`);
    return place;
  }
}

/** Types are numbers, and descriptors name them. */
function isTableType(descriptor: TableDescriptor | TableType): descriptor is TableType {
  return typeof descriptor.element === "number";
}

function tableTypeOf(descriptor: TableDescriptor): TableType {
  const { element, initial, maximum } = descriptor;
  if (element !== "anyfunc" && element !== "funcref" && element !== "externref")
    throw new TypeError(`a table's element must be "anyfunc" or "externref", not ${String(element)}`);
  for (const value of [initial, maximum])
    if (value !== undefined && !(typeof value === "bigint" ? value >= 0n : Number.isInteger(value) && value >= 0))
      throw new TypeError(`a table's initial and maximum must be whole numbers of elements, not ${String(value)}`);
  if (maximum !== undefined && BigInt(maximum) < BigInt(initial))
    throw new RangeError(`a table's maximum ${maximum} is less than its initial ${initial}`);
  return {
    min: BigInt(initial),
    max: maximum === undefined ? undefined : BigInt(maximum),
    address: descriptor.address === "i64" ? I64 : I32,
    element: element === "externref" ? EXTERNREF : FUNCREF,
  };
}
