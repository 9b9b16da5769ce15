import { encodeModule } from "../../binary/encode.ts";
import { Writer } from "../../binary/writer.ts";
import type { Func } from "../../store/function.ts";
import type { NativeMemory } from "../../store/memory-storage.ts";
import type { FunctionBody } from "../../wasm/module.ts";
import { VECTOR_PREFIX } from "../../wasm/opcode-slots.ts";
import * as OP from "../../wasm/opcodes.ts";
import {
  F32,
  F64,
  type FunctionType,
  I32,
  I64,
  isReference,
  type SubType,
  V128,
  type ValueType,
} from "../../wasm/types.ts";
import { type Crossing, crossingOf, type Finder, fromNative, toNative } from "./references.ts";
import type { NativeFunction } from "./web-assembly.ts";
import { theWebAssembly } from "./web-assembly.ts";

/**
 * Calls with values as bits, which JavaScript's numbers cannot hold: a small module, made for the signature, loads the parameters from its
 * memory and stores the results there. For tests alone.
 */

const SLOT = 16;
const loads: ReadonlyMap<ValueType, readonly number[]> = new Map([
  [I32, [OP.I32_LOAD, 2]],
  [I64, [OP.I64_LOAD, 3]],
  [F32, [OP.F32_LOAD, 2]],
  [F64, [OP.F64_LOAD, 3]],
  [V128, [VECTOR_PREFIX, OP.V128_LOAD & 0xfff, 4]],
]);
const stores: ReadonlyMap<ValueType, readonly number[]> = new Map([
  [I32, [OP.I32_STORE, 2]],
  [I64, [OP.I64_STORE, 3]],
  [F32, [OP.F32_STORE, 2]],
  [F64, [OP.F64_STORE, 3]],
  [V128, [VECTOR_PREFIX, OP.V128_STORE & 0xfff, 4]],
]);

/** @param args and the results as `EngineInstance.callRaw` has them */
export function callRaw(native: NativeFunction, func: Func, args: readonly unknown[], finder: Finder): unknown[] {
  const { params, results } = func.signature;
  const crossing = (type: ValueType): Crossing => crossingOf(type, func.type.context, true);
  const given = args.map((value, i) => (isReference(params[i]) ? toNative(value, crossing(params[i]), finder) : value));
  // The module's own types, so that references to defined types mean the same.
  const syntax = func.owner?.module.syntax;
  const returned =
    syntax === undefined
      ? callNative(native, [asSubType(func.signature, 0)], 0, given)
      : callNative(native, syntax.types, syntax.functions[func.index], given);
  return returned.map((value, i) =>
    isReference(results[i]) ? fromNative(value, crossing(results[i]), finder) : value,
  );
}

/**
 * The same with any function of the platform's, and references as the platform has them.
 *
 * @param types those of its module, and `typeIndex` which of them is its own
 */
export function callNative(
  native: NativeFunction,
  types: readonly SubType[],
  typeIndex: number,
  args: readonly unknown[],
): unknown[] {
  const { params, results } = types[typeIndex].composite as FunctionType;
  const { memory, call } = shim(native, types, typeIndex);
  const view = new DataView(memory.buffer);
  const references: unknown[] = [];
  params.forEach((type, i) => {
    if (isReference(type)) references.push(args[i]);
    else write(view, i * SLOT, type, args[i]);
  });
  const returned = call(...references);
  const kept = results.filter(isReference).length === 1 ? [returned] : ((returned ?? []) as unknown[]);
  let next = 0;
  return results.map((type, i) => (isReference(type) ? kept[next++] : read(view, i * SLOT, type)));
}

function asSubType(composite: FunctionType, groupStart: number): SubType {
  return { final: true, supertypes: [], composite, groupStart, groupSize: 1 };
}

function write(view: DataView, at: number, type: ValueType, value: unknown): void {
  switch (type) {
    case I32:
    case F32:
      view.setInt32(at, value as number, true);
      break;
    case I64:
    case F64:
      view.setBigInt64(at, value as bigint, true);
      break;
    default:
      new Uint8Array(view.buffer, at, SLOT).set(value as Uint8Array);
  }
}

function read(view: DataView, at: number, type: ValueType): unknown {
  switch (type) {
    case I32:
      return view.getInt32(at, true);
    case F32:
      return view.getUint32(at, true);
    case I64:
      return view.getBigInt64(at, true);
    case F64:
      return view.getBigUint64(at, true);
    default:
      return new Uint8Array(view.buffer, at, SLOT).slice();
  }
}

interface Shim {
  readonly memory: NativeMemory;
  readonly call: NativeFunction;
}

const shims = new WeakMap<NativeFunction, Shim>();

function shim(native: NativeFunction, types: readonly SubType[], typeIndex: number): Shim {
  let known = shims.get(native);
  if (known === undefined) {
    const { Module, Instance } = theWebAssembly();
    const { exports } = new Instance(new Module(shimModule(types, typeIndex)), { w: { f: native } });
    known = { memory: exports.m as NativeMemory, call: exports.f as NativeFunction };
    shims.set(native, known);
  }
  return known;
}

function shimModule(declared: readonly SubType[], typeIndex: number): Uint8Array {
  const { params, results } = declared[typeIndex].composite as FunctionType;
  const references = params.filter(isReference);
  const kept = results.filter(isReference);
  const types = [...declared, asSubType({ kind: "func", params: references, results: kept }, declared.length)];
  return encodeModule({
    types,
    imports: [{ module: "w", name: "f", kind: "func", index: 0 }],
    importCounts: { func: 1, table: 0, memory: 0, global: 0, tag: 0 },
    functions: [typeIndex, types.length - 1],
    tables: [],
    memories: [
      {
        min: BigInt(Math.ceil((Math.max(params.length, results.length) * SLOT + 1) / 65536)),
        max: undefined,
        address: I32,
        shared: false,
        pageSizeLog2: 16,
      },
    ],
    globals: [],
    tags: [],
    exports: [
      { name: "f", kind: "func", index: 1 },
      { name: "m", kind: "memory", index: 0 },
    ],
    start: undefined,
    elements: [],
    dataCount: undefined,
    data: [],
    bodies: [shimBody(params, results, references.length)],
    custom: [],
    sections: [],
  });
}

function shimBody(params: readonly ValueType[], results: readonly ValueType[], references: number): FunctionBody {
  const code = new Writer();
  let reference = 0;
  params.forEach((type, i) => {
    if (isReference(type)) {
      code.u8(OP.LOCAL_GET);
      code.u32(reference++);
      return;
    }
    code.u8(OP.I32_CONST);
    code.s32(i * SLOT);
    for (const byte of loads.get(type) as readonly number[]) code.u8(byte);
    code.u8(0);
  });
  code.u8(OP.CALL);
  code.u8(0);
  for (let i = results.length - 1; i >= 0; i--) {
    code.u8(OP.LOCAL_SET);
    code.u32(references + i);
  }
  results.forEach((type, i) => {
    if (isReference(type)) return;
    code.u8(OP.I32_CONST);
    code.s32(i * SLOT);
    code.u8(OP.LOCAL_GET);
    code.u32(references + i);
    for (const byte of stores.get(type) as readonly number[]) code.u8(byte);
    code.u8(0);
  });
  results.forEach((type, i) => {
    if (!isReference(type)) return;
    code.u8(OP.LOCAL_GET);
    code.u32(references + i);
  });
  code.u8(OP.END);
  const bytes = code.finish();
  return { bytes, start: 0, end: bytes.length, locals: results.map((type) => ({ count: 1, type })) };
}
