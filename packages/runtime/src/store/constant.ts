import { readImmediates, readOpcode } from "../binary/instruction-reader.ts";
import { Reader } from "../binary/reader.ts";
import type { Expression, GlobalDefinition } from "../wasm/module.ts";
import * as OP from "../wasm/opcodes.ts";
import { F32, F64 } from "../wasm/types.ts";
import { Global } from "./global.ts";
import type { StoreInstance } from "./store-instance.ts";
import type { WasmValue } from "./values.ts";

const float32 = new Float32Array(1);
const float32Bits = new Uint32Array(float32.buffer);
const float64 = new Float64Array(1);
const float64Bits = new BigUint64Array(float64.buffer);

/**
 * Evaluates a constant expression (specification, 3.4.13 and 4.7): the start of globals and tables, offsets, element items.
 * They are free of fuel; what they compute is bounded by their length, which is bounded by the module's, and what they allocate by the instance.
 *
 * @param instance with every global that the expression may name
 * @throws Trap where an allocation is too large
 */
export function evaluateConstant(expression: Expression, instance: StoreInstance): WasmValue {
  const reader = new Reader(expression.bytes, expression.start, expression.end);
  const stack: WasmValue[] = [];
  for (;;) {
    const instruction = readOpcode(reader);
    if (instruction.opcode === OP.END) return stack[0];
    const immediates = readImmediates(reader, instruction);
    const index = immediates[0] as number;
    switch (instruction.opcode) {
      case OP.I32_CONST:
      case OP.I64_CONST:
        stack.push(immediates[0]);
        break;
      case OP.F32_CONST:
        float32Bits[0] = index;
        stack.push(float32[0]);
        break;
      case OP.F64_CONST:
        float64Bits[0] = immediates[0] as bigint;
        stack.push(float64[0]);
        break;
      case OP.V128_CONST:
        stack.push((immediates[0] as Uint8Array).slice());
        break;
      case OP.GLOBAL_GET:
        stack.push(instance.globals[index].load());
        break;
      case OP.REF_NULL:
        stack.push(null);
        break;
      case OP.REF_FUNC:
        stack.push(instance.functions[index]);
        break;
      case OP.I32_ADD:
      case OP.I32_SUB:
      case OP.I32_MUL:
        pushI32(stack, instruction.opcode);
        break;
      case OP.I64_ADD:
      case OP.I64_SUB:
      case OP.I64_MUL:
        pushI64(stack, instruction.opcode);
        break;
      case OP.ANY_CONVERT_EXTERN:
      case OP.EXTERN_CONVERT_ANY:
        break;
      case OP.REF_I31:
        stack.push(((stack.pop() as number) << 1) >> 1);
        break;
      default:
        if (instance.aggregates?.(instruction.opcode, immediates as number[], stack, instance) !== true)
          throw new Error(`${instruction.name} is no constant instruction here`);
    }
  }
}

/**
 * A new global with the value of its initialiser. A float is copied as bits, since a JavaScript number does not keep those of every NaN;
 * in a constant expression it can only come from a constant or from another global.
 */
export function makeGlobal({ type, init }: GlobalDefinition, instance: StoreInstance): Global {
  const expression = init as Expression;
  const global = new Global(type, evaluateConstant(expression, instance), instance.types);
  if (type.type !== F32 && type.type !== F64) return global;
  const reader = new Reader(expression.bytes, expression.start, expression.end);
  const instruction = readOpcode(reader);
  const [value] = readImmediates(reader, instruction);
  if (instruction.opcode === OP.F32_CONST) global.i32[0] = value as number;
  else if (instruction.opcode === OP.F64_CONST) global.i64[0] = value as bigint;
  else global.i64[0] = instance.globals[value as number].i64[0];
  return global;
}

function pushI32(stack: WasmValue[], opcode: number): void {
  const right = stack.pop() as number;
  const left = stack.pop() as number;
  stack.push(
    opcode === OP.I32_ADD ? (left + right) | 0 : opcode === OP.I32_SUB ? (left - right) | 0 : Math.imul(left, right),
  );
}

function pushI64(stack: WasmValue[], opcode: number): void {
  const right = stack.pop() as bigint;
  const left = stack.pop() as bigint;
  stack.push(
    BigInt.asIntN(64, opcode === OP.I64_ADD ? left + right : opcode === OP.I64_SUB ? left - right : left * right),
  );
}
