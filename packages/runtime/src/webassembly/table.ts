import { Table as StoreTable } from "../store/table.ts";
import { toJavaScript, toWasm } from "../store/values.ts";
import { EXTERNREF, I32, I64, isReference } from "../wasm/types.ts";
import { addressValue, dictionary, fromAddress, interfaceObject, sizesOf, valueType } from "./conversions.ts";
import { toOpaque } from "./opaque.ts";
import { internal, unwrap, wrappers } from "./wrappers.ts";

/** `WebAssembly.Table` (JavaScript API, 5.4). */
export class Table {
  #store: StoreTable;

  constructor(descriptor: unknown, ...values: readonly unknown[]) {
    if (descriptor instanceof StoreTable && internal.making) {
      this.#store = descriptor;
      return;
    }
    const given = dictionary(descriptor, "a table's descriptor");
    const element = valueType(given.element);
    if (!isReference(element)) throw new TypeError("a table's element must be a reference type");
    const { address, initial: min, maximum: max } = sizesOf(given, "table");
    // Without a value the elements are the type's default: undefined for an externref, null for the others.
    const value =
      values.length === 0 || values[0] === undefined ? (element === EXTERNREF ? undefined : null) : values[0];
    const reference = toWasm(value, element, []);
    this.#store = new StoreTable({ min, max, element, address: address === "i64" ? I64 : I32 }, reference);
    // To the store an undefined element is one that was not given.
    if (reference === undefined) this.#store.elements.fill(undefined);
    wrappers.set(this.#store, this);
  }

  get #address(): "i32" | "i64" {
    return this.#store.type.address === I64 ? "i64" : "i32";
  }

  /** The index of an element. @throws RangeError beyond the end */
  #place(index: unknown): number {
    const place = addressValue(index, this.#address, "index");
    if (place >= BigInt(this.#store.elements.length))
      throw new RangeError(`index ${place} is beyond the table's ${this.#store.elements.length} elements`);
    return Number(place);
  }

  /** A value for an element; what is left out is the type's default. */
  #value(values: readonly unknown[]): unknown {
    const { element } = this.#store.type;
    const value = values.length === 0 ? (element === EXTERNREF ? undefined : null) : values[0];
    return toWasm(value, element, this.#store.types);
  }

  get length(): number | bigint {
    return fromAddress(this.#store.elements.length, this.#address);
  }

  get(index: number | bigint): unknown {
    const place = this.#place(index);
    return toOpaque(toJavaScript(this.#store.elements[place], this.#store.type.element));
  }

  set(index: number | bigint, ...value: readonly unknown[]): void {
    const place = this.#place(index);
    this.#store.elements[place] = this.#value(value);
  }

  grow(delta: number | bigint, ...value: readonly unknown[]): number | bigint {
    const count = addressValue(delta, this.#address, "delta");
    const before = this.#store.tryGrow(Number(count), this.#value(value), Number.POSITIVE_INFINITY);
    if (before < 0) throw new RangeError(`the table cannot grow by ${count} elements`);
    return fromAddress(before, this.#address);
  }

  static {
    unwrap.table = (value) =>
      typeof value === "object" && value !== null && #store in value ? value.#store : undefined;
  }
}

interfaceObject(Table, "Table");
