import type { Func } from "../../../store/function.ts";
import type { SliceVerdict } from "../../../store/meter.ts";
import type { InterpreterInstance } from "../instance.ts";
import type { Waiting } from "../out-of-line/bulk.ts";

/** A run of frames of one instance: the metering of the instance counts while the last run on the stack is its. */
export interface Segment {
  readonly instance: InterpreterInstance;
  /** Return addresses below the run's first frame. */
  baseSp: number;
  /** Frames that the instances of the meter had on the stack before. */
  baseDepth: number;
  /** Calls of the meter that were under way before. */
  baseCalls: number;
  /** What the instance's meter must be given back at the end: a deadline. */
  outer: number;
}

/** What the machine holds of a call that has been suspended. Slots and addresses count from the call's own base. */
interface Suspended {
  readonly i32: Int32Array;
  readonly i64: BigInt64Array;
  readonly refs: unknown[];
  readonly frames: Int32Array;
  readonly pc: number;
  readonly fp: number;
}

/** A call of the host that returned a promise: where its arguments began, and the words of the call or -1 for a tail call. */
export interface AwaitedCall {
  readonly func: Func;
  readonly delta: number;
  readonly length: number;
  readonly promise: Promise<unknown>;
}

/** A call from the host into the machine, with everything that lies above it on the stack. */
export class Activation {
  /** Where its registers and return addresses begin. They move when it is resumed elsewhere. */
  baseFp: number;
  baseSp: number;
  readonly segments: Segment[] = [];
  /** Whether it may be suspended. */
  readonly asynchronous: boolean;
  /** The call that this one is nested in, over a host function, and the address of the call of the host that it is at itself. */
  outer: Activation | undefined = undefined;
  hostCall = 0;
  /** Set when it must let the event loop run as soon as the instruction at hand is complete. */
  mustYield = false;
  saved: Suspended | undefined = undefined;
  /** Of an asynchronous call that does not run: when it must end. */
  deadline: number = Number.POSITIVE_INFINITY;
  /** What it waits for. */
  awaiting: AwaitedCall | Waiting | undefined = undefined;
  /** Fuel that is granted at once. */
  slice = 100_000;
  /** What the meters ask at the end of a slice, for an asynchronous call. */
  onSlice: (() => SliceVerdict) | undefined = undefined;

  constructor(baseFp: number, baseSp: number, asynchronous: boolean) {
    this.baseFp = baseFp;
    this.baseSp = baseSp;
    this.asynchronous = asynchronous;
  }

  /** Time that it waited for its host is not counted. */
  postpone(milliseconds: number): void {
    this.deadline += milliseconds;
    for (const segment of this.segments) segment.outer += milliseconds;
  }
}
