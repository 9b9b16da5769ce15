import { ANYREF, EXTERNREF, F32, F64, FUNCREF, I32, I64, V128, type ValueType } from "../wasm/types.ts";

/** Value types as the JavaScript API names them, for descriptors (JavaScript API, 5.5: ValueType). */
export type ValueTypeName = "i32" | "i64" | "f32" | "f64" | "v128" | "externref" | "anyfunc" | "funcref" | "anyref";

const valueTypes: Readonly<Record<ValueTypeName, ValueType>> = {
  i32: I32,
  i64: I64,
  f32: F32,
  f64: F64,
  v128: V128,
  externref: EXTERNREF,
  anyfunc: FUNCREF,
  funcref: FUNCREF,
  anyref: ANYREF,
};

/** The type of a name. @throws TypeError for what is no name of one */
export function valueTypeNamed(value: unknown): ValueType {
  const name = String(value);
  if (!Object.hasOwn(valueTypes, name)) throw new TypeError(`"${name}" is no value type`);
  return valueTypes[name as ValueTypeName];
}
