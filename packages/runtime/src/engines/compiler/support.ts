import {
  convertS64ToF32,
  convertU64ToF32,
  fitsS32,
  fitsU32,
  truncSatS32,
  truncSatU32,
} from "../../numerics/conversions.ts";
import {
  canonicalF32,
  canonicalNumber,
  ceil64,
  floor64,
  isNaN64,
  maximum,
  minimum,
  nearest,
  truncate64,
} from "../../numerics/floats.ts";
import { ctz32, ctz64, join64, popcnt32 } from "../../numerics/integers.ts";
import type { Reference } from "../../store/references.ts";
import { Exception, jsTag, type Tag } from "../../store/tag.ts";
import { Trap } from "../../store/trap.ts";
import { type Division, makeDivisions } from "./division.ts";

/**
 * What translated code calls for anything that is more than an operator. Functions that give an i64 return its low half and leave the
 * high one in `X[1]`.
 */

/** Integers that a call returns behind its first result, and high halves: of result k the low half at 2k, the high one at 2k + 1. */
const X: Int32Array = new Int32Array(2048);
/** Floats that a call returns behind its first result. */
const Y: Float64Array = new Float64Array(1024);
/** The words of vectors that a call returns: of result k from 4k on. */
const Q: Int32Array = new Int32Array(4096);
/** References that a call returns behind its first result. */
const W: Reference[] = [];

const TWO_32 = 4294967296;

// ---- bits of floats

const scratch = new ArrayBuffer(8);
const words = new Int32Array(scratch);
const singles = new Float32Array(scratch);
const doubles = new Float64Array(scratch);

/**
 * An f32 is held as a number, that is as an f64, and making one of a signalling NaN would make it quiet. So such a NaN is held as the quiet f64 with its
 * sign and payload and with its lowest bit set, which no f32 has; arithmetic, rounding to f32, drops the bit.
 */
function f32OfBits(bits: number): number {
  if ((bits & 0x7fc00000) === 0x7f800000 && (bits & 0x3fffff) !== 0) {
    words[0] = (bits << 29) | 1;
    words[1] = (bits & -0x80000000) | 0x7ff80000 | ((bits & 0x3fffff) >> 3);
    return doubles[0];
  }
  words[0] = bits;
  return singles[0];
}

/** As {@link f32OfBits}, for arithmetic: which NaN it is does not matter. */
function rawF32OfBits(bits: number): number {
  words[0] = bits;
  return singles[0];
}

function bitsOfF32(x: number): number {
  if (!Number.isNaN(x)) {
    singles[0] = x;
    return words[0];
  }
  doubles[0] = x;
  const low = words[0];
  const high = words[1];
  const payload = ((high & 0x7ffff) << 3) | (low >>> 29);
  return (high & -0x80000000) | 0x7f800000 | ((low & 1) !== 0 ? 0 : 0x400000) | payload;
}

function loadF32(view: DataView, address: number): number {
  const x = view.getFloat32(address, true);
  return Number.isNaN(x) ? f32OfBits(view.getInt32(address, true)) : x;
}

function storeF32(view: DataView, address: number, x: number): void {
  if (!Number.isNaN(x)) view.setFloat32(address, x, true);
  else view.setInt32(address, bitsOfF32(x), true);
}

/**
 * Writes an f64 with all its bits. A middle tier of V8's (Maglev in 14.6) makes a NaN quiet where it writes one itself, into a typed array that
 * it knows or by `setFloat64`; a builtin that it calls does not.
 */
function setF64(floats: Float64Array, index: number, x: number): void {
  if (Number.isNaN(x)) floats.fill(x, index, index + 1);
  else floats[index] = x;
}

/** As {@link setF64}. The high half of a NaN first: where it does not fit nothing has been written. */
function storeF64(view: DataView, address: number, x: number): void {
  if (Number.isNaN(x)) {
    doubles.fill(x);
    view.setInt32(address + 4, words[1], true);
    view.setInt32(address, words[0], true);
  } else view.setFloat64(address, x, true);
}

function f64OfBits(low: number, high: number): number {
  words[0] = low;
  words[1] = high;
  return doubles[0];
}

function lowOfF64(x: number): number {
  setF64(doubles, 0, x);
  X[1] = words[1];
  return words[0];
}

function lowWordOfF64(x: number): number {
  setF64(doubles, 0, x);
  return words[0];
}

function highOfF64(x: number): number {
  setF64(doubles, 0, x);
  return words[1];
}

/** JavaScript's negation is a multiplication, which leaves the sign of a NaN alone. */
function negate(x: number): number {
  if (!Number.isNaN(x)) return -x;
  doubles.fill(x);
  words[1] ^= -0x80000000;
  return doubles[0];
}

