import * as OP from "../wasm/opcodes.ts";
import type { StructType } from "../wasm/types.ts";
import { keptFields, makeArray, makeDefaultStruct, StructRef, setElement } from "./gc.ts";
import type { StoreInstance } from "./store-instance.ts";
import type { WasmValue } from "./values.ts";

/**
 * Executes a constant instruction that makes a structure or an array. It stands apart so that a runtime without garbage collection can do without
 * it.
 *
 * @param stack operands, and where the result goes
 * @returns false for any other instruction
 * @throws Trap where the allocation is too large
 */
export function aggregateConstant(
  opcode: number,
  immediates: readonly number[],
  stack: WasmValue[],
  instance: StoreInstance,
): boolean {
  const index = immediates[0];
  switch (opcode) {
    case OP.STRUCT_NEW: {
      const type = instance.types[index];
      const composite = type.composite as StructType;
      const count = composite.fields.length;
      instance.countConstants(count);
      stack.push(new StructRef(type, undefined, keptFields(composite, stack.splice(stack.length - count))));
      return true;
    }
    case OP.STRUCT_NEW_DEFAULT:
      instance.countConstants((instance.types[index].composite as StructType).fields.length);
      stack.push(makeDefaultStruct(instance.types[index]));
      return true;
    case OP.ARRAY_NEW: {
      const length = (stack.pop() as number) >>> 0;
      const value = stack.pop();
      instance.countConstants(length);
      const array = makeArray(instance.types[index], length);
      for (let i = 0; i < length; i++) setElement(array, i, value);
      stack.push(array);
      return true;
    }
    case OP.ARRAY_NEW_DEFAULT: {
      const length = (stack.pop() as number) >>> 0;
      instance.countConstants(length);
      stack.push(makeArray(instance.types[index], length));
      return true;
    }
    case OP.ARRAY_NEW_FIXED: {
      const values = stack.splice(stack.length - immediates[1]);
      instance.countConstants(values.length);
      const array = makeArray(instance.types[index], values.length);
      values.forEach((value, i) => {
        setElement(array, i, value);
      });
      stack.push(array);
      return true;
    }
    default:
      return false;
  }
}
