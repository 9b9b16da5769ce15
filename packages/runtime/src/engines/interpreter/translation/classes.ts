import type { WasmModule } from "../../../wasm/module.ts";
import type { FunctionType } from "../../../wasm/types.ts";
import { classOf, slotsOf } from "./operands.ts";

/** Classes of the parameters and results of a function type. */
export interface Classes {
  readonly params: readonly number[];
  readonly results: readonly number[];
  /** Slots that the parameters and the results take. */
  readonly paramSlots: number;
  readonly resultSlots: number;
}

function slotCount(classes: readonly number[]): number {
  let slots = 0;
  for (const valueClass of classes) slots += slotsOf(valueClass);
  return slots;
}

const classesOfTypes = new WeakMap<FunctionType, Classes>();

let lastType: FunctionType | undefined;
let lastClasses: Classes = { params: [], results: [], paramSlots: 0, resultSlots: 0 };

export function classesOf(type: FunctionType): Classes {
  // Calls of one host function come in rows.
  if (type === lastType) return lastClasses;
  let classes = classesOfTypes.get(type);
  if (classes === undefined) {
    const params = type.params.map(classOf);
    const results = type.results.map(classOf);
    classes = { params, results, paramSlots: slotCount(params), resultSlots: slotCount(results) };
    classesOfTypes.set(type, classes);
  }
  lastType = type;
  lastClasses = classes;
  return classes;
}

/** The type of a function of the module, by its index. */
export function functionType(module: WasmModule, index: number): FunctionType {
  return module.types[module.functions[index]].composite as FunctionType;
}
