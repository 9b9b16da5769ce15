import { emptyModule } from "../../binary/decoding.ts";
import { encodeModule } from "../../binary/encode.ts";
import { Writer } from "../../binary/writer.ts";
import type { FunctionBody, WasmModule } from "../../wasm/module.ts";
import * as OP from "../../wasm/opcodes.ts";
import type { SubType, ValueType } from "../../wasm/types.ts";
import { theWebAssembly } from "./web-assembly.ts";

/** Small modules of the engine's own, for what the platform's JavaScript API cannot do and its WebAssembly can. */

/** Instantiates a module of these parts. @returns its exports */
export function makeHelper(
  parts: Partial<WasmModule>,
  imports: Record<string, Record<string, unknown>> = {},
): Record<string, unknown> {
  const { Module, Instance } = theWebAssembly();
  return new Instance(new Module(encodeModule({ ...emptyModule(), ...parts })), imports).exports;
}

/** A function type as a module declares it, by itself. */
export function functionType(index: number, params: readonly ValueType[], results: readonly ValueType[]): SubType {
  return {
    final: true,
    supertypes: [],
    composite: { kind: "func", params, results },
    groupStart: index,
    groupSize: 1,
  };
}

/** A body without locals of these instructions. */
export function body(...code: readonly number[]): FunctionBody {
  const bytes = Uint8Array.from([...code, OP.END]);
  return { bytes, start: 0, end: bytes.length, locals: [] };
}

/** The bytes of a prefixed opcode. */
export function prefixed(opcode: number): number[] {
  return [opcode >>> 12, ...u32(opcode & 0xfff)];
}

/** An unsigned number as immediates have it. */
export function u32(value: number): number[] {
  const writer = new Writer();
  writer.u32(value);
  return [...writer.finish()];
}

/** The constant of `i32.const`, or a heap type. */
export function s32(value: number): number[] {
  const writer = new Writer();
  writer.s32(value);
  return [...writer.finish()];
}

/** A function to export under a name. */
export interface HelperFunction {
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly code: readonly number[];
}

/** Instantiates a module of functions alone, over the types that they use. @returns them by name */
export function makeHelperFunctions(
  types: readonly SubType[],
  functions: readonly HelperFunction[],
): Record<string, (...args: readonly unknown[]) => unknown> {
  const all = [...types];
  for (const { params, results } of functions) all.push(functionType(all.length, params, results));
  return makeHelper({
    types: all,
    functions: functions.map((_, i) => types.length + i),
    exports: functions.map(({ name }, index) => ({ name, kind: "func", index })),
    bodies: functions.map(({ code }) => body(...code)),
  }) as Record<string, (...args: readonly unknown[]) => unknown>;
}
