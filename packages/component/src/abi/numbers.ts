import type { ValueType } from "../types/value.ts";

/** The typed arrays that lists of numbers are. */
export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

interface NumberArrayConstructor {
  new (length: number): NumberArray;
  new (buffer: ArrayBufferLike, offset?: number, length?: number): NumberArray;
}

/** A type of numbers of which lists are typed arrays. */
export interface NumberFormat {
  readonly kind: NumberKind;
  /** The name of the typed array. */
  readonly name: string;
  readonly array: NumberArrayConstructor;
  readonly bytes: 1 | 2 | 4 | 8;
  readonly isFloat: boolean;
}

export type NumberKind = "u8" | "s8" | "u16" | "s16" | "u32" | "s32" | "u64" | "s64" | "f32" | "f64";

const format = (
  kind: NumberKind,
  array: NumberArrayConstructor & { readonly name: string; readonly BYTES_PER_ELEMENT: number },
): [NumberKind, NumberFormat] => [
  kind,
  {
    kind,
    name: array.name,
    array,
    bytes: array.BYTES_PER_ELEMENT as NumberFormat["bytes"],
    isFloat: kind === "f32" || kind === "f64",
  },
];

const formats: ReadonlyMap<string, NumberFormat> = new Map([
  format("u8", Uint8Array),
  format("s8", Int8Array),
  format("u16", Uint16Array),
  format("s16", Int16Array),
  format("u32", Uint32Array),
  format("s32", Int32Array),
  format("u64", BigUint64Array),
  format("s64", BigInt64Array),
  format("f32", Float32Array),
  format("f64", Float64Array),
]);

/** How numbers of a type are in a typed array; undefined for a type of other values. */
export function numberFormat(type: ValueType): NumberFormat | undefined {
  return formats.get(type.kind);
}

/** A typed array of numbers that are known to fit. */
export function arrayOf(format: NumberFormat, values: readonly (number | bigint)[]): NumberArray {
  const array = new format.array(values.length);
  for (let i = 0; i < values.length; i++) array[i] = values[i];
  return array;
}

const floats = new Float64Array(1);
const words = new Int32Array(floats.buffer);
const longs = new BigInt64Array(floats.buffer);
const singles = new Float32Array(floats.buffer);

/** The bits of an f32, with the canonical NaN (Canonical ABI, "Loading": `canonicalize_nan32`). */
export function bitsOfF32(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0_0000;
  singles[0] = value;
  return words[0];
}

export function bitsOfF64(value: number): bigint {
  if (Number.isNaN(value)) return 0x7ff8_0000_0000_0000n;
  floats[0] = value;
  return longs[0];
}

export function f32OfBits(bits: number): number {
  words[0] = bits;
  return canonical(singles[0]);
}

export function f64OfBits(bits: bigint): number {
  longs[0] = bits;
  return canonical(floats[0]);
}

/** The same number; the canonical NaN for every NaN. */
export function canonical(value: number): number {
  return Number.isNaN(value) ? Number.NaN : value;
}

/** Makes every NaN in memory the canonical one. */
export function canonicalizeNaNs(view: DataView, pointer: number, count: number, bytes: number): void {
  if (bytes === 4) {
    for (let at = pointer; count > 0; count--, at += 4) {
      const value = view.getFloat32(at, true);
      if (Number.isNaN(value)) view.setUint32(at, 0x7fc0_0000, true);
    }
  } else
    for (let at = pointer; count > 0; count--, at += 8) {
      const value = view.getFloat64(at, true);
      if (Number.isNaN(value)) {
        view.setUint32(at, 0, true);
        view.setUint32(at + 4, 0x7ff8_0000, true);
      }
    }
}