function abs(x: number): number {
  if (!Number.isNaN(x)) return Math.abs(x);
  doubles.fill(x);
  words[1] &= 0x7fffffff;
  return doubles[0];
}

function copysign(x: number, sign: number): number {
  const high = highOfF64(sign);
  setF64(doubles, 0, x);
  words[1] = (words[1] & 0x7fffffff) | (high & -0x80000000);
  return doubles[0];
}

// ---- i32

function div32s(a: number, b: number): number {
  if (b === 0) throw new Trap("integer-divide-by-zero");
  if (b === -1 && a === -0x80000000) throw new Trap("integer-overflow");
  return (a / b) | 0;
}

function div32u(a: number, b: number): number {
  if (b === 0) throw new Trap("integer-divide-by-zero");
  return ((a >>> 0) / (b >>> 0)) | 0;
}

function rem32s(a: number, b: number): number {
  if (b === 0) throw new Trap("integer-divide-by-zero");
  return (a % b) | 0;
}

function rem32u(a: number, b: number): number {
  if (b === 0) throw new Trap("integer-divide-by-zero");
  return ((a >>> 0) % (b >>> 0)) | 0;
}

function cannotTruncate(x: number): Trap {
  return new Trap(Number.isNaN(x) ? "invalid-conversion-to-integer" : "integer-overflow");
}

function trunc32s(x: number): number {
  if (!fitsS32(x)) throw cannotTruncate(x);
  return x | 0;
}

function trunc32u(x: number): number {
  if (!fitsU32(x)) throw cannotTruncate(x);
  return x | 0;
}

// ---- i64

/** Leaves the halves of a bigint, of which the lowest 64 bits count. */
function lowOfBig(x: bigint): number {
  X[1] = Number(BigInt.asIntN(32, x >> 32n));
  return Number(BigInt.asIntN(32, x));
}

function bigOf(low: number, high: number): bigint {
  return join64(low, high);
}

/** The halves of a whole number below 2^64 in magnitude. */
function splitWide(x: number): number {
  const whole = Math.trunc(x);
  const high = Math.floor(whole / TWO_32);
  X[1] = high | 0;
  return (whole - high * TWO_32) | 0;
}

const TWO_63 = 2 ** 63;
const TWO_64 = 2 ** 64;

function trunc64s(x: number): number {
  if (!(x >= -TWO_63 && x < TWO_63)) throw cannotTruncate(x);
  return splitWide(x);
}

function trunc64u(x: number): number {
  if (!(x > -1 && x < TWO_64)) throw cannotTruncate(x);
  return splitWide(x);
}

function words64(low: number, high: number): number {
  X[1] = high;
  return low;
}

function truncSat64s(x: number): number {
  if (x >= -TWO_63 && x < TWO_63) return splitWide(x);
  return x < 0 ? words64(0, -0x80000000) : x > 0 ? words64(-1, 0x7fffffff) : words64(0, 0);
}

function truncSat64u(x: number): number {
  if (x > -1 && x < TWO_64) return splitWide(x);
  return x > 0 ? words64(-1, -1) : words64(0, 0);
}

// ---- references and exceptions

function unreachable(): Trap {
  return new Trap("unreachable");
}

function nonNull(reference: Reference): Reference {
  if (reference === null) throw new Trap("null-reference");
  return reference;
}

function tableGet(elements: readonly Reference[], index: number): Reference {
  if (index >= elements.length) throw new Trap("out-of-bounds-table");
  return elements[index];
}

function tableSet(elements: Reference[], index: number, value: Reference): void {
  if (index >= elements.length) throw new Trap("out-of-bounds-table");
  elements[index] = value;
}

/** Rest parameters are never an array of doubles, in which a platform may change a NaN. */
function exception(tag: Tag, ...payload: readonly unknown[]): Exception {
  return new Exception(tag, [], payload);
}

/** What JavaScript throws for an exception reference: an exception that came from a host is the host's own value again. */
function thrownBy(reference: Reference): unknown {
  if (reference === null) throw new Trap("null-reference");
  const thrown = reference as Exception;
  return thrown.tag === jsTag() ? thrown.payload[0] : thrown;
}

/**
 * All of it, by the names that translated code has for it. Nothing here is exported by itself: V8 does not take an exported constant of a module for one,
 * so that functions which use it would look it up each time.
 */
