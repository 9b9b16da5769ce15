import {
  type AtomicValue,
  type AtomicView,
  atomicCompareExchange,
  atomicLoad,
  atomicModify,
  atomicStore,
  type Modification,
  platformAtomics,
} from "../numerics/atomics.ts";
import type { Memory } from "../store/memory.ts";
import { Trap } from "../store/trap.ts";

/** A memory in elements of each width, by that width. */
type Views = Readonly<Record<number, AtomicView>>;

const viewsOf = new WeakMap<Uint8Array, Views>();

function views({ bytes }: Memory): Views {
  let made = viewsOf.get(bytes);
  if (made === undefined) {
    const { buffer, length } = bytes;
    made = {
      1: new Uint8Array(buffer, 0, length),
      2: new Uint16Array(buffer, 0, length >>> 1),
      4: new Uint32Array(buffer, 0, Math.floor(length / 4)),
      8: new BigInt64Array(buffer, 0, Math.floor(length / 8)),
    };
    viewsOf.set(bytes, made);
  }
  return made;
}

/** Of an address within the memory: the element it names, of the access's width. */
export interface Place {
  readonly view: AtomicView;
  readonly index: number;
  readonly shared: boolean;
  readonly memory: Memory;
}

/**
 * The place at an address, which is exact, or beyond every memory. The checks have the order of the specification (threads proposal, 4.4.7).
 * @param misaligned whether the address is not a multiple of the width; told by its lowest bits where the address is not exact
 * @throws Trap where the address is not aligned, or not within the memory
 */
export function placeAt(memory: Memory, address: number, width: number, misaligned: boolean): Place {
  if (misaligned) throw new Trap("unaligned-atomic", { detail: `address ${address}, width ${width}` });
  if (address + width > memory.bytes.length) throw new Trap("out-of-bounds-memory");
  return { view: views(memory)[width], index: address / width, shared: memory.type.shared, memory };
}

/** What an atomic instruction does at a place, with operands of its width. @returns its result, if it has one */
export type AtomicOperation = (place: Place, x: AtomicValue, y: AtomicValue) => AtomicValue;

/** The operation of an instruction that neither waits nor is a fence. */
export function atomicOperation(name: string): AtomicOperation {
  if (name === "memory.atomic.notify")
    return ({ memory, index, shared }, count) =>
      shared ? platformAtomics().notify(new Int32Array(memory.buffer), index, count as number) : 0;
  if (name.includes(".load")) return ({ view, index, shared }) => atomicLoad(view, index, shared);
  if (name.includes(".store"))
    return ({ view, index, shared }, x) => {
      atomicStore(view, index, x, shared);
      return 0;
    };
  if (name.includes(".cmpxchg"))
    return ({ view, index, shared }, x, y) => atomicCompareExchange(view, index, x, y, shared);
  const how = /rmw\d*\.([a-z]+)/.exec(name)?.[1] as Modification;
  return ({ view, index, shared }, x) => atomicModify(how, view, index, x, shared);
}

/** The lowest bytes of a word as an operand of that width. */
export function wrapOperand(word: number, width: number): number {
  return width === 4 ? word >>> 0 : word & (width === 2 ? 0xffff : 0xff);
}
