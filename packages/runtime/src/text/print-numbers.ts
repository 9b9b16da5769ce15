import { f32Literal, f64Literal } from "./floats.ts";

const view = new DataView(new ArrayBuffer(8));

function special(negative: boolean, infinite: boolean, payload: bigint, quiet: bigint): string {
  const sign = negative ? "-" : "";
  if (infinite) return `${sign}inf`;
  return payload === quiet ? `${sign}nan` : `${sign}nan:0x${payload.toString(16)}`;
}

/** The literal of an f32 given by its bits: the shortest decimal that is read back to the same bits. */
export function f32Text(bits: number): string {
  const negative = bits >>> 31 === 1;
  const payload = bits & 0x7fffff;
  if (((bits >>> 23) & 0xff) === 0xff) return special(negative, payload === 0, BigInt(payload), 1n << 22n);
  view.setUint32(0, bits);
  const value = view.getFloat32(0);
  if (value === 0) return negative ? "-0" : "0";
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (f32Literal(text) === bits >>> 0) return text;
  }
  return String(Number(value.toPrecision(9)));
}

/** The literal of an f64 given by its bits. */
export function f64Text(bits: bigint): string {
  const negative = bits >> 63n === 1n;
  const payload = bits & ((1n << 52n) - 1n);
  if (((bits >> 52n) & 0x7ffn) === 0x7ffn) return special(negative, payload === 0n, payload, 1n << 51n);
  view.setBigUint64(0, bits);
  const value = view.getFloat64(0);
  const text = Object.is(value, -0) ? "-0" : String(value);
  return f64Literal(text) === bits ? text : value.toPrecision(17);
}
