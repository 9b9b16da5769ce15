import { ComponentTrap } from "../trap.ts";
import type { ValueMeter } from "./meter.ts";
import type { NumberArray, NumberFormat, NumberKind } from "./numbers.ts";

/*
 * Reading of JavaScript values that a host gives. Each property is read once, as an own property, and what was read is checked: getters
 * and proxies may give anything, but not two things.
 */

/** A JavaScript value is not one of its type. The message names the place in the value. */
export class ConversionError extends TypeError {
  private readonly fault: string;

  constructor(fault: string) {
    super(fault);
    this.fault = fault;
  }

  /** The same fault, one level further out. */
  within(place: string): ConversionError {
    const [, inner = "", text] = /^(?:at (\S+): )?(.*)$/s.exec(this.fault) as RegExpExecArray;
    return new ConversionError(`at ${place}${inner.startsWith("[") || inner === "" ? inner : `.${inner}`}: ${text}`);
  }
}

/** Adds a place to an error of conversion, and leaves others as they are. */
export function locate(error: unknown, place: string): unknown {
  return error instanceof ConversionError ? error.within(place) : error;
}

/** How a message shows a value, without running any of its code. */
export function show(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case "bigint":
      return `${value}n`.slice(0, 60);
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "an array" : "an object";
    default:
      return `a ${typeof value}`;
  }
}

/** An error for a value that is not of its type. */
export function expected(what: string, value: unknown): ConversionError {
  return new ConversionError(`expected ${what}, not ${show(value)}`);
}

const { hasOwn } = Object;

/** Whether a value is an object; functions are not. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** An own property; undefined for one that is missing. */
export function ownProperty(value: object, name: string): unknown {
  return hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

const ranges: Readonly<Record<Exclude<NumberKind, "f32" | "f64" | "u64" | "s64">, readonly [number, number]>> = {
  u8: [0, 0xff],
  s8: [-0x80, 0x7f],
  u16: [0, 0xffff],
  s16: [-0x8000, 0x7fff],
  u32: [0, 0xffff_ffff],
  s32: [-0x8000_0000, 0x7fff_ffff],
};

/** Checks a number of a type. @throws ConversionError for one that does not fit */
export function numberReader(kind: NumberKind): (value: unknown) => number | bigint {
  switch (kind) {
    case "f64":
      return (value) => {
        if (typeof value !== "number") throw expected("a number (f64)", value);
        return value;
      };
    case "f32":
      return (value) => {
        if (typeof value !== "number") throw expected("a number (f32)", value);
        return Math.fround(value);
      };
    case "u64":
      return (value) => {
        if (typeof value !== "bigint" || value < 0n || value > 0xffff_ffff_ffff_ffffn)
          throw expected("a bigint from 0n to 18446744073709551615n (u64)", value);
        return value;
      };
    case "s64":
      return (value) => {
        if (typeof value !== "bigint" || value < -0x8000_0000_0000_0000n || value > 0x7fff_ffff_ffff_ffffn)
          throw expected("a bigint from -9223372036854775808n to 9223372036854775807n (s64)", value);
        return value;
      };
    default: {
      const [least, most] = ranges[kind];
      return (value) => {
        if (typeof value !== "number" || !(value >= least && value <= most) || Math.floor(value) !== value)
          throw expected(`an integer from ${least} to ${most} (${kind})`, value);
        return value;
      };
    }
  }
}

/** A string without lone surrogates: each becomes U+FFFD, as everywhere on the platform. */
export function wellFormed(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdfff) return replaceSurrogates(text);
  }
  return text;
}

function replaceSurrogates(text: string): string {
  return text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (found) =>
    found.length === 2 ? found : "\ufffd",
  );
}

/** Elements that a list may have, whatever its memory allows. */
const MAX_ELEMENTS = 2 ** 28 - 1;

/** Bytes that one part of a value takes in JavaScript, roughly. */
const PART_BYTES = 16;

