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
import { clock } from "../store/clock.ts";
import type { Memory } from "../store/memory.ts";
import { RuntimeError, Trap } from "../store/trap.ts";

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
      shared ? platformAtomics().notify(new Int32Array(memory.bytes.buffer), index, count as number) : 0;
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

/** What `memory.atomic.wait` answers (threads proposal). */
const WOKEN = 0;
const NOT_EQUAL = 1;
const TIMED_OUT = 2;

/**
 * What `memory.atomic.wait32` and `wait64` do. A synchronous call blocks its thread, an asynchronous one is suspended, so that whatever wakes it may
 * run on the same thread. The deadline of the call ends a wait, and is looked at after each: a guest may wait often and briefly.
 *
 * @param index of the element, which the view has
 * @param suspends whether the call may be suspended
 * @returns the answer, or a promise for it
 * @throws Trap `deadline-exceeded`; RuntimeError where the platform does not let the thread block
 */
export function atomicWait(
  view: Int32Array | BigInt64Array,
  index: number,
  expected: number | bigint,
  nanoseconds: bigint,
  suspends: boolean,
): number | Promise<number> {
  const timeout = nanoseconds < 0n ? Number.POSITIVE_INFINITY : Number(nanoseconds) / 1e6;
  const bounded = Math.min(timeout, Math.max(0, clock.timeLeft));
  const answered = (answer: string): number => {
    if (answer === "not-equal") return NOT_EQUAL;
    if (answer === "ok") return WOKEN;
    if (bounded < timeout) throw new Trap("deadline-exceeded");
    return TIMED_OUT;
  };
  const atomics = platformAtomics();
  if (suspends && atomics.waitAsync !== undefined) {
    const waiting = atomics.waitAsync(view, index, expected, bounded);
    return waiting.async ? waiting.value.then(answered) : answered(waiting.value);
  }
  let answer: string;
  try {
    answer = atomics.wait(view, index, expected, bounded);
  } catch {
    throw new RuntimeError(
      "memory.atomic.wait would block this thread, which the platform does not allow: call the guest through instance.async, or on a worker",
    );
  }
  if (clock.isOver) throw new Trap("deadline-exceeded");
  return answered(answer);
}

/** The lowest bytes of a word as an operand of that width. */
export function wrapOperand(word: number, width: number): number {
  return width === 4 ? word >>> 0 : word & (width === 2 ? 0xffff : 0xff);
}
