import type { AtomicValue } from "../../numerics/atomics.ts";
import { add128, mulWideS, mulWideU, sub128 } from "../../numerics/wide.ts";
import type { Memory } from "../../store/memory.ts";
import type { StoreInstance } from "../../store/store-instance.ts";
import { Trap } from "../../store/trap.ts";
import { instructionOf } from "../../wasm/instructions.ts";
import { type AtomicOperation, atomicOperation, placeAt, wrapOperand } from "../atomics.ts";
import { aggregateFunctions, type Paid } from "./aggregate-functions.ts";
import { AggregateTranslator } from "./aggregates.ts";
import { support } from "./support.ts";
import type { Translation, TranslatorPart } from "./translate.ts";
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

const { X, bigOf, lowOfBig } = support;

/** An instruction of wide arithmetic on words, which leaves the words of its results in `X`. */
function wide(compute: (a: bigint, b: bigint, c: bigint, d: bigint) => [low: bigint, high: bigint]) {
  return (...words: readonly number[]): void => {
    const long = (i: number): bigint => bigOf(words[2 * i], words[2 * i + 1]);
    const [low, high] =
      words.length > 4 ? compute(long(0), long(1), long(2), long(3)) : compute(long(0), long(1), 0n, 0n);
    X[2] = lowOfBig(high);
    X[3] = X[1];
    X[0] = lowOfBig(low);
  };
}

const wideFunctions = {
  add128: wide(add128),
  sub128: wide(sub128),
  mulWideS: wide(mulWideS),
  mulWideU: wide(mulWideU),
};

interface Atomic {
  readonly operation: AtomicOperation;
  readonly width: number;
}

const atomics: Map<number, Atomic> = new Map();

function atomicOf(opcode: number): Atomic {
  let known = atomics.get(opcode);
  if (known === undefined) {
    const { name, width } = instructionOf(opcode);
    known = { operation: atomicOperation(name), width };
    atomics.set(opcode, known);
  }
  return known;
}

/** An atomic instruction. Operands and the result are bigints where the access has 64 bits, else their lowest word. */
function atomic(opcode: number, memory: Memory, address: number, x: AtomicValue = 0, y: AtomicValue = 0): AtomicValue {
  const { operation, width } = atomicOf(opcode);
  // Another thread may have grown it.
  if (memory.type.shared) memory.refresh();
  if (address + width > memory.bytes.length) throw new Trap("out-of-bounds-memory");
  const place = placeAt(memory, address, width);
  return width === 8
    ? operation(place, x, y)
    : operation(place, wrapOperand(x as number, width), wrapOperand(y as number, width));
}

/** What translated code calls for all of them. */
export function proposalFunctions(store: StoreInstance, paid: Paid): Record<string, unknown> {
  return { ...aggregateFunctions(store, paid), ...wideFunctions, atomic };
}