/**
 * The elements of an array or of anything iterable, each read once.
 *
 * @throws ConversionError for what is neither, Trap when there are more than the values in flight may hold
 */
export function readElements(
  value: unknown,
  what: string,
  meter: ValueMeter,
  read: (element: unknown) => unknown,
): unknown[] {
  if (!isObject(value)) throw expected(what, value);
  const values: unknown[] = [];
  try {
    if (Array.isArray(value)) {
      const length = Number(value.length);
      checkCount(length);
      meter.hold(length * PART_BYTES);
      while (values.length < length) values.push(read(value[values.length]));
      return values;
    }
    const iterator = (value as { [Symbol.iterator]?: unknown })[Symbol.iterator];
    if (typeof iterator !== "function") throw expected(what, value);
    for (const element of { [Symbol.iterator]: () => iterator.call(value) as Iterator<unknown> }) {
      checkCount(values.length + 1);
      meter.hold(PART_BYTES);
      values.push(read(element));
    }
    return values;
  } catch (error) {
    throw locate(error, `[${values.length}]`);
  }
}

function checkCount(count: number): void {
  if (!(count <= MAX_ELEMENTS))
    throw new ComponentTrap("host-bytes-limit", { message: "a list has too many elements" });
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;

function intrinsic<Value>(name: PropertyKey): (value: unknown) => Value {
  const getter = Object.getOwnPropertyDescriptor(typedArray, name)?.get as (this: unknown) => Value;
  return (value) => getter.call(value);
}

/** The name of a typed array's class, of any realm; undefined for other values. */
const nameOfTypedArray = intrinsic<string | undefined>(Symbol.toStringTag);
const bufferOf = intrinsic<ArrayBufferLike>("buffer");
const offsetOf = intrinsic<number>("byteOffset");
const lengthOf = intrinsic<number>("length");

const isBytes: ReadonlySet<string | undefined> = new Set(["Uint8Array", "Uint8ClampedArray"]);

/** A list of numbers from a typed array of its type, whose numbers are not copied, or from an array or anything iterable. */
export function readNumbers(value: unknown, format: NumberFormat, meter: ValueMeter): NumberArray {
  const what = `${/^[AEIOU]/.test(format.name) ? "an" : "a"} ${format.name}, an array or an iterable (list<${format.kind}>)`;
  const name = nameOfTypedArray(value);
  if (name === format.name || (format.kind === "u8" && isBytes.has(name)))
    return new format.array(bufferOf(value), offsetOf(value), lengthOf(value));
  if (format.kind === "u8" && isObject(value)) {
    if (ArrayBuffer.isView(value) && name === undefined)
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
  }
  const numbers = readElements(value, what, meter, numberReader(format.kind)) as (number | bigint)[];
  const array = new format.array(numbers.length);
  for (let i = 0; i < numbers.length; i++) array[i] = numbers[i];
  return array;
}

const mapEntries = Map.prototype.entries;

/** The entries of a `Map`, of an iterable of pairs or, for keys that are strings, of an object. */
export function readEntries(
  value: unknown,
  ofStrings: boolean,
  meter: ValueMeter,
  read: (entry: readonly [unknown, unknown]) => unknown,
): unknown[] {
  const what = ofStrings ? "a Map, an iterable of pairs or an object" : "a Map or an iterable of pairs";
  if (!isObject(value)) throw expected(what, value);
  let entries: unknown = value;
  try {
    entries = mapEntries.call(value as Map<unknown, unknown>);
  } catch {
    const isIterable = typeof (value as { [Symbol.iterator]?: unknown })[Symbol.iterator] === "function";
    if (ofStrings && !isIterable) entries = Object.keys(value).map((key) => [key, ownProperty(value, key)]);
  }
  return readElements(entries, what, meter, (entry) => {
    if (!Array.isArray(entry) || entry.length !== 2) throw expected("a pair of a key and a value", entry);
    return read([entry[0], entry[1]]);
  });
}
