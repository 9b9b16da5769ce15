import { clock } from "../../store/clock.ts";

/**
 * The stacks on which guests run in slices. One is *current* while guest code runs on it that the platform can suspend: entered through
 * `WebAssembly.promising`, with no frame of JavaScript since.
 */

/** One asynchronous call, whatever instances it goes through. */
export interface Stack {
  readonly id: number;
  /** What the guest waits for, put there by whoever asks it to wait. It never rejects. */
  waitingFor: Promise<void> | undefined;
  /** What a host function's promise came to: gives its value, or throws. */
  outcome: (() => unknown) | undefined;
  /** Throws if the call is to be stopped. */
  readonly checkAbort: () => void;
  /** Why the guest on it was stopped, once it was. */
  stopped: { readonly reason: unknown } | undefined;
  /** While it does not run: when its call must end. */
  deadline: number;
  /** Wakes the guest early, when the call is to be stopped while it waits for its host. */
  interrupt: (() => void) | undefined;
}

/**
 * Platforms abort the whole process, past any catching, when suspended stacks use up the memory mappings they may have: V8 on Linux at
 * some 28,000, fewer when each has a memory of its own.
 */
const MAX_STACKS = 10_000;

const stacks = new Map<number, Stack>();
let nextId = 1;
/** An object, so that the functions at the border read and write it in line. */
export const stackState: { current: Stack | undefined } = { current: undefined };

/** The stack that can be suspended now. */
export function currentStack(): Stack | undefined {
  return stackState.current;
}

/** Makes a stack current, or none. @returns the one before, to be restored */
export function switchStack(stack: Stack | undefined): Stack | undefined {
  const before = stackState.current;
  stackState.current = stack;
  return before;
}

/** @returns undefined when there are too many already */
export function openStack(checkAbort: () => void): Stack | undefined {
  if (stacks.size >= MAX_STACKS) return undefined;
  const stack: Stack = {
    id: nextId++,
    waitingFor: undefined,
    outcome: undefined,
    checkAbort,
    stopped: undefined,
    deadline: Number.POSITIVE_INFINITY,
    interrupt: undefined,
  };
  stacks.set(stack.id, stack);
  return stack;
}

export function closeStack(stack: Stack): void {
  stacks.delete(stack.id);
  if (stackState.current !== stack) return;
  stackState.current = undefined;
  clock.clear();
}

/** Whether any guest may be suspended now. */
export function anyStacks(): boolean {
  return stacks.size > 0;
}

export function stackOf(id: number): Stack | undefined {
  return stacks.get(id);
}
