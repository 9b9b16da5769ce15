import { Trap } from "../../store/trap.ts";

/*
 * JavaScript's own stack, on which calls nest through host functions: whether there is room, and whether an error says that there was none.
 */

/** Calls of {@link descend} that take more of the stack than the machine does between two host functions. */
const HEADROOM = 200;

function descend(levels: number): number {
  return levels === 0 ? 0 : descend(levels - 1) + 1;
}

/** @throws Trap when JavaScript's stack is nearly full */
export function checkHeadroom(): void {
  try {
    descend(HEADROOM);
  } catch {
    throw new Trap("call-stack-exhausted");
  }
}

/** Platforms say in their own ways that JavaScript's stack is full. */
export function isStackOverflow(error: unknown): boolean {
  return (
    (error instanceof RangeError && /call stack|recursion/i.test(error.message)) ||
    (error instanceof Error && error.name === "InternalError" && /recursion/.test(error.message))
  );
}
