import { byteString, bytesOf, encodeUtf8 } from "./bytes.ts";
import { HeaderMap } from "./header-map.ts";
import { encodePairs, type Pair } from "./pairs.ts";

/**
 * What a property can be. A `bigint` is an integer, a `number` a double (as in JSON metadata), a `Date` a timestamp, `undefined`
 * is not there; strings are text, and what comes from the wire is given as bytes.
 */
export type PropertyValue =
  | string
  | boolean
  | bigint
  | number
  | Date
  | Uint8Array
  | HeaderMap
  | readonly PropertyValue[]
  | { readonly [name: string]: PropertyValue }
  | undefined;

/** A property that is made when somebody asks: an object that is asked for its members by name. */
export interface PropertySource {
  /** @param path what is left of the path; empty for the source itself */
  property(path: readonly string[]): PropertyValue;
}

/** Splits a path at its NULs; an empty end, which some SDKs add, is none. */
export function splitPath(path: string): string[] {
  const parts = path.split("\0");
  if (parts.length > 1 && parts[parts.length - 1] === "") parts.pop();
  return parts;
}

/** Follows a path into maps, lists and headers. */
export function descend(value: PropertyValue, path: readonly string[], from = 0): PropertyValue {
  for (let i = from; i < path.length; i++) {
    if (typeof value !== "object" || value === null || value instanceof Uint8Array || value instanceof Date)
      return undefined;
    const name = path[i];
    if (value instanceof HeaderMap) {
      const text = value.get(name.toLowerCase());
      value = text === undefined ? undefined : bytesOf(text);
    } else if (Array.isArray(value)) {
      value = /^\d+$/.test(name) ? (value as readonly PropertyValue[])[Number(name)] : undefined;
    } else {
      value = Object.hasOwn(value, name) ? (value as Record<string, PropertyValue>)[name] : undefined;
    }
  }
  return value;
}

function integer(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt.asIntN(64, value), true);
  return bytes;
}

function double(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}

/**
 * A property as Envoy hands it to a guest: text and bytes as they are, numbers as eight bytes, a truth as one, times in
 * nanoseconds, maps and lists as pairs whose values are written the same way. Undefined for what is not there.
 */
export function encodeProperty(value: PropertyValue, depth = 0): Uint8Array | undefined {
  if (value === undefined || value === null || depth > 32) return undefined;
  switch (typeof value) {
    case "string":
      return encodeUtf8(value);
    case "boolean":
      return Uint8Array.of(value ? 1 : 0);
    case "bigint":
      return integer(value);
    case "number":
      return double(value);
  }
  if (value instanceof Uint8Array) return value;
  if (value instanceof Date) return integer(BigInt(value.getTime()) * 1_000_000n);
  if (value instanceof HeaderMap) return encodePairs(value.pairs);
  const text = (member: PropertyValue): string => byteString(encodeProperty(member, depth + 1) ?? new Uint8Array(0));
  const pairs: Pair[] = Array.isArray(value)
    ? (value as readonly PropertyValue[]).map((member) => [text(member), ""])
    : Object.entries(value).map(([name, member]) => [byteString(encodeUtf8(name)), text(member)]);
  return encodePairs(pairs);
}
