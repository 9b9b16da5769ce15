import type { WasmValue } from "../../store/values.ts";
import { F32, F64, I32, I64, isReference, V128, type ValueType } from "../../wasm/types.ts";
import { unsigned64 } from "../../wasm/unsigned.ts";
import { vbytes, vwords } from "./state.ts";
import { support } from "./support.ts";

const { bigOf, bitsOfF32, f32OfBits, f64OfBits, lowOfBig, lowOfF64, Q, setF64, W, X, Y } = support;

/**
 * Values as translated code hands them over: the arguments of a call, and its results, of which the first is returned and the others stand in
 * `X`, `Y`, `W` and, vectors, `Q`. An i64 is two arguments, a vector four.
 */

/** A list that never becomes an array of doubles, in which a platform may change a NaN. */
function list(length: number): unknown[] {
  return new Array(length).fill(undefined);
}

/** The arguments of a call. */
export function toArguments(values: readonly WasmValue[], types: readonly ValueType[]): unknown[] {
  const args = list(types.length * 4);
  let at = 0;
  types.forEach((type, i) => {
    if (type === I64) {
      args[at++] = lowOfBig(values[i] as bigint);
      args[at++] = X[1];
    } else if (type === V128) {
      vwords(values[i] as Uint8Array);
      for (let k = 0; k < 4; k++) args[at++] = Q[k];
    } else args[at++] = values[i];
  });
  args.length = at;
  return args;
}

/** As {@link toArguments}, from values as `EngineInstance.callRaw` has them. */
export function rawToArguments(values: readonly unknown[], types: readonly ValueType[]): unknown[] {
  const converted = list(types.length);
  values.forEach((value, i) => {
    if (types[i] === F32) converted[i] = f32OfBits((value as number) | 0);
    else if (types[i] === F64) converted[i] = f64OfBits(lowOfBig(value as bigint), X[1]);
    else converted[i] = value;
  });
  return toArguments(converted, types);
}

/** What a function was called with. */
export function fromArguments(args: readonly unknown[], types: readonly ValueType[]): WasmValue[] {
  let at = 0;
  return types.map((type) => {
    if (type === I64) return bigOf(args[at++] as number, args[at++] as number);
    if (type === V128) {
      at += 4;
      return vbytes(...(args.slice(at - 4, at) as [number, number, number, number]));
    }
    return args[at++];
  });
}

/** Hands results over. @returns what the function is to return */
export function toResults(values: readonly WasmValue[], types: readonly ValueType[]): unknown {
  let first: unknown;
  for (let i = 0; i < types.length; i++) if (types[i] === V128) vwords(values[i] as Uint8Array, 4 * i);
  // The first comes last: splitting any i64 uses the place of its high half.
  for (let i = types.length - 1; i >= 0; i--) {
    const type = types[i];
    if (type === V128) continue;
    const value = values[i];
    if (type === I64) {
      first = lowOfBig(value as bigint);
      X[2 * i] = first as number;
      X[2 * i + 1] = X[1];
    } else {
      first = value;
      if (type === I32) X[2 * i] = value as number;
      else if (isReference(type)) {
        if (i > 0) W[i] = value;
      } else setF64(Y, i, value as number);
    }
  }
  return types[0] === V128 ? undefined : first;
}

/** The results of a call that has returned `first`. */
export function fromResults(first: unknown, types: readonly ValueType[]): WasmValue[] {
  const values = list(types.length);
  types.forEach((type, i) => {
    if (type === V128) values[i] = vbytes(Q[4 * i], Q[4 * i + 1], Q[4 * i + 2], Q[4 * i + 3]);
    else if (type === I64) values[i] = bigOf(i === 0 ? (first as number) : X[2 * i], X[2 * i + 1]);
    else if (i === 0) values[i] = first;
    else if (type === I32) values[i] = X[2 * i];
    else if (isReference(type)) {
      values[i] = W[i];
      W[i] = null;
    } else values[i] = Y[i];
  });
  return values;
}

/** Results as `EngineInstance.callRaw` gives them. */
export function resultsToRaw(values: readonly WasmValue[], types: readonly ValueType[]): unknown[] {
  return values.map((value, i) => {
    if (types[i] === F32) return bitsOfF32(value as number) >>> 0;
    if (types[i] === F64) return unsigned64(bigOf(lowOfF64(value as number), X[1]));
    return value;
  });
}
