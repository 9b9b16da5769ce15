/**
 * What the atomic instructions do to memory (threads proposal), on typed arrays whose elements have the access's width. On shared memory they
 * go through the platform's `Atomics`; other memory no other thread can see, so plain reads and writes do, also on platforms without
 * `Atomics`.
 */
export type AtomicView = Uint8Array | Uint16Array | Uint32Array | BigInt64Array;

/** A bigint for accesses of 64 bits, else a number that is unsigned when read. */
export type AtomicValue = number | bigint;

export type Modification = "add" | "sub" | "and" | "or" | "xor" | "xchg";

interface PlatformAtomics {
  load(view: AtomicView, index: number): AtomicValue;
  store(view: AtomicView, index: number, value: AtomicValue): AtomicValue;
  add(view: AtomicView, index: number, value: AtomicValue): AtomicValue;
  sub(view: AtomicView, index: number, value: AtomicValue): AtomicValue;
  and(view: AtomicView, index: number, value: AtomicValue): AtomicValue;
  or(view: AtomicView, index: number, value: AtomicValue): AtomicValue;
  xor(view: AtomicView, index: number, value: AtomicValue): AtomicValue;
  exchange(view: AtomicView, index: number, value: AtomicValue): AtomicValue;
  compareExchange(view: AtomicView, index: number, expected: AtomicValue, value: AtomicValue): AtomicValue;
  wait(view: Int32Array | BigInt64Array, index: number, value: AtomicValue, timeout: number): string;
  /** Later than the others on some platforms. */
  readonly waitAsync?: (
    view: Int32Array | BigInt64Array,
    index: number,
    value: AtomicValue,
    timeout: number,
  ) => { readonly async: false; readonly value: string } | { readonly async: true; readonly value: Promise<string> };
  notify(view: Int32Array, index: number, count: number): number;
}

/** Only asked for where there is a shared memory, so where the platform has it. */
export function platformAtomics(): PlatformAtomics {
  return (globalThis as unknown as { Atomics: PlatformAtomics }).Atomics;
}

export function atomicLoad(view: AtomicView, index: number, shared: boolean): AtomicValue {
  return shared ? platformAtomics().load(view, index) : view[index];
}

export function atomicStore(view: AtomicView, index: number, value: AtomicValue, shared: boolean): void {
  if (shared) platformAtomics().store(view, index, value);
  else (view as Record<number, AtomicValue>)[index] = value;
}

function combine(how: Modification, x: AtomicValue, y: AtomicValue): AtomicValue {
  // Both are numbers or both bigints, which TypeScript cannot say.
  const a = x as number;
  const b = y as number;
  switch (how) {
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "and":
      return a & b;
    case "or":
      return a | b;
    case "xor":
      return a ^ b;
    case "xchg":
      return b;
  }
}

/** @returns what was there before */
export function atomicModify(
  how: Modification,
  view: AtomicView,
  index: number,
  value: AtomicValue,
  shared: boolean,
): AtomicValue {
  if (shared) return platformAtomics()[how === "xchg" ? "exchange" : how](view, index, value);
  const before = view[index];
  (view as Record<number, AtomicValue>)[index] = combine(how, before, value);
  return before;
}

/** @param expected wrapped to the access's width, unsigned as what is read. @returns what was there before */
export function atomicCompareExchange(
  view: AtomicView,
  index: number,
  expected: AtomicValue,
  value: AtomicValue,
  shared: boolean,
): AtomicValue {
  if (shared) return platformAtomics().compareExchange(view, index, expected, value);
  const before = view[index];
  if (before === expected) (view as Record<number, AtomicValue>)[index] = value;
  return before;
}
