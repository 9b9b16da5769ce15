import { readImmediates, readOpcode } from "../binary/instruction-reader.ts";
import { Reader } from "../binary/reader.ts";
import type { Expression, GlobalDefinition } from "../wasm/module.ts";
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
    if (instruction.opcode === 0x0b) return stack[0];
    const immediates = readImmediates(reader, instruction);
    const index = immediates[0] as number;
    switch (instruction.opcode) {
      case 0x41: // i32.const
      case 0x42: // i64.const
        stack.push(immediates[0]);
        break;
      case 0x43: // f32.const
        float32Bits[0] = index;
        stack.push(float32[0]);
        break;
      case 0x44: // f64.const
        float64Bits[0] = immediates[0] as bigint;
        stack.push(float64[0]);
        break;
      case 0xfd00c: // v128.const
        stack.push((immediates[0] as Uint8Array).slice());
        break;
      case 0x23: // global.get
        stack.push(instance.globals[index].load());
        break;
      case 0xd0: // ref.null
        stack.push(null);
        break;
      case 0xd2: // ref.func
        stack.push(instance.functions[index]);
        break;
      case 0x6a: // i32.add
      case 0x6b: // i32.sub
      case 0x6c: // i32.mul
        pushI32(stack, instruction.opcode);
        break;
      case 0x7c: // i64.add
      case 0x7d: // i64.sub
      case 0x7e: // i64.mul
        pushI64(stack, instruction.opcode);
        break;
      case 0xfb01a: // any.convert_extern
      case 0xfb01b: // extern.convert_any
        break;
      case 0xfb01c: // ref.i31
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
  if (instruction.opcode === 0x43) global.i32[0] = value as number;
  else if (instruction.opcode === 0x44) global.i64[0] = value as bigint;
  else global.i64[0] = instance.globals[value as number].i64[0];
  return global;
}

function pushI32(stack: WasmValue[], opcode: number): void {
  const right = stack.pop() as number;
  const left = stack.pop() as number;
  stack.push(opcode === 0x6a ? (left + right) | 0 : opcode === 0x6b ? (left - right) | 0 : Math.imul(left, right));
}

function pushI64(stack: WasmValue[], opcode: number): void {
  const right = stack.pop() as bigint;
  const left = stack.pop() as bigint;
  stack.push(BigInt.asIntN(64, opcode === 0x7c ? left + right : opcode === 0x7d ? left - right : left * right));
}