const functions = {
  X,
  Y,
  W,
  Q,
  imul: Math.imul,
  fround: Math.fround,
  clz32: Math.clz32,
  ceil: Math.ceil,
  floor: Math.floor,
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  min: Math.min,
  max: Math.max,
  canonicalNumber,
  canonicalF32,
  isNaN64,
  minimum,
  maximum,
  nearest,
  ceil64,
  floor64,
  truncate64,
  ctz32,
  ctz64,
  popcnt32,
  truncSatS32,
  truncSatU32,
  abs,
  negate,
  copysign,
  f32OfBits,
  rawF32OfBits,
  bitsOfF32,
  loadF32,
  storeF32,
  setF64,
  storeF64,
  f64OfBits,
  lowOfF64,
  lowWordOfF64,
  highOfF64,
  div32s,
  div32u,
  rem32s,
  rem32u,
  trunc32s,
  trunc32u,
  ...makeDivisions(X),
  trunc64s,
  trunc64u,
  truncSat64s,
  truncSat64u,
  f32OfI64: convertS64ToF32,
  f32OfU64: convertU64ToF32,
  lowOfBig,
  bigOf,
  unreachable,
  nonNull,
  tableGet,
  tableSet,
  exception,
  thrownBy,
};

export const support: {
  readonly X: typeof X;
  readonly Y: typeof Y;
  readonly W: typeof W;
  readonly Q: typeof Q;
  readonly imul: typeof Math.imul;
  readonly fround: typeof Math.fround;
  readonly clz32: typeof Math.clz32;
  readonly ceil: typeof Math.ceil;
  readonly floor: typeof Math.floor;
  readonly trunc: typeof Math.trunc;
  readonly sqrt: typeof Math.sqrt;
  readonly min: typeof Math.min;
  readonly canonicalNumber: typeof canonicalNumber;
  readonly canonicalF32: typeof canonicalF32;
  readonly isNaN64: typeof isNaN64;
  readonly minimum: typeof minimum;
  readonly maximum: typeof maximum;
  readonly max: typeof Math.max;
  readonly nearest: typeof nearest;
  readonly ceil64: typeof ceil64;
  readonly floor64: typeof floor64;
  readonly truncate64: typeof truncate64;
  readonly ctz32: typeof ctz32;
  readonly ctz64: typeof ctz64;
  readonly popcnt32: typeof popcnt32;
  readonly truncSatS32: typeof truncSatS32;
  readonly truncSatU32: typeof truncSatU32;
  readonly abs: typeof abs;
  readonly negate: typeof negate;
  readonly copysign: typeof copysign;
  readonly f32OfBits: typeof f32OfBits;
  readonly rawF32OfBits: typeof rawF32OfBits;
  readonly bitsOfF32: typeof bitsOfF32;
  readonly loadF32: typeof loadF32;
  readonly storeF32: typeof storeF32;
  readonly setF64: typeof setF64;
  readonly storeF64: typeof storeF64;
  readonly f64OfBits: typeof f64OfBits;
  readonly lowOfF64: typeof lowOfF64;
  readonly lowWordOfF64: typeof lowWordOfF64;
  readonly highOfF64: typeof highOfF64;
  readonly div32s: typeof div32s;
  readonly div32u: typeof div32u;
  readonly rem32s: typeof rem32s;
  readonly rem32u: typeof rem32u;
  readonly trunc32s: typeof trunc32s;
  readonly trunc32u: typeof trunc32u;
  readonly div64s: Division;
  readonly div64u: Division;
  readonly rem64s: Division;
  readonly rem64u: Division;
  readonly trunc64s: typeof trunc64s;
  readonly trunc64u: typeof trunc64u;
  readonly truncSat64s: typeof truncSat64s;
  readonly truncSat64u: typeof truncSat64u;
  readonly f32OfI64: typeof convertS64ToF32;
  readonly f32OfU64: typeof convertU64ToF32;
  readonly lowOfBig: typeof lowOfBig;
  readonly bigOf: typeof bigOf;
  readonly unreachable: typeof unreachable;
  readonly nonNull: typeof nonNull;
  readonly tableGet: typeof tableGet;
  readonly tableSet: typeof tableSet;
  readonly exception: typeof exception;
  readonly thrownBy: typeof thrownBy;
} = functions;

/** Those of them that never throw. */
export const harmless: ReadonlySet<string> = new Set([
  "U",
  "X",
  "Y",
  "W",
  "Q",
  "VI",
  "imul",
  "fround",
  "clz32",
  "ceil",
  "floor",
  "trunc",
  "sqrt",
  "min",
  "max",
  "minimum",
  "maximum",
  "nearest",
  "ceil64",
  "floor64",
  "truncate64",
  "ctz32",
  "ctz64",
  "popcnt32",
  "truncSatS32",
  "truncSatU32",
  "canonicalNumber",
  "canonicalF32",
  "isNaN64",
  "abs",
  "negate",
  "copysign",
  "f32OfBits",
  "rawF32OfBits",
  "bitsOfF32",
  "lowWordOfF64",
  "highOfF64",
  "setF64",
  "f64OfBits",
  "lowOfF64",
  "truncSat64s",
  "truncSat64u",
  "f32OfI64",
  "f32OfU64",
  "StructRef",
  "GcObject",
  "Func",
  "keptDouble",
  "doubleOf",
  "matches",
]);
