import type { WasmValue } from "../../../store/values.ts";
import { F32, F64, I32, I64, V128, type ValueType } from "../../../wasm/types.ts";
import { unsigned64 } from "../../../wasm/unsigned.ts";
import type { Arena } from "./arena.ts";

/** Puts a value into the register at `slot` (a vector: into two). */
export function writeValue(arena: Arena, slot: number, type: ValueType, value: WasmValue): void {
  switch (type) {
    case I32:
      arena.i32[slot] = value as number;
      break;
    case I64:
      arena.i64[slot] = value as bigint;
      break;
    case F32:
      arena.f32[slot] = value as number;
      break;
    case F64:
      arena.f64[slot] = value as number;
      break;
    case V128:
      arena.bytes.set(value as Uint8Array, slot * 8);
      break;
    default:
      writeReference(arena, slot, value);
  }
}

/** Reference registers are as many as have been used: an array with holes would be slow. */
export function writeReference(arena: Arena, slot: number, value: unknown): void {
  const { refs } = arena;
  while (refs.length <= slot) refs.push(null);
  refs[slot] = value;
}

export function readValue(arena: Arena, slot: number, type: ValueType): WasmValue {
  switch (type) {
    case I32:
      return arena.i32[slot];
    case I64:
      return arena.i64[slot];
    case F32:
      return arena.f32[slot];
    case F64:
      return arena.f64[slot];
    case V128:
      return arena.bytes.slice(slot * 8, slot * 8 + 16);
    default:
      return arena.refs[slot];
  }
}

/** As {@link writeValue}, with f32 and f64 as the bits of their values. */
export function writeBits(arena: Arena, slot: number, type: ValueType, value: unknown): void {
  if (type === F32) arena.i32[slot] = value as number;
  else if (type === F64) arena.i64[slot] = value as bigint;
  else writeValue(arena, slot, type, value);
}

export function readBits(arena: Arena, slot: number, type: ValueType): unknown {
  if (type === F32) return arena.i32[slot] >>> 0;
  if (type === F64) return unsigned64(arena.i64[slot]);
  return readValue(arena, slot, type);
}
