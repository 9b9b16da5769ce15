import type { StringBuiltin } from "../wasm/string-builtins.ts";
import type { ArrayRef } from "./gc.ts";
import { Trap } from "./trap.ts";

/**
 * What the builtin functions on strings do (JavaScript API, section "String Builtins"), and what they cost. An i32 is a signed number here, as it
 * is between an engine and JavaScript.
 */
export interface StringFunction {
  /**
   * Units of fuel beyond those of a host function's call; undefined for a function whose work does not depend on the lengths of its operands.
   * It is charged before the function runs, whether or not the function then traps.
   */
  readonly work: ((a: unknown, b: unknown, c: unknown) => number) | undefined;
  readonly run: (a: unknown, b: unknown, c: unknown) => unknown;
}

/** A builtin function, as an import of it has it. */
export interface Builtin extends StringFunction {
  readonly name: StringBuiltin;
}

/** The builtin function of this name. */
export function builtinFunction(name: StringBuiltin): Builtin {
  return { name, ...stringFunctions[name] };
}

/**
 * Code units that a string may have which a guest makes. Every platform can hold such a string: this is the limit of V8 where pointers have 32
 * bits, and the lowest of all.
 */
export const MAX_STRING: number = 2 ** 28 - 16;

/** Code units to a unit of fuel: 64 bytes, as in `memory.copy`. */
export const UNITS_SHIFT = 5;
/** Elements of an array to a unit of fuel, as in `array.copy`. */
export const ELEMENTS_SHIFT = 3;

// As they are when this module is loaded: what a program puts in their places later is not called.
const fromCharCode: (...codes: number[]) => string = String.fromCharCode;
const fromCodePoint: (...points: number[]) => string = String.fromCodePoint;
const apply: typeof Reflect.apply = Reflect.apply;
const uncurried = <A extends unknown[], R>(fn: (...args: A) => R): ((string: string, ...args: A) => R) =>
  Function.prototype.call.bind(fn) as (string: string, ...args: A) => R;
const charCodeAt = uncurried(String.prototype.charCodeAt);
const codePointAt = uncurried(String.prototype.codePointAt);
const substring = uncurried(String.prototype.substring);

/** A string; anything else traps. */
function asString(value: unknown): string {
  if (typeof value !== "string") throw new Trap("cast-failure", { detail: "expected a string" });
  return value;
}

function lengthOf(value: unknown): number {
  return typeof value === "string" ? value.length : 0;
}

/** What is asked of an array: an `ArrayRef`, or what an engine makes of an array of its own. */
export type CodeArray = Pick<ArrayRef, "elements" | "length" | "get" | "set">;

function asArray(value: unknown): CodeArray {
  if (value === null) throw new Trap("null-reference");
  return value as CodeArray;
}

export function tooLong(length: number): Trap {
  return new Trap("allocation-size-too-large", { detail: `a string of ${length} code units` });
}

/** The index of a code unit. @throws Trap outside the string */
function placeIn(string: string, index: unknown): number {
  const place = (index as number) >>> 0;
  if (place >= string.length)
    throw new Trap("out-of-bounds-string", { detail: `index ${place} of ${string.length} code units` });
  return place;
}

type Codes = readonly number[];

/** Arguments that one call of `String.fromCharCode` gets: more need JavaScript's stack. */
const CHUNK = 4096;

function stringOf(array: CodeArray, start: number, end: number): string {
  const { elements } = array;
  let result = "";
  // The array may live in the platform's own WebAssembly.
  if (!(elements instanceof Int16Array)) {
    for (let i = start; i < end; i++) result += fromCharCode(array.get(i) as number);
    return result;
  }
  if (end - start <= 8) {
    for (let i = start; i < end; i++) result += fromCharCode(elements[i]);
    return result;
  }
  for (let i = start; i < end; i += CHUNK)
    result += apply(fromCharCode, undefined, elements.subarray(i, Math.min(i + CHUNK, end)) as unknown as Codes);
  return result;
}

export const stringFunctions: Readonly<Record<StringBuiltin, StringFunction>> = {
  cast: { work: undefined, run: asString },
  test: { work: undefined, run: (value) => (typeof value === "string" ? 1 : 0) },
  fromCharCodeArray: {
    work(_array, start, end) {
      const from = (start as number) >>> 0;
      const to = (end as number) >>> 0;
      return from > to ? 0 : (to - from) >>> ELEMENTS_SHIFT;
    },
    run(value, start, end) {
      const array = asArray(value);
      const from = (start as number) >>> 0;
      const to = (end as number) >>> 0;
      if (from > to || to > array.length) throw new Trap("out-of-bounds-array");
      if (to - from > MAX_STRING) throw tooLong(to - from);
      return stringOf(array, from, to);
    },
  },
  intoCharCodeArray: {
    work: (string) => lengthOf(string) >>> ELEMENTS_SHIFT,
    run(value, target, start) {
      const string = asString(value);
      const array = asArray(target);
      const { length } = string;
      const from = (start as number) >>> 0;
      if (from + length > array.length) throw new Trap("out-of-bounds-array");
      const { elements } = array;
      if (elements instanceof Int16Array) for (let i = 0; i < length; i++) elements[from + i] = charCodeAt(string, i);
      else for (let i = 0; i < length; i++) array.set(from + i, charCodeAt(string, i));
      return length;
    },
  },
  fromCharCode: { work: undefined, run: (code) => fromCharCode(code as number) },
  fromCodePoint: {
    work: undefined,
    run(value) {
      const point = (value as number) >>> 0;
      if (point > 0x10ffff) throw new Trap("invalid-code-point", { detail: String(point) });
      return fromCodePoint(point);
    },
  },
  charCodeAt: {
    work: undefined,
    run(value, index) {
      const string = asString(value);
      return charCodeAt(string, placeIn(string, index));
    },
  },
  codePointAt: {
    work: undefined,
    run(value, index) {
      const string = asString(value);
      return codePointAt(string, placeIn(string, index));
    },
  },
  length: { work: undefined, run: (value) => asString(value).length },
  concat: {
    // Platforms put off the copying until somebody looks into the string; it is paid for here.
    work: (a, b) => (lengthOf(a) + lengthOf(b)) >>> UNITS_SHIFT,
    run(a, b) {
      const first = asString(a);
      const second = asString(b);
      const length = first.length + second.length;
      if (length > MAX_STRING) throw tooLong(length);
      return first + second;
    },
  },
  substring: {
    work(value, start, end) {
      const length = lengthOf(value);
      const from = (start as number) >>> 0;
      const to = (end as number) >>> 0;
      return from > to || from > length ? 0 : (Math.min(to, length) - from) >>> UNITS_SHIFT;
    },
    run(value, start, end) {
      const string = asString(value);
      const from = (start as number) >>> 0;
      const to = (end as number) >>> 0;
      return from > to || from > string.length ? "" : substring(string, from, to);
    },
  },
  equals: {
    work: (a, b) => Math.min(lengthOf(a), lengthOf(b)) >>> UNITS_SHIFT,
    run(a, b) {
      if (a !== null) asString(a);
      if (b !== null) asString(b);
      return a === b ? 1 : 0;
    },
  },
  compare: {
    work: (a, b) => Math.min(lengthOf(a), lengthOf(b)) >>> UNITS_SHIFT,
    run(a, b) {
      const first = asString(a);
      const second = asString(b);
      return first === second ? 0 : first < second ? -1 : 1;
    },
  },
};
