import { Trap } from "./trap.ts";

/*
 * JavaScript's own stack, on which calls nest through host functions: whether it is nearly full, and whether an error says that it was.
 */

type Sink = (...values: number[]) => void;

/** Its frame has a register for each argument of the call that is never made: more than 8 KiB, which V8 looks for when it is called. */
function needStack(sink: Sink | undefined): void {
  // biome-ignore format: it would take a line for each number
  if (sink !== undefined) sink(
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
    0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
  );
}

/**
 * Called before a nested call changes any state, so that JavaScript's stack does not end while the state is inconsistent.
 * @throws Trap `call-stack-exhausted` when less than about 8 KiB of the stack are left
 */
export function checkHeadroom(): void {
  try {
    needStack(undefined);
  } catch {
    throw new Trap("call-stack-exhausted");
  }
}

/** How platforms say that JavaScript's stack is full: V8, JavaScriptCore and Hermes, then SpiderMonkey, then QuickJS. */
const overflows = ["call stack", "recursion", "stack overflow", "Stack overflow"];

/** Whether an error says that JavaScript's stack is full. It uses little of the stack: a regular expression would need more than may be left. */
export function isStackOverflow(error: unknown): error is Error {
  if (!(error instanceof RangeError || (error instanceof Error && error.name === "InternalError"))) return false;
  const { message } = error;
  for (const words of overflows) if (message.includes(words)) return true;
  return false;
}

/** What is thrown where the stack that is left does not suffice to make a trap. */
export const lastResort: { trap: Trap | undefined } = { trap: undefined };

/** Makes the trap of {@link lastResort}. Every engine does so before its first call. */
export function prepareLastResort(): void {
  lastResort.trap ??= new Trap("call-stack-exhausted");
}

/**
 * The function of JavaScript that calls a function of a guest. Where JavaScript's stack is full it throws a trap, whatever found the stack full.
 * @param to calls it with values of JavaScript
 */
export function exportedFunction<F>(
  to: { invoke(func: F, args: readonly unknown[]): unknown },
  func: F,
): (...args: unknown[]) => unknown {
  return (...args) => {
    try {
      return to.invoke(func, args);
    } catch (error) {
      let failure: unknown = lastResort.trap;
      try {
        if (!isStackOverflow(error)) failure = error;
      } catch {}
      throw failure;
    }
  };
}
