import { currentStack, type Stack } from "./stacks.ts";
import { type NativeFunction, theWebAssembly } from "./web-assembly.ts";

/**
 * Why the guest that now unwinds was stopped. A stop is a trap of the platform's own, which no guest can catch; the reason waits here
 * until it reaches the host.
 */
let pendingStop: { readonly reason: unknown } | undefined;

/** Notes why the guest is about to be stopped. */
export function stop(reason: unknown): void {
  const stack = currentStack();
  // The end of an asynchronous call is seen some microtasks later, when others may have been stopped.
  if (stack !== undefined) stack.stopped = { reason };
  else pendingStop = { reason };
}

/** @returns why the guest was stopped, once */
export function takeStop(stack: Stack | undefined): { readonly reason: unknown } | undefined {
  const stopped = stack === undefined ? pendingStop : stack.stopped;
  if (stack === undefined) pendingStop = undefined;
  else stack.stopped = undefined;
  return stopped;
}

let trapper: NativeFunction | undefined;

/** Stops the guest from within a host function that it calls. @returns what the function must throw: a trap of the platform */
export function stopped(reason: unknown): unknown {
  stop(reason);
  trapper ??= makeTrapper();
  try {
    trapper();
  } catch (trap) {
    return trap;
  }
  return reason;
}

/** A function of the platform that executes `unreachable`. */
function makeTrapper(): NativeFunction {
  const { Module, Instance } = theWebAssembly();
  const bytes = [
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 0x74, 0, 0, 10, 5, 1, 3, 0, 0, 0x0b,
  ];
  return new Instance(new Module(new Uint8Array(bytes)), {}).exports.t as NativeFunction;
}
