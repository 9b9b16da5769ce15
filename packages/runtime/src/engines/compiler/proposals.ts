import type { AtomicValue } from "../../numerics/atomics.ts";
import type { Memory } from "../../store/memory.ts";
import type { StoreInstance } from "../../store/store-instance.ts";
import { instructionOf } from "../../wasm/instructions.ts";
import { atomicOperation, placeAt, wrapOperand } from "../atomics.ts";
import { aggregateFunctions, type Paid } from "./aggregate-functions.ts";
import { AggregateTranslator } from "./aggregates.ts";
import type { Translation, TranslatorPart } from "./translate.ts";
import { wideFunctions } from "./wide.ts";
import { AtomicTranslator, WideTranslator } from "./wide-atomic.ts";

/**
 * Garbage collection, threads and wide arithmetic: what the compiler alone does without. A runtime with them hands these to the translation and to the
 * state of its instances.
 */
export const proposalTranslators: readonly (new (translation: Translation) => TranslatorPart)[] = [
  AggregateTranslator,
  AtomicTranslator,
  WideTranslator,
];

/**
 * An atomic instruction. The address comes with its lowest bits, since it may not be exact. Operands and the result are
 * bigints where the access has 64 bits, else their lowest word.
 */
type Atomic = (memory: Memory, address: number, low: number, x: AtomicValue, y: AtomicValue) => AtomicValue;

const atomics: Map<number, Atomic> = new Map();

/** The function of an instruction, made when code first uses it. */
function atomic(opcode: number): Atomic {
  let known = atomics.get(opcode);
  if (known === undefined) {
    const { name, width } = instructionOf(opcode);
    const operation = atomicOperation(name);
    known = (memory, address, low, x, y) => {
      // Another thread may have grown it.
      if (memory.type.shared) memory.refresh();
      const place = placeAt(memory, address, width, (low & (width - 1)) !== 0);
      return width === 8
        ? operation(place, x, y)
        : operation(place, wrapOperand(x as number, width), wrapOperand(y as number, width));
    };
    atomics.set(opcode, known);
  }
  return known;
}

/** What translated code calls for all of them. */
export function proposalFunctions(store: StoreInstance, paid: Paid): Record<string, unknown> {
  return { ...aggregateFunctions(store, paid), ...wideFunctions, atomic };
}
