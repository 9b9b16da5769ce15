import { hostNow } from "./host.ts";

/**
 * The time limits of the guest call that runs now. There is one clock in a thread: every instance that a call reaches is stopped by the
 * deadline of that call, whichever instance the host called. A call that is suspended takes its limits out of the clock, and puts them back
 * when it is resumed.
 */
export interface TimeLimits {
  /** When the call must end, by {@link hostNow}; `Infinity` without a deadline. */
  readonly deadline: number;
  /** When the call must let the event loop run; `Infinity` for a synchronous call. */
  readonly turnEnds: number;
}

/** Milliseconds that an asynchronous call may spend in host functions and guest code before the event loop runs. */
const TURN = 2;

const NEVER = Number.POSITIVE_INFINITY;

class Clock implements TimeLimits {
  deadline: number = NEVER;
  turnEnds: number = NEVER;
  /** Whether there is any limit: then the clock is read after each call of a host function. */
  isSet: boolean = false;

  /** Whether a reading has found a limit passed: what is left of a granted slice of fuel must then not be filled up before the next check. */
  hasPassed: boolean = false;

  /** Reads the clock. @returns whether a limit has passed */
  read(): boolean {
    const now = hostNow();
    this.hasPassed = now > this.deadline || now > this.turnEnds;
    return this.hasPassed;
  }

  /** Lets the call end at most `timeout` milliseconds from now. @returns the deadline before, for {@link restore} */
  limit(timeout: number): number {
    const before = this.deadline;
    const deadline = hostNow() + timeout;
    if (deadline < before) {
      this.deadline = deadline;
      this.isSet = true;
    }
    return before;
  }

  /** Ends what {@link limit} has begun. */
  restore(deadline: number): void {
    this.switchBack({ deadline, turnEnds: this.turnEnds });
  }

  /** Begins or resumes an asynchronous call. @returns the limits of the call that ran before, for {@link switchBack} */
  switchTo(deadline: number): TimeLimits {
    const before = { deadline: this.deadline, turnEnds: this.turnEnds };
    this.deadline = deadline;
    this.turnEnds = hostNow() + TURN;
    this.isSet = true;
    this.hasPassed = false;
    return before;
  }

  switchBack({ deadline, turnEnds }: TimeLimits): void {
    this.deadline = deadline;
    this.turnEnds = turnEnds;
    this.isSet = deadline !== NEVER || turnEnds !== NEVER;
    this.hasPassed = false;
  }

  /** Nothing runs that is limited. */
  clear(): void {
    this.switchBack(UNLIMITED);
  }

  /** The event loop has had its turn, or the call that runs cannot give it one. */
  beginTurn(): void {
    if (this.turnEnds !== NEVER) this.turnEnds = hostNow() + TURN;
    this.hasPassed = false;
  }

  /** Milliseconds until the deadline; `Infinity` without one. */
  get timeLeft(): number {
    return this.deadline === NEVER ? NEVER : this.deadline - hostNow();
  }

  get isOver(): boolean {
    return this.deadline !== NEVER && hostNow() > this.deadline;
  }
}

const UNLIMITED: TimeLimits = { deadline: NEVER, turnEnds: NEVER };

/** The clock of this thread. */
export const clock: Clock = new Clock();
