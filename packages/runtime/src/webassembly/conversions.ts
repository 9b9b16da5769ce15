import type { SupplyOptions } from "../store/supplied.ts";
import { isObject } from "../store/thenable.ts";
import { type ValueTypeName, valueTypeNamed } from "../store/value-types.ts";
import { itemsOf } from "../store/values.ts";
import type { ValueType } from "../wasm/types.ts";

/** Conversions of Web IDL that the JavaScript API asks for. */

/** `[EnforceRange] unsigned long`, or with `address` "i64" a bigint, as an AddressValue. @throws TypeError */
export function addressValue(value: unknown, address: "i32" | "i64", what: string): bigint {
  if (address === "i64") {
    const number = BigInt.asIntN(128, toBigInt(value, what));
    if (number < 0n || number > 0xffff_ffff_ffff_ffffn)
      throw new TypeError(`${what} must be a bigint from 0 to 2^64 - 1`);
    return number;
  }
  const number = Math.trunc(+(value as number));
  if (!(number >= 0 && number <= 0xffffffff)) throw new TypeError(`${what} must be a number from 0 to 2^32 - 1`);
  return BigInt(number);
}

function toBigInt(value: unknown, what: string): bigint {
  if (typeof value === "number") throw new TypeError(`${what} must be a bigint`);
  return BigInt(value as bigint);
}

/** A size as the address type has it. */
export function fromAddress(value: bigint | number, address: "i32" | "i64"): number | bigint {
  return address === "i64" ? BigInt(value) : Number(value);
}

/** Options of `compile` and its like (JavaScript API, 5.1): members are read once, in the order of their names. @throws TypeError */
export function compileOptions(value: unknown): SupplyOptions {
  if (value === undefined || value === null) return {};
  const given = dictionary(value, "options");
  const sets = given.builtins;
  const builtins = sets === undefined ? undefined : sequence(sets, "builtins").map(usvString);
  const strings = given.importedStringConstants;
  return {
    builtins,
    importedStringConstants: strings === undefined || strings === null ? undefined : usvString(strings),
  };
}

/** A string without unpaired surrogates. @throws TypeError for a symbol */
function usvString(value: unknown): string {
  // A template, in contrast to String(), throws for a symbol.
  return `${value as string}`.replace(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    "\ufffd",
  );
}

/** The items of a sequence. @throws TypeError for what is not iterable */
export function sequence(value: unknown, what: string): unknown[] {
  const items = isObject(value) ? itemsOf(value) : undefined;
  if (items === undefined) throw new TypeError(`${what} must be iterable`);
  return items;
}

/** The dictionary that a constructor takes. @throws TypeError for what is none */
export function dictionary(value: unknown, what: string): Record<string, unknown> {
  if (value === null || (typeof value !== "object" && typeof value !== "function"))
    throw new TypeError(`${what} must be an object`);
  return value as Record<string, unknown>;
}

/**
 * The sizes in the descriptor of a memory or a table, each member read once.
 * @throws TypeError, or RangeError when the maximum is less than the initial size
 */
export function sizesOf(
  given: Record<string, unknown>,
  what: string,
): { readonly address: "i32" | "i64"; readonly initial: bigint; readonly maximum: bigint | undefined } {
  const address = addressType(given.address);
  const least = given.initial;
  if (least === undefined) throw new TypeError(`a ${what}'s descriptor must have the property initial`);
  const initial = addressValue(least, address, "initial");
  const most = given.maximum;
  const maximum = most === undefined ? undefined : addressValue(most, address, "maximum");
  if (maximum !== undefined && maximum < initial)
    throw new RangeError(`a ${what}'s maximum ${maximum} is less than its initial ${initial}`);
  return { address, initial, maximum };
}

const valueTypes: ReadonlySet<string> = new Set(["i32", "i64", "f32", "f64", "v128", "externref", "anyfunc"]);

/** A value type by the name that the JavaScript API has for it; the store knows more of them. @throws TypeError */
export function valueType(value: unknown): ValueType {
  const name = String(value);
  if (!valueTypes.has(name)) throw new TypeError(`"${name}" is no value type of the JavaScript API`);
  return valueTypeNamed(name as ValueTypeName);
}

function addressType(value: unknown): "i32" | "i64" {
  if (value === undefined) return "i32";
  const text = String(value);
  if (text !== "i32" && text !== "i64") throw new TypeError(`address must be "i32" or "i64", not ${text}`);
  return text;
}

/** A copy of the bytes of a BufferSource. @throws TypeError for anything else */
export function bytesOf(source: unknown): Uint8Array {
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice();
  const { SharedArrayBuffer: Shared } = globalThis as { SharedArrayBuffer?: new () => object };
  if (source instanceof ArrayBuffer || (Shared !== undefined && source instanceof Shared))
    return new Uint8Array(source as ArrayBuffer).slice();
  throw new TypeError("expected a module's bytes: an ArrayBuffer, a typed array or a DataView");
}

/** Makes members of a class what Web IDL makes of them: enumerable, and the class known by its name and the arguments that it must have. */
export function interfaceObject(
  made: { readonly name: string; readonly prototype: object },
  name: string,
  length = 1,
): void {
  const describe = (object: object, members: readonly string[]): void => {
    for (const member of members) {
      const descriptor = Object.getOwnPropertyDescriptor(object, member) as PropertyDescriptor;
      Object.defineProperty(object, member, { ...descriptor, enumerable: true });
    }
  };
  describe(
    made.prototype,
    Object.getOwnPropertyNames(made.prototype).filter((member) => member !== "constructor"),
  );
  describe(
    made,
    Object.getOwnPropertyNames(made).filter((member) => !["length", "name", "prototype"].includes(member)),
  );
  Object.defineProperty(made, "name", { value: name, configurable: true });
  Object.defineProperty(made, "length", { value: length, configurable: true });
  Object.defineProperty(made.prototype, Symbol.toStringTag, {
    value: `WebAssembly.${name}`,
    configurable: true,
  });
}
