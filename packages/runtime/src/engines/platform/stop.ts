import { lastResort, prepareLastResort } from "../../store/host-stack.ts";
import { type Stack, stackState } from "./stacks.ts";
import { type NativeFunction, theWebAssembly } from "./web-assembly.ts";

/** Why a guest was stopped. */
export interface Stopped {
  readonly reason: unknown;
}

/**
 * Why the guest that now unwinds was stopped, for guests that are on no stack of their own. A stop is a trap of the platform's own, which no guest
 * can catch; the reason waits here until it reaches the host.
 */
export const synchronous: { stopped: Stopped | undefined } = { stopped: undefined };

/** How many frames errors note is a property of V8's own. */
const V8Error = Error as { stackTraceLimit?: number };
/** More than the guest frames of a backtrace: functions of the rewriting and of the host stand between them. */
const STACK_LIMIT = 500;
/** What the property was before a stop; undefined while none is under way. */
let usualLimit: { readonly value: number | undefined } | undefined;

function noteMoreFrames(): void {
  usualLimit ??= { value: V8Error.stackTraceLimit };
  setLimit(STACK_LIMIT);
}

function noteUsualFrames(): void {
  if (usualLimit === undefined) return;
  setLimit(usualLimit.value);
  usualLimit = undefined;
}

function setLimit(value: number | undefined): void {
  try {
    V8Error.stackTraceLimit = value;
  } catch {
    // The property may not be writable: then there are fewer frames.
  }
}

/** Notes why the guest is about to be stopped. The trap that stops it is to tell all of the guest's frames. */
export function stop(reason: unknown): void {
  noteMoreFrames();
  // The end of an asynchronous call is seen some microtasks later, when others may have been stopped.
  (stackState.current ?? synchronous).stopped = { reason };
}

/** @returns why the guest was stopped, once */
export function takeStop(stack: Stack | undefined): Stopped | undefined {
  const place = stack ?? synchronous;
  const { stopped } = place;
  place.stopped = undefined;
  if (stopped !== undefined) noteUsualFrames();
  return stopped;
}

/** What stops a guest where too little of JavaScript's stack is left to make it. */
export const lastStop: { stopped: Stopped | undefined; error: unknown } = { stopped: undefined, error: undefined };

/** Makes {@link lastStop}. Every instance does so before its first call. */
export function prepareLastStop(): void {
  if (lastStop.stopped !== undefined) return;
  prepareLastResort();
  lastStop.stopped = { reason: lastResort.trap };
  lastStop.error = trapError();
}

let trapper: NativeFunction | undefined;

/** Stops the guest from within a host function that it calls. @returns what the function must throw: a trap of the platform */
export function stopped(reason: unknown): unknown {
  stop(reason);
  return trapError();
}

/** An error of the platform that no guest can catch. */
function trapError(): unknown {
  trapper ??= makeTrapper();
  try {
    trapper();
  } catch (error) {
    return error;
  }
}

/** A function of the platform that executes `unreachable`. */
function makeTrapper(): NativeFunction {
  const { Module, Instance } = theWebAssembly();
  const bytes = [
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 0x74, 0, 0, 10, 5, 1, 3, 0, 0, 0x0b,
  ];
  return new Instance(new Module(new Uint8Array(bytes)), {}).exports.t as NativeFunction;
}
